// SPDX-License-Identifier: BSD-3-Clause
//
// A cell bound to its place in a model: the one implementation of every layer that has a cell
// (recurrent layers, and dense, whose cell has no state).
//
// A layer in a model offers:
//   output                       the shape that leaves it
//   parameters(features)         names and shapes
//   load                         lays the weights out for any number of passes
//   forward<pass>, backward      a batch, with a workspace that belongs to the caller
//   final_states                 of the batch
//   pack, step                   one step of one row, with a state that belongs to the caller
//   needs_whole_sequence         if true, there is no such step
//   masks_steps                  if true, `masked` says which steps do not count
#pragma once

#include <xrnn/layers/layer_scan.hpp>
#include <xrnn/layers/parameter_gradients.hpp>
#include <xrnn/layers/step_kernel.hpp>

namespace xrnn::inline XRNN_ABI {

/// What a pass through a model knows besides its data.
struct pass_context {
    bool training = false;
    std::uint64_t seed = 0;  // of the dropout masks
    std::uint64_t step = 0;  // number of the batch in this training
    std::uint64_t layer = 0; // position in the model
    std::size_t threads = 1;
    std::size_t first_row = 0; // of the batch's rows, where several processes share them
    std::size_t all_rows = 0;  // rows of the whole batch; 0: those of this pass
};

namespace detail {

template <class Layer>
concept NeedsWholeSequence = Layer::needs_whole_sequence;
template <class Layer>
concept MasksSteps = Layer::masks_steps;

template <class Cell, class T, shape In, std::size_t Units, bool Sequences, bool UseBias>
struct cell_layer {
    using cell = Cell;
    using value_type = T;
    using plan = detail::plan<Cell>;
    static constexpr std::size_t units = Units;
    static constexpr std::size_t lanes = simd::lanes_for<T>(Units);
    using kernel = cell_kernel<Cell, T, lanes>;
    using adjoint = cell_adjoint<Cell, T, lanes>;
    using gradient_sums = detail::parameter_gradients<Cell, T, lanes>;
    using dropped = recurrent_dropout<Cell, T, lanes>;
    static constexpr std::size_t known_features = In.features == dynamic ? 0 : In.features;
    template <class Policy>
    using policy_kernel = step_kernel<typename packing<Cell, Policy>::cell, T, Units,
                                      typename packing<Cell, Policy>::weights, known_features>;
    using stepper = policy_kernel<full_precision>;

    static constexpr bool stateless = Cell::states::size == 0;
    static constexpr bool scans = ScansOverTime<Cell> && may_scan<Cell>;
    static constexpr shape input = In;
    static constexpr shape output{width_of<typename Cell::output>(Units),
                                  In.sequence && (Sequences || stateless)};

    // ---- parameters ------------------------------------------------------------------------------

    static constexpr bool has_bias = UseBias && plan::has_bias;
    static constexpr std::size_t parameter_count = plan::has_kernel + plan::has_recurrent_kernel +
                                                   has_bias + plan::projections::size +
                                                   plan::unit_weights::size;

    static constexpr std::array<parameter_info, parameter_count> parameters(std::size_t features) {
        std::array<parameter_info, parameter_count> infos{};
        std::size_t n = 0;
        if constexpr (plan::has_kernel)
            infos[n++] = plan::kernel(features, Units);
        if constexpr (plan::has_recurrent_kernel)
            infos[n++] = plan::recurrent_kernel(Units);
        if constexpr (has_bias)
            infos[n++] = plan::bias(Units);
        for_each<typename plan::projections>([&]<class Node>(std::type_identity<Node>) {
            infos[n++] = plan::template projection<Node>(Units);
        });
        for_each<typename plan::unit_weights>([&]<class W>(std::type_identity<W>) {
            infos[n++] = {W::name, {Units, 0}};
        });
        return infos;
    }

    template <class P>
    using pointers = std::array<P*, parameter_count>;

    /// The same by name; refers to `at`.
    template <class P>
    static cell_parameters<P> named(pointers<P> const& at) {
        cell_parameters<P> result;
        std::size_t n = 0;
        if constexpr (plan::has_kernel)
            result.kernel = at[n++];
        if constexpr (plan::has_recurrent_kernel)
            result.recurrent_kernel = at[n++];
        if constexpr (has_bias)
            result.bias = at[n++];
        result.projections = at.data() + n;
        result.unit_weights = result.projections + plan::projections::size;
        return result;
    }

