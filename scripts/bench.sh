#!/usr/bin/env bash
# make bench: what signing and encoding one payment costs, beside the hashing nobody can avoid; then payments per second
# against the sandbox, and the commits and bytes that each costs the journal. Prints figures and judges none of them.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

echo "Building. The first time takes minutes."
build_release
run cargo bench --locked --no-run

echo "One payment's request, signed and encoded (criterion: low, middle, high):"
cargo bench --locked --bench build --bench build_c --bench push 2>/dev/null | grep -E 'time:|^[a-z].*/' | grep -vE '^Benchmarking'

# The journal lies beside the build, on a disk that makes a commit wait; /tmp may be memory.
journal=$(mktemp -d "$target/bench.XXXXXX")
trap 'rm -rf "$journal"; clean_up' EXIT
start_sandbox
run control topup '{"openid":"oPlayer","amt":100000000}'
run gcc "${c_flags[@]}" benches/pay_rate.c "${link_flags[@]}" -o "$work/pay_rate"
echo
echo "Payments over HTTPS on loopback; the journal on $(df --output=fstype "$journal" | tail -1), every commit on disk;"
echo "$(nproc) processors, shared with the sandbox; bytes as the kernel counts them, in whole pages:"
"$work/pay_rate" "$https" "$ca_file" "sqlite:$journal/journal" code:oPlayer:1

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
