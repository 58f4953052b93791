-- The tables of postgresql.sql, for one machine. Times are milliseconds since 1970.
CREATE TABLE IF NOT EXISTS worker (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alive_until INTEGER NOT NULL,
    ended_at INTEGER
);

CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    mailbox TEXT NOT NULL DEFAULT 'INBOX',
    worker INTEGER REFERENCES worker,
    fence INTEGER NOT NULL DEFAULT 0,
    checkpoint TEXT,
    retry_at INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    UNIQUE (url, mailbox)
);

CREATE INDEX IF NOT EXISTS account_worker ON account (worker);

CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account,
    uid_validity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    subject TEXT NOT NULL,
    fence INTEGER NOT NULL,
    is_gone INTEGER NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX IF NOT EXISTS message_once ON message (account, uid) WHERE NOT is_gone;
