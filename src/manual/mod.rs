//! Pages that each explain one subject; this module has no code.

pub mod errors;
pub mod events;
pub mod hostile_servers;
pub mod lock;
pub mod logging_in;
pub mod mailboxes;
pub mod messages;
pub mod pool;
pub mod several_commands;
pub mod sync;
pub mod transports;
pub mod watch;
