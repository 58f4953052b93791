//! Response codes: the part of a status response in square brackets (RFC 9051 section 7.1).

use std::borrow::Cow;
use std::num::NonZeroU32;

use crate::limits::{Limit, Limits};
use crate::types::capability::Capabilities;
use crate::types::copy_uid::CopyUid;
use crate::types::flag::PermanentFlags;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{ModSeq, Uid, UidValidity};
use crate::wire::cursor::loose::Apart;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::flags;

/// `"[" resp-text-code "]"`; `None`, and nothing read, if it is no code.
///
/// A known code with malformed values is treated as an unknown one: its name and its text are kept.
/// So is one without its end, if the result of a command depends on it.
pub(crate) fn parse(cursor: &mut Cursor<'_>, limits: &Limits) -> Option<ResponseCode> {
    let mut probe = *cursor;
    probe.byte(b'[', "a response code").ok()?;
    let is_apart = probe.try_sp();
    let name = probe.atom().ok()?;
    let has_values = probe.try_sp();
    let mut values = probe;
    if let Some(code) = known(name, &mut values, limits) {
        let is_over = values.try_sp();
        if values.try_byte(b']') || is_over && !is_closed(values) {
            *cursor = values;
            return Some(code);
        }
    }
    let is_result = has_result(name);
    let may_be_code = !is_apart && (has_values || probe.peek() == Some(b']'));
    if !is_result && !may_be_code {
        return None;
    }
    let text = probe.run(|byte| !matches!(byte, b']' | b'\r' | b'\n'));
    if !probe.try_byte(b']') && !is_result {
        return None;
    }
    *cursor = probe;
    let text = has_values.then(|| lossy(text));
    Some(ResponseCode::Other {
        name: lossy(name),
        text,
    })
}

/// Of the code here and the others of this line: the one of which most depends, the first of
/// several. `None` if it is the only one.
///
/// A text in brackets is no code unless its name is known.
pub(crate) fn weightiest(
    first: &ResponseCode,
    mut behind: Cursor<'_>,
    limits: &Limits,
) -> Option<ResponseCode> {
    let mut found: Option<ResponseCode> = None;
    while let Some(next) = next(&mut behind, limits) {
        if weight(&next) > weight(found.as_ref().unwrap_or(first)) {
            found = Some(next);
        }
    }
    found
}

/// The next known code of several; unknown ones before it are skipped.
pub(crate) fn next(cursor: &mut Cursor<'_>, limits: &Limits) -> Option<ResponseCode> {
    loop {
        cursor.try_sp();
        let code = parse(cursor, limits)?;
        if weight(&code) > Weight::Unknown {
            return Some(code);
        }
    }
}

/// What depends on a code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Nothing: its name is not known.
    Unknown,
    /// The state, which processes every code of a response.
    State,
    /// The result of a command, or its error.
    Command,
}

fn weight(code: &ResponseCode) -> Weight {
    match code {
        ResponseCode::Other { name, .. } if !has_result(name.as_bytes()) => Weight::Unknown,
        ResponseCode::Capability(_)
        | ResponseCode::Closed
        | ResponseCode::HighestModSeq(_)
        | ResponseCode::NoModSeq
        | ResponseCode::PermanentFlags(_)
        | ResponseCode::ReadOnly
        | ResponseCode::ReadWrite
        | ResponseCode::UidNext(_)
        | ResponseCode::UidValidity(_)
        | ResponseCode::Unseen(_) => Weight::State,
        _ => Weight::Command,
    }
}

