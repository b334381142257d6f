#!/usr/bin/env bash
# Each half of the library alone. `payment` has to please clippy. `album` is built and shown to be small: it runs
# examples/c/save_image.c, exports what needs no payment and nothing else, and has nothing of TLS, SQLite or signing in
# it. Expects a release build, in which all that is looked for must be found. The last line is `features: ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh
export LC_ALL=C

alone=(--locked --package wxgame --lib --no-default-features)
whole=$target/release/libwxgame.so
album=$target/album/release/libwxgame.so

# packages [OPTION...]: what the library is made of.
packages() {
    cargo tree --locked --package wxgame --edges normal --prefix none "$@" | awk '{print $1}' | sort -u
}

bytes() {
    strip -o "$work/stripped" "$1"
    stat -c %s "$work/stripped"
}

run cargo clippy "${alone[@]}" --features payment -- -D warnings
run cargo clippy "${alone[@]}" --features album -- -D warnings
run cargo build --release "${alone[@]}" --features album --target-dir "$target/album"

nm -D --defined-only "$album" | awk '{print $3}' | sort >"$work/exported"
grep -E '^wxg_((album|completion|error)_.*|status_text|version|abi_version)$' tests/c/exports.txt >"$work/expected"
diff "$work/exported" "$work/expected" || fail "the album alone exports (<) other names than it should (>)"

# Names of symbols, and texts.
for word in rustls webpki ring_core ureq tokio sqlite3_ "SQLite format 3" hmac sha2 midas access_token api.weixin.qq.com; do
    grep -aqF -- "$word" "$whole" || fail "'$word' is not in the whole library: to look for it proves nothing"
    ! grep -aqF -- "$word" "$album" || fail "'$word' is in the album alone"
done

packages >"$work/packages"
packages --no-default-features --features album >"$work/album-packages"
for name in rustls webpki-roots ring ureq tokio-postgres rusqlite hmac sha1 sha2 aes chacha20poly1305 zeroize serde_json; do
    grep -qx "$name" "$work/packages" || fail "the whole library is not made of $name: to look for it proves nothing"
    ! grep -qx "$name" "$work/album-packages" || fail "the album alone is made of $name"
done

scripts/save_image.sh "$target/album/release"
echo "bytes, stripped: $(bytes "$album") the album alone, $(bytes "$whole") the whole library"
echo "features: ok"
