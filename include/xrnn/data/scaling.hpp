// SPDX-License-Identifier: BSD-3-Clause
//
// Column-wise scaling of a table as in scikit-learn's sklearn.preprocessing, whose order of
// operations is kept, so that results agree to the last digit.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <xrnn/config.hpp>
#include <xrnn/data/arrays.hpp>
#include <xrnn/data/named_array.hpp>
#include <xrnn/errors.hpp>
#include <xrnn/tensor/tensor.hpp>

namespace xrnn::data {

namespace detail {

using scaled_table = xt::xtensor<double, 2>; // (rows, columns)

/// The expression as doubles; NaN passes, infinity is an error (as in scikit-learn).
template <TensorExpression E>
scaled_table finite_table(E const& x, std::string const& where) {
    scaled_table values = as_dense<double, 2>(x, where);
    for (std::size_t row = 0; row < values.shape()[0]; ++row)
        for (std::size_t column = 0; column < values.shape()[1]; ++column)
            if (std::isinf(values(row, column)))
                throw value_error(
                    messages::text({where, ": expected finite values or NaN, got infinity in row ",
                                    row, ", column ", column}));
    return values;
}

template <TensorExpression E>
scaled_table table_to_fit(E const& x, std::string const& where) {
    scaled_table values = finite_table(x, where);
    if (values.shape()[0] == 0)
        throw shape_error(where + ": expected at least one row, got an array of shape " +
                          shape_text(values.shape()));
    return values;
}

template <TensorExpression E>
scaled_table table_to_map(E const& x, std::size_t columns, std::string const& where) {
    if (columns == 0)
        throw value_error(where + ": the scaler has not been fitted, call fit first");
    scaled_table values = finite_table(x, where);
    if (values.shape()[1] != columns)
        throw shape_error(messages::text({where, ": expected ", columns,
                                          " columns as in fit, got an array of shape ",
                                          shape_text(values.shape())}));
    return values;
}

/// values(row, column) = operation(values(row, column), operand[column]). One pass an operation: a
/// product and a sum in one expression could become one fused instruction and round otherwise.
template <class Operation>
void each_column(scaled_table& values, std::vector<double> const& operand, Operation operation) {
    for (std::size_t row = 0; row < values.shape()[0]; ++row)
        for (std::size_t column = 0; column < values.shape()[1]; ++column)
            values(row, column) = operation(values(row, column), operand[column]);
}

} // namespace detail

/// The range that min_max_scaler maps each column to.
struct min_max_options {
    double minimum = 0.0;
    double maximum = 1.0;
};

/// Maps each column's range to [minimum, maximum] (sklearn.preprocessing.MinMaxScaler): x * scale +
/// shift with scale = (maximum - minimum) / (data_max - data_min) and shift = minimum - data_min *
/// scale. NaN is ignored by fit and passed through; a constant column gets scale as if its range
/// were 1; a column of NaN alone stays NaN. Arrays are (rows, columns), any xtensor expression;
/// results have the expression's floating-point type (double otherwise), computed in double.
class min_max_scaler {
  public:
    min_max_scaler() = default;
    /// Throws value_error unless minimum < maximum, both finite.
    XRNN_WHEN_CALLED explicit min_max_scaler(min_max_options options) : options_(options) {
        if (!(options.minimum < options.maximum) || !std::isfinite(options.maximum) ||
            !std::isfinite(options.minimum))
            throw value_error(
                messages::text({"min_max_scaler: expected a finite minimum below the maximum, got ",
                                options.minimum, " and ", options.maximum}));
    }

    /// Learns each column's range. Throws shape_error for no rows or another rank than 2,
    /// value_error for infinite values.
    template <TensorExpression E>
    min_max_scaler& fit(E const& x) {
        detail::scaled_table const values = detail::table_to_fit(x, "min_max_scaler.fit");
        std::size_t const columns = values.shape()[1];
        double const nan = std::numeric_limits<double>::quiet_NaN();
        std::vector<double> low(columns, nan), high(columns, nan);
        for (std::size_t row = 0; row < values.shape()[0]; ++row)
            for (std::size_t column = 0; column < columns; ++column) {
                low[column] = std::fmin(low[column], values(row, column)); // fmin ignores NaN
                high[column] = std::fmax(high[column], values(row, column));
            }
        set_range(std::move(low), std::move(high));
        return *this;
    }

