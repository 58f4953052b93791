//! What the lock promises, on the in-process server; `checks/servers` has much of it on Dovecot too.

mod asked;
mod counts;
mod ending;
mod held;
mod numbered;
mod order;
mod place;
mod released;
mod scripted;
mod selected;
mod selecting;
mod selection;
mod sets;
mod streams;

use place::{InProcess, Place, commands, count, fill, wait_until_waiting};

/// Makes each of these functions a test on the in-process server.
macro_rules! on_both_servers {
    ($($name:ident),* $(,)?) => {
        mod in_process {
            $(#[test] fn $name() { super::$name(&crate::lock::InProcess::new()); })*
        }
    };
}
use on_both_servers;
