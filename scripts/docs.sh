#!/usr/bin/env bash
# Every chapter stands in docs/SUMMARY.md, every relative link leads somewhere, every dependency is explained, README's
# program compiles, and docs/errcodes.md says what the library says (UPDATE_DOCS=1 rewrites its tables). Expects a
# release build. The last line is `docs: ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

for page in docs/*.md; do
    [ "$page" = docs/SUMMARY.md ] && continue
    grep -q "]($(basename "$page"))" docs/SUMMARY.md || fail "$page is not in docs/SUMMARY.md"
done

for page in *.md docs/*.md sandbox/README.md; do
    for link in $(grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -vE '^[a-z]+:' || true); do
        [ -e "$(dirname "$page")/$link" ] || fail "$page links to $link, which is not there"
    done
done

# The packages that a manifest names, each with its version in Cargo.lock, have a line in docs/dependencies.md.
cargo metadata --locked --no-deps --format-version 1 >"$work/metadata.json"
grep -oE '"name":"[a-z0-9_-]+","source":"registry' "$work/metadata.json" | cut -d'"' -f4 | sort -u >"$work/packages"
[ -s "$work/packages" ] || fail "cargo metadata names no dependency"
while read -r package; do
    version=$(grep -A1 -Fx "name = \"$package\"" Cargo.lock | sed -n 's/^version = "\(.*\)"/\1/p' | sort -V | tail -1)
    grep -qF "| $package | $version |" docs/dependencies.md || fail "docs/dependencies.md does not list $package $version"
done <"$work/packages"

for make_target in $(grep -oE '`?make [a-z]+' README.md CONTRIBUTING.md | awk '{print $NF}' | sort -u); do
    grep -q "^$make_target:" Makefile || fail "there is no make $make_target"
done
for name in $(grep -ohE '\bwxg_[a-z0-9_]+|\bWXG_[A-Z0-9_]+' README.md docs/*.md | grep -vE '_$' | sort -u); do
    grep -qw "$name" include/wxgame.h || fail "README.md or docs/ name $name, which wxgame.h does not have"
done

sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d' >"$work/readme.c"
[ -s "$work/readme.c" ] || fail "README.md has no C program"
run gcc "${c_flags[@]}" -fsyntax-only "$work/readme.c"

run gcc "${c_flags[@]}" scripts/errcodes.c "${link_flags[@]}" -o "$work/errcodes"
sed '/^<!-- From here on/q' docs/errcodes.md >"$work/errcodes.md"
"$work/errcodes" >>"$work/errcodes.md"
[ -z "${UPDATE_DOCS:-}" ] || cp "$work/errcodes.md" docs/errcodes.md
diff "$work/errcodes.md" docs/errcodes.md || fail "docs/errcodes.md is out of date: run UPDATE_DOCS=1 scripts/docs.sh"
echo "docs: ok"
