//! Response codes: the part of a status response in square brackets (RFC 9051 section 7.1).

use std::num::NonZeroU32;

use crate::types::capability::Capabilities;
use crate::types::copy_uid::CopyUid;
use crate::types::flag::PermanentFlags;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{ModSeq, Uid, UidValidity};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::limits::Limits;
use crate::wire::response::flags;
use crate::wire::response::search::number_set;

/// `"[" resp-text-code "]"`; `None`, and nothing read, if it is no code.
///
/// A known code whose values make no sense is like an unknown one: its name and its text are kept.
pub(crate) fn parse(cursor: &mut Cursor<'_>, limits: &Limits) -> Option<ResponseCode> {
    let mut probe = *cursor;
    probe.byte(b'[', "a response code").ok()?;
    let name = probe.atom().ok()?;
    let has_values = probe.try_sp();
    let mut values = probe;
    if let Some(code) = known(name, &mut values, limits) {
        values.try_sp();
        if values.try_byte(b']') {
            *cursor = values;
            return Some(code);
        }
    }
    if !has_values && probe.peek() != Some(b']') {
        return None;
    }
    let text = probe.run(|byte| !matches!(byte, b']' | b'\r' | b'\n'));
    probe.byte(b']', "the end of a response code").ok()?;
    *cursor = probe;
    let text = has_values.then(|| lossy(text));
    Some(ResponseCode::Other {
        name: lossy(name),
        text,
    })
}

fn known(name: &[u8], cursor: &mut Cursor<'_>, limits: &Limits) -> Option<ResponseCode> {
    if cursor.peek() == Some(b']') {
        return ResponseCode::from_word(name).or_else(|| empty(name));
    }
    let is = |word: &str| name.eq_ignore_ascii_case(word.as_bytes());
    if is("METADATA") {
        return metadata(cursor);
    }
    numeric(name, cursor)
        .or_else(|| with_sets(name, cursor))
        .or_else(|| with_words(name, cursor, limits))
}

/// Codes that are allowed to have values and have none.
fn empty(name: &[u8]) -> Option<ResponseCode> {
    let is = |word: &str| name.eq_ignore_ascii_case(word.as_bytes());
    if is("BADCHARSET") {
        Some(ResponseCode::BadCharset(Vec::new()))
    } else if is("INPROGRESS") {
        Some(ResponseCode::InProgress {
            tag: None,
            done: None,
            goal: None,
        })
    } else {
        None
    }
}

/// Codes of one number.
fn numeric(name: &[u8], cursor: &mut Cursor<'_>) -> Option<ResponseCode> {
    let is = |word: &str| name.eq_ignore_ascii_case(word.as_bytes());
    let mut probe = *cursor;
    let number = probe.number64().ok()?;
    let short = u32::try_from(number).ok().and_then(NonZeroU32::new);
    let code = if is("UIDNEXT") {
        ResponseCode::UidNext(short?.into())
    } else if is("UIDVALIDITY") {
        ResponseCode::UidValidity(short?.into())
    } else if is("UNSEEN") {
        ResponseCode::Unseen(short?.into())
    } else if is("HIGHESTMODSEQ") {
        ResponseCode::HighestModSeq(ModSeq::new(number)?)
    } else if is("MAXCONVERTMESSAGES") {
        ResponseCode::MaxConvertMessages(number)
    } else if is("MESSAGELIMIT") {
        probe.try_sp();
        let lowest = probe.number().ok().and_then(Uid::new);
        ResponseCode::MessageLimit {
            messages: u32::try_from(number).ok()?,
            lowest,
        }
    } else {
        return None;
    };
    *cursor = probe;
    Some(code)
}

/// Codes of message numbers.
fn with_sets(name: &[u8], cursor: &mut Cursor<'_>) -> Option<ResponseCode> {
    let is = |word: &str| name.eq_ignore_ascii_case(word.as_bytes());
    if is("APPENDUID") {
        let uid_validity = UidValidity::new(cursor.number().ok()?);
        cursor.sp().ok()?;
        let uids = NumberSet::parse(number_set(cursor)).ok()?.into();
        Some(ResponseCode::AppendUid { uid_validity, uids })
    } else if is("COPYUID") {
        let uid_validity = cursor.number().ok()?;
        cursor.try_sp();
        let sources = number_set(cursor);
        cursor.try_sp();
        let copied = CopyUid::parse(uid_validity, sources, number_set(cursor));
        Some(ResponseCode::CopyUid(copied.ok()?))
    } else if is("MODIFIED") {
        Some(ResponseCode::Modified(
            NumberSet::parse(number_set(cursor)).ok()?,
        ))
    } else {
        None
    }
}

