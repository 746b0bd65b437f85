// SPDX-License-Identifier: BSD-3-Clause
//
// The example's way from files to windows: on a generated market of the document's shape, on the
// bundled prices and, where it is there, on real data against pandas' and scikit-learn's results.
#include "../../examples/stock_index/document.hpp"
#include "../../examples/stock_index/generator.hpp"
#include "../../examples/stock_index/pipeline.hpp"
#include "support/errors.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace stock_index;
namespace fs = std::filesystem;

namespace {

fs::path const source = XRNN_SOURCE_DIR;
fs::path const tse = XRNN_TSE_DATA;

/// A folder that is gone when the test is.
struct scratch {
    fs::path path;
    explicit scratch(std::string const& name)
        : path{fs::temp_directory_path() / ("xrnn_stock_index_" + name)} {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~scratch() { fs::remove_all(path); }
    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;
};

bool has_tse() {
    if (fs::exists(tse / "reference")) {
        return true;
    }
    MESSAGE("skipped: no real market data at " << tse.string());
    return false;
}

std::vector<int> ints(xt::xtensor<float, 1> const& y) {
    std::vector<int> out;
    for (float const value : y) {
        out.push_back(static_cast<int>(value));
    }
    return out;
}

std::vector<int> column(data::frame const& table, std::string const& name) {
    auto const& values = table[name];
    return {values.begin(), values.end()};
}

} // namespace

TEST_CASE("a generated market has the shapes that the document prints") {
    scratch const folder{"generated"};
    auto const made = write_market(folder.path);
    auto const files = std::distance(fs::directory_iterator{folder.path}, {});
    CHECK(files == 18);
    auto const one = data::read_csv(folder.path / "IRX6XTPI0009.csv");
    CHECK(one.columns() == 12);
    CHECK(one.drop_text().columns() == 9);

    auto const read = read_market(folder.path, made.since);
    CHECK(read.values().shape()[0] == 238);
    CHECK(read.values().shape()[1] == 145);
    auto const set = prepare(read, {.target = made.target});
    CHECK(set.nan_rows == data::row_indices{100});
    CHECK(set.scaled.shape()[0] == 237);
    CHECK(set.scaled.shape()[1] == 145);
    CHECK(set.x.shape()[0] == 227);
    CHECK(set.x.shape()[1] == 10);
    CHECK(set.x.shape()[2] == 145);
    CHECK(set.split.train.size() == 158);
    CHECK(set.split.test.size() == 46);
    CHECK(set.split.val.size() == 23);
    for (double const value : set.scaled) {
        REQUIRE((value >= 0 && value <= 1 + 1e-12));
    }
}

TEST_CASE("the generator is a function of its seed, and its gap can be left out") {
    scratch const a{"a"};
    scratch const b{"b"};
    auto const options = generator_options{.seed = 7, .rows = 40, .gap = std::nullopt};
    write_market(a.path, options);
    write_market(b.path, options);
    auto const first = read_market(a.path, 20210523);
    auto const second = read_market(b.path, 20210523);
    CHECK(first.values() == second.values());
    CHECK(prepare(first, {.target = "IRX6XTPI0009"}).nan_rows.empty());
    write_market(b.path, {.seed = 8, .rows = 40, .gap = std::nullopt});
    CHECK_FALSE(first.values() == read_market(b.path, 20210523).values());
}

TEST_CASE("header-only files and files without recent rows are left out") {
    scratch const folder{"empty"};
    write_market(folder.path, {.rows = 40, .empty_files = 2});
    CHECK(read_market(folder.path, 20210523).columns().size() == 145);
    // Only old rows: dropped by the second test for emptiness, after the date filter.
    std::ofstream{folder.path / "AAA.csv"} << "<DTYYYYMMDD>,<CLOSE>\n20200101,1\n20200102,2\n";
    CHECK(read_market(folder.path, 20210523).columns().size() == 145);
    CHECK(read_market(folder.path, 20191231).columns().size() == 146);
}

TEST_CASE("labels: a fall is 0, everything else 1, and the first looks back over `since`") {
    CHECK(label({3, 2, 2, 5}) == data::numbers{0, 1, 1});
    CHECK(label({std::nan(""), 2, 1}) == data::numbers{1, 0});
    CHECK(label(label({3, 2, 2, 5, 4})) == data::numbers{1, 1, 0});
    CHECK(label({}).empty());

    scratch const folder{"labels"};
    std::ofstream{folder.path / "A.csv"}
        << "<DTYYYYMMDD>,<CLOSE>,<Name>\n1,5,a\n2,9,a\n3,8,a\n4,10,a\n";
    auto const closes = read_market(folder.path, 2).close("A");
    CHECK(closes == data::numbers{9, 8, 10});
    CHECK(label(closes) == data::numbers{0, 1});
    CHECK(std::isnan(read_market(folder.path, 0).close("A").front()));
    CHECK(read_market(folder.path, 0).columns() ==
          std::vector<std::string>{"<DTYYYYMMDD>", "A:CLOSE"});
}

TEST_CASE("a dropped row shifts the labels of `single` and of no other variant") {
    scratch const folder{"gap"};
    auto const made = write_market(folder.path);
    auto const read = read_market(folder.path, made.since);
    auto const labels = label(read.close(made.target)); // one for each of the 238 days
    REQUIRE(labels.size() == 238);
    auto const y_of = [&](label_kind kind) {
        return ints(prepare(read, {.target = made.target, .label = kind}).y);
    };
    auto const single = y_of(label_kind::single);
    auto const aligned = y_of(label_kind::single_aligned);
    auto const leakfree = y_of(label_kind::leakfree);
    auto const twice = y_of(label_kind::document);
    auto const labels_twice = label(labels);
    for (std::size_t w = 0; w < 227; ++w) {
        auto const last = w + 9 < 100 ? w + 9 : w + 10; // the window's last day among the 238
        auto const next = w + 10 < 100 ? w + 10 : w + 11;
        REQUIRE(single[w] == static_cast<int>(labels[w + 9]));
        REQUIRE(twice[w] == static_cast<int>(labels_twice[w + 9]));
        REQUIRE(aligned[w] == static_cast<int>(labels[last]));
        REQUIRE(leakfree[w] == static_cast<int>(labels[next]));
    }
    CHECK(single != aligned);
}

TEST_CASE("a scaler fitted on the training rows does not see the others") {
    scratch const folder{"scaler"};
    auto const made = write_market(folder.path);
    auto const read = read_market(folder.path, made.since);
    auto const set = prepare(read, {.target = made.target,
                                    .label = label_kind::leakfree,
                                    .split = split_kind::chronological,
                                    .scaler = scaler_kind::train});
    CHECK(set.split.train.front() == 0);
    CHECK(set.split.train.back() == 157);
    CHECK(set.split.test.front() == 158);
    CHECK(set.split.val.back() == 226);
    // The date rises, so it reaches 1 on the last row of a training window and goes on from there.
    CHECK(set.scaled(157 + 9, 0) == doctest::Approx(1));
    CHECK(set.scaled(157 + 10, 0) > 1);
    for (std::size_t c = 0; c < 145; ++c) {
        double high = 0;
        for (std::size_t row = 0; row <= 157 + 9; ++row) {
            high = std::max(high, set.scaled(row, c));
        }
        REQUIRE(high == doctest::Approx(1));
    }
}

TEST_CASE("what cannot work is said in a sentence") {
    scratch const folder{"errors"};
    auto const made = write_market(folder.path, {.rows = 40});
    auto const read = read_market(folder.path, made.since);
    auto const target =
        support::message_of<xrnn::value_error>([&] { prepare(read, {.target = "NOWHERE"}); });
    CHECK(target.find("NOWHERE") != std::string::npos);
    CHECK(target.find("IRX6XTPI0009") != std::string::npos);
    auto const late =
        support::message_of<xrnn::value_error>([&] { read_market(folder.path, 20990101); });
    CHECK(late.find("no row is later than 20990101") != std::string::npos);
    CHECK(late.find("dates run from 2021") != std::string::npos);
    CHECK(support::message_of<xrnn::io_error>([&] {
              read_market(folder.path / "none", 0);
          }).find("none") != std::string::npos);
    CHECK(support::message_of<xrnn::value_error>([&] {
              prepare(read, {.target = made.target, .timesteps = 60});
          }).find("complete rows") != std::string::npos);
    std::ofstream{folder.path / "NODATE.csv"} << "<CLOSE>\n1\n";
    CHECK(support::message_of<xrnn::value_error>([&] {
              read_market(folder.path, 0);
          }).find("NODATE.csv") != std::string::npos);
}

TEST_CASE("the bundled prices merge to the days that both files have") {
    auto const folder = source / "examples/stock_index/data";
    auto const read = read_market(folder, 0);
    CHECK(read.table().rows() == 1047);
    CHECK(read.columns().size() == 11);
    CHECK(read.dates().front() == 20040819);
    CHECK(read.dates().back() == 20081014);
    auto const recent = read_market(folder, 20061016);
    auto const set = prepare(recent, {.target = "INDEX_SP500"});
    CHECK(set.merged_rows == 502);
    CHECK(set.nan_rows.empty());
    // Both files have the same days here, so pairing by position is pairing by date.
    CHECK(ints(set.y) ==
          ints(prepare(recent, {.target = "INDEX_SP500", .label = label_kind::single_aligned}).y));
    auto const index = data::read_csv(folder / "INDEX_SP500.csv");
    CHECK(index.rows() == 5105);
    CHECK(index.is_text("<Name>"));
}

TEST_CASE("real data: the merged and scaled tables are those of pandas and scikit-learn") {
    if (!has_tse()) {
        return;
    }
    auto const merged = data::read_csv(tse / "reference/merged.csv");
    auto const scaled = data::read_csv(tse / "reference/scaled.csv").values();
    for (std::string const encoding : {"utf16le", "utf8"}) {
        CAPTURE(encoding);
        auto const read = read_market(tse / encoding, 13970928);
        CHECK(read.columns() == merged.names());
        CHECK(read.values() == merged.values());
        auto const set = prepare(read, {.target = "IRX6XTPI0009"});
        REQUIRE(set.scaled.shape() == scaled.shape());
        double worst = 0;
        for (std::size_t i = 0; i < scaled.size(); ++i) {
            worst = std::max(worst, std::abs(scaled.data()[i] - set.scaled.data()[i]));
        }
        CHECK(worst <= 1e-15);
        CHECK(set.scaled_sum == doctest::Approx(13527.432237236886).epsilon(1e-13));
        CHECK(set.windows_sum == doctest::Approx(128210.67332790093).epsilon(1e-13));
        CHECK(set.x.shape()[0] == 228);
    }
}

TEST_CASE("real data: labels of all variants and the three splits, index by index") {
    if (!has_tse()) {
        return;
    }
    auto const read = read_market(tse / "utf16le", 13970928);
    auto const windows = data::read_csv(tse / "reference/windows.csv");
    auto const y_of = [&](label_kind kind) {
        return ints(prepare(read, {.target = "IRX6XTPI0009", .label = kind}).y);
    };
    CHECK(y_of(label_kind::single) == column(windows, "y_single"));
    CHECK(y_of(label_kind::document) == column(windows, "y_double"));
    CHECK(y_of(label_kind::single_aligned) == column(windows, "y_single_aligned"));
    CHECK(y_of(label_kind::leakfree) == column(windows, "y_leakfree"));

    auto const set = prepare(read, {.target = "IRX6XTPI0009"});
    auto const splits = data::read_csv(tse / "reference/splits.csv");
    data::row_indices train, test, val;
    for (std::size_t row = 0; row < splits.rows(); ++row) {
        auto const& name = splits.text("set")[row];
        (name == "train"  ? train
         : name == "test" ? test
                          : val)
            .push_back(static_cast<std::size_t>(splits["window"][row]));
    }
    CHECK(set.split.train == train);
    CHECK(set.split.test == test);
    CHECK(set.split.val == val);
    CHECK(set.split.train.size() == 159);
}

TEST_CASE("real data: one file exchanged gives the document's own shapes") {
    if (!has_tse()) {
        return;
    }
    scratch const folder{"nan"};
    fs::copy(tse / "utf16le", folder.path, fs::copy_options::recursive);
    fs::remove(folder.path / "IRX6X13T0003.csv");
    fs::copy(tse / "nan/utf16le/IRX6X57T0000.csv", folder.path / "IRX6X57T0000.csv");
    auto const set = prepare(read_market(folder.path, 13970928), {.target = "IRX6XTPI0009"});
    CHECK(set.merged_rows == 238);
    CHECK(set.nan_rows.size() == 1);
    CHECK(set.scaled.shape()[0] == 237);
    CHECK(set.scaled.shape()[1] == 145);
    CHECK(set.x.shape()[0] == 227);
    CHECK(set.split.train.size() == 158);
    CHECK(set.split.test.size() == 46);
    CHECK(set.split.val.size() == 23);
}
