//! In the place of Dovecot on systems on which it does not run: a type that has no values.

use std::io;

/// There is none.
#[derive(Debug)]
pub(crate) enum Dovecot {}

impl Dovecot {
    pub(crate) fn start(
        _users: &[(&str, &str)],
        _special_uses: &[(String, String)],
    ) -> io::Result<Self> {
        let reason = "LATCHBOX_TESTKIT_SERVER=dovecot: Dovecot does not run on this system";
        Err(io::Error::new(io::ErrorKind::Unsupported, reason))
    }

    pub(crate) fn port(&self) -> u16 {
        match *self {}
    }

    pub(crate) fn stop(&self) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn start_again(&self) -> io::Result<()> {
        match *self {}
    }
}
