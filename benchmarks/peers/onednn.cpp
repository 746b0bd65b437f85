// SPDX-License-Identifier: BSD-3-Clause
//
// oneDNN 2: its RNN primitives for inference, weights in the layout that it asks for. GRU is the form
// with the reset after the product, as in xrnn and Keras ("linear before reset" there); the system
// onednn-before is the other one, which is another function.
#include <cmath>
#include <unordered_map>

#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>

#include "support.hpp"

namespace {

using dnnl::memory;
using tag = memory::format_tag;

/// Memory of floats of the given shape and layout.
memory::desc floats(memory::dims const& shape, tag layout) {
    return {shape, memory::data_type::f32, layout};
}

/// One layer that runs over a time-major sequence from states to states.
class recurrent_layer {
  public:
    enum class kind { lstm, gru, gru_before };

    recurrent_layer(kind k, cases::sequence const& c) : cell_(k) {
        auto const [t, n, in, units] =
            std::array{integer(c.time), integer(c.batch), integer(c.features), integer(c.units)};
        memory::dim const gates = k == kind::lstm ? 4 : 3;
        memory::dim const biases = k == kind::gru ? 4 : gates;
        auto const x = floats({t, n, in}, tag::tnc), y = floats({t, n, units}, tag::tnc);
        auto const state = floats({1, 1, n, units}, tag::ldnc);
        auto const bias = floats({1, 1, biases, units}, tag::ldgo);
        auto const w = floats({1, 1, in, gates, units}, tag::any);
        auto const u = floats({1, 1, units, gates, units}, tag::any);
        x_ = filled(x, 1);
        y_ = memory(y, engine_);
        for (std::size_t k2 = 0; k2 < 2; ++k2) {
            h_[k2] = filled(state, 0);
            c_[k2] = filled(state, 0);
        }
        bias_ = filled(bias, 0.1F);
        auto const mode = dnnl::prop_kind::forward_inference;
        auto const way = dnnl::rnn_direction::unidirectional_left2right;
        if (k == kind::lstm)
            build<dnnl::lstm_forward>({mode, way, x, state, state, w, u, bias, y, state, state});
        else if (k == kind::gru)
            build<dnnl::lbr_gru_forward>({mode, way, x, state, w, u, bias, y, state});
        else
            build<dnnl::gru_forward>({mode, way, x, state, w, u, bias, y, state});
        for (std::size_t from = 0; from < 2; ++from)
            arguments_[from] = arguments(from);
    }

    /// From the states of the call before to new ones; returns the outputs.
    float const* run() {
        layer_.execute(stream_, arguments_[turn_]);
        turn_ = 1 - turn_;
        return static_cast<float const*>(y_.get_data_handle());
    }
    memory const& input() const { return x_; }

  private:
    static memory::dim integer(std::size_t n) { return static_cast<memory::dim>(n); }

    memory filled(memory::desc const& description, float scale) {
        memory result(description, engine_);
        float* data = static_cast<float*>(result.get_data_handle());
        for (std::size_t k = 0; k < description.get_size() / sizeof(float); ++k)
            data[k] = scale * support::noise(k);
        return result;
    }
    template <class Primitive>
    void build(typename Primitive::desc const& description) {
        typename Primitive::primitive_desc const made(description, engine_);
        w_ = packed(made.weights_layer_desc());
        u_ = packed(made.weights_iter_desc());
        layer_ = Primitive(made);
    }
    /// Weights in a layout that oneDNN chose, from plain ones.
    memory packed(memory::desc const& wanted) {
        memory from = filled(floats(wanted.dims(), tag::ldigo), 0.1F), to(wanted, engine_);
        dnnl::reorder(from, to).execute(stream_, from, to);
        stream_.wait();
        return to;
    }
    std::unordered_map<int, memory> arguments(std::size_t from) {
        std::unordered_map<int, memory> result{
            {DNNL_ARG_SRC_LAYER, x_},         {DNNL_ARG_SRC_ITER, h_[from]},
            {DNNL_ARG_WEIGHTS_LAYER, w_},     {DNNL_ARG_WEIGHTS_ITER, u_},
            {DNNL_ARG_BIAS, bias_},           {DNNL_ARG_DST_LAYER, y_},
            {DNNL_ARG_DST_ITER, h_[1 - from]}};
        if (cell_ == kind::lstm) {
            result[DNNL_ARG_SRC_ITER_C] = c_[from];
            result[DNNL_ARG_DST_ITER_C] = c_[1 - from];
        }
        return result;
    }

    kind cell_;
    dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream_{engine_};
    dnnl::primitive layer_;
    memory x_, y_, w_, u_, bias_;
    std::array<memory, 2> h_, c_;
    std::array<std::unordered_map<int, memory>, 2> arguments_;
    std::size_t turn_ = 0;
};

using kind = recurrent_layer::kind;

/// A step is a sequence of one, from the states before; the head is a plain loop.
void run_steps(benchmark::State& state, kind cell, cases::step const& c) {
    recurrent_layer layer(cell, {1, c.units, 1, c.features});
    std::vector<float> const head = support::noise_vector(c.units);
    std::vector<float> const x = support::noise_vector(c.features * cases::step_block);
    float* const input = static_cast<float*>(layer.input().get_data_handle());
    for (auto _ : state)
        for (std::size_t k = 0; k < cases::step_block; ++k) {
            std::copy_n(x.data() + k * c.features, c.features, input);
            float const* const h = layer.run();
            float y = 0;
            for (std::size_t j = 0; j < c.units; ++j)
                y += head[j] * h[j];
            benchmark::DoNotOptimize(y);
        }
    support::set_items(state, cases::step_block);
}

void run_sequence(benchmark::State& state, kind cell, cases::sequence const& c) {
    recurrent_layer layer(cell, c);
    benchmark::DoNotOptimize(layer.run());
    for (auto _ : state)
        benchmark::DoNotOptimize(layer.run());
    support::set_items(state, c.batch * c.time);
}

void add_cases(std::string const& system, kind cell) {
    std::string const prefix = cell == kind::lstm ? "lstm/" : "gru/";
    for (cases::step const& c : cases::step_cases)
        support::add(system, "step", prefix + cases::name(c),
                     [=](benchmark::State& state) { run_steps(state, cell, c); });
    for (std::size_t const batch : cases::sequence_batches)
        for (std::size_t const units : cases::sequence_units) {
            cases::sequence const c{batch, units};
            support::add(system, "sequence", prefix + cases::name(c),
                         [=](benchmark::State& state) { run_sequence(state, cell, c); });
        }
}

} // namespace

int main(int argc, char** argv) {
    omp_set_num_threads(1);
    add_cases("onednn", kind::lstm);
    add_cases("onednn", kind::gru);
    add_cases("onednn-before", kind::gru_before);
    return support::run(argc, argv);
}
