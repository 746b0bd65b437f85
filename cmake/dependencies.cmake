# SPDX-License-Identifier: BSD-3-Clause
# Finds what xrnn stands on, unless the program that uses xrnn has brought it already.
#
# find_package makes its targets visible in this folder and below only; a program that uses xrnn by
# add_subdirectory lies above it, so the targets are made global.
macro(xrnn_find package)
  cmake_parse_arguments(xrnn_find "" "" "TARGETS" ${ARGN})
  list(GET xrnn_find_TARGETS 0 xrnn_find_first)
  if(NOT TARGET ${xrnn_find_first})
    find_package(${package} ${xrnn_find_UNPARSED_ARGUMENTS})
    foreach(xrnn_find_target ${xrnn_find_TARGETS})
      if(TARGET ${xrnn_find_target})
        set_target_properties(${xrnn_find_target} PROPERTIES IMPORTED_GLOBAL TRUE)
      endif()
    endforeach()
  endif()
endmacro()

xrnn_find(xtl REQUIRED TARGETS xtl)
xrnn_find(xtensor REQUIRED TARGETS xtensor)
xrnn_find(xsimd REQUIRED TARGETS xsimd)
xrnn_find(nlohmann_json QUIET TARGETS nlohmann_json::nlohmann_json) # only xrnn/io needs it
xrnn_find(MPI QUIET COMPONENTS CXX TARGETS MPI::MPI_CXX) # only xrnn/mpi.hpp