    /// Throws value_error before fit, shape_error for another number of columns.
    template <TensorExpression E>
    xt::xtensor<detail::real_of<E>, 2> transform(E const& x) const {
        detail::scaled_table values =
            detail::table_to_map(x, columns(), "min_max_scaler.transform");
        detail::each_column(values, scale_, std::multiplies<>{});
        detail::each_column(values, shift_, std::plus<>{});
        return xt::cast<detail::real_of<E>>(values);
    }

    template <TensorExpression E>
    xt::xtensor<detail::real_of<E>, 2> fit_transform(E const& x) {
        return fit(x).transform(x);
    }

    /// The opposite of transform; throws as transform does.
    template <TensorExpression E>
    xt::xtensor<detail::real_of<E>, 2> inverse_transform(E const& x) const {
        detail::scaled_table values =
            detail::table_to_map(x, columns(), "min_max_scaler.inverse_transform");
        detail::each_column(values, shift_, std::minus<>{});
        detail::each_column(values, scale_, std::divides<>{});
        return xt::cast<detail::real_of<E>>(values);
    }

    std::size_t columns() const { return scale_.size(); } ///< 0 before fit
    std::vector<double> const& data_min() const { return data_min_; }
    std::vector<double> const& data_max() const { return data_max_; }
    std::vector<double> const& scale() const { return scale_; }
    std::vector<double> const& shift() const { return shift_; } ///< scikit-learn's `min_`

    /// What has been learnt, to be saved beside a model's weights. Throws value_error before fit.
    XRNN_WHEN_CALLED std::vector<named_array> state() const {
        if (columns() == 0)
            throw value_error("min_max_scaler.state: the scaler has not been fitted");
        return {detail::make_array("min_max_scaler.feature_range",
                                   {options_.minimum, options_.maximum}),
                detail::make_array("min_max_scaler.data_min", data_min_),
                detail::make_array("min_max_scaler.data_max", data_max_),
                detail::make_array("min_max_scaler.scale", scale_),
                detail::make_array("min_max_scaler.shift", shift_)};
    }

    /// The scaler that gave `state`, bit for bit; other arrays (a model's) may lie beside its own.
    /// Throws format_error for missing, doubled, misshapen or infinite arrays and zero scales.
    XRNN_WHEN_CALLED static min_max_scaler from_state(std::vector<named_array> const& arrays) {
        std::string const own = "min_max_scaler.";
        std::vector<double> const& range = detail::find_array(arrays, own + "feature_range", 2);
        if (!(range[0] < range[1]))
            throw format_error("from_state: '" + own + "feature_range' is not a range");
        min_max_scaler scaler({range[0], range[1]});
        scaler.scale_ = detail::find_array(arrays, own + "scale", 0);
        detail::require_divisors(scaler.scale_, own + "scale");
        std::size_t const columns = scaler.columns();
        scaler.shift_ = detail::find_array(arrays, own + "shift", columns);
        scaler.data_min_ = detail::find_array(arrays, own + "data_min", columns);
        scaler.data_max_ = detail::find_array(arrays, own + "data_max", columns);
        return scaler;
    }

  private:
    XRNN_WHEN_CALLED void set_range(std::vector<double> low, std::vector<double> high) {
        std::vector<double> scale(low.size()), shift(low.size());
        for (std::size_t column = 0; column < low.size(); ++column) {
            double range = high[column] - low[column];
            if (range <
                10 * std::numeric_limits<double>::epsilon()) // constant, as scikit-learn says
                range = 1.0;
            scale[column] = (options_.maximum - options_.minimum) / range;
        }
        std::transform(low.begin(), low.end(), scale.begin(), shift.begin(), std::multiplies<>{});
        for (double& value : shift)
            value = options_.minimum - value;
        data_min_ = std::move(low);
        data_max_ = std::move(high);
        scale_ = std::move(scale);
        shift_ = std::move(shift);
    }

