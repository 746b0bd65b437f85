# SPDX-License-Identifier: BSD-3-Clause
# xrnn_warnings - what this project's own programs are compiled with.
add_library(xrnn_warnings INTERFACE)
target_compile_options(
  xrnn_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wdouble-promotion
                          $<$<BOOL:${XRNN_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12's own AVX-512 intrinsics header reads an uninitialised variable (GCC bug 105593).
  target_compile_options(xrnn_warnings INTERFACE -Wno-uninitialized -Wno-maybe-uninitialized)
  # Its optimiser sees overlaps and overruns in std::string that cannot happen (GCC bug 105651).
  target_compile_options(xrnn_warnings INTERFACE -Wno-restrict -Wno-array-bounds
                                                 -Wno-stringop-overflow -Wno-stringop-overread)
endif()
