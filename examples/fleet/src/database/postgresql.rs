//! The accounts in PostgreSQL, for any number of machines.

use std::time::Duration;

use postgres::{Client, Config, NoTls, Row, Statement};

use super::{Database, Lease, Result, WorkerId, Written};
use crate::change::Change;

const BEGIN_WORKER: &str = "
    INSERT INTO worker (alive_until) VALUES (now() + make_interval(secs => $1)) RETURNING id";

/// The rows of workers that have ended and have no account any more are not needed: no other worker gets their ids.
const FORGET_WORKERS: &str = "
    DELETE FROM worker WHERE ended_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM account WHERE account.worker = worker.id)";

const RENEW: &str = "
    UPDATE worker SET alive_until = now() + make_interval(secs => $2)
    WHERE id = $1 AND ended_at IS NULL AND alive_until > now()";

/// A row that is locked is one whose heartbeat comes just now.
const END_OTHERS: &str = "
    UPDATE worker SET ended_at = now() WHERE id IN (
        SELECT id FROM worker WHERE ended_at IS NULL AND alive_until <= now()
        FOR UPDATE SKIP LOCKED
    )";

/// Several workers take at the same time: each skips what another has locked. Materialized, because a subquery with a
/// limit may be executed more than once otherwise, and would lock more. Apart, because for the two together no index
/// would be used, and a heartbeat would read the whole table.
const TAKE: &str = "
    WITH abandoned AS MATERIALIZED (
        SELECT account.id FROM worker JOIN account ON account.worker = worker.id
        WHERE ended_at IS NOT NULL AND retry_at <= now()
        LIMIT $2 FOR UPDATE OF account SKIP LOCKED
    ), free AS MATERIALIZED (
        SELECT id FROM account WHERE worker IS NULL AND retry_at <= now()
        ORDER BY retry_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), taken AS (
        SELECT id FROM abandoned UNION ALL SELECT id FROM free LIMIT $2
    )
    UPDATE account SET worker = $1, fence = fence + 1, error = NULL
    FROM taken WHERE account.id = taken.id
    RETURNING account.id, worker, fence, url, secret, mailbox, checkpoint";

/// First in its transaction: it locks the row, so that no lease begins before the transaction has ended.
const ADVANCE: &str = "UPDATE account SET checkpoint = $3 WHERE id = $1 AND fence = $2";

const ALL_GONE: &str = "UPDATE message SET is_gone = true WHERE account = $1 AND NOT is_gone";

const GONE: &str = "
    UPDATE message SET is_gone = true
    FROM unnest($2::bigint[], $3::bigint[]) AS gone (low, high)
    WHERE account = $1 AND NOT is_gone AND uid BETWEEN low AND high";

const INSERT: &str = "
    INSERT INTO message (account, fence, uid_validity, uid, subject)
    SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[], $5::text[])";

const REREAD: &str = "
    SELECT id, worker, fence, url, secret, mailbox, checkpoint FROM account
    WHERE id = $1 AND fence = $2 AND worker = $3";

const GIVE_BACK: &str = "
    UPDATE account SET worker = NULL, error = $3, retry_at = now() + make_interval(secs => $4)
    WHERE id = $1 AND fence = $2";

const END_WORKER: &str = "UPDATE worker SET ended_at = now() WHERE id = $1 AND ended_at IS NULL";

/// A connection to PostgreSQL, which is made when it is needed, and again after it was lost.
pub struct PostgreSql {
    config: Config,
    lease_time: Duration,
    link: Option<Link>,
}

/// A connection with its statements, which are planned once.
struct Link {
    client: Client,
    renew: Statement,
    end_others: Statement,
    take: Statement,
    advance: Statement,
    gone: Statement,
    insert: Statement,
}

impl PostgreSql {
    /// The database of a URL. Connects when it is needed.
    ///
    /// # Errors
    ///
    /// If the URL is invalid.
    pub fn new(url: &str, lease_time: Duration) -> Result<Self> {
        let mut config: Config = url.parse()?;
        config
            .application_name("fleet")
            .connect_timeout(lease_time)
            .tcp_user_timeout(lease_time);
        Ok(Self {
            config,
            lease_time,
            link: None,
        })
    }

    /// Connects. Over a network, give TLS in place of `NoTls`: the crate `postgres-native-tls` has it.
    fn connect(&self) -> Result<Client> {
        let mut client = self.config.connect(NoTls)?;
        // No wait for the database is longer than a lease. The second limit is for a worker that is paused within a
        // transaction: it would keep the row of an account locked, and so keep the account from all others.
        let limit = self.lease_time.as_millis();
        client.batch_execute(&format!(
            "SET statement_timeout = {limit}; SET idle_in_transaction_session_timeout = {limit}"
        ))?;
        Ok(client)
    }

