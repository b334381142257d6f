#!/usr/bin/env bash
# Installs into a directory of its own and builds projects against that: CMake with Ninja and GoogleTest, pkg-config,
# a host with an SQLite and some Rust of its own, the Unreal plugin's layout. Each program pays one coin over HTTPS, and
# the ledger is asked. Expects a release build. The last line is `tests/packages: ok`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/common.sh

prefix=$work/prefix
cxx=(g++ -std=c++17 -O2 -Wall -Wextra -Werror -Itests/packages)
programs=0
export base_url ca_file journal orders

# pays PROGRAM [ARGUMENT...]: it succeeds, and one coin more is paid.
pays() {
    programs=$((programs + 1))
    journal=sqlite:$work/$programs.journal
    orders=$work/$programs.orders
    run timeout 60 "$@"
    paid
}

# paid: as many orders as programs have been run, and each was charged once.
paid() {
    control "ledger?openid=opackages" >"$work/ledger.json"
    python3 -c 'import json, sys
orders = json.load(open(sys.argv[1]))["orders"]
assert len(orders) == int(sys.argv[2]) and all(order["charged"] == 1 for order in orders), orders' \
        "$work/ledger.json" "$programs" || fail "the ledger does not say $programs orders, each charged once"
}

# needs PROGRAM yes|no: whether it loads the shared library, by its soname. A new soname is a new promise: say it here.
needs() {
    local loads=no
    readelf -d "$1" >"$work/dynamic"
    if grep -qF "[libwxgame.so.0.1]" "$work/dynamic"; then loads=yes; fi
    [ "$loads" = "$2" ] || fail "$1: loads libwxgame.so.0.1: $loads, in place of $2"
}

# flags OPTION...: what pkg-config tells.
flags() { pkg-config "$@" wxgame; }

run env PREFIX="$prefix" scripts/install.sh
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

# Only the functions of the header are to be seen; what the shared library must have besides, its own test says.
nm -g --defined-only "$prefix/lib/libwxgame.a" | awk 'NF == 3 {print $3}' | LC_ALL=C sort >"$work/names"
diff tests/c/exports.txt "$work/names" >&2 || fail "libwxgame.a shows (>) other names than tests/c/exports.txt (<)"
run tests/c/exports.sh "$prefix/lib/libwxgame.so"
[ "$(pkg-config --modversion wxgame)" = "$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)" ] ||
    fail "wxgame.pc tells another version than Cargo.toml"
echo "install: ok"

start_sandbox
base_url=$https
run control topup '{"openid":"opackages","amt":100}'

# CMake; once more with static libraries as the project's custom.
for shared in ON OFF; do
    cmake -E copy_directory tests/packages/cmake "$work/project-$shared"
    cp tests/packages/pay.hpp "$work/project-$shared"
    run cmake -G Ninja -S "$work/project-$shared" -B "$work/build-$shared" -DCMAKE_PREFIX_PATH="$prefix" \
        -DBUILD_SHARED_LIBS=$shared -DCMAKE_BUILD_TYPE=Release
    run cmake --build "$work/build-$shared"
    needs "$work/build-$shared/pay_shared" yes
    needs "$work/build-$shared/pay_static" no
    for name in shared static wxgame; do
        pays ctest --test-dir "$work/build-$shared" --output-on-failure --no-tests=error -R "^pay_$name\$"
    done
done
needs "$work/build-ON/pay_wxgame" yes
needs "$work/build-OFF/pay_wxgame" no
echo "CMake: ok"

# pkg-config, by hand.
printf '#include "pay.hpp"\n#include <cstdio>\nint main() { return std::puts(pay_once().c_str()) < 0; }\n' >"$work/one.cpp"
run "${cxx[@]}" "$work/one.cpp" $(flags --cflags --libs) -o "$work/one-shared"
needs "$work/one-shared" yes
pays env LD_LIBRARY_PATH="$prefix/lib" "$work/one-shared"
run "${cxx[@]}" -static "$work/one.cpp" $(flags --static --cflags --libs) -o "$work/one-static"
needs "$work/one-static" no
pays "$work/one-static"
# C, which brings no C++ library along.
run gcc -std=c99 -O2 examples/c/pay.c $(flags --cflags) "$prefix/lib/libwxgame.a" -lpthread -ldl -lm -o "$work/pay-c"
pays "$work/pay-c" base_url="$base_url" ca_file="$ca_file" journal="sqlite:$work/c.journal" grants="$work/grants" \
    js_code=code:opackages:c bill_no=from-c amount=1
echo "pkg-config: ok"

# What a package's maker does, and whoever moves it: other directories, found all the same.
run env DESTDIR="$work/stage" PREFIX=/opt/wxgame LIBDIR=lib64 scripts/install.sh
diff -r "$prefix/lib" "$work/stage/opt/wxgame/lib64" >&2 && diff -r "$prefix/include" "$work/stage/opt/wxgame/include" >&2 ||
    fail "another DESTDIR, PREFIX or LIBDIR gives other files"
mv "$work/stage/opt/wxgame" "$work/moved"
run "${cxx[@]}" "$work/one.cpp" $(PKG_CONFIG_PATH=$work/moved/lib64/pkgconfig flags --cflags --libs) -o "$work/one-moved"
pays env LD_LIBRARY_PATH="$work/moved/lib64" "$work/one-moved"
echo "moved: ok"

# A host with an SQLite and some Rust of its own, which meet neither ours nor its.
run rustc --edition 2024 --crate-type staticlib -O -C panic=unwind tests/packages/other.rs -o "$work/libother.a"
libsqlite3=$(pkg-config --variable=libdir sqlite3)/libsqlite3.a
[ -e "$libsqlite3" ] || fail "no $libsqlite3: install libsqlite3-dev"
host=("${cxx[@]}" tests/packages/host.cpp $(flags --cflags))
run "${host[@]}" "$prefix/lib/libwxgame.a" "$work/libother.a" "$libsqlite3" -lpthread -ldl -lm -o "$work/host-first"
run "${host[@]}" "$libsqlite3" "$work/libother.a" "$prefix/lib/libwxgame.a" -lpthread -ldl -lm -o "$work/host-last"
run "${host[@]}" "$work/libother.a" "$libsqlite3" $(flags --libs) -lpthread -ldl -lm -o "$work/host-shared"
for program in host-first host-last host-shared; do
    pays env LD_LIBRARY_PATH="$prefix/lib" "$work/$program"
done
echo "SQLite and Rust of the host: ok"

# The plugin, with the library put into it as its README.md says.
cp -r examples/unreal "$work/WxGame"
sed -n '/^ *```sh$/,/^ *```$/p' examples/unreal/README.md | grep -v '```' |
    sed "s|/path/to/project/Plugins/WxGame|$work/WxGame|" >"$work/put.sh"
grep -qF "$work/WxGame" "$work/put.sh" || fail "examples/unreal/README.md does not say where the library goes"
run bash -eu "$work/put.sh"
run tests/packages/unreal.py "$work/WxGame"
echo "Unreal: ok"
echo "tests/packages: ok"