/// Codes of words and texts.
fn with_words(name: &[u8], cursor: &mut Cursor<'_>, limits: &Limits) -> Option<ResponseCode> {
    let mut upper = name.to_vec();
    upper.make_ascii_uppercase();
    Some(match upper.as_slice() {
        b"BADCHARSET" => ResponseCode::BadCharset(words(cursor, limits).ok()?),
        b"BADEVENT" => ResponseCode::BadEvent(words(cursor, limits).ok()?),
        b"BADURL" => ResponseCode::BadUrl(text(cursor)),
        b"CAPABILITY" => {
            let words = cursor.run(|byte| !matches!(byte, b']' | b'\r' | b'\n'));
            ResponseCode::Capability(Capabilities::from_server(words))
        }
        b"INPROGRESS" => in_progress(cursor).ok()?,
        b"MAILBOXID" => ResponseCode::MailboxId(words(cursor, limits).ok()?.into_iter().next()?),
        b"NEWNAME" => ResponseCode::NewName(text(cursor)),
        b"PERMANENTFLAGS" => {
            let (flags, may_create) = flags::parse(cursor, limits).ok()?;
            ResponseCode::PermanentFlags(PermanentFlags::new(flags, may_create))
        }
        b"REFERRAL" => {
            ResponseCode::Referral(text(cursor).split_whitespace().map(str::to_owned).collect())
        }
        b"UNDEFINED-FILTER" => ResponseCode::UndefinedFilter(text(cursor)),
        b"WEBALERT" => ResponseCode::WebAlert(text(cursor)),
        _ => return None,
    })
}

/// `"METADATA" SP ...` (RFC 5464).
fn metadata(cursor: &mut Cursor<'_>) -> Option<ResponseCode> {
    let word = cursor.atom().ok()?;
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    cursor.try_sp();
    if is("LONGENTRIES") {
        Some(ResponseCode::MetadataLongEntries(cursor.number64().ok()?))
    } else if is("MAXSIZE") {
        Some(ResponseCode::MetadataMaxSize(cursor.number64().ok()?))
    } else {
        ResponseCode::from_word(&[b"METADATA ", word].concat())
    }
}

/// `"INPROGRESS" SP "(" tag SP number SP goal ")"` (RFC 9585).
fn in_progress(cursor: &mut Cursor<'_>) -> Result<ResponseCode, ParseError> {
    cursor.byte(b'(', "a list")?;
    let tag = cursor.nstring()?.map(|tag| lossy(&tag));
    let mut numbers = [None, None];
    for number in &mut numbers {
        cursor.sp()?;
        *number = if cursor.try_nil() {
            None
        } else {
            Some(cursor.number64()?)
        };
    }
    cursor.byte(b')', "the end of a list")?;
    let [done, goal] = numbers;
    Ok(ResponseCode::InProgress { tag, done, goal })
}

/// A list of strings, or strings without parentheses.
fn words(cursor: &mut Cursor<'_>, limits: &Limits) -> Result<Vec<String>, ParseError> {
    let in_list = cursor.try_byte(b'(');
    let mut words = Vec::new();
    loop {
        cursor.try_sp();
        match cursor.peek() {
            Some(b')') if in_list => {
                cursor.try_byte(b')');
                return Ok(words);
            }
            Some(b']') if !in_list => return Ok(words),
            _ if words.len() >= limits.list => return Err(cursor.error("fewer words")),
            Some(b'"') => words.push(lossy(&cursor.quoted()?)),
            _ => words.push(lossy(cursor.atom()?)),
        }
    }
}

/// Everything up to the closing bracket.
fn text(cursor: &mut Cursor<'_>) -> String {
    lossy(cursor.run(|byte| !matches!(byte, b']' | b'\r' | b'\n')))
        .trim()
        .to_owned()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
