// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/io/csv_logger.hpp>

#include "io/temporary_folder.hpp"
#include "support/callback_run.hpp"
#include <xrnn/data/csv.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <type_traits>

namespace fs = std::filesystem;
using xrnn::csv_logger;

namespace {

std::string content(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

xrnn::logs values(std::initializer_list<std::pair<char const*, double>> entries) {
    xrnn::logs result;
    for (auto const& [name, value] : entries)
        result.at_or_add(name) = value;
    return result;
}

/// One training of one epoch.
void go(csv_logger callback, xrnn::logs const& logs, std::size_t epoch = 0) {
    callback_run run;
    callback.on_train_begin(run);
    callback.on_epoch_end(run, epoch, logs);
    callback.on_train_end(run);
}

} // namespace

static_assert(std::is_aggregate_v<csv_logger> && std::is_copy_constructible_v<csv_logger>);

TEST_CASE("csv_logger: a header of sorted names, a line an epoch, at its end") {
    temporary_folder folder;
    fs::path const path = folder.path / "log.csv";
    callback_run run;
    csv_logger callback{.filename = path};
    callback.on_train_begin(run);
    CHECK(content(path).empty());
    callback.on_epoch_end(run, 0, values({{"loss", 0.1}, {"accuracy", 1}, {"val_loss", 1.0 / 3}}));
    CHECK(content(path) == "epoch,accuracy,loss,val_loss\n0,1,0.1,0.3333333333333333\n");
    double const nan = std::numeric_limits<double>::quiet_NaN();
    callback.on_epoch_end(run, 1, values({{"val_loss", 1e-30}, {"loss", nan}, {"new", 2}}));
    std::string const text = content(path);
    CHECK(text == "epoch,accuracy,loss,val_loss\n0,1,0.1,0.3333333333333333\n1,NA,nan,1e-30\n");
    callback.on_train_end(run);
    callback.on_epoch_end(run, 2, values({{"loss", 0}}));
    CHECK(content(path) == text);
    xrnn::data::frame const table = xrnn::data::read_csv(path);
    CHECK(table.rows() == 2);
    CHECK(std::get<xrnn::data::numbers>(table.at("val_loss"))[0] == 1.0 / 3);
}

TEST_CASE("csv_logger: a new training begins the file anew, or goes on with it") {
    temporary_folder folder;
    fs::path const path = folder.path / "log.csv";
    go({.filename = path}, values({{"loss", 1}}));
    go({.filename = path}, values({{"loss", 2}}));
    CHECK(content(path) == "epoch,loss\n0,2\n");
    go({.filename = path, .append = true}, values({{"loss", 3}}), 1);
    CHECK(content(path) == "epoch,loss\n0,2\n1,3\n");
    go({.filename = folder.path / "new.csv", .append = true}, values({{"loss", 3}}), 1);
    CHECK(content(folder.path / "new.csv") == "epoch,loss\n1,3\n");
    std::ofstream(path, std::ios::binary) << "epoch,loss\r\n0,2"; // Keras's line ends; a crash
    go({.filename = path, .append = true}, values({{"loss", 3}}), 1);
    CHECK(content(path) == "epoch,loss\r\n0,2\n1,3\n");
    CHECK_THROWS_WITH_AS(go({.filename = path, .append = true}, values({{"mae", 3}})),
                         ("csv_logger: '" + path.string() +
                          "' has the columns \"epoch,loss\", to which \"epoch,mae\" cannot be "
                          "appended")
                             .c_str(),
                         xrnn::format_error);
    CHECK(content(path) == "epoch,loss\r\n0,2\n1,3\n");
    std::ofstream(path, std::ios::binary) << "";
    go({.filename = path, .append = true}, values({{"loss", 3}}));
    CHECK(content(path) == "epoch,loss\n0,3\n");
}

TEST_CASE("csv_logger: another separator, names that need quotes") {
    temporary_folder folder;
    fs::path const path = folder.path / "log.csv";
    go({.filename = path, .separator = ';'}, values({{"a,b", 0.5}, {"c;\"d\"", -1}}));
    CHECK(content(path) == "epoch;a,b;\"c;\"\"d\"\"\"\n0;0.5;-1\n");
}

TEST_CASE("csv_logger: what the system refuses, and who does not write") {
    temporary_folder folder;
    CHECK_THROWS_AS(go({.filename = folder.path}, values({{"loss", 1}})), xrnn::io_error);
    CHECK_THROWS_AS(go({.filename = folder.path / "no" / "log.csv"}, values({{"loss", 1}})),
                    xrnn::io_error);
    if (fs::is_character_file("/dev/full"))
        CHECK_THROWS_WITH_AS(go({.filename = "/dev/full"}, values({{"loss", 1}})),
                             "cannot write '/dev/full': No space left on device", xrnn::io_error);
    else
        MESSAGE("skipped: no /dev/full");
    callback_run second{.is_first = false};
    csv_logger callback{.filename = folder.path / "log.csv"};
    callback.on_train_begin(second);
    callback.on_epoch_end(second, 0, values({{"loss", 1}}));
    CHECK_FALSE(fs::exists(folder.path / "log.csv"));
}