/// Whether the result of a command depends on the values of this code.
fn has_result(name: &[u8]) -> bool {
    let names: [&[u8]; 3] = [b"APPENDUID", b"COPYUID", b"MODIFIED"];
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a bracket is closed on this line.
fn is_closed(cursor: Cursor<'_>) -> bool {
    cursor.rest().contains(&b']')
}

/// The length of `MAXCONVERTMESSAGES`, with some room.
const LONGEST_NAME: usize = 24;

fn known(name: &[u8], cursor: &mut Cursor<'_>, limits: &Limits) -> Option<ResponseCode> {
    if cursor.peek() == Some(b']') {
        return ResponseCode::from_word(name).or_else(|| empty(name));
    }
    let mut upper = [0; LONGEST_NAME];
    let upper = upper.get_mut(..name.len())?;
    upper.copy_from_slice(name);
    upper.make_ascii_uppercase();
    Some(match &*upper {
        b"APPENDUID" => {
            let uid_validity = UidValidity::new(cursor.any_number().ok()?);
            cursor.sp().ok()?;
            let uids = NumberSet::parse(&cursor.any_set(Apart::Never).ok()?);
            let uids = uids.ok()?.into();
            ResponseCode::AppendUid { uid_validity, uids }
        }
        b"BADCHARSET" => ResponseCode::BadCharset(words(cursor, limits).ok()?),
        b"BADEVENT" => ResponseCode::BadEvent(words(cursor, limits).ok()?),
        // With quotation marks or without: the grammar and its example differ.
        b"BADURL" => ResponseCode::BadUrl(text(cursor).trim_matches('"').to_owned()),
        b"CAPABILITY" => {
            let words = cursor.run(|byte| !matches!(byte, b']' | b'\r' | b'\n'));
            ResponseCode::Capability(Capabilities::from_server(words))
        }
        b"COPYUID" => {
            let uid_validity = cursor.any_number().ok()?;
            let [sources, copies] = [copied(cursor)?, copied(cursor)?];
            let copied = CopyUid::parse(uid_validity, &sources, &copies);
            ResponseCode::CopyUid(copied.ok()?)
        }
        b"HIGHESTMODSEQ" => ResponseCode::HighestModSeq(ModSeq::new(cursor.any_number64().ok()?)?),
        b"INPROGRESS" => in_progress(cursor).ok()?,
        b"MAILBOXID" => ResponseCode::MailboxId(words(cursor, limits).ok()?.into_iter().next()?),
        b"MAXCONVERTMESSAGES" => ResponseCode::MaxConvertMessages(cursor.any_number64().ok()?),
        b"MESSAGELIMIT" => {
            let messages = cursor.any_number().ok()?;
            cursor.try_sp();
            let lowest = cursor.any_number().ok().and_then(Uid::new);
            ResponseCode::MessageLimit { messages, lowest }
        }
        b"METADATA" => metadata(cursor)?,
        b"MODIFIED" => {
            let numbers = NumberSet::parse(&cursor.any_set(Apart::ByBlanks).ok()?);
            ResponseCode::Modified(numbers.ok()?)
        }
        b"NEWNAME" => ResponseCode::NewName(text(cursor)),
        b"PERMANENTFLAGS" => {
            let (flags, may_create) = flags::in_code(cursor, limits).ok()?;
            ResponseCode::PermanentFlags(PermanentFlags::new(flags, may_create))
        }
        b"REFERRAL" => {
            ResponseCode::Referral(text(cursor).split_whitespace().map(str::to_owned).collect())
        }
        b"UIDNEXT" => ResponseCode::UidNext(NonZeroU32::new(cursor.any_number().ok()?)?.into()),
        b"UIDVALIDITY" => {
            ResponseCode::UidValidity(NonZeroU32::new(cursor.any_number().ok()?)?.into())
        }
        b"UNDEFINED-FILTER" => ResponseCode::UndefinedFilter(text(cursor)),
        b"UNSEEN" => ResponseCode::Unseen(NonZeroU32::new(cursor.any_number().ok()?)?.into()),
        b"WEBALERT" => ResponseCode::WebAlert(text(cursor)),
        _ => return None,
    })
}

/// Codes that may have values, but have none here.
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
    } else if is("MODIFIED") {
        Some(ResponseCode::Modified(NumberSet::new()))
    } else {
        None
    }
}

