// SPDX-License-Identifier: BSD-3-Clause
//
// Made by make_merge.py with pandas 1.5.3.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include <xrnn/data/merge.hpp>

namespace reference {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                        inf = std::numeric_limits<double>::infinity();

struct merge_case {
    std::string name, on;
    xrnn::data::frame left, right, inner, left_join, right_join, outer;
};

inline std::vector<merge_case> merge_cases() {
    using xrnn::data::frame, xrnn::data::numbers, xrnn::data::texts;
    std::vector<merge_case> cases;
    cases.push_back({"dates, gaps on both sides", "date",
                     frame{{"date", numbers{1.0, 2.0, 3.0, 5.0}}, {"open", numbers{10.0, 20.0, 30.0, 50.0}}},
                     frame{{"date", numbers{2.0, 3.0, 4.0, 6.0}}, {"close", numbers{21.0, 31.0, 41.0, 61.0}}},
                     frame{{"date", numbers{2.0, 3.0}}, {"open", numbers{20.0, 30.0}}, {"close", numbers{21.0, 31.0}}},
                     frame{{"date", numbers{1.0, 2.0, 3.0, 5.0}}, {"open", numbers{10.0, 20.0, 30.0, 50.0}}, {"close", numbers{nan, 21.0, 31.0, nan}}},
                     frame{{"date", numbers{2.0, 3.0, 4.0, 6.0}}, {"open", numbers{20.0, 30.0, nan, nan}}, {"close", numbers{21.0, 31.0, 41.0, 61.0}}},
                     frame{{"date", numbers{1.0, 2.0, 3.0, 4.0, 5.0, 6.0}}, {"open", numbers{10.0, 20.0, 30.0, nan, 50.0, nan}}, {"close", numbers{nan, 21.0, 31.0, 41.0, nan, 61.0}}}});
    cases.push_back({"unsorted", "date",
                     frame{{"a", numbers{1.0, 2.0, 3.0, 4.0}}, {"date", numbers{9.0, 2.0, 7.0, 5.0}}},
                     frame{{"date", numbers{5.0, 9.0, 1.0, 7.0}}, {"b", numbers{1.0, 2.0, 3.0, 4.0}}},
                     frame{{"a", numbers{1.0, 3.0, 4.0}}, {"date", numbers{9.0, 7.0, 5.0}}, {"b", numbers{2.0, 4.0, 1.0}}},
                     frame{{"a", numbers{1.0, 2.0, 3.0, 4.0}}, {"date", numbers{9.0, 2.0, 7.0, 5.0}}, {"b", numbers{2.0, nan, 4.0, 1.0}}},
                     frame{{"a", numbers{4.0, 1.0, nan, 3.0}}, {"date", numbers{5.0, 9.0, 1.0, 7.0}}, {"b", numbers{1.0, 2.0, 3.0, 4.0}}},
                     frame{{"a", numbers{nan, 2.0, 4.0, 3.0, 1.0}}, {"date", numbers{1.0, 2.0, 5.0, 7.0, 9.0}}, {"b", numbers{3.0, nan, 1.0, 4.0, 2.0}}}});
    cases.push_back({"doubled keys, clashing names", "k",
                     frame{{"k", numbers{1.0, 2.0, 1.0, 3.0, 2.0}}, {"v", numbers{1.0, 2.0, 3.0, 4.0, 5.0}}},
                     frame{{"k", numbers{2.0, 1.0, 4.0, 1.0, 2.0}}, {"v", numbers{6.0, 7.0, 8.0, 9.0, 10.0}}},
                     frame{{"k", numbers{1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0}}, {"v_x", numbers{1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 5.0, 5.0}}, {"v_y", numbers{7.0, 9.0, 6.0, 10.0, 7.0, 9.0, 6.0, 10.0}}},
                     frame{{"k", numbers{1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 3.0, 2.0, 2.0}}, {"v_x", numbers{1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 5.0, 5.0}}, {"v_y", numbers{7.0, 9.0, 6.0, 10.0, 7.0, 9.0, nan, 6.0, 10.0}}},
                     frame{{"k", numbers{2.0, 2.0, 1.0, 1.0, 4.0, 1.0, 1.0, 2.0, 2.0}}, {"v_x", numbers{2.0, 5.0, 1.0, 3.0, nan, 1.0, 3.0, 2.0, 5.0}}, {"v_y", numbers{6.0, 6.0, 7.0, 7.0, 8.0, 9.0, 9.0, 10.0, 10.0}}},
                     frame{{"k", numbers{1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 4.0}}, {"v_x", numbers{1.0, 1.0, 3.0, 3.0, 2.0, 2.0, 5.0, 5.0, 4.0, nan}}, {"v_y", numbers{7.0, 9.0, 7.0, 9.0, 6.0, 10.0, 6.0, 10.0, nan, 8.0}}}});
    cases.push_back({"missing keys and cells", "k",
                     frame{{"k", numbers{nan, 2.0, 1.0, nan}}, {"v", numbers{1.0, nan, 3.0, 4.0}}},
                     frame{{"k", numbers{1.0, nan, 3.0, 2.0}}, {"w", numbers{nan, 7.0, 8.0, 9.0}}},
                     frame{{"k", numbers{nan, 2.0, 1.0, nan}}, {"v", numbers{1.0, nan, 3.0, 4.0}}, {"w", numbers{7.0, 9.0, nan, 7.0}}},
                     frame{{"k", numbers{nan, 2.0, 1.0, nan}}, {"v", numbers{1.0, nan, 3.0, 4.0}}, {"w", numbers{7.0, 9.0, nan, 7.0}}},
                     frame{{"k", numbers{1.0, nan, nan, 3.0, 2.0}}, {"v", numbers{3.0, 1.0, 4.0, nan, nan}}, {"w", numbers{nan, 7.0, 7.0, 8.0, 9.0}}},
                     frame{{"k", numbers{1.0, 2.0, 3.0, nan, nan}}, {"v", numbers{3.0, nan, nan, 1.0, 4.0}}, {"w", numbers{nan, 9.0, 8.0, 7.0, 7.0}}}});
    cases.push_back({"negative zero and infinity", "k",
                     frame{{"k", numbers{-0.0, -inf, inf}}, {"v", numbers{1.0, 2.0, 3.0}}},
                     frame{{"k", numbers{inf, 0.0, 5.0}}, {"w", numbers{7.0, 8.0, 9.0}}},
                     frame{{"k", numbers{-0.0, inf}}, {"v", numbers{1.0, 3.0}}, {"w", numbers{8.0, 7.0}}},
                     frame{{"k", numbers{-0.0, -inf, inf}}, {"v", numbers{1.0, 2.0, 3.0}}, {"w", numbers{8.0, nan, 7.0}}},
                     frame{{"k", numbers{inf, -0.0, 5.0}}, {"v", numbers{3.0, 1.0, nan}}, {"w", numbers{7.0, 8.0, 9.0}}},
                     frame{{"k", numbers{-inf, -0.0, 5.0, inf}}, {"v", numbers{2.0, 1.0, nan, 3.0}}, {"w", numbers{nan, 8.0, 9.0, 7.0}}}});
    cases.push_back({"text keys", "k",
                     frame{{"k", texts{"b", "", "a", "Z", "é"}}, {"v", numbers{1.0, 2.0, 3.0, 4.0, 5.0}}},
                     frame{{"t", texts{"x", "y", "z", "u"}}, {"k", texts{"a", "é", "", "c"}}},
                     frame{{"k", texts{"", "a", "é"}}, {"v", numbers{2.0, 3.0, 5.0}}, {"t", texts{"z", "x", "y"}}},
                     frame{{"k", texts{"b", "", "a", "Z", "é"}}, {"v", numbers{1.0, 2.0, 3.0, 4.0, 5.0}}, {"t", texts{"", "z", "x", "", "y"}}},
                     frame{{"k", texts{"a", "é", "", "c"}}, {"v", numbers{3.0, 5.0, 2.0, nan}}, {"t", texts{"x", "y", "z", "u"}}},
                     frame{{"k", texts{"", "Z", "a", "b", "c", "é"}}, {"v", numbers{2.0, 4.0, 3.0, 1.0, nan, 5.0}}, {"t", texts{"z", "", "x", "", "u", "y"}}}});
    cases.push_back({"empty left", "k",
                     frame{{"k", numbers{}}, {"v", numbers{}}},
                     frame{{"k", numbers{2.0, 1.0}}, {"w", numbers{3.0, 4.0}}},
                     frame{{"k", numbers{}}, {"v", numbers{}}, {"w", numbers{}}},
                     frame{{"k", numbers{}}, {"v", numbers{}}, {"w", numbers{}}},
                     frame{{"k", numbers{2.0, 1.0}}, {"v", numbers{nan, nan}}, {"w", numbers{3.0, 4.0}}},
                     frame{{"k", numbers{1.0, 2.0}}, {"v", numbers{nan, nan}}, {"w", numbers{4.0, 3.0}}}});
    cases.push_back({"empty right", "k",
                     frame{{"k", numbers{2.0, 1.0}}, {"w", numbers{3.0, 4.0}}},
                     frame{{"k", numbers{}}, {"v", numbers{}}},
                     frame{{"k", numbers{}}, {"w", numbers{}}, {"v", numbers{}}},
                     frame{{"k", numbers{2.0, 1.0}}, {"w", numbers{3.0, 4.0}}, {"v", numbers{nan, nan}}},
                     frame{{"k", numbers{}}, {"w", numbers{}}, {"v", numbers{}}},
                     frame{{"k", numbers{1.0, 2.0}}, {"w", numbers{4.0, 3.0}}, {"v", numbers{nan, nan}}}});
    cases.push_back({"many to many", "k",
                     frame{{"k", numbers{9.0, 0.0, 11.0, 1.0, 7.0, 1.0, 7.0, 2.0, 8.0, 0.0, 0.0, 4.0, 2.0, 1.0, 10.0, 5.0, 5.0, 7.0, 4.0, 1.0, 11.0, 8.0, 8.0, 1.0, 3.0}}, {"v", numbers{0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0}}},
                     frame{{"w", numbers{0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0}}, {"k", numbers{10.0, 15.0, 6.0, 6.0, 4.0, 4.0, 11.0, 15.0, 10.0, 13.0, 15.0, 14.0, 13.0, 15.0, 9.0, 11.0, 11.0, 4.0, 12.0, 4.0, 15.0, 12.0, 9.0, 9.0, 11.0, 6.0, 7.0, 15.0, 5.0, 4.0}}},
                     frame{{"k", numbers{9.0, 9.0, 9.0, 11.0, 11.0, 11.0, 11.0, 7.0, 7.0, 4.0, 4.0, 4.0, 4.0, 4.0, 10.0, 10.0, 5.0, 5.0, 7.0, 4.0, 4.0, 4.0, 4.0, 4.0, 11.0, 11.0, 11.0, 11.0}}, {"v", numbers{0.0, 0.0, 0.0, 2.0, 2.0, 2.0, 2.0, 4.0, 6.0, 11.0, 11.0, 11.0, 11.0, 11.0, 14.0, 14.0, 15.0, 16.0, 17.0, 18.0, 18.0, 18.0, 18.0, 18.0, 20.0, 20.0, 20.0, 20.0}}, {"w", numbers{14.0, 22.0, 23.0, 6.0, 15.0, 16.0, 24.0, 26.0, 26.0, 4.0, 5.0, 17.0, 19.0, 29.0, 0.0, 8.0, 28.0, 28.0, 26.0, 4.0, 5.0, 17.0, 19.0, 29.0, 6.0, 15.0, 16.0, 24.0}}},
                     frame{{"k", numbers{9.0, 9.0, 9.0, 0.0, 11.0, 11.0, 11.0, 11.0, 1.0, 7.0, 1.0, 7.0, 2.0, 8.0, 0.0, 0.0, 4.0, 4.0, 4.0, 4.0, 4.0, 2.0, 1.0, 10.0, 10.0, 5.0, 5.0, 7.0, 4.0, 4.0, 4.0, 4.0, 4.0, 1.0, 11.0, 11.0, 11.0, 11.0, 8.0, 8.0, 1.0, 3.0}}, {"v", numbers{0.0, 0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 11.0, 11.0, 11.0, 11.0, 12.0, 13.0, 14.0, 14.0, 15.0, 16.0, 17.0, 18.0, 18.0, 18.0, 18.0, 18.0, 19.0, 20.0, 20.0, 20.0, 20.0, 21.0, 22.0, 23.0, 24.0}}, {"w", numbers{14.0, 22.0, 23.0, nan, 6.0, 15.0, 16.0, 24.0, nan, 26.0, nan, 26.0, nan, nan, nan, nan, 4.0, 5.0, 17.0, 19.0, 29.0, nan, nan, 0.0, 8.0, 28.0, 28.0, 26.0, 4.0, 5.0, 17.0, 19.0, 29.0, nan, 6.0, 15.0, 16.0, 24.0, nan, nan, nan, nan}}},
                     frame{{"k", numbers{10.0, 15.0, 6.0, 6.0, 4.0, 4.0, 4.0, 4.0, 11.0, 11.0, 15.0, 10.0, 13.0, 15.0, 14.0, 13.0, 15.0, 9.0, 11.0, 11.0, 11.0, 11.0, 4.0, 4.0, 12.0, 4.0, 4.0, 15.0, 12.0, 9.0, 9.0, 11.0, 11.0, 6.0, 7.0, 7.0, 7.0, 15.0, 5.0, 5.0, 4.0, 4.0}}, {"v", numbers{14.0, nan, nan, nan, 11.0, 18.0, 11.0, 18.0, 2.0, 20.0, nan, 14.0, nan, nan, nan, nan, nan, 0.0, 2.0, 20.0, 2.0, 20.0, 11.0, 18.0, nan, 11.0, 18.0, nan, nan, 0.0, 0.0, 2.0, 20.0, nan, 4.0, 6.0, 17.0, nan, 15.0, 16.0, 11.0, 18.0}}, {"w", numbers{0.0, 1.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 6.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 15.0, 16.0, 16.0, 17.0, 17.0, 18.0, 19.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 24.0, 25.0, 26.0, 26.0, 26.0, 27.0, 28.0, 28.0, 29.0, 29.0}}},
                     frame{{"k", numbers{0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 5.0, 5.0, 6.0, 6.0, 6.0, 7.0, 7.0, 7.0, 8.0, 8.0, 8.0, 9.0, 9.0, 9.0, 10.0, 10.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 12.0, 12.0, 13.0, 13.0, 14.0, 15.0, 15.0, 15.0, 15.0, 15.0, 15.0}}, {"v", numbers{1.0, 9.0, 10.0, 3.0, 5.0, 13.0, 19.0, 23.0, 7.0, 12.0, 24.0, 11.0, 11.0, 11.0, 11.0, 11.0, 18.0, 18.0, 18.0, 18.0, 18.0, 15.0, 16.0, nan, nan, nan, 4.0, 6.0, 17.0, 8.0, 21.0, 22.0, 0.0, 0.0, 0.0, 14.0, 14.0, 2.0, 2.0, 2.0, 2.0, 20.0, 20.0, 20.0, 20.0, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan}}, {"w", numbers{nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, 4.0, 5.0, 17.0, 19.0, 29.0, 4.0, 5.0, 17.0, 19.0, 29.0, 28.0, 28.0, 2.0, 3.0, 25.0, 26.0, 26.0, 26.0, nan, nan, nan, 14.0, 22.0, 23.0, 0.0, 8.0, 6.0, 15.0, 16.0, 24.0, 6.0, 15.0, 16.0, 24.0, 18.0, 21.0, 9.0, 12.0, 11.0, 1.0, 7.0, 10.0, 13.0, 20.0, 27.0}}}});
    return cases;
}

} // namespace reference