    // ---- a batch ---------------------------------------------------------------------------------

    /// Scratch of one pass. Grows to the largest batch it has seen and is then reused.
    struct workspace {
        simd::aligned_vector<T> weights, back_weights, starts, lines, records, extra, dz, gradient,
            before, dx, parameter_sums, scratch;
        /// Masks of what the recurrent products read, empty for none, and what goes with them; the sums
        /// of a step of such a pass lie in dz.
        simd::aligned_vector<T> drop, drop_weights, masked;
        double recurrent_dropout = 0; // rate
        /// The gradients of all records, (time, batch, record); not kept unless asked for.
        simd::aligned_vector<T> gradients;
        bool keep_gradients = false;
        sequence_view<T> x{};    // as the layer saw it
        std::size_t time = 0;    // steps of the recurrence: 1 where there is no state
        std::size_t batch = 0;   // rows in each
        bool recorded = false;   // records of all steps were kept
        std::size_t parts = 1;   // threads that the rows are divided among
        std::size_t threads = 1; // that all else is divided among
    };

    static constexpr std::size_t record = kernel::record_size(Units);
    static constexpr std::size_t padded = kernel::padded(Units);
    static constexpr std::size_t state_count = Cell::states::size;
    /// Values of a row's states, which lie behind each other.
    static constexpr std::size_t state_size = total_width(typename Cell::states{}, Units);

    /// Lays the weights out. Later changes of the parameters do not reach `forward` before the next
    /// load.
    static void load(pointers<T const> const& at, std::size_t features, workspace& w) {
        w.weights.resize(kernel::packed_size(Units, features));
        kernel::pack(named(at), Units, features, w.weights.data());
    }

    /// Runs a batch with the weights loaded. initial: states before the first step,
    /// (batch, state_size), or null for zero. The result is valid until the workspace is used again.
    template <pass Pass>
    static sequence_view<T> forward(sequence_view<T> const& x, workspace& w,
                                    pass_context const& context, T const* initial = nullptr) {
        prepare<Pass>(x, w);
        w.threads = work_parts(w, context.threads);
        w.parts = parts_of(w);
        if constexpr (Pass == pass::train && dropped::possible)
            prepare_recurrent_dropout(w, context);
        if (initial != nullptr)
            set_states(w, initial);
        if constexpr (scans)
            layer_scan<cell_layer>::template run<Pass>(w);
        else
            in_parallel(w.parts,
                        [&](std::size_t part) { forward_rows<Pass>(w, rows_of(w, part)); });
        return result(w);
    }

    /// From the gradient of the output to those of the parameters (added to `gradients`) and, if
    /// asked for, of the input (returned). Requires forward<pass::train> before.
    static sequence_view<T> backward(pointers<T const> const& at, sequence_view<T> const& dy,
                                     workspace& w, pointers<T> const& gradients, bool want_dx) {
        prepare_backward(at, w, want_dx);
        for (std::size_t end = w.time, first; end > 0; end = first) {
            first = end - std::min(steps_back_at_once(w), end);
            in_parallel(w.parts, [&](std::size_t part) {
                backward_rows(w, dy, rows_of(w, part), first, end);
            });
            if ((end - first) % 2 == 1)
                std::swap(w.gradient, w.before); // gradient: of the states before the first of them
            in_parallel(w.threads, [&](std::size_t part) {
                add_gradients(w, sums_of(w, gradients, part), first * w.batch, end * w.batch);
            });
        }
        in_parallel(w.threads, [&](std::size_t part) { sums_of(w, gradients, part).finish(); });
        if (!want_dx)
            return {};
        return {w.dx.data(), dx_stride(w), w.x.time, w.x.batch, w.x.features};
    }

    /// The states after the last step, (batch, state_size).
    static void final_states(workspace const& w, T* to) {
        copy_states(last_records(w), w.batch, to);
    }

    /// The gradient of the initial states after `backward`, (batch, state_size).
    static void initial_state_gradient(workspace const& w, T* to) {
        copy_states(w.gradient.data(), w.batch, to);
    }

    // ---- one step of one row ---------------------------------------------------------------------

    /// Weights laid out for the step, immutable.
    using packed_weights = simd::aligned_vector<T>;

