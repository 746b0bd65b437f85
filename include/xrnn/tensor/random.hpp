// SPDX-License-Identifier: BSD-3-Clause
//
// Seeded random numbers that are the same on every machine. The distributions of <random> differ
// from one standard library to the next, so these are numpy's legacy ones (numpy.random.RandomState,
// frozen by numpy's NEP 19), built on the Mersenne Twister whose output the C++ standard fixes.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <xrnn/errors.hpp>

namespace xrnn {

/// numpy.random.RandomState(seed): the same seed gives the same numbers as numpy. It also meets
/// std::uniform_random_bit_generator.
class random_state {
  public:
    using result_type = std::uint32_t;

    /// seed: 0 to 2^32 - 1 as in numpy; throws value_error otherwise.
    explicit random_state(std::uint64_t seed) {
        if (seed > 0xffffffffU)
            throw value_error(messages::text(
                {"random_state: the seed must lie between 0 and 4294967295, got ", seed}));
        engine_.seed(static_cast<std::mt19937::result_type>(seed));
    }

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return 0xffffffffU; }

    /// The next 32 bits.
    result_type operator()() { return static_cast<result_type>(engine_()); }

    /// A whole number from 0 to `last`, both included: masked bits, drawn again while too large
    /// (numpy's `random_interval`, as used by shuffle).
    std::uint64_t interval(std::uint64_t last) {
        std::uint64_t mask = last;
        for (unsigned shift = 1; shift < 64; shift *= 2)
            mask |= mask >> shift;
        std::uint64_t value = 0;
        do {
            value = mask & (last > max() ? next64() : (*this)());
        } while (value > last);
        return value;
    }

    /// Uniform in [0, 1) with 53 bits (numpy's `random_sample`).
    double uniform() {
        std::uint32_t const high = (*this)() >> 5;
        std::uint32_t const low = (*this)() >> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    /// Standard normal by Marsaglia's polar method (numpy's `standard_normal`). Equal to numpy up to
    /// the last bit of the C library's logarithm.
    double normal() {
        if (spare_)
            return *std::exchange(spare_, std::nullopt);
        double x1 = 0, x2 = 0, r2 = 0;
        do {
            x1 = 2.0 * uniform() - 1.0;
            x2 = 2.0 * uniform() - 1.0;
            r2 = x1 * x1 + x2 * x2;
        } while (r2 >= 1.0 || r2 == 0.0);
        double const factor = std::sqrt(-2.0 * std::log(r2) / r2);
        spare_ = factor * x1;
        return factor * x2;
    }

    /// Fisher-Yates from the last element down (numpy's `shuffle` of a 1-D array).
    template <class T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i-- > 1;) {
            std::size_t const j = static_cast<std::size_t>(interval(i));
            std::swap(values[i], values[j]);
        }
    }

    /// The numbers 0 to n-1 in random order (numpy's `permutation(n)`).
    std::vector<std::size_t> permutation(std::size_t n) {
        std::vector<std::size_t> order(n);
        std::iota(order.begin(), order.end(), std::size_t{0});
        shuffle(order);
        return order;
    }

  private:
    std::uint64_t next64() {
        std::uint64_t const high = (*this)();
        return high << 32 | (*this)();
    }

    std::mt19937 engine_;
    std::optional<double> spare_; // the polar method makes two numbers at a time
};

/// numpy.random.RandomState(seed).permutation(n).
inline std::vector<std::size_t> random_permutation(std::size_t n, std::uint64_t seed) {
    return random_state(seed).permutation(n);
}

} // namespace xrnn
