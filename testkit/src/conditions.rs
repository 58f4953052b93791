//! A server in trouble: slow, full, refusing logins, or with too many connections.

use std::collections::BTreeSet;
use std::io;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use crate::connection::{Answer, Connection, Next};
use crate::faults::{FaultPlan, verb};
use crate::server::{Server, Shared};

/// Why a server refuses all logins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// `NO [AUTHENTICATIONFAILED]`, whatever the password is.
    WrongPassword,
    /// `NO [UNAVAILABLE]`: the server cannot look the user up now (RFC 5530).
    Unavailable,
    /// `NO [LIMIT]`: the user may not log in so often (RFC 9051).
    Limit,
    /// NO with this text.
    Text(String),
}

impl Refusal {
    fn text(&self) -> &str {
        match self {
            Self::WrongPassword => "[AUTHENTICATIONFAILED] Authentication failed.",
            Self::Unavailable => "[UNAVAILABLE] Temporary authentication failure.",
            Self::Limit => "[LIMIT] Too many logins; try again later.",
            Self::Text(text) => text,
        }
    }
}

/// What a server does with a connection that is one too many, in the words of a known server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TooMany {
    /// Dovecot: NO with LIMIT to the login, then the end of the connection. It counts the connections
    /// of a user.
    Dovecot,
    /// Cyrus: NO without a code to the login; the connection stays. It counts the connections of a
    /// user.
    Cyrus,
    /// Courier: the connection is closed before the greeting. It counts all connections.
    Courier,
    /// GNU imap4d: no greeting until another connection has ended. It counts all connections.
    Imap4d,
    /// Gmail: NO with ALERT to the login; the connection stays. It counts the connections of a user.
    Gmail,
    /// Exchange Online: the login succeeds, the next two commands are answered with BAD, and BYE follows.
    /// It counts the connections of a user.
    Exchange,
}

/// What a test has set, and resets.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    pub(crate) slow: Duration,
    full: BTreeSet<String>,
    refusal: Option<Refusal>,
    pub(crate) limit: Option<(usize, TooMany)>,
}

/// Trouble that a test begins and ends between two steps of its client, from any thread. Connections
/// that are open meet it with their next command.
///
/// ```
/// use std::time::Duration;
///
/// use latchbox_testkit::{Refusal, Server, TooMany, USER};
///
/// let server = Server::start()?;
/// server.set_delay(Duration::from_millis(300)); // before each answer
/// server.set_full(USER, true); // NO [OVERQUOTA] to APPEND, COPY and MOVE
/// server.refuse_logins(Refusal::Unavailable);
/// server.set_connection_limit(15, TooMany::Gmail);
///
/// server.set_delay(Duration::ZERO);
/// server.set_full(USER, false);
/// server.accept_logins();
/// server.remove_connection_limit();
/// # Ok::<(), std::io::Error>(())
/// ```
impl Server {
    /// Sets how long the server waits before it executes a command; zero by default.
    pub fn set_delay(&self, delay: Duration) {
        self.only_in_process("set_delay");
        self.shared.note(&format!("each answer takes {delay:?}"));
        self.shared.conditions().slow = delay;
    }

    /// Sets whether a user's mailboxes are full: then APPEND, COPY, MOVE and REPLACE are answered with
    /// `NO [OVERQUOTA]`. Returns `false` if there is no such user.
    pub fn set_full(&self, user: &str, is_full: bool) -> bool {
        self.only_in_process("set_full");
        if self.account(user).is_none() {
            return false;
        }
        let mut conditions = self.shared.conditions();
        match is_full {
            true => conditions.full.insert(user.to_owned()),
            false => conditions.full.remove(user),
        };
        drop(conditions);
        let (not, what) = if is_full {
            ("", "full")
        } else {
            ("not ", "full")
        };
        self.shared.note(&format!("{user} is {not}{what}"));
        true
    }

    /// Refuses all logins from now on. Connections that are logged in stay.
    pub fn refuse_logins(&self, refusal: Refusal) {
        self.only_in_process("refuse_logins");
        let text = refusal.text();
        self.shared.note(&format!("logins are refused: {text}"));
        self.shared.conditions().refusal = Some(refusal);
    }

    /// Accepts logins again.
    pub fn accept_logins(&self) {
        self.shared.note("logins are accepted");
        self.shared.conditions().refusal = None;
    }

    /// Sets how many connections may be open, and what happens to one more. Connections that are open
    /// stay.
    pub fn set_connection_limit(&self, limit: usize, too_many: TooMany) {
        self.only_in_process("set_connection_limit");
        self.shared.note(&format!("at most {limit} connections"));
        self.shared.conditions().limit = Some((limit, too_many));
    }

    /// Allows any number of connections again.
    pub fn remove_connection_limit(&self) {
        self.shared.note("any number of connections");
        self.shared.conditions().limit = None;
    }