    template <class Weights = full_precision>
    XRNN_COLD static packed_weights pack(pointers<T const> const& at, std::size_t features) {
        using packer = policy_kernel<Weights>;
        packed_weights weights(packer::packed_size(features));
        packer::pack(named(at), features, weights.data());
        return weights;
    }

    /// The record before and after a step, in turn.
    struct step_state {
        alignas(64) std::array<T, 2 * stepper::record_size> records{};
        std::size_t now = 0;
    };

    /// Features: std::size_t, or std::integral_constant where known at compile time.
    template <class Weights = full_precision, class Features>
    static T const* step(packed_weights const& weights, step_state& s, Features features,
                         T const* x) noexcept {
        T* const prev = s.records.data() + s.now * stepper::record_size;
        s.now = 1 - s.now;
        T* const cur = s.records.data() + s.now * stepper::record_size;
        policy_kernel<Weights>::step(weights.data(), features, x, prev, cur, s.now == 0);
        return cur + plan::output * stepper::padded;
    }

  private:
    template <class>
    friend struct layer_scan;

    // ---- threads: rows are independent of each other -----------------------------------------------

    static slice rows_of(workspace const& w, std::size_t part) {
        return {w.batch, part, w.parts, kernel::row_block};
    }

    /// Threads that are worth their start: each has a good part of a million multiplications.
    static std::size_t work_parts(workspace const& w, std::size_t threads) {
        std::size_t const work =
            w.time * w.batch * plan::sums::size * Units * (w.x.features + Units) / (1u << 19);
        return std::max(std::size_t{1}, std::min(threads, work));
    }
    static std::size_t parts_of(workspace const& w) {
        std::size_t const blocks = (w.batch + kernel::row_block - 1) / kernel::row_block;
        return std::min(w.threads, blocks);
    }

    // ---- a pass ------------------------------------------------------------------------------------

    template <pass Pass>
    static void forward_rows(workspace& w, slice const& rows) {
        std::size_t const block = w.batch * record;
        std::size_t const first = rows.first * record;
        for (std::size_t t = 0; t < w.time; ++t) {
            T const* const prev = w.records.data() + (w.recorded ? t : t % 2) * block + first;
            T* const cur = w.records.data() + (w.recorded ? t + 1 : (t + 1) % 2) * block + first;
            step_rows<Pass>(w, t, rows, prev, cur);
            carry(mask_at(w, t * w.batch + rows.first), prev, cur, rows.size());
        }
    }

    template <pass Pass>
    static void step_rows(workspace& w, std::size_t t, slice const& rows, T const* prev, T* cur) {
        T const* const x = w.x.data + (t * w.batch + rows.first) * w.x.stride;
        if constexpr (Pass == pass::train && dropped::possible)
            if (!w.drop.empty())
                return dropped::step(
                    w.drop_weights.data(), drop_at(w, rows.first), Units, w.x.features, x,
                    w.x.stride, prev, cur, rows.size(), extra_at<Pass>(w, t, rows),
                    w.dz.data() + rows.first * adjoint::dz_size(Units), masked_at(w, rows.first));
        if constexpr (Pass == pass::infer && !stateless)
            if (w.batch == 1)
                return step_of_row(w, t, x, prev, cur);
        kernel::template step<Pass>(w.weights.data(), Units, w.x.features, x, w.x.stride, prev, cur,
                                    rows.size(), extra_at<Pass>(w, t, rows));
    }

    /// A step of the only row; x: of this step.
    static void step_of_row(workspace& w, std::size_t t, T const* x, T const* prev, T* cur) {
        if (!hoists(w))
            return kernel::step_of_row(w.weights.data(), Units, w.x.features, x, prev, cur);
        std::size_t const at = t % steps_at_once;
        std::size_t const count = std::min(steps_at_once, w.time - t + at);
        if (at == 0)
            kernel::starts(w.weights.data(), Units, w.x.features, x, w.x.stride, count,
                           w.starts.data());
        kernel::step_from(w.starts.data(), at, count, w.weights.data(), Units, w.x.features, prev,
                          cur, t % 2 == 1);
    }

