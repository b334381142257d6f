-- Version 1 of the journal. Operators may read it while the library runs, from another process:
--     sqlite3 -readonly <journal> 'SELECT bill_no, state, reason FROM payments'
-- Times are Unix milliseconds: datetime(created_at_ms / 1000, 'unixepoch').
-- Plain SQL, not STRICT, so that the sqlite3 of an old distribution reads it too.

CREATE TABLE payments (
    id               INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice

    -- Whose record it is.
    appid            TEXT    NOT NULL,
    environment      TEXT    NOT NULL CHECK (environment IN ('production', 'sandbox')),
    generation       TEXT    NOT NULL,                  -- 'v1' or 'v2'
    offer_id         TEXT    NOT NULL,

    -- What was asked for. Never changed after the insert.
    bill_no          TEXT    NOT NULL,                  -- the caller's number, kept for every retry; with
                                                        -- 'item:', 'coin:', 'refund:' or 'gift:' in front
                                                        -- what only a push told of
    kind             TEXT    NOT NULL CHECK (kind IN ('pay', 'present', 'refund', 'item', 'push')),
    pf               TEXT    NOT NULL,
    openid           TEXT    NOT NULL,
    zone_id          TEXT    NOT NULL,
    amount           INTEGER NOT NULL CHECK (amount > 0),
    pay_item         TEXT    NOT NULL,                  -- '' when absent, as are the next two; an item's productId
    app_remark       TEXT    NOT NULL,
    user_ip          TEXT    NOT NULL,
    goods_price      INTEGER NOT NULL,                  -- of one item, in fen; else 0
    pay_bill_no      TEXT    NOT NULL,                  -- of a refund: the payment's number; else ''
    user_tag         INTEGER NOT NULL,                  -- 64 bits of the host's, shown as signed
    host_data        BLOB    NOT NULL CHECK (length(host_data) <= 256), -- the host's own bytes
    created_at_ms    INTEGER NOT NULL,

    -- Where it stands. 'sending', 'cancelling' and 'awaiting_payment' are open; the others are final.
    state            TEXT    NOT NULL CHECK (state IN
                     ('sending', 'cancelling', 'done', 'rejected', 'not_sent', 'needs_review',
                      'awaiting_payment')),
    reason           TEXT    NOT NULL,                  -- 'none', 'balance_too_low', 'session', ...
    refund           INTEGER NOT NULL CHECK (refund IN (0, 1)), -- a done payment is being given back
    acked            INTEGER NOT NULL CHECK (acked IN (0, 1)),  -- the host has acted on the final answer
    replaced         INTEGER NOT NULL CHECK (replaced BETWEEN 0 AND 65535), -- final answers before this one
    refunded         INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount), -- coins that its refunds have taken

    -- What WeChat answered last.
    errcode          INTEGER NOT NULL,                  -- 0 when there is none
    errmsg           TEXT    NOT NULL,
    balance          INTEGER,                           -- NULL where WeChat did not tell
    used_gen_amt     INTEGER,
    push_event       TEXT    NOT NULL,                  -- the push that told of it, '' without one
    payload          TEXT    NOT NULL,                  -- what it said, as it said it

    deadline_at_ms   INTEGER NOT NULL,                  -- nobody is charged for the first time after it
    first_sent_at_ms INTEGER NOT NULL,                  -- 0 = never sent
    updated_at_ms    INTEGER NOT NULL,

    UNIQUE (appid, environment, bill_no)
);

-- What the next open has to take up again. Small, however large the ledger grows.
CREATE INDEX payments_unfinished ON payments (appid, environment, id)
    WHERE acked = 0 OR state IN ('sending', 'cancelling', 'awaiting_payment');

-- What waits for WeChat or for a person.
CREATE INDEX payments_unresolved ON payments (appid, environment, id)
    WHERE state IN ('sending', 'cancelling', 'needs_review');

-- What may go once it is old enough, oldest first. What needs review stays until a person has settled it.
CREATE INDEX payments_closed ON payments (appid, environment, updated_at_ms)
    WHERE acked = 1 AND state IN ('done', 'rejected', 'not_sent');

-- The numbers of payments that went: they are not used a second time.
CREATE TABLE seals (
    appid            TEXT    NOT NULL,
    environment      TEXT    NOT NULL,
    bill_no          TEXT    NOT NULL,
    kind             TEXT    NOT NULL,                  -- as in payments, as are the next two
    state            TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    fingerprint      BLOB    NOT NULL,                  -- of what was asked for: 16 bytes of a SHA-256
    closed_at_ms     INTEGER NOT NULL,                  -- when the payment was last written

    PRIMARY KEY (appid, environment, bill_no)
) WITHOUT ROWID;

CREATE INDEX seals_closed ON seals (appid, environment, closed_at_ms);

-- Session keys, encrypted by the library: nobody reads them here.
CREATE TABLE secrets (
    appid            TEXT    NOT NULL,
    environment      TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    sealed           BLOB    NOT NULL,
    updated_at_ms    INTEGER NOT NULL,

    PRIMARY KEY (appid, environment, name)
) WITHOUT ROWID;

-- The access_token of each app, encrypted by the library; production and sandbox share it.
CREATE TABLE tokens (
    appid            TEXT    NOT NULL PRIMARY KEY,
    version          INTEGER NOT NULL,                  -- 64 bits, shown as signed; names the token
    sealed           BLOB    NOT NULL,                  -- empty before the first
    holder           INTEGER NOT NULL,                  -- which client fetches the next one; 0 none
    leased_until_ms  INTEGER NOT NULL,
    day              INTEGER NOT NULL,                  -- of the last request, in days of UTC+8 since 1970
    requests         INTEGER NOT NULL                   -- requests of that day
) WITHOUT ROWID;

-- One row for each ledger of this file.
CREATE TABLE ledgers (
    appid            TEXT    NOT NULL,
    environment      TEXT    NOT NULL,
    latest_ms        INTEGER NOT NULL,                  -- the latest updated_at_ms there ever was

    PRIMARY KEY (appid, environment)
) WITHOUT ROWID;
