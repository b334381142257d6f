#!/usr/bin/env bash
# make bench: what signing and encoding one payment costs, beside the hashing nobody can avoid; then payments per second
# against the sandbox, and the commits and bytes that each costs the journal; then what saving a picture costs. Prints
# figures and judges none of them.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

echo "Building. The first time takes minutes."
build_release
run cargo bench --locked --no-run

echo "One payment's request, signed and encoded (criterion: low, middle, high):"
cargo bench --locked --bench build --bench build_c --bench push 2>/dev/null | grep -E 'time:|^[a-z].*/' | grep -vE '^Benchmarking'

# The journals lie beside the build, on a disk that makes a commit wait; /tmp may be memory.
journal=$(mktemp -d "$target/bench.XXXXXX")
trap 'scripts/postgres.sh stop "$journal/postgres" >/dev/null 2>&1 || true; rm -rf "$journal"; clean_up' EXIT
start_sandbox
# A player each: a login ends the session of the one before.
for player in oPlayer1 oPlayer2 oPlayer3 oPlayer4; do run control topup "{\"openid\":\"$player\",\"amt\":100000000}"; done
run gcc "${c_flags[@]}" benches/pay_rate.c "${link_flags[@]}" -o "$work/pay_rate"
database=$(scripts/postgres.sh start "$journal/postgres")

# CPU of the database so far, microseconds: its processes, those that have ended included.
database_cpu_us() {
    local first
    first=$(head -1 "$journal/postgres/data/postmaster.pid")
    # One that ends meanwhile counts with the first.
    { cat "/proc/$first/stat" $(pgrep --parent "$first" | sed 's|.*|/proc/&/stat|') 2>/dev/null || true; } |
        awk -v first="$first" -v tick="$(getconf CLK_TCK)" \
            '{ ticks += $14 + $15 } $1 == first { ticks += $16 + $17 } END { printf "%.0f", ticks * 1e6 / tick }'
}

# servers JOURNAL COUNT IN_FLIGHT: so many processes at once, each with so many payments under way; one row for all.
servers() {
    local place=$1 count=$2 in_flight=$3 before after each pids=()
    before=$(database_cpu_us)
    for ((each = 1; each <= count; each++)); do
        local ledger=$database
        [ "$place" = postgres ] || ledger=sqlite:$journal/ledger-$each
        "$work/pay_rate" "$https" "$ca_file" "$ledger" "code:oPlayer$each:$place-$count-$in_flight" "$in_flight" >"$work/rate-$each" &
        pids+=($!)
    done
    for each in "${pids[@]}"; do wait "$each" || fail "pay_rate with $place"; done
    after=$(database_cpu_us)
    cat "$work"/rate-* | awk -v place="$place" -v servers="$count" -v in_flight="$in_flight" -v database=$((after - before)) '
        { n += $1; rate += $2; p50 += $3 * $1; if ($4 > p99) p99 = $4; cpu += $5 * $1; commits += $6 * $1; bytes += $7 * $1 }
        END { printf "%-9s  %7d  %9d  %10.0f  %7.2f  %7.2f  %14.0f  %13s  %15.2f  %13s\n", place, servers, in_flight, rate,
            p50 / n, p99, cpu / n, place == "postgres" ? sprintf("%.0f", database / n) : "-", commits / n,
            place == "postgres" ? "-" : sprintf("%.0f", bytes / n) }'
    rm "$work"/rate-*
}

echo
echo "Payments over HTTPS on loopback; the journals on $(df --output=fstype "$journal" | tail -1), every commit on disk;"
echo "$(nproc) processors, shared with the sandbox and the database; bytes as the kernel counts them, in whole pages:"
printf '%-9s  %7s  %9s  %10s  %7s  %7s  %14s  %13s  %15s  %13s\n' journal servers 'in flight' payments/s 'p50 ms' \
    'p99 ms' 'CPU us/payment' 'database CPU' commits/payment bytes/payment
for place in sqlite postgres; do
    for count in 1 4; do
        for in_flight in 1 64; do servers "$place" "$count" "$in_flight"; done
    done
done

echo
echo "Saving a picture, beside cp and fsync of the same file on the same disk, MB/s and how many times as fast:"
run gcc "${c_flags[@]}" benches/save_image.c "${link_flags[@]}" -o "$work/save_image"
printf '%11s  %9s  %9s  %5s\n' bytes save 'cp+fsync' ratio
for size in 100000:200 2000000:100 64000000:10; do
    mkdir "$journal/pictures"
    "$work/save_image" "$journal/pictures" "${size%:*}" "${size#*:}"
    rm -r "$journal/pictures"
done

echo
echo "One call, from each language: a get_balance submitted, and a poll that finds nothing:"
run gcc "${c_flags[@]}" benches/calls.c "${link_flags[@]}" -o "$work/calls"
"$work/calls" C
run g++ -std=c++17 "${cxx_flags[@]}" benches/calls.cpp "${link_flags[@]}" -o "$work/calls-cpp"
"$work/calls-cpp" C++
run mcs -langversion:7.2 -unsafe -optimize -target:library -out:"$work/WxGame.dll" bindings/csharp/Runtime/*.cs
run mcs -langversion:7.2 -optimize -r:"$work/WxGame.dll" -out:"$work/Calls.exe" benches/Calls.cs
LD_LIBRARY_PATH=$target/release mono "$work/Calls.exe" "C#, Mono"
. tests/go/env.sh
run go -C benches/go build -tags wxgame_static -o "$work/calls-go" .
"$work/calls-go" Go
