//! From a transcript's text to its lines.

use std::collections::HashSet;

/// One line of a transcript.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) text: String,
    pub(super) step: Step,
}

/// What a line asks for; the table in the module above says it in words.
#[derive(Debug)]
pub(super) enum Step {
    Send(Pattern),
    Fill(usize, Vec<u8>),
    Exactly(Pattern),
    StartsWith(Pattern),
    Bytes(Pattern),
    Literal(usize),
    ClientCloses,
    Silent,
    Pace(Pace),
    Taken,
    Wait(String),
    Signal(String),
    Tls(String),
    TlsRefused(String),
    Deflate,
    Close,
    Cut,
    HalfClose,
    Reset,
    Stall,
    Accept,
}

/// In which pieces something is sent.
#[derive(Clone, Debug)]
pub(super) enum Pace {
    Whole,
    EachByte,
    CutOnceAt(Vec<usize>),
}

/// Bytes with the places of tags in them.
pub(super) type Pattern = Vec<Piece>;

/// A piece of a pattern.
#[derive(Debug)]
pub(super) enum Piece {
    Bytes(Vec<u8>),
    /// The tag that a client's line begins with, whatever it is.
    NewTag(String),
    Tag(String),
}

/// How many connections the script is made of.
pub(super) fn connections(lines: &[Line]) -> usize {
    let more = lines
        .iter()
        .filter(|line| matches!(line.step, Step::Accept))
        .count();
    usize::from(!lines.is_empty()) + more
}

pub(super) fn parse(text: &str) -> Result<Vec<Line>, String> {
    let mut tags = HashSet::new();
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (number, text) = (index + 1, line.to_owned());
        let step =
            step(line, &mut tags).map_err(|why| format!("line {number}: `{text}`: {why}"))?;
        lines.push(Line { number, text, step });
    }
    Ok(lines)
}

fn step(line: &str, tags: &mut HashSet<String>) -> Result<Step, String> {
    let (word, argument) = line.split_once(':').unwrap_or((line, ""));
    let argument = argument.strip_prefix(' ').unwrap_or(argument);
    let name = argument.trim().to_owned();
    let step = match word.trim_end() {
        "S" => Step::Send(with_line_end(pattern(argument.into(), None, tags)?)),
        "S-raw" => Step::Send(pattern(unescape(argument)?, None, tags)?),
        "S-fill" => fill(argument)?,
        "C" => {
            let new = new_tag(argument, tags);
            Step::Exactly(with_line_end(pattern(argument.into(), new, tags)?))
        }
        "C-start" => {
            let new = new_tag(argument, tags);
            Step::StartsWith(pattern(argument.into(), new, tags)?)
        }
        "C-raw" => Step::Bytes(pattern(unescape(argument)?, None, tags)?),
        "C-literal" => Step::Literal(number(&name)?),
        "C-close" => Step::ClientCloses,
        "silent" => Step::Silent,
        "bytes" => Step::Pace(Pace::EachByte),
        "whole" => Step::Pace(Pace::Whole),
        "split" => Step::Pace(Pace::CutOnceAt(offsets(&name)?)),
        "taken" => Step::Taken,
        "wait" => Step::Wait(name),
        "signal" => Step::Signal(name),
        "tls" if name.is_empty() => Step::Tls("server".into()),
        "tls" => Step::Tls(name),
        "tls-refused" => Step::TlsRefused(name),
        "deflate" => Step::Deflate,
        "close" => Step::Close,
        "cut" => Step::Cut,
        "half-close" => Step::HalfClose,
        "reset" => Step::Reset,
        "stall" => Step::Stall,
        "accept" => {
            tags.clear();
            Step::Accept
        }
        _ => return Err("no such line".into()),
    };
    Ok(step)
}

fn new_tag(argument: &str, tags: &mut HashSet<String>) -> Option<String> {
    let (name, _) = placeholder(argument.as_bytes())?;
    tags.insert(name.clone());
    Some(name)
}

fn pattern(bytes: Vec<u8>, new: Option<String>, tags: &HashSet<String>) -> Result<Pattern, String> {
    let mut pieces = Vec::new();
    let mut plain = Vec::new();
    let mut rest = bytes.as_slice();
    let mut new = new;
    while let Some(&first) = rest.first() {
        let Some((name, after)) = placeholder(rest) else {
            plain.push(first);
            rest = &rest[1..];
            continue;
        };
        if !tags.contains(&name) {
            return Err(format!(
                "no `C:` line before this one begins with {{{name}}}"
            ));
        }
        pieces.push(Piece::Bytes(std::mem::take(&mut plain)));
        pieces.push(if new.take().is_some() {
            Piece::NewTag(name)
        } else {
            Piece::Tag(name)
        });
        rest = after;
    }
    pieces.push(Piece::Bytes(plain));
    Ok(pieces)
}

/// `{name}`: letters, so that a literal's `{5}` or `{5+}` is none.
fn placeholder(bytes: &[u8]) -> Option<(String, &[u8])> {
    let inside = bytes.strip_prefix(b"{")?;
    let end = inside.iter().position(|&byte| byte == b'}')?;
    let name = &inside[..end];
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_lowercase);
    is_name.then(|| {
        (
            String::from_utf8_lossy(name).into_owned(),
            &inside[end + 1..],
        )
    })
}

fn with_line_end(mut pattern: Pattern) -> Pattern {
    pattern.push(Piece::Bytes(b"\r\n".to_vec()));
    pattern
}

fn fill(argument: &str) -> Result<Step, String> {
    let (times, text) = argument
        .split_once(' ')
        .ok_or("wants a number and a text")?;
    Ok(Step::Fill(number(times)?, unescape(text)?))
}

fn offsets(text: &str) -> Result<Vec<usize>, String> {
    let offsets: Vec<usize> = text
        .split_whitespace()
        .map(number)
        .collect::<Result<_, _>>()?;
    if offsets.is_empty() || !offsets.is_sorted() {
        return Err("wants ascending offsets".into());
    }
    Ok(offsets)
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'r') => b'\r',
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'0') => 0,
            Some(b'\\') => b'\\',
            Some(b'x') => hex_digit(rest.next())? * 16 + hex_digit(rest.next())?,
            _ => return Err(r"knows \r \n \t \0 \\ and \xFF only".into()),
        });
    }
    Ok(bytes)
}

fn hex_digit(byte: Option<u8>) -> Result<u8, String> {
    let digit = byte.and_then(|byte| char::from(byte).to_digit(16));
    digit
        .map(|digit| digit as u8)
        .ok_or_else(|| r"`\x` wants two hex digits".into())
}
