//! Commands that this crate does not know, built from typed arguments: on the session those that
//! need no mailbox, on the guard those that do.

pub(crate) mod answer;
mod reserved;

use crate::command::raw::answer::{Gathering, RawAnswer};
use crate::connection::Connection;
use crate::error::{Error, InvalidArgument, Result};
use crate::mailbox_guard::lease::MailboxLease;
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::session::Session;
use crate::types::flag::Flag;
use crate::types::list::MailboxPattern;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::octet::is_atom;

const COMMAND: &str = "raw command";

/// A command that this crate does not know: its name and its typed arguments.
///
/// For [`Session::raw`] and [`MailboxGuard::raw`]. An argument is sent in the form that its value
/// needs and the server accepts: a string with a line end as a literal, a mailbox name as modified
/// UTF-7 or UTF-8. No argument is written to the line unchecked, so no text can end the command,
/// begin another, or announce a literal.
///
/// Commands that change the state that this crate tracks, such as SELECT or ENABLE, have their own
/// methods and cannot be built.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::RawCommand;
/// use latchbox::Error;
///
/// let command = RawCommand::new("STATUS")?
///     .mailbox("Archive")?
///     .list(|items| items.atom("MESSAGES")?.atom("UIDNEXT"))?;
/// let answer = session.raw(&command)?;
/// for response in answer.responses() {
///     println!("{:?} {:?}", response.name(), String::from_utf8_lossy(&response.bytes()));
/// }
/// # assert_eq!(answer.responses().next().unwrap().name(), "STATUS");
///
/// let refused = RawCommand::new("SELECT").unwrap_err();
/// assert!(refused.to_string().contains("Session::lock_mailbox"));
/// assert!(RawCommand::new("NOOP\r\nX DELETE INBOX").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RawCommand {
    name: Box<str>,
    uid: bool,
    arguments: Vec<Argument>,
}

/// An argument, checked as far as possible without the server.
#[derive(Clone, Debug)]
enum Argument {
    Open,
    Close,
    Nil,
    Atom(Box<str>),
    Number(u64),
    String(Box<str>),
    Mailbox(MailboxName),
    Pattern(MailboxPattern),
    Flag(Flag),
    Uids(UidSet),
    Literal(Vec<u8>),
    Literal8(Vec<u8>),
}

impl RawCommand {
    /// The command of this name, without arguments so far.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for a name that is not an atom, and for the commands that have their own
    /// method, which the error names.
    pub fn new(name: &str) -> Result<Self> {
        Self::named(name, false)
    }

