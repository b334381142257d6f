#!/usr/bin/env bash
# The C ABI tested from C, against the sandbox: tests/c/run.sh [NAME...]
#
# Without a name everything; with names those programs only, each in all its kinds. Linux. Builds what it needs
# (CARGO_TARGET_DIR is honoured), prints the seconds of each part, shows what a failed part said; the last line is
# `tests/c: ok`. A program passes when it exits with 0 and its last line is `NAME: ok`.
#
# plain     gcc, C99, every warning an error
# asan      AddressSanitizer with LeakSanitizer, and UBSan: the C side is instrumented; of the library they see what
#           it allocates and frees, and what it passes to libc
# tsan      ThreadSanitizer over the C side alone. The library is not instrumented, and TSan knows nothing of its
#           locks, so what happens inside it is ignored: this finds races of C programs that use the library as
#           they may, not races in the library
# valgrind  memcheck, which sees all of the library but TLS (flow.c tells why); no suppressions; what takes time is
#           left out of the program
set -euo pipefail
cd "$(dirname "$0")/../.."

asan=(nulls structs sign game_v2 bad_input panics close guest threads many flow operator orders pushes journals full_disk
    apps clock album album_files album_trouble album_disk album_processes)
# Most of a minute, and it frees nothing that the others do not.
programs=("${asan[@]}" credentials)
tsan=(threads flow album)
valgrind=(nulls structs sign game_v2 flow operator pushes album album_files)

needs() { # command, Debian package
    if ! command -v "$1" >/dev/null; then
        echo "tests/c/run.sh: $1 is missing: install the package $2" >&2
        exit 1
    fi
}
needs cargo cargo
needs gcc gcc
needs g++ g++
needs valgrind valgrind
needs nm binutils
needs readelf binutils
needs python3 python3
needs sqlite3 sqlite3
needs setarch util-linux
needs unshare util-linux
needs mount mount
needs timeout coreutils

if [ $# -gt 0 ]; then
    for name in "$@"; do
        case " ${programs[*]} " in
        *" $name "*) ;;
        *)
            echo "tests/c/run.sh: there is no program $name; there are ${programs[*]}" >&2
            exit 2
            ;;
        esac
    done
fi
wanted=("$@")

