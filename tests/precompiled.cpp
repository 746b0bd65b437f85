// SPDX-License-Identifier: BSD-3-Clause
// Empty: its target holds the precompiled headers of all tests.
