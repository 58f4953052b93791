//! Pages that explain a subject from one end to the other; there is no code here.

pub mod errors;
pub mod events;
pub mod hostile_servers;
pub mod lock;
pub mod logging_in;
pub mod mailboxes;
pub mod messages;
pub mod several_commands;
pub mod transports;
