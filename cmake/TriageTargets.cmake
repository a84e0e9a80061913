# How this project's own targets are built: one function per kind, so that every folder's CMakeLists
# is a list of its sources and what it may use.

include(GNUInstallDirs)
find_package(Threads REQUIRED)

# The layout is the same in the build tree and when installed: bin/triage finds ../lib/triage.
set(TRIAGE_LIB_SUBDIR lib/triage)
set(TRIAGE_BIN_OUTPUT_DIR ${CMAKE_BINARY_DIR}/bin)
set(TRIAGE_LIB_OUTPUT_DIR ${CMAKE_BINARY_DIR}/${TRIAGE_LIB_SUBDIR})
set(TRIAGE_PLUGIN_OUTPUT_DIR ${TRIAGE_LIB_OUTPUT_DIR}/plugins)

# GCC 12 sees overlaps and overflows in std::string's own operator+ (bug 105651).
set(triage_false_alarms "")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    set(triage_false_alarms -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()
# libstdc++ 12 uses its own deprecated std::get_temporary_buffer in std::stable_sort; clang says so.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    list(APPEND triage_false_alarms -Wno-deprecated-declarations)
endif()

# Where sources are pasted together (CMAKE_UNITY_BUILD), a name of one hides in another, and a coroutine's frame
# has types of its "header". `./dev tidy` sees each source with all warnings.
set(triage_pasted_alarms "")
if(CMAKE_UNITY_BUILD)
    set(triage_pasted_alarms -Wno-shadow $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endif()

# Everything that all targets share: language level, warnings, sanitizers, linker.
add_library(triage-options INTERFACE)
add_library(triage::options ALIAS triage-options)
target_compile_features(triage-options INTERFACE cxx_std_23)
target_compile_options(
    triage-options
    INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
              $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>
              # A designated initialiser that names some members leaves the rest at their defaults: wanted.
              $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>
              ${triage_false_alarms} ${triage_pasted_alarms}
              -fvisibility=hidden $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>)
target_include_directories(triage-options INTERFACE ${PROJECT_SOURCE_DIR})
if(TRIAGE_LINKER)
    target_link_options(triage-options INTERFACE -fuse-ld=${TRIAGE_LINKER})
endif()
if(TRIAGE_SANITIZE)
    target_compile_options(triage-options INTERFACE -fsanitize=${TRIAGE_SANITIZE}
                                                    -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(triage-options INTERFACE -fsanitize=${TRIAGE_SANITIZE})
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_EXTENSIONS OFF)

# Half of the time that a source file takes to compile goes into the standard library's headers, and
# most of a test's into GoogleMock's: both are compiled once. Sources include what they use all the
# same; `./dev tidy --deep`, which has no precompiled headers, sees to that.
option(TRIAGE_PRECOMPILE "Precompile the headers that nearly all sources include" ON)
set(triage_std_headers <algorithm> <chrono> <expected> <functional> <map> <memory> <optional>
                       <string> <string_view> <unordered_map> <variant> <vector>)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/main.cpp CONTENT "int main() {}\n")

# triage_precompiled(NAME library|executable HEADERS…): others use it by triage_use_precompiled().
function(triage_precompiled name kind)
    if(NOT TRIAGE_PRECOMPILE)
        return()
    endif()
    if(kind STREQUAL "library")
        add_library(${name} STATIC ${CMAKE_BINARY_DIR}/precompiled/main.cpp)
    else()
        add_executable(${name} EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled/main.cpp)
    endif()
    target_link_libraries(${name} PRIVATE triage::options)
    target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

function(triage_use_precompiled target name)
    get_target_property(sources ${target} SOURCES)
    if(TARGET ${name} AND NOT sources MATCHES "\\.c(;|$)") # C sources would want some of their own
        target_precompile_headers(${target} REUSE_FROM ${name})
    endif()
endfunction()

# triage_core_library(base SOURCES a.cpp LINK fmt::fmt PRIVATE_LINK Boost::json)
# makes the static library triage-core-base, alias triage::core-base, from core/base.
function(triage_core_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(triage-core-${name} STATIC ${arg_SOURCES})
    add_library(triage::core-${name} ALIAS triage-core-${name})
    target_link_libraries(
        triage-core-${name}
        PUBLIC ${arg_LINK}
        PRIVATE triage::options ${arg_PRIVATE_LINK})
    target_compile_features(triage-core-${name} PUBLIC cxx_std_23)
    target_include_directories(triage-core-${name} PUBLIC ${PROJECT_SOURCE_DIR})
    triage_use_precompiled(triage-core-${name} triage-precompiled)
endfunction()
triage_precompiled(triage-precompiled library ${triage_std_headers})

# What most of a plugin's sources take to compile are the SDK's headers. plugin.hpp itself depends on definitions that
# each plugin has of its own.
set(triage_sdk_headers
    <triage/blocking.hpp> <triage/check.hpp> <triage/context.hpp> <triage/detail/plugin.hpp> <triage/http.hpp>
    <triage/params.hpp> <triage/report.hpp> <triage/stream.hpp> <triage/task.hpp> <triage/text.hpp>)
triage_precompiled(triage-precompiled-plugins library ${triage_std_headers} ${triage_sdk_headers})
if(TARGET triage-precompiled-plugins)
    target_link_libraries(triage-precompiled-plugins PRIVATE triage::sdk)
endif()

# All unit tests. They are not part of `all`: `./dev test` runs them under sanitizers, and the Release build is
# tested as a whole.
add_custom_target(unit-tests)
add_custom_target(core-tests)
add_custom_target(plugin-tests)
add_dependencies(unit-tests core-tests plugin-tests)

# Tests are compiled more often than they are run, and wait more than they compute. UBSan nearly doubles what their
# sources take to compile: it watches the code under test, ASan the tests as well.
set(triage_test_compile_options -O0)
if(TRIAGE_SANITIZE MATCHES "undefined")
    list(APPEND triage_test_compile_options -fno-sanitize=undefined)
endif()

function(triage_test_options target group precompiled)
    target_compile_options(${target} PRIVATE ${triage_test_compile_options})
    # Nor are they pasted together: each has small helpers of its own.
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON UNITY_BUILD OFF)
    add_dependencies(${group} ${target})
    triage_use_precompiled(${target} ${precompiled})
endfunction()

# Makes a GoogleTest program known to ctest: each of its tests, or, where starting a process costs more than most
# tests do, the program as one.
function(triage_register_test name labels timeout)
    if(NOT TRIAGE_SANITIZE)
        gtest_discover_tests(${name} TEST_PREFIX "${name}/" DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
                             PROPERTIES LABELS "${labels}" TIMEOUT ${timeout})
        return()
    endif()
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
    math(EXPR timeout "${timeout} * 5")
    set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout} SKIP_REGULAR_EXPRESSION "SKIPPED")
endfunction()

# triage_test(net_test SOURCES … LINK … [LABELS …] [TIMEOUT s]): one GoogleTest binary, discovered by ctest.
function(triage_test name)
    cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
    if(NOT TRIAGE_TESTS)
        return()
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    if(NOT arg_LABELS)
        set(arg_LABELS unit)
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE triage::options ${arg_LINK} GTest::gmock GTest::gtest_main)
    triage_test_options(${name} core-tests triage-precompiled-tests)
    triage_register_test(${name} "${arg_LABELS}" ${arg_TIMEOUT})
endfunction()
