// SPDX-License-Identifier: BSD-3-Clause
//
// The forward pass of a layer whose cell scans over time (see scan.hpp): which rows and steps are
// computed when, and by which thread.
#pragma once

#include <algorithm>

#include <xrnn/layers/scan.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

/// Layer: a cell_layer.
template <class Layer>
struct layer_scan {
    using workspace = typename Layer::workspace;
    using kernel = typename Layer::kernel;
    using scanned = scan_kernel<typename Layer::cell, typename Layer::value_type, Layer::lanes>;
    using T = typename Layer::value_type;
    static constexpr std::size_t units = Layer::units, record = Layer::record,
                                 padded = Layer::padded;

    /// Rows that are worked on at a time: few where one thread keeps their starts in its second cache,
    /// many where threads have to meet.
    static constexpr std::size_t rows_alone = 512, rows_together = 16384;

    template <pass Pass>
    static void run(workspace& w) {
        if (w.threads > 2 * w.parts) // it takes twice the memory traffic: two threads gain nothing
            return run_together<Pass>(w);
        std::size_t const steps = std::max<std::size_t>(1, rows_alone / w.batch);
        std::size_t const size = kernel::starts_size(units);
        w.starts.resize(steps * w.batch * size);
        in_parallel(w.parts, [&](std::size_t part) {
            slice const rows = Layer::rows_of(w, part);
            T* const starts = w.starts.data() + steps * rows.first * size;
            for (std::size_t t0 = 0; t0 < w.time; t0 += steps) {
                std::size_t const last = std::min(t0 + steps, w.time);
                if (w.parts == 1) // all rows of the steps lie side by side
                    starts_of(w, t0 * w.batch, (last - t0) * w.batch, starts);
                else
                    for (std::size_t t = t0; t < last; ++t)
                        starts_of(w, t * w.batch + rows.first, rows.size(),
                                  starts + (t - t0) * rows.size() * size);
                for (std::size_t t = t0; t < last; ++t) {
                    T* const prev = record_before(w, t) + rows.first * record;
                    T* const cur = record_before(w, t + 1) + rows.first * record;
                    for (std::size_t b = 0; b < rows.size(); ++b)
                        row_of<Pass>(w, starts + ((t - t0) * rows.size() + b) * size, t, rows, b,
                                     prev + b * record, cur + b * record, nullptr);
                    Layer::carry(Layer::mask_at(w, t * w.batch + rows.first), prev, cur,
                                 rows.size());
                }
            }
        });
    }

  private:
    /// The same on more threads than there are rows for.
    template <pass Pass>
    static void run_together(workspace& w) {
        w.parts = 1;
        std::size_t const steps = std::max<std::size_t>(1, rows_together / w.batch);
        std::size_t const size = kernel::starts_size(units);
        w.starts.resize(steps * w.batch * size);
        w.lines.resize(steps * w.batch * 2 * padded);
        // for each thread a record to write, and zeros
        w.scratch.assign(2 * w.threads * record, T(0));
        for (std::size_t t0 = 0; t0 < w.time; t0 += steps) {
            std::size_t const first = t0 * w.batch;
            std::size_t const rows = std::min(steps, w.time - t0) * w.batch;
            auto const each_row = [&](auto const& f) {
                in_parallel(w.threads, [&](std::size_t part) {
                    T* const spare = w.scratch.data() + 2 * part * record;
                    slice const mine(rows, part, w.threads, kernel::row_block);
                    f(
                        mine,
                        [&](std::size_t r, T const* before, T* line) {
                            std::size_t const t = (first + r) / w.batch;
                            row_of<Pass>(w, w.starts.data() + r * size, t, Layer::rows_of(w, 0),
                                         (first + r) % w.batch, before, spare, line);
                        },
                        spare + record);
                });
            };
            each_row([&](slice const& mine, auto const& row, T const* zero) {
                starts_of(w, first + mine.first, mine.size(), w.starts.data() + mine.first * size);
                for (std::size_t r = mine.first; r < mine.last; ++r)
                    row(r, zero, w.lines.data() + r * 2 * padded);
            });
            for (std::size_t t = t0, r = 0; r < rows; ++t)
                for (std::size_t b = 0; b < w.batch; ++b, ++r) {
                    T const* const before = record_before(w, t) + b * record;
                    T* const cur = record_before(w, t + 1) + b * record;
                    if (w.x.counts(first + r))
                        scanned::advance(w.lines.data() + r * 2 * padded, units, before, cur);
                    else
                        std::copy_n(before, record, cur);
                }
            if constexpr (Pass != pass::infer) // again, from the states there really are
                each_row([&](slice const& mine, auto const& row, T const*) {
                    for (std::size_t r = mine.first; r < mine.last; ++r)
                        row(r,
                            record_before(w, (first + r) / w.batch) +
                                (first + r) % w.batch * record,
                            nullptr);
                });
        }
    }

    static void starts_of(workspace const& w, std::size_t row, std::size_t count, T* to) {
        kernel::starts(w.weights.data(), units, w.x.features, w.x.data + row * w.x.stride,
                       w.x.stride, count, to);
    }
    /// The records before step t.
    static T* record_before(workspace& w, std::size_t t) {
        return w.records.data() + (w.recorded ? t : t % 2) * w.batch * record;
    }
    template <pass Pass>
    static void row_of(workspace& w, T const* starts, std::size_t t, slice const& rows,
                       std::size_t b, T const* before, T* h, T* line) {
        T* const base = Layer::template extra_at<Pass>(w, t, rows);
        T* const extra = kernel::template extra_at<Pass>(base, units, 0, b, rows.size());
        std::size_t const stride = static_cast<std::size_t>(
            kernel::template extra_at<Pass>(base, units, 1, b, rows.size()) - extra);
        scanned::template row<Pass>(starts, units, before, h, line, extra, stride);
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
