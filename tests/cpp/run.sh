#!/usr/bin/env bash
# The C++ header under gcc and clang in C++17, 20 and 23: all of it is compiled and called, payments in flight come back
# on the thread that ticks, parts of a payment come back, pictures are saved, nothing leaks, the programs of docs/cpp.md
# do what they say. Expects a release build. The last line is `tests/cpp: ok`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/common.sh

# says LINE PROGRAM [ARGUMENT...]: the program succeeds and ends with this line.
says() {
    local line=$1
    shift
    run timeout 300 "$@"
    [ "$(tail -1 "$work/said")" = "$line" ] || { cat "$work/said" >&2; fail "$1 did not end with '$line'"; }
}

# standard COMPILER YEAR: its name there; before C++23 was finished it was called 2b.
standard() {
    if "$1" -std=c++"$2" -fsyntax-only -x c++ - </dev/null 2>/dev/null; then echo "-std=c++$2"; else echo "-std=c++2b"; fi
}

with_exceptions=("${cxx_flags[@]/-fno-exceptions/-fexceptions}")
with_exceptions=("${with_exceptions[@]/-fno-rtti/-frtti}")
printf '#include <wxgame.hpp>\n' >"$work/alone.cpp"
printf '#include <wxgame.hpp>\n#include <wxgame.hpp>\nint main() { return wxgame::version().empty(); }\n' >"$work/twice.cpp"

for compiler in g++ clang++; do
    for year in 17 20 23; do
        std=$(standard "$compiler" "$year")
        for part in surface surface_v2 album; do
            run "$compiler" "$std" "${cxx_flags[@]}" tests/cpp/$part.cpp "${link_flags[@]}" -o "$work/$part"
            run "$compiler" "$std" "${with_exceptions[@]}" -fsyntax-only tests/cpp/$part.cpp
        done
        says "surface: ok" "$work/surface"
        says "surface_v2: ok" "$work/surface_v2"
        says "album: ok" "$work/album" "$(mktemp -d -p "$work")"
        # Alone, twice, and in two parts of one program.
        run "$compiler" "$std" "${cxx_flags[@]}" "$work/alone.cpp" "$work/twice.cpp" "${link_flags[@]}" -o "$work/twice"
        run "$work/twice"
        echo "wxgame.hpp, $compiler $std: ok"
    done
done

# One program may hold both kinds of result, and objects of both compilers.
run clang++ -std=c++17 "${cxx_flags[@]}" -DPART=17 -c tests/cpp/mixed.cpp -o "$work/mixed17.o"
run g++ -std=c++23 "${cxx_flags[@]}" -DPART=23 -c tests/cpp/mixed.cpp -o "$work/mixed23.o"
run g++ "$work/mixed17.o" "$work/mixed23.o" "${link_flags[@]}" -o "$work/mixed"
says "mixed: ok" "$work/mixed"
echo "mixed: ok"

run tests/bindings/reached.py c++
tail -1 "$work/said"

# charged_once COUNT: so many orders of the player omany are in the ledger, and each was charged once.
charged_once() {
    control "ledger?openid=omany" >"$work/ledger.json"
    python3 -c 'import json, sys
orders = json.load(open(sys.argv[1]))["orders"]
assert len(orders) == int(sys.argv[2]) and all(order["charged"] == 1 for order in orders), len(orders)' \
        "$work/ledger.json" "$1" || fail "the ledger does not say $1 orders, each charged once"
}

start_sandbox
run g++ -std=c++17 "${cxx_flags[@]}" tests/cpp/payments.cpp "${link_flags[@]}" -o "$work/payments"
run control topup '{"openid":"omany","amt":1000}'
says "payments: ok" "$work/payments" "$https" "$ca_file" "sqlite:$work/payments.journal" 1000
charged_once 1000
head -1 "$work/said"
echo "payments: ok"

# Over plain HTTP: valgrind cannot follow TLS (tests/c/flow.c tells why).
run control reset '{}'
run control topup '{"openid":"omany","amt":50}'
valgrind=(valgrind --quiet --fair-sched=try --error-exitcode=99 --leak-check=full
    --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible)
says "payments: ok" "${valgrind[@]}" "$work/payments" "$http" "" "sqlite:$work/valgrind.journal" 50
charged_once 50
echo "payments, valgrind: ok"

# orders URL CA_FILE JOURNAL PROGRAM...: parts of a payment come back, purchases are asked for.
orders() {
    run control reset '{}'
    run control topup '{"openid":"opart","amt":100}'
    run control purchase '{"openid":"opart","amt":40,"out_trade_no":"bought"}'
    says "orders: ok" "${@:4}" "$1" "$2" "sqlite:$work/$3.journal"
    expect paid charged=1 refunded=30
}
run g++ -std=c++17 "${cxx_flags[@]}" tests/cpp/orders.cpp "${link_flags[@]}" -o "$work/orders"
orders "$https" "$ca_file" orders "$work/orders"
echo "orders: ok"
orders "$http" "" orders-valgrind "${valgrind[@]}" "$work/orders"
says "surface_v2: ok" "${valgrind[@]}" "$work/surface_v2"
says "album: ok" "${valgrind[@]}" "$work/album" "$(mktemp -d -p "$work")"
echo "orders, surface_v2 and album, valgrind: ok"

# shown HEADING EXAMPLE: docs/cpp.md shows the example, whole, under the heading. Builds it.
shown() {
    sed -n "/^## $1\$/,/^## /p" docs/cpp.md | sed -n '/^```cpp$/,/^```$/p' | sed '1d; /^```$/,$d' >"$work/$2.cpp"
    diff "examples/cpp/$2.cpp" "$work/$2.cpp" >&2 || fail "docs/cpp.md shows another $2"
    run g++ -std=c++17 "${cxx_flags[@]}" "examples/cpp/$2.cpp" "${link_flags[@]}" -o "$work/$2"
}

shown Quickstart quickstart
run control topup '{"openid":"oPlayer","amt":100}'
for js_code in code:oPlayer:1 code:oPlayer:2; do
    (cd "$work" && says "paid, 70 coins left" ./quickstart "$https" "$ca_file" "$js_code" order-1)
done
expect order-1 charged=1
echo "quickstart: ok"

shown Album save_image
mkdir "$work/home" "$work/tmp" "$work/usr"
base64 -d >"$work/tmp/picture.png" \
    <<<iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==
save_image=(env -u XDG_CONFIG_HOME HOME="$work/home" "$work/save_image" "$work/tmp" "$work/usr" wxfile://tmp/picture.png)
album="$work/home/Pictures/My Game"
says "saveImageToPhotosAlbum:ok $album/picture.png" "${save_image[@]}" <<<y
says "saveImageToPhotosAlbum:ok $album/picture (2).png" "${save_image[@]}" </dev/null # the user is not asked again
for saved in "$album/picture.png" "$album/picture (2).png"; do
    cmp "$work/tmp/picture.png" "$saved" >&2 || fail "$saved is not the picture"
done
echo "save_image: ok"
echo "tests/cpp: ok"
