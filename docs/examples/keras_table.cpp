// SPDX-License-Identifier: BSD-3-Clause
//
// Every expression in the xrnn column of docs/keras.md, compiled and run.
#include <xrnn/data/cross_validation.hpp>
#include <xrnn/data/timeseries_dataset.hpp>
#include <xrnn/io/checkpoint.hpp>
#include <xrnn/io/csv_logger.hpp>
#include <xrnn/io/model_file.hpp>
#include <xrnn/io/tensorboard.hpp>
#include <xrnn/xrnn.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>

using namespace xrnn;

namespace {

/// Composes a model of one layer over five features; returns its number of parameters.
template <class... Layers>
std::size_t count(Layers... layers) {
    return sequential{input<5>{}, layers...}.count_params();
}

void layers() {
    std::size_t parameters = 0;
    parameters += count(lstm<16>{});
    parameters += count(lstm<16, return_sequences>{});
    parameters += count(lstm<16, activation<relu>>{});
    parameters += count(lstm<16, recurrent_activation<hard_sigmoid>>{});
    parameters += count(lstm<16, use_bias<false>>{});
    parameters += count(lstm<16>{.unit_forget_bias = false});
    parameters += count(lstm<16>{.kernel_initializer = random_normal{.stddev = 0.1}});
    parameters += count(lstm<16>{.recurrent_initializer = orthogonal{.gain = 1.0}});
    parameters += count(lstm<16>{.bias_initializer = zeros{}});
    parameters += count(gru<16>{});
    parameters += count(gru<16, reset_after<false>>{});
    parameters += count(simple_rnn<16>{});
    parameters += count(stacked<lstm<16>, lstm<8>>{.dropout = 0.2});
    parameters += count(bidirectional<lstm<16>>{});
    parameters += count(bidirectional<gru<8, return_sequences>, merge::sum>{});
    parameters += count(recurrent<lstm_cell<sigmoid, xrnn::tanh>, 16>{});
    parameters += count(dense<1, sigmoid>{});
    parameters += count(dense<3, softmax>{});
    parameters += count(dense<3, linear, use_bias<false>>{});
    parameters += count(lstm<16, return_sequences>{}, dense<1>{});
    parameters += count(dropout{0.2}, dense<1>{});
    parameters += count(lstm<16>{.recurrent_dropout = 0.2});
    parameters += count(masking{.mask_value = 0.0}, lstm<16>{});
    parameters += count(layer_normalization{.epsilon = 1e-3}, dense<1>{});
    parameters += count(lstm<16>{.kernel_initializer = he_normal{}});
    parameters += count(lstm<16>{.kernel_initializer = truncated_normal{.stddev = 0.1}});
    parameters += count(dense<16>{.kernel_initializer = variance_scaling{.scale = 2.0}});
    parameters += count(torch_defaults(lstm<16>{}), torch_defaults(dense<1>{}));
    parameters +=
        count(lstm<16>{.kernel_regularizer = l2{0.01}, .recurrent_regularizer = l1{0.01}});
    parameters += count(dense<1>{.bias_regularizer = l1_l2{.l1 = 0.01, .l2 = 0.01}});
    parameters += count(lstm<16>{.kernel_constraint = max_norm{.max_value = 2}});
    std::cout << parameters << " parameters in all\n";
}

template <class Model, class... Rest>
void may_compile(Model& model, Rest... rest) {
    [[maybe_unused]] auto trainer = compile(model, rest...);
}

} // namespace

