// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <tuple>

#include <xrnn/cells/dense.hpp>
#include <xrnn/cells/gru.hpp>
#include <xrnn/cells/lstm.hpp>
#include <xrnn/layers/flow.hpp>

namespace detail = xrnn::detail;
using namespace xrnn;

namespace {

template <class Cell>
using phases = typename detail::plan<Cell>::phases;

template <class Phases, std::size_t I>
struct phase_at;
template <class... Phases, std::size_t I>
struct phase_at<list<Phases...>, I> {
    using type = std::tuple_element_t<I, std::tuple<Phases...>>;
};
template <class Cell, std::size_t I>
using phase_of = typename phase_at<phases<Cell>, I>::type;

} // namespace

TEST_CASE("an LSTM is one phase, all sums of which both x and h feed") {
    using cell = lstm_cell<>;
    static_assert(phases<cell>::size == 1);
    using only = phase_of<cell, 0>;
    static_assert(std::is_same_v<only::sums, cell::gates>);
    static_assert(std::is_same_v<only::sources, list<x_t, prev<cell::h>>>);
    static_assert(std::is_same_v<only::fed<x_t>, cell::gates>);
    static_assert(std::is_same_v<detail::plan<cell>::stored, list<cell::h, cell::c>>);
    static_assert(std::is_same_v<detail::plan<cell>::shown, cell::gates>);
    static_assert(detail::plan<cell>::output == 0);
}

TEST_CASE("a GRU, reset after: three affine nodes in one phase, the candidate's halves apart") {
    using cell = gru_cell<>;
    using z = cell::update_gate;
    using r = cell::reset_gate;
    static_assert(phases<cell>::size == 1);
    using only = phase_of<cell, 0>;
    static_assert(std::is_same_v<only::sums, list<z, r, cell::from_x, cell::from_h>>);
    static_assert(std::is_same_v<only::fed<x_t>, list<z, r, cell::from_x>>);
    static_assert(std::is_same_v<only::fed<prev<cell::h>>, list<z, r, cell::from_h>>);
    static_assert(detail::plan<cell>::two_biases);
    static_assert(std::is_same_v<detail::plan<cell>::stored, list<cell::h>>);
}

TEST_CASE("a GRU, reset before: the second product waits for the first equations") {
    using cell = gru_cell_reset_before<>;
    static_assert(phases<cell>::size == 2);
    using first = phase_of<cell, 0>;
    using second = phase_of<cell, 1>;
    static_assert(std::is_same_v<first::sums, list<cell::update_gate, cell::reset_gate>>);
    static_assert(std::is_same_v<first::lane_nodes, list<cell::reset>>);
    static_assert(std::is_same_v<second::sums, list<cell::new_content>>);
    static_assert(std::is_same_v<second::sources, list<x_t, cell::reset_h>>);
    static_assert(std::is_same_v<detail::plan<cell>::kernel_columns,
                                 list<cell::update_gate, cell::reset_gate, cell::new_content>>);
    static_assert(
        std::is_same_v<detail::plan<cell>::recurrent_columns, detail::plan<cell>::kernel_columns>);
    static_assert(!detail::plan<cell>::two_biases);
}

TEST_CASE("softmax comes last, over whole rows; dense has no recurrent kernel") {
    using cell = dense_cell<softmax>;
    static_assert(phases<cell>::size == 1);
    static_assert(phase_of<cell, 0>::row_nodes::size == 1);
    static_assert(!detail::plan<cell>::has_recurrent_kernel && detail::plan<cell>::has_kernel);
    static_assert(detail::plan<cell>::output == 1); // logit, then y
    static_assert(detail::plan<dense_cell<>>::output == 0);
}

TEST_CASE("names of gates and states, as trace and documents have them") {
    CHECK(lstm_cell<>::input_gate::name == "i");
    CHECK(lstm_cell<>::forget_gate::name == "f");
    CHECK(lstm_cell<>::new_content::name == "g");
    CHECK(lstm_cell<>::output_gate::name == "o");
    CHECK(prev<lstm_cell<>::c>::name == "c");
    CHECK(gru_cell<>::update_gate::name == "z");
    CHECK(gru_cell<>::from_x::name == "n");
    CHECK(x_t::name == "x");
}
