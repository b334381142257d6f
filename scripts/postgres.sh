#!/usr/bin/env bash
# A PostgreSQL of our own for the tests: its data, socket and log are in DIR, it listens on loopback alone, and the
# machine's own PostgreSQL and port 5432 are never touched.
#
#   scripts/postgres.sh start DIR [NAME=VALUE...]        makes it where there is none; prints the superuser's URL alone
#   scripts/postgres.sh restart DIR [fast|immediate]     `immediate` is a crash: no shutdown, recovery at the start
#   scripts/postgres.sh stop DIR [fast|immediate]        keeps the data; `start` continues, on the same port
#   scripts/postgres.sh url DIR
#
# NAME=VALUE is a server setting; ssl_cert_file and ssl_key_file are copied to where the server may read them. Whoever
# connects is trusted, but members of the role `needs_password` must show theirs. Commits are durable as by default.
#
# PostgreSQL does not run as root: for root it runs as the user postgres, to whom DIR then belongs. A temp folder above
# it that only root may enter gets the group postgres, who may pass through it and read nothing there.
set -euo pipefail

fail() {
    echo "postgres: $*" >&2
    exit 1
}

command=${1:-} dir=${2:-}
[ -n "$dir" ] || fail "usage: postgres.sh start|restart|stop|url DIR [...]"
shift 2
dir=$(realpath --canonicalize-missing "$dir")
data=$dir/data log=$dir/log

find_programs() {
    programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV | while read -r bin; do
        if [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ]; then
            echo "$bin"
            break
        fi
    done)
    if [ -z "$programs" ]; then
        command -v initdb >/dev/null && command -v pg_ctl >/dev/null && command -v postgres >/dev/null ||
            fail "no PostgreSQL server here: install one (Debian: apt-get install postgresql; make setup does)"
        programs=$(dirname "$(command -v initdb)")
    fi
}

# as_server PROGRAM [ARGUMENT...]: a program of PostgreSQL as the user that it runs as, with no setting from outside.
as_server() {
    local user=() program=$1
    shift
    [ "$(id -u)" != 0 ] || user=(runuser -u postgres --)
    (cd / && env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C TZ=UTC "${user[@]}" "$program" "$@")
}

# control ACTION [OPTION...]: pg_ctl, which comes back when it is done. Shows the server's last words when it fails.
control() {
    if ! as_server "$programs/pg_ctl" "$@" --pgdata "$data" --log "$log" --wait --timeout 60 >"$dir/said" 2>&1; then
        tail -n 20 "$dir/said" "$log" >&2
        fail "cannot $1 the server in $dir"
    fi
}

is_running() { as_server "$programs/pg_ctl" status --pgdata "$data" >/dev/null 2>&1; }

# let_in FOLDER: the user postgres may pass through it. Only temp folders of root are changed.
let_in() {
    [ "$1" = / ] || let_in "$(dirname "$1")"
    as_server test -x "$1" && return
    local temp
    temp=$(realpath "${TMPDIR:-/tmp}")
    if [[ $1 != "$temp"/* ]] || [[ $(stat --format '%u %a' "$1") != "0 700" ]]; then
        fail "the user postgres may not enter $1"
    fi
    chgrp "$(id -g postgres)" "$1"
    chmod g+x "$1"
}

make_folder() {
    if [ "$(id -u)" = 0 ]; then
        getent passwd postgres >/dev/null || fail "no user postgres here, and PostgreSQL does not run as root"
        let_in "$(dirname "$dir")"
        chown postgres: "$dir"
    fi
    chmod 0755 "$dir"
}

make_data() {
    # What is half made is made again. Only the making is not synced: it takes longest, and there is nothing to lose.
    rm -rf "$data"
    as_server "$programs/initdb" --pgdata "$data" --username postgres --encoding UTF8 --locale C --auth trust \
        --no-sync --no-instructions >"$dir/said" 2>&1 || { cat "$dir/said" >&2; fail "initdb failed"; }
    cat >>"$data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 200
log_line_prefix = '%m [%p] %a '
END
    sed -i '1i host all +needs_password 127.0.0.1/32 scram-sha-256' "$data/pg_hba.conf"
}

# set NAME VALUE: the last line of a name counts.
set_to() {
    local name=$1 value=$2
    case $name in
    ssl_cert_file | ssl_key_file)
        cp "$value" "$data/$name"
        chown --reference="$data" "$data/$name"
        chmod 0600 "$data/$name"
        value=$name
        ;;
    esac
    echo "$name = '${value//\'/\'\'}'" >>"$data/postgresql.conf"
}

url() { echo "postgres://postgres@127.0.0.1:$(cat "$dir/port")/postgres"; }

# start_on_a_free_port: ports that no outgoing connection is given, so that it is still ours after a restart.
start_on_a_free_port() {
    local port
    for _ in $(seq 20); do
        port=$((20000 + RANDOM % 12000))
        set_to port "$port"
        if as_server "$programs/pg_ctl" start --pgdata "$data" --log "$log" --wait --timeout 60 >"$dir/said" 2>&1; then
            echo "$port" >"$dir/port"
            return
        fi
        grep -q "could not bind" "$log" || break
        rm "$log"
    done
    cat "$dir/said" "$log" >&2
    fail "the server did not start in $dir"
}

case $command in
start)
    find_programs
    mkdir -p "$dir"
    make_folder
    [ -e "$dir/port" ] || make_data
    for setting in "$@"; do
        [[ $setting == *=* ]] || fail "$setting is not NAME=VALUE"
        set_to "${setting%%=*}" "${setting#*=}"
    done
    if [ ! -e "$dir/port" ]; then
        start_on_a_free_port
    elif ! is_running; then
        control start
    fi
    url
    ;;
restart | stop)
    [ -e "$dir/port" ] || fail "no server was started in $dir"
    case ${1:-fast} in
    fast | immediate) ;;
    *) fail "$1 is neither fast nor immediate" ;;
    esac
    find_programs
    if [ "$command" = restart ] || is_running; then
        control "$command" --mode "${1:-fast}"
    fi
    ;;
url)
    [ -e "$dir/port" ] || fail "no server was started in $dir"
    url
    ;;
*) fail "$command is none of start, restart, stop, url" ;;
esac
