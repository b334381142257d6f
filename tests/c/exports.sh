#!/usr/bin/env bash
# The ABI gate: the names that the shared library exports are those that the header declares and those of the
# committed baseline, and the library stays mapped. tests/c/exports.sh LIBRARY [LIBRARY WITH TEST HOOKS]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
header=$here/../../include/wxgame.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

exported() {
    nm -D --defined-only "$1" | awk '{print $3}' | sort
}

same() { # what, file, what, file
    if ! diff "$2" "$4" >"$work/diff"; then
        echo "exports.sh: $1 (<) and $3 (>) differ:" >&2
        cat "$work/diff" >&2
        exit 1
    fi
}

exported "$1" >"$work/library"
# Without its comments, every name before a parenthesis is a function; three are the header's own.
awk 'BEGIN {RS = "\\*/"} {sub(/\/\*.*/, ""); print}' "$header" | grep -o 'wxg_[a-z0-9_]*(' | tr -d '(' |
    grep -v -x -e wxg_cstr -e wxg_init_ | sort -u >"$work/header"
same "the library" "$work/library" "include/wxgame.h" "$work/header"
same "the library" "$work/library" "tests/c/exports.txt" "$here/exports.txt"

if [ $# -gt 1 ]; then
    exported "$2" | grep -v -x wxg_test_panic_next >"$work/hooks" || true
    same "the library with test hooks" "$work/hooks" "the library" "$work/library"
fi

readelf -d "$1" >"$work/dynamic"
if ! grep FLAGS_1 "$work/dynamic" | grep NODELETE >/dev/null; then
    echo "exports.sh: $1 can be unloaded while its threads run: build.rs must link it with -z nodelete" >&2
    exit 1
fi
echo "exports: ok"
