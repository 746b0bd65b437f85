// SPDX-License-Identifier: BSD-3-Clause
//
// Saving a model, with its scaler if there is one, and loading it back: one safetensors file whose
// tensors carry the parameters' names and shapes.
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/io/safetensors.hpp>
#include <xrnn/models/summary.hpp>
#include <xrnn/version.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xrnn::io::detail {

/// What save() and load() ask of a model. A parameter has a name, a shape and its values.
template <class Model>
concept model_with_parameters = requires(Model& model, std::size_t features) {
    typename Model::value_type;
    { model.built() } -> std::convertible_to<bool>;
    { model.summary() } -> std::convertible_to<std::string>;
    model.parameters();
    model.parameters_for(features);
    model.build(features);
};

/// What they ask of a scaler: named arrays out, and a scaler back from them.
template <class Scaler>
concept scaler_with_state = requires(Scaler const& scaler) {
    { Scaler::from_state(scaler.state()) } -> std::convertible_to<Scaler>;
};

inline constexpr std::string_view scaler_prefix = "scaler.";
/// What a checkpoint holds beside a model; see checkpoint.hpp.
inline constexpr std::string_view training_prefix = "training.";

/// Index of the first value that is not finite; values.size() when all are.
template <class Values>
std::size_t first_not_finite(Values const& values) {
    auto const found =
        std::ranges::find_if(values, [](auto value) { return !std::isfinite(value); });
    return static_cast<std::size_t>(found - values.begin());
}

inline std::string version_text() {
    return std::to_string(XRNN_VERSION_MAJOR) + "." + std::to_string(XRNN_VERSION_MINOR) + "." +
           std::to_string(XRNN_VERSION_PATCH);
}

/// The model as a file's content, not yet written.
template <class Model>
safetensors::file to_file(Model const& model) {
    if (!model.built()) {
        throw value_error("save: the model has no weights yet: its input width is dynamic and "
                          "not known before fit, build or load");
    }
    safetensors::file file;
    file.metadata = {
        {"format", "xrnn"}, {"xrnn_version", version_text()}, {"summary", model.summary()}};
    for (auto const& parameter : model.parameters()) {
        if (std::size_t const i = first_not_finite(parameter.values); i < parameter.values.size()) {
            throw value_error(messages::text(
                {"save: ", parameter.name, " holds a value that is not finite (element ", i, ")"}));
        }
        file.tensors.push_back(safetensors::make_tensor(
            std::string(parameter.name), parameter.shape,
            std::span<typename Model::value_type const>(parameter.values)));
    }
    return file;
}

template <class Scaler>
void add_scaler(safetensors::file& file, Scaler const& scaler) {
    for (auto const& array : scaler.state()) {
        file.tensors.push_back(safetensors::make_tensor(std::string(scaler_prefix) + array.name,
                                                        array.shape, std::span(array.values)));
    }
}

template <class Scaler>
Scaler scaler_from(safetensors::file const& file) {
    decltype(std::declval<Scaler const&>().state()) arrays;
    for (safetensors::tensor const& t : file.tensors) {
        if (t.name.starts_with(scaler_prefix)) {
            arrays.push_back(
                {t.name.substr(scaler_prefix.size()), t.shape, safetensors::values_of<double>(t)});
        }
    }
    if (arrays.empty()) {
        throw format_error("load: the file holds no scaler (no tensor named 'scaler.…')");
    }
    return Scaler::from_state(arrays);
}

/// The input width that the file was made for: the extent, in the file, of the one parameter whose
/// shape follows the width. 0 when that parameter is missing; the comparison then names it.
template <class Model>
std::size_t width_in(safetensors::file const& file, Model const& model) {
    auto const narrow = model.parameters_for(1);
    auto const wide = model.parameters_for(2);
    for (std::size_t p = 0; p < narrow.size(); ++p) {
        for (std::size_t axis = 0; axis < narrow[p].shape.size(); ++axis) {
            if (narrow[p].shape[axis] != wide[p].shape[axis]) {
                safetensors::tensor const* t = file.find(narrow[p].name);
                return t != nullptr && t->shape.size() > axis ? t->shape[axis] : 0;
            }
        }
    }
    return 0;
}

inline std::string describe(safetensors::dtype type, std::vector<std::size_t> const& shape) {
    return std::string(safetensors::name_of(type)) + " " + safetensors::detail::show_shape(shape);
}

/// How the file's tensor differs from what the model expects; empty when it does not.
template <class T>
std::string difference(safetensors::tensor const& t, std::vector<std::size_t> const& shape) {
    safetensors::dtype const type = safetensors::dtype_of<T>();
    if (t.type != type || t.shape != shape) {
        return messages::text({t.name, ": the model has ", describe(type, shape), ", the file ",
                               describe(t.type, t.shape)});
    }
    std::vector<T> const values = safetensors::values_of<T>(t);
    if (std::size_t const i = first_not_finite(values); i < values.size()) {
        return messages::text({t.name, ": holds a value that is not finite (element ", i, ")"});
    }
    return {};
}

