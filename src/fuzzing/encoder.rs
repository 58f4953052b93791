//! What is sent: one command, the one that was meant, whatever strings it was given.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::fuzzing::input::Input;
use crate::session::Session;
use crate::transport::Transport;
use crate::types::fetch::FetchItem;
use crate::types::flag::{Flag, Keyword};
use crate::types::list::MailboxPattern;
use crate::types::mailbox_name::MailboxName;
use crate::types::metadata::{MetadataName, MetadataScope};
use crate::types::new_message::NewMessage;
use crate::types::search::SearchKey;
use crate::types::section::Section;
use crate::types::store::StoreAction;
use crate::types::uid_set::UidSet;
use crate::wire::utf7;

/// What an independent implementation says of a command that it knows.
pub type Reader = fn(&[u8]) -> Option<String>;

/// The first octet chooses what the server can; then operations follow, each an octet and the
/// strings that it takes, which end at `|`.
pub fn encoder(data: &[u8], theirs: Reader) {
    let mut input = Input::new(data);
    let capabilities = input.pick(&[
        "IMAP4rev1 LITERAL+",
        "IMAP4rev1 LITERAL-",
        "IMAP4rev1",
        "IMAP4rev1 BINARY LITERAL+",
    ]);
    let capabilities = format!("{capabilities} ID QUOTA ACL METADATA MOVE UIDPLUS");
    let heard = Heard::default();
    let stream = Yes::new(&capabilities, Arc::clone(&heard));
    let builder = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login();
    let client = builder.connect_transport(stream).expect("a greeting");
    let (user, password) = (input.text(), input.text());
    let expected = format!(
        "LOGIN {} {}",
        shown(user.as_bytes()),
        shown(password.as_bytes())
    );
    let session = match client.login(&user, &*password) {
        Ok(session) => {
            compare(&heard, Some(expected), "LOGIN", theirs);
            session
        }
        Err(error) => {
            is_argument(error.error());
            assert_eq!(taken(&heard).len(), 0, "a refused argument was sent");
            error
                .into_client()
                .login("jane", "secret")
                .expect("a login")
        }
    };
    taken(&heard);
    for _ in 0..8 {
        let (expected, done) = match input.octet() {
            0 => break,
            octet => operate(&session, octet, &mut input, &heard),
        };
        match done {
            Err(error @ (Error::Argument(_) | Error::Unsupported(_))) => {
                is_argument(&error);
                assert_eq!(taken(&heard).len(), 0, "{error}, and yet it was sent");
            }
            done => compare(
                &heard,
                expected.clone(),
                &format!("{done:?} {expected:?}"),
                theirs,
            ),
        }
    }
}

fn is_argument(error: &Error) {
    let refused = matches!(error, Error::Argument(_) | Error::Unsupported(_));
    assert!(refused && !error.is_closed(), "{error:?}");
}

/// One command was heard, and says what was meant.
fn compare(heard: &Heard, expected: Option<String>, done: &str, theirs: Reader) {
    let commands = taken(heard);
    let [command] = &*commands else {
        panic!("not one command: {commands:?}, {done}");
    };
    if let Some(expected) = expected {
        let read = theirs(command);
        assert_eq!(
            read.as_deref(),
            Some(&*expected),
            "{}",
            command.escape_ascii()
        );
    }
}

fn shown(octets: &[u8]) -> String {
    format!("\"{}\"", octets.escape_ascii())
}

/// How a mailbox's name is heard; nothing for what is no name, which is never sent.
fn heard_as(name: &str) -> String {
    match MailboxName::new(name) {
        Ok(name) => shown(utf7::encode(name.as_str()).as_bytes()),
        Err(_) => "none".into(),
    }
}

type Done = (Option<String>, Result<()>);

