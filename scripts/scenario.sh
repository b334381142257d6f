#!/usr/bin/env bash
# make scenario: tests/scenario/story.txt in every language; each must answer every line alike. GENERATION=v1 or v2 tells
# it through one payment API, otherwise through both. The last line is `scenario: c=ok cpp=ok csharp=ok go=ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

build_release
run gcc "${c_flags[@]}" tests/scenario/runner.c "${link_flags[@]}" -o "$work/runner-c"
run g++ -std=c++17 "${cxx_flags[@]}" tests/scenario/runner.cpp "${link_flags[@]}" -o "$work/runner-cpp"
run mcs -langversion:7.2 -unsafe -target:library -out:"$work/WxGame.dll" bindings/csharp/Runtime/*.cs
run mcs -langversion:7.2 -r:"$work/WxGame.dll" -out:"$work/Runner.exe" tests/scenario/csharp/Runner.cs
. tests/go/env.sh
run go -C tests/scenario/go build -tags wxgame_static -o "$work/runner-go" .
for generation in ${GENERATION:-v1 v2}; do
    echo "generation $generation"
    tests/scenario/run.py --sandbox "$target/release/wxgame-sandbox" --generation "$generation" \
        --runner c="$work/runner-c" --runner cpp="$work/runner-cpp" \
        --runner csharp="env LD_LIBRARY_PATH=$target/release mono $work/Runner.exe" \
        --runner go="$work/runner-go"
done
