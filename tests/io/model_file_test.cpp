// SPDX-License-Identifier: BSD-3-Clause
#include <xrnn/io/model_file.hpp>

#include "io/temporary_folder.hpp"
#include "support/errors.hpp"

#include <xrnn/data/scaling.hpp>
#include <xrnn/models/predict.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <span>
#include <string>
#include <vector>

namespace fs = std::filesystem;
namespace st = xrnn::safetensors;

namespace {

/// A model reduced to what save() and load() see: an LSTM-like layer and a dense one.
template <class T>
struct plain_model {
    using value_type = T;
    template <class U>
    struct view {
        std::string name;
        std::vector<std::size_t> shape;
        std::span<U> values;
    };
    std::size_t width = 0;
    std::vector<T> kernel, recurrent, bias = std::vector<T>(8), dense = std::vector<T>(2);

    plain_model() = default;
    explicit plain_model(std::size_t features) { build(features); }

    [[nodiscard]] bool built() const { return width != 0; }
    void build(std::size_t features) {
        width = features;
        kernel.resize(features * 8);
        recurrent.resize(16);
    }
    [[nodiscard]] std::string summary() const { return "lstm(2), dense(1)"; }
    std::vector<view<T>> parameters() {
        return {{"lstm.kernel", {width, 8}, kernel},
                {"lstm.recurrent_kernel", {2, 8}, recurrent},
                {"lstm.bias", {8}, bias},
                {"dense.kernel", {2, 1}, dense}};
    }
    [[nodiscard]] std::vector<view<T const>> parameters() const {
        return {{"lstm.kernel", {width, 8}, kernel},
                {"lstm.recurrent_kernel", {2, 8}, recurrent},
                {"lstm.bias", {8}, bias},
                {"dense.kernel", {2, 1}, dense}};
    }
    [[nodiscard]] std::vector<view<T const>> parameters_for(std::size_t features) const {
        return {{"lstm.kernel", {features, 8}, {}},
                {"lstm.recurrent_kernel", {2, 8}, {}},
                {"lstm.bias", {8}, {}},
                {"dense.kernel", {2, 1}, {}}};
    }
    bool operator==(plain_model const&) const = default;

    void fill(T start) {
        for (auto const& p : parameters()) {
            for (T& value : p.values) {
                value = start;
                start = start * T(0.75) - T(0.3);
            }
        }
    }
};

/// Saves a model, changes the file's content, and returns what load() says of it.
template <class Change>
std::string load_after(Change change) {
    temporary_folder folder;
    fs::path const path = folder.path / "m.safetensors";
    plain_model<float> model(3);
    model.fill(1.F);
    xrnn::save(model, path);
    st::file file = st::read(path);
    change(file);
    st::write(path, file);
    model.fill(5.F);
    plain_model<float> const before = model;
    std::string message = support::message_of<xrnn::error>([&] { xrnn::load(model, path); });
    CHECK(model == before);
    plain_model<float> unbuilt;
    CHECK(support::message_of<xrnn::error>([&] { xrnn::load(unbuilt, path); }) !=
          "(nothing thrown)");
    CHECK(unbuilt == plain_model<float>{});
    std::size_t const place = message.find(path.string());
    return place == std::string::npos ? message : message.replace(place, path.string().size(), "F");
}

st::tensor& named(st::file& file, std::string const& name) {
    return *std::ranges::find(file.tensors, name, &st::tensor::name);
}

} // namespace

TEST_CASE_TEMPLATE("a saved model comes back bit for bit", T, float, double) {
    temporary_folder folder;
    fs::path const path = folder.path / "m.safetensors";
    plain_model<T> model(5);
    model.fill(T(1) / T(3));
    xrnn::save(model, path);

    plain_model<T> same(5);
    xrnn::load(same, path);
    CHECK(same == model);

    plain_model<T> unbuilt;
    xrnn::load(unbuilt, path);
    CHECK(unbuilt.width == 5);
    CHECK(unbuilt == model);

    st::file const file = st::read(path);
    CHECK(file.metadata.at("format") == "xrnn");
    CHECK(file.metadata.at("xrnn_version") == xrnn::io::detail::version_text());
    CHECK(file.metadata.at("summary") == "lstm(2), dense(1)");
    CHECK(file.tensors.size() == 4);
}