/// A set of COPYUID, which may be empty.
fn copied<'a>(cursor: &mut Cursor<'a>) -> Option<Cow<'a, [u8]>> {
    cursor.try_sp();
    match cursor.peek() {
        Some(b']') => Some(Cow::Borrowed(&[])),
        _ => cursor.any_set(Apart::Never).ok(),
    }
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
            _ if words.len() >= limits.list => return Err(cursor.beyond(Limit::List)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::flag::Flag;
    use crate::types::uid::SeqNum;
    use crate::types::uid_set::UidSet;
    use crate::wire::response::Untagged;
    use crate::wire::response::status::Status;
    use crate::wire::testing::untagged;

    /// The code and the text of `* OK` with this behind it.
    fn parsed(text: &str) -> (Option<ResponseCode>, String) {
        let line = format!("* OK {text}\r\n");
        match untagged(line.as_bytes()) {
            Untagged::Status {
                status: Status::Ok,
                text,
            } => (text.code, text.text.into_owned()),
            other => panic!("{other:?}"),
        }
    }

    fn code(text: &str) -> ResponseCode {
        let (code, after) = parsed(&format!("{text} and text"));
        assert_eq!(after, "and text", "{text}");
        let (lower, _) = parsed(&text.to_ascii_lowercase());
        assert_eq!(
            lower.map(|code| code.name().to_ascii_uppercase()),
            code.as_ref().map(|code| code.name().into())
        );
        code.unwrap()
    }

    fn uids(text: &str) -> UidSet {
        text.parse().unwrap()
    }

    #[test]
    fn codes_of_one_word() {
        assert_eq!(code("[ALERT]"), ResponseCode::Alert);
        assert_eq!(code("[READ-ONLY]"), ResponseCode::ReadOnly);
        assert_eq!(code("[UNKNOWN-CTE ]"), ResponseCode::UnknownCte);
        assert_eq!(code("[METADATA TOOMANY]"), ResponseCode::MetadataTooMany);
    }

    #[test]
    fn fault_24_brackets_behind_a_code_are_text_unless_they_are_known() {
        for (text, code, after) in [
            (
                "[ALERT] [Maintenance] tonight",
                Some(ResponseCode::Alert),
                "[Maintenance] tonight",
            ),
            ("[X] [INUSE] x", Some(ResponseCode::InUse), "[X] [INUSE] x"),
            ("[INUSE] [LIMIT] x", Some(ResponseCode::InUse), "[LIMIT] x"),
            ("[ some text ] x", None, "[ some text ] x"),
            ("[OVERQUOTA x", None, "[OVERQUOTA x"),
        ] {
            assert_eq!(parsed(text), (code, after.into()), "{text}");
        }
        let line = b"* OK [UIDNEXT 5][X] [UNSEEN 2] x\r\n";
        let Untagged::Status { text, .. } = untagged(line) else {
            panic!()
        };
        assert_eq!(text.code, Some(ResponseCode::UidNext(Uid::new(5).unwrap())));
        let further: Vec<_> = text.further_codes().collect();
        assert_eq!(further, [ResponseCode::Unseen(SeqNum::new(2).unwrap())]);
    }

    #[test]
    fn codes_of_numbers() {
        assert_eq!(
            code("[UIDNEXT 4392]"),
            ResponseCode::UidNext(Uid::new(4392).unwrap())
        );
        let uid_validity = UidValidity::new(3_857_529_045).unwrap();
        assert_eq!(
            code("[UIDVALIDITY 3857529045]"),
            ResponseCode::UidValidity(uid_validity)
        );
        assert_eq!(
            code("[UNSEEN 17]"),
            ResponseCode::Unseen(SeqNum::new(17).unwrap())
        );
        let mod_seq = ModSeq::new(715_194_045_007).unwrap();
        assert_eq!(
            code("[HIGHESTMODSEQ 715194045007]"),
            ResponseCode::HighestModSeq(mod_seq)
        );
        assert_eq!(
            code("[METADATA LONGENTRIES 2199]"),
            ResponseCode::MetadataLongEntries(2199)
        );
        let limit = ResponseCode::MessageLimit {
            messages: 1000,
            lowest: Uid::new(23221),
        };
        assert_eq!(code("[MESSAGELIMIT 1000 23221]"), limit);
    }

    #[test]
    fn codes_of_sets() {
        let appended = |set| ResponseCode::AppendUid {
            uid_validity: UidValidity::new(38505),
            uids: uids(set),
        };
        assert_eq!(code("[APPENDUID 38505 3955]"), appended("3955"));
        assert_eq!(code("[APPENDUID 38505 3955:3957]"), appended("3955:3957"));
        let ResponseCode::CopyUid(copied) = code("[COPYUID 38505 304,319:320 3956:3958]") else {
            panic!()
        };
        assert_eq!(copied.copies(), uids("3956:3958"));
        assert_eq!(copied.pairs().count(), 3);
        let modified = NumberSet::parse(b"7,9").unwrap();
        assert_eq!(code("[MODIFIED 7,9]"), ResponseCode::Modified(modified));
    }

    #[test]
    fn codes_of_words() {
        let flags = vec![Flag::Deleted, Flag::Seen, Flag::keyword("$Work").unwrap()];
        let flags = ResponseCode::PermanentFlags(PermanentFlags::new(flags, true));
        assert_eq!(code(r"[PERMANENTFLAGS (\Deleted \Seen $Work \*)]"), flags);
        let none = ResponseCode::PermanentFlags(PermanentFlags::NONE);
        assert_eq!(code("[PERMANENTFLAGS ()]"), none);
        let charsets = ResponseCode::BadCharset(vec!["UTF-8".into(), "a b".into()]);
        assert_eq!(code("[BADCHARSET (UTF-8 \"a b\")]"), charsets);
        assert_eq!(code("[BADCHARSET]"), ResponseCode::BadCharset(vec![]));
        let capabilities = "IMAP4rev2 AUTH=PLAIN".parse().unwrap();
        assert_eq!(
            code("[CAPABILITY IMAP4rev2 AUTH=PLAIN]"),
            ResponseCode::Capability(capabilities)
        );
        assert_eq!(
            code("[MAILBOXID (F2212ea87)]"),
            ResponseCode::MailboxId("F2212ea87".into())
        );
        let urls = ResponseCode::Referral(vec!["imap://a/b".into(), "imap://c/".into()]);
        assert_eq!(code("[REFERRAL imap://a/b imap://c/]"), urls);
        let progress = ResponseCode::InProgress {
            tag: Some("A1".into()),
            done: Some(454),
            goal: None,
        };
        assert_eq!(code("[INPROGRESS (\"A1\" 454 NIL)]"), progress);
        let none = ResponseCode::InProgress {
            tag: None,
            done: None,
            goal: None,
        };
        assert_eq!(code("[INPROGRESS]"), none);
    }

    #[test]
    fn unknown_codes_keep_their_text() {
        let other = |name: &str, text: Option<&str>| ResponseCode::Other {
            name: name.into(),
            text: text.map(Into::into),
        };
        assert_eq!(
            parsed("[X-A b (c) \"d\"] e"),
            (Some(other("X-A", Some("b (c) \"d\""))), "e".into())
        );
        assert_eq!(parsed("[x-a] e"), (Some(other("x-a", None)), "e".into()));
        assert_eq!(
            parsed("[ALERT x] e"),
            (Some(other("ALERT", Some("x"))), "e".into())
        );
        assert_eq!(
            parsed("[COPYUID 1 2:x 3]"),
            (Some(other("COPYUID", Some("1 2:x 3"))), "".into())
        );
    }

    #[test]
    fn what_is_no_code_is_text() {
        for text in [
            "[",
            "[]",
            "[ALERT",
            "[ALERT text",
            "[(]",
            "a [ALERT]",
            "[\"a\"]",
            "[UIDNEXT 5",
        ] {
            assert_eq!(parsed(text), (None, text.into()));
        }
    }

    #[test]
    fn q3_empty_sets() {
        let (code, _) = parsed("[COPYUID 701  ] done");
        let Some(ResponseCode::CopyUid(copied)) = code else {
            panic!("{code:?}")
        };
        assert_eq!(copied.pairs().count(), 0);
    }

    #[test]
    fn q4_a_code_that_is_none() {
        let text = "[Error=\"Microsoft.Exchange.Error\" AuthResultFromPopImapEnd=0 Proxy=x] AUTHENTICATE completed.";
        assert_eq!(parsed(text), (None, text.into()));
    }

    #[test]
    fn q5_a_code_without_text() {
        assert_eq!(
            parsed("[HIGHESTMODSEQ 1]"),
            (Some(ResponseCode::HighestModSeq(ModSeq::MIN)), "".into())
        );
    }

    #[test]
    fn q31_q76_q77_q78_odd_flags() {
        let (code, _) = parsed(r#"[PERMANENTFLAGS (\Seen a[b] "c" NIL \Odd *)] x"#);
        let Some(ResponseCode::PermanentFlags(flags)) = code else {
            panic!("{code:?}")
        };
        let names: Vec<_> = flags.flags().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["\\Seen", "a[b]", "c", "NIL", "\\Odd"]);
        assert!(flags.may_create_keywords());
    }

    #[test]
    fn q71_q72_q73_q97_numbers_of_zero() {
        for text in [
            "[UIDVALIDITY 0]",
            "[UIDNEXT 0]",
            "[UNSEEN 0]",
            "[HIGHESTMODSEQ 0]",
            "[HIGHESTMODSEQ -1]",
        ] {
            assert!(
                matches!(parsed(text).0, Some(ResponseCode::Other { .. })),
                "{text}"
            );
        }
        let appended = parsed("[APPENDUID 0 5]").0;
        assert_eq!(
            appended,
            Some(ResponseCode::AppendUid {
                uid_validity: None,
                uids: uids("5")
            })
        );
    }

    #[test]
    fn attack_67_sets_stay_ranges() {
        let (code, _) = parsed("[COPYUID 1 1:4294967295 1:4294967295]");
        let Some(ResponseCode::CopyUid(copied)) = code else {
            panic!("{code:?}")
        };
        assert_eq!(copied.sources().len(), 4_294_967_295);
    }
}
