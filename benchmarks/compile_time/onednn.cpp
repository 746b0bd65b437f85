// SPDX-License-Identifier: BSD-3-Clause
//
// stream.cpp with oneDNN 2; weights are zero.
#include <cstdio>
#include <cstring>
#include <utility>

#include <oneapi/dnnl/dnnl.hpp>

int main() {
    using namespace dnnl;
    using tag = memory::format_tag;
    engine const cpu(engine::kind::cpu, 0);
    stream s(cpu);
    auto const make = [&](memory::dims const& shape, tag layout) {
        memory m({shape, memory::data_type::f32, layout}, cpu);
        std::memset(m.get_data_handle(), 0, m.get_desc().get_size());
        return m;
    };
    memory x = make({1, 1, 1}, tag::tnc), y = make({1, 1, 20}, tag::tnc);
    memory w = make({1, 1, 1, 4, 20}, tag::ldigo), u = make({1, 1, 20, 4, 20}, tag::ldigo);
    memory b = make({1, 1, 4, 20}, tag::ldgo), head = make({20}, tag::x);
    memory h = make({1, 1, 1, 20}, tag::ldnc), h_next = make({1, 1, 1, 20}, tag::ldnc);
    memory c = make({1, 1, 1, 20}, tag::ldnc), c_next = make({1, 1, 1, 20}, tag::ldnc);
    lstm_forward const lstm(
        {{prop_kind::forward_inference, rnn_direction::unidirectional_left2right, x.get_desc(),
          h.get_desc(), c.get_desc(), w.get_desc(), u.get_desc(), b.get_desc(), y.get_desc(),
          h.get_desc(), c.get_desc()},
         cpu});
    auto* const in = static_cast<float*>(x.get_data_handle());
    auto* const out = static_cast<float*>(y.get_data_handle());
    auto* const weights = static_cast<float*>(head.get_data_handle());
    while (std::scanf("%f", in) == 1) {
        lstm.execute(s, {{DNNL_ARG_SRC_LAYER, x},
                         {DNNL_ARG_SRC_ITER, h},
                         {DNNL_ARG_SRC_ITER_C, c},
                         {DNNL_ARG_WEIGHTS_LAYER, w},
                         {DNNL_ARG_WEIGHTS_ITER, u},
                         {DNNL_ARG_BIAS, b},
                         {DNNL_ARG_DST_LAYER, y},
                         {DNNL_ARG_DST_ITER, h_next},
                         {DNNL_ARG_DST_ITER_C, c_next}});
        s.wait();
        std::swap(h, h_next);
        std::swap(c, c_next);
        float sum = 0;
        for (int k = 0; k < 20; ++k)
            sum += weights[k] * out[k];
        std::printf("%g\n", static_cast<double>(sum));
    }
    return 0;
}
