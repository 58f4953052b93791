-- A worker is one run of the program: it gets an id that no other run has, and is alive until a time of the
-- database's clock, which its heartbeat moves. `ended_at` is set once, by itself or by another worker after that
-- time; from then on the heartbeat is refused. Room in the pages, because the heartbeat changes no index.
CREATE TABLE IF NOT EXISTS worker (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alive_until timestamptz NOT NULL,
    ended_at timestamptz
) WITH (fillfactor = 50);

-- The lease of an account is the worker in its row. `fence` is one more with each lease. `secret` says where the
-- password is (env:NAME or file:PATH); it is not here. `error` is why a worker gave the account back, until when
-- `retry_at` says.
CREATE TABLE IF NOT EXISTS account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url text NOT NULL,
    secret text NOT NULL,
    mailbox text NOT NULL DEFAULT 'INBOX',
    worker bigint REFERENCES worker,
    fence bigint NOT NULL DEFAULT 0,
    checkpoint text,
    retry_at timestamptz NOT NULL DEFAULT now(),
    error text,
    UNIQUE (url, mailbox)
) WITH (fillfactor = 70);

CREATE INDEX IF NOT EXISTS account_worker ON account (worker);
CREATE INDEX IF NOT EXISTS account_free ON account (retry_at) WHERE worker IS NULL;

-- What the workers do for a message: here a row, with the fence by which it was written.
CREATE TABLE IF NOT EXISTS message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account bigint NOT NULL REFERENCES account,
    uid_validity bigint NOT NULL,
    uid bigint NOT NULL,
    subject text NOT NULL,
    fence bigint NOT NULL,
    is_gone boolean NOT NULL DEFAULT false
);

-- UIDs begin again if a mailbox was created again; its old messages are gone then.
CREATE UNIQUE INDEX IF NOT EXISTS message_once ON message (account, uid) WHERE NOT is_gone;
