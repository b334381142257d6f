#!/usr/bin/env bash
# make soak: a paying game server is killed at random hundreds of times while WeChat, played by the sandbox, loses and
# spoils its answers. Afterwards every coin is compared. The last line tells how many payments were charged twice,
# lost or misreported; exit status 1 when there is one.
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
build_release
run gcc "${c_flags[@]}" tests/soak/server.c "${link_flags[@]}" -o "$work/server"
python3 tests/soak/soak.py --sandbox "$target/release/wxgame-sandbox" --server "$work/server" --seconds "$seconds" "$@"
