// SPDX-License-Identifier: BSD-3-Clause
//
// Batches made on a second thread while the first one trains. Not included by xrnn.hpp: a program that
// uses it links its threads library.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <xrnn/errors.hpp>

namespace xrnn::data {

namespace detail {

/// An iterator that can exchange its element for another, whose memory it goes on with.
template <class Iterator, class Batch>
concept Exchanges = requires(Iterator& it, Batch& batch) {
    it.take(batch);
};
template <class Range>
concept SizedBatches = requires(Range& range) {
    { range.size() } -> std::convertible_to<std::size_t>;
};
template <class Range>
concept NumbersEpochs = requires(Range& range, std::uint64_t number) {
    range.set_epoch(number);
};

/// One pass over a range on a thread of its own: at most `depth` batches lie ready. Ends the thread when
/// it is destroyed, however far the pass has come.
template <class Range, class Batch>
class prefetching_pass {
  public:
    prefetching_pass(Range& range, std::size_t depth)
        : depth_(depth), thread_([this, &range] { produce(range); }) {}
    prefetching_pass(prefetching_pass const&) = delete;
    prefetching_pass& operator=(prefetching_pass const&) = delete;
    ~prefetching_pass() {
        {
            std::lock_guard const lock(mutex_);
            abandoned_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    /// Puts the next batch into `batch`, whose old memory goes back to the producer; false behind the
    /// last. Throws what the range has thrown, after the batches before it.
    bool next(std::optional<Batch>& batch) {
        std::unique_lock lock(mutex_);
        if (batch)
            used_.push_back(std::move(*batch));
        batch.reset();
        changed_.wait(lock, [&] { return !ready_.empty() || done_; });
        if (ready_.empty()) {
            if (failure_)
                std::rethrow_exception(std::exchange(failure_, nullptr));
            return false;
        }
        batch.emplace(std::move(ready_.front()));
        ready_.pop_front();
        lock.unlock();
        changed_.notify_all();
        return true;
    }

  private:
    void produce(Range& range) {
        std::exception_ptr failure;
        try {
            auto const end = range.end();
            for (auto it = range.begin(); it != end; ++it)
                if (!offer(it))
                    break;
        } catch (...) {
            failure = std::current_exception();
        }
        {
            std::lock_guard const lock(mutex_);
            failure_ = failure;
            done_ = true;
        }
        changed_.notify_all();
    }

    /// Waits for room and hands the element over; false if nobody wants it any more.
    template <class Iterator>
    bool offer(Iterator& it) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return ready_.size() < depth_ || abandoned_; });
        if (abandoned_)
            return false;
        if constexpr (Exchanges<Iterator, Batch>) {
            Batch batch = recycled();
            lock.unlock();
            it.take(batch);
            lock.lock();
            ready_.push_back(std::move(batch));
        } else {
            lock.unlock();
            Batch batch(*it); // a temporary is moved, an element is copied
            lock.lock();
            ready_.push_back(std::move(batch));
        }
        lock.unlock();
        changed_.notify_all();
        return true;
    }
    Batch recycled() {
        if (used_.empty())
            return Batch{};
        Batch batch = std::move(used_.back());
        used_.pop_back();
        return batch;
    }

    std::size_t depth_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Batch> ready_;
    std::deque<Batch> used_;
    std::exception_ptr failure_;
    bool done_ = false;
    bool abandoned_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace detail

/// What prefetch returns: the batches of a range, in their order.
template <class Range>
class prefetched {
    using range_type = std::remove_reference_t<Range>;

  public:
    using value_type = std::remove_cvref_t<decltype(*std::declval<range_type&>().begin())>;

    /// Throws value_error for a depth of 0.
    prefetched(Range&& range, std::size_t depth)
        : range_(std::forward<Range>(range)), depth_(depth) {
        if (depth == 0)
            throw value_error("prefetch: at least 1 batch must lie ready, got 0");
    }

    std::size_t size() const requires detail::SizedBatches<range_type const> {
        return range_.size();
    }
    void set_epoch(std::uint64_t number) requires detail::NumbersEpochs<range_type> {
        range_.set_epoch(number);
    }

    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = typename prefetched::value_type;
        using difference_type = std::ptrdiff_t;
        using pointer = value_type const*;
        using reference = value_type const&;

        iterator() = default;
        iterator(range_type& range, std::size_t depth)
            : pass_(std::make_shared<pass>(range, depth)) {
            ++*this;
        }
        /// Stays valid until the iterator moves on.
        reference operator*() const { return *pass_->batch; }
        pointer operator->() const { return &*pass_->batch; }
        iterator& operator++() {
            if (!pass_->batches.next(pass_->batch))
                pass_.reset();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(iterator const& i, std::default_sentinel_t) { return !i.pass_; }

      private:
        /// What the copies of an iterator share.
        struct pass {
            pass(range_type& range, std::size_t depth) : batches(range, depth) {}
            std::optional<value_type> batch;
            detail::prefetching_pass<range_type, value_type> batches;
        };
        std::shared_ptr<pass> pass_;
    };

    /// Begins a pass over the range; one at a time.
    iterator begin() { return {range_, depth_}; }
    std::default_sentinel_t end() const { return {}; }

  private:
    Range range_;
    std::size_t depth_;
};

/// The batches of a range, made on a second thread: while a training works on one, the next `depth` are
/// prepared.
///
///     trainer.fit(data::prefetch(windows), {.epochs = 10});
///
/// A variable is referred to and must outlive it; a temporary is kept. What the range throws comes out
/// where its batch would have come. Going through it only in part ends the thread. Keras's
/// (tf.data's) prefetch.
template <class Range>
prefetched<Range> prefetch(Range&& range, std::size_t depth = 2) {
    return {std::forward<Range>(range), depth};
}

} // namespace xrnn::data
