# What the scripts share. Sourced from the root of the repository by bash, with `set -euo pipefail`.

target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
export CARGO_TARGET_DIR=$target
work=$(mktemp -d)
sandbox_pid=

clean_up() {
    [ -z "$sandbox_pid" ] || kill "$sandbox_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

fail() {
    echo "$(basename "$0" .sh): FAILED: $*" >&2
    exit 1
}

# run COMMAND...: quiet when it succeeds; shows what it said when it fails.
run() {
    "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$*"; }
}

build_release() {
    run cargo build --release --locked --package wxgame --package wxgame-sandbox
}

c_flags=(-std=c99 -O2 -Wall -Wextra -Wpedantic -Wconversion -Werror -Iinclude)
cxx_flags=(-O2 -fno-exceptions -fno-rtti -Wall -Wextra -Wpedantic -Wconversion -Werror -Iinclude -Ibindings/cpp)

# link_flags: against the shared library where it was built.
link_flags=(-L"$target/release" -lwxgame -Wl,-rpath,"$target/release")

# start_sandbox [OPTION...]: sets http, https and ca_file. Stopped when the script ends.
start_sandbox() {
    ca_file=$work/ca.pem
    "$target/release/wxgame-sandbox" serve --ca-file "$ca_file" "$@" >"$work/ready.json" 2>"$work/sandbox.log" &
    sandbox_pid=$!
    for _ in $(seq 100); do
        [ -s "$work/ready.json" ] && break
        kill -0 "$sandbox_pid" 2>/dev/null || fail "the sandbox did not start: $(cat "$work/sandbox.log")"
        sleep 0.05
    done
    http=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/ready.json")
    https=$(sed -n 's/.*"https":"\([^"]*\)".*/\1/p' "$work/ready.json")
    [ -n "$http" ] && [ -n "$https" ] || fail "the sandbox is not ready: $(cat "$work/ready.json" "$work/sandbox.log")"
}

# control PATH [JSON]: asks the sandbox's control API.
control() {
    curl --silent --show-error --fail --noproxy '*' --max-time 5 "$http/sandbox/$1" ${2:+--data "$2"}
}

# ledger BILL_NO: the order's row in the sandbox.
ledger() {
    control "ledger?bill_no=$1" | sed 's/.*"orders":\[\([^]]*\)\].*/\1/'
}

# expect BILL_NO NAME=NUMBER...: shows the order's row; fails unless it says so.
expect() {
    local bill_no=$1 row wanted
    shift
    row=$(ledger "$bill_no")
    echo "ledger    $row"
    for wanted in "$@"; do
        [[ $row =~ \"${wanted%=*}\":${wanted#*=}[,}] ]] || fail "$bill_no: the ledger does not say $wanted"
    done
}
