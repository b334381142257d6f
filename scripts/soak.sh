#!/usr/bin/env bash
# make soak: a paying game server is killed at random hundreds of times while WeChat, played by the sandbox, loses and
# spoils its answers. Afterwards every coin is compared. The last line tells how many payments were charged twice,
# lost or misreported; exit status 1 when there is one.
#
# Who asks for more than a minute gets the simulation first: a million random histories, which take some minutes besides.
#
#   scripts/soak.sh [SECONDS] [OPTION...]      30 by default, or SECONDS_TO_RUN; options of tests/soak/soak.py
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

seconds=${SECONDS_TO_RUN:-30}
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi
if [ "$seconds" -gt 60 ]; then
    simulation=promises::seeded_histories_break_no_promise
    begun=$SECONDS
    export SIMULATION_RUNS=1000000 SIMULATION_SEED=${SIMULATION_SEED:-$(date +%s)000000}
    run cargo test --quiet --locked --package wxgame --test simulation -- --exact "$simulation"
    # A test of another name would pass as well, for there would be none.
    grep -q '^test result: ok. 1 passed' "$work/said" || fail "the simulation has no test $simulation"
    echo "simulation: $SIMULATION_RUNS random histories from seed $SIMULATION_SEED in $((SECONDS - begun)) s, no promise broken"
fi
build_release
run gcc "${c_flags[@]}" tests/soak/server.c "${link_flags[@]}" -o "$work/server"
python3 tests/soak/soak.py --sandbox "$target/release/wxgame-sandbox" --server "$work/server" --seconds "$seconds" "$@"
