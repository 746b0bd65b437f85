// SPDX-License-Identifier: BSD-3-Clause
//
// From its second batch on, an epoch of training allocates nothing.
#include <vector>

#include <doctest/doctest.h>

#include <xrnn/xrnn.hpp>

#include "support/allocations.hpp"
#include "support/models.hpp"

using namespace xrnn;

namespace {

/// A metric that notes, for each row of each batch, how often the heap has been called.
struct spy {
    static constexpr std::string_view name = "spy";
    static inline std::vector<std::size_t> seen;
    template <class T>
    static double value(T const*, T const*, std::size_t) {
        if (seen.size() < seen.capacity()) // so that noting calls nothing
            seen.push_back(support::allocations);
        return 0;
    }
};

} // namespace

TEST_CASE("an epoch allocates nothing after its first batch") {
    sequential model{input<5>{}, lstm<9, return_sequences>{.recurrent_dropout = 0.1}, dropout{0.2},
                     gru<6>{}, dense<1>{}};
    std::size_t const batch = 8, batches = 6;
    auto const x = support::tensor<float, 3>({batch * batches, 7, 5}, 4);
    auto const y = support::tensor<float, 2>({batch * batches, 1}, 5);
    auto trainer = compile(model, mean_squared_error{}, adam{}, spy{});
    spy::seen.reserve(batch * batches);
    support::allocations_of([&] { trainer.fit(x, y, {.batch_size = batch, .verbose = 0}); });
    REQUIRE(spy::seen.size() == batch * batches);
    if (support::counts_allocations)
        CHECK(spy::seen.front() > 0); // the first batch finds no scratch
    CHECK(spy::seen[batch] == spy::seen.back());
}
