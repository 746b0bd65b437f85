// SPDX-License-Identifier: BSD-3-Clause
//
// Runs a cell for any number of units, features, steps and rows on one lane width, with everything
// that the kernel must not look at poisoned: padding of records, rows of x behind their features.
#pragma once

#include <limits>
#include <vector>

#include <xrnn/layers/kernel.hpp>

#include "support/naive.hpp"
#include "support/numbers.hpp"

namespace support {

template <class Cell, class T, std::size_t W>
struct cell_run {
    using kernel = xrnn::detail::cell_kernel<Cell, T, W>;
    using plan = typename kernel::plan;
    static constexpr T poison = std::numeric_limits<T>::quiet_NaN();
    static constexpr std::size_t states = Cell::states::size;

    std::size_t units, features, time, batch;
    std::vector<T> kernel_values, recurrent_values, bias_values;
    std::vector<T> x;       // (time, batch, features + 3), the last three poisoned
    std::vector<T> initial; // (batch, states, units)

    cell_run(std::size_t units_, std::size_t features_, std::size_t time_, std::size_t batch_,
             bool with_bias, std::uint64_t seed)
        : units(units_), features(features_), time(time_), batch(batch_) {
        generator g(seed);
        double const scale = 1.5 / std::sqrt(static_cast<double>(units + features));
        kernel_values = numbers<T>(plan::kernel(features, units).size(), g, -scale, scale);
        if (plan::has_recurrent_kernel)
            recurrent_values = numbers<T>(plan::recurrent_kernel(units).size(), g, -scale, scale);
        if (with_bias)
            bias_values = numbers<T>(plan::bias(units).size(), g);
        x.assign(time * batch * (features + 3), poison);
        for (std::size_t row = 0; row < time * batch; ++row)
            fill(std::span<T>(x).subspan(row * (features + 3), features), g, -1, 1);
        initial = numbers<T>(batch * states * units, g);
    }

    xrnn::detail::cell_parameters<T const> parameters() const {
        return {kernel_values.data(), recurrent_values.empty() ? nullptr : recurrent_values.data(),
                bias_values.empty() ? nullptr : bias_values.data()};
    }

    /// (time + 1, batch) records, the initial states first.
    template <xrnn::pass Pass = xrnn::pass::infer>
    std::vector<T> run(std::vector<T>* extra = nullptr) const {
        std::vector<T> weights(kernel::packed_size(units, features));
        kernel::pack(parameters(), units, features, weights.data());
        std::size_t const record = kernel::record_size(units);
        std::vector<T> records = initial_records();
        std::size_t const extra_size =
            Pass == xrnn::pass::train   ? batch * kernel::tiles(units) * kernel::partials::total * W
            : Pass == xrnn::pass::trace ? batch * plan::shown::size * kernel::padded(units)
                                        : 0;
        if (extra != nullptr)
            extra->assign(time * extra_size, poison);
        for (std::size_t t = 0; t < time; ++t)
            kernel::template step<Pass>(
                weights.data(), units, features, x.data() + t * batch * (features + 3),
                features + 3, records.data() + t * batch * record,
                records.data() + (t + 1) * batch * record, batch,
                extra == nullptr ? nullptr : extra->data() + t * extra_size);
        return records;
    }

    /// The same with the part of x computed before, for all steps at once.
    std::vector<T> run_from_starts() const {
        std::vector<T> weights(kernel::packed_size(units, features));
        kernel::pack(parameters(), units, features, weights.data());
        std::size_t const count = time * batch;
        std::vector<T> starts(count * kernel::starts_size(units), poison);
        kernel::starts(weights.data(), units, features, x.data(), features + 3, count,
                       starts.data());
        std::vector<T> records = initial_records();
        std::size_t const record = kernel::record_size(units);
        for (std::size_t n = 0; n < count; ++n)
            kernel::step_from(starts.data(), n, count, weights.data(), units, features,
                              records.data() + n * record, records.data() + (n + batch) * record,
                              n / batch % 2 == 1);
        return records;
    }

    /// The same, each row alone.
    std::vector<T> run_row_by_row() const {
        std::vector<T> weights(kernel::packed_size(units, features));
        kernel::pack(parameters(), units, features, weights.data());
        std::vector<T> records = initial_records();
        std::size_t const record = kernel::record_size(units);
        for (std::size_t n = 0; n < time * batch; ++n)
            kernel::step_of_row(weights.data(), units, features, x.data() + n * (features + 3),
                                records.data() + n * record, records.data() + (n + batch) * record);
        return records;
    }

    /// (time + 1, batch) records of which the initial states are set.
    std::vector<T> initial_records() const {
        std::size_t const record = kernel::record_size(units);
        std::vector<T> records((time + 1) * batch * record, poison);
        for (std::size_t b = 0; b < batch; ++b)
            for (std::size_t s = 0; s < states; ++s)
                std::copy_n(initial.data() + (b * states + s) * units, units,
                            records.data() + b * record + s * kernel::padded(units));
        return records;
    }

    /// The cell's output in row b after step t, one value a unit.
    T const* output(std::vector<T> const& records, std::size_t t, std::size_t b) const {
        return records.data() + ((t + 1) * batch + b) * kernel::record_size(units) +
               plan::output * kernel::padded(units);
    }

    naive::parameters naive_parameters() const {
        naive::parameters p;
        p.kernel = {plan::kernel(features, units).extents[1], doubles(std::span(kernel_values))};
        if (plan::has_recurrent_kernel)
            p.recurrent = {plan::recurrent_kernel(units).extents[1],
                           doubles(std::span(recurrent_values))};
        p.bias = doubles(std::span(bias_values));
        return p;
    }
    naive::steps naive_x(std::size_t b) const {
        naive::steps rows;
        for (std::size_t t = 0; t < time; ++t)
            rows.push_back(
                doubles(std::span(x).subspan((t * batch + b) * (features + 3), features)));
        return rows;
    }
    naive::vec naive_state(std::size_t b, std::size_t s) const {
        return doubles(std::span(initial).subspan((b * states + s) * units, units));
    }
};

/// Calls check.template operator()<T, W>(units, features, time, batch, with_bias, seed) over the
/// sizes that matter: around the lanes, several tiles, blocks of rows and what is left of them.
template <class T, std::size_t W, class Check>
void over_sizes(Check&& check) {
    std::uint64_t seed = 1;
    for (std::size_t const units :
         {std::size_t{1}, std::size_t{3}, W - 1, W, W + 1, std::size_t{40}})
        for (std::size_t const features : {std::size_t{1}, std::size_t{3}, std::size_t{145}})
            for (std::size_t const time : {1u, 2u, 7u})
                for (std::size_t const batch : {1u, 3u, 5u})
                    if (units > 0) {
                        ++seed;
                        check.template operator()<T, W>(units, features, time, batch, seed % 3 != 0,
                                                        seed);
                    }
}

/// The same in float and double, on plain numbers, the narrowest and the widest vectors.
template <class Check>
void over_types(Check&& check) {
    namespace simd = xrnn::simd;
    over_sizes<double, 1>(check);
    over_sizes<double, simd::lanes_for<double>(1)>(check);
    over_sizes<double, simd::max_lanes<double>>(check);
    over_sizes<float, simd::lanes_for<float>(1)>(check);
    over_sizes<float, simd::max_lanes<float>>(check);
}

} // namespace support