    /// The command of this name after `UID`, such as `UID XFOO`.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn uid(name: &str) -> Result<Self> {
        Self::named(name, true)
    }

    fn named(name: &str, uid: bool) -> Result<Self> {
        check_atom("name of a raw command", name)?;
        match reserved::method_for(name) {
            Some(instead) => Err(reserved(name, instead)),
            None => Ok(Self {
                name: name.into(),
                uid,
                arguments: Vec::new(),
            }),
        }
    }

    /// An atom: a keyword of the protocol.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if it is empty, or has a space, a control character, a character that is
    /// not ASCII, or one of `( ) { % * " \ ]`. [`flag`](Self::flag) and [`string`](Self::string)
    /// take such texts.
    pub fn atom(self, atom: &str) -> Result<Self> {
        check_atom("atom of a raw command", atom)?;
        Ok(self.with(Argument::Atom(atom.into())))
    }

    /// A number.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.with(Argument::Number(number))
    }

    /// `NIL`.
    #[must_use]
    pub fn nil(self) -> Self {
        self.with(Argument::Nil)
    }

    /// A string: quoted if possible, otherwise a literal.
    ///
    /// A NUL is rejected when the command is sent; [`literal`](Self::literal) takes it.
    #[must_use]
    pub fn string(self, text: &str) -> Self {
        self.with(Argument::String(text.into()))
    }

    /// A mailbox name, in which `*` and `%` are ordinary characters.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for an invalid name.
    pub fn mailbox(self, name: impl IntoMailboxName) -> Result<Self> {
        let name = name.into_mailbox_name()?;
        Ok(self.with(Argument::Mailbox(name)))
    }

    /// A pattern of mailbox names.
    #[must_use]
    pub fn pattern(self, pattern: MailboxPattern) -> Self {
        self.with(Argument::Pattern(pattern))
    }

    /// A flag or keyword.
    #[must_use]
    pub fn flag(self, flag: Flag) -> Self {
        self.with(Argument::Flag(flag))
    }

    /// A set of UIDs. Only a guard takes a command with one, and only with UIDs of its mailbox.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for an empty set, which cannot be written.
    pub fn uids(self, uids: &UidSet) -> Result<Self> {
        match uids.is_empty() {
            true => Err(Error::text("set of messages", "it is empty")),
            false => Ok(self.with(Argument::Uids(uids.clone()))),
        }
    }

    /// A literal of these octets.
    ///
    /// It is sent without a continuation request if the server allows it. With a NUL it is a
    /// `literal8`, which needs BINARY.
    #[must_use]
    pub fn literal(self, octets: impl Into<Vec<u8>>) -> Self {
        self.with(Argument::Literal(octets.into()))
    }

    /// A `literal8` of any octets (RFC 3516).
    ///
    /// It is sent without a continuation request only if the server advertises BINARY. A server
    /// without BINARY supports the form only in APPEND with UTF8=ACCEPT and for values of metadata;
    /// there it is sent after a continuation request. Without any of these, sending the command is
    /// [`Error::Argument`] before anything is sent.
    #[must_use]
    pub fn literal8(self, octets: impl Into<Vec<u8>>) -> Self {
        self.with(Argument::Literal8(octets.into()))
    }

    /// A list in parentheses, of the arguments that `items` adds.
    ///
    /// # Errors
    ///
    /// Those of `items`.
    pub fn list(self, items: impl FnOnce(Self) -> Result<Self>) -> Result<Self> {
        let empty = Self {
            name: self.name.clone(),
            uid: self.uid,
            arguments: Vec::new(),
        };
        let mut whole = self.with(Argument::Open);
        whole.arguments.append(&mut items(empty)?.arguments);
        Ok(whole.with(Argument::Close))
    }

    fn with(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Rejects a command on a mailbox that the caller does not hold.
    fn check_without_mailbox(&self) -> Result<()> {
        let has_uids = self.uid_sets().next().is_some();
        if self.uid || has_uids || reserved::needs_mailbox(&self.name) {
            return Err(reserved(&self.name, "MailboxGuard::raw"));
        }
        Ok(())
    }

    fn check_reads_only(&self) -> Result<()> {
        match reserved::changes_messages(&self.name) {
            true => Err(reserved(&self.name, "Session::lock_mailbox, then raw")),
            false => Ok(()),
        }
    }

    fn uid_sets(&self) -> impl Iterator<Item = &UidSet> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Uids(uids) => Some(uids),
            _ => None,
        })
    }

    /// The size of the longest literal of a command that stores messages.
    fn stores(&self) -> Option<usize> {
        let is_stored = ["APPEND", "REPLACE"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&self.name));
        let literals = self.arguments.iter().filter_map(|argument| match argument {
            Argument::Literal(octets) | Argument::Literal8(octets) => Some(octets.len()),
            _ => None,
        });
        literals.max().filter(|_| is_stored)
    }

    fn encode<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder
            .raw(if self.uid { "UID " } else { "" })
            .raw(&self.name);
        let mut is_first = false;
        for argument in &self.arguments {
            if !is_first && !matches!(argument, Argument::Close) {
                encoder.sp();
            }
            is_first = matches!(argument, Argument::Open);
            argument.encode(encoder)?;
        }
        Ok(())
    }
}

impl Argument {
    fn encode<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        const ARGUMENT: &str = "argument of a raw command";
        match self {
            Self::Open => encoder.raw("("),
            Self::Close => encoder.raw(")"),
            Self::Nil => encoder.raw("NIL"),
            Self::Atom(atom) => encoder.raw(atom),
            Self::Number(number) => encoder.display(number),
            Self::String(text) => encoder.string(ARGUMENT, text)?,
            Self::Mailbox(name) => encoder.mailbox(name)?,
            Self::Pattern(pattern) => encoder.list_mailbox(pattern.as_str())?,
            Self::Flag(flag) => {
                flag.check()?;
                encoder.display(flag)
            }
            Self::Uids(uids) => encoder.display(uids),
            Self::Literal(octets) => encoder.literal(ARGUMENT, octets)?,
            Self::Literal8(octets) => encoder.literal8(ARGUMENT, octets)?,
        };
        Ok(())
    }
}