/// What is meant, or nothing where the oracle does not know the command; and how it went.
fn operate(session: &Session, octet: u8, input: &mut Input<'_>, heard: &Heard) -> Done {
    let first = input.text();
    let name = heard_as(&first);
    let meant = |word: &str| Some(format!("{word} {name}"));
    match octet % 16 {
        0 => (meant("CREATE"), session.create(&first)),
        1 => (meant("DELETE"), session.delete(&first)),
        2 => (meant("SUBSCRIBE"), session.subscribe(&first)),
        3 => {
            let second = input.text();
            let meant = format!("RENAME {name} {}", heard_as(&second));
            (Some(meant), session.rename(&first, &second))
        }
        4 => {
            let pattern = shown(utf7::encode(&first).as_bytes());
            let meant = format!("LIST \"\" {pattern}");
            let listed = MailboxPattern::new(&first).map_err(Error::from);
            (
                Some(meant),
                listed.and_then(|pattern| session.list(pattern)).map(drop),
            )
        }
        5 => {
            let second = input.text();
            let fields = [("name", &*first), ("other", &*second)];
            let meant = fields.map(|(name, value)| {
                format!("{} {}", shown(name.as_bytes()), shown(value.as_bytes()))
            });
            (
                Some(format!("ID {}", meant.join(" "))),
                session.id(&fields).map(drop),
            )
        }
        6 => {
            let root = shown(first.as_bytes());
            (
                Some(format!("GETQUOTA {root}")),
                session.quota().get(&first).map(drop),
            )
        }
        7 => (
            meant("GETQUOTAROOT"),
            session.quota().roots(&first).map(drop),
        ),
        8 => append(session, &first, input),
        9 => metadata(session, &first, input),
        10 => (None, session.acl("INBOX").delete(first.as_str())),
        octet => selected(session, octet, &first, input, heard),
    }
}

fn append(session: &Session, name: &str, input: &mut Input<'_>) -> Done {
    let (flag, message) = (input.text(), input.field());
    let flags: Vec<Flag> = Flag::try_from(flag.as_str()).into_iter().collect();
    let listed: Vec<_> = flags
        .iter()
        .map(|flag| flag.to_string().to_lowercase())
        .collect();
    let meant = format!("APPEND {} {listed:?} {}", heard_as(name), shown(message));
    let done = session.append(name, NewMessage::new(message).flags(flags));
    (Some(meant), done.map(drop))
}

fn metadata(session: &Session, entry: &str, input: &mut Input<'_>) -> Done {
    let value = input.field();
    let Ok(entry) = MetadataName::try_from(entry) else {
        let refused = session.metadata(MetadataScope::Server).get([entry]);
        return (None, refused.map(drop));
    };
    // What is compared without case is written in one.
    let meant = format!(
        "SETMETADATA \"\" {} {}",
        shown(entry.as_str().as_bytes()),
        shown(value)
    );
    let done = session
        .metadata(MetadataScope::Server)
        .set([(&entry, Some(value))]);
    (Some(meant), done)
}

/// Commands of a mailbox; selecting it is not what is looked at.
fn selected(
    session: &Session,
    octet: u8,
    first: &str,
    input: &mut Input<'_>,
    heard: &Heard,
) -> Done {
    let mut guard = session.lock_mailbox("INBOX").expect("INBOX");
    taken(heard);
    let some: UidSet = "1:3,7".parse().expect("a set");
    let set = "1:3,7";
    match octet {
        11 => {
            let meant = format!("COPY {set} {}", heard_as(first));
            (Some(meant), guard.copy(&some, first).map(drop))
        }
        12 => {
            let keyword = Keyword::new(first).map_err(Error::from);
            let meant = format!("STORE {set} [{:?}]", first.to_lowercase());
            let done = keyword.and_then(|keyword| {
                guard
                    .store(&some, StoreAction::Remove, [Flag::from(keyword)])
                    .map(drop)
            });
            (Some(meant), done)
        }
        13 => {
            let section = Section::header_fields([first]).map_err(Error::from);
            let meant = format!("FETCH {set} {}", shown(first.as_bytes()));
            let mut messages = Vec::new();
            let done = section.and_then(|section| {
                let asked = guard.fetch(&some, [FetchItem::BodyPeek(section)])?;
                asked.collect_into(&mut messages)
            });
            (Some(meant), done)
        }
        _ => {
            let (meant, key) = search_key(first, input, 3);
            (Some(format!("SEARCH {meant}")), guard.search(key).map(drop))
        }
    }
}

