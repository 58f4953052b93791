//! How a server is started: in this process, or as the real one that the environment names.

use std::io;

use crate::builder::{Builder, Deletion};
use crate::real;
use crate::server::Server;
use crate::tls::Acceptor;

/// The environment variable that chooses the server.
const SERVER: &str = "LATCHBOX_TESTKIT_SERVER";

impl Builder {
    /// Starts the in-process server, whatever the environment says; see [`start`](Self::start).
    #[must_use]
    pub fn in_process(mut self) -> Self {
        self.in_process = true;
        self
    }

    /// Starts the server on a free port of 127.0.0.1.
    ///
    /// If the environment variable `LATCHBOX_TESTKIT_SERVER` is `dovecot`, this starts a Dovecot 2.3 of
    /// its own instead, in a temporary folder, as [`start_dovecot`](Self::start_dovecot) does. So the
    /// same test shows that a real server agrees.
    ///
    /// # Errors
    ///
    /// If there is no socket or thread for it, or if the certificate and key cannot be read;
    /// [`Unsupported`](io::ErrorKind::Unsupported) for TLS and for capabilities of which this crate
    /// was built without the feature;
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for another value of the environment variable.
    pub fn start(self) -> io::Result<Server> {
        let chosen = std::env::var(SERVER).unwrap_or_default();
        match chosen.to_ascii_lowercase().as_str() {
            _ if self.in_process => self.start_in_process(),
            "" | "in-process" => self.start_in_process(),
            "dovecot" => self.start_dovecot(),
            _ => {
                let reason = format!("{SERVER}={chosen}: use `dovecot` or `in-process`");
                Err(io::Error::new(io::ErrorKind::InvalidInput, reason))
            }
        }
    }

    /// Starts a Dovecot with the same accounts, mailboxes and messages, in a temporary folder, as a
    /// process of its own that ends with this one.
    ///
    /// A proxy is in front of it, which records the timeline and breaks connections by the plan of
    /// faults, and to which [`Server::port`] leads. Messages get the UIDs that they have in the
    /// in-process server. Changes from outside are made by IMAP. The methods that Dovecot has nothing
    /// for panic and name themselves: delays, full mailboxes, refused logins, limits of connections,
    /// and changes of mod-sequences.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) with the name of the package if there is no Dovecot;
    /// [`Unsupported`](io::ErrorKind::Unsupported) with the name of the setting if the builder has one
    /// that Dovecot cannot have, such as a [`preset`](Self::preset), for another version than 2.3, and
    /// on Windows; and if it does not start.
    pub fn start_dovecot(self) -> io::Result<Server> {
        let Self {
            accounts,
            tls,
            plan,
            conditions,
            settings,
            ..
        } = self.with_account(|_| ());
        let setting = match (tls, conditions.limit) {
            _ if settings.preset.is_some() => "preset",
            (Some(_), _) => "tls",
            (_, Some(_)) => "connection_limit",
            _ => return Server::start_real(settings, accounts, plan),
        };
        Err(real::unsupported(setting))
    }

    fn start_in_process(self) -> io::Result<Server> {
        let Self {
            accounts,
            tls,
            plan,
            conditions,
            settings,
            ..
        } = self.with_account(|_| ());
        let acceptor = match tls {
            Some((certificate, key)) => Some(Acceptor::new(&certificate, &key)?),
            None => None,
        };
        settings.check()?;
        for account in &accounts {
            account.lock().keeps_deleted = settings.deletion == Deletion::Kept;
        }
        Server::start_with(settings, accounts, acceptor, plan, conditions)
    }
}
