-- Version 1 of the journal in PostgreSQL. Everything is in the schema wxgame. Operators may read it at any time:
--     SELECT bill_no, state, reason FROM wxgame.payments
-- Times are Unix milliseconds: to_timestamp(created_at_ms / 1000.0).
-- Keys compare byte by byte (COLLATE "C"): an update of the system's locales cannot put an index out of order.
-- Plain SQL, every statement of which may be run again. Whoever keeps the library from creating tables runs
-- CREATE SCHEMA wxgame and then this file, in one transaction.

CREATE TABLE IF NOT EXISTS wxgame.schema (
    one              smallint NOT NULL PRIMARY KEY CHECK (one = 1),
    version          bigint   NOT NULL,
    readable_from    bigint   NOT NULL                  -- the oldest version that may use it as it is
);

INSERT INTO wxgame.schema (one, version, readable_from) VALUES (1, 0, 0) ON CONFLICT (one) DO NOTHING;

-- Never given twice. Below 2^48: the rest of a delivery id counts the answers of one record.
CREATE SEQUENCE IF NOT EXISTS wxgame.payment_ids MINVALUE 1 MAXVALUE 281474976710655 START 1 NO CYCLE;

CREATE TABLE IF NOT EXISTS wxgame.payments (
    id               bigint   NOT NULL PRIMARY KEY DEFAULT nextval('wxgame.payment_ids'),

    -- Whose record it is.
    appid            text     COLLATE "C" NOT NULL,
    environment      text     COLLATE "C" NOT NULL CHECK (environment IN ('production', 'sandbox')),
    generation       text     NOT NULL,                 -- 'v1' or 'v2'
    offer_id         text     NOT NULL,

    -- What was asked for. Never changed after the insert.
    bill_no          text     COLLATE "C" NOT NULL,                 -- the caller's number, kept for every retry; with
                                                        -- 'item:', 'coin:', 'refund:' or 'gift:' in front
                                                        -- what only a push told of
    kind             text     NOT NULL CHECK (kind IN ('pay', 'present', 'refund', 'item', 'push')),
    pf               text     NOT NULL,
    openid           text     NOT NULL,
    zone_id          text     NOT NULL,
    amount           bigint   NOT NULL CHECK (amount > 0),
    pay_item         text     NOT NULL,                 -- '' when absent, as are the next two; an item's productId
    app_remark       text     NOT NULL,
    user_ip          text     NOT NULL,
    goods_price      bigint   NOT NULL,                 -- of one item, in fen; else 0
    pay_bill_no      text     NOT NULL,                 -- of a refund: the payment's number; else ''
    user_tag         bigint   NOT NULL,                 -- 64 bits of the host's, shown as signed
    host_data        bytea    NOT NULL CHECK (length(host_data) <= 256), -- the host's own bytes
    created_at_ms    bigint   NOT NULL,

    -- Where it stands. 'sending', 'cancelling' and 'awaiting_payment' are open; the others are final.
    state            text     NOT NULL CHECK (state IN
                     ('sending', 'cancelling', 'done', 'rejected', 'not_sent', 'needs_review',
                      'awaiting_payment')),
    reason           text     NOT NULL,                 -- 'none', 'balance_too_low', 'session', ...
    refund           smallint NOT NULL CHECK (refund IN (0, 1)), -- a done payment is being given back
    acked            smallint NOT NULL CHECK (acked IN (0, 1)),  -- the host has acted on the final answer
    replaced         bigint   NOT NULL CHECK (replaced BETWEEN 0 AND 65535), -- final answers before this one
    refunded         bigint   NOT NULL CHECK (refunded BETWEEN 0 AND amount), -- coins that its refunds have taken

    -- What WeChat answered last.
    errcode          bigint   NOT NULL,                 -- 0 when there is none
    errmsg           text     NOT NULL,
    balance          bigint,                            -- NULL where WeChat did not tell
    used_gen_amt     bigint,
    push_event       text     NOT NULL,                 -- the push that told of it, '' without one
    payload          text     NOT NULL,                 -- what it said, as it said it; U+FFFD for U+0000

    deadline_at_ms   bigint   NOT NULL,                 -- nobody is charged for the first time after it
    first_sent_at_ms bigint   NOT NULL,                 -- 0 = never sent
    updated_at_ms    bigint   NOT NULL,

    -- Who drives it.
    owner            bigint   NOT NULL DEFAULT 0,       -- a row of wxgame.servers; 0 nobody
    cancel_asked     smallint NOT NULL DEFAULT 0 CHECK (cancel_asked IN (0, 1)), -- of its owner, by another server

    UNIQUE (appid, environment, bill_no)
);

-- An item that was ordered and one that a push told of are one item if they have one number.
CREATE UNIQUE INDEX IF NOT EXISTS payments_items ON wxgame.payments (appid, environment,
    (CASE WHEN bill_no LIKE 'item:%' THEN substr(bill_no, 6) ELSE bill_no END)) WHERE kind = 'item';

