// SPDX-License-Identifier: BSD-3-Clause
//
// Will the index rise tomorrow? The whole experiment, top to bottom: read the daily prices, merge,
// scale, label, cut windows of ten days, split, and try thirteen recurrent networks.
#include "market.hpp"
#include "page.hpp"

#include <xrnn/xrnn.hpp>

#include <iostream>

using namespace xrnn;
using namespace stock_index;

/// Two recurrent layers with dropout after each, and two dense layers.
template <template <std::size_t, class...> class Layer, std::size_t A, std::size_t B, std::size_t C>
auto stack() {
    return sequential{input<dynamic>{}, stacked<Layer<A>, Layer<B>>{.dropout = 0.2}, dropout{0.2},
                      dense<C, relu>{}, dense<1, relu>{}};
}

int main() {
    // Every CSV file of the folder, days after the date, text columns dropped; merged to the right
    // on the date, so the dates of the last file win.
    auto const prices = read_market(XRNN_STOCK_INDEX_DATA, 20061016);
    auto const values = prices.values();
    std::cout << shape_of(values) << "\n"; // rows, columns with the date

    // Scale every column to 0..1 and drop the rows with a missing value.
    auto const all_rows = data::min_max_scaler{}.fit_transform(values);
    auto const scaled = data::drop_nan_rows(all_rows);
    auto const dropped = nan_rows(all_rows);
    std::cout << std::boolalpha << !dropped.empty() << "\n"
              << list_of(dropped) << "\n"
              << shape_of(scaled) << "\n";

    // 1 where the index did not fall, else 0; ten days make a window.
    auto const close = prices.close("INDEX_SP500");
    auto const [x, y] = data::windows<float>(scaled, label(close), 10);
    std::cout << shape_of(x) << "\n"; // windows, days, columns

    // Train, test, validation.
    auto const [x_train, x_rest, y_train, y_rest] =
        data::train_test_split(x, y, {.test_size = 0.3, .random_state = 22});
    auto const [x_test, x_val, y_test, y_val] =
        data::train_test_split(x_rest, y_rest, {.test_size = 0.33, .random_state = 22});

    page_of_models page;
    auto const run = [&, &x_test = x_test, &y_test = y_test, &x_val = x_val,
                      &y_val = y_val](auto name, auto model, auto const& x_fit, auto const& y_fit,
                                      std::size_t epochs) {
        model.initialize(1);
        auto trainer = compile(model, mean_squared_error{}, adam{}, accuracy{});
        auto const logged = trainer.fit(x_fit, y_fit, {.epochs = epochs, .verbose = 0});
        auto const tested = trainer.evaluate(x_test, y_test);
        auto const confusion = confusion_matrix(y_val, model.predict(x_val));
        std::cout << name << ": loss " << logged["loss"].back() << ", accuracy "
                  << logged["accuracy"].back() << "; test loss " << tested["loss"] << ", accuracy "
                  << tested["accuracy"] << "; validation " << confusion_text(to_counts(confusion))
                  << "\n";
        page.add(name, logged, confusion);
    };

    run("LSTM(4) relu", sequential{input<dynamic>{}, lstm<4>{}, dense<1, relu>{}}, x_train, y_train,
        5);
    run("LSTM(10) relu", sequential{input<dynamic>{}, lstm<10>{}, dense<1, relu>{}}, x_train,
        y_train, 5);
    run("LSTM(5) sigmoid", sequential{input<dynamic>{}, lstm<5>{}, dense<1, sigmoid>{}}, x_train,
        y_train, 5);
    run("LSTM(15) sigmoid", sequential{input<dynamic>{}, lstm<15>{}, dense<1, sigmoid>{}}, x_train,
        y_train, 5);
    run("GRU(5) sigmoid", sequential{input<dynamic>{}, gru<5>{}, dense<1, sigmoid>{}}, x, y, 5);
    run("GRU(10) sigmoid", sequential{input<dynamic>{}, gru<10>{}, dense<1, sigmoid>{}}, x, y, 5);
    run("GRU(25) sigmoid", sequential{input<dynamic>{}, gru<25>{}, dense<1, sigmoid>{}}, x, y, 5);
    run("stacked LSTM 16-8-4", stack<lstm, 16, 8, 4>(), x, y, 10);
    run("stacked LSTM 8-4-2", stack<lstm, 8, 4, 2>(), x, y, 10);
    run("stacked LSTM 64-32-8", stack<lstm, 64, 32, 8>(), x, y, 10);
    run("stacked GRU 16-8-4", stack<gru, 16, 8, 4>(), x, y, 10);
    run("stacked GRU 32-8-4", stack<gru, 32, 8, 4>(), x, y, 10);
    run("stacked GRU 128-8-16", stack<gru, 128, 8, 16>(), x, y, 10);

    page.write("stock_index.html");
    std::cout << "The curves and confusion matrices: stock_index.html\n";
}