int main() {
    layers();

    auto model = sequential{input<5>{}, lstm<16>{}, dense<1, sigmoid>{}};
    auto unknown_width = sequential{input<dynamic>{}, lstm<16>{}, dense<1, sigmoid>{}};
    auto in_double = sequential{input<5, double>{}, lstm<16>{}, dense<1, sigmoid>{}};
    unknown_width.build(5);
    model.initialize(42);

    may_compile(model, mean_squared_error{}, sgd{.learning_rate = 0.01, .momentum = 0.9});
    may_compile(model, mse{}, sgd{.momentum = 0.9, .nesterov = true});
    may_compile(model, mean_absolute_error{}, rmsprop{.rho = 0.9}, mae{});
    may_compile(model, categorical_crossentropy{}, adam{.learning_rate = 1e-3});
    may_compile(model, huber{.delta = 1.0}, adamw{.weight_decay = 0.004},
                root_mean_squared_error{});
    may_compile(model, binary_crossentropy{.from_logits = true, .label_smoothing = 0.1}, nadam{});
    may_compile(model, mse{}, adam{.clipnorm = 1.0});
    may_compile(model, mse{}, adam{.global_clipnorm = 1.0});
    may_compile(model, mse{}, adam{.clipvalue = 0.5, .gradient_accumulation_steps = 4});
    may_compile(model, mse{},
                adam{.learning_rate = exponential_decay{
                         .initial_learning_rate = 0.01, .decay_steps = 1000, .decay_rate = 0.9}});
    may_compile(model, mse{},
                adam{.learning_rate = cosine_decay{.initial_learning_rate = 0.0,
                                                   .decay_steps = 1000,
                                                   .warmup_target = 0.01,
                                                   .warmup_steps = 100}});
    may_compile(model, mse{},
                sgd{.learning_rate = piecewise_constant_decay{.boundaries = {100, 200},
                                                              .values = {0.1, 0.01, 0.001}}});
    may_compile(model, mse{}, sgd{}, precision{}, recall{}, f1_score{}, auc{.num_thresholds = 200},
                r2_score{});
    sequential several{input<5>{}, lstm<16>{}, dense<4>{}};
    may_compile(several, sparse_categorical_crossentropy{.from_logits = true}, adam{},
                sparse_categorical_accuracy{});
    auto trainer = compile(model, binary_crossentropy{}, adam{}, accuracy{});

    xt::xtensor<float, 3> const x({64, 10, 5}, 1.0F);
    xt::xtensor<float, 1> const y({64}, 1.0F);
    xt::xtensor<float, 3> const& x_val = x;
    xt::xtensor<float, 1> const& y_val = y;
    history h = trainer.fit(x, y, {.epochs = 1, .batch_size = 32, .verbose = 0});
    h = trainer.fit(x, y, {.verbose = 0, .validation_split = 0.25});
    h = trainer.fit(x, y, x_val, y_val, {.verbose = 0, .shuffle = false});
    trainer.fit(x, y, {.batch_size = 32, .verbose = 0, .shuffle = false, .stateful = true});
    fit_options const options{.epochs = 2, .verbose = 0, .validation_split = 0.25};
    early_stopping stop{.monitor = "val_loss", .patience = 5, .restore_best_weights = true};
    trainer.fit(x, y, options, stop);
    std::printf("%zu", stop.stopped_epoch);
    trainer.fit(x, y, options,
                model_checkpoint{.filepath = "best.safetensors", .save_best_only = true});
    trainer.fit(x, y, options, backup_and_restore{.path = "backup.safetensors"});
    trainer.fit(x, y, options, reduce_lr_on_plateau{.factor = 0.2, .patience = 5, .min_lr = 1e-5});
    trainer.fit(x, y, options, learning_rate_scheduler{[](std::size_t epoch, double lr) {
                    return epoch < 10 ? lr : lr * 0.9;
                }});
    trainer.fit(x, y, options, csv_logger{.filename = "log.csv"}, tensor_board{.log_dir = "logs"});
    trainer.fit(x, y, options, terminate_on_nan{},
                lambda_callback{.on_epoch_end = [](std::size_t, logs const&) {}});
    std::vector<double> const weights(64, 0.5);
    trainer.fit(x, y, {.verbose = 0, .sample_weight = weights});
    trainer.fit(x, y, {.verbose = 0, .class_weight = {{0, 1.0}, {1, 3.0}}});
    xt::xtensor<float, 2> const series({100, 5}, 1.0F);
    xt::xtensor<float, 1> const targets({100}, 1.0F);
    auto const windows = data::timeseries_dataset_from_array(
        series, targets, {.sequence_length = 10, .batch_size = 32, .shuffle = true});
    trainer.fit(windows, {.verbose = 0});
    for (char const* made : {"best.safetensors", "log.csv", "logs"})
        std::filesystem::remove_all(made);
    std::printf("%zu %zu\n", data::k_fold{.n_splits = 5}.split(64).size(),
                data::time_series_split{.n_splits = 5}.split(64).size());
    std::printf("%d", h["val_loss"].back() > 0 ? 1 : 0);
    std::printf("%d\n", trainer.evaluate(x, y)["accuracy"] >= 0 ? 1 : 0);
    trainer.train_on_batch(x, y);
    trainer.optimizer.learning_rate = 1e-4;

    auto const p = model.predict(x);
    model_states states{model, 64};
    model.predict(x, states);
    std::vector<std::size_t> const lengths(64, 7);
    model.predict(x, lengths);
    trainer.fit(x, y, {.verbose = 0, .lengths = lengths});
    auto const counts = confusion_matrix(y, p);
    std::cout << counts(1, 0) + counts(1, 1) << " rows of class 1\n";

    std::cout << model.summary() << model.count_params() << "\n";
    for (auto const& parameter : model.parameters())
        std::cout << parameter.name << "\n";
    std::span<float> const kernel = model.parameter("lstm.kernel");
    kernel[0] = 0.5F;

    save(model, "model.safetensors");
    load(model, "model.safetensors");
    save(trainer, "model.safetensors");
    load(trainer, "model.safetensors");
    std::filesystem::remove("model.safetensors");
    trace(model, xt::view(x, 0, xt::all(), xt::all()));
    return 0;
}
