// SPDX-License-Identifier: BSD-3-Clause
//
// Training on several processes, on one machine or many, over MPI (link xrnn::mpi):
//
//     mpi_session const session(&argc, &argv);
//     data_parallel everyone;
//     trainer.fit(x, y, {.epochs = 10, .batch_size = 256}, everyone,
//                 csv_logger{"log.csv"}, backup_and_restore{"run.safetensors"});
//
//     mpirun -np 4 ./program
//
// Every process has the model and the data and calls fit alike. Of each batch it computes its part of
// the rows; the gradients are added up, and all take the same step. Process 0 logs and saves.
// Not included by xrnn.hpp.
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <type_traits>

#define OMPI_SKIP_MPICXX 1 // the C interface alone
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <xrnn/errors.hpp>
#include <xrnn/io/checkpoint.hpp>

namespace xrnn {

/// Another process did not take part: it was killed, ended, or hangs. What was saved and where is in
/// the message.
struct lost_process_error : error {
    using error::error;
};

namespace mpi_detail {

/// Set by the signal with which mpirun ends what is left of a program.
inline std::atomic<bool> asked_to_end = false;
static_assert(std::atomic<bool>::is_always_lock_free);

inline void check(int result, char const* action) {
    if (result == MPI_SUCCESS)
        return;
    char text[MPI_MAX_ERROR_STRING];
    int length = 0;
    MPI_Error_string(result, text, &length);
    throw lost_process_error(messages::text(
        {"MPI: ", action, " failed: ", std::string(text, static_cast<std::size_t>(length))}));
}

} // namespace mpi_detail

/// Begins MPI, and ends it with the scope. Without one a program calls MPI_Init and MPI_Finalize itself.
/// Errors of MPI become exceptions, and SIGTERM, with which mpirun ends what is left of a program after a
/// process was lost, ends the training with a checkpoint.
class mpi_session {
  public:
    mpi_session(int* argc, char*** argv) {
        mpi_detail::check(MPI_Init(argc, argv), "MPI_Init");
        MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
        std::signal(SIGTERM, [](int) { mpi_detail::asked_to_end = true; });
    }
    mpi_session(mpi_session const&) = delete;
    mpi_session& operator=(mpi_session const&) = delete;
    /// After a process was lost there is nobody to end it with: the program must not wait for them.
    ~mpi_session() {
        if (lost)
            std::quick_exit(1);
        MPI_Finalize();
    }

    static inline bool lost = false;
};

/// Data-parallel training: a callback that gives each process its part of the rows of a batch, and adds
/// up what all have computed, one all-reduce of the flat gradient a step. With N processes batch_size
/// is that of all together. Batches of a range are not divided: there each process brings its own.
///
/// At the beginning process 0's weights go to all. The result is that of one process with the same
/// batches, but for the order in which sums are made: rounding. On one machine and one MPI it is the
/// same from run to run.
///
/// Throws lost_process_error, after process 0 has written a checkpoint to `lost_checkpoint` (if not empty;
/// read by resume_from), when another process has died or has not answered for `timeout` seconds.
class data_parallel {
  public:
    static constexpr bool checkpoints = true;
    std::string lost_checkpoint = "lost_process.safetensors";
    double timeout = 60; // seconds

    explicit data_parallel(MPI_Comm communicator = MPI_COMM_WORLD) : communicator_(communicator) {
        int rank = 0, size = 0;
        mpi_detail::check(MPI_Comm_rank(communicator_, &rank), "MPI_Comm_rank");
        mpi_detail::check(MPI_Comm_size(communicator_, &size), "MPI_Comm_size");
        rank_ = static_cast<std::size_t>(rank);
        size_ = static_cast<std::size_t>(size);
    }

    std::size_t rank() const { return rank_; }
    std::size_t size() const { return size_; }

    /// Element by element, over all processes; the same bits in each of them.
    template <class T>
    void sum(std::span<T> values) {
        static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
        MPI_Request request = MPI_REQUEST_NULL;
        mpi_detail::check(MPI_Iallreduce(MPI_IN_PLACE, values.data(),
                                         static_cast<int>(values.size()), type<T>(), MPI_SUM,
                                         communicator_, &request),
                          "the sum over all processes");
        wait(request, "the sum over all processes");
    }

    /// The weights of process 0 to all; those of a checkpoint that is loaded are the same everywhere.
    void on_train_begin(auto& run) {
        auto const weights = run.model().flat();
        using T = typename decltype(weights)::value_type;
        MPI_Request request = MPI_REQUEST_NULL;
        mpi_detail::check(MPI_Ibcast(weights.data(), static_cast<int>(weights.size()), type<T>(), 0,
                                     communicator_, &request),
                          "handing out the weights");
        wait(request, "handing out the weights");
    }

    /// When a process is lost, process 0 saves the training. The weights are those of the last step.
    void on_train_error(auto& run, std::exception const& e) const {
        if (dynamic_cast<lost_process_error const*>(&e) == nullptr)
            return;
        mpi_session::lost = true;
        if (lost_checkpoint.empty())
            return;
        if (rank_ != 0) { // mpirun ends all at once when the first of those that are left has ended
            std::this_thread::sleep_for(std::chrono::seconds(2));
            return;
        }
        io::detail::save_checkpoint(run.trainer(), run.state(), lost_checkpoint);
        throw lost_process_error(
            messages::text({e.what(), "; saved epoch ", run.epoch() + 1, ", step ", run.step(),
                            " to '", lost_checkpoint, "': go on with resume_from"}));
    }

  private:
    template <class T>
    static MPI_Datatype type() {
        return std::is_same_v<T, float> ? MPI_FLOAT : MPI_DOUBLE;
    }

    /// Looks for the end of an operation, for some time without a break since most are short, and then
    /// for signals and the time too.
    void wait(MPI_Request& request, char const* action) const {
        using clock = std::chrono::steady_clock;
        auto const begin = clock::now();
        for (std::size_t round = 0;; ++round) {
            int done = 0;
            mpi_detail::check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), action);
            if (done != 0)
                return;
            if (round % 1024 != 1023)
                continue;
            std::chrono::duration<double> const passed = clock::now() - begin;
            if (mpi_detail::asked_to_end)
                throw lost_process_error(messages::text(
                    {"MPI: told to end during ", action, ": another process was lost"}));
            if (passed.count() > timeout)
                throw lost_process_error(messages::text(
                    {"MPI: no answer for ", std::to_string(static_cast<int>(timeout)), " s during ",
                     action, ": another process was lost, or hangs"}));
            if (passed > std::chrono::milliseconds(1))
                std::this_thread::yield();
        }
    }

    MPI_Comm communicator_;
    std::size_t rank_ = 0, size_ = 1;
};

} // namespace xrnn
