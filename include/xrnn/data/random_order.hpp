// SPDX-License-Identifier: BSD-3-Clause
//
// The numbers 0 to n-1 in random order without a table of them: the k-th is computed from k.
//
// A Feistel network (Luby and Rackoff, How to Construct Pseudorandom Permutations from Pseudorandom
// Functions, SIAM J. Comput. 17(2), 1988) permutes the numbers of so many bits; what it makes of k is
// put in again while it is no number below n (Black and Rogaway, Ciphers with Arbitrary Finite Domains,
// CT-RSA 2002: cycle walking).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <xrnn/random.hpp>

namespace xrnn::data {

/// A permutation of 0 to n-1, a function of (seed, epoch):
///
///     random_order const order(10'000'000, 42, epoch);
///     order(0), order(1), …                            // every number below n once
///
/// Some 50 ns a number, and no memory.
class random_order {
  public:
    random_order(std::size_t n, std::uint64_t seed, std::uint64_t epoch) : n_(n) {
        // A network of few bits makes few of the permutations; walking through a larger one makes all.
        unsigned const bits = std::max(8U, static_cast<unsigned>(std::bit_width(n)));
        low_bits_ = bits / 2;
        low_mask_ = (std::uint64_t{1} << low_bits_) - 1;
        high_mask_ = (std::uint64_t{1} << (bits - low_bits_)) - 1;
        random_stream const random(seed, (std::uint64_t{3} << 62) + epoch);
        for (std::size_t k = 0; k < keys_.size(); ++k) {
            auto const words = random.block(k);
            keys_[k] = std::uint64_t{words[0]} << 32 | words[1];
        }
    }

    std::size_t size() const { return n_; }

    /// The k-th number, k below n.
    std::size_t operator()(std::size_t k) const {
        std::uint64_t value = k;
        do {
            value = permuted(value);
        } while (value >= n_);
        return static_cast<std::size_t>(value);
    }

  private:
    /// One to one over the numbers of low and high bits: each half in turn is changed by what the
    /// other one says.
    std::uint64_t permuted(std::uint64_t value) const {
        std::uint64_t low = value & low_mask_;
        std::uint64_t high = value >> low_bits_;
        for (std::size_t k = 0; k < keys_.size(); k += 2) {
            low ^= mixed(high + keys_[k]) & low_mask_;
            high ^= mixed(low + keys_[k + 1]) & high_mask_;
        }
        return high << low_bits_ | low;
    }
    /// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    static std::uint64_t mixed(std::uint64_t z) {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
        z = (z ^ z >> 27) * 0x94D049BB133111EBU;
        return z ^ z >> 31;
    }

    std::size_t n_;
    unsigned low_bits_;
    std::uint64_t low_mask_, high_mask_;
    std::array<std::uint64_t, 8> keys_{};
};

} // namespace xrnn::data
