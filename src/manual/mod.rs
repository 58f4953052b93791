//! Pages that each explain one subject; this module has no code.
//!
//! To begin: [the first hour](first_hour), then [the cookbook](cookbook) and [frequent questions](faq). From
//! another library: [from `imap`](coming_from_imap), [from ImapFlow](coming_from_imapflow), and [a
//! comparison](comparison).

pub mod after_an_abort;
pub mod coming_from_imap;
pub mod coming_from_imapflow;
pub mod comparison;
pub mod cookbook;
pub mod errors;
pub mod events;
pub mod faq;
pub mod first_hour;
pub mod hostile_servers;
pub mod lock;
pub mod logging_in;
pub mod mailboxes;
pub mod many_machines;
pub mod messages;
pub mod platforms;
pub mod pool;
pub mod search;
pub mod several_commands;
pub mod sync;
pub mod transports;
pub mod watch;
