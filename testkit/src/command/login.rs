//! CAPABILITY, STARTTLS, LOGIN and ENABLE.

use std::sync::Arc;

use crate::connection::{Connection, Next, Outcome, bad, no, ok};

impl Connection {
    pub(super) fn capability(&mut self) -> Outcome {
        let capabilities = self.capabilities();
        self.wire.say(&format!("* CAPABILITY {capabilities}"))?;
        ok("Done")
    }

    pub(super) fn begin_tls(&mut self) -> Outcome {
        if self.shared.acceptor.is_none() || self.wire.stream.is_encrypted() {
            return bad("There is no TLS to start");
        }
        if self.wire.has_input() {
            self.next = Next::End;
            return bad("Nothing may follow STARTTLS in the clear");
        }
        self.next = Next::StartTls;
        ok("Begin TLS now")
    }

    pub(super) fn login(&mut self, name: &[u8], password: &[u8]) -> Outcome {
        if self.has("LOGINDISABLED") && !self.wire.stream.is_encrypted() {
            return no("[PRIVACYREQUIRED] Use TLS first");
        }
        let found = self.shared.accounts.iter().find(|account| {
            account.name.as_bytes() == name && account.password.as_bytes() == password
        });
        match found {
            Some(account) => {
                self.account = Some(Arc::clone(account));
                let capabilities = self.capabilities();
                ok(&format!("[CAPABILITY {capabilities}] Welcome"))
            }
            None => no("[AUTHENTICATIONFAILED] Wrong name or password"),
        }
    }

    pub(super) fn enable(&mut self, names: &[String]) -> Outcome {
        let mut line = "* ENABLED".to_owned();
        for name in names {
            let utf8_only = name == "UTF8=ACCEPT" && self.has("UTF8=ONLY");
            if !self.has(name) && !utf8_only {
                continue;
            }
            match name.as_str() {
                "CONDSTORE" => self.condstore = true,
                "QRESYNC" => (self.condstore, self.qresync) = (true, true),
                "UIDONLY" => self.uid_only = true,
                "UTF8=ACCEPT" => self.utf8 = true,
                "IMAP4REV2" => (self.utf8, self.rev2) = (true, true),
                _ => continue,
            }
            line.push_str(&format!(" {name}"));
        }
        self.wire.say(&line)?;
        ok("Done")
    }

    /// UNAUTHENTICATE (RFC 8437): as if the client had just connected, except for TLS.
    pub(super) fn unauthenticate(&mut self) -> Outcome {
        self.stop_notifying();
        (self.account, self.view, self.notify) = (None, None, None);
        (self.condstore, self.qresync, self.uid_only) = (false, false, false);
        (self.utf8, self.rev2) = (false, false);
        ok("Log in again")
    }
}