/// A key and how it is heard.
fn search_key(text: &str, input: &mut Input<'_>, depth: u8) -> (String, SearchKey) {
    let string = shown(text.as_bytes());
    let (word, key): (_, fn(String) -> SearchKey) = match input.octet() % 7 {
        0 if depth > 0 => {
            let (meant, key) = search_key(&input.text(), input, depth - 1);
            return (format!("NOT {meant}"), SearchKey::Not(Box::new(key)));
        }
        1 if depth > 0 => {
            let (one, first) = search_key(text, input, depth - 1);
            let (other, second) = search_key(&input.text(), input, depth - 1);
            return (format!("OR {one} {other}"), first.or(second));
        }
        2 => ("TEXT", SearchKey::Text),
        3 => ("FROM", SearchKey::From),
        4 => {
            let meant = format!("HEADER {} {string}", shown(b"List-Id"));
            return (meant, SearchKey::header("List-Id", text));
        }
        5 => ("BODY", SearchKey::Body),
        _ => ("SUBJECT", SearchKey::Subject),
    };
    (format!("{word} {string}"), key(text.to_owned()))
}

/// The commands that were heard, whole.
type Heard = Arc<Mutex<Vec<Vec<u8>>>>;

fn taken(heard: &Heard) -> Vec<Vec<u8>> {
    std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A server that agrees to everything, and reads commands by nothing but their line ends and the
/// lengths of literals.
struct Yes {
    capabilities: String,
    command: Vec<u8>,
    /// Where the line begins: at the start, or behind a literal.
    line: usize,
    literal: usize,
    answers: Vec<u8>,
    heard: Heard,
}

impl Yes {
    fn new(capabilities: &str, heard: Heard) -> Self {
        Self {
            capabilities: capabilities.to_owned(),
            command: Vec::new(),
            line: 0,
            literal: 0,
            answers: format!("* OK [CAPABILITY {capabilities}] hi\r\n").into_bytes(),
            heard,
        }
    }

    fn hear(&mut self, octet: u8) {
        self.command.push(octet);
        if self.literal > 0 {
            self.literal -= 1;
            self.line = self.command.len();
            return;
        }
        assert!(octet != 0, "NUL in a line");
        if octet != b'\n' {
            return;
        }
        let line = self.command[self.line..]
            .strip_suffix(b"\r\n")
            .expect("CR LF");
        assert!(!line.contains(&b'\r'), "CR in a line");
        match literal(line) {
            Some((length, waits)) => {
                (self.literal, self.line) = (length, self.command.len());
                if waits {
                    self.answers.extend_from_slice(b"+ go\r\n");
                }
            }
            None => self.answer(),
        }
    }

    fn answer(&mut self) {
        let command = std::mem::take(&mut self.command);
        self.line = 0;
        let mut words = command.split(|octet| matches!(octet, b' ' | b'\r'));
        let mut word = || String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
        let (tag, name) = (word(), word());
        assert!(
            tag.bytes().all(|octet| octet.is_ascii_alphanumeric()),
            "{tag}"
        );
        let answer = match &*name {
            "LOGIN" => format!("{tag} OK [CAPABILITY {}] in\r\n", self.capabilities),
            "SELECT" => {
                format!("* 9 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n{tag} OK [READ-WRITE] x\r\n")
            }
            "CAPABILITY" => format!("* CAPABILITY {}\r\n{tag} OK done\r\n", self.capabilities),
            _ => format!("{tag} OK done\r\n"),
        };
        self.answers.extend_from_slice(answer.as_bytes());
        // What the client asks by itself is not what is looked at.
        if name != "CAPABILITY" {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push(command);
        }
    }
}

/// The length of the literal that a line announces, and whether the server is waited for.
fn literal(line: &[u8]) -> Option<(usize, bool)> {
    let line = line.strip_suffix(b"}")?;
    let (line, waits) = match line.strip_suffix(b"+") {
        Some(line) => (line, false),
        None => (line, true),
    };
    let start = memchr::memrchr(b'{', line)?;
    let length = std::str::from_utf8(&line[start + 1..]).ok()?.parse().ok()?;
    Some((length, waits))
}

impl Read for Yes {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.answers.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.answers.len().min(place.len());
        place[..count].copy_from_slice(&self.answers[..count]);
        self.answers.drain(..count);
        Ok(count)
    }
}

impl Write for Yes {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        octets.iter().for_each(|octet| self.hear(*octet));
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Yes {}
