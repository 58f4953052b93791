//! Every public method that takes text or octets of the caller's, with what would end a line, begin
//! a command, or announce a literal: what was meant comes over the wire, and nothing else; or a typed
//! error before anything does, and the session goes on.

mod callers;
mod cases;
mod recorder;
mod register;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::error::{CloseReason, LoginAborted};
use latchbox::pool::PoolOptions;
use latchbox::sasl::MechanismError;
use latchbox::{Account, Credentials, Error, Pool, Session};

use crate::sessions::{log_in_as, plaintext_stream};
use cases::{Case, Run, cases};
use recorder::{KINDS, Kind, Record, Recorder, Token};

/// Texts that would be something else on a line than in a string.
fn payloads() -> Vec<String> {
    let mut payloads: Vec<String> = [
        "",
        " ",
        "  ",
        "a b",
        "a\rb",
        "a\nb",
        "\r\n",
        "a\r\nA9 DELETE x\r\n",
        "a\r\n+ \r\n",
        "\r",
        "\n",
        "a\0b",
        "\0",
        "{5}",
        "{5+}",
        "~{5}",
        "~{5+}",
        "{0}",
        "a {3}",
        "a {3+}\r\nabc",
        "x{5}",
        "\"{5}",
        "\"",
        "a\"b",
        "\\",
        "a\\",
        "a\\\"",
        "\" NIL (",
        "x\" \"y",
        "(",
        ")",
        "()",
        "(a b)",
        "a)",
        "*",
        "%",
        "a*b%",
        "NIL",
        "nil",
        "[",
        "]",
        "a]",
        "BODY[]",
        "{",
        "}",
        "\x7f",
        "\x01",
        "\t",
        "a\tb",
        "\u{1b}[2J",
        "&",
        "&-",
        "&AGE-",
        "&AAAAAA-",
        "+",
        "-",
        "~",
        "#news",
        "$",
        "/",
        "//",
        "../..",
        "\\Seen",
        "\\Seen)",
        "\\*",
        "ä",
        "ä\r\nö",
        "日本",
        "\u{202e}abc",
        "\u{feff}",
        "\u{fffd}",
        "\u{80}",
        "\u{10ffff}",
        "INBOX",
        "inbox\r\n",
        "A1 OK",
        "1:*",
        "1,3",
        "0",
        "4294967296",
        "/private/a b",
        "/private/*",
        "/private/\"",
        "/shared/x\r\n",
        "anyone",
        "-anyone",
        "lrs",
        "lrs\r\n",
        "STORAGE",
        "user=x\x01auth=Bearer y\x01\x01",
        "a,b=c",
        "n,,n=x",
        "a@b:c",
        "1.2",
        "1.2]\r\nA9 NOOP",
    ]
    .map(str::to_owned)
    .to_vec();
    payloads.push("x".repeat(70_000));
    payloads.push("ä".repeat(5000));
    payloads.push("\"".repeat(5000));
    payloads.push(format!("{}\r\n", "x".repeat(3000)));
    payloads
}

/// Octets that are no text, beside those.
fn octets() -> Vec<Vec<u8>> {
    let mut octets: Vec<Vec<u8>> = payloads().into_iter().map(String::into_bytes).collect();
    octets.extend([
        vec![0xff, 0xfe],
        vec![0xc3],
        vec![0xed, 0xa0, 0x80],
        b"a\xffb\r\n".to_vec(),
        b"\r\n\xff\0\r\n".to_vec(),
        b"Subject: \xc3\xa4\r\n\r\nx\r\n".to_vec(),
        b")\r\nA9 DELETE x\r\n".to_vec(),
    ]);
    octets
}

/// What a call sent and how it ended.
struct Outcome {
    commands: Vec<Vec<Token>>,
    result: Result<(), Error>,
    problems: Vec<String>,
}

/// Sends NOOP on what the call was made on.
type Usable = Box<dyn Fn() -> Result<(), Error>>;

