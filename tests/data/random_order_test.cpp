// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/random_order.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <vector>

using xrnn::data::random_order;

namespace {

std::vector<std::size_t> all(random_order const& order) {
    std::vector<std::size_t> numbers(order.size());
    for (std::size_t k = 0; k < numbers.size(); ++k)
        numbers[k] = order(k);
    return numbers;
}

} // namespace

TEST_CASE("random_order: every number once") {
    for (std::size_t const n : {1U, 2U, 3U, 7U, 8U, 9U, 255U, 256U, 257U, 1000U, 65536U, 100003U})
        for (std::uint64_t const seed : {0U, 1U, 77U}) {
            CAPTURE(n);
            std::vector<std::size_t> numbers = all(random_order(n, seed, seed));
            std::sort(numbers.begin(), numbers.end());
            bool each = true;
            for (std::size_t k = 0; k < n; ++k)
                each = each && numbers[k] == k;
            CHECK(each);
        }
    random_order const many(std::size_t{10'000'000'000}, 0, 0);
    for (std::size_t k = 0; k < 1000; ++k)
        CHECK(many(k * 9'999'999) < 10'000'000'000);
}

TEST_CASE("random_order: a function of seed and epoch") {
    std::vector<std::size_t> const a = all(random_order(1000, 1, 0));
    CHECK(a == all(random_order(1000, 1, 0)));
    for (random_order const& other :
         {random_order(1000, 2, 0), random_order(1000, 1, 1), random_order(1000, 0, 1)}) {
        std::size_t equal = 0;
        for (std::size_t k = 0; k < 1000; ++k)
            equal += a[k] == other(k) ? 1U : 0U;
        CHECK(equal < 10); // one is expected; 10 or more once in ten million times
    }
}

TEST_CASE("random_order: all orders of few numbers, equally often") {
    std::size_t const epochs = 60'000;
    std::map<std::vector<std::size_t>, double> counts;
    for (std::size_t epoch = 0; epoch < epochs; ++epoch)
        ++counts[all(random_order(4, 5, epoch))];
    REQUIRE(counts.size() == 24);
    double chi2 = 0, expected = static_cast<double>(epochs) / 24;
    for (auto const& [order, count] : counts)
        chi2 += (count - expected) * (count - expected) / expected;
    MESSAGE("chi squared of 23 degrees of freedom: " << chi2);
    CHECK(chi2 < 49.7); // of 1000 fair tables one is above
}

TEST_CASE("random_order: any number anywhere, neighbours unrelated") {
    std::size_t const n = 1000, epochs = 400;
    std::vector<double> places(100); // where tenths of the numbers go
    double follows = 0;              // neighbours that stay neighbours
    double product = 0;
    double const middle = (static_cast<double>(n) - 1) / 2;
    for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
        std::vector<std::size_t> const numbers = all(random_order(n, 9, epoch));
        for (std::size_t k = 0; k < n; ++k) {
            ++places[k / 100 * 10 + numbers[k] / 100];
            product +=
                (static_cast<double>(k) - middle) * (static_cast<double>(numbers[k]) - middle);
            follows += k > 0 && numbers[k] == numbers[k - 1] + 1 ? 1 : 0;
        }
    }
    double chi2 = 0, expected = static_cast<double>(n * epochs) / 100;
    for (double const count : places)
        chi2 += (count - expected) * (count - expected) / expected;
    // of n numbers one is expected to follow its neighbour, in each epoch
    double const neighbours = follows / static_cast<double>(epochs);
    double const variance = (static_cast<double>(n * n) - 1) / 12;
    double const correlation = product / (variance * static_cast<double>(n * epochs));
    MESSAGE("chi squared of 81 degrees of freedom: "
            << chi2 << ", neighbours an epoch: " << neighbours << ", correlation: " << correlation);
    CHECK(chi2 < 126);                      // one in 1000
    CHECK(chi2 > 46);                       // too even is no chance either
    CHECK(std::abs(neighbours - 1) < 0.17); // 3.3 standard deviations, 1/sqrt(epochs) each
    CHECK(std::abs(correlation) < 3.3 / std::sqrt(static_cast<double>(n * epochs)));
}
