// SPDX-License-Identifier: BSD-3-Clause
// expect-success
int main() {
    return "text";
}