/// Makes the call on a connection of its own, and looks whether that goes on.
fn run(case: &Case, kind: Kind, payload: &[u8]) -> Outcome {
    let record = Record::default();
    let mechanism = match case.run {
        Run::Client(mechanism, _) => mechanism,
        _ => "",
    };
    let recorder = Recorder::new(kind, mechanism, record.clone());
    let text = std::str::from_utf8(payload);
    let session = |session: Session| -> Option<Usable> { Some(Box::new(move || session.noop())) };
    let (result, usable) = match &case.run {
        Run::Client(_, run) => {
            let client = plaintext_stream().connect_transport(recorder).unwrap();
            (run(client, text.unwrap()), None)
        }
        Run::Builder(run) => {
            let client = run(plaintext_stream(), text.unwrap()).connect_transport(recorder);
            match client.unwrap().login("me", "secret") {
                Ok(opened) => (Ok(()), session(opened)),
                Err(error) => (Err(error.into()), None),
            }
        }
        Run::Pool(run) => {
            let pool = pool_to(recorder);
            pool.session().unwrap().noop().unwrap();
            record.take();
            let result = run(&pool, text.unwrap());
            let usable: Usable = Box::new(move || pool.session()?.noop());
            (result, Some(usable))
        }
        on_a_session => {
            let client = plaintext_stream().connect_transport(recorder).unwrap();
            let opened = log_in_as(client, "me", "secret");
            record.take();
            let result = match on_a_session {
                Run::Session(run) => run(&opened, text.unwrap()),
                Run::Octets(run) => run(&opened, payload),
                Run::Guard(run) => {
                    let mut guard = opened.lock_mailbox("INBOX").unwrap();
                    run(&mut guard, text.unwrap())
                }
                _ => unreachable!(),
            };
            (result, session(opened))
        }
    };
    let commands = joined(record.take());
    let mut problems = record.faults();
    if let Some(noop) = usable {
        if let Err(error) = noop() {
            problems.push(format!("it does not go on: {error:?} after {result:?}"));
        } else if record.take() != [[Token::Value(b"NOOP".to_vec())]] {
            problems.push("something else is sent with a NOOP".to_owned());
        }
    }
    Outcome {
        commands,
        result,
        problems,
    }
}

/// A pool of one connection to the recorder, which has a socket for it.
fn pool_to(recorder: Recorder) -> Pool {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        // It ends with the pool.
        let (socket, _) = listener.accept().unwrap();
        let _ = serve(recorder, socket);
    });
    let account = Account::new(plaintext_stream().port(port), |_| {
        Ok(Credentials::login("me", "secret"))
    });
    Pool::with_options(account, PoolOptions::new().max_connections(1))
}

fn serve(mut recorder: Recorder, mut socket: TcpStream) -> io::Result<()> {
    let mut octets = [0; 4096];
    loop {
        while let Ok(count) = recorder.read(&mut octets) {
            socket.write_all(&octets[..count])?;
        }
        match socket.read(&mut octets)? {
            0 => return Ok(()),
            count => recorder.write_all(&octets[..count])?,
        }
    }
}

/// With the first message of an exchange along with its command, wherever it came.
fn joined(commands: Vec<Vec<Token>>) -> Vec<Vec<Token>> {
    let mut joined: Vec<Vec<Token>> = Vec::new();
    for command in commands {
        match joined.last_mut() {
            Some(begun) if begun.len() == 3 && begun[0] == Token::Value("AUTHENTICATE".into()) => {
                begun.push(Token::Space);
                begun.extend(command);
            }
            _ => joined.push(command),
        }
    }
    joined
}

/// Without what a command says of the characters in it: the charset of a search, and that a message
/// has UTF-8 in its header.
fn without_charset(commands: &[Vec<Token>]) -> Vec<Vec<Token>> {
    use Token::{Close, Open, Space};
    let value = |text: &str| Token::Value(text.as_bytes().to_vec());
    let charset = [value("CHARSET"), Space, value("UTF-8"), Space];
    let utf8 = [Open, Close, Space, value("UTF8"), Space, Open];
    let clean = |command: &Vec<Token>| {
        let mut command = command.clone();
        if let Some(at) = command.windows(4).position(|window| window == charset) {
            command.drain(at..at + 4);
        }
        while let Some(at) = command.windows(6).position(|window| window == utf8) {
            command.drain(at..at + 6);
            assert_eq!(command.remove(at + 1), Close);
        }
        command
    };
    commands.iter().map(clean).collect()
}

/// Whether the value has the payload in it, as it was or encoded as names and messages are.
fn holds(value: &[u8], payload: &[u8]) -> bool {
    let has = |value: &[u8]| {
        payload.is_empty() || value.windows(payload.len()).any(|part| part == payload)
    };
    if has(value) {
        return true;
    }
    // Rights are letters in an order of their own.
    let letters = |text: &[u8]| text.iter().copied().collect::<BTreeSet<u8>>();
    if value.iter().all(u8::is_ascii_alphanumeric) && letters(value) == letters(payload) {
        return true;
    }
    let text = String::from_utf8_lossy(value);
    let payload_text = String::from_utf8_lossy(payload);
    if text.eq_ignore_ascii_case(&payload_text) {
        return true;
    }
    if let Ok(decoded) = BASE64_STANDARD.decode(value) {
        // A name in front of an OAuth token or a hash (RFC 5801 section 4).
        let name = String::from_utf8_lossy(&decoded);
        let name = name.replace("=2C", ",").replace("=3D", "=");
        if has(&decoded) || has(name.as_bytes()) {
            return true;
        }
    }
    utf7(&text).is_some_and(|decoded| decoded.contains(&*payload_text))
        || percent(&text).is_some_and(|decoded| {
            let plain = |octets: &[u8]| String::from_utf8_lossy(octets).replace('\\', "");
            plain(&decoded).contains(&plain(payload))
        })
}

