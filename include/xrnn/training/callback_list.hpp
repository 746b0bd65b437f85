// SPDX-License-Identifier: BSD-3-Clause
//
// What fit calls while it runs. A callback is a value of any type with the hooks it needs:
//
//     struct my_callback {
//         void on_epoch_end(auto& run, std::size_t epoch, logs& values) {
//             if (values["loss"] < 0.1)
//                 run.stop_training = true;
//         }
//     };
//
// Hooks, all with `auto& run` first (see training_run):
//
//     on_train_begin(run), on_train_end(run)
//     on_epoch_begin(run, epoch), on_epoch_end(run, epoch, logs& values)       epochs from 0
//     on_train_batch_begin(run, batch), on_train_batch_end(run, batch)         batches from 0
//     on_train_batch_end(run, batch, logs const& values)                       means of the epoch so far
//     on_epoch_complete(run, epoch, logs const& values), on_train_batch_complete(run, batch)
//         when all hooks of this epoch or batch are through: a checkpoint of now misses nothing
//     on_train_error(run, std::exception const& e)      an error ends the training; fit throws it again
//     on_non_finite(run, event)                                                before fit acts
//
// What a hook adds to the values of an epoch, the callbacks behind it and the history see too. A
// callback whose state must outlive the program lists it in `archive` (see saved_state.hpp). One that
// saves the run, or goes on with one that was saved, says `static constexpr bool checkpoints = true`:
// fits without any need not be compiled for that.
#pragma once

#include <exception>
#include <tuple>

#include <xrnn/errors.hpp>
#include <xrnn/layout.hpp>
#include <xrnn/training/saved_state.hpp>

namespace xrnn::inline XRNN_ABI {
namespace detail {

template <class C, class Run>
concept HasTrainBegin = requires(C& c, Run& run) {
    c.on_train_begin(run);
};
template <class C, class Run>
concept HasTrainEnd = requires(C& c, Run& run) {
    c.on_train_end(run);
};
template <class C, class Run>
concept HasEpochBegin = requires(C& c, Run& run, std::size_t epoch) {
    c.on_epoch_begin(run, epoch);
};
template <class C, class Run>
concept HasEpochEnd = requires(C& c, Run& run, std::size_t epoch, logs& values) {
    c.on_epoch_end(run, epoch, values);
};
template <class C, class Run>
concept HasBatchBegin = requires(C& c, Run& run, std::size_t batch) {
    c.on_train_batch_begin(run, batch);
};
template <class C, class Run>
concept HasBatchEnd = requires(C& c, Run& run, std::size_t batch) {
    c.on_train_batch_end(run, batch);
};
template <class C, class Run>
concept HasBatchEndWithLogs = requires(C& c, Run& run, std::size_t batch, logs const& values) {
    c.on_train_batch_end(run, batch, values);
};
template <class C, class Run>
concept HasEpochComplete = requires(C& c, Run& run, std::size_t epoch, logs const& values) {
    c.on_epoch_complete(run, epoch, values);
};
template <class C, class Run>
concept HasBatchComplete = requires(C& c, Run& run, std::size_t batch) {
    c.on_train_batch_complete(run, batch);
};
template <class C, class Run>
concept HasTrainError = requires(C& c, Run& run, std::exception const& e) {
    c.on_train_error(run, e);
};
template <class C, class Run>
concept HasNonFinite = requires(C& c, Run& run, training_event const& event) {
    c.on_non_finite(run, event);
};
template <class C>
concept Checkpoints = C::checkpoints;
template <class C>
concept HasArchive = requires(C& c, state_writer& writer) {
    c.archive(writer);
};
/// Takes part of each batch, and adds up what all have computed; see mpi.hpp.
template <class C>
concept Distributes = requires(C& c, std::span<double> values) {
    { c.rank() } -> std::convertible_to<std::size_t>;
    { c.size() } -> std::convertible_to<std::size_t>;
    c.sum(values);
};
template <class C, class Run>
concept Callback = HasTrainBegin<C, Run> || HasTrainEnd<C, Run> || HasEpochBegin<C, Run> ||
    HasEpochEnd<C, Run> || HasBatchBegin<C, Run> || HasBatchEnd<C, Run> ||
    HasBatchEndWithLogs<C, Run> || HasEpochComplete<C, Run> || HasBatchComplete<C, Run> ||
    HasNonFinite<C, Run> || HasTrainError<C, Run> || Distributes<C>;

/// A callback may keep its hooks in an object of its own.
template <class C>
concept HasHooks = requires(C& c) {
    c.hooks();
};
template <class C>
struct hooks_of {
    using type = C;
};
template <HasHooks C>
struct hooks_of<C> {
    using type = decltype(std::declval<C&>().hooks());
};
template <class C>
using hooks_of_t = typename hooks_of<C>::type;

/// References to the callbacks of a fit; calls those that have a hook, in order.
template <class... Callbacks>
class callback_list {
  public:
    explicit callback_list(Callbacks&... all) : all_(all...) {}

