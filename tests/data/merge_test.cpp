// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/data/merge.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "data/reference/merge.hpp"

using namespace xrnn::data;

namespace {

bool same(numbers const& a, numbers const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
        return x == y || (std::isnan(x) && std::isnan(y));
    });
}

/// Equal names, kinds, order and cells, NaN being equal to NaN. An empty column has no kind in
/// pandas, so it may be of either.
bool same(frame const& a, frame const& b) {
    if (a.names() != b.names() || a.rows() != b.rows())
        return false;
    for (std::string const& name : a.names()) {
        if (a.rows() == 0)
            continue;
        if (a.is_text(name) != b.is_text(name))
            return false;
        if (a.is_text(name) ? a.text(name) != b.text(name) : !same(a[name], b[name]))
            return false;
    }
    return true;
}

} // namespace

TEST_CASE("merge: the same rows in the same order as pandas") {
    std::vector<reference::merge_case> const cases = reference::merge_cases();
    CHECK(cases.size() == 9);
    for (reference::merge_case const& expected : cases) {
        CAPTURE(expected.name);
        frame const &l = expected.left, &r = expected.right;
        CHECK(same(merge(l, r, expected.on), expected.inner));
        CHECK(same(merge(l, r, expected.on, join::inner), expected.inner));
        CHECK(same(merge(l, r, expected.on, join::left), expected.left_join));
        CHECK(same(merge(l, r, expected.on, join::right), expected.right_join));
        CHECK(same(merge(l, r, expected.on, join::outer), expected.outer));
    }
}

TEST_CASE("merge: the comparison above can fail") {
    frame const a{{"k", numbers{1, 2}}, {"t", texts{"x", "y"}}};
    CHECK(same(a, a));
    CHECK_FALSE(same(a, a.take({1, 0})));
    CHECK_FALSE(same(a, a.take({0})));
    CHECK_FALSE(same(a, a.drop({"t"})));
    CHECK_FALSE(same(a, a.select({"t", "k"})));
    CHECK_FALSE(same(a, frame{{"k", numbers{1, reference::nan}}, {"t", texts{"x", "y"}}}));
}

TEST_CASE("merge: clashing names get suffixes") {
    frame const left{{"k", numbers{1}}, {"v", numbers{2}}, {"a", numbers{3}}};
    frame const right{{"v", numbers{4}}, {"k", numbers{1}}, {"b", numbers{5}}};
    using names = std::vector<std::string>;
    CHECK(merge(left, right, "k").names() == names{"k", "v_x", "a", "v_y", "b"});
    CHECK(merge(left, right, "k", join::inner, {.left = "", .right = ".new"}).names() ==
          names{"k", "v", "a", "v.new", "b"});
    CHECK(merge(left, right, "k")["v_y"] == numbers{4});
    CHECK_THROWS_AS(merge(left, right, "k", join::inner, {.left = "", .right = ""}),
                    xrnn::value_error);
    frame const taken{{"k", numbers{1}}, {"v_x", numbers{0}}, {"v", numbers{9}}};
    CHECK_THROWS_AS(merge(taken, right, "k"), xrnn::value_error);
}

TEST_CASE("merge: a missing cell of a text column is empty") {
    frame const left{{"k", numbers{1, 2}}};
    frame const right{{"k", numbers{2}}, {"t", texts{"x"}}};
    CHECK(merge(left, right, "k", join::left).text("t") == texts{"", "x"});
}

TEST_CASE("merge: keys that do not fit") {
    frame const left{{"k", numbers{1}}, {"a", numbers{1}}};
    frame const text{{"k", texts{"1"}}};
    frame const other{{"kk", numbers{1}}};
    CHECK_THROWS_WITH_AS(merge(left, text, "k"),
                         "merge: the key 'k' is text in one frame and numeric in the other",
                         xrnn::value_error);
    CHECK_THROWS_AS(merge(left, other, "k"), xrnn::value_error);
    CHECK_THROWS_AS(merge(other, left, "k"), xrnn::value_error);
}

TEST_CASE("merge: of the key alone, and with itself") {
    frame const keys{{"k", numbers{3, 1, 2}}};
    CHECK(merge(keys, keys, "k")["k"] == numbers{3, 1, 2});
    CHECK(merge(keys, keys, "k", join::outer)["k"] == numbers{1, 2, 3});
    CHECK(merge(keys.take({}), keys.take({}), "k", join::outer).empty());
}
