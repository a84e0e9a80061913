# triage_add_plugin(): how a check plugin is built, in this tree and outside of it.
#
#   triage_add_plugin(ping VERSION 1.0.0
#                     SOURCES ping.cpp
#                     [CAPABILITIES net fs.read]   # beyond the host's HTTP; see abi.h
#                     [LIBRARIES PostgreSQL::PostgreSQL]
#                     [CAUSES ping.causes.toml]    # what its findings mean; see docs/causes.md
#                     [NO_INSTALL])
#
# makes ping.so: position independent, everything hidden but triage_plugin_entry, no undefined
# symbols beyond the linked libraries, no run path. The id, version and capabilities go into the ELF
# note and the descriptor through TRIAGE_PLUGIN_ID, _VERSION and _CAPABILITIES. The causes go beside it,
# as ping.causes.toml: `triage` takes them up with the plugin. C and C++.
#
#   triage_add_plugin_test(ping_test PLUGIN ping SOURCES ping_test.cpp)
#
# makes a GoogleTest program of the plugin's objects and the test's sources, linked with triage::sdk-testing
# and registered with ctest (label "unit"). TRIAGE_PLUGIN_FILE names the built .so in the test.
#
# Variables: TRIAGE_STATIC_RUNTIME links libstdc++ and libgcc into the plugin (starts faster);
# TRIAGE_PLUGIN_OUTPUT_DIR says where the .so goes in the build tree.

set(TRIAGE_PLUGIN_INSTALL_DIR lib/triage/plugins)

function(triage_add_plugin name)
    cmake_parse_arguments(arg "NO_INSTALL" "VERSION;CAUSES" "SOURCES;CAPABILITIES;LIBRARIES" ${ARGN})
    if(NOT name MATCHES "^[a-z][a-z0-9-]*$")
        message(FATAL_ERROR "triage_add_plugin: the name \"${name}\" must match ^[a-z][a-z0-9-]*$")
    endif()
    if(NOT arg_VERSION MATCHES "^[0-9]+\\.[0-9]+\\.[0-9]+" OR NOT arg_SOURCES)
        message(FATAL_ERROR "triage_add_plugin(${name}): give VERSION x.y.z and SOURCES …")
    endif()
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "triage_add_plugin(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
    endif()

    set(target triage-plugin-${name})
    add_library(${target} MODULE ${arg_SOURCES})
    set_target_properties(
        ${target}
        PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX .so NO_SONAME ON
                   POSITION_INDEPENDENT_CODE ON
                   C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
                   VISIBILITY_INLINES_HIDDEN ON SKIP_BUILD_RPATH ON)
    if(TRIAGE_PLUGIN_OUTPUT_DIR)
        set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY
                                                   ${TRIAGE_PLUGIN_OUTPUT_DIR})
    endif()
    target_link_libraries(${target} PRIVATE triage::sdk ${arg_LIBRARIES})
    _triage_plugin_definitions(${target} ${name} ${arg_VERSION} "${arg_CAPABILITIES}")
    _triage_plugin_link_options(${target})
    if(COMMAND triage_use_precompiled)
        triage_use_precompiled(${target} triage-precompiled-plugins) # in this project's own tree
    endif()
    if(arg_CAUSES)
        _triage_plugin_causes(${target} ${name} ${arg_CAUSES})
    endif()
    if(NOT arg_NO_INSTALL)
        install(TARGETS ${target} LIBRARY DESTINATION ${TRIAGE_PLUGIN_INSTALL_DIR})
        if(arg_CAUSES)
            install(FILES ${arg_CAUSES} RENAME ${name}.causes.toml
                    DESTINATION ${TRIAGE_PLUGIN_INSTALL_DIR})
        endif()
    endif()
    # What triage_add_plugin_test needs to know.
    set_target_properties(
        ${target} PROPERTIES TRIAGE_LIBRARIES "${arg_LIBRARIES}" TRIAGE_VERSION ${arg_VERSION}
                             TRIAGE_CAPABILITIES "${arg_CAPABILITIES}")
endfunction()

function(triage_add_plugin_test name)
    cmake_parse_arguments(arg "" "PLUGIN;TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
    if(NOT TARGET triage-plugin-${arg_PLUGIN})
        message(FATAL_ERROR "triage_add_plugin_test(${name}): PLUGIN \"${arg_PLUGIN}\" must name "
                            "a plugin that triage_add_plugin() has made before")
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    if(NOT arg_LABELS)
        set(arg_LABELS unit)
    endif()
    set(plugin triage-plugin-${arg_PLUGIN})
    get_target_property(libraries ${plugin} TRIAGE_LIBRARIES)
    get_target_property(version ${plugin} TRIAGE_VERSION)
    get_target_property(capabilities ${plugin} TRIAGE_CAPABILITIES)
    add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:${plugin}>)
    target_link_libraries(${name} PRIVATE triage::sdk-testing ${libraries} ${arg_LIBRARIES}
                                          GTest::gmock GTest::gtest_main)
    if(COMMAND triage_test_options)
        triage_test_options(${name} plugin-tests triage-precompiled-plugin-tests) # of this project's own
        list(APPEND arg_LABELS plugin)
    endif()
    _triage_plugin_definitions(${name} ${arg_PLUGIN} ${version} "${capabilities}")
    target_compile_definitions(${name}
                               PRIVATE TRIAGE_PLUGIN_FILE="$<TARGET_FILE:${plugin}>")
    add_dependencies(${name} ${plugin})
    if(COMMAND triage_register_test)
        triage_register_test(${name} "${arg_LABELS}" ${arg_TIMEOUT}) # of this project's own
    else()
        gtest_discover_tests(${name} TEST_PREFIX "${name}/" DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
                             PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
    endif()
endfunction()

# Copied when the plugin is linked, and linked again when they change.
function(_triage_plugin_causes target name file)
    get_filename_component(causes ${file} ABSOLUTE)
    add_custom_command(TARGET ${target} POST_BUILD
                       COMMAND ${CMAKE_COMMAND} -E copy_if_different ${causes}
                               $<TARGET_FILE_DIR:${target}>/${name}.causes.toml)
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${causes})
endfunction()

function(_triage_plugin_definitions target id version capabilities)
    list(JOIN capabilities "," words)
    target_compile_definitions(
        ${target} PRIVATE TRIAGE_PLUGIN_ID="${id}" TRIAGE_PLUGIN_VERSION="${version}"
                          TRIAGE_PLUGIN_CAPABILITIES="${words}")
    # This project's own warnings, sanitizers and linker, where there are any.
    if(TARGET triage::options)
        target_link_libraries(${target} PRIVATE triage::options)
    endif()
endfunction()

function(_triage_plugin_link_options target)
    set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}.map)
    file(CONFIGURE OUTPUT ${script} CONTENT "{ global: triage_plugin_entry; local: *; };\n")
    target_link_options(${target} PRIVATE -Wl,--version-script=${script})
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${script})
    if(TRIAGE_SANITIZE)
        return() # the sanitizer's runtime comes with the program, and needs the shared libstdc++
    endif()
    target_link_options(${target} PRIVATE -Wl,-z,defs -Wl,-z,now)
    if(TRIAGE_STATIC_RUNTIME)
        target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
    endif()
endfunction()
