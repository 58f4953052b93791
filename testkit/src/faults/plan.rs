//! What a test writes down: faults, what triggers them, and how often.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A direction of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// What happens to a connection, from the octet of the [`Trigger`] on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The connection is closed: both sides see the end of the stream.
    Cut,
    /// The client's connection is reset; the server sees the end of the stream.
    Reset,
    /// Nothing more arrives in this direction. The server receives its octets after the client has
    /// closed the connection; the client never receives them.
    Stall,
    /// All further octets of this direction arrive later by this time.
    Delay(Duration),
    /// The next octets, so many, arrive one by one.
    Split(u32),
    /// From now on so many octets a second arrive, a thousandth of them at a time.
    Limit(u32),
    /// The next octets, so many, arrive as other octets. The same plan garbles them in the same way.
    Garble(u32),
    /// At a command: the server never reads it, and the client receives this text after the tag, such
    /// as `NO [UNAVAILABLE] Try later`. At a response: this text takes its place, after its tag, `*` or
    /// `+`. At an octet: the client receives `* BYE` and this text, and the connection is closed.
    Refuse(&'static str),
}

/// The place on the wire where a fault happens.
///
/// The places of commands and responses are found in plaintext only. The in-process server finds them
/// inside TLS and compression too; a proxy does not, and has only [`octet`](Self::octet) there.
#[derive(Clone, Debug)]
pub struct Trigger {
    pub(crate) place: Place,
    pub(crate) offset: u64,
    pub(crate) nth: u64,
    pub(crate) connection: Option<u64>,
}

/// What is counted, and what is matched.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Octet(Way, u64),
    Command(Matcher),
    Response(Matcher),
    Completion(Matcher),
}

/// Whether a line is meant.
#[derive(Clone)]
pub(crate) enum Matcher {
    /// The name of a command, with or without `UID`.
    Verb(String),
    /// A part of the line.
    Text(String),
    Predicate(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl Trigger {
    /// The moment when so many octets of a connection have passed in this direction.
    pub fn octet(way: Way, octets: u64) -> Self {
        Self::new(Place::Octet(way, octets))
    }

    /// A command of this name.
    ///
    /// `FETCH` is also found in `UID FETCH`; `UID FETCH` only there. The end of an IDLE is the command
    /// `DONE`.
    pub fn command(name: &str) -> Self {
        Self::new(Place::Command(Matcher::Verb(name.to_owned())))
    }

    /// A command whose first line, with its tag and without its CRLF, satisfies the predicate.
    pub fn command_where(matches: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::new(Place::Command(Matcher::Predicate(Arc::new(matches))))
    }

    /// A response whose first line contains this text, in upper or lower case.
    pub fn response(text: &str) -> Self {
        Self::new(Place::Response(Matcher::Text(text.to_owned())))
    }

    /// A response whose first line, without its CRLF, satisfies the predicate.
    pub fn response_where(matches: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::new(Place::Response(Matcher::Predicate(Arc::new(matches))))
    }

    /// The tagged response to a command of this name, found as by [`command`](Self::command).
    pub fn completion(name: &str) -> Self {
        Self::new(Place::Completion(Matcher::Verb(name.to_owned())))
    }

    fn new(place: Place) -> Self {
        Self {
            place,
            offset: 0,
            nth: 1,
            connection: None,
        }
    }

    /// Moves the place so many octets into the command or response, its literals included.
    ///
    /// If the command or response is shorter, the fault happens at its end.
    /// [`Fault::Refuse`] ignores this.
    #[must_use]
    pub fn offset(mut self, octets: u64) -> Self {
        self.offset = octets;
        self
    }

    /// Moves the place to the end of the command or response.
    #[must_use]
    pub fn at_end(self) -> Self {
        self.offset(u64::MAX)
    }

    pub(crate) fn looks_at(&self, connection: u64) -> bool {
        self.connection.is_none_or(|number| number == connection)
    }

    /// Begins with the `n`-th place that is found, on all connections together. The first is 1.
    #[must_use]
    pub fn nth(mut self, n: u64) -> Self {
        self.nth = n.max(1);
        self
    }

    /// Looks only at this connection. The first that the server or the proxy accepts is 1.
    #[must_use]
    pub fn connection(mut self, number: u64) -> Self {
        self.connection = Some(number);
        self
    }
}

impl Matcher {
    pub(crate) fn matches(&self, line: &str) -> bool {
        match self {
            Self::Verb(name) => {
                let verb = verb(line);
                let name = name.to_ascii_uppercase();
                verb == name || verb.strip_prefix("UID ") == Some(&name)
            }
            Self::Text(text) => {
                let line = line.to_ascii_lowercase();
                line.contains(&text.to_ascii_lowercase())
            }
            Self::Predicate(predicate) => predicate(line),
        }
    }
}

/// The name of a command, in capital letters, with `UID` if that is before it.
pub(crate) fn verb(line: &str) -> String {
    let mut words = line.split(' ');
    let first = words.next().unwrap_or_default();
    let verb = words.next().unwrap_or(first).to_ascii_uppercase();
    match (verb.as_str(), words.next()) {
        ("UID", Some(next)) => format!("UID {}", next.to_ascii_uppercase()),
        _ => verb,
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verb(text) | Self::Text(text) => write!(f, "{text:?}"),
            Self::Predicate(_) => f.write_str("a predicate"),
        }
    }
}

/// A fault, its trigger, and how often it happens.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) trigger: Trigger,
    pub(crate) fault: Fault,
    pub(crate) repeat: Repeat,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.fault, self.trigger.place)?;
        match self.trigger.offset {
            0 => Ok(()),
            u64::MAX => f.write_str(", at its end"),
            octets => write!(f, ", after {octets} octets"),
        }
    }
}

