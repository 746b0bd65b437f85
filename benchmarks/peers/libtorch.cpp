// SPDX-License-Identifier: BSD-3-Clause
//
// libtorch: torch::nn modules without gradients for step and sequence; module, loss, backward and
// torch::optim::Adam for the training step; its vectorised activations.
#include <memory>
#include <tuple>

#include <torch/torch.h>

#include "support.hpp"

namespace {

torch::Tensor noise(std::vector<std::int64_t> const& shape, float scale = 1) {
    torch::Tensor result = torch::empty(shape);
    float* data = result.data_ptr<float>();
    for (std::int64_t k = 0; k < result.numel(); ++k)
        data[k] = scale * support::noise(static_cast<std::size_t>(k));
    return result;
}

std::int64_t integer(std::size_t n) {
    return static_cast<std::int64_t>(n);
}

template <class Layer>
void run_steps(benchmark::State& state, cases::step const& c) {
    torch::NoGradGuard const no_gradients;
    Layer layer(integer(c.features), integer(c.units));
    torch::nn::Linear head(integer(c.units), 1);
    std::vector<torch::Tensor> x;
    for (std::size_t k = 0; k < cases::step_block; ++k)
        x.push_back(noise({1, 1, integer(c.features)}));
    auto states = std::get<1>(layer->forward(x[0]));
    for (auto _ : state)
        for (torch::Tensor const& sample : x) {
            auto [out, next] = layer->forward(sample, states);
            states = std::move(next);
            torch::Tensor const y = head->forward(out);
            benchmark::DoNotOptimize(y.data_ptr<float>());
        }
    support::set_items(state, cases::step_block);
}

template <class Layer>
void run_sequence(benchmark::State& state, cases::sequence const& c) {
    torch::NoGradGuard const no_gradients;
    Layer layer(integer(c.features), integer(c.units)); // time-major
    torch::Tensor const x = noise({integer(c.time), integer(c.batch), integer(c.features)});
    auto const forward = [&] {
        torch::Tensor const out = std::get<0>(layer->forward(x));
        benchmark::DoNotOptimize(out.data_ptr<float>());
    };
    forward();
    for (auto _ : state)
        forward();
    support::set_items(state, c.batch * c.time);
}

template <class Layer, class Options>
struct network : torch::nn::Module {
    std::vector<Layer> recurrent;
    std::vector<torch::nn::Linear> dense;

    explicit network(cases::training const& c) {
        std::size_t in = c.features;
        for (std::size_t const units : c.recurrent)
            if (units > 0) {
                recurrent.push_back(
                    register_module("recurrent" + std::to_string(recurrent.size()),
                                    Layer(Options(integer(in), integer(units)).batch_first(true))));
                in = units;
            }
        for (std::size_t const units : c.dense)
            if (units > 0) {
                dense.push_back(register_module("dense" + std::to_string(dense.size()),
                                                torch::nn::Linear(integer(in), integer(units))));
                in = units;
            }
    }

    torch::Tensor forward(torch::Tensor x) {
        for (Layer& layer : recurrent)
            x = std::get<0>(layer->forward(x));
        x = x.select(1, x.size(1) - 1);
        for (std::size_t k = 0; k < dense.size(); ++k) {
            x = dense[k]->forward(x);
            if (k + 1 < dense.size())
                x = torch::relu(x);
        }
        return x;
    }
};

template <class Layer, class Options>
void run_training(benchmark::State& state, cases::training const& c) {
    network<Layer, Options> model(c);
    torch::optim::Adam optimizer(model.parameters(), torch::optim::AdamOptions(1e-3));
    torch::Tensor const x = noise({integer(c.batch), integer(c.time), integer(c.features)});
    torch::Tensor const y = torch::full({integer(c.batch), 1}, 0.5F);
    auto const train = [&] {
        optimizer.zero_grad();
        torch::Tensor const loss = torch::mse_loss(model.forward(x), y);
        loss.backward();
        optimizer.step();
        benchmark::DoNotOptimize(loss.item<float>());
    };
    train();
    for (auto _ : state)
        train();
    support::set_items(state, 1);
}

template <class Function>
void add_activation(char const* name, Function function) {
    support::add("libtorch", "activations", name, [function](benchmark::State& state) {
        torch::NoGradGuard const no_gradients;
        torch::Tensor const x = noise({4096}, 6);
        torch::Tensor y = torch::empty({4096});
        for (auto _ : state) {
            function(y, x);
            benchmark::DoNotOptimize(y.data_ptr<float>());
        }
        support::set_items(state, 4096 / 64);
    });
}

template <class Layer>
void add_forward(std::string const& cell) {
    for (cases::step const& c : cases::step_cases)
        support::add("libtorch", "step", cell + cases::name(c),
                     [c](benchmark::State& state) { run_steps<Layer>(state, c); });
    for (std::size_t const batch : cases::sequence_batches)
        for (std::size_t const units : cases::sequence_units) {
            cases::sequence const c{batch, units};
            support::add("libtorch", "sequence", cell + cases::name(c),
                         [c](benchmark::State& state) { run_sequence<Layer>(state, c); });
        }
}

} // namespace

int main(int argc, char** argv) {
    using namespace torch::nn;
    torch::set_num_threads(1);
    torch::manual_seed(1);
    add_forward<LSTM>("lstm/");
    add_forward<GRU>("gru/");
    for (cases::training const& c : cases::training_cases)
        support::add("libtorch", "train_step", c.name, [c](benchmark::State& state) {
            c.gru ? run_training<GRU, GRUOptions>(state, c)
                  : run_training<LSTM, LSTMOptions>(state, c);
        });
    add_activation("sigmoid", [](auto& y, auto const& x) { torch::sigmoid_out(y, x); });
    add_activation("tanh", [](auto& y, auto const& x) { torch::tanh_out(y, x); });
    add_activation("exp", [](auto& y, auto const& x) { torch::exp_out(y, x); });
    return support::run(argc, argv);
}
