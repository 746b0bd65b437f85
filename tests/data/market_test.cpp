// SPDX-License-Identifier: BSD-3-Clause
//
// The stock-index experiment's data from files to splits, against results of pandas and scikit-learn
// on real market data, where that data is at hand.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include <xrnn/data/csv.hpp>
#include <xrnn/data/merge.hpp>
#include <xrnn/data/scaling.hpp>
#include <xrnn/data/split.hpp>
#include <xrnn/data/timeseries.hpp>

namespace data = xrnn::data;
namespace fs = std::filesystem;

namespace {

fs::path const root = XRNN_TSE_DATA;
std::string const date = "<DTYYYYMMDD>";
double const since = 13970928;
std::string const target = "IRX6XTPI0009";

bool data_is_here() {
    if (fs::exists(root / "reference" / "merged.csv"))
        return true;
    MESSAGE("skipped: no market data in ", root.string());
    return false;
}

data::frame rows_after(data::frame const& table) {
    return table.where(date, [](double day) { return day > since; });
}

data::frame read_market(std::vector<data::named_frame> const& files) {
    data::frame market;
    for (data::named_frame const& file : files) {
        data::frame table = rows_after(file.table).drop_text();
        if (table.empty())
            continue;
        table = table.rename([&](std::string const& name) { // "<OPEN>" to "STEM:OPEN"
            return name == date ? name : file.name + ":" + name.substr(1, name.size() - 2);
        });
        market =
            market.columns() == 0 ? table : data::merge(market, table, date, data::join::right);
    }
    return market;
}

/// 0 where a value lies below the one before, else 1; one label less than values.
std::vector<double> label(std::vector<double> const& values) {
    std::vector<double> labels;
    for (std::size_t i = 1; i < values.size(); ++i)
        labels.push_back(values[i] - values[i - 1] < 0 ? 0 : 1);
    return labels;
}

/// The target's closes from the last day up to `since` on.
std::vector<double> closes(std::vector<data::named_frame> const& files) {
    for (data::named_frame const& file : files)
        if (file.name == target) {
            std::size_t const before = file.table.rows() - rows_after(file.table).rows();
            return file.table.filter([&](std::size_t row) { return row + 1 >= before; })["<CLOSE>"];
        }
    return {};
}

data::frame reference(std::string const& name) {
    return data::read_csv(root / "reference" / name);
}

bool same_bits(xt::xtensor<double, 2> const& a, xt::xtensor<double, 2> const& b) {
    return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin());
}

template <class Array>
double total(Array const& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

std::vector<double> as_vector(xt::xtensor<double, 1> const& values) {
    return {values.begin(), values.end()};
}

/// The windows of one part in permutation order.
data::row_indices windows_of(data::frame const& splits, std::string const& part) {
    data::row_indices rows;
    for (std::size_t row = 0; row < splits.rows(); ++row)
        if (splits.text("set")[row] == part)
            rows.push_back(static_cast<std::size_t>(splits["window"][row]));
    return rows;
}

} // namespace

TEST_CASE("market: merged and scaled as pandas and scikit-learn do, from every encoding") {
    if (!data_is_here())
        return;
    data::frame const merged = reference("merged.csv"), scaled = reference("scaled.csv");
    for (std::string const folder : {"utf16le", "utf8"}) {
        CAPTURE(folder);
        data::frame const market = read_market(data::read_folder(root / folder));
        CHECK(market.rows() == 238);
        CHECK(market.columns() == 145);
        CHECK(market.names() == merged.names());
        CHECK(same_bits(market.values(), merged.values()));
        CHECK(same_bits(data::min_max_scaler{}.fit_transform(market.values()), scaled.values()));
    }
    for (fs::directory_entry const& entry : fs::directory_iterator(root / "utf16le-bom")) {
        data::frame const marked = data::read_csv(entry.path());
        data::frame const plain = data::read_csv(root / "utf8" / entry.path().filename());
        CHECK(marked.rows() == 417);
        CHECK(marked.names() == plain.names());
        CHECK(marked.text("<Name>") == plain.text("<Name>"));
        CHECK(same_bits(marked.drop_text().values(), plain.drop_text().values()));
    }
}

