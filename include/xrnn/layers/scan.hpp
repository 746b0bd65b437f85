// SPDX-License-Identifier: BSD-3-Clause
//
// Cells whose gates do not see the state, and whose equations are linear in it,
//
//     h_t = a_t∘h_{t-1} + b_t
//
// need no step after the other. W·x is computed for many steps at once; and on more than twice as many
// threads as there are rows for, a and b are computed for all steps side by side, and what is left for
// one after the other is that line. A cell asks for it with
//
//     static constexpr bool scans_over_time = true;
//
// Source: Martin and Cundy 2018, arXiv:1709.04057; Feng et al. 2024, arXiv:2410.01201.
#pragma once

#include <xrnn/layers/kernel.hpp>
#include <xrnn/simd/linear.hpp>
#include <xrnn/threads.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class Cell>
concept ScansOverTime = requires {
    requires Cell::scans_over_time;
};

/// One affine node, which sees x_t alone, one lanes node, and one state, the output.
template <class Cell>
inline constexpr bool may_scan = [] {
    using phases = typename plan<Cell>::phases;
    using phase = typename first_of<phases>::type;
    return phases::size == 1 && phase::lane_nodes::size == 1 && phase::row_nodes::size == 0 &&
           Cell::states::size == 1 && plan<Cell>::stored::size == 1 &&
           std::is_same_v<typename phase::sources, list<x_t>>;
}();

template <class Cell, class T, std::size_t W>
struct scan_kernel {
    using kernel = cell_kernel<Cell, T, W>;
    using plan = detail::plan<Cell>;
    using vec = typename kernel::vec;
    using phases = typename plan::phases;
    using phase = typename first_of<phases>::type;
    using node = typename first_of<typename phase::lane_nodes>::type;
    using state = typename first_of<typename Cell::states>::type;
    static constexpr std::size_t sums = phase::sums::size;

    /// One row of a step from its starts: h, and what the equations leave behind besides, the partials
    /// of a training pass or the shown vectors of a trace. line: a and b, (2, P), or null. extra: tile
    /// by tile. One function for all ways to go through time: its roundings are the same in each.
    template <pass Pass>
    XRNN_FLATTEN XRNN_NOINLINE static void row(T const* starts, std::size_t units, T const* before,
                                               T* h, T* line, T* extra, std::size_t extra_stride) {
        std::size_t const padded = kernel::padded(units);
        for (std::size_t tile = 0; tile < kernel::tiles(units); ++tile) {
            vec sum[sums];
            for (std::size_t s = 0; s < sums; ++s)
                sum[s] = simd::load<vec>(starts + (tile * sums + s) * W);
            vec const h_before = simd::load<vec>(before + tile * W);
            auto const in = [&]<class Name, class State>(std::type_identity<Name>,
                                                         State const& state_before) {
                if constexpr (contains<typename phase::sums, Name>)
                    return sum[index_of<typename phase::sums, Name>];
                else
                    return state_before;
            };
            auto const linear = [&]<class... Ins>(list<Ins...>) {
                return std::get<index_of<typename node::outs, state>>(node::next(
                    in(std::type_identity<Ins>{}, simd::linear<vec>{vec(T(1)), vec(T(0))})...));
            }(typename node::ins{});
            if constexpr (Pass != pass::infer)
                kernel::template keep<Pass, node>(
                    units, tile, kernel::template results<Pass, node>([&](auto name) -> vec {
                        return in(name, h_before);
                    }),
                    h, extra + tile * extra_stride);
            simd::store<vec>(h + tile * W, simd::fma(linear.a, h_before, linear.b));
            if (line != nullptr) {
                simd::store<vec>(line + tile * W, linear.a);
                simd::store<vec>(line + padded + tile * W, linear.b);
            }
        }
    }

    /// h = a∘before + b.
    static void advance(T const* line, std::size_t units, T const* before, T* h) {
        std::size_t const padded = kernel::padded(units);
        for (std::size_t k = 0; k < padded; k += W)
            simd::store<vec>(h + k,
                             simd::fma(simd::load<vec>(line + k), simd::load<vec>(before + k),
                                       simd::load<vec>(line + padded + k)));
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
