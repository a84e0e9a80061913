#!/bin/sh
# build_and_test.sh SOURCE BUILD [CMAKE-ARGUMENT…]: configures, builds and tests a project on the
# side. The build folder is kept, so that the next time little is left to do.
set -eu
source=$1 build=$2
shift 2
cmake -S "$source" -B "$build" -G Ninja "$@" >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
cmake --build "$build" -j2 >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
ctest --test-dir "$build" --output-on-failure -j2 --no-tests=error