TEST_CASE_TEMPLATE("a scaler travels with its model", Scaler, xrnn::data::min_max_scaler,
                   xrnn::data::standard_scaler) {
    temporary_folder folder;
    fs::path const path = folder.path / "m.safetensors";
    xt::xtensor<double, 2> const values{{1.0, -2.0, 7.0}, {3.0, 0.1, 7.0}, {2.5, 9.0, 7.0}};
    Scaler scaler;
    scaler.fit(values);
    plain_model<float> model(3);
    model.fill(0.5F);
    xrnn::save(model, path, scaler);

    plain_model<float> loaded;
    Scaler loaded_scaler;
    xrnn::load(loaded, path, loaded_scaler);
    CHECK(loaded == model);
    xt::xtensor<double, 2> const expected = scaler.transform(values);
    xt::xtensor<double, 2> const got = loaded_scaler.transform(values);
    CHECK(got == expected);

    // Nothing is ignored: the scaler must be asked for...
    std::string const message = support::message_of<xrnn::error>([&] { xrnn::load(loaded, path); });
    CHECK(message.find("pass a scaler to load() to read it") != std::string::npos);
    // ...and must be there when it is; then neither of the two changes.
    xrnn::save(model, path);
    loaded.fill(9.F);
    plain_model<float> const before = loaded;
    CHECK(support::message_of<xrnn::error>([&] {
              xrnn::load(loaded, path, loaded_scaler);
          }).find("no scaler") != std::string::npos);
    CHECK(loaded == before);
    xt::xtensor<double, 2> const still = loaded_scaler.transform(values);
    CHECK(still == expected);
    CHECK_THROWS_AS(xrnn::save(model, path, Scaler{}), xrnn::value_error);
}

TEST_CASE("a damaged scaler leaves the model alone") {
    temporary_folder folder;
    fs::path const path = folder.path / "m.safetensors";
    xt::xtensor<double, 2> const values{{1.0, -2.0}, {3.0, 0.1}};
    xrnn::data::min_max_scaler scaler;
    scaler.fit(values);
    plain_model<float> model(3);
    xrnn::save(model, path, scaler);
    st::file file = st::read(path);
    std::erase_if(file.tensors, [n = 0](st::tensor const& t) mutable {
        return t.name.starts_with("scaler.") && n++ == 0;
    });
    st::write(path, file);
    model.fill(2.F);
    plain_model<float> const before = model;
    xrnn::data::min_max_scaler other;
    CHECK_THROWS_AS(xrnn::load(model, path, other), xrnn::format_error);
    CHECK(model == before);
}

TEST_CASE("a missing tensor") {
    CHECK(load_after([](st::file& f) {
              std::erase_if(f.tensors, [](auto const& t) { return t.name == "lstm.bias"; });
          }) == "load: 'F' does not fit the model:\n"
                "  lstm.bias: missing in the file, the model has F32 (8)");
    CHECK(load_after([](st::file& f) {
              std::erase_if(f.tensors, [](auto const& t) { return t.name == "lstm.kernel"; });
          }).find("lstm.kernel: missing in the file") != std::string::npos);
}

TEST_CASE("a surplus tensor") {
    CHECK(load_after([](st::file& f) {
              f.tensors.push_back({"gru.bias", st::dtype::f16, {}, std::vector<std::byte>(2)});
          }) == "load: 'F' does not fit the model:\n  'gru.bias': surplus in the file, F16 ()");
}

TEST_CASE("a wrong shape, also one of the same size, and a wrong dtype") {
    CHECK(load_after([](st::file& f) {
              named(f, "dense.kernel").shape = {1, 2};
          }) == "load: 'F' does not fit the model:\n"
                "  dense.kernel: the model has F32 (2, 1), the file F32 (1, 2)");
    CHECK(load_after([](st::file& f) {
              named(f, "dense.kernel").shape = {2};
          }).find("the file F32 (2)") != std::string::npos);
    CHECK(load_after([](st::file& f) {
              named(f, "lstm.bias").type = st::dtype::i32;
          }).find("lstm.bias: the model has F32 (8), the file I32 (8)") != std::string::npos);

    temporary_folder folder;
    plain_model<double> wide(3);
    xrnn::save(wide, folder.path / "d");
    plain_model<float> narrow(3);
    CHECK(support::message_of<xrnn::error>([&] {
              xrnn::load(narrow, folder.path / "d");
          }).find("lstm.kernel: the model has F32 (3, 8), the file F64 (3, 8)") !=
          std::string::npos);
}

TEST_CASE("another input width fits only a model that has none yet") {
    temporary_folder folder;
    plain_model<float> model(4);
    xrnn::save(model, folder.path / "m");
    plain_model<float> other(3);
    CHECK(support::message_of<xrnn::error>([&] {
              xrnn::load(other, folder.path / "m");
          }).find("lstm.kernel: the model has F32 (3, 8), the file F32 (4, 8)") !=
          std::string::npos);
    plain_model<float> unbuilt;
    xrnn::load(unbuilt, folder.path / "m");
    CHECK(unbuilt.width == 4);
}

