// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include <xrnn/errors.hpp>
#include <xrnn/models/sequential.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// 12345 -> "12,345", as Keras prints counts.
inline std::string grouped(std::size_t n) {
    std::string text = std::to_string(n);
    for (std::size_t k = text.size(); k > 3; k -= 3)
        text.insert(k - 3, 1, ',');
    return text;
}

inline std::string padded_to(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size() + 1), ' ');
    return text;
}

/// The type as Keras names its classes: "LSTM", "GRU", "SimpleRNN", "Dense", "LayerNormalization".
inline std::string keras_class(std::string_view name) {
    std::string text;
    while (!name.empty()) {
        std::string word(name.substr(0, name.find('_')));
        name.remove_prefix(std::min(word.size() + 1, name.size()));
        bool const initials = word == "lstm" || word == "gru" || word == "rnn" || word == "mgu";
        for (std::size_t k = 0; k < word.size(); ++k)
            if ((k == 0 || initials) && word[k] >= 'a' && word[k] <= 'z')
                word[k] = static_cast<char>(word[k] - 'a' + 'A');
        text += word;
    }
    return text;
}

} // namespace detail

template <class Input, class... Parts>
std::string sequential<Input, Parts...>::summary() const {
    std::string const line(64, '_');
    std::string const double_line(64, '=');
    auto const row = [](std::string const& a, std::string const& b, std::string const& c) {
        return messages::text({detail::padded_to(detail::padded_to(a, 29) + b, 54), c, "\n"});
    };
    std::string text =
        messages::text({"Model: \"sequential\"\n", line, "\n",
                        row("Layer (type)", "Output Shape", "Param #"), double_line, "\n"});
    detail::unroll<size>([&](auto i) {
        constexpr shape out = layer<i>::output;
        std::string const width = out.features == dynamic
                                      ? (built() ? std::to_string(features_) : "None")
                                      : std::to_string(out.features);
        std::size_t count = 0;
        for (auto const& info : layer<i>::parameters(chain::template features_of<i>(features_)))
            count += info.size();
        text += row(
            messages::text({layer_name<i>(), " (",
                            detail::keras_class(std::tuple_element_t<i, specs>::name), ")"}),
            messages::text({out.sequence ? "(None, None, " : "(None, ", width, ")"}),
            built() || layer<i>::input.features != dynamic || count == 0 ? detail::grouped(count)
                                                                         : "unbuilt");
    });
    std::size_t const total = count_params();
    text += messages::text(
        {double_line, "\nTotal params: ", built() ? detail::grouped(total) : "unbuilt"});
    if (built())
        text += messages::text({" (", detail::grouped(total * sizeof(value_type)), " bytes, ",
                                sizeof(value_type) == 4 ? "float32" : "float64", ")"});
    return messages::text({text, "\n", line, "\n"});
}

} // namespace xrnn::inline XRNN_ABI
