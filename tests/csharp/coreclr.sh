#!/usr/bin/env bash
# Prints the path of a .NET Core runtime (3.1, x64 Linux) in the target directory. It is the one that the Python package
# dotnetcore2 carries; pip downloads it the first time, 31 MB, held against the hash below.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=3.1.23
hash=5f076ddc39da0c685e7de20ecb91ee81185928918ec86fbeb3bffc55dd867ab5
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target"
home=$(cd "$target" && pwd)/dotnetcore2-$version
if [ ! -x "$home/dotnet" ]; then
    fetched=$(mktemp -d "$home.XXXXXX")
    trap 'rm -rf "$fetched"' EXIT
    echo "dotnetcore2==$version --hash=sha256:$hash" >"$fetched/wanted.txt"
    if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --no-cache-dir \
        --platform manylinux1_x86_64 --require-hashes --dest "$fetched" --requirement "$fetched/wanted.txt" \
        >"$fetched/said" 2>&1; then
        tail -n 5 "$fetched/said" >&2
        echo "coreclr: pip could not download dotnetcore2 $version, which carries the .NET Core runtime" >&2
        exit 1
    fi
    python3 -m zipfile -e "$fetched"/*.whl "$fetched"
    chmod +x "$fetched/dotnetcore2/bin/dotnet"
    rm -rf "$home"
    mv "$fetched/dotnetcore2/bin" "$home"
fi
echo "$home/dotnet"