-- What a server has, and what it takes over. Small, however large the ledger grows, as are the next three.
CREATE INDEX IF NOT EXISTS payments_unfinished ON wxgame.payments (appid, environment, owner, id)
    WHERE acked = 0 OR state IN ('sending', 'cancelling', 'awaiting_payment');

-- What waits for WeChat or for a person.
CREATE INDEX IF NOT EXISTS payments_unresolved ON wxgame.payments (appid, environment, id)
    WHERE state IN ('sending', 'cancelling', 'needs_review');

-- What is to be cancelled by its server.
CREATE INDEX IF NOT EXISTS payments_cancels ON wxgame.payments (appid, environment, owner)
    WHERE cancel_asked = 1;

-- What may go once it is old enough, oldest first. What needs review stays until a person has settled it.
CREATE INDEX IF NOT EXISTS payments_closed ON wxgame.payments (appid, environment, updated_at_ms, id)
    WHERE acked = 1 AND state IN ('done', 'rejected', 'not_sent');

-- The numbers of payments that went: they are not used a second time.
CREATE TABLE IF NOT EXISTS wxgame.seals (
    appid            text     COLLATE "C" NOT NULL,
    environment      text     COLLATE "C" NOT NULL,
    bill_no          text     COLLATE "C" NOT NULL,
    kind             text     NOT NULL,                 -- as in payments, as are the next two
    state            text     NOT NULL,
    reason           text     NOT NULL,
    fingerprint      bytea    NOT NULL,                 -- of what was asked for: 16 bytes of a SHA-256
    closed_at_ms     bigint   NOT NULL,                 -- when the payment was last written

    PRIMARY KEY (appid, environment, bill_no)
);

CREATE INDEX IF NOT EXISTS seals_closed ON wxgame.seals (appid, environment, closed_at_ms);

-- Session keys, encrypted by the library: nobody reads them here. They go with the records of their age.
CREATE TABLE IF NOT EXISTS wxgame.secrets (
    appid            text     COLLATE "C" NOT NULL,
    environment      text     COLLATE "C" NOT NULL,
    name             text     COLLATE "C" NOT NULL,
    sealed           bytea    NOT NULL,
    updated_at_ms    bigint   NOT NULL,

    PRIMARY KEY (appid, environment, name)
);

CREATE INDEX IF NOT EXISTS secrets_updated ON wxgame.secrets (appid, environment, updated_at_ms);

-- The access_token of each app, encrypted by the library; production and sandbox share it.
CREATE TABLE IF NOT EXISTS wxgame.tokens (
    appid            text     COLLATE "C" NOT NULL PRIMARY KEY,
    version          bigint   NOT NULL,                 -- 64 bits, shown as signed; names the token
    sealed           bytea    NOT NULL,                 -- empty before the first
    holder           bigint   NOT NULL,                 -- which client fetches the next one; 0 none
    leased_until_ms  bigint   NOT NULL,                 -- by the clock of the database
    day              bigint   NOT NULL,                 -- of the last request, in days of UTC+8 since 1970
    requests         bigint   NOT NULL                  -- requests of that day
);

-- One row for each ledger.
CREATE TABLE IF NOT EXISTS wxgame.ledgers (
    appid            text     COLLATE "C" NOT NULL,
    environment      text     COLLATE "C" NOT NULL,
    latest_ms        bigint   NOT NULL,                 -- the latest updated_at_ms that a server has noted

    PRIMARY KEY (appid, environment)
);

-- One row for each open client. Never delete one: the others take over what a dead one has,
--     UPDATE wxgame.servers SET dead = 1 WHERE id = ...
-- and delete it when it has nothing left.
CREATE TABLE IF NOT EXISTS wxgame.servers (
    id               bigint   NOT NULL PRIMARY KEY,     -- chance; never 0
    appid            text     COLLATE "C" NOT NULL,
    environment      text     COLLATE "C" NOT NULL,
    name             text     NOT NULL,                 -- application_name and process id
    started_at_ms    bigint   NOT NULL,                 -- by the clock of the database, as is the lease
    lease_until_ms   bigint   NOT NULL,
    since_ms         bigint   NOT NULL,                 -- since when its lease has held without a gap
    dead             smallint NOT NULL CHECK (dead IN (0, 1)) -- it writes nothing any more
);

-- The last commits of each server: what it looks for where the answer to a COMMIT was lost. Rows that come and go, not a
-- number that is counted up: of one row that is written with every commit, a long transaction (a backup) would keep
-- every version.
CREATE TABLE IF NOT EXISTS wxgame.commits (
    server           bigint   NOT NULL,
    batch            bigint   NOT NULL,

    PRIMARY KEY (server, batch)
);

UPDATE wxgame.schema SET version = 1, readable_from = 1 WHERE version < 1;
