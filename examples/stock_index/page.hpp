// SPDX-License-Identifier: BSD-3-Clause
//
// Gathers what main.cpp finds, for one page of pictures.
#pragma once

#include "report.hpp"
#include "tables.hpp"

#include <xrnn/tensor/tensor.hpp>
#include <xrnn/training/history.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace stock_index {

/// "(227, 10, 145)"
template <class Array>
std::string shape_of(Array const& array) {
    std::string text;
    for (auto const size : array.shape()) {
        text += (text.empty() ? "(" : ", ") + std::to_string(size);
    }
    return text + ")";
}

/// "[201]"
inline std::string list_of(std::vector<std::size_t> const& numbers) {
    std::string text = "[";
    for (auto const number : numbers) {
        text += (text.size() == 1 ? "" : ", ") + std::to_string(number);
    }
    return text + "]";
}

class page_of_models {
  public:
    /// `name` up to its first digit is the panel that the curves go to: "stacked LSTM 16-8-4".
    void add(std::string const& name, xrnn::history const& logged,
             xt::xtensor<std::size_t, 2> const& confusion) {
        auto family = name.substr(0, name.find_first_of("(0123456789"));
        family.erase(family.find_last_not_of(' ') + 1);
        run_result run;
        run.loss_curve = logged["loss"];
        run.acc_curve = logged["accuracy"];
        run.confusion = to_counts(confusion);
        model_result model;
        model.name = name;
        model.family = family;
        model.epochs = run.loss_curve.size();
        model.runs = {run};
        models_.push_back(model);
    }

    /// Throws io_error.
    void write(std::filesystem::path const& file) const { write_page(models_, file); }

  private:
    std::vector<model_result> models_;
};

} // namespace stock_index
