#!/usr/bin/env bash
# make setup: sees that everything is there that building and testing need, or only what the demo needs; on Debian and
# its kin installs what is not. Changes nothing when nothing is missing. The last line is `setup: ok`.
#
#   scripts/setup.sh [demo]
set -euo pipefail
cd "$(dirname "$0")/.."
rust_least=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need gcc gcc
need g++ g++
need pkg-config pkg-config
need curl curl
need sqlite3 sqlite3
[ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
if [ "${1:-}" != demo ]; then
    need python3 python3
    python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
    need valgrind valgrind
    need unshare util-linux
    need mount mount
    need clang++ clang
    need cmake cmake
    need ninja ninja-build
    need mono mono-devel
    need mcs mono-devel
    [ -e /usr/include/gtest/gtest.h ] || missing+=(libgtest-dev)
    [ -e /usr/include/httplib.h ] || missing+=(libcpp-httplib-dev)
    [ -e /usr/include/sqlite3.h ] || missing+=(libsqlite3-dev)
    need psql postgresql-client
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || need initdb postgresql
    [ -x /usr/sbin/pgbouncer ] || need pgbouncer pgbouncer
fi

# new_enough VERSION: at least rust_least.
new_enough() { [ "$(printf '%s\n' "$rust_least" "$1" | sort -V | head -1)" = "$rust_least" ]; }
rust_version() { "$1" --version 2>/dev/null | awk '{print $2}'; }
# candidate PACKAGE: the version that apt would install.
candidate() { apt-cache policy "$1" 2>/dev/null | awk '/Candidate:/ && $2 != "(none)" {print $2}'; }

have_rust() { new_enough "$(rust_version cargo || echo 0)" && new_enough "$(rust_version rustc || echo 0)"; }

if have_rust; then
    if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
        if command -v rustup >/dev/null; then
            rustup component add rustfmt clippy
        elif dpkg -s cargo-web >/dev/null 2>&1; then
            missing+=(rustfmt-web rust-web-clippy)
        else
            echo "setup: add cargo fmt and cargo clippy to the Rust that you have: make test uses them" >&2
            exit 1
        fi
    fi
elif [ -n "$(rust_version cargo)" ] && command -v rustup >/dev/null; then
    echo "setup: Rust $(rust_version cargo) is older than $rust_least: run 'rustup update'" >&2
    exit 1
else
    rust_wanted=yes
fi

if [ ${#missing[@]} -gt 0 ] || [ -n "${rust_wanted:-}" ]; then
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo)
        else
            as_root=(cannot)
        fi
    fi
    if ! command -v apt-get >/dev/null || [ "${as_root[*]}" = cannot ]; then
        echo "setup: missing: ${missing[*]}${rust_wanted:+ Rust $rust_least or later with rustfmt and clippy}" >&2
        echo "setup: on Debian 12, as root:" >&2
        echo "  apt-get install ${missing[*]}${rust_wanted:+ cargo-web rustc-web rustfmt-web rust-web-clippy}" >&2
        exit 1
    fi
    "${as_root[@]}" apt-get update -q
    if [ -n "${rust_wanted:-}" ]; then
        # Debian 12 keeps its Rust of 2022 and, beside it, a newer one for browsers: the packages with `web`.
        for set in "cargo rustc rustfmt rust-clippy" "cargo-web rustc-web rustfmt-web rust-web-clippy"; do
            version=$(candidate "${set%% *}")
            if [ -n "$version" ] && new_enough "${version%%+*}"; then
                read -ra rust <<<"$set"
                break
            fi
        done
        if [ -z "${rust[*]:-}" ]; then
            echo "setup: apt has no Rust $rust_least: install a newer one with rustup, then run make setup again" >&2
            exit 1
        fi
        missing+=("${rust[@]}")
    fi
    if [[ " ${missing[*]} " == *" postgresql "* ]]; then
        # Debian would make and start a database of its own with it. The tests make theirs.
        no_database=/etc/postgresql-common/createcluster.d/wxgame-setup.conf
        trap '"${as_root[@]}" rm -f "$no_database"' EXIT
        "${as_root[@]}" mkdir -p "${no_database%/*}"
        "${as_root[@]}" tee "$no_database" <<<"create_main_cluster = false" >/dev/null
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    hash -r
    if [[ " ${missing[*]} " == *" pgbouncer "* ]] && [ -d /run/systemd/system ]; then
        # The same of the pooler: the tests start their own.
        "${as_root[@]}" systemctl disable --now --quiet pgbouncer
    fi
fi

if ! have_rust; then
    echo "setup: Rust $rust_least is needed; the cargo on PATH is $(command -v cargo) $(rust_version cargo)" >&2
    exit 1
fi
echo "setup: ok"
