#!/bin/sh
# template_test.sh cmake|pkg-config PREFIX TEMPLATE SCRATCH: instantiates the installed template, builds
# it outside of the tree against the SDK installed in PREFIX, and runs its unit test. The copy also reads
# JSON, which the template does not. SANITIZE in the environment names the sanitizers that the installed
# libraries were built with, if any.
set -eu
how=$1 prefix=$2 template=$3 scratch=$4
name=disk-probe snake=disk_probe
sanitizer_flags=${SANITIZE:+-fsanitize=$SANITIZE}

rm -rf "$scratch/project"
mkdir -p "$scratch/project"
for file in "$template"/*; do
    target=$(basename "$file" | sed "s/@NAME_SNAKE@/$snake/g; s/@NAME@/$name/g")
    sed "s/@NAME_SNAKE@/$snake/g; s/@NAME@/$name/g" "$file" >"$scratch/project/$target"
done
if grep -r '@NAME' "$scratch/project"; then
    echo "a placeholder was left" >&2
    exit 1
fi

cat >>"$scratch/project/$name.cpp" <<'END'
#include <triage/docker.hpp>
#include <triage/json.hpp>
bool lists_nothing(std::string_view json) {
    return triage::Json::parse(json) && triage::docker::read_list(json)->empty();
}
END
cat >>"$scratch/project/${name}_test.cpp" <<'END'
bool lists_nothing(std::string_view json);
TEST(Json, IsRead) { EXPECT_TRUE(lists_nothing("[]")); }
END
sed -i "s/SOURCES $name.cpp/& LIBRARIES triage::sdk-json/" "$scratch/project/CMakeLists.txt"

one_export() {
    exported=$(nm -D --defined-only "$1" | awk '{ print $3 }')
    [ "$exported" = triage_plugin_entry ] || { echo "exports: $exported" >&2; exit 1; }
    if readelf -d "$1" | grep -E 'RPATH|RUNPATH'; then
        echo "has a run path" >&2
        exit 1
    fi
    if readelf -d "$1" | grep boost; then
        echo "needs a shared library of Boost" >&2
        exit 1
    fi
    readelf -p .note.triage "$1" | grep -q "id=$name"
}

case $how in
cmake)
    "$(dirname "$0")/build_and_test.sh" "$scratch/project" "$scratch/build" \
        -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release \
        -DTRIAGE_SANITIZE="${SANITIZE:-}" -DCMAKE_CXX_FLAGS="$sanitizer_flags"
    one_export "$scratch/build/$name.so"
    grep -q "$name.down" "$scratch/build/$name.causes.toml"
    ;;
pkg-config)
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name triage-sdk.pc)")
    export PKG_CONFIG_PATH
    cd "$scratch/project"
    macros="-DTRIAGE_PLUGIN_ID=\"$name\" -DTRIAGE_PLUGIN_VERSION=\"0.1.0\" $sanitizer_flags"
    # shellcheck disable=SC2046,SC2086 # flags are several words
    {
        g++ $(pkg-config --cflags triage-sdk) $(pkg-config --variable=plugin_flags triage-sdk) \
            $macros "$name.cpp" -o "$name.so" $(pkg-config --cflags --libs triage-sdk-json)
        g++ -std=c++20 $macros "$name.cpp" "${name}_test.cpp" -o unit_test \
            $(pkg-config --cflags --libs triage-sdk-testing) -lgmock -lgtest_main -lgtest
    }
    one_export "$name.so"
    ./unit_test
    ;;
esac