    /// Whether W·x is computed for several steps at once, so that its weights are read for all of them:
    /// where there is one row (two are better off side by side, which reads U once for both) and not all
    /// weights stay in the first cache (there W·x fills the time in which a step waits for the one before).
    static bool hoists(workspace const& w) {
        return w.batch == 1 && w.weights.size() * sizeof(T) > simd::first_cache;
    }
    static constexpr std::size_t steps_at_once = 16;

    /// Steps whose dz is kept at a time, so many that a product's sums are seldom read for few rows.
    static std::size_t steps_back_at_once(workspace const& w) {
        constexpr std::size_t rows = 384;
        return std::clamp<std::size_t>(rows / w.batch, 1, std::max<std::size_t>(w.time, 1));
    }

    /// Steps end - 1 ... first. The gradients of the states before each lie in w.gradient and w.before
    /// in turn; dz is that of these steps.
    static void backward_rows(workspace& w, sequence_view<T> const& dy, slice const& rows,
                              std::size_t first, std::size_t end) {
        std::size_t const size = rows.size() * record;
        T* gradient = w.gradient.data() + rows.first * record;
        T* before = w.before.data() + rows.first * record;
        for (std::size_t t = end; t-- > first;) {
            if (output.sequence || stateless || t + 1 == w.time)
                add_output_gradient(w, dy, t, rows, gradient);
            std::size_t const row = t * w.batch + rows.first;
            if (w.keep_gradients)
                std::copy_n(gradient, size, w.gradients.data() + row * record);
            adjoint::step(
                w.back_weights.data(), Units, w.x.features, extra_at<pass::train>(w, t, rows),
                w.records.data() + (row + w.batch) * record, gradient, before,
                w.dz.data() + (row - first * w.batch) * adjoint::dz_size(Units), rows.size(),
                mask_at(w, row), drop_at(w, rows.first), masked_at(w, rows.first));
            std::swap(gradient, before);
            std::fill_n(before, size, T(0));
        }
    }

    static void prepare_backward(pointers<T const> const& at, workspace& w, bool want_dx) {
        std::size_t const features = w.x.features;
        w.back_weights.resize(adjoint::packed_size(Units, features));
        adjoint::pack(named(at), Units, features, w.back_weights.data());
        w.dz.resize(steps_back_at_once(w) * w.batch * adjoint::dz_size(Units));
        w.gradients.resize(w.keep_gradients ? w.time * w.batch * record : 0);
        w.gradient.assign(w.batch * record, T(0));
        w.before.assign(w.batch * record, T(0));
        w.parameter_sums.assign(gradient_sums::sums_size(Units, features), T(0));
        w.scratch.resize(w.threads * gradient_sums::scratch_size(Units));
        w.dx.assign(want_dx ? w.x.rows() * dx_stride(w) : 0, T(0));
    }

    static gradient_sums sums_of(workspace& w, pointers<T> const& gradients, std::size_t part) {
        return {Units, w.x.features, w.parameter_sums.data(), named(gradients), part, w.threads};
    }

    /// From dz of rows first ... last - 1 a part of the parameters' gradients, and of the input's where
    /// there is room for it.
    static void add_gradients(workspace& w, gradient_sums const& sums, std::size_t first,
                              std::size_t last) {
        sums.add(w.x.data + first * w.x.stride, w.x.stride, w.records.data() + first * record,
                 w.dz.data(), last - first, w.batch,
                 w.scratch.data() + sums.part * gradient_sums::scratch_size(Units), drop_at(w, 0),
                 masked_at(w, 0));
        if (w.dx.empty())
            return;
        slice const rows(last - first, sums.part, sums.parts);
        adjoint::input_gradient(w.back_weights.data(), Units, w.x.features,
                                w.dz.data() + rows.first * adjoint::dz_size(Units), rows.size(),
                                w.dx.data() + (first + rows.first) * dx_stride(w), dx_stride(w));
    }
    static std::size_t dx_stride(workspace const& w) {
        return round_up(w.x.features, adjoint::x_lanes);
    }

    /// Partials, or shown vectors, of some rows: those of different threads lie apart.
    template <pass Pass>
    static T* extra_at(workspace& w, std::size_t t, slice const& rows) {
        return w.extra.data() + extra_size<Pass>(t * w.batch + rows.first);
    }

    template <pass Pass>
    static constexpr std::size_t extra_size(std::size_t batch) {
        if constexpr (Pass == pass::train)
            return batch * kernel::tiles(Units) * kernel::partials::total * lanes;
        else if constexpr (Pass == pass::trace)
            return batch * plan::shown::size * padded;
        else
            return 0;
    }

