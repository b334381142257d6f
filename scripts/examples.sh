#!/usr/bin/env bash
# Runs examples/c/pay.c and examples/cpp/pay.cpp against the sandbox: paid, refused, asked again, with an expired
# session, with a lost answer, killed in the middle; then examples/c/item_order.c, examples/c/save_image.c, and the push
# endpoint of each language, driven by tests/endpoints. Expects a release build. The last line is `examples: ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

# pay STATUS WORD... -- NAME=VALUE...: the program ends with this status and has said all these words.
pay() {
    local status=$1 got=0 words=()
    shift
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    shift
    timeout 20 "$work/pay" "$@" base_url="$https" ca_file="$ca_file" journal="sqlite:$work/$language.journal" \
        timeout_ms=1000 grants="$work/$language.txt" >"$work/said" 2>&1 || got=$?
    if [ "$got" != "$status" ]; then
        cat "$work/said"
        fail "$language: ended with $got in place of $status: $*"
    fi
    local word
    for word in "${words[@]}"; do
        grep -qF -- "$word" "$work/said" && continue
        cat "$work/said"
        fail "$language: did not say '$word'"
    done
}

granted() {
    [ "$(grep -c "^$1\$" "$work/$language.txt" || true)" = "$2" ] || fail "$language: $1 was not granted $2 times"
}

story() {
    local o="o$language"
    run control topup "{\"openid\":\"$o\",\"amt\":100}"

    pay 0 "balance   100 coins" "$language-1: done, 30 coins" "granted   $language-1" "balance   70 coins" -- \
        js_code="code:$o:1" bill_no="$language-1" amount=30 </dev/null
    pay 0 "$language-1: done" "balance   70 coins" -- js_code="code:$o:2" bill_no="$language-1" amount=30 </dev/null
    pay 1 "another amount" -- js_code="code:$o:3" bill_no="$language-1" amount=31 </dev/null
    pay 2 "$language-2: rejected" "balance   70 coins" -- js_code="code:$o:4" bill_no="$language-2" amount=71 </dev/null
    pay 1 "login" -- js_code="wrong" bill_no="$language-3" </dev/null
    pay 1 "ca_file: " -- ca_file="$ca_file.missing" </dev/null
    granted "$language-1" 1
    granted "$language-2" 0

    # The session ends between the balance and the payment; a new js_code comes from standard input.
    run control faults '{"call":"pay","do":"no","reply":{"kind":"errcode","errcode":90010}}'
    pay 3 "session   of $o is needed" "run again" -- js_code="code:$o:5" bill_no="$language-4" amount=10 </dev/null
    run control faults '{"call":"pay","do":"no","reply":{"kind":"errcode","errcode":90010}}'
    pay 0 "session   of $o is needed" "$language-4: done" "balance   60 coins" -- \
        js_code="code:$o:6" bill_no="$language-4" amount=10 <<<"code:$o:7"
    granted "$language-4" 1

    # The answer is lost.
    run control faults '{"call":"pay","do":"yes","reply":{"kind":"reset"}}'
    pay 0 "$language-5: done" "balance   50 coins" -- js_code="code:$o:8" bill_no="$language-5" amount=10 </dev/null
    expect "$language-5" charged=1 >"$work/row"
    granted "$language-5" 1

    # Killed after the charge; a later run, for another order, learns of it and grants it.
    run control faults '{"call":"pay","do":"yes","reply":{"kind":"hang"}}'
    "$work/pay" base_url="$https" ca_file="$ca_file" journal="sqlite:$work/$language.journal" \
        grants="$work/$language.txt" js_code="code:$o:9" bill_no="$language-6" amount=10 </dev/null >"$work/killed" 2>&1 &
    local paying=$!
    for _ in $(seq 250); do
        [[ $(ledger "$language-6") == *'"charged":1'* ]] && break
        sleep 0.02
    done
    # In one group, so that bash's own "Killed" is not shown.
    { kill -KILL "$paying" && wait "$paying"; } 2>/dev/null && fail "$language-6 ended before it could be killed"
    granted "$language-6" 0
    # Which of the two is answered first is open, and the program leaves after its own.
    for run in $(seq 20); do
        pay 0 "$language-7: done" "balance   30 coins" -- \
            js_code="code:$o:1$run" bill_no="$language-7" amount=10 </dev/null
        grep -qF "resolved  $language-6: done" "$work/said" && break
    done
    grep -qF "resolved  $language-6: done" "$work/said" || fail "$language: $language-6 was never resolved"
    expect "$language-6" charged=1 >"$work/row"
    granted "$language-6" 1
    granted "$language-7" 1
    echo "examples/$language/pay.$language: ok"
}

# sell STATUS JS_CODE: the item order ends with this status; a line on standard input says that the player has paid.
sell() {
    local got=0
    timeout 20 "$work/item_order" base_url="$https" ca_file="$ca_file" journal="sqlite:$work/item_order.journal" \
        out_trade_no=sold-1 js_code="$2" >"$work/sold" 2>&1 || got=$?
    [ "$got" = "$1" ] || { cat "$work/sold"; fail "item_order: ended with $got in place of $1"; }
}

# string NAME: what the game client hands to WeChat, fit for a JSON text.
string() {
    sed -n "s/^$1 *//p" "$work/sold" | sed 's/["\\]/\\&/g'
}

start_sandbox
language=c
run gcc "${c_flags[@]}" examples/c/pay.c "${link_flags[@]}" -o "$work/pay"
story
language=cpp
run g++ -std=c++17 "${cxx_flags[@]}" examples/cpp/pay.cpp "${link_flags[@]}" -o "$work/pay"
story

run gcc "${c_flags[@]}" examples/c/item_order.c "${link_flags[@]}" -o "$work/item_order"
sell 3 code:oitem:1 </dev/null
control item "{\"openid\":\"oitem\",\"signData\":\"$(string signData)\",\"paySig\":\"$(string paySig)\",\"signature\":\"$(string signature)\"}" |
    grep -qF '"ok":true' || fail "item_order: WeChat refuses its strings"
sell 0 code:oitem:2 <<<paid
grep -qF "granted   1 x sword for sold-1" "$work/sold" || fail "item_order: sold-1 was not granted"
sell 0 code:oitem:3 </dev/null
! grep -qF granted "$work/sold" || fail "item_order: sold-1 was granted twice"
echo "examples/c/item_order.c: ok"

scripts/save_image.sh "$target/release"

server_flags=("${cxx_flags[@]/-fno-exceptions/-fexceptions}")
read -ra httplib <<<"$(pkg-config --cflags --libs cpp-httplib)"
run g++ -std=c++17 "${server_flags[@]/-fno-rtti/-frtti}" examples/cpp/endpoint.cpp "${link_flags[@]}" "${httplib[@]}" \
    -pthread -o "$work/endpoint-cpp"
run mcs -langversion:7.2 -unsafe -target:library -out:"$work/WxGame.dll" bindings/csharp/Runtime/*.cs
run mcs -langversion:7.2 -r:"$work/WxGame.dll" -r:System.Web -r:Mono.Posix -out:"$work/Endpoint.exe" examples/csharp/Endpoint.cs
. tests/go/env.sh
run go -C examples/go build -tags wxgame_static -o "$work/endpoint-go" ./endpoint
tests/endpoints/run.py --sandbox "$target/release/wxgame-sandbox" --endpoint cpp="$work/endpoint-cpp" \
    --endpoint csharp="env LD_LIBRARY_PATH=$target/release mono $work/Endpoint.exe" \
    --endpoint go="$work/endpoint-go"
echo "examples: ok"
