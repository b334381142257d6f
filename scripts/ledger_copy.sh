#!/usr/bin/env bash
# Copies a journal in a SQLite file into the ledger that servers share in PostgreSQL, in one transaction: all or nothing.
#
#   scripts/ledger_copy.sh JOURNAL postgres://user:password@host/database
#
# The server that owns the file must have ended; its lock is held meanwhile. Several files can be copied into one
# database, one after the other. A number that is there already ends the copy: nothing of that file is copied then.
# What is open or not acknowledged goes on with the first server that opens the database. Sessions and the token come
# along; they can be opened with the same journal_key. Records get new ids, so what has not been acknowledged is
# delivered again under a new delivery_id: acknowledge nothing by an old one.
# Arguments can be read by every user of a machine: leave the password out of the URL and give it in PGPASSWORD.
# Needs sqlite3, psql and flock.
set -euo pipefail

fail() {
    echo "ledger_copy: $*" >&2
    exit 1
}

[ $# = 2 ] || fail "usage: ledger_copy.sh JOURNAL postgres://..."
journal=$1 url=$2
schema=$(dirname "$0")/../src/store/postgres/v1.sql
[ -f "$journal" ] || fail "$journal: no such file"
for program in sqlite3 psql flock; do
    command -v "$program" >/dev/null || fail "$program is not installed"
done
exec 9>>"$journal.lock"
flock --nonblock 9 || fail "$journal is open in a server: end that first"
version=$(sqlite3 -readonly "$journal" 'PRAGMA user_version')
[ "$version" = 1 ] || fail "$journal has schema version $version; this copies version 1"

umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

same='appid, environment, generation, offer_id, bill_no, kind, pf, openid, zone_id, amount, pay_item, app_remark,
    user_ip, goods_price, pay_bill_no, user_tag, host_data, created_at_ms, state, reason, refund, acked, replaced,
    refunded, errcode, errmsg, balance, used_gen_amt, push_event, payload, deadline_at_ms, first_sent_at_ms, updated_at_ms'
# Bytes travel as hexadecimal digits. An empty text is quoted and NULL is not, which both sides tell apart.
export_csv() { sqlite3 -readonly -csv "$journal" "$2" >"$work/$1"; }
export_csv payments "SELECT ${same/host_data/hex(host_data)} FROM payments ORDER BY id"
export_csv seals "SELECT appid, environment, bill_no, kind, state, reason, hex(fingerprint), closed_at_ms FROM seals"
export_csv secrets "SELECT appid, environment, name, hex(sealed), updated_at_ms FROM secrets"
export_csv tokens "SELECT appid, version, hex(sealed), day, requests FROM tokens"
export_csv ledgers "SELECT appid, environment, latest_ms FROM ledgers"

# As the library connects: with a verified certificate, unless the database is on this machine or the URL says otherwise.
case $url in
    *@127.0.0.1[:/]* | *@localhost[:/]* | *@%2[fF]*) ;;
    *) export PGSSLMODE=${PGSSLMODE:-verify-full} ;;
esac
export PGCLIENTENCODING=UTF8 PGOPTIONS='--client-min-messages=warning'

{
    # Whoever may not create tables has had them made.
    cat <<SQL
SELECT to_regclass('wxgame.schema') IS NULL AS missing \gset
\if :missing
CREATE SCHEMA IF NOT EXISTS wxgame;
\i $schema
\endif
SQL
    cat <<SQL
CREATE TEMP TABLE payments AS SELECT * FROM wxgame.payments LIMIT 0;
ALTER TABLE payments ALTER host_data TYPE text;
\copy payments (${same//$'\n'/ }) FROM '$work/payments' WITH (FORMAT csv)
INSERT INTO wxgame.payments ($same)
    SELECT ${same/host_data/decode(host_data, \'hex\')} FROM payments;

CREATE TEMP TABLE seals (appid text, environment text, bill_no text, kind text, state text, reason text,
    fingerprint text, closed_at_ms bigint);
\copy seals FROM '$work/seals' WITH (FORMAT csv)
INSERT INTO wxgame.seals SELECT appid, environment, bill_no, kind, state, reason, decode(fingerprint, 'hex'),
    closed_at_ms FROM seals;

CREATE TEMP TABLE secrets (appid text, environment text, name text, sealed text, updated_at_ms bigint);
\copy secrets FROM '$work/secrets' WITH (FORMAT csv)
INSERT INTO wxgame.secrets AS s
    SELECT appid, environment, name, decode(sealed, 'hex'), updated_at_ms FROM secrets
    ON CONFLICT (appid, environment, name) DO UPDATE
        SET sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms
        WHERE s.updated_at_ms < excluded.updated_at_ms;

CREATE TEMP TABLE tokens (appid text, version bigint, sealed text, day bigint, requests bigint);
\copy tokens FROM '$work/tokens' WITH (FORMAT csv)
INSERT INTO wxgame.tokens (appid, version, sealed, holder, leased_until_ms, day, requests)
    SELECT appid, version, decode(sealed, 'hex'), 0, 0, day, requests FROM tokens ON CONFLICT (appid) DO NOTHING;

CREATE TEMP TABLE ledgers (appid text, environment text, latest_ms bigint);
\copy ledgers FROM '$work/ledgers' WITH (FORMAT csv)
INSERT INTO wxgame.ledgers AS l SELECT appid, environment, latest_ms FROM ledgers
    ON CONFLICT (appid, environment) DO UPDATE SET latest_ms = greatest(l.latest_ms, excluded.latest_ms);

\echo copied:
SELECT (SELECT count(*) FROM payments) AS records, (SELECT count(*) FROM seals) AS seals,
    (SELECT count(*) FROM secrets) AS sessions;
SQL
} >"$work/sql"

if ! psql --no-psqlrc --quiet --single-transaction --set ON_ERROR_STOP=1 \
    --dbname "$url" --file "$work/sql" >"$work/said" 2>"$work/errors"; then
    sed "s|psql:$work/sql:|ledger_copy: line |" "$work/errors" >&2
    fail "nothing was copied"
fi
cat "$work/said"
