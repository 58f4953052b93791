//! Where a watch gets its connection: from a session or a pool that others use too, or of its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::account::Account;
use crate::error::Error;
use crate::events::session_event::SessionEvent;
use crate::mailbox_guard::lock_source::LockSource;
use crate::pool::PoolOptions;
use crate::pool::connections::Pool;
use crate::reconnect::Backoff;
use crate::session::Session;

/// Where a [`Watch`](crate::watch::Watch) gets its connection.
///
/// | from | the watch has |
/// |---|---|
/// | an [`Account`] | a connection of its own, which it makes, and makes again |
/// | a [`Session`] in an `Arc` | the connection of the session, whenever no other thread needs it |
/// | a [`Pool`] in an `Arc` | one of its connections, whenever no other thread needs it |
///
/// While it waits for changes, a watch does not hold the lock of a session or a pool: a thread that
/// locks a mailbox gets the connection at once. The watch continues when that thread has released
/// it.
#[derive(Clone)]
pub struct WatchSource(Origin);

#[derive(Clone)]
enum Origin {
    Account(Account),
    Session(Arc<Session>),
    Pool(Arc<Pool>),
}

impl From<Account> for WatchSource {
    fn from(account: Account) -> Self {
        Self(Origin::Account(account))
    }
}

impl From<&Account> for WatchSource {
    fn from(account: &Account) -> Self {
        account.clone().into()
    }
}

impl From<Arc<Session>> for WatchSource {
    fn from(session: Arc<Session>) -> Self {
        Self(Origin::Session(session))
    }
}

impl From<&Arc<Session>> for WatchSource {
    fn from(session: &Arc<Session>) -> Self {
        Arc::clone(session).into()
    }
}

impl From<Arc<Pool>> for WatchSource {
    fn from(pool: Arc<Pool>) -> Self {
        Self(Origin::Pool(pool))
    }
}

impl From<&Arc<Pool>> for WatchSource {
    fn from(pool: &Arc<Pool>) -> Self {
        Arc::clone(pool).into()
    }
}

impl fmt::Debug for WatchSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Origin::Account(_) => "WatchSource(Account)",
            Origin::Session(_) => "WatchSource(Session)",
            Origin::Pool(_) => "WatchSource(Pool)",
        })
    }
}

/// The locks by which a watch gets its connection.
pub(super) enum Source {
    Session(Arc<Session>),
    Pool(Arc<Pool>),
    /// No other thread uses it.
    Own(Box<Pool>),
}

impl Source {
    pub(super) fn new(source: WatchSource) -> Self {
        match source.0 {
            Origin::Session(session) => Self::Session(session),
            Origin::Pool(pool) => Self::Pool(pool),
            Origin::Account(account) => {
                // The watch itself waits between two attempts, for as long as it is told to.
                let once = Backoff::new().max_attempts(1).initial_delay(Duration::ZERO);
                let options = PoolOptions::new()
                    .max_connections(1)
                    .idle_timeout(Duration::MAX)
                    .max_age(Duration::MAX)
                    .check_after(Duration::MAX);
                let pool = Pool::with_options(account.reconnecting(once), options);
                Self::Own(Box::new(pool))
            }
        }
    }

    pub(super) fn locks(&self) -> &dyn LockSource {
        match self {
            Self::Session(session) => &**session,
            Self::Pool(pool) => &**pool,
            Self::Own(pool) => &**pool,
        }
    }

    /// The error of a thread that would wait for itself, because it holds a guard of the session.
    pub(super) fn held_here(&self) -> Option<Error> {
        match self {
            Self::Session(session) => session.held_here(),
            Self::Pool(_) | Self::Own(_) => None,
        }
    }

    /// The oldest event of the session, if no other thread uses the connection.
    pub(super) fn take_event(&self) -> Option<SessionEvent> {
        match self {
            Self::Own(pool) => pool.take_event(),
            Self::Session(_) | Self::Pool(_) => None,
        }
    }

    /// Whether no other thread uses the connection.
    pub(super) fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// Ends the connection, if it is the watch's own (LOGOUT).
    pub(super) fn log_out(self) {
        if let Self::Own(pool) = self {
            pool.logout();
        }
    }
}
