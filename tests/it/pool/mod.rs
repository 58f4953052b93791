//! Several connections of one account behind one lock: which is used, how many there are, and what
//! becomes of them.

mod choice;
mod commands;
mod counts;
mod opening;
mod server;
mod state;
mod tending;

use latchbox::pool::PoolOptions;
use latchbox::{Account, Backoff, Credentials, Pool};

use crate::sessions::{Asked, builder, until};
use server::Server;

fn options() -> PoolOptions {
    PoolOptions::new()
}

/// A pool whose provider gives the right password, and how often it was asked.
fn pool_with(server: &Server, options: PoolOptions) -> (Pool, Asked) {
    pool_of(server, options, "pass1")
}

fn pool_of(server: &Server, options: PoolOptions, password: &'static str) -> (Pool, Asked) {
    let asked = Asked::default();
    let counting = asked.clone();
    let account = Account::new(builder(server.port), move |_| {
        counting.count();
        Ok(Credentials::login("jane", password))
    });
    let account = account.reconnecting(Backoff::new().initial_delay(std::time::Duration::ZERO));
    (Pool::with_options(account, options), asked)
}

fn pool(server: &Server) -> Pool {
    pool_with(server, options()).0
}

/// Whether another thread would have to wait for this mailbox.
fn is_busy(pool: &Pool, name: &str) -> bool {
    let outcome = std::thread::scope(|scope| {
        let other = scope.spawn(|| pool.try_lock_mailbox(name).map(drop));
        other.join().unwrap()
    });
    outcome.is_err_and(|error| error.is_busy())
}

fn until_waiting(pool: &Pool, count: usize) {
    until("nobody waits", || pool.state().waiting() >= count);
}
