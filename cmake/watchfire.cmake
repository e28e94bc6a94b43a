# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# The three words the build files speak: wf_package(), wf_program() and wf_test().

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)

# One interface target carries the compile options, so that third-party code never sees them.
add_library(wf_options INTERFACE)
# -pthread comes with some libraries; all have it, to share what is precompiled.
target_compile_options(wf_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror -pthread)
target_include_directories(wf_options INTERFACE ${CMAKE_SOURCE_DIR})
target_link_libraries(wf_options INTERFACE tl::expected Threads::Threads)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 sees uninitialised members in every moved std::variant at -O2. Clang, and the sanitizers,
  # look for the real ones.
  target_compile_options(wf_options INTERFACE -Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(wf_options INTERFACE -Wthread-safety)
endif()
if(WF_SANITIZE)
  target_compile_options(wf_options INTERFACE
    -fsanitize=${WF_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(wf_options INTERFACE -fsanitize=${WF_SANITIZE})
endif()
if(WF_FUZZ)
  target_compile_options(wf_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Parsing and instantiating the same headers again is most of a file's time, so that they are
# precompiled: the standard library; config.h with all below it; core's state with all below that; and
# each of them with gmock, for tests. A target has the most that it depends on. Files still include
# what they use: the release build and clang-tidy read them without this. g++ gains little, and
# where it optimises it warns of what system headers do once they are precompiled.
set(wf_precompiled_std <algorithm> <charconv> <chrono> <functional> <map> <memory> <optional> <set>
                       <string> <string_view> <utility> <vector>)
set(wf_precompiled_config ${wf_precompiled_std} "pkg/config/config.h")
set(wf_precompiled_core ${wf_precompiled_config} "pkg/core/core.h")
option(WF_PRECOMPILE "Precompile headers (clang only)" OFF)
if(WF_PRECOMPILE)
  # Without the time, what is precompiled again of the same headers is the same: ccache can tell.
  target_compile_options(wf_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
  # What is precompiled is of a target, and a target has a source.
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cc CONTENT "")
  if(WF_TESTS)
    find_package(GTest REQUIRED)
  endif()
  foreach(what std config core)
    set(headers ${wf_precompiled_${what}})
    list(TRANSFORM headers REPLACE "^pkg/" "${CMAKE_SOURCE_DIR}/pkg/")
    add_library(wf_precompiled_${what} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cc)
    target_link_libraries(wf_precompiled_${what} PRIVATE wf_options)
    target_precompile_headers(wf_precompiled_${what} PRIVATE ${headers})
    if(WF_TESTS)
      add_library(wf_precompiled_${what}_test OBJECT ${CMAKE_BINARY_DIR}/precompiled.cc)
      target_link_libraries(wf_precompiled_${what}_test PRIVATE wf_options GTest::gmock)
      target_precompile_headers(wf_precompiled_${what}_test PRIVATE
        ${headers} <gmock/gmock.h> <gtest/gtest.h>)
    endif()
  endforeach()
endif()
# The most that one of `folders` has: sets `out` to std, config or core.
set_property(GLOBAL PROPERTY wf_precompiled_of_config config)
set_property(GLOBAL PROPERTY wf_precompiled_of_core core)
function(wf_most_precompiled out)
  set(most std)
  foreach(folder ${ARGN})
    get_property(what GLOBAL PROPERTY wf_precompiled_of_${folder})
    if(what STREQUAL core OR (what STREQUAL config AND most STREQUAL std))
      set(most ${what})
    endif()
  endforeach()
  set(${out} ${most} PARENT_SCOPE)
endfunction()
function(wf_precompile target from)
  if(WF_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM wf_precompiled_${from})
  endif()
endfunction()

# wf_test(NAME LABEL SOURCES... DEPS folders... LIBS targets...): one GoogleTest binary, one ctest entry.
# Tests run in the root of the tree and name files from there.
function(wf_test name label)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  if(NOT WF_TESTS)
    return()
  endif()
  wf_most_precompiled(most ${arg_DEPS})
  list(TRANSFORM arg_DEPS PREPEND wf_)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} ${arg_LIBS} wf_options GTest::gmock
                                        GTest::gtest_main)
  wf_precompile(${name} ${most}_test)
  add_test(NAME ${label} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${label} PROPERTIES TIMEOUT 300)
endfunction()

# wf_package(NAME LAYER [DEPS folders...] [LIBS targets...]): the folder's library wf_<NAME> and, if
# it holds *_test.cc files, <NAME>_test. Stops the configure step when a dependency is not lower.
function(wf_package name layer)
  cmake_parse_arguments(arg "" "" "DEPS;LIBS" ${ARGN})
  foreach(dep ${arg_DEPS})
    get_property(dep_layer GLOBAL PROPERTY wf_layer_${dep})
    if("${dep_layer}" STREQUAL "")
      message(FATAL_ERROR "pkg ${name}: dependency '${dep}' is not a folder declared before it")
    endif()
    if(NOT dep_layer LESS layer)
      message(FATAL_ERROR "pkg ${name} [${layer}] may not depend on ${dep} [${dep_layer}]: "
                          "dependencies point downward only")
    endif()
  endforeach()
  set_property(GLOBAL PROPERTY wf_layer_${name} ${layer})
  wf_most_precompiled(most ${name} ${arg_DEPS})
  set_property(GLOBAL PROPERTY wf_precompiled_of_${name} ${most})

  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(deps ${arg_DEPS})
  list(TRANSFORM deps PREPEND wf_)
  if(sources)
    add_library(wf_${name} STATIC ${sources})
    wf_precompile(wf_${name} ${most})
    target_link_libraries(wf_${name} PUBLIC ${deps} ${arg_LIBS} PRIVATE wf_options)
    target_link_libraries(wf_${name} INTERFACE tl::expected Threads::Threads)
    target_include_directories(wf_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  else()
    add_library(wf_${name} INTERFACE)
    target_link_libraries(wf_${name} INTERFACE ${deps} ${arg_LIBS} tl::expected Threads::Threads)
    target_include_directories(wf_${name} INTERFACE ${CMAKE_SOURCE_DIR})
  endif()
  if(tests)
    string(REPLACE "_" "/" label ${name})
    wf_test(${name}_test pkg/${label} SOURCES ${tests} DEPS ${name})
  endif()
endfunction()

# wf_program(NAME [DEPS folders...] [LIBS targets...]): build/<preset>/bin/<NAME>. Everything but
# main.cc is compiled once and shared with <NAME>_test when the folder holds *_test.cc files.
function(wf_program name)
  cmake_parse_arguments(arg "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  wf_most_precompiled(most ${arg_DEPS})
  set_property(GLOBAL PROPERTY wf_precompiled_of_${name} ${most})
  set(deps ${arg_DEPS})
  list(TRANSFORM deps PREPEND wf_)
  add_executable(${name} main.cc)
  target_link_libraries(${name} PRIVATE ${deps} ${arg_LIBS} wf_options)
  if(sources)
    add_library(wf_${name} STATIC ${sources})
    wf_precompile(wf_${name} ${most})
    target_link_libraries(wf_${name} PUBLIC ${deps} ${arg_LIBS} PRIVATE wf_options)
    target_link_libraries(${name} PRIVATE wf_${name})
  endif()
  if(tests)
    wf_test(${name}_test cmd/${name} SOURCES ${tests} DEPS ${name} LIBS ${arg_LIBS})
  endif()
endfunction()
