// SPDX-License-Identifier: BSD-3-Clause
//
// State that outlives a program, as named numbers. What has such state lists it once, in a function
// that serves writing and reading:
//
//     void archive(auto& a) { a("wait", wait), a("best", best), a("best_weights", best_weights); }
#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xrnn/errors.hpp>
#include <xrnn/training/history.hpp>

namespace xrnn {

/// Numbers by name. Whole numbers are exact up to 2^53.
using saved_values = named_values<std::vector<double>>;

template <class X>
concept StateNumber = std::integral<X> || std::floating_point<X> || std::is_enum_v<X>;

/// For messages: the number, or how many there are.
inline std::string number_text(std::vector<double> const& values) {
    if (values.size() != 1)
        return messages::text({values.size(), " numbers"});
    std::string text = std::to_string(values.front());
    return text.substr(0, text.find(".000000"));
}

/// Writes values under "prefix.name".
class state_writer {
  public:
    state_writer(saved_values& to, std::string prefix) : to_(&to), prefix_(std::move(prefix)) {}

    template <StateNumber X>
    void operator()(std::string_view name, X const& value) {
        at(name) = {static_cast<double>(value)};
    }
    void operator()(std::string_view name, std::span<double const> values) {
        at(name).assign(values.begin(), values.end());
    }
    template <StateNumber X>
    void operator()(std::string_view name, std::vector<X> const& values) {
        at(name).assign(values.begin(), values.end());
    }
    void operator()(std::string_view name, named_values<std::vector<double>> const& values) {
        for (auto const& [key, numbers] : values)
            at(messages::text({name, ".", key})) = numbers;
    }

  private:
    std::vector<double>& at(std::string_view name) {
        return to_->at_or_add(messages::text({prefix_, ".", name}));
    }
    saved_values* to_;
    std::string prefix_;
};

/// Reads them back. Throws value_error where a name is missing.
class state_reader {
  public:
    state_reader(saved_values const& from, std::string prefix)
        : from_(&from), prefix_(std::move(prefix)) {}

    template <StateNumber X>
    void operator()(std::string_view name, X& value) const {
        std::vector<double> const& numbers = at(name);
        if (numbers.size() != 1)
            throw value_error(messages::text({"saved state: ", prefix_, ".", name,
                                              " must hold one number, not ", numbers.size()}));
        value = static_cast<X>(numbers.front());
    }
    /// As many numbers as there are places.
    void operator()(std::string_view name, std::span<double> values) const {
        std::vector<double> const& numbers = at(name);
        if (numbers.size() != values.size())
            throw value_error(messages::text({"saved state: ", prefix_, ".", name, " must hold ",
                                              values.size(), " numbers, not ", numbers.size()}));
        std::copy(numbers.begin(), numbers.end(), values.begin());
    }
    template <StateNumber X>
    void operator()(std::string_view name, std::vector<X>& values) const {
        std::vector<double> const& numbers = at(name);
        values.clear();
        for (double const number : numbers)
            values.push_back(static_cast<X>(number));
    }
    void operator()(std::string_view name, named_values<std::vector<double>>& values) const {
        std::string const begin = messages::text({prefix_, ".", name, "."});
        for (auto const& [key, numbers] : *from_)
            if (key.starts_with(begin))
                values.at_or_add(key.substr(begin.size())) = numbers;
    }

  private:
    std::vector<double> const& at(std::string_view name) const {
        std::string const key = messages::text({prefix_, ".", name});
        if (!from_->contains(key))
            throw value_error(
                messages::text({"saved state: there is no \"", key,
                                "\"; it was saved with other callbacks or settings"}));
        return (*from_)[key];
    }
    saved_values const* from_;
    std::string prefix_;
};

} // namespace xrnn
