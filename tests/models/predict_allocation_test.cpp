// SPDX-License-Identifier: BSD-3-Clause
//
// A predictor allocates nothing behind its first call.
#include <doctest/doctest.h>

#include <xrnn/models/predict.hpp>

#include "support/allocations.hpp"
#include "support/models.hpp"

using namespace xrnn;

TEST_CASE("a predictor allocates nothing behind its first call") {
    sequential const model{input<5>{}, lstm<20, return_sequences>{}, dropout{0.1}, gru<7>{},
                           dense<2, softmax>{}};
    for (std::size_t const rows : {1u, 70u}) {
        auto const x = support::tensor<float, 3>({rows, 6, 5}, 2);
        predictor run{model};
        std::size_t const first = support::allocations_of([&] { run(x); });
        std::size_t const second = support::allocations_of([&] {
            for (int k = 0; k < 3; ++k)
                run(x);
        });
        if (support::counts_allocations)
            CHECK(first > 0);
        CHECK(second == 0);
    }
}
