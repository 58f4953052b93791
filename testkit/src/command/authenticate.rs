//! AUTHENTICATE: the server's side of the mechanisms.

use std::io;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::builder::TOKEN;
use crate::connection::{Connection, Outcome, bad, no, ok};
use crate::grammar::session::challenge_answer;

/// What the client answers, or nothing when it breaks off.
pub(super) type Answer = io::Result<Option<Vec<u8>>>;

impl Connection {
    /// The mechanism's name is in capital letters.
    pub(super) fn authenticate(&mut self, name: &str, initial: Option<&[u8]>) -> Outcome {
        if !self.has(&format!("AUTH={name}")) {
            return no("[CANNOT] This mechanism is not advertised");
        }
        match (name, initial) {
            ("LOGIN", None) => return self.by_prompts(),
            #[cfg(feature = "scram")]
            ("CRAM-MD5", None) => return self.by_cram_md5(),
            ("LOGIN" | "CRAM-MD5", Some(_)) => return bad("This mechanism begins with the server"),
            _ => {}
        }
        let first = match initial {
            Some(data) => data.to_vec(),
            None => match self.ask(b"")? {
                Some(data) => data,
                None => return bad("Cancelled"),
            },
        };
        match name {
            "PLAIN" => self.plain(&first),
            "XOAUTH2" => self.by_token(&first, r#"{"status":"401","schemes":"bearer"}"#),
            "OAUTHBEARER" => self.by_token(&first, r#"{"status":"invalid_token","scope":"mail"}"#),
            "EXTERNAL" | "ANONYMOUS" => self.as_first_user(),
            #[cfg(feature = "scram")]
            name if name.starts_with("SCRAM-") => self.by_scram(&first, name),
            _ => no("[CANNOT] This mechanism is only advertised"),
        }
    }

    /// Sends a challenge and hears the answer.
    pub(super) fn ask(&mut self, challenge: &[u8]) -> Answer {
        let challenge = BASE64_STANDARD.encode(challenge);
        self.wire.say(&format!("+ {challenge}"))?;
        self.wire.flush()?;
        let Some(line) = self.wire.answer(true)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        Ok(challenge_answer(&line))
    }

    /// RFC 4616: who to act as (nobody else here), who it is, and the password.
    fn plain(&mut self, data: &[u8]) -> Outcome {
        let fields: Vec<&[u8]> = data.split(|byte| *byte == 0).collect();
        match fields.as_slice() {
            [acting, name, password] if acting.is_empty() || acting == name => {
                self.login(name, password)
            }
            [_, _, _] => no("[AUTHORIZATIONFAILED] You can act for nobody else"),
            _ => bad("This is not what PLAIN sends"),
        }
    }

    fn by_prompts(&mut self) -> Outcome {
        let Some(name) = self.ask(b"Username:")? else {
            return bad("Cancelled");
        };
        let Some(password) = self.ask(b"Password:")? else {
            return bad("Cancelled");
        };
        self.login(&name, &password)
    }

    /// XOAUTH2 and OAUTHBEARER: the first user, who has the token [`TOKEN`].
    fn by_token(&mut self, data: &[u8], error: &str) -> Outcome {
        let bearer = format!("auth=Bearer {TOKEN}");
        if data
            .split(|byte| *byte == 1)
            .any(|field| field == bearer.as_bytes())
        {
            return self.as_first_user();
        }
        match self.ask(error.as_bytes())? {
            Some(_) => no("[AUTHENTICATIONFAILED] This token is none of mine"),
            None => bad("Cancelled"),
        }
    }

    fn as_first_user(&mut self) -> Outcome {
        self.account = self.shared.accounts.first().map(Arc::clone);
        let capabilities = self.capabilities();
        ok(&format!("[CAPABILITY {capabilities}] Welcome"))
    }
}
