// SPDX-License-Identifier: BSD-3-Clause
//
// Test values: seeded, the same everywhere, and with no symmetry that could hide a mistake.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace support {

/// Steele, Lea and Flood's splitmix64: as simple as a generator can be.
class generator {
  public:
    explicit generator(std::uint64_t seed) : state_(seed) {}
    std::uint64_t bits() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
    double uniform(double low, double high) {
        return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53;
    }

  private:
    std::uint64_t state_;
};

template <class T>
void fill(std::span<T> to, generator& g, double low, double high) {
    for (T& value : to)
        value = static_cast<T>(g.uniform(low, high));
}

template <class T>
std::vector<T> numbers(std::size_t n, generator& g, double low = -1, double high = 1) {
    std::vector<T> result(n);
    fill(std::span<T>(result), g, low, high);
    return result;
}

template <class T>
std::vector<double> doubles(std::span<T> from) {
    return {from.begin(), from.end()};
}

/// |found - expected| / max(1, |expected|); infinite where only one is NaN.
template <class T>
double difference(T value, double expected) {
    double const found = static_cast<double>(value);
    if (std::isnan(found) || std::isnan(expected))
        return std::isnan(found) && std::isnan(expected) ? 0
                                                         : std::numeric_limits<double>::infinity();
    return std::abs(found - expected) / std::max(1.0, std::abs(expected));
}

} // namespace support