/// Modified UTF-7 (RFC 3501 section 5.1.3), decoded by the book.
fn utf7(text: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let (encoded, after) = after.split_once('-')?;
        rest = after;
        if encoded.is_empty() {
            decoded.push('&');
            continue;
        }
        let encoded = encoded.replace(',', "/");
        let octets = base64::prelude::BASE64_STANDARD_NO_PAD
            .decode(encoded)
            .ok()?;
        let units: Vec<u16> = octets
            .chunks(2)
            .map(|c| u16::from_be_bytes([c[0], c[1]]))
            .collect();
        decoded.push_str(&String::from_utf16(&units).ok()?);
    }
    decoded.push_str(rest);
    Some(decoded)
}

fn percent(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        if octet != b'%' {
            decoded.push(octet);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    Some(decoded)
}

/// Where the argument stands in what was sent: where two calls with harmless texts differ.
struct Shape {
    commands: Vec<Vec<Token>>,
    arguments: Vec<(usize, usize)>,
}

impl Shape {
    fn of(case: &Case, kind: Kind) -> Option<Self> {
        HARMLESS.iter().find_map(|[one, other]| {
            let one = run(case, kind, one.as_bytes());
            let other = run(case, kind, other.as_bytes());
            if one.commands.is_empty() || is_refusal(&one.result) {
                return None;
            }
            let mut arguments = Vec::new();
            for (at, (one, other)) in one.commands.iter().zip(&other.commands).enumerate() {
                assert_eq!(one.len(), other.len(), "{}: {one:?} {other:?}", case.method);
                let differ = (0..one.len()).filter(|place| one[*place] != other[*place]);
                arguments.extend(differ.map(|place| (at, place)));
            }
            (!arguments.is_empty()).then_some(Self {
                commands: one.commands,
                arguments,
            })
        })
    }

    /// Says what is different beside the argument.
    fn check(&self, commands: &[Vec<Token>], payload: &[u8]) -> Result<(), String> {
        let commands = without_charset(commands);
        let expected = &self.commands;
        let lengths = |commands: &[Vec<Token>]| commands.iter().map(Vec::len).collect::<Vec<_>>();
        // What follows may depend on the answer to what was meant.
        if commands.is_empty() || !lengths(expected).starts_with(&lengths(&commands)) {
            return Err(format!("{commands:?} instead of {expected:?}"));
        }
        for (at, (command, expected)) in commands.iter().zip(expected).enumerate() {
            for (place, (token, expected)) in command.iter().zip(expected).enumerate() {
                match (token, expected) {
                    (Token::Value(value), Token::Value(_))
                        if self.arguments.contains(&(at, place)) =>
                    {
                        // A hash or a nonce has it in it where nobody sees it.
                        let is_hidden = self.is_hashed();
                        if !is_hidden && !holds(value, payload) {
                            return Err(format!("{} is not it", value.escape_ascii()));
                        }
                    }
                    (token, expected) if token == expected => {}
                    _ => return Err(format!("{commands:?}")),
                }
            }
        }
        Ok(())
    }

    fn is_hashed(&self) -> bool {
        let first = self.commands.iter().flatten();
        first.into_iter().any(|token| match token {
            Token::Value(value) => value.starts_with(b"CRAM-") || value.starts_with(b"SCRAM-"),
            _ => false,
        })
    }
}

/// Of these, one pair is valid for each kind of argument.
const HARMLESS: [[&str; 2]; 6] = [
    ["benign", "other"],
    ["/private/benign", "/private/other"],
    ["12", "13"],
    ["lrs", "lrw"],
    ["1.2", "1.3"],
    ["12 Benign", "12 Other"],
];

fn is_refusal(result: &Result<(), Error>) -> bool {
    match result {
        // The server of these tests says OK to everything, also in the middle of an exchange.
        Err(Error::Login(LoginAborted::Mechanism(MechanismError::Incomplete))) => false,
        Err(Error::Argument(_) | Error::Login(_) | Error::Unsupported(_) | Error::Reader(_)) => {
            true
        }
        _ => false,
    }
}

/// The message was announced when its reader gave a NUL: nothing but the end can follow.
fn is_ended_by_its_reader(result: &Result<(), Error>) -> bool {
    let Err(Error::Closed(closed)) = result else {
        return false;
    };
    matches!(closed.reason(), CloseReason::Reader(_))
}

#[test]
fn attack_103_every_method_that_takes_text_has_a_case() {
    let mut counts = BTreeMap::<&str, usize>::new();
    let cases = cases();
    for case in &cases {
        *counts.entry(case.method).or_default() += 1;
    }
    let exempt = |method: &str| {
        let mut of = cases.iter().filter(|case| case.method == method);
        of.any(|case| matches!(case.run, Run::Nothing(why) if !why.is_empty()))
    };
    let methods = register::methods();
    assert!(methods.len() > 150, "{}", methods.len());
    let without: Vec<String> = methods
        .iter()
        .map(|(method, parameters)| {
            let count = counts.get(method.as_str()).copied().unwrap_or(0);
            (method, *parameters, count)
        })
        .filter(|(method, parameters, count)| count < parameters && !exempt(method))
        .map(|(method, parameters, count)| format!("{method}: {count} of {parameters}"))
        .collect();
    assert!(without.is_empty(), "too few cases: {without:#?}");
    for method in counts.keys() {
        assert!(
            methods.contains_key(*method),
            "{method} is no method that takes text"
        );
    }
}

#[test]
fn attack_103_and_104_nothing_but_what_was_meant_is_sent() {
    let (payloads, octets) = (payloads(), octets());
    let mut cases = cases();
    cases.retain(|case| !matches!(case.run, Run::Nothing(_)));
    let tried: Vec<Tried> = std::thread::scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(4)).map(|part| {
            let (payloads, octets) = (&payloads, &octets);
            scope.spawn(move || {
                let each = part.iter().map(|case| try_case(case, payloads, octets));
                each.collect::<Vec<_>>()
            })
        });
        let parts: Vec<_> = parts.collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap())
            .collect()
    });
    let wrong: Vec<&String> = tried.iter().flat_map(|tried| &tried.wrong).collect();
    assert!(
        wrong.is_empty(),
        "{}: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(50)]
    );
    let sum = |of: fn(&Tried) -> usize| tried.iter().map(of).sum::<usize>();
    let (calls, sent) = (sum(|tried| tried.calls), sum(|tried| tried.sent));
    assert!(
        calls > 20_000 && sent > 8_000,
        "{sent} of {calls} were sent"
    );
}

