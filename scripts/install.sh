#!/usr/bin/env bash
# make install: puts headers, libraries, the CMake package, wxgame.pc and the licences under DESTDIR/PREFIX. Linux.
#
#   PREFIX   /usr/local
#   LIBDIR   lib, below PREFIX: some systems want lib64
#   DESTDIR  empty: put before it all, for whoever makes a package
#
# Both libraries are linked here, from what cargo has built, with only the header's functions to be seen from outside:
# the SQLite within does not meet the program's own, nor this Rust another. And the shared one gets its soname, which a
# library used straight from the build directory must not have. Expects a release build. The last line is `install: ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

PREFIX=${PREFIX:-/usr/local}
LIBDIR=${LIBDIR:-lib}
[[ $PREFIX == /* ]] || fail "PREFIX must begin with /: $PREFIX"
[ "$(uname -s)" = Linux ] || fail "only Linux is installed to"
[ -e "$target/release/libwxgame.a" ] || fail "no release build in $target: run cargo build --release"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
compatible=${version%%.*} # docs/abi.md: before 1.0 each 0.x counts as a major version
[ "$compatible" != 0 ] || compatible=${version%.*}
soname=libwxgame.so.$compatible

awk '/^WXG_API$/ {getline; match($0, /wxg_[a-z0-9_]+\(/); print substr($0, RSTART, RLENGTH - 1)}' \
    include/wxgame.h >"$work/functions"
[ -s "$work/functions" ] || fail "no function found in include/wxgame.h"
# Groups are dissolved: a later link with other Rust code would drop the second of two with one name.
mapfile -t roots < <(sed 's/^/-Wl,--undefined=/' "$work/functions")
run gcc -r -nostdlib -Wl,--force-group-allocation "${roots[@]}" "$target/release/libwxgame.a" -o "$work/whole.o"
run objcopy --keep-global-symbols="$work/functions" --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd \
    "$work/whole.o" "$work/wxgame.o"
run ar rcsD "$work/libwxgame.a" "$work/wxgame.o"
# Stays mapped: see build.rs.
run gcc -shared "$work/wxgame.o" -o "$work/libwxgame.so" \
    -Wl,-soname,"$soname",-z,defs,-z,nodelete,-z,relro,-z,now,--gc-sections,--as-needed -lpthread -ldl -lm

# put MODE FILE PATH: PATH is below the prefix.
put() { install -D -m "$1" "$2" "${DESTDIR:-}$PREFIX/$3"; }

# fill_in FILE: the template without its `.in`.
fill_in() {
    local name
    name=$(basename "$1" .in)
    sed -e "s|@VERSION@|$version|g" -e "s|@COMPATIBLE@|$compatible|g" -e "s|@SONAME@|$soname|g" \
        -e "s|@PREFIX@|$(realpath -ms --relative-to="/$LIBDIR" /)|g" "$1" >"$work/$name"
}

put 644 include/wxgame.h include/wxgame.h
put 644 bindings/cpp/wxgame.hpp include/wxgame.hpp
put 644 "$work/libwxgame.a" "$LIBDIR/libwxgame.a"
put 755 "$work/libwxgame.so" "$LIBDIR/libwxgame.so.$version"
ln -sf "libwxgame.so.$version" "${DESTDIR:-}$PREFIX/$LIBDIR/$soname"
ln -sf "$soname" "${DESTDIR:-}$PREFIX/$LIBDIR/libwxgame.so"
fill_in packaging/wxgame.pc.in
put 644 "$work/wxgame.pc" "$LIBDIR/pkgconfig/wxgame.pc"
for name in wxgame-config.cmake wxgame-config-version.cmake; do
    fill_in "packaging/$name.in"
    put 644 "$work/$name" "$LIBDIR/cmake/wxgame/$name"
done
for licence in LICENSE-APACHE LICENSE-MIT; do
    put 644 "$licence" "share/doc/wxgame/$licence"
done
echo "install: ok"
