//! A [`Pool`](crate::Pool) in its parts: its connections, and what it takes and returns, such as its
//! options, its state and a leased connection.

pub(crate) mod connections;
mod entrance;
mod failures;
mod options;
mod pooled_session;
mod state;
mod tending;
mod waiter;
#[cfg(test)]
#[cfg(not(shuttle))]
mod tests;

pub use options::PoolOptions;
pub use pooled_session::PooledSession;
pub use state::PoolState;
pub use waiter::Waiter;
