#!/usr/bin/env bash
# Prints the path of a .NET Core runtime (3.1, x64 Linux), 31 MB that the Python package dotnetcore2 carries.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/pypi.sh
home=$(unpacked dotnetcore2 3.1.23 5f076ddc39da0c685e7de20ecb91ee81185928918ec86fbeb3bffc55dd867ab5 manylinux1_x86_64)
echo "$home/dotnetcore2/bin/dotnet"
