// SPDX-License-Identifier: BSD-3-Clause
//
// Counts what the heap is asked for while a thread is watched: every malloc, calloc, realloc, aligned
// allocation and free of the program, the C++ library's included. To be included once in a program.
// Where the heap belongs to a sanitizer, or the C library is not glibc, nothing is counted.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdlib>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define XRNN_TEST_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define XRNN_TEST_SANITIZER 1
#endif
#if defined(__GLIBC__) && !defined(XRNN_TEST_SANITIZER)
#define XRNN_TEST_COUNTS_ALLOCATIONS 1
#endif

namespace support {

#if defined(XRNN_TEST_COUNTS_ALLOCATIONS)
inline constexpr bool counts_allocations = true;
#else
inline constexpr bool counts_allocations = false;
#endif

inline thread_local bool watching = false;
inline thread_local std::size_t allocations = 0;

inline void note() {
    if (watching)
        ++allocations;
}

/// Calls to the heap while f runs.
template <class F>
std::size_t allocations_of(F&& f) {
    allocations = 0;
    watching = true;
    f();
    watching = false;
    return allocations;
}

} // namespace support

#if defined(XRNN_TEST_COUNTS_ALLOCATIONS)
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) noexcept {
    support::note();
    return __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) noexcept {
    support::note();
    return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t size) noexcept {
    support::note();
    return __libc_realloc(p, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    support::note();
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    support::note();
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t size) noexcept {
    support::note();
    *p = __libc_memalign(alignment, size);
    return *p == nullptr ? ENOMEM : 0;
}
void free(void* p) noexcept {
    support::note();
    __libc_free(p);
}
}
#endif
