#!/usr/bin/env bash
# make demo: pays from C against the sandbox over HTTPS, loses an answer, kills the program in the middle of a payment.
# The sandbox's ledger, the journal and the program's grants show that every order was charged and granted exactly
# once. The last line is `demo: ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

explain() { printf '\n%s\n' "$*"; }

# pay BILL_NO AMOUNT: runs the example, with a new login each time.
logins=0
pay() {
    logins=$((logins + 1))
    timeout 20 "$work/pay" base_url="$https" ca_file="$ca_file" journal="sqlite:$work/pay.journal" \
        timeout_ms=1500 grants="$work/grants.txt" js_code="code:oPlayer:$logins" bill_no="$1" amount="$2" </dev/null
}

granted() { grep -c "^$1\$" "$work/grants.txt" || true; }
journal_row() {
    sqlite3 -readonly -header -separator ' ' "$work/pay.journal" \
        "SELECT bill_no, amount, state, reason, acked, errcode FROM payments WHERE bill_no = '$1'" |
        sed 's/^/journal   /'
}

explain "Building the library, the sandbox and examples/c/pay.c. The first time takes minutes."
build_release
run gcc "${c_flags[@]}" examples/c/pay.c "${link_flags[@]}" -o "$work/pay"

explain "Starting the sandbox, which plays WeChat on this machine."
start_sandbox
echo "$https, with a certificate authority of its own"

explain "1. The player has topped up 100 coins and pays 30 of them."
run control topup '{"openid":"oPlayer","amt":100}'
pay order-1 30 || fail "the payment ended with status $?"
expect order-1 charged=1 attempts=1
[ "$(granted order-1)" = 1 ] || fail "order-1 was granted $(granted order-1) times"

explain "2. A lost answer: the sandbox takes 20 coins and says nothing. The library gives up waiting after 1.5 s and
   asks again under the same bill_no. 90012 (exists) then means: it was paid by the first attempt."
run control faults '{"call":"pay","do":"yes","reply":{"kind":"hang"}}'
pay order-2 20 || fail "the payment ended with status $?"
expect order-2 charged=1 attempts=2
[ "$(granted order-2)" = 1 ] || fail "order-2 was granted $(granted order-2) times"

explain "3. A crash: the sandbox takes 10 coins, and before it can say so the program is killed with SIGKILL."
run control faults '{"call":"pay","do":"yes","reply":{"kind":"hang"}}'
logins=$((logins + 1))
"$work/pay" base_url="$https" ca_file="$ca_file" journal="sqlite:$work/pay.journal" \
    grants="$work/grants.txt" js_code="code:oPlayer:$logins" bill_no=order-3 amount=10 </dev/null &
paying=$!
for _ in $(seq 250); do
    [[ $(ledger order-3) == *'"charged":1'* ]] && break
    sleep 0.02
done
# In one group, so that bash's own "Killed" is not shown.
{ kill -KILL "$paying" && wait "$paying"; } 2>/dev/null && fail "order-3 ended before it could be killed"
expect order-3 charged=1 attempts=1
journal_row order-3
[[ $(journal_row order-3) == *"order-3 10 sending"* ]] || fail "order-3: the journal does not hold it as open"
[ "$(granted order-3)" = 0 ] || fail "order-3 was granted before anybody knew that it is paid"

explain "   The program starts again on the same journal, finds the payment open there and asks under the same bill_no."
pay order-3 10 || fail "the payment ended with status $?"
expect order-3 charged=1 attempts=2
journal_row order-3
[[ $(journal_row order-3) == *"order-3 10 done none 1"* ]] || fail "order-3: it is not done and acked in the journal"
[ "$(granted order-3)" = 1 ] || fail "order-3 was granted $(granted order-3) times"

explain "4. Asked once more, a finished order is answered from the journal; the sandbox does not even hear of it."
pay order-3 10 || fail "the payment ended with status $?"
expect order-3 charged=1 attempts=2
[ "$(granted order-3)" = 1 ] || fail "order-3 was granted $(granted order-3) times"

explain "100 coins, three orders of 30, 20 and 10: 40 are left."
control "ledger?openid=oPlayer" | sed 's/.*"players":/ledger    /; s/,"truncated.*//'
[[ $(control "ledger?openid=oPlayer") == *'"balance":40,'* ]] || fail "the player does not have 40 coins"

echo
echo "demo: ok"
