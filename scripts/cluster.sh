#!/usr/bin/env bash
# make cluster: four paying game servers on one PostgreSQL journal are killed and paused, and the database is restarted,
# while WeChat, played by the sandbox, loses and spoils its answers. Afterwards every coin is compared. The last line
# tells how many payments were charged twice, lost or misreported; exit status 1 when there is one. The PostgreSQL is
# made for it and gone afterwards.
#
#   scripts/cluster.sh [SECONDS] [OPTION...]      30 by default; options of tests/cluster/cluster.py, such as
#                                                 --generation mixed, --seed N (or SEED=N), --takeover
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

seconds=30
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi
build_release
run gcc "${c_flags[@]}" tests/soak/server.c "${link_flags[@]}" -o "$work/server"
PYTHONPATH=tests/soak python3 tests/cluster/cluster.py --sandbox "$target/release/wxgame-sandbox" --server "$work/server" \
    --postgres scripts/postgres.sh --seconds "$seconds" "$@"
