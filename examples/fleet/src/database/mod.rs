//! What a worker needs of its database: leases, and one transaction for a change of a mailbox.

#[cfg(feature = "postgres")]
pub mod postgresql;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::error::Error;
use std::time::Duration;

use crate::change::Change;

/// The result of everything here: an error is shown to the operator.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// An error with its causes: the text of one of PostgreSQL's is a cause.
#[must_use]
pub fn text(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The id of a worker: of one run of the program, and of no other.
pub type WorkerId = i64;

/// An account that a worker may follow, until another worker has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The id of the account.
    pub account: i64,
    /// The worker that has it.
    pub worker: WorkerId,
    /// The number of this lease: higher than that of all leases of the account before.
    pub fence: i64,
    /// `imaps://user@host`, without a password.
    pub url: String,
    /// Where the password is.
    pub secret: String,
    /// The mailbox to follow.
    pub mailbox: String,
    /// The checkpoint that was stored last.
    pub checkpoint: Option<String>,
}

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// All of it is stored.
    Stored,
    /// Nothing is stored, because the account has a higher fence.
    LeaseLost,
}

/// A database of accounts, which any number of workers use.
///
/// All times are those of the database's clock, so that the clocks of the machines need not agree.
pub trait Database: Send {
    /// Creates the tables that are missing.
    fn create_tables(&mut self) -> Result<()>;

    /// Adds an account, for any worker to take.
    fn add_account(&mut self, url: &str, secret: &str, mailbox: &str) -> Result<i64>;

    /// Begins a worker, which is alive for the lease time.
    fn begin_worker(&mut self) -> Result<WorkerId>;

    /// The heartbeat: prolongs all leases of the worker, ends the workers whose time is over, and takes up to `room`
    /// accounts that no worker has. `None` if the worker itself was ended: it has no lease any more.
    ///
    /// It is one transaction, so that a worker is either prolonged or ended, and takes nothing after its end.
    fn beat(&mut self, worker: WorkerId, room: usize) -> Result<Option<Vec<Lease>>>;

    /// Stores a change and its checkpoint in one transaction, if the lease has the account's fence.
    ///
    /// After an error it is unknown whether they are stored: [`reread`](Self::reread) shows it.
    fn write(&mut self, lease: &Lease, change: &Change) -> Result<Written>;

    /// The lease with the checkpoint that is stored now; `None` if it is lost.
    fn reread(&mut self, lease: &Lease) -> Result<Option<Lease>>;

    /// Gives an account back that cannot be followed, for a pause and with the reason.
    fn give_back(&mut self, lease: &Lease, reason: &str, pause: Duration) -> Result<()>;

    /// Ends a worker, so that others take its accounts at once.
    fn end_worker(&mut self, worker: WorkerId) -> Result<()>;
}

/// Opens the database of a URL (`postgres://`) or a file (SQLite).
///
/// # Errors
///
/// If it cannot be opened, or if the program was built without it.
pub fn open(place: &str, lease_time: Duration) -> Result<Box<dyn Database>> {
    let is_postgresql = place.starts_with("postgres://") || place.starts_with("postgresql://");
    #[cfg(feature = "postgres")]
    if is_postgresql {
        return Ok(Box::new(postgresql::PostgreSql::new(place, lease_time)?));
    }
    #[cfg(feature = "sqlite")]
    if !is_postgresql {
        return Ok(Box::new(sqlite::Sqlite::open(place, lease_time)?));
    }
    let feature = if is_postgresql { "postgres" } else { "sqlite" };
    Err(format!("build the program with `--features {feature}` for this database").into())
}