    min_max_options options_{};
    std::vector<double> data_min_, data_max_, scale_, shift_; // one entry a column
};

/// Gives each column mean 0 and variance 1 (sklearn.preprocessing.StandardScaler): (x - mean) /
/// scale with scale = sqrt(variance), the variance divided by the number of rows. NaN is ignored by
/// fit and passed through; a constant column gets scale 1. Arrays as for min_max_scaler.
class standard_scaler {
  public:
    /// Learns each column's mean and variance. Throws shape_error for no rows or another rank than
    /// 2, value_error for infinite values.
    template <TensorExpression E>
    standard_scaler& fit(E const& x) {
        detail::scaled_table const values = detail::table_to_fit(x, "standard_scaler.fit");
        std::size_t const columns = values.shape()[1];
        std::vector<double> mean(columns), variance(columns), scale(columns);
        for (std::size_t column = 0; column < columns; ++column) {
            moments const found = column_moments(values, column);
            mean[column] = found.mean;
            variance[column] = found.variance;
            scale[column] = found.is_constant ? 1.0 : std::sqrt(found.variance);
        }
        mean_ = std::move(mean);
        variance_ = std::move(variance);
        scale_ = std::move(scale);
        return *this;
    }

    /// Throws value_error before fit, shape_error for another number of columns.
    template <TensorExpression E>
    xt::xtensor<detail::real_of<E>, 2> transform(E const& x) const {
        detail::scaled_table values =
            detail::table_to_map(x, columns(), "standard_scaler.transform");
        detail::each_column(values, mean_, std::minus<>{});
        detail::each_column(values, scale_, std::divides<>{});
        return xt::cast<detail::real_of<E>>(values);
    }

    template <TensorExpression E>
    xt::xtensor<detail::real_of<E>, 2> fit_transform(E const& x) {
        return fit(x).transform(x);
    }

    /// The opposite of transform; throws as transform does.
    template <TensorExpression E>
    xt::xtensor<detail::real_of<E>, 2> inverse_transform(E const& x) const {
        detail::scaled_table values =
            detail::table_to_map(x, columns(), "standard_scaler.inverse_transform");
        detail::each_column(values, scale_, std::multiplies<>{});
        detail::each_column(values, mean_, std::plus<>{});
        return xt::cast<detail::real_of<E>>(values);
    }

    std::size_t columns() const { return scale_.size(); } ///< 0 before fit
    std::vector<double> const& mean() const { return mean_; }
    std::vector<double> const& variance() const { return variance_; }
    std::vector<double> const& scale() const { return scale_; }

    /// What has been learnt, to be saved beside a model's weights. Throws value_error before fit.
    XRNN_WHEN_CALLED std::vector<named_array> state() const {
        if (columns() == 0)
            throw value_error("standard_scaler.state: the scaler has not been fitted");
        return {detail::make_array("standard_scaler.mean", mean_),
                detail::make_array("standard_scaler.variance", variance_),
                detail::make_array("standard_scaler.scale", scale_)};
    }

    /// As min_max_scaler::from_state.
    XRNN_WHEN_CALLED static standard_scaler from_state(std::vector<named_array> const& arrays) {
        std::string const own = "standard_scaler.";
        standard_scaler scaler;
        scaler.scale_ = detail::find_array(arrays, own + "scale", 0);
        detail::require_divisors(scaler.scale_, own + "scale");
        scaler.mean_ = detail::find_array(arrays, own + "mean", scaler.columns());
        scaler.variance_ = detail::find_array(arrays, own + "variance", scaler.columns());
        return scaler;
    }

  private:
    struct moments {
        double mean, variance;
        bool is_constant;
    };

    /// Two passes with a correction for the rounded mean (Chan, Golub, LeVeque 1983), as
    /// scikit-learn does it; also its bound below which a variance is only rounding.
    XRNN_WHEN_CALLED static moments column_moments(detail::scaled_table const& values,
                                                   std::size_t column) {
        std::size_t const rows = values.shape()[0];
        double sum = 0, count = 0;
        for (std::size_t row = 0; row < rows; ++row)
            if (double const value = values(row, column); !std::isnan(value)) {
                sum += value;
                count += 1;
            }
        double const mean = sum / count;
        double correction = 0, squares = 0;
        for (std::size_t row = 0; row < rows; ++row)
            if (double const value = values(row, column); !std::isnan(value)) {
                correction += value - mean;
                squares += (value - mean) * (value - mean);
            }
        double const variance = (squares - correction * correction / count) / count;
        double const epsilon = std::numeric_limits<double>::epsilon();
        double const rounding = count * mean * epsilon;
        return {mean, variance, variance <= count * epsilon * variance + rounding * rounding};
    }

    std::vector<double> mean_, variance_, scale_; // one entry a column
};

} // namespace xrnn::data