    /// Sets another plan of faults, for open connections too. Octets are counted from the beginning of
    /// each connection, inside TLS and compression; commands and responses from now on. A connection
    /// that the old plan has stalled stays so.
    ///
    /// ```
    /// use latchbox_testkit::{Fault, FaultPlan, Server, Trigger};
    ///
    /// let server = Server::start()?;
    /// server.set_faults(FaultPlan::new().once(Trigger::command("IDLE"), Fault::Stall));
    /// // ... the client idles, and nothing arrives ...
    /// server.set_faults(FaultPlan::new());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_faults(&self, plan: FaultPlan) {
        match &self.real {
            Some(real) => real.proxy.set_faults(plan),
            None => self.shared.faults.set(plan),
        }
    }

    /// Returns how many faults have happened since the server was started.
    ///
    /// A test whose fault must happen compares this, so that it fails if its trigger is wrong. Each
    /// fault is also a line of the timeline.
    pub fn faults_happened(&self) -> u64 {
        match &self.real {
            Some(real) => real.proxy.faults_happened(),
            None => self.shared.faults.happened(),
        }
    }
}

impl Shared {
    pub(crate) fn conditions(&self) -> MutexGuard<'_, Conditions> {
        self.conditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Answers a command that a server in this trouble does not execute; says whether it did.
    pub(crate) fn is_in_trouble(&mut self, command: &[u8]) -> io::Result<bool> {
        let line = command.split(|octet| *octet == b'\r').next();
        let line = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
        let delay = self.shared.conditions().slow;
        if !delay.is_zero() {
            self.shared.pause(self.id, delay);
        }
        if self.is_habitually_silent(&line) {
            return Ok(true);
        }
        let is_turned_away = self.is_turned_away(&verb(&line));
        let answer = self
            .trouble(&verb(&line))
            .or_else(|| self.habitual_refusal(&line));
        let tag = line.split(' ').next().unwrap_or("*").to_owned();
        self.wire.command_line = line;
        let Some(answer) = answer else {
            return Ok(false);
        };
        self.tagged(&tag, answer)?;
        if is_turned_away && self.is_at_an_end() {
            self.next = Next::End;
            self.wire.say("* BYE Connection closed. 14")?;
        }
        Ok(true)
    }

    /// Whether a command is refused because its connection is one too many for Exchange.
    fn is_turned_away(&self, verb: &str) -> bool {
        self.account.is_some() && verb != "LOGOUT" && self.shared.is_turned_away(self.id)
    }

    fn trouble(&self, verb: &str) -> Option<Answer> {
        let user = self.account.as_ref().map(|account| account.name.as_str());
        if self.is_turned_away(verb) {
            let text = "User is authenticated but not connected.";
            return Some(Answer::Bad(text.to_owned()));
        }
        let conditions = self.shared.conditions();
        let no = |text: &str| Some(Answer::No(text.to_owned()));
        match verb.trim_start_matches("UID ") {
            "APPEND" | "COPY" | "MOVE" | "REPLACE" => {
                let is_full = user.is_some_and(|user| conditions.full.contains(user));
                no("[OVERQUOTA] Quota exceeded (mailbox for user is full)").filter(|_| is_full)
            }
            "LOGIN" | "AUTHENTICATE" if user.is_none() => {
                let refusal = conditions.refusal.as_ref()?;
                no(refusal.text())
            }
            _ => None,
        }
    }

    /// Looks at a login that has succeeded: whether the user has too many connections.
    pub(crate) fn let_in(&mut self, was_logged_in: bool, answer: Answer) -> Answer {
        let Some(account) = self.account.as_ref().filter(|_| !was_logged_in) else {
            return answer;
        };
        let user = account.name.clone();
        let open = self.shared.logs_in(self.id, &user);
        let limit = self.shared.conditions().limit;
        let Some((limit, too_many)) = limit.filter(|(limit, _)| open >= *limit) else {
            return answer;
        };
        let text = match too_many {
            TooMany::Courier | TooMany::Imap4d => return answer,
            TooMany::Exchange => {
                self.shared.turn_away(self.id);
                return self.unconnected(answer);
            }
            TooMany::Dovecot => {
                self.next = Next::End;
                format!(
                    "[LIMIT] Maximum number of connections from user+IP exceeded \
                     (mail_max_userip_connections={limit})"
                )
            }
            TooMany::Cyrus => {
                let open = open + 1;
                format!("Too many open connections ({open} of {limit} for {user})")
            }
            TooMany::Gmail => "[ALERT] Too many simultaneous connections. (Failure)".to_owned(),
        };
        self.account = None;
        self.shared.logs_out(self.id);
        Answer::No(text)
    }

    /// Ends a connection before its greeting, or lets it wait, if there are too many.
    pub(crate) fn wait_for_a_place(&mut self) -> io::Result<()> {
        loop {
            let Some((limit, too_many)) = self.shared.conditions().limit else {
                return Ok(());
            };
            if self.shared.open_before(self.id) < limit {
                return Ok(());
            }
            match too_many {
                TooMany::Courier => return Err(io::ErrorKind::ConnectionRefused.into()),
                TooMany::Imap4d if self.shared.is_open(self.id) => {
                    self.shared.pause(self.id, LOOK);
                }
                _ => return Ok(()),
            }
        }
    }
}

/// How often a connection without a greeting looks whether another has ended.
const LOOK: Duration = Duration::from_millis(20);