/// How often a case was called, how often something was sent, and what was wrong with it.
struct Tried {
    calls: usize,
    sent: usize,
    wrong: Vec<String>,
}

fn try_case(case: &Case, payloads: &[String], octets: &[Vec<u8>]) -> Tried {
    let mut tried = Tried {
        calls: 0,
        sent: 0,
        wrong: Vec::new(),
    };
    let all: Vec<&[u8]> = match case.run {
        Run::Octets(_) => octets.iter().map(Vec::as_slice).collect(),
        _ => payloads.iter().map(String::as_bytes).collect(),
    };
    let mut is_ever_sent = false;
    for kind in KINDS {
        let shape = Shape::of(case, kind);
        is_ever_sent |= shape.is_some();
        for payload in all.iter().filter(|payload| kind.matters_for(payload)) {
            let outcome = run(case, kind, payload);
            tried.calls += 1;
            if is_ended_by_its_reader(&outcome.result) {
                continue;
            }
            let mut wrong = outcome.problems.clone();
            if is_refusal(&outcome.result) {
                wrong.extend(sent_too_early(&outcome));
            } else if let Some(shape) = &shape {
                tried.sent += 1;
                wrong.extend(shape.check(&outcome.commands, payload).err());
            } else {
                wrong.push(format!("{:?}", outcome.result));
            }
            let shown = payload[..payload.len().min(60)].escape_ascii();
            let call = format!("{} on {} with {shown}", case.method, kind.capabilities);
            let wrong = wrong.into_iter();
            tried
                .wrong
                .extend(wrong.map(|wrong| format!("{call}: {wrong}")));
        }
    }
    if !is_ever_sent {
        tried
            .wrong
            .push(format!("{} never sends anything", case.method));
    }
    tried
}

/// An APPEND of several messages that ends with an empty one stores none.
fn is_called_off(command: &[Token]) -> bool {
    let word = |token: Option<&Token>, word: &str| token == Some(&Token::Value(word.into()));
    word(command.first(), "APPEND") && word(command.last(), "")
}

/// Before it was refused nothing was sent but what has to come before: the mailbox is selected, or the
/// login begun.
fn sent_too_early(outcome: &Outcome) -> Option<String> {
    outcome.commands.iter().find_map(|command| {
        if is_called_off(command) {
            return None;
        }
        let words = command.iter().filter_map(|token| match token {
            Token::Value(value) => Some(String::from_utf8_lossy(value).into_owned()),
            _ => None,
        });
        let words = words.collect::<Vec<_>>().join(" ");
        let is_before = matches!(
            words.as_str(),
            "SELECT INBOX" | "EXAMINE INBOX" | "CAPABILITY" | "UID SEARCH RETURN SAVE COUNT ALL"
        );
        (!is_before).then(|| format!("{:?} after {words}", outcome.result))
    })
}
