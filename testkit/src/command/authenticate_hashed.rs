//! AUTHENTICATE by mechanisms that hash the password: CRAM-MD5 and SCRAM.

use crate::connection::{Connection, Outcome, bad, no};
use crate::scram::{Exchange, Hash, cram_md5};

impl Connection {
    pub(super) fn by_cram_md5(&mut self) -> Outcome {
        let challenge = format!("<{}.latchbox@localhost>", self.id);
        let Some(answer) = self.ask(challenge.as_bytes())? else {
            return bad("Cancelled");
        };
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (name, digest) = answer.rsplit_once(' ').unwrap_or_default();
        let password = self.password_of(name);
        match password.filter(|password| cram_md5(password, challenge.as_bytes()) == digest) {
            Some(password) => self.login(name.as_bytes(), password.as_bytes()),
            None => self.login(name.as_bytes(), b""),
        }
    }

    pub(super) fn by_scram(&mut self, first: &[u8], mechanism: &str) -> Outcome {
        let Some((hash, plus)) = Hash::of_mechanism(mechanism) else {
            return no("[CANNOT] This mechanism is only advertised");
        };
        let mut exchange = Exchange::new(hash, plus);
        let mut names = self.shared.settings.capabilities.iter();
        exchange.offers_plus = names.any(|name| name.ends_with("-PLUS"));
        exchange.server_end_point = self.wire.stream.server_end_point();
        let refused = |reason| no(&format!("[AUTHENTICATIONFAILED] {reason}"));
        let server_first = match exchange.first(first) {
            Ok(message) => message,
            Err(reason) => return refused(reason),
        };
        let Some(last) = self.ask(server_first.as_bytes())? else {
            return bad("Cancelled");
        };
        let password = self.password_of(&exchange.user).unwrap_or_default();
        let own = match exchange.last(&last, &password) {
            Ok(message) => message,
            Err(reason) => return refused(reason),
        };
        match self.ask(own.as_bytes())? {
            Some(_) => self.login(exchange.user.as_bytes(), password.as_bytes()),
            None => bad("Cancelled"),
        }
    }

    fn password_of(&self, name: &str) -> Option<String> {
        let mut accounts = self.shared.accounts.iter();
        let account = accounts.find(|account| account.name == name)?;
        Some(account.password.clone())
    }
}
