// SPDX-License-Identifier: BSD-3-Clause
//
// Counter-based random numbers: the n-th number of a stream is a pure function of (seed, stream, n).
// So results do not depend on the order in which rows are computed, or on the number of threads.
//
// Source: Salmon, Moraes, Dror and Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011
// (Philox4x32-10).
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include <xrnn/config.hpp>

namespace xrnn::inline XRNN_ABI {

/// Four random 32-bit words for a 128-bit counter and a 64-bit key.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        std::uint64_t const a = std::uint64_t{0xD2511F53} * counter[0];
        std::uint64_t const b = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0],
                   static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1],
                   static_cast<std::uint32_t>(a)};
        key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
    }
    return counter;
}

/// One stream of random numbers.
class random_stream {
  public:
    random_stream(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

    /// The n-th block of four words.
    std::array<std::uint32_t, 4> block(std::uint64_t n) const {
        return philox({low(n), high(n), low(stream_), high(stream_)}, {low(seed_), high(seed_)});
    }
    /// The n-th number, uniform in [0, 1), of 53 bits.
    double uniform(std::uint64_t n) const {
        auto const words = block(n);
        return static_cast<double>((std::uint64_t{words[0]} << 21) ^ (words[1] >> 11)) * 0x1p-53;
    }
    /// The n-th number of the standard normal distribution (Box and Muller 1958).
    double normal(std::uint64_t n) const {
        auto const words = block(n);
        double const u = (words[0] + 0.5) * 0x1p-32;
        double const v = (words[1] + 0.5) * 0x1p-32;
        return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
    }
    /// The n-th number, uniform in 0 … bound - 1.
    std::uint64_t below(std::uint64_t n, std::uint64_t bound) const {
        return static_cast<std::uint64_t>(uniform(n) * static_cast<double>(bound));
    }

  private:
    static constexpr std::uint32_t low(std::uint64_t n) { return static_cast<std::uint32_t>(n); }
    static constexpr std::uint32_t high(std::uint64_t n) {
        return static_cast<std::uint32_t>(n >> 32);
    }
    std::uint64_t seed_;
    std::uint64_t stream_;
};

} // namespace xrnn::inline XRNN_ABI
