// SPDX-License-Identifier: BSD-3-Clause
//
// The step of streams against the plain kernel beside it, with everything that it must not look at
// poisoned.
#pragma once

#include <array>
#include <string>

#include <doctest/doctest.h>

#include <xrnn/layers/step_kernel.hpp>

#include "support/cell.hpp"

namespace support {

struct findings {
    double worst = 0; // in units of the machine's epsilon
    int checked = 0;
};

template <class T>
void to_bfloat16(std::vector<T>& values) {
    for (T& v : values)
        v = static_cast<T>(
            xrnn::simd::lower_bfloat16(xrnn::simd::bfloat16_pair(static_cast<float>(v), 0.0f)));
}

/// In the place of each weight of a run the number that the stepper reads from its packed pairs. Where
/// it lies there is found by packing the digits of its own number, as 1 and 2, one digit after the
/// other. Returns how many weights were found.
template <class Stepper, class Run>
std::size_t to_packed_pairs(Run& run, std::size_t features) {
    using T = typename decltype(run.kernel_values)::value_type;
    auto const packed = [&](Run const& from) {
        std::vector<T> pairs(Stepper::packed_size(features));
        Stepper::pack(from.parameters(), features, pairs.data());
        return pairs;
    };
    auto const halves = [](T pair) {
        return std::array{static_cast<T>(xrnn::simd::lower_bfloat16(static_cast<float>(pair))),
                          pair};
    };
    std::size_t const of_kernel = run.kernel_values.size();
    std::size_t const count = of_kernel + run.recurrent_values.size();
    auto const weight = [&](Run& of, std::size_t k) -> T& {
        return k < of_kernel ? of.kernel_values[k] : of.recurrent_values[k - of_kernel];
    };
    Run probe = run;
    std::fill(probe.bias_values.begin(), probe.bias_values.end(), T(0));
    std::vector<std::array<std::size_t, 2>> number(Stepper::packed_size(features));
    std::vector<std::array<bool, 2>> used(number.size());
    for (std::size_t digit = 0; count >> digit > 0; ++digit) {
        for (std::size_t k = 0; k < count; ++k)
            weight(probe, k) = static_cast<T>(1 + (k >> digit & 1));
        std::vector<T> const pairs = packed(probe);
        for (std::size_t at = 0; at < pairs.size(); ++at)
            for (std::size_t half = 0; half < 2; ++half) {
                T const value = halves(pairs[at])[half];
                used[at][half] = value > T(0.5);
                number[at][half] |= std::size_t{value > T(1.5)} << digit;
            }
    }
    std::vector<T> const pairs = packed(run);
    std::size_t found = 0;
    for (std::size_t at = 0; at < pairs.size(); ++at)
        for (std::size_t half = 0; half < 2; ++half)
            if (used[at][half]) {
                T& w = weight(run, number[at][half]);
                T const read = halves(pairs[at])[half];
                CHECK(std::abs(read - w) <= std::abs(w) / 256);
                w = read;
                ++found;
            }
    return found;
}

/// With rounded weights the plain kernel computes what the stepper should; with bfloat16_dot it does
/// so for one step, from rounded inputs.
template <class Cell, class T, std::size_t Units, class Weights, class Features>
void check(Features features, findings& found) {
    static constexpr std::size_t known = [] {
        if constexpr (requires { Features::value; })
            return Features::value;
        else
            return std::size_t{0};
    }();
    using stepper = xrnn::detail::step_kernel<Cell, T, Units, Weights, known>;
    constexpr bool dotted = std::is_same_v<Weights, xrnn::bfloat16_dot>;
    constexpr std::size_t time = dotted ? 1 : 4;
    for (bool const with_bias : {true, false}) {
        support::cell_run<Cell, T, xrnn::simd::max_lanes<T>> plain(Units, features, time, 1,
                                                                   with_bias, 11);
        if constexpr (stepper::halved && !dotted)
            CHECK(to_packed_pairs<stepper>(plain, features) ==
                  plain.kernel_values.size() + plain.recurrent_values.size());
        if constexpr (dotted) {
            to_bfloat16(plain.kernel_values);
            to_bfloat16(plain.recurrent_values);
            to_bfloat16(plain.x);
            to_bfloat16(plain.initial);
        }
        std::vector<T> const expected = plain.run();
        T const poison = std::numeric_limits<T>::quiet_NaN();
        xrnn::simd::aligned_vector<T> weights(stepper::packed_size(features));
        stepper::pack(plain.parameters(), features, weights.data());
        xrnn::simd::aligned_vector<T> records(2 * stepper::record_size, poison);
        for (std::size_t s = 0; s < Cell::states::size; ++s)
            std::copy_n(plain.initial.data() + s * Units, Units,
                        records.data() + s * stepper::padded);
        std::size_t const output = stepper::plan::output * stepper::padded;
        double worst = 0;
        for (std::size_t t = 0; t < time; ++t) {
            T* const prev = records.data() + t % 2 * stepper::record_size;
            T* const cur = records.data() + (t + 1) % 2 * stepper::record_size;
            // exactly `features` values: a read behind them is seen by the address sanitizer
            std::vector<T> const x(plain.x.data() + t * (features + 3),
                                   plain.x.data() + t * (features + 3) + features);
            stepper::step(weights.data(), features, x.data(), prev, cur, true);
            std::vector<T> const backwards(cur + output, cur + output + Units);
            stepper::step(weights.data(), features, x.data(), prev, cur, false);
            CHECK(std::equal(backwards.begin(), backwards.end(), cur + output));
            for (std::size_t u = 0; u < Units; ++u) {
                double const difference =
                    std::abs(static_cast<double>(cur[output + u]) -
                             static_cast<double>(plain.output(expected, t, 0)[u]));
                worst = difference <= worst ? worst : difference; // NaN counts
            }
        }
        worst /= static_cast<double>(std::numeric_limits<T>::epsilon());
        // r∘h of a GRU that resets before is rounded too
        double const limit = dotted && stepper::plan::phases::size > 1 ? 32768 : 16;
        CHECK_MESSAGE(worst <= limit, Cell::name, ", units ", Units, ", features ",
                      static_cast<std::size_t>(features));
        found.worst = std::max(found.worst, worst);
        ++found.checked;
    }
}

template <class Cell, class T, class Weights, std::size_t... Units>
void check_units(findings& found) {
    (check<Cell, T, Units, Weights>(std::size_t{5}, found), ...);
}

} // namespace support
