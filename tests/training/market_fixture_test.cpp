// SPDX-License-Identifier: BSD-3-Clause
//
// Three epochs of LSTM(4) -> Dense(1, relu) on real market data, from given weights and in a given
// order of batches, against the losses and predictions that an independent program in float64 found.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <xrnn/data/csv.hpp>
#include <xrnn/data/merge.hpp>
#include <xrnn/data/scaling.hpp>
#include <xrnn/data/split.hpp>
#include <xrnn/data/timeseries.hpp>
#include <xrnn/models/predict.hpp>
#include <xrnn/training/trainer.hpp>

namespace fs = std::filesystem;
namespace data = xrnn::data;

namespace {

fs::path const root = XRNN_TSE_DATA;
double const since = 13970928;
std::string const target = "IRX6XTPI0009";

data::frame rows_after(data::frame const& table) {
    return table.where("<DTYYYYMMDD>", [](double day) { return day > since; });
}

/// All files merged on the date, and the target's closes from the last day up to `since` on.
struct market {
    data::frame merged;
    std::vector<double> closes;
};

market read_market() {
    market result;
    for (data::named_frame const& file : data::read_folder(root / "utf16le")) {
        data::frame table = rows_after(file.table).drop_text();
        if (table.empty())
            continue;
        if (file.name == target) {
            std::size_t const before = file.table.rows() - table.rows();
            result.closes =
                file.table.filter([&](std::size_t row) { return row + 1 >= before; })["<CLOSE>"];
        }
        table = table.rename([&](std::string const& name) {
            return name == "<DTYYYYMMDD>" ? name : file.name + ":" + name;
        });
        result.merged = result.merged.columns() == 0
                            ? table
                            : data::merge(result.merged, table, "<DTYYYYMMDD>", data::join::right);
    }
    return result;
}

std::vector<double> labels(std::vector<double> const& closes) {
    std::vector<double> result;
    for (std::size_t k = 1; k < closes.size(); ++k)
        result.push_back(closes[k] - closes[k - 1] < 0 ? 0 : 1);
    return result;
}

/// Nested arrays of numbers, in order.
void flatten(nlohmann::json const& from, std::vector<double>& to) {
    if (from.is_array())
        for (nlohmann::json const& part : from)
            flatten(part, to);
    else
        to.push_back(from.get<double>());
}

template <class Model>
void set(Model& model, std::string_view name, nlohmann::json const& values) {
    std::vector<double> flat;
    flatten(values, flat);
    std::span<double> const to = model.parameter(name);
    REQUIRE(flat.size() == to.size());
    std::copy(flat.begin(), flat.end(), to.begin());
}

template <class Found>
double worst(Found const& found, nlohmann::json const& expected) {
    std::vector<double> flat;
    flatten(expected, flat);
    REQUIRE(found.size() == flat.size());
    double result = 0;
    for (std::size_t k = 0; k < flat.size(); ++k)
        result = std::max(result, std::abs(found.data()[k] - flat[k]));
    return result;
}

} // namespace

TEST_CASE("three epochs on real market data give another program's losses and predictions") {
    fs::path const file = root / "reference" / "fixture_lstm4.json";
    if (!fs::exists(file)) {
        MESSAGE("skipped: no market data in ", root.string());
        return;
    }
    nlohmann::json const fixture = nlohmann::json::parse(std::ifstream(file));
    market const read = read_market();
    xt::xtensor<double, 2> const scaled =
        data::drop_nan_rows(data::min_max_scaler{}.fit_transform(read.merged.values()));
    auto [x, y] = data::windows(scaled, labels(read.closes), 10);
    REQUIRE(x.shape()[0] == 228);
    data::row_indices const train =
        data::train_test_split(228, {.test_size = 0.3, .random_state = 22}).train;
    REQUIRE(train.size() == 159);

    xrnn::sequential model{xrnn::input<145, double>{}, xrnn::lstm<4>{},
                           xrnn::dense<1, xrnn::relu>{}};
    nlohmann::json const& weights = fixture["weights"];
    set(model, "lstm.kernel", weights[0][0]);
    set(model, "lstm.recurrent_kernel", weights[0][1]);
    set(model, "lstm.bias", weights[0][2]);
    set(model, "dense.kernel", weights[1][0]);
    set(model, "dense.bias", weights[1][1]);
    double const before = worst(model.predict(x), fixture["pred_before"]);
    CHECK(before <= 1e-9);

    auto trainer = xrnn::compile(model, xrnn::mean_squared_error{}, xrnn::adam{}, xrnn::accuracy{});
    double losses = 0, accuracies = 0;
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
        std::vector<std::size_t> order = fixture["order"][epoch];
        double loss = 0, accuracy = 0;
        for (std::size_t first = 0; first < order.size(); first += 32) {
            std::size_t const n = std::min<std::size_t>(32, order.size() - first);
            xt::xtensor<double, 3> xb(std::array<std::size_t, 3>{n, 10, 145});
            xt::xtensor<double, 1> yb(std::array<std::size_t, 1>{n});
            for (std::size_t k = 0; k < n; ++k) {
                std::size_t const row = train[order[first + k]];
                std::copy_n(x.data() + row * 1450, 1450, xb.data() + k * 1450);
                yb(k) = y(row);
            }
            xrnn::logs const logs = trainer.train_on_batch(xb, yb);
            loss += static_cast<double>(n) * logs["loss"] / 159;
            accuracy += static_cast<double>(n) * logs["accuracy"] / 159;
        }
        losses = std::max(losses, std::abs(loss - fixture["log"][epoch][0].get<double>()));
        accuracies =
            std::max(accuracies, std::abs(accuracy - fixture["log"][epoch][1].get<double>()));
    }
    CHECK(losses <= 1e-9);
    CHECK(accuracies <= 1e-12);
    double const after = worst(model.predict(x), fixture["pred_after"]);
    CHECK(after <= 1e-9);
    MESSAGE("largest differences: predictions before ", before, ", losses ", losses,
            ", predictions after ", after);
}
