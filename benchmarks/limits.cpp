// SPDX-License-Identifier: BSD-3-Clause
//
// What the machine can do on one core: multiply-adds, one chain of them, and reading from each
// level of memory. Independent of xrnn. `items` of an iteration are operations or bytes.
#include <algorithm>
#include <array>
#include <type_traits>

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif
#include <xsimd/xsimd.hpp>

#include "support.hpp"

namespace {

using lanes = xsimd::batch<float>;

/// Calls f(integral_constant<0>) ... f(integral_constant<N - 1>).
template <std::size_t N, class F>
inline void unroll(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (f(std::integral_constant<std::size_t, I>{}), ...);
    }
    (std::make_index_sequence<N>{});
}

/// Chains of v = v * a + b, independent of each other: 12 hide the latency, 1 shows it.
template <std::size_t Chains>
void run_fma(benchmark::State& state) {
    constexpr std::size_t rounds = 1024;
    float factor = 0.5F; // the compiler must not know it
    benchmark::DoNotOptimize(factor);
    lanes const a(factor), b(1 - factor);
    std::array<lanes, Chains> v;
    unroll<Chains>([&](auto i) { v[i] = lanes(static_cast<float>(i)); });
    for (auto _ : state) {
        for (std::size_t r = 0; r < rounds; ++r)
            unroll<Chains>([&](auto i) { v[i] = xsimd::fma(v[i], a, b); });
        unroll<Chains>([&](auto i) { benchmark::DoNotOptimize(v[i]); });
    }
    support::set_items(state, 2 * lanes::size * Chains * rounds);
}

#if defined(__AVX512BF16__)
/// The same with dot products of pairs of bfloat16.
void run_bf16_dot(benchmark::State& state) {
    constexpr std::size_t chains = 12, rounds = 1024;
    float zero = 0;
    benchmark::DoNotOptimize(zero);
    __m512bh const a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(zero), _mm512_set1_ps(zero));
    __m512 v[chains]; // a std::array of it warns: attributes are ignored on template arguments
    unroll<chains>([&](auto i) { v[i] = _mm512_set1_ps(static_cast<float>(i)); });
    for (auto _ : state) {
        for (std::size_t r = 0; r < rounds; ++r)
            unroll<chains>([&](auto i) { v[i] = _mm512_dpbf16_ps(v[i], a, a); });
        unroll<chains>([&](auto i) { benchmark::DoNotOptimize(v[i]); });
    }
    support::set_items(state, 2 * 32 * chains * rounds);
}
#endif

/// The sum of `count` values, computed `passes` times.
lanes sum(float const* x, std::size_t count, std::size_t passes) {
    constexpr std::size_t chains = 8;
    std::array<lanes, chains> v;
    unroll<chains>([&](auto i) { v[i] = lanes(0.0F); });
    for (std::size_t pass = 0; pass < passes; ++pass)
        for (std::size_t k = 0; k < count; k += chains * lanes::size)
            unroll<chains>(
                [&](auto i) { v[i] = v[i] + lanes::load_aligned(x + k + i * lanes::size); });
    unroll<chains - 1>([&](auto i) { v[0] = v[0] + v[i + 1]; });
    return v[0];
}

/// Reads `bytes` bytes over and over.
void run_read(benchmark::State& state, std::size_t bytes) {
    std::size_t const count = bytes / sizeof(float);
    std::size_t const passes = std::max<std::size_t>((std::size_t{1} << 20) / bytes, 1);
    std::vector<float, xsimd::aligned_allocator<float, 64>> const x(count, 1.0F);
    benchmark::DoNotOptimize(sum(x.data(), count, 1));
    for (auto _ : state)
        benchmark::DoNotOptimize(sum(x.data(), count, passes));
    support::set_items(state, passes * bytes);
}

void add_read(std::string const& level, std::size_t bytes) {
    support::add("limit", "limits", "read/" + level + "/" + std::to_string(bytes >> 10) + "KiB",
                 [bytes](benchmark::State& state) { run_read(state, bytes); });
}

/// Bytes of the data cache of a level, or a usual size where the system does not say.
std::size_t cache_size(int level, std::size_t usual) {
    for (auto const& cache : benchmark::CPUInfo::Get().caches)
        if (cache.level == level && cache.type != "Instruction")
            return static_cast<std::size_t>(cache.size);
    return usual;
}

} // namespace

int main(int argc, char** argv) {
    std::size_t const l1 = cache_size(1, 32 << 10);
    std::size_t const l2 = cache_size(2, 1 << 20);
    std::size_t const l3 = cache_size(3, 32 << 20);
    support::add("limit", "limits", "fma_peak", run_fma<12>);
    support::add("limit", "limits", "fma_chain", run_fma<1>);
#if defined(__AVX512BF16__)
    support::add("limit", "limits", "bf16_dot_peak", run_bf16_dot);
#endif
    add_read("L1", l1 / 4 * 3);
    for (std::size_t const part : {1U, 2U, 4U, 6U})
        add_read("L2", l2 / 8 * part);
    add_read("L3", l2 + 8192); // the weights of LSTM(256) are 4 KiB more than 1 MiB
    for (std::size_t const part : {1U, 2U, 4U})
        add_read("L3", l3 / 8 * part);
    add_read("DRAM", 8 * l3);
    return support::run(argc, argv);
}
