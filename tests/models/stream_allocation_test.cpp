// SPDX-License-Identifier: BSD-3-Clause
//
// A million steps and not one call to the heap.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include <xrnn/models/stream.hpp>

#include "support/allocations.hpp"

using namespace xrnn;

namespace {

#if defined(__OPTIMIZE__)
constexpr std::size_t steps = 1'000'000;
#else
constexpr std::size_t steps = 50'000;
#endif

template <class Model>
void check_steps(Model const& model, std::size_t n) {
    packed<Model> const weights{model};
    stream<Model> s{weights};
    std::vector<float> x(model.features() * 32, 0.5F), y(stream<Model>::units * 32);
    float total = 0;
    std::size_t const found = support::allocations_of([&] {
        for (std::size_t k = 0; k < n; ++k)
            total += s.step(typename stream<Model>::input_span(x.data(), model.features()))[0];
        total += static_cast<float>(s.process(x, y));
        s.reset();
    });
    CHECK(found == 0);
    CHECK(std::isfinite(total));
}

} // namespace

TEST_CASE("the counter counts: new, aligned new, malloc, realloc and free") {
    if (!support::counts_allocations)
        return;
    // through a volatile pointer, or the compiler may leave the pair out
    [[maybe_unused]] static void* volatile seen = nullptr;
    CHECK(support::allocations_of([] {
              auto const p = std::make_unique<int>(1);
              seen = p.get();
          }) == 2);
    CHECK(support::allocations_of([] {
              std::vector<float> v(100);
              seen = v.data();
              v.resize(200);
              seen = v.data();
          }) == 4);
    CHECK(support::allocations_of([] {
              simd::aligned_vector<float> const v(100);
              seen = const_cast<float*>(v.data());
          }) >= 2);
    struct alignas(64) line {
        char bytes[64];
    };
    CHECK(support::allocations_of([] {
              auto const p = std::make_unique<line>();
              seen = p.get();
          }) == 2);
    CHECK(support::allocations_of([] {
              void* p = std::malloc(8);
              seen = p;
              p = std::realloc(p, 80);
              seen = p;
              std::free(p);
          }) == 3);
    CHECK(support::allocations_of([] {}) == 0);
}

TEST_CASE("steps of a stream never ask the heap for anything") {
    if (!support::counts_allocations) {
        MESSAGE("skipped: the heap's functions belong to a sanitizer or to another C library");
        return;
    }
    check_steps(sequential{input<1>{}, lstm<8>{}, dense<1>{}}, steps);
    check_steps(sequential{input<dynamic>{3},
                           stacked<gru<5, reset_after<false>>, lstm<4>>{.dropout = 0.2},
                           dense<3, softmax>{}},
                steps / 10);
    MESSAGE(steps, " steps of an LSTM, ", steps / 10, " of a stack");
}