TEST_CASE("market: windows and the four kinds of label") {
    if (!data_is_here())
        return;
    std::vector<data::named_frame> const files = data::read_folder(root / "utf16le");
    data::frame const market = read_market(files);
    xt::xtensor<double, 2> const scaled =
        data::drop_nan_rows(data::min_max_scaler{}.fit_transform(market.values()));
    std::vector<double> const close = closes(files), labels = label(close);
    REQUIRE(labels.size() == 238);
    CHECK(labels == reference("labels.csv")["label"]);

    data::frame const expected = reference("windows.csv");
    auto [x, y] = data::windows(scaled, labels, 10);
    CHECK(x.shape() == std::array<std::size_t, 3>{228, 10, 145});
    CHECK(total(scaled) == doctest::Approx(13527.432237236886).epsilon(1e-14));
    CHECK(total(x) == doctest::Approx(128210.67332790093).epsilon(1e-13));
    CHECK(as_vector(y) == expected["y_single"]);
    auto [x_double, y_double] = data::windows(scaled, label(labels), 10);
    CHECK(as_vector(y_double) == expected["y_double"]);
    data::row_indices const kept = data::complete_rows(market.values());
    auto [x_aligned, y_aligned] = data::windows(scaled, data::take(labels, kept), 10);
    CHECK(as_vector(y_aligned) == expected["y_single_aligned"]);
    auto [x_free, y_free] = data::windows(scaled, labels, 10, {.horizon = 1});
    CHECK(as_vector(y_free) == expected["y_leakfree"]);
    CHECK(x_free == x);
    std::vector<double> const dates = market[date];
    for (std::size_t window = 0; window < 228; ++window) { // the dates are scaled: undo it
        double const first = dates[0] + x(window, 0, 0) * (dates[237] - dates[0]);
        CHECK(std::abs(first - expected["first_date"][window]) < 1e-3);
        CHECK(expected["last_date"][window] == dates[window + 9]);
        CHECK(expected["next_date"][window] == dates[window + 10]);
    }
}

TEST_CASE("market: the splits, index by index") {
    if (!data_is_here())
        return;
    data::frame const splits = reference("splits.csv");
    data::split_indices const first =
        data::train_test_split(228, {.test_size = 0.3, .random_state = 22});
    CHECK(first.train == windows_of(splits, "train"));
    data::split_indices const second =
        data::train_test_split(first.test.size(), {.test_size = 0.33, .random_state = 22});
    CHECK(data::take(first.test, second.train) == windows_of(splits, "test"));
    CHECK(data::take(first.test, second.test) == windows_of(splits, "val"));
    CHECK(first.train.size() == 159);
    CHECK(second.train.size() == 46);
    CHECK(second.test.size() == 23);
}

TEST_CASE("market: with a gap the shapes are the document's") {
    if (!data_is_here())
        return;
    std::vector<data::named_frame> files = data::read_folder(root / "utf16le");
    for (data::named_frame& file : files)
        if (file.name == "IRX6X13T0003")
            file = {"IRX6X57T0000", data::read_csv(root / "nan" / "utf16le" / "IRX6X57T0000.csv")};
    std::sort(files.begin(), files.end(),
              [](auto const& a, auto const& b) { return a.name < b.name; });
    data::frame const market = read_market(files);
    CHECK(market.values().shape() == std::array<std::size_t, 2>{238, 145});
    xt::xtensor<double, 2> const all = data::min_max_scaler{}.fit_transform(market.values());
    xt::xtensor<double, 2> const scaled = data::drop_nan_rows(all);
    CHECK(scaled.shape() == std::array<std::size_t, 2>{237, 145});
    data::row_indices const kept = data::complete_rows(all);
    CHECK(kept.size() == 237);
    CHECK(kept == data::complete_rows(market.values()));

    std::vector<double> const labels = label(closes(files));
    auto [x, y] = data::windows(scaled, labels, 10); // labels not aligned, as in the document
    CHECK(x.shape() == std::array<std::size_t, 3>{227, 10, 145});
    auto [x_train, x_rest, y_train, y_rest] =
        data::train_test_split(x, y, {.test_size = 0.3, .random_state = 22});
    auto [x_test, x_val, y_test, y_val] =
        data::train_test_split(x_rest, y_rest, {.test_size = 0.33, .random_state = 22});
    CHECK(x_train.shape()[0] == 158);
    CHECK(x_test.shape()[0] == 46);
    CHECK(x_val.shape()[0] == 23);
    CHECK(y_train.size() + y_test.size() + y_val.size() == 227);

    // Aligned labels follow the rows: each kept row's label belongs to its own date.
    std::size_t gap = 0;
    while (kept[gap] == gap)
        ++gap;
    auto [x_same, y_aligned] = data::windows(scaled, data::take(labels, kept), 10);
    for (std::size_t window = 0; window < 227; ++window) {
        std::size_t const row = window + 9;
        CHECK(y_aligned(window) == labels[row < gap ? row : row + 1]);
        CHECK(y(window) == labels[row]);
    }
}