/// How often a fault happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Repeat {
    Once,
    Always,
    /// At random, once in so many times.
    Random {
        seed: u64,
        one_in: u32,
    },
}

/// A plan of faults: for the in-process server, or for a proxy in front of any server.
///
/// The server takes it by [`Builder::faults`](crate::Builder::faults) and between two steps by
/// [`Server::set_faults`](crate::Server::set_faults), the proxy by
/// [`FaultProxy::start`](crate::fault_proxy::FaultProxy::start) and
/// [`FaultProxy::set_faults`](crate::fault_proxy::FaultProxy::set_faults). An empty plan breaks nothing.
///
/// ```
/// use latchbox_testkit::{Fault, FaultPlan, Server, Trigger};
///
/// let plan = FaultPlan::new()
///     // In the middle of the first APPEND, after 200 octets of it:
///     .once(Trigger::command("APPEND").offset(200), Fault::Cut)
///     // The EXPUNGE is executed, and its OK never arrives:
///     .once(Trigger::completion("EXPUNGE"), Fault::Cut)
///     // From the third login on:
///     .always(Trigger::command("LOGIN").nth(3), Fault::Refuse("NO [UNAVAILABLE] Try later"));
/// let server = Server::builder().faults(plan).start()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    pub(crate) rules: Vec<Rule>,
}

impl FaultPlan {
    /// Returns a plan without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault that happens once, on whichever connection comes to the place first.
    #[must_use]
    pub fn once(self, trigger: Trigger, fault: Fault) -> Self {
        self.with(trigger, fault, Repeat::Once)
    }

    /// Adds a fault that happens each time that a connection comes to the place.
    #[must_use]
    pub fn always(self, trigger: Trigger, fault: Fault) -> Self {
        self.with(trigger, fault, Repeat::Always)
    }

    /// Adds a fault that happens about once in `one_in` times that a connection comes to the place.
    /// The same seed chooses the same times.
    ///
    /// ```
    /// use latchbox_testkit::{Fault, FaultPlan, Trigger};
    ///
    /// let plan = FaultPlan::new().random(Trigger::response("FETCH"), Fault::Cut, 7, 100);
    /// ```
    #[must_use]
    pub fn random(self, trigger: Trigger, fault: Fault, seed: u64, one_in: u32) -> Self {
        let one_in = one_in.max(1);
        self.with(trigger, fault, Repeat::Random { seed, one_in })
    }

    fn with(mut self, trigger: Trigger, fault: Fault, repeat: Repeat) -> Self {
        self.rules.push(Rule {
            trigger,
            fault,
            repeat,
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_with_and_without_uid() {
        let matches = |name: &str, line: &str| Matcher::Verb(name.to_owned()).matches(line);
        assert!(matches("fetch", "a FETCH 1 FLAGS"));
        assert!(matches("FETCH", "a uid fetch 1 FLAGS"));
        assert!(matches("UID FETCH", "a UID FETCH 1 FLAGS"));
        assert!(!matches("UID FETCH", "a FETCH 1 FLAGS"));
        assert!(!matches("FETCH", "a SEARCH TEXT FETCH"));
        assert!(matches("DONE", "DONE"));
    }
}