impl Session {
    /// Sends a command that this crate does not know and that needs no mailbox; returns its answer.
    ///
    /// Responses about the connection or the selected mailbox are processed as always, and are in
    /// the answer as well. The whole answer is bounded by the
    /// [`answer_limit`](crate::ClientBuilder::answer_limit).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] for a command that is known to act on the
    /// selected mailbox or has UIDs among its arguments, which needs a guard; for text that has no
    /// form for this server; and for a message that is larger than the server's APPENDLIMIT;
    /// [`Error::Lock`]. Then [`Error::Refused`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::RawCommand;
    ///
    /// let answer = session.raw(&RawCommand::new("CHECK-IN")?.string("any text"));
    /// assert!(answer.is_err()); // this server does not know it, and says BAD
    /// session.noop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "run_command")]
    #[doc(alias = "run_command_and_read_response")]
    #[doc(alias = "exec")]
    pub fn raw(&self, command: &RawCommand) -> Result<RawAnswer> {
        command.check_without_mailbox()?;
        self.lease(COMMAND)?.raw(command)
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Sends a command that this crate does not know on the selected mailbox; returns its answer.
    ///
    /// Like [`Session::raw`]. Responses about the mailbox are in the counters and
    /// [`events`](Self::events), and in the answer as well. It does not compile on a read-only
    /// guard; see [`raw_read_only`](Self::raw_read_only).
    ///
    /// # Errors
    ///
    /// As for [`Session::raw`], but a command may act on the mailbox. Before anything is sent:
    /// [`Error::StaleUids`] for UIDs of another mailbox or UIDVALIDITY; [`Error::Mailbox`] also if
    /// the server has made the mailbox read-only.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::{RawCommand, RawToken};
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let all = inbox.search(SearchKey::All)?;
    /// let command = RawCommand::uid("FETCH")?.uids(&all)?.atom("RFC822.SIZE")?;
    /// let answer = inbox.raw(&command)?;
    /// for response in answer.responses() {
    ///     println!("{:?}", response.tokens().collect::<Vec<RawToken>>());
    /// }
    /// # assert_eq!(answer.responses().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "run_command")]
    #[doc(alias = "run_command_and_read_response")]
    #[doc(alias = "exec")]
    pub fn raw(&mut self, command: &RawCommand) -> Result<RawAnswer>
    where
        A: WriteAccess,
    {
        let lease = self.held.lease_to_change(COMMAND)?;
        send_raw(lease, command)
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// [`raw`](Self::raw) for any guard, also a read-only one: the command must change nothing.
    ///
    /// The commands that are *known* to change messages are rejected; for others the caller
    /// guarantees it. A read-only guard has selected the mailbox by EXAMINE, by which the server
    /// protects it too.
    ///
    /// # Errors
    ///
    /// As for [`Session::raw`], but a command may act on the mailbox. Before anything is sent:
    /// [`Error::Argument`] for the commands that are known to change messages; [`Error::StaleUids`]
    /// for UIDs of another mailbox or UIDVALIDITY; [`Error::Mailbox`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::RawCommand;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let answer = inbox.raw_read_only(&RawCommand::uid("SEARCH")?.atom("ALL")?)?;
    /// assert_eq!(answer.responses().next().unwrap().name(), "SEARCH");
    /// assert!(inbox.raw_read_only(&RawCommand::new("EXPUNGE")?).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "run_command")]
    pub fn raw_read_only(&mut self, command: &RawCommand) -> Result<RawAnswer> {
        command.check_reads_only()?;
        send_raw(self.held.lease(COMMAND)?, command)
    }
}

fn send_raw(mut lease: MailboxLease<'_>, command: &RawCommand) -> Result<RawAnswer> {
    for uids in command.uid_sets() {
        lease.check_set(uids)?;
    }
    lease.raw(command)
}

impl Connection {
    fn raw(&mut self, command: &RawCommand) -> Result<RawAnswer> {
        if let Some(size) = command.stores() {
            let limit = self.capabilities()?.append_limit();
            let size = u64::try_from(size).unwrap_or(u64::MAX);
            if let Some(limit) = limit.filter(|limit| size > *limit) {
                return Err(InvalidArgument::TooBig { size, limit }.into());
            }
        }
        let mut gathering = Gathering::default();
        let (code, text) = self.run_raw(
            COMMAND,
            |encoder| command.encode(encoder),
            |bytes, literals| gathering.add(bytes, literals),
        )?;
        Ok(gathering.finish(code, text))
    }
}

fn check_atom(argument: &'static str, atom: &str) -> Result<()> {
    let is_one = |byte: u8| byte.is_ascii() && is_atom(byte);
    match atom.is_empty() || !atom.bytes().all(is_one) {
        true => Err(Error::text(argument, "it is not an atom")),
        false => Ok(()),
    }
}

fn reserved(name: &str, instead: &'static str) -> Error {
    InvalidArgument::RawCommand {
        command: name.into(),
        instead,
    }
    .into()
}