TEST_CASE("weights that are not finite are neither loaded nor saved") {
    for (float const bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()}) {
        CHECK(load_after([bad](st::file& f) {
                  std::vector<float> values = st::values_of<float>(named(f, "lstm.bias"));
                  values[6] = bad;
                  named(f, "lstm.bias") = st::make_tensor("lstm.bias", {8}, std::span(values));
              }) == "load: 'F' does not fit the model:\n"
                    "  lstm.bias: holds a value that is not finite (element 6)");
        temporary_folder folder;
        plain_model<float> model(2);
        model.dense[1] = bad;
        CHECK(support::message_of<xrnn::error>([&] { xrnn::save(model, folder.path / "m"); }) ==
              "save: dense.kernel holds a value that is not finite (element 1)");
        CHECK_FALSE(fs::exists(folder.path / "m"));
    }
}

TEST_CASE("all differences are listed at once") {
    std::string const message = load_after([](st::file& f) {
        f.tensors.push_back({"x", st::dtype::u8, {1}, std::vector<std::byte>(1)});
        named(f, "lstm.bias").shape = {2, 4};
        std::erase_if(f.tensors, [](auto const& t) { return t.name == "dense.kernel"; });
    });
    CHECK(message == "load: 'F' does not fit the model:\n"
                     "  lstm.bias: the model has F32 (8), the file F32 (2, 4)\n"
                     "  dense.kernel: missing in the file, the model has F32 (2, 1)\n"
                     "  'x': surplus in the file, U8 (1)");
}

TEST_CASE("what was never built cannot be saved; what is not there cannot be loaded") {
    temporary_folder folder;
    CHECK(support::message_of<xrnn::error>([&] {
              xrnn::save(plain_model<float>{}, folder.path / "m");
          }).find("not known before fit, build or load") != std::string::npos);
    plain_model<float> model(2);
    CHECK_THROWS_AS(xrnn::load(model, folder.path / "none"), xrnn::io_error);
    CHECK_THROWS_AS(xrnn::save(model, folder.path / "no" / "m"), xrnn::io_error);
}

TEST_CASE_TEMPLATE("a real model predicts the same after a round trip", T, float, double) {
    using namespace xrnn;
    temporary_folder folder;
    fs::path const path = folder.path / "m.safetensors";
    auto make = [] {
        return sequential{input<dynamic, T>{}, stacked<lstm<5>, gru<3>>{.dropout = 0.1},
                          dense<4, relu>{}, dense<1>{}};
    };
    auto model = make();
    model.build(6);
    model.initialize(11);
    save(model, path);

    auto other = make();
    other.initialize(99);
    load(other, path);
    REQUIRE(other.features() == 6);
    CHECK(std::ranges::equal(other.flat(), model.flat()));
    xt::xtensor<T, 3> x = xt::xtensor<T, 3>::from_shape({2, 4, 6});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = static_cast<T>(i % 7) / T(7);
    }
    xt::xtensor<T, 2> const expected = model.predict(x);
    xt::xtensor<T, 2> const got = other.predict(x);
    CHECK(got == expected);

    st::file const file = st::read(path);
    REQUIRE(file.find("lstm.kernel") != nullptr);
    CHECK(file.find("lstm.kernel")->shape == std::vector<std::size_t>{6, 20});
    CHECK(file.find("gru.bias")->shape == std::vector<std::size_t>{2, 9});
    CHECK(file.find("dense_1.kernel")->shape == std::vector<std::size_t>{4, 1});
    CHECK(file.metadata.at("summary") == model.summary());

    // A model with another layer, and one of another width, refuse the file and keep their weights.
    sequential shallow{input<6, T>{}, lstm<5>{}, dense<1>{}};
    sequential wider{input<7, T>{}, stacked<lstm<5>, gru<3>>{}, dense<4, relu>{}, dense<1>{}};
    std::vector<T> const before(wider.flat().begin(), wider.flat().end());
    CHECK(support::message_of<xrnn::error>([&] {
              load(shallow, path);
          }).find("'gru.kernel': surplus in the file") != std::string::npos);
    CHECK(support::message_of<xrnn::error>([&] {
              load(wider, path);
          }).find("lstm.kernel: the model has") != std::string::npos);
    CHECK(std::ranges::equal(wider.flat(), before));
}