/// Compares the file with the expected parameters; throws one format_error that lists everything.
template <class T, class Parameters>
void check_fit(safetensors::file const& file, Parameters const& parameters, bool with_scaler,
               std::filesystem::path const& path) {
    std::string found;
    auto const add = [&found](std::string const& line) { found += "\n  " + line; };
    for (auto const& parameter : parameters) {
        safetensors::tensor const* t = file.find(parameter.name);
        if (t == nullptr) {
            add(messages::text({parameter.name, ": missing in the file, the model has ",
                                describe(safetensors::dtype_of<T>(), parameter.shape)}));
        } else if (std::string const text = difference<T>(*t, parameter.shape); !text.empty()) {
            add(text);
        }
    }
    bool const checkpoint = file.metadata.contains("checkpoint");
    for (safetensors::tensor const& t : file.tensors) {
        if (checkpoint && t.name.starts_with(training_prefix)) {
            continue;
        }
        bool const scaler = t.name.starts_with(scaler_prefix);
        bool const known = std::ranges::any_of(
            parameters, [&t](auto const& parameter) { return parameter.name == t.name; });
        if (!known && !(scaler && with_scaler)) {
            add(safetensors::detail::show_name(t.name) + ": surplus in the file, " +
                describe(t.type, t.shape) + (scaler ? "; pass a scaler to load() to read it" : ""));
        }
    }
    if (!found.empty()) {
        throw format_error("load: '" + path.string() + "' does not fit the model:" + found);
    }
}

/// Puts the file's values into the model. Everything was checked; only what comes before the first
/// copy can still fail, for want of memory.
template <class Model>
void commit(safetensors::file const& file, Model& model, std::size_t features) {
    if (!model.built()) {
        model.build(features);
    }
    auto const parameters = model.parameters();
    for (auto const& parameter : parameters) {
        safetensors::tensor const& t = *file.find(parameter.name);
        safetensors::detail::copy_little_endian(
            t.data.data(), std::as_writable_bytes(std::span(parameter.values)).data(),
            t.data.size(), safetensors::size_of(t.type));
    }
}

template <class Model>
std::size_t check_model(safetensors::file const& file, Model const& model, bool with_scaler,
                        std::filesystem::path const& path) {
    using value_type = typename Model::value_type;
    if (model.built()) {
        check_fit<value_type>(file, model.parameters(), with_scaler, path);
        return 0;
    }
    std::size_t const features = width_in(file, model);
    check_fit<value_type>(file, model.parameters_for(std::max<std::size_t>(features, 1)),
                          with_scaler, path);
    return features;
}

} // namespace xrnn::io::detail

namespace xrnn {

/// Saves the model's parameters to `path` (safetensors; float32 or float64 as the model has them),
/// whole or not at all. Throws value_error when the model is not built yet or a weight is not
/// finite, io_error when the system refuses.
template <io::detail::model_with_parameters Model>
void save(Model const& model, std::filesystem::path const& path) {
    safetensors::write(path, io::detail::to_file(model));
}

/// The same with the scaler that the model's inputs went through, so that both travel together
/// (float64 tensors named "scaler.…"). Throws also when the scaler is not fitted.
template <io::detail::model_with_parameters Model, io::detail::scaler_with_state Scaler>
void save(Model const& model, std::filesystem::path const& path, Scaler const& scaler) {
    safetensors::file file = io::detail::to_file(model);
    io::detail::add_scaler(file, scaler);
    safetensors::write(path, file);
}

/// Loads what save() wrote. A model whose input width is dynamic and not known yet takes it from the
/// file. Names, shapes and dtypes must be the model's, every weight finite, and nothing may be left
/// over: else one format_error lists all differences, and the model is as it was. Of a checkpoint
/// (checkpoint.hpp) it takes the model.
template <io::detail::model_with_parameters Model>
void load(Model& model, std::filesystem::path const& path) {
    safetensors::file const file = safetensors::read(path);
    std::size_t const features = io::detail::check_model(file, model, false, path);
    io::detail::commit(file, model, features);
}

/// The same with a scaler, which the file must hold. When anything fails, both are as they were.
template <io::detail::model_with_parameters Model, io::detail::scaler_with_state Scaler>
void load(Model& model, std::filesystem::path const& path, Scaler& scaler) {
    safetensors::file const file = safetensors::read(path);
    std::size_t const features = io::detail::check_model(file, model, true, path);
    auto loaded = io::detail::scaler_from<Scaler>(file);
    io::detail::commit(file, model, features);
    scaler = std::move(loaded);
}

} // namespace xrnn
