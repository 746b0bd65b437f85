// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <xrnn/layout.hpp>

namespace detail = xrnn::detail;
using xrnn::list;

namespace {

template <class T>
struct is_small : std::bool_constant<sizeof(T) == 1> {};

template <xrnn::fixed_string Name>
struct named {
    static constexpr std::string_view name = Name;
};

} // namespace

TEST_CASE("lists of types") {
    static_assert(list<int, char>::size == 2 && list<>::size == 0);
    static_assert(std::is_same_v<detail::concat_t<>, list<>>);
    static_assert(
        std::is_same_v<detail::concat_t<list<int>, list<>, list<char, int>>, list<int, char, int>>);
    static_assert(detail::index_of<list<int, char, float>, char> == 1);
    static_assert(detail::index_of<list<int, char, float>, double> == 3);
    static_assert(detail::index_of<list<int, char, int>, int> == 0);
    static_assert(detail::contains<list<int, char>, char> && !detail::contains<list<>, char>);
    static_assert(
        std::is_same_v<detail::filter_t<is_small, list<int, char, bool, float>>, list<char, bool>>);
    static_assert(
        std::is_same_v<detail::unique_t<list<int, char, int, char, bool>>, list<int, char, bool>>);
    static_assert(std::is_same_v<detail::unique_t<list<>>, list<>>);
}

TEST_CASE("for_each, its reverse and unroll keep the order") {
    using types = list<named<"a">, named<"b">, named<"c">>;
    std::string forward, backward;
    detail::for_each<types>(
        [&]<class T>(std::type_identity<T>) { forward += std::string(T::name); });
    detail::for_each_reversed<types>(
        [&]<class T>(std::type_identity<T>) { backward += std::string(T::name); });
    CHECK(forward == "abc");
    CHECK(backward == "cba");
    detail::for_each<list<>>([](auto) { FAIL("nothing to call"); });
    detail::for_each_reversed<list<>>([](auto) { FAIL("nothing to call"); });
    std::vector<std::size_t> seen;
    detail::unroll<3>([&](auto i) { seen.push_back(i); });
    detail::unroll<0>([&](auto) { FAIL("nothing to call"); });
    CHECK(seen == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("round_up") {
    CHECK(detail::round_up(0, 8) == 0);
    CHECK(detail::round_up(1, 8) == 8);
    CHECK(detail::round_up(8, 8) == 8);
    CHECK(detail::round_up(9, 8) == 16);
    CHECK(detail::round_up(5, 1) == 5);
}

TEST_CASE("names as template arguments") {
    CHECK(named<"forget">::name == "forget");
    CHECK(named<"">::name.empty());
    static_assert(!std::is_same_v<named<"i">, named<"f">>);
    static_assert(std::is_same_v<named<"i">, named<"i">>);
}

TEST_CASE("views are time-major") {
    std::vector<float> const data(2 * 3 * 5);
    xrnn::sequence_view<float> const view{data.data(), 5, 2, 3, 4};
    CHECK(view.rows() == 6);
    CHECK(view.row(0, 0) == data.data());
    CHECK(view.row(0, 2) == data.data() + 10);
    CHECK(view.row(1, 0) == data.data() + 15);
    CHECK(view.row(1, 2) == data.data() + 25);
}

TEST_CASE("sizes of parameters, shapes") {
    CHECK(xrnn::parameter_info{"kernel", {3, 4}}.size() == 12);
    CHECK(xrnn::parameter_info{"bias", {5, 0}}.size() == 5);
    static_assert(xrnn::shape{3, true} == xrnn::shape{3, true});
    static_assert(xrnn::shape{3, true} != xrnn::shape{3, false});
    static_assert(xrnn::shape{3, true} != xrnn::shape{xrnn::dynamic, true});
}
