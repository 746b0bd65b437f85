# SPDX-License-Identifier: BSD-3-Clause
# Installs the headers, a CMake package (find_package(xrnn)) and a pkg-config file. All of it is text
# and independent of the machine, hence below share/.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/xrnn)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/xrnn DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
target_include_directories(xrnn INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# An export set each: a machine without nlohmann_json can use xrnn::xrnn, without xrnn::io; without MPI
# both.
install(TARGETS xrnn EXPORT xrnn-core)
install(TARGETS xrnn_io EXPORT xrnn-io)
if(TARGET xrnn_mpi)
  install(TARGETS xrnn_mpi EXPORT xrnn-mpi)
  install(EXPORT xrnn-mpi NAMESPACE xrnn:: DESTINATION ${package_dir})
endif()
install(EXPORT xrnn-core NAMESPACE xrnn:: DESTINATION ${package_dir})
install(EXPORT xrnn-io NAMESPACE xrnn:: DESTINATION ${package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/xrnn-config.cmake.in
                              ${PROJECT_BINARY_DIR}/xrnn-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/xrnn-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/xrnn-config.cmake
              ${PROJECT_BINARY_DIR}/xrnn-config-version.cmake DESTINATION ${package_dir})

configure_file(${PROJECT_SOURCE_DIR}/cmake/xrnn.pc.in ${PROJECT_BINARY_DIR}/xrnn.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/xrnn.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
