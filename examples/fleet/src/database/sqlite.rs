//! The accounts in an SQLite file, for the processes of one machine.
//!
//! SQLite has one writer at a time, so that a transaction locks more than the rows that it needs; the rules of the
//! leases are those of PostgreSQL.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::{Database, Lease, Result, WorkerId, Written};
use crate::change::Change;

/// The time in milliseconds; all processes of a machine have one clock.
macro_rules! now {
    () => {
        "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    };
}

const BEGIN_WORKER: &str = concat!(
    "INSERT INTO worker (alive_until) VALUES (",
    now!(),
    " + ?1) RETURNING id"
);

const FORGET_WORKERS: &str = "
    DELETE FROM worker WHERE ended_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM account WHERE account.worker = worker.id)";

const RENEW: &str = concat!(
    "UPDATE worker SET alive_until = ",
    now!(),
    " + ?2 ",
    "WHERE id = ?1 AND ended_at IS NULL AND alive_until > ",
    now!()
);

const END_OTHERS: &str = concat!(
    "UPDATE worker SET ended_at = ",
    now!(),
    " ",
    "WHERE ended_at IS NULL AND alive_until <= ",
    now!()
);

const TAKE: &str = concat!(
    "UPDATE account SET worker = ?1, fence = fence + 1, error = NULL WHERE id IN (
        SELECT id FROM account
        WHERE retry_at <= ",
    now!(),
    " AND (
            worker IS NULL OR worker IN (SELECT id FROM worker WHERE ended_at IS NOT NULL)
        )
        LIMIT ?2
    ) RETURNING id, worker, fence, url, secret, mailbox, checkpoint"
);

const ADVANCE: &str = "UPDATE account SET checkpoint = ?3 WHERE id = ?1 AND fence = ?2";

const ALL_GONE: &str = "UPDATE message SET is_gone = 1 WHERE account = ?1 AND NOT is_gone";

const GONE: &str = "
    UPDATE message SET is_gone = 1
    WHERE account = ?1 AND NOT is_gone AND uid BETWEEN ?2 AND ?3";

const INSERT: &str = "
    INSERT INTO message (account, fence, uid_validity, uid, subject) VALUES (?1, ?2, ?3, ?4, ?5)";

const REREAD: &str = "
    SELECT id, worker, fence, url, secret, mailbox, checkpoint FROM account
    WHERE id = ?1 AND fence = ?2 AND worker = ?3";

const GIVE_BACK: &str = concat!(
    "UPDATE account SET worker = NULL, error = ?3, retry_at = ",
    now!(),
    " + ?4 ",
    "WHERE id = ?1 AND fence = ?2"
);

const END_WORKER: &str = concat!(
    "UPDATE worker SET ended_at = ",
    now!(),
    " WHERE id = ?1 AND ended_at IS NULL"
);

/// An open file.
pub struct Sqlite {
    connection: Connection,
    lease_time: Duration,
}

impl Sqlite {
    /// Opens or creates the file.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(path: &str, lease_time: Duration) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(lease_time)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Self {
            connection,
            lease_time,
        })
    }

    /// A transaction that has the file's only lock from its beginning: one that began by reading could not go on to
    /// write after another has written.
    fn transaction(&mut self) -> Result<rusqlite::Transaction<'_>> {
        let immediate = TransactionBehavior::Immediate;
        Ok(self.connection.transaction_with_behavior(immediate)?)
    }
}

impl Database for Sqlite {
    fn create_tables(&mut self) -> Result<()> {
        Ok(self.connection.execute_batch(include_str!("sqlite.sql"))?)
    }

    fn add_account(&mut self, url: &str, secret: &str, mailbox: &str) -> Result<i64> {
        let sql = "INSERT INTO account (url, secret, mailbox) VALUES (?, ?, ?)";
        self.connection.execute(sql, [url, secret, mailbox])?;
        Ok(self.connection.last_insert_rowid())
    }

    fn begin_worker(&mut self) -> Result<WorkerId> {
        let time = milliseconds(self.lease_time)?;
        let transaction = self.transaction()?;
        transaction.execute(FORGET_WORKERS, [])?;
        let worker = transaction.query_row(BEGIN_WORKER, [time], |row| row.get(0))?;
        transaction.commit()?;
        Ok(worker)
    }

    fn beat(&mut self, worker: WorkerId, room: usize) -> Result<Option<Vec<Lease>>> {
        let time = milliseconds(self.lease_time)?;
        let transaction = self.transaction()?;
        if transaction.prepare_cached(RENEW)?.execute([worker, time])? == 0 {
            return Ok(None);
        }
        let mut taken = Vec::new();
        if room > 0 {
            transaction.prepare_cached(END_OTHERS)?.execute([])?;
            let mut take = transaction.prepare_cached(TAKE)?;
            let rows = take.query_map([worker, i64::try_from(room)?], lease)?;
            taken = rows.collect::<rusqlite::Result<_>>()?;
        }
        transaction.commit()?;
        Ok(Some(taken))
    }

    fn write(&mut self, lease: &Lease, change: &Change) -> Result<Written> {
        let (account, fence) = (lease.account, lease.fence);
        let transaction = self.transaction()?;
        let advanced = transaction.prepare_cached(ADVANCE)?.execute(params![
            account,
            fence,
            change.checkpoint
        ])?;
        if advanced == 0 {
            return Ok(Written::LeaseLost);
        }
        if change.is_restart {
            transaction.execute(ALL_GONE, [account])?;
        }
        for (low, high) in &change.gone {
            let mut gone = transaction.prepare_cached(GONE)?;
            gone.execute([account, *low, *high])?;
        }
        for message in &change.new {
            let (validity, uid) = (message.uid_validity, message.uid);
            let mut insert = transaction.prepare_cached(INSERT)?;
            insert.execute(params![account, fence, validity, uid, message.subject])?;
        }
        transaction.commit()?;
        Ok(Written::Stored)
    }

    fn reread(&mut self, known: &Lease) -> Result<Option<Lease>> {
        let mut reread = self.connection.prepare_cached(REREAD)?;
        Ok(reread
            .query_row([known.account, known.fence, known.worker], lease)
            .optional()?)
    }

    fn give_back(&mut self, lease: &Lease, reason: &str, pause: Duration) -> Result<()> {
        let values = params![lease.account, lease.fence, reason, milliseconds(pause)?];
        self.connection.execute(GIVE_BACK, values)?;
        Ok(())
    }

    fn end_worker(&mut self, worker: WorkerId) -> Result<()> {
        self.connection.execute(END_WORKER, [worker])?;
        Ok(())
    }
}

fn milliseconds(time: Duration) -> Result<i64> {
    Ok(i64::try_from(time.as_millis())?)
}

fn lease(row: &Row<'_>) -> rusqlite::Result<Lease> {
    Ok(Lease {
        account: row.get("id")?,
        worker: row.get("worker")?,
        fence: row.get("fence")?,
        url: row.get("url")?,
        secret: row.get("secret")?,
        mailbox: row.get("mailbox")?,
        checkpoint: row.get("checkpoint")?,
    })
}