target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
work=$(mktemp -d)
sandbox=
finish() {
    if [ -n "$sandbox" ]; then
        kill "$sandbox" 2>/dev/null || true
        wait "$sandbox" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

failed=()
part() { # name, command...
    local name=$1 begun=$SECONDS
    shift
    if "$@" >"$work/said" 2>&1; then
        printf '%-28s ok %4d s\n' "$name" $((SECONDS - begun))
    else
        failed+=("$name")
        printf '%-28s FAILED %4d s\n' "$name" $((SECONDS - begun))
        sed 's/^/    /' "$work/said"
    fi
}

chosen() { # a name
    local name
    [ ${#wanted[@]} -gt 0 ] || return 0
    for name in "${wanted[@]}"; do
        [ "$name" != "$1" ] || return 0
    done
    return 1
}

warnings=(-Wall -Wextra -Wpedantic -Wmissing-field-initializers -Wconversion -Wshadow -Werror)

build_library() {
    cargo build --quiet --locked -p wxgame -p wxgame-sandbox --target-dir "$target"
}

build_with_hooks() {
    cargo build --quiet --locked -p wxgame --lib --features test-hooks --target-dir "$target/test-hooks"
}

header() {
    local std
    for std in c99 c11 c17 c2x; do
        gcc -std=$std "${warnings[@]}" -Iinclude -fsyntax-only tests/c/header.c || return
    done
    for std in c++11 c++14 c++17 c++20 c++23; do
        g++ -std=$std "${warnings[@]}" -Iinclude -fsyntax-only -x c++ tests/c/header.c || return
    done
    gcc -std=c11 "${warnings[@]}" -Iinclude -fsyntax-only tests/c/layout.c
}

compile() { # name, kind, flags...
    local name=$1 kind=$2 libraries=$target/debug
    shift 2
    # Only this one needs a library that can be made to panic.
    [ "$name" != panics ] || libraries=$target/test-hooks/debug
    gcc -std=c99 -g "${warnings[@]}" "$@" -Iinclude -I"$work" "tests/c/$name.c" -o "$work/$name-$kind" \
        -L"$libraries" -lwxgame -Wl,-rpath,"$libraries" -pthread
}

has_symbol() { # program, symbol
    if ! nm "$1" | grep -w "$2" >/dev/null; then
        echo "$1 was built without what it is to be checked with: no $2 in it"
        return 1
    fi
}

# Sets `disk`: what starts a command with 1 MiB of room in WXG_TEST_DIR, in a mount namespace that ends with it.
small_disk() {
    disk=(unshare --mount)
    [ "$(id -u)" = 0 ] || disk=(unshare --user --map-root-user --mount)
    disk+=(sh -c 'mount -t tmpfs -o size=1m wxgame-test "$WXG_TEST_DIR" && exec "$@"' sh)
    "${disk[@]}" true || {
        echo "it fills a file system of its own, and none can be mounted here: root needs CAP_SYS_ADMIN," \
            "others need user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone)"
        return 1
    }
}

run() { # name, command...
    local name=$1 disk=()
    shift
    rm -rf "$work/files"
    mkdir "$work/files"
    export WXG_TEST_DIR=$work/files
    # Only these fill a disk.
    case $name in *_disk) small_disk || return ;; esac
    timeout 300 "${disk[@]}" "$@" >"$work/out" 2>&1 || {
        echo "exit status $? (124: it hung)"
        cat "$work/out"
        return 1
    }
    cat "$work/out"
    if [ "$(tail -n 1 "$work/out")" != "$name: ok" ]; then
        echo "the last line is not \`$name: ok\`"
        return 1
    fi
}

plain() {
    compile "$1" plain -O1 && run "$1" "$work/$1-plain"
}

sanitized() {
    compile "$1" asan -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all &&
        has_symbol "$work/$1-asan" __asan_init && has_symbol "$work/$1-asan" __ubsan_handle_type_mismatch_v1_abort &&
        ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 run "$1" "$work/$1-asan"
}

# Without address randomisation, which some kernels do in a way that TSan cannot stand.
raced() {
    compile "$1" tsan -O1 -fsanitize=thread && has_symbol "$work/$1-tsan" __tsan_init &&
        TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1:exitcode=66 run "$1" setarch -R "$work/$1-tsan"
}

checked() {
    compile "$1" valgrind -O1 &&
        WXG_TEST_SLOW=1 run "$1" valgrind --quiet --fair-sched=try --error-exitcode=99 --leak-check=full \
            --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible \
            "$work/$1-valgrind"
}

start_sandbox() {
    "$target/debug/wxgame-sandbox" serve --ca-file "$work/ca.pem" >"$work/ready" &
    sandbox=$!
    local tries
    for tries in $(seq 200); do
        [ ! -s "$work/ready" ] || break
        if ! kill -0 "$sandbox" 2>/dev/null || [ "$tries" = 200 ]; then
            echo "tests/c/run.sh: the sandbox did not start" >&2
            exit 1
        fi
        sleep 0.05
    done
    WXG_TEST_HTTP=$(sed 's/.*"http":"\([^"]*\)".*/\1/' "$work/ready")
    WXG_TEST_HTTPS=$(sed 's/.*"https":"\([^"]*\)".*/\1/' "$work/ready")
    WXG_TEST_CA=$work/ca.pem
    WXG_TEST_SANDBOX=$target/debug/wxgame-sandbox
    export WXG_TEST_HTTP WXG_TEST_HTTPS WXG_TEST_CA WXG_TEST_SANDBOX
}

part "build" build_library
part "build with test hooks" build_with_hooks
[ ${#failed[@]} = 0 ] || exit 1
python3 tests/c/vectors.py tests/vectors/midas_v1.json >"$work/vectors.h"
python3 tests/c/vectors.py tests/vectors/game_v2.json >"$work/game_v2.h"
if [ ${#wanted[@]} = 0 ]; then
    part "header, layout" header
    part "exports" tests/c/exports.sh "$target/debug/libwxgame.so" "$target/test-hooks/debug/libwxgame.so"
fi
start_sandbox
for name in "${programs[@]}"; do
    if chosen "$name"; then part "$name" plain "$name"; fi
done
for name in "${asan[@]}"; do
    if chosen "$name"; then part "$name, asan" sanitized "$name"; fi
done
for name in "${tsan[@]}"; do
    if chosen "$name"; then part "$name, tsan" raced "$name"; fi
done
for name in "${valgrind[@]}"; do
    if chosen "$name"; then part "$name, valgrind" checked "$name"; fi
done

if [ ${#failed[@]} != 0 ]; then
    (IFS=,; echo "tests/c: FAILED: ${failed[*]}")
    exit 1
fi
printf "%-28s    %4d s\n" "in all" "$SECONDS"
echo "tests/c: ok"