    fn link(&mut self) -> Result<&mut Link> {
        let usable = self.link.take().filter(|link| !link.client.is_closed());
        let link = match usable {
            Some(link) => link,
            None => Link::new(self.connect()?)?,
        };
        Ok(self.link.insert(link))
    }
}

impl Link {
    fn new(mut client: Client) -> Result<Self> {
        Ok(Self {
            renew: client.prepare(RENEW)?,
            end_others: client.prepare(END_OTHERS)?,
            take: client.prepare(TAKE)?,
            advance: client.prepare(ADVANCE)?,
            gone: client.prepare(GONE)?,
            insert: client.prepare(INSERT)?,
            client,
        })
    }
}

impl Database for PostgreSql {
    fn create_tables(&mut self) -> Result<()> {
        Ok(self
            .connect()?
            .batch_execute(include_str!("postgresql.sql"))?)
    }

    fn add_account(&mut self, url: &str, secret: &str, mailbox: &str) -> Result<i64> {
        let sql = "INSERT INTO account (url, secret, mailbox) VALUES ($1, $2, $3) RETURNING id";
        let client = &mut self.link()?.client;
        Ok(client.query_one(sql, &[&url, &secret, &mailbox])?.get(0))
    }

    fn begin_worker(&mut self) -> Result<WorkerId> {
        let time = self.lease_time.as_secs_f64();
        let client = &mut self.link()?.client;
        client.execute(FORGET_WORKERS, &[])?;
        Ok(client.query_one(BEGIN_WORKER, &[&time])?.get(0))
    }

    fn beat(&mut self, worker: WorkerId, room: usize) -> Result<Option<Vec<Lease>>> {
        let time = self.lease_time.as_secs_f64();
        let link = self.link()?;
        let mut transaction = link.client.transaction()?;
        if transaction.execute(&link.renew, &[&worker, &time])? == 0 {
            return Ok(None);
        }
        let mut taken = Vec::new();
        if room > 0 {
            transaction.execute(&link.end_others, &[])?;
            let room = i64::try_from(room)?;
            let rows = transaction.query(&link.take, &[&worker, &room])?;
            taken.extend(rows.iter().map(lease));
        }
        transaction.commit()?;
        Ok(Some(taken))
    }

    fn write(&mut self, lease: &Lease, change: &Change) -> Result<Written> {
        let (account, fence) = (lease.account, lease.fence);
        let link = self.link()?;
        let mut transaction = link.client.transaction()?;
        let advanced =
            transaction.execute(&link.advance, &[&account, &fence, &change.checkpoint])?;
        if advanced == 0 {
            return Ok(Written::LeaseLost);
        }
        if change.is_restart {
            transaction.execute(ALL_GONE, &[&account])?;
        }
        if !change.gone.is_empty() {
            let (low, high): (Vec<i64>, Vec<i64>) = change.gone.iter().copied().unzip();
            transaction.execute(&link.gone, &[&account, &low, &high])?;
        }
        if !change.new.is_empty() {
            let new = &change.new;
            let validities: Vec<i64> = new.iter().map(|message| message.uid_validity).collect();
            let uids: Vec<i64> = new.iter().map(|message| message.uid).collect();
            let subjects: Vec<&str> = new.iter().map(|message| &*message.subject).collect();
            transaction.execute(
                &link.insert,
                &[&account, &fence, &validities, &uids, &subjects],
            )?;
        }
        transaction.commit()?;
        Ok(Written::Stored)
    }

    fn reread(&mut self, known: &Lease) -> Result<Option<Lease>> {
        let client = &mut self.link()?.client;
        let row = client.query_opt(REREAD, &[&known.account, &known.fence, &known.worker])?;
        Ok(row.as_ref().map(lease))
    }

    fn give_back(&mut self, lease: &Lease, reason: &str, pause: Duration) -> Result<()> {
        let pause = pause.as_secs_f64();
        let client = &mut self.link()?.client;
        client.execute(GIVE_BACK, &[&lease.account, &lease.fence, &reason, &pause])?;
        Ok(())
    }

    fn end_worker(&mut self, worker: WorkerId) -> Result<()> {
        self.link()?.client.execute(END_WORKER, &[&worker])?;
        Ok(())
    }
}

fn lease(row: &Row) -> Lease {
    Lease {
        account: row.get("id"),
        worker: row.get("worker"),
        fence: row.get("fence"),
        url: row.get("url"),
        secret: row.get("secret"),
        mailbox: row.get("mailbox"),
        checkpoint: row.get("checkpoint"),
    }
}
