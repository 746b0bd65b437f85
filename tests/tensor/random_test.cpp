// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/tensor/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "data/reference/random.hpp"

using xrnn::random_state;

TEST_CASE("random: the numbers of numpy.random.RandomState") {
    for (reference::random_case const& expected : reference::random_cases()) {
        CAPTURE(expected.seed);
        random_state bits(expected.seed), uniform(expected.seed), normal(expected.seed);
        for (std::uint64_t const value : expected.bits)
            CHECK(bits() == value);
        for (double const value : expected.uniform)
            CHECK(uniform.uniform() == value);
        // x·x + y·y may be one rounding less where the machine has fma, and log(1 - a little)
        // magnifies that
        for (double const value : expected.normal)
            CHECK(std::abs(normal.normal() - value) <= 1e-14 * std::abs(value));
        CHECK(xrnn::random_permutation(expected.permutation.size(), expected.seed) ==
              expected.permutation);
        std::uint32_t hash = 2166136261U;
        for (std::size_t const index : random_state(expected.seed).permutation(1000))
            hash = (hash ^ static_cast<std::uint32_t>(index)) * 16777619U;
        CHECK(hash == expected.hash1000);
    }
}

TEST_CASE("random: permutations") {
    CHECK(xrnn::random_permutation(0, 1).empty());
    CHECK(xrnn::random_permutation(1, 1) == std::vector<std::size_t>{0});
    for (std::size_t const n : {2U, 3U, 64U, 65U, 1000U}) {
        std::vector<std::size_t> order = xrnn::random_permutation(n, 5);
        CHECK(order == xrnn::random_permutation(n, 5));
        std::sort(order.begin(), order.end());
        std::vector<std::size_t> expected(n);
        std::iota(expected.begin(), expected.end(), std::size_t{0});
        CHECK(order == expected);
    }
    CHECK(xrnn::random_permutation(64, 5) != xrnn::random_permutation(64, 6));
}

TEST_CASE("random: a shuffle moves as a permutation does") {
    std::vector<char> letters = {'a', 'b', 'c', 'd', 'e', 'f'};
    std::vector<std::size_t> const order = xrnn::random_permutation(6, 22);
    random_state(22).shuffle(letters);
    for (std::size_t i = 0; i < 6; ++i)
        CHECK(letters[i] == "abcdef"[order[i]]);
}

TEST_CASE("random: whole numbers stay in their interval") {
    random_state random(3);
    std::vector<int> seen(6, 0);
    for (int i = 0; i < 6000; ++i)
        ++seen[static_cast<std::size_t>(random.interval(5))];
    for (int const count : seen)
        CHECK(std::abs(count - 1000) < 150); // five standard deviations
    CHECK(random.interval(0) == 0);
    for (std::uint64_t const last : {1ULL << 32, (1ULL << 40) + 12345ULL, ~0ULL}) {
        std::uint64_t largest = 0;
        for (int i = 0; i < 200; ++i)
            largest = std::max(largest, random.interval(last));
        CHECK(largest <= last);
        CHECK(largest > last / 2);
    }
}

TEST_CASE("random: serves the distributions of <random>") {
    static_assert(std::uniform_random_bit_generator<random_state>);
    random_state random(1);
    double const value = std::uniform_real_distribution<double>(2, 3)(random);
    CHECK(value >= 2);
    CHECK(value <= 3);
}

TEST_CASE("random: seeds that numpy refuses") {
    CHECK_NOTHROW(random_state(4294967295U));
    CHECK_THROWS_AS(random_state(4294967296U), xrnn::value_error);
    CHECK_THROWS_AS(random_state(static_cast<std::uint64_t>(-1)), xrnn::value_error);
}
