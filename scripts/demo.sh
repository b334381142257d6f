#!/usr/bin/env bash
# make demo: pays against the sandbox over HTTPS; loses an answer; kills the program in the middle of a payment.
# The sandbox's ledger and the journal show that every order was charged exactly once. The last line is `demo: ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

explain() { printf '\n\033[1m%s\033[0m\n' "$*"; }

explain "Building the library, the sandbox and examples/c/pay.c."
build_release
build_c_example pay

explain "Starting the sandbox, which plays WeChat on this machine, over HTTPS with a certificate authority of its own."
start_sandbox
echo "$https"

# pay BILL_NO AMOUNT [js_code nonce]: runs the example; fails when it takes 20 seconds.
pay() {
    timeout 20 "$work/pay" base_url="$https" ca_file="$ca_file" journal="sqlite:$work/pay.journal" \
        grants="$work/grants.txt" js_code="code:oPlayer:$RANDOM$RANDOM" bill_no="$1" amount="$2" timeout_ms=1500 </dev/null
}

# ledger BILL_NO: the order's row in the sandbox.
ledger() { control "ledger?bill_no=$1" | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["orders"]))'; }

# expect BILL_NO NAME=VALUE...: fails unless the sandbox's row says so.
expect() {
    local row bill_no=$1
    shift
    row=$(ledger "$bill_no")
    echo "ledger    $row"
    for wanted in "$@"; do
        grep -q "\"${wanted%=*}\": ${wanted#*=}[,}]" <<<"$row" || fail "$bill_no: the ledger does not say $wanted"
    done
}

# expect_granted BILL_NO: fails unless the program has granted it exactly once.
expect_granted() { [ "$(grep -c "^$1\$" "$work/grants.txt")" = 1 ] || fail "$1 was not granted exactly once"; }

explain "1. The player tops up 100 coins and pays 30."
control topup '{"openid":"oPlayer","amt":100}' >"$work/said"
pay order-1 30 || fail "the payment ended with status $?"
expect order-1 charged=1 attempts=1 amt=30
expect_granted order-1

explain "2. The answer gets lost: the sandbox takes 20 coins and never says so. The library asks again, same bill_no."
control faults '{"call":"pay","do":"yes","reply":{"kind":"hang"}}' >"$work/said"
pay order-2 20 || fail "the payment ended with status $?"
expect order-2 charged=1 attempts=2 amt=20
expect_granted order-2

explain "3. The program is killed between the charge and its answer."
control faults '{"call":"pay","do":"yes","reply":{"kind":"hang"}}' >"$work/said"
pay_in_background order-3 10
for _ in $(seq 100); do
    ledger order-3 | grep -q '"charged": 1' && break
    sleep 0.02
done
kill -KILL "$paying"
wait "$paying" 2>"$work/said" && fail "the payment ended before it could be killed"
expect order-3 charged=1 attempts=1
journal_row order-3
journal_row order-3 | grep -q '^order-3|sending' || fail "order-3: the journal does not hold it as open"
grep -q '^order-3$' "$work/grants.txt" && fail "order-3 was granted before anybody knew"

explain "   It starts again on the same journal, which holds the payment as open."
