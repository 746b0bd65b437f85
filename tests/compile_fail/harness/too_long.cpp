// SPDX-License-Identifier: BSD-3-Clause
// expect: static.*too small
template <int N>
struct box : box<N - 1> {
    static_assert(N > 99, "too small");
};
template <>
struct box<0> {};
int main() {
    box<9> b;
}
