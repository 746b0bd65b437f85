// SPDX-License-Identifier: BSD-3-Clause
// expect: the right words
template <int N>
struct box {
    static_assert(N > 0, "other words");
};
int main() {
    box<0> b;
}
