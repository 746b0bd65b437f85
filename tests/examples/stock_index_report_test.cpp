// SPDX-License-Identifier: BSD-3-Clause
//
// The example's report: its files, its JSON, and what happens without gnuplot.
#include "../../examples/stock_index/json.cpp"
#include "../../examples/stock_index/plots.cpp"
#include "../../examples/stock_index/report.cpp"
#include "../../examples/stock_index/tables.cpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace stock_index;
namespace fs = std::filesystem;

namespace {

study_result made_study() {
    study_result study;
    study.data = {"folder",   "A<B", "single",         "random", "all",   20210523,  10,
                  {238, 145}, 237,   {227, 10, 145},   1.5,      2.5,     {0, 1, 1}, {2, 0},
                  {1},        {3},   {.7, .7, .7, .7}, 20210524, 20220501};
    model_result model;
    model.name = "LSTM(4) relu";
    model.family = "LSTM";
    model.epochs = 2;
    model.parameters = 2405;
    model.ns_per_step = {100, 102, 101};
    for (unsigned seed = 1; seed <= 3; ++seed) {
        run_result run;
        run.seed = seed;
        run.log_loss = 0.2 + 0.01 * seed;
        run.confusion = seed == 2 ? matrix_of_counts{{0, 3, 1}, {0, 19, 0}, {0, 0, 0}}
                                  : matrix_of_counts{{0, 4}, {0, 19}};
        run.dead = seed == 3;
        run.loss_curve = {0.3, 0.2};
        run.acc_curve = {0.6, 0.7};
        model.runs.push_back(run);
    }
    study.models = {model};
    study.claims = {{"A claim.", "measure", "found", "holds"}};
    study.claim_rule = "The rule.";
    study.worth = {"A sentence."};
    study.explained_date = "20211231";
    study.explained = {{"LSTM(4) relu",
                        "f_t = σ(…)\n",
                        0,
                        {{"f", "forget gate", true, 2, {0, 1, .5, .25}},
                         {"c", "cell state", false, 2, {0, -1, .5, 0}}}}};
    return study;
}

std::string content(fs::path const& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::size_t count(std::string const& text, std::string const& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

struct scratch {
    fs::path path = fs::temp_directory_path() / "xrnn_stock_index_it's a report";
    scratch() { fs::remove_all(path); }
    ~scratch() { fs::remove_all(path); }
    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;
};

} // namespace

TEST_CASE("numbers and HTML are written the same in every locale and for every text") {
    CHECK(fixed(0.5, 3) == "0.500");
    CHECK(fixed(-1234567.125, 1) == "-1234567.1");
    CHECK(fixed(1e300, 0).size() == 301);
    CHECK(escape_html("a<b & \"c\">") == "a&lt;b &amp; &quot;c&quot;&gt;");
    CHECK(confusion_text({{0, 4}, {0, 19}}) == "[[0, 4], [0, 19]]");
}

TEST_CASE("a table as text is aligned, with multi-byte characters too") {
    auto const text = to_text(table{"T", {"a", "b", "c"}, {{"σσ", "1", "2"}, {"x", "10", "3"}}});
    CHECK(text == "T\n  a    b  c\n  σσ   1  2\n  x   10  3\n");
}

TEST_CASE("JSON carries the fields that others read") {
    auto const read = nlohmann::json::parse(to_json(made_study()));
    CHECK(read["merged_shape"] == nlohmann::json({238, 145}));
    CHECK(read["kept_rows"] == 237);
    CHECK(read["windows_shape"] == nlohmann::json({227, 10, 145}));
    CHECK(read["scaled_sum"] == 1.5);
    CHECK(read["windows_sum"] == 2.5);
    CHECK(read["labels"] == nlohmann::json({0, 1, 1}));
    CHECK(read["split"]["train"] == nlohmann::json({2, 0}));
    CHECK(read["split"]["test"] == nlohmann::json({1}));
    CHECK(read["split"]["val"] == nlohmann::json({3}));
    auto const& run = read["models"][0]["runs"][2];
    CHECK(read["models"][0]["name"] == "LSTM(4) relu");
    for (auto const* field : {"seed", "log_loss", "log_acc", "train_loss", "train_acc", "test_loss",
                              "test_acc", "confusion", "dead"}) {
        CHECK_MESSAGE(run.contains(field), field);
    }
    CHECK(run["dead"] == true);
    CHECK(run["confusion"] == nlohmann::json({{0, 4}, {0, 19}}));
    CHECK(read["models"][0]["document"]["acc"] == .7342);
}

TEST_CASE("a report is one self-contained page with its plots beside it") {
    scratch const folder;
    write_report(made_study(), folder.path);
    auto const page = content(folder.path / "report.html");
    CHECK(page.find("A&lt;B") != std::string::npos); // a file's name cannot become markup
    CHECK(page.find("A<B") == std::string::npos);
    CHECK(page.find("<tr class=\"holds\">") != std::string::npos);
    CHECK(page.find("src=") == std::string::npos);
    CHECK(page.find("<link") == std::string::npos);
    CHECK(count(content(folder.path / "history.csv"), "\n") == 1 + 3 * 2);
    CHECK(nlohmann::json::accept(content(folder.path / "report.json")));
    if (!has_gnuplot()) {
        MESSAGE("skipped: no gnuplot");
        return;
    }
    CHECK(count(page, "<svg") == 4);
    CHECK(count(page, "class=\"missing\"") == 0);
    for (auto const* name : {"epoch_acc", "epoch_loss", "confusion", "inside_lstm"}) {
        CHECK(content(folder.path / (std::string{name} + ".svg")).find("</svg>") !=
              std::string::npos);
    }
    CHECK(page.find(">epoch_acc<") != std::string::npos);
}

TEST_CASE("without gnuplot the page keeps its tables and says what is missing") {
    scratch const folder;
    auto const* const path = std::getenv("PATH");
    std::string const before = path == nullptr ? "" : path;
    setenv("PATH", "/nowhere", 1);
    CHECK_FALSE(has_gnuplot());
    CHECK_FALSE(draw("plot x\n", folder.path / "x.svg"));
    write_report(made_study(), folder.path);
    setenv("PATH", before.c_str(), 1);
    auto const page = content(folder.path / "report.html");
    CHECK(count(page, "<svg") == 0);
    CHECK(count(page, "class=\"missing\"") == 4);
    CHECK(page.find("apt-get install gnuplot-nox") != std::string::npos);
    CHECK(page.find("The rule.") != std::string::npos);
    CHECK(page.find("2405") != std::string::npos);
}

TEST_CASE("a script that gnuplot refuses leaves no file, and this program alive") {
    scratch const folder;
    fs::create_directories(folder.path);
    std::string wrong = "no such command\n";
    for (int i = 0; i < 200000; ++i) { // more than a pipe holds: gnuplot is gone before the end
        wrong += "set title 'x'\n";
    }
    CHECK_FALSE(draw(wrong, folder.path / "x.svg"));
    CHECK_FALSE(fs::exists(folder.path / "x.svg"));
}

TEST_CASE("a folder that cannot be made is an io_error that names it") {
    scratch const folder;
    fs::create_directories(folder.path);
    write_text(folder.path / "file", "x");
    try {
        write_report(made_study(), folder.path / "file" / "report");
        FAIL("nothing thrown");
    } catch (xrnn::io_error const& error) {
        CHECK(std::string{error.what()}.find("file") != std::string::npos);
    }
    CHECK_THROWS_AS(write_text(folder.path / "none" / "x", "x"), xrnn::io_error);
}
