//! Ending a session from another thread: whatever is blocked returns at once.
//!
//! The clients here have no deadline that could pass while the tests run, so a call that returns
//! was ended by the close handle or by nothing.

mod blocked;
mod reconnecting;
// Counts in /proc.
#[cfg(target_os = "linux")]
mod sockets;
mod waiting;

use latchbox::{Client, ClientBuilder};

use crate::sessions::TrustTheKit;
use crate::sessions::{builder, patient};
use crate::support::script::Script;

/// Makes each of these functions a test in cleartext and one inside TLS.
macro_rules! with_and_without_tls {
    ($($name:ident),* $(,)?) => {
        mod plaintext {
            $(#[test] fn $name() { super::$name(crate::close_handle::Line::Plaintext); })*
        }
        mod tls {
            $(#[test] fn $name() { super::$name(crate::close_handle::Line::Tls); })*
        }
    };
}
use with_and_without_tls;

/// What a session runs over.
#[derive(Clone, Copy)]
enum Line {
    Plaintext,
    Tls,
}

impl Line {
    /// What a connection begins with in a script.
    fn begun(self) -> &'static str {
        match self {
            Self::Plaintext => "",
            Self::Tls => "tls\n",
        }
    }

    fn played(self, text: &str) -> Script {
        crate::sessions::played(&format!("{}{text}", self.begun()))
    }

    fn builder(self, port: u16) -> ClientBuilder {
        match self {
            Self::Plaintext => builder(port),
            Self::Tls => patient(Client::builder("127.0.0.1"))
                .port(port)
                .trust_the_kit(),
        }
    }
}