    template <pass Pass>
    static void prepare(sequence_view<T> const& x, workspace& w) {
        w.x = x;
        w.time = stateless ? 1 : x.time;
        w.batch = stateless ? x.rows() : x.batch;
        w.recorded = Pass != pass::infer || output.sequence;
        std::size_t const block = w.batch * record;
        w.records.resize((w.recorded ? w.time + 1 : 2) * block);
        std::fill_n(w.records.begin(), block, T(0));
        w.extra.resize(w.time * extra_size<Pass>(w.batch));
        if (Pass == pass::infer && !stateless && hoists(w))
            w.starts.resize(steps_at_once * kernel::starts_size(Units));
    }

    XRNN_COLD static void prepare_recurrent_dropout(workspace& w, pass_context const& context) {
        w.drop.clear();
        if (!context.training || w.recurrent_dropout == 0)
            return;
        w.drop.resize(w.batch * dropped::drop_size(Units));
        draw_mask(
            {context.seed, recurrent_dropout_streams + (context.step << 16) + context.layer + 1},
            w.recurrent_dropout, context.first_row * dropped::drop_size(Units), w.drop.size(),
            w.drop.data());
        w.drop_weights.resize(dropped::packed_size(Units, w.x.features));
        dropped::pack(w.weights.data(), Units, w.x.features, w.drop_weights.data());
        w.dz.resize(w.batch * adjoint::dz_size(Units));
        w.masked.resize(steps_back_at_once(w) * w.batch * padded);
    }
    /// The masks of some rows, or null.
    static T const* drop_at(workspace const& w, std::size_t row) {
        return w.drop.empty() ? nullptr : w.drop.data() + row * dropped::drop_size(Units);
    }
    /// Room for what they make of a step's rows, or null.
    static T* masked_at(workspace& w, std::size_t row) {
        return w.drop.empty() ? nullptr : w.masked.data() + row * padded;
    }

    static void set_states(workspace& w, T const* from) {
        for (std::size_t b = 0; b < w.batch; ++b)
            for_each<typename plan::states>([&]<class State>(std::type_identity<State>) {
                std::copy_n(from, width_of<State>(Units),
                            w.records.data() + b * record +
                                index_of<typename plan::stored, State> * padded);
                from += width_of<State>(Units);
            });
    }

    static T const* last_records(workspace const& w) {
        return w.records.data() + (w.recorded ? w.time : w.time % 2) * w.batch * record;
    }
    static void copy_states(T const* records, std::size_t batch, T* to) {
        for (std::size_t b = 0; b < batch; ++b)
            for_each<typename plan::states>([&]<class State>(std::type_identity<State>) {
                to = std::copy_n(records + b * record +
                                     index_of<typename plan::stored, State> * padded,
                                 width_of<State>(Units), to);
            });
    }

    static sequence_view<T> result(workspace const& w) {
        T const* const first = w.records.data() + w.batch * record + plan::output * padded;
        if constexpr (output.sequence)
            return {first, record, w.x.time, w.x.batch, output.features, w.x.mask};
        else if constexpr (stateless)
            return {first, record, w.x.time, w.x.batch, output.features};
        else
            return {last_records(w) + plan::output * padded, record, 1, w.batch, output.features};
    }

    /// Rows that a step passes over keep the record of the step before.
    static void carry(std::uint8_t const* mask, T const* prev, T* cur, std::size_t rows) {
        for (std::size_t b = 0; mask != nullptr && b < rows; ++b)
            if (mask[b] == 0)
                std::copy_n(prev + b * record, record, cur + b * record);
    }
    /// The mask of some rows of a step, or null.
    static std::uint8_t const* mask_at(workspace const& w, std::size_t row) {
        return stateless || w.x.mask == nullptr ? nullptr : w.x.mask + row;
    }

    static void add_output_gradient(workspace const& w, sequence_view<T> const& dy, std::size_t t,
                                    slice const& rows, T* gradient) {
        std::size_t const step = output.sequence && !stateless ? t * w.batch : 0;
        simd::add_rows<T>({dy.data + (step + rows.first) * dy.stride, dy.stride}, rows.size(),
                          output.features, {gradient + plan::output * padded, record});
    }
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
