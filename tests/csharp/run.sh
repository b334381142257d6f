#!/usr/bin/env bash
# The C# binding, tested against the sandbox over HTTPS: on Mono, on Mono with all code compiled ahead (which, like
# Unity's IL2CPP, cannot make any at run time), and on .NET Core; the album again on each, with a library that holds
# nothing else; then Unity's parts, the packages and the quickstart.
# Expects a release build. The last line is `csharp: ok`.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/common.sh

built=$work/built
ahead=$work/ahead
mkdir "$built" "$ahead"
library=$target/release/libwxgame.so
export LD_LIBRARY_PATH=$target/release

# compile OUTPUT ARGUMENT...: C# 7.2, which Unity 2021.3 and later take as well; warnings are errors.
compile() {
    local out=$1
    shift
    run mcs -langversion:7.2 -unsafe -warn:4 -warnaserror -optimize -out:"$out" "$@"
}

# tests RUNTIME COMMAND...: every test, on one runtime; with only=album those of the album.
tests() {
    local runtime=$1 begun=$SECONDS
    shift
    mkdir "$work/files"
    if ! timeout 120 "$@" "$http" "$https" "$ca_file" "$work/files" "$work/header.txt" ${only:+"$only"} \
        >"$work/said" 2>&1 || [ "$(tail -n 1 "$work/said")" != "tests: ok" ]; then
        cat "$work/said" >&2
        fail "the tests on $runtime"
    fi
    rm -rf "$work/files"
    printf '%-24s %s, %d s\n' "$runtime" "$(tail -n 2 "$work/said" | head -1)" $((SECONDS - begun))
}

# The runtime's own assemblies take half a minute to compile, so they are kept in the target directory.
compile_ahead() {
    local kept file
    kept=$target/mono-ahead-$(mono --version | sha256sum | cut -c 1-16)
    if [ ! -d "$kept" ]; then
        mkdir "$work/kept"
        for file in mscorlib System System.Core Mono.Security System.Configuration System.Xml System.Security \
            System.Numerics; do
            cp "/usr/lib/mono/4.5/$file.dll" "$work/kept"
        done
        for file in "$work/kept"/*.dll; do
            (cd "$work/kept" && MONO_PATH=. run mono --aot=full "$(basename "$file")")
        done
        rm -rf "$target"/mono-ahead-*
        mv "$work/kept" "$kept"
    fi
    cp "$kept"/* "$built/WxGame.dll" "$built/WxGame.Tests.exe" "$ahead"
    for file in WxGame.dll WxGame.Tests.exe; do
        (cd "$ahead" && MONO_PATH=. run mono --aot=full "$file")
    done
}

dotnet=$(tests/csharp/coreclr.sh)

run python3 tests/csharp/header.py include/wxgame.h
cp "$work/said" "$work/header.c"
run gcc "${c_flags[@]}" "$work/header.c" -o "$work/header"
"$work/header" >"$work/header.txt"

compile "$built/WxGame.dll" -target:library -doc:"$built/WxGame.xml" bindings/csharp/Runtime/*.cs
compile "$built/WxGame.Tests.exe" -r:"$built/WxGame.dll" tests/csharp/*.cs

start_sandbox
tests "Mono" mono "$built/WxGame.Tests.exe"
compile_ahead
tests "Mono, all ahead of time" env MONO_PATH="$ahead" MONO_GAC_PREFIX="$work" mono --full-aot "$ahead/WxGame.Tests.exe"
cp "$built/WxGame.Tests.exe" "$built/WxGame.Tests.dll"
cat >"$built/WxGame.Tests.runtimeconfig.json" <<'END'
{"runtimeOptions": {"tfm": "netcoreapp3.1", "framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
 "configProperties": {"System.Globalization.Invariant": true}}}
END
tests ".NET Core" "$dotnet" "$built/WxGame.Tests.dll"

# What a game links that has pictures and no payments: built with the feature album alone, the library lacks these
# names; here the loader cannot find them.
mkdir "$work/alone"
LC_ALL=C sed -E 's/wxg_((bill_no|client|errcode|game|log|midas|request|sign|text)_)/xxx_\1/g' \
    "$library" >"$work/alone/libwxgame.so"
(
    export LD_LIBRARY_PATH=$work/alone only=album
    tests "Mono, album" mono "$built/WxGame.Tests.exe"
    tests "ahead of time, album" env MONO_PATH="$ahead" MONO_GAC_PREFIX="$work" mono --full-aot \
        "$ahead/WxGame.Tests.exe"
    tests ".NET Core, album" "$dotnet" "$built/WxGame.Tests.dll"
)

# What Unity compiles: the sources, the package's tests and its samples.
unity=(-define:UNITY_5_3_OR_NEWER)
find bindings/csharp tests/csharp/unity -name '*.cs' >"$work/unity.txt"
compile "$work/player.exe" "${unity[@]}" "@$work/unity.txt"
compile "$work/editor.exe" "${unity[@]}" -define:UNITY_EDITOR "@$work/unity.txt"
run timeout 60 mono "$work/editor.exe"
tail -n 1 "$work/said" | grep -x "unity: ok"

for kind in nuget unity; do
    for copy in one two; do
        run bindings/csharp/pack.py $kind --assembly "$built/WxGame.dll" --native "linux-x64=$library" \
            --out "$work/$copy"
    done
done
run diff -r "$work/one" "$work/two"
run tests/csharp/packages.py "$work"/one/*.nupkg "$work"/one/*.tgz "$library"
cat "$work/said"

# tests/push drives it.
compile "$work/Endpoint.exe" -r:"$built/WxGame.dll" -r:System.Web.dll -r:Mono.Posix.dll examples/csharp/Endpoint.cs

run diff <(sed -n '/^```csharp$/,/^```$/p' docs/csharp.md | sed '1d;/^```$/,$d') examples/csharp/Quickstart.cs
compile "$work/Quickstart.exe" -r:"$built/WxGame.dll" examples/csharp/Quickstart.cs
run control topup '{"openid":"oSharp","amt":100}'
(cd "$work" && MONO_PATH=$built run timeout 60 mono Quickstart.exe "$https" "$ca_file" code:oSharp:1 order-1)
grep -x "order-1: paid 30 coins" "$work/said"
expect order-1 charged=1 >"$work/row"

echo "csharp: ok"