    template <class Run>
    static constexpr bool are_callbacks = (Callback<hooks_of_t<Callbacks>, Run> && ...);

    template <class Run>
    void train_begin(Run& run) {
        each([&]<class C>(C& c) {
            if constexpr (HasTrainBegin<C, Run>)
                c.on_train_begin(run);
        });
    }
    template <class Run>
    void train_end(Run& run) {
        each([&]<class C>(C& c) {
            if constexpr (HasTrainEnd<C, Run>)
                c.on_train_end(run);
        });
    }
    template <class Run>
    void epoch_begin(Run& run, std::size_t epoch) {
        each([&]<class C>(C& c) {
            if constexpr (HasEpochBegin<C, Run>)
                c.on_epoch_begin(run, epoch);
        });
    }
    template <class Run>
    void epoch_end(Run& run, std::size_t epoch, logs& values) {
        each([&]<class C>(C& c) {
            if constexpr (HasEpochEnd<C, Run>)
                c.on_epoch_end(run, epoch, values);
        });
    }
    template <class Run>
    void batch_begin(Run& run, std::size_t batch) {
        each([&]<class C>(C& c) {
            if constexpr (HasBatchBegin<C, Run>)
                c.on_train_batch_begin(run, batch);
        });
    }
    /// The means are made only where a callback asks for them.
    template <class Run>
    void batch_end(Run& run, std::size_t batch) {
        if constexpr ((HasBatchEndWithLogs<hooks_of_t<Callbacks>, Run> || ...)) {
            logs const values = run.means();
            each([&]<class C>(C& c) {
                if constexpr (HasBatchEndWithLogs<C, Run>)
                    c.on_train_batch_end(run, batch, values);
            });
        }
        each([&]<class C>(C& c) {
            if constexpr (HasBatchEnd<C, Run>)
                c.on_train_batch_end(run, batch);
        });
    }
    template <class Run>
    void epoch_complete(Run& run, std::size_t epoch, logs const& values) {
        each([&]<class C>(C& c) {
            if constexpr (HasEpochComplete<C, Run>)
                c.on_epoch_complete(run, epoch, values);
        });
    }
    template <class Run>
    void batch_complete(Run& run, std::size_t batch) {
        each([&]<class C>(C& c) {
            if constexpr (HasBatchComplete<C, Run>)
                c.on_train_batch_complete(run, batch);
        });
    }
    template <class Run>
    void train_error(Run& run, std::exception const& e) {
        each([&]<class C>(C& c) {
            if constexpr (HasTrainError<C, Run>)
                c.on_train_error(run, e);
        });
    }
    template <class Run>
    void non_finite(Run& run, training_event const& event) {
        each([&]<class C>(C& c) {
            if constexpr (HasNonFinite<C, Run>)
                c.on_non_finite(run, event);
        });
    }

    void save(saved_values& to) {
        std::size_t k = 0;
        each([&]<class C>(C& c) {
            if constexpr (HasArchive<C>) {
                state_writer writer(to, messages::text({"callback_", k}));
                c.archive(writer);
                ++k;
            }
        });
    }
    void restore(saved_values const& from) {
        std::size_t k = 0;
        each([&]<class C>(C& c) {
            if constexpr (HasArchive<C>) {
                state_reader reader(from, messages::text({"callback_", k}));
                c.archive(reader);
                ++k;
            }
        });
    }

    static constexpr bool checkpoints = (Checkpoints<Callbacks> || ...);
    /// f(the callback that distributes), if there is one.
    template <class F>
    void distribution(F&& f) {
        each([&]<class C>(C& c) {
            if constexpr (Distributes<C>)
                f(c);
        });
    }

  private:
    template <class F>
    void each(F&& f) {
        std::apply([&](auto&... c) { (call(f, c), ...); }, all_);
    }
    template <class F, class C>
    static void call(F&& f, C& c) {
        if constexpr (HasHooks<C>) {
            auto hooks = c.hooks();
            f(hooks);
        } else
            f(c);
    }
    std::tuple<Callbacks&...> all_;
};

} // namespace detail
} // namespace xrnn::inline XRNN_ABI
