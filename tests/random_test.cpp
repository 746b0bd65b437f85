// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <set>
#include <vector>

#include <xrnn/random.hpp>

namespace {

using words = std::array<std::uint32_t, 4>;

struct moments {
    double mean = 0, variance = 0, smallest = 1e300, largest = -1e300;
};

moments moments_of(auto const& draw, std::size_t n) {
    moments m;
    for (std::size_t k = 0; k < n; ++k) {
        double const v = draw(k);
        m.mean += v / static_cast<double>(n);
        m.variance += v * v / static_cast<double>(n);
        m.smallest = std::min(m.smallest, v);
        m.largest = std::max(m.largest, v);
    }
    m.variance -= m.mean * m.mean;
    return m;
}

} // namespace

TEST_CASE("philox: the known answers of its authors' Random123 library") {
    CHECK(xrnn::philox({0, 0, 0, 0}, {0, 0}) ==
          words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(
        xrnn::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(
        xrnn::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
    static_assert(xrnn::philox({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5);
}

TEST_CASE("a stream's n-th number is a function of seed, stream and n, all 64 bits of them") {
    xrnn::random_stream const a(1, 2), same(1, 2);
    CHECK(a.block(7) == same.block(7));
    CHECK(a.uniform(7) == same.uniform(7));
    CHECK(a.normal(7) == same.normal(7));
    std::uint64_t const high = std::uint64_t{1} << 32;
    std::set<words> const different{
        xrnn::random_stream(1, 2).block(7),        xrnn::random_stream(1 + high, 2).block(7),
        xrnn::random_stream(1, 2 + high).block(7), xrnn::random_stream(1, 2).block(7 + high),
        xrnn::random_stream(2, 2).block(7),        xrnn::random_stream(1, 3).block(7),
        xrnn::random_stream(1, 2).block(8)};
    CHECK(different.size() == 7);
}

TEST_CASE("uniform: in [0, 1), mean 1/2, variance 1/12") {
    xrnn::random_stream const r(5, 0);
    moments const m = moments_of([&](std::size_t k) { return r.uniform(k); }, 200000);
    CHECK(m.smallest >= 0);
    CHECK(m.largest < 1);
    CHECK(m.mean == doctest::Approx(0.5).epsilon(0.005));
    CHECK(m.variance == doctest::Approx(1.0 / 12).epsilon(0.01));
}

TEST_CASE("normal: mean 0, variance 1, and as many beyond two as there should be") {
    xrnn::random_stream const r(5, 0);
    moments const m = moments_of([&](std::size_t k) { return r.normal(k); }, 200000);
    CHECK(std::abs(m.mean) < 0.01);
    CHECK(m.variance == doctest::Approx(1).epsilon(0.01));
    std::size_t beyond = 0;
    for (std::size_t k = 0; k < 200000; ++k)
        beyond += std::abs(r.normal(k)) > 2 ? 1 : 0;
    CHECK(static_cast<double>(beyond) / 200000 == doctest::Approx(0.0455).epsilon(0.05));
}

TEST_CASE("below: every number below the bound, equally often, and never the bound") {
    xrnn::random_stream const r(9, 4);
    std::vector<int> count(7);
    for (std::uint64_t k = 0; k < 70000; ++k) {
        std::uint64_t const v = r.below(k, 7);
        REQUIRE(v < 7);
        ++count[v];
    }
    for (int const n : count)
        CHECK(std::abs(n - 10000) < 500); // five standard deviations
    CHECK(r.below(0, 1) == 0);
}
