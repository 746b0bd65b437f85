// SPDX-License-Identifier: BSD-3-Clause
//
// Threads of a training step, by OpenMP where the program is compiled with it (-fopenmp). Work is
// divided so that no number depends on how many threads there are.
#pragma once

#include <cstddef>

#include <xrnn/config.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

#if defined(_OPENMP)
inline constexpr bool has_threads = true;
#else
inline constexpr bool has_threads = false;
#endif

/// Calls f(0), ..., f(parts - 1), each in a thread of its own. Requires: f does not throw.
template <class F>
void in_parallel(std::size_t parts, F&& f) {
#if defined(_OPENMP)
    if (parts > 1) {
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
        for (std::size_t part = 0; part < parts; ++part)
            f(part);
        return;
    }
#endif
    for (std::size_t part = 0; part < parts; ++part)
        f(part);
}

/// One of `parts` nearly equal parts of 0 ... n - 1, cut at multiples of `grain`.
struct slice {
    std::size_t first, last;
    constexpr slice(std::size_t n, std::size_t part, std::size_t parts, std::size_t grain = 1)
        : first(cut(n, part, parts, grain)), last(cut(n, part + 1, parts, grain)) {}
    constexpr std::size_t size() const { return last - first; }

  private:
    static constexpr std::size_t cut(std::size_t n, std::size_t part, std::size_t parts,
                                     std::size_t grain) {
        std::size_t const at = (n + grain - 1) / grain * part / parts * grain;
        return at < n ? at : n;
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
