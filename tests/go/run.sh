#!/usr/bin/env bash
# The Go binding, tested against the sandbox over HTTPS as its users build it, from an installed package: with the shared
# library and the static one, under the race detector and with cgo's own checks; then its quickstart. Expects a release
# build. The last line is `go: ok`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/common.sh
. tests/go/env.sh

modules=(bindings/go examples/go tests/scenario/go benches/go)
unformatted=$(gofmt -l "${modules[@]}")
[ -z "$unformatted" ] || fail "gofmt would change $unformatted"
for module in "${modules[@]}"; do
    run go -C "$module" vet ./...
done
run go -C bindings/go vet -tags wxgame_static ./... # The only module that the tag changes.
sed -n '/^```go$/,/^```$/p' docs/go.md | sed '/^```/d' >"$work/quickstart.go"
diff "$work/quickstart.go" examples/go/quickstart/main.go ||
    fail "the first program of docs/go.md is not examples/go/quickstart/main.go"

start_sandbox
export WXGAME_SANDBOX_HTTP=$http WXGAME_SANDBOX_HTTPS=$https WXGAME_SANDBOX_CA=$ca_file

# tests NAME ARGUMENT...: every test, built so.
tests() {
    local name=$1 begun=$SECONDS
    shift
    go -C bindings/go test -count=1 -timeout 5m -v "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$name"; }
    grep -q '^--- SKIP' "$work/said" && fail "$name: a test was skipped"
    printf '%-24s %s passed, %d s\n' "$name" "$(grep -c '^--- PASS' "$work/said")" $((SECONDS - begun))
}

# quickstart LIBRARY BILL_NO JS_CODE: pays; the ledger says that the coins were taken once.
quickstart() {
    local library=$1 bill_no=$2 js_code=$3
    run env app_secret=sandbox-app-secret app_key=zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u journal="sqlite:$work/$library.journal" \
        base_url="$https" ca_file="$ca_file" "$work/quickstart-$library" "$js_code" "$bill_no"
    grep -qF "pay $bill_no done" "$work/said" || fail "quickstart, $library: $(cat "$work/said")"
    expect "$bill_no" charged=1 >"$work/row"
}

# whole LIBRARY ARGUMENT...: the tests and the quickstart, with this kind of library.
whole() {
    local library=$1
    shift
    tests "$library" "$@"
    run go -C examples/go build "$@" -o "$work/quickstart-$library" ./quickstart
    run control topup "{\"openid\":\"o$library\",\"amt\":100}"
    quickstart "$library" "$library-1" "code:o$library:1"
    quickstart "$library" "$library-1" "code:o$library:2" # again: about the same payment
    echo "quickstart, $library: ok"
}

whole static -tags wxgame_static
ldd "$work/quickstart-static" | grep -q libwxgame && fail "wxgame_static still needs the shared library"
export LD_LIBRARY_PATH=$installed/lib
whole shared
# Both at once: each has the standard library built anew, which takes far longer than the tests. What counts memory ran above.
GOEXPERIMENT=cgocheck2 tests "race and cgocheck2" -race
echo "go: ok"
