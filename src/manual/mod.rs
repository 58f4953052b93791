//! Pages that explain a subject from one end to the other; there is no code here.

pub mod lock;
pub mod logging_in;
pub mod mailboxes;
pub mod messages;
pub mod transports;
