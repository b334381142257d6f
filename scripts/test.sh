#!/usr/bin/env bash
# make test: everything. One line per part with its seconds, and the end of what a part said when it fails; the whole of
# it is in test-logs of the target directory. The last line is `test: ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

passed=0
failed=()
postgres=$work/postgres
trap '[ ! -e "$postgres/port" ] || scripts/postgres.sh stop "$postgres" immediate || true; clean_up' EXIT
logs=$target/test-logs
mkdir -p "$logs"

# part NAME COMMAND...: runs it, says how long it took and what it counted.
part() {
    local name=$1 log=$logs/${1//[^a-zA-Z0-9]/-}.log begun=$SECONDS told
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        # Cargo's own count, added up over its test programs.
        told=$(awk '/^test result: ok/ {passed += $4; ignored += $8}
            END {if (passed) printf "%d passed, %d ignored", passed, ignored}' "$log")
        printf '%-46s ok %4d s  %s\n' "$name" $((SECONDS - begun)) "$told"
    else
        failed+=("$name")
        printf '%-46s FAILED %4d s\n' "$name" $((SECONDS - begun))
        tail -n 60 "$log" | sed 's/^/    /'
    fi
}

# One database for the whole run. Each test makes its own in it, and one that restarts it makes its own server.
part "PostgreSQL for the tests" scripts/postgres.sh start "$postgres"
export WXGAME_TEST_POSTGRES
WXGAME_TEST_POSTGRES=$(scripts/postgres.sh url "$postgres")

part "cargo fmt --check" cargo fmt --all --check
part "cargo clippy, warnings are errors" cargo clippy --workspace --all-targets --locked -- -D warnings
part "cargo test --workspace" cargo test --workspace --locked
part "release build" build_release
part "each half alone" scripts/features.sh
part "tests/c/run.sh" tests/c/run.sh
part "tests/cpp/run.sh" tests/cpp/run.sh
part "tests/packages/run.sh" tests/packages/run.sh
part "tests/csharp/run.sh" tests/csharp/run.sh
part "tests/go/run.sh" tests/go/run.sh
part "the bindings reach the header" tests/bindings/reached.py
part "examples" scripts/examples.sh
part "scenario" scripts/scenario.sh
part "demo" scripts/demo.sh
part "soak" scripts/soak.sh 20
part "soak, both payment APIs in turn" scripts/soak.sh 20 --generation mixed
part "cluster" scripts/cluster.sh 20
part "docs" scripts/docs.sh

echo "$passed parts passed, ${#failed[@]} failed${failed[*]:+: ${failed[*]}}"
[ ${#failed[@]} = 0 ] || exit 1
echo "test: ok"
