//! SEARCH, ESEARCH, SORT and VANISHED: sets of messages.
//!
//! RFC 9051 section 7.3.6, RFC 3501 section 7.2.5, RFC 5256 section 4, RFC 7162 section 3.2.10.

use std::borrow::Cow;
use std::num::NonZeroU32;

use crate::types::mailbox_name::MailboxName;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::uid::{ModSeq, UidValidity};
use crate::wire::cursor::loose::Apart;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::digits;
use crate::wire::response::named::name_in_list;

/// The result of a SEARCH with RETURN options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Esearch<'a> {
    /// The tag of the command that it answers.
    pub(crate) tag: Option<Box<[u8]>>,
    /// The mailbox that was searched, if there were several (RFC 7377).
    pub(crate) mailbox: Option<MailboxName>,
    pub(crate) uid_validity: Option<UidValidity>,
    /// Whether the numbers are UIDs. A server may fail to mark them.
    pub(crate) uid: bool,
    pub(crate) min: Option<u32>,
    pub(crate) max: Option<u32>,
    pub(crate) count: Option<u32>,
    pub(crate) all: Option<NumberSet>,
    /// A part of the result (RFC 9394).
    pub(crate) partial: Option<NumberSet>,
    /// Both as they are written, for a SORT, whose order matters (RFC 5267).
    pub(crate) written_all: Cow<'a, [u8]>,
    pub(crate) written_partial: Cow<'a, [u8]>,
    pub(crate) mod_seq: Option<ModSeq>,
}

/// `*(SP nz-number) [SP "(MODSEQ" SP mod-sequence-value ")"]`.
///
/// All numbers are returned, also those after a mod-sequence, or the whole is an error.
pub(crate) fn parse(mut cursor: Cursor<'_>) -> Result<(NumberSet, Option<ModSeq>), ParseError> {
    let mut builder = NumberSetBuilder::default();
    let mod_seq = line(&mut cursor, |number| builder.push(number))?;
    Ok((builder.finish(), mod_seq))
}

/// [`parse`] for an answer whose order matters.
pub(crate) fn sort(
    mut cursor: Cursor<'_>,
) -> Result<(Vec<NonZeroU32>, Option<ModSeq>), ParseError> {
    let mut sorted = Vec::new();
    let mod_seq = line(&mut cursor, |number| sorted.extend(NonZeroU32::new(number)))?;
    Ok((sorted, mod_seq))
}

/// Reads numbers and mod-sequences up to the end of the line; returns the highest mod-sequence.
fn line(cursor: &mut Cursor<'_>, mut push: impl FnMut(u32)) -> Result<Option<ModSeq>, ParseError> {
    let mut highest = None;
    loop {
        numbers(cursor, &mut push)?;
        match cursor.peek() {
            None => return Ok(highest),
            Some(b'(') => highest = highest.max(mod_seq(cursor)?),
            Some(b'"') => push(cursor.any_number()?),
            Some(_) => return Err(cursor.error("a number")),
        }
    }
}

/// `"(MODSEQ" SP mod-sequence-value ")"`.
///
/// An invalid one is `None`, and the parenthesis may be missing at the end of the line.
pub(crate) fn mod_seq(cursor: &mut Cursor<'_>) -> Result<Option<ModSeq>, ParseError> {
    cursor.byte(b'(', "MODSEQ")?;
    cursor.try_sp();
    if !cursor.try_word(b"MODSEQ") {
        return Err(cursor.error("MODSEQ"));
    }
    cursor.sp()?;
    let mut value = *cursor;
    let found = value.any_number64().ok();
    cursor.skip_value()?;
    cursor.try_sp();
    if !cursor.try_byte(b')') {
        cursor.end()?;
    }
    Ok(found.and_then(ModSeq::new))
}

/// Reads numbers with spaces between them, up to other data. An answer can have millions.
fn numbers(cursor: &mut Cursor<'_>, push: &mut impl FnMut(u32)) -> Result<(), ParseError> {
    let mut rest = cursor.rest();
    let end = cursor.position() + rest.len();
    loop {
        let (number, digits) = digits::leading(rest);
        let after = rest.get(digits..).unwrap_or_default();
        if digits > 0 {
            let small = u32::try_from(number)
                .ok()
                .filter(|_| digits <= digits::MOST);
            let Some(small) = small else {
                cursor.seek(end - after.len());
                return Err(cursor.error("a 32-bit number"));
            };
            push(small);
        }
        rest = match after.split_first() {
            Some((b' ' | b'\r' | b'\n', rest)) => rest,
            other => {
                cursor.seek(end - after.len());
                return match other {
                    Some((b'(', _)) => Ok(()),
                    Some(_) if digits > 0 => Err(cursor.error("the end of a number")),
                    _ => Ok(()),
                };
            }
        };
    }
}

/// `["(EARLIER)" SP] known-uids`.
pub(crate) fn vanished(mut cursor: Cursor<'_>) -> Result<(bool, NumberSet), ParseError> {
    let earlier = is_earlier(&mut cursor);
    let (uids, _) = cursor.closed_set(Apart::ByBlanks)?;
    cursor.end()?;
    Ok((earlier, uids))
}

/// Whether a list has EARLIER; reads a list that has no numbers.
fn is_earlier(cursor: &mut Cursor<'_>) -> bool {
    let mut list = *cursor;
    if !list.try_byte(b'(') {
        return false;
    }
    list.try_sp();
    let earlier = list.try_word(b"EARLIER");
    list.try_sp();
    if list.try_byte(b')') {
        list.try_sp();
        *cursor = list;
    }
    earlier
}

/// Adds a set to one that was reported before.
fn add(known: &mut Option<NumberSet>, numbers: NumberSet) {
    *known = Some(match known.take() {
        None => numbers,
        Some(known) => {
            let mut both = NumberSetBuilder::from(known);
            both.push_set(&numbers);
            both.finish()
        }
    });
}

/// Adds a set, as it is written, to one that was reported before.
fn add_written<'a>(known: &mut Cow<'a, [u8]>, written: Cow<'a, [u8]>) {
    match known.is_empty() {
        true => *known = written,
        false if written.is_empty() => {}
        false => {
            let known = known.to_mut();
            known.push(b',');
            known.extend_from_slice(&written);
        }
    }
}

/// `"(" partial-range SP partial-results ")"`; the range is the requested one.
fn partial<'a>(cursor: &mut Cursor<'a>) -> Result<(NumberSet, Cow<'a, [u8]>), ParseError> {
    cursor.byte(b'(', "a part of the result")?;
    cursor.try_sp();
    cursor.run(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'-'));
    cursor.sp()?;
    let (numbers, written) = match cursor.try_nil() {
        true => (NumberSet::new(), Cow::Borrowed(&[][..])),
        false => cursor.closed_set(Apart::ByBlanks)?,
    };
    cursor.try_sp();
    cursor.byte(b')', "the end of a list")?;
    Ok((numbers, written))
}

/// Whether the correlator ends here, or continues with another of its words.
fn ends_correlated(mut cursor: Cursor<'_>) -> bool {
    let is_apart = cursor.try_sp();
    if cursor.try_byte(b')') {
        return cursor.try_sp() || cursor.try_end();
    }
    let words: [&[u8]; 3] = [b"TAG", b"UIDVALIDITY", b"MAILBOX"];
    is_apart && words.iter().any(|word| cursor.try_word(word)) && cursor.try_sp()
}

impl<'a> Esearch<'a> {
    /// `[search-correlator] [SP "UID"] *(SP search-return-data)`.
    pub(crate) fn parse(mut cursor: Cursor<'a>) -> Result<Self, ParseError> {
        let mut found = Self::default();
        if cursor.try_byte(b'(') {
            found.correlator(&mut cursor)?;
        }
        loop {
            // Some servers wrap the data in parentheses once more.
            while cursor.try_sp() || cursor.try_byte(b'(') || cursor.try_byte(b')') {}
            if cursor.try_end() {
                return Ok(found);
            }
            if cursor.try_word(b"UID") {
                found.uid = true;
            } else {
                found.data(&mut cursor)?;
            }
        }
    }

    fn correlator(&mut self, cursor: &mut Cursor<'a>) -> Result<(), ParseError> {
        loop {
            cursor.try_sp();
            if cursor.try_byte(b')') {
                return Ok(());
            }
            let name = cursor.atom()?;
            cursor.sp()?;
            if name.eq_ignore_ascii_case(b"TAG") {
                self.tag = Some(cursor.astring()?.into());
            } else if name.eq_ignore_ascii_case(b"MAILBOX") {
                self.mailbox = Some(name_in_list(cursor, ends_correlated)?);
            } else if name.eq_ignore_ascii_case(b"UIDVALIDITY") {
                self.uid_validity = UidValidity::new(cursor.number()?);
            } else {
                cursor.skip_value()?;
            }
        }
    }

    fn data(&mut self, cursor: &mut Cursor<'a>) -> Result<(), ParseError> {
        let name = cursor.atom()?;
        cursor.sp()?;
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        if is(b"MIN") {
            self.min = Some(cursor.any_number()?);
        } else if is(b"MAX") {
            self.max = Some(cursor.any_number()?);
        } else if is(b"COUNT") {
            self.count = Some(cursor.any_number()?);
        } else if is(b"ALL") {
            // The name of what follows begins with a letter.
            let (numbers, written) = cursor.closed_set(Apart::ByBlanks)?;
            add(&mut self.all, numbers);
            add_written(&mut self.written_all, written);
        } else if is(b"PARTIAL") {
            let (partial, written) = partial(cursor)?;
            add(&mut self.partial, partial);
            add_written(&mut self.written_partial, written);
        } else if is(b"MODSEQ") {
            self.mod_seq = ModSeq::new(cursor.any_number64()?);
        } else {
            cursor.skip_value()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    fn found(line: &str) -> (String, Option<u64>) {
        match untagged(line.as_bytes()) {
            Untagged::Search { numbers, mod_seq } => {
                (numbers.to_string(), mod_seq.map(ModSeq::value))
            }
            other => panic!("{other:?}"),
        }
    }

    fn esearch(line: &str) -> Esearch<'_> {
        match untagged(line.as_bytes()) {
            Untagged::Esearch(found) => found,
            other => panic!("{other:?}"),
        }
    }

    fn gone(line: &str) -> (bool, String) {
        match untagged(line.as_bytes()) {
            Untagged::Vanished { earlier, uids } => (earlier, uids.to_string()),
            other => panic!("{other:?}"),
        }
    }

    fn set(text: &str) -> Option<NumberSet> {
        NumberSet::parse(text.as_bytes()).ok()
    }

    #[test]
    fn search_examples_of_the_standards() {
        assert_eq!(found("* SEARCH 2 3 6\r\n"), ("2:3,6".into(), None));
        assert_eq!(found("* SEARCH\r\n"), ("".into(), None));
        let with_mod_seq = "* SEARCH 2 5 6 7 11 12 18 19 20 23 (MODSEQ 917162500)\r\n";
        assert_eq!(
            found(with_mod_seq),
            ("2,5:7,11:12,18:20,23".into(), Some(917_162_500))
        );
        assert_eq!(
            found("* SEARCH 9 1 9 4294967295\r\n"),
            ("1,9,4294967295".into(), None)
        );
    }

    #[test]
    fn esearch_examples_of_the_standards() {
        let base = Esearch {
            tag: Some(b"A282"[..].into()),
            ..Esearch::default()
        };
        let expected = Esearch {
            min: Some(2),
            count: Some(3),
            ..base.clone()
        };
        assert_eq!(
            esearch("* ESEARCH (TAG \"A282\") MIN 2 COUNT 3\r\n"),
            expected
        );
        let expected = Esearch {
            uid: true,
            all: set("4:18,21,28"),
            written_all: b"4:18,21,28"[..].into(),
            ..base.clone()
        };
        assert_eq!(
            esearch("* ESEARCH (TAG \"A282\") UID ALL 4:18,21,28\r\n"),
            expected
        );
        let expected = Esearch {
            all: set("1:3,5"),
            written_all: b"1:3,5"[..].into(),
            mod_seq: ModSeq::new(1236),
            max: Some(5),
            ..base.clone()
        };
        assert_eq!(
            esearch("* ESEARCH (tag A282) all 1:3,5 max 5 MODSEQ 1236\r\n"),
            expected
        );
        assert_eq!(esearch("* ESEARCH (TAG \"A282\")\r\n"), base);
        assert_eq!(esearch("* ESEARCH\r\n"), Esearch::default());
        let many = esearch(
            "* ESEARCH (TAG \"A\" MAILBOX \"f &AOQ-\" UIDVALIDITY 1) UID ALL 4:5 X-NEW (1 (2)) PARTIAL (-1:-100 1:3)\r\n",
        );
        assert_eq!(many.mailbox.unwrap().as_str(), "f \u{e4}");
        assert_eq!(
            (many.uid_validity, many.all),
            (UidValidity::new(1), set("4:5"))
        );
        assert_eq!(
            (many.partial, &*many.written_partial),
            (set("1:3"), &b"1:3"[..])
        );
        let none = esearch("* ESEARCH (TAG \"A\") UID PARTIAL (-1:-100 NIL)\r\n");
        assert_eq!(none.partial, Some(NumberSet::new()));
    }

    #[test]
    fn sort_examples_of_the_standards() {
        let sorted = |line: &str| match untagged(line.as_bytes()) {
            Untagged::Sort { numbers, mod_seq } => {
                let numbers: Vec<u32> = numbers.into_iter().map(u32::from).collect();
                (numbers, mod_seq.map(ModSeq::value))
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(sorted("* SORT 2 84 882\r\n"), (vec![2, 84, 882], None));
        assert_eq!(sorted("* SORT 5 3 4 1 2\r\n"), (vec![5, 3, 4, 1, 2], None));
        assert_eq!(sorted("* SORT\r\n"), (vec![], None));
        assert_eq!(sorted("* SORT \r\n"), (vec![], None));
        let with_mod_seq = "* SORT 2 3 6 (MODSEQ 917162488)\r\n";
        assert_eq!(sorted(with_mod_seq), (vec![2, 3, 6], Some(917_162_488)));
        for line in ["* SORT 1,2\r\n", "* SORT x\r\n", "* SORT 4294967296\r\n"] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn vanished_examples_of_rfc_7162() {
        assert_eq!(
            gone("* VANISHED (EARLIER) 300:310,405,411\r\n"),
            (true, "300:310,405,411".into())
        );
        assert_eq!(
            gone("* VANISHED 405,407,410,425\r\n"),
            (false, "405,407,410,425".into())
        );
    }

    #[test]
    fn q7_q87_trailing_spaces_and_mod_seq_alone() {
        assert_eq!(found("* SEARCH \r\n"), ("".into(), None));
        assert_eq!(found("* SEARCH 1  2 \r\n"), ("1:2".into(), None));
        assert_eq!(found("* SEARCH (MODSEQ 5)\r\n"), ("".into(), Some(5)));
    }

    #[test]
    fn q84_q86_esearch_without_uid_and_in_parentheses() {
        let found = esearch("* ESEARCH (TAG \"a\") (COUNT 2 ALL 1:2)\r\n");
        assert_eq!(
            (found.uid, found.count, found.all),
            (false, Some(2), set("1:2"))
        );
    }

    /// Wherever the mod-sequence stands, no number behind it is lost.
    #[test]
    fn fault_24_numbers_behind_and_beside_a_mod_sequence() {
        for (rest, expected, mod_seq) in [
            ("1 2 (modseq 9) 3 4", "1:4", Some(9)),
            ("1 2 3(modseq 999)", "1:3", Some(999)),
            ("1(MODSEQ 9)2", "1:2", Some(9)),
            ("(MODSEQ 9) 3 (MODSEQ 11) 4 (ModSeq 10)", "3:4", Some(11)),
            ("1 ( MODSEQ 9 ) 2", "1:2", Some(9)),
            ("1 (MODSEQ \"9\") 2", "1:2", Some(9)),
            ("1 (MODSEQ 0) 2", "1:2", None),
            ("1 (MODSEQ -1) 2", "1:2", None),
            ("1 (MODSEQ 9", "1", Some(9)),
            ("\"1\" 2 \"3\" (MODSEQ 9) \"4\"", "1:4", Some(9)),
        ] {
            let line = format!("* SEARCH {rest}\r\n");
            assert_eq!(found(&line), (expected.into(), mod_seq), "{line}");
            let line = format!("* SORT {rest}\r\n");
            match untagged(line.as_bytes()) {
                Untagged::Sort {
                    numbers,
                    mod_seq: told,
                } => {
                    let set: NumberSet = numbers.into_iter().collect();
                    assert_eq!(
                        (set.to_string().as_str(), told.map(ModSeq::value)),
                        (expected, mod_seq)
                    );
                }
                other => panic!("{other:?}"),
            }
        }
        for rest in [
            "1 2 (modseq 9) 3 x",
            "1 (modseq 9) 3,4",
            "1 (modseq 9 10) 3",
            "1 (modseq) 3",
            "1 modseq 9",
            "1 \"x\"",
            "1 \"2",
            "1 \"4294967296\"",
            "1 (modseq 9) -3",
            "1 (modseq 9 2",
        ] {
            for name in ["SEARCH", "SORT"] {
                assert!(
                    is_invalid(format!("* {name} {rest}\r\n").as_bytes()),
                    "{rest}"
                );
            }
        }
    }

    #[test]
    fn fault_24_esearch_tells_the_same_twice_or_in_quotes() {
        let found =
            esearch("* ESEARCH (TAG \"a\") UID ALL 1:2 (modseq \"9\") all \"4,5\" COUNT \"4\"\r\n");
        assert_eq!((found.all, found.count), (set("1:2,4:5"), Some(4)));
        assert_eq!(found.mod_seq, ModSeq::new(9));
    }

    #[test]
    fn q97_mod_seq_of_zero_is_unknown() {
        assert_eq!(found("* SEARCH 1 (MODSEQ 0)\r\n"), ("1".into(), None));
        assert_eq!(found("* SEARCH 1 (MODSEQ -1)\r\n"), ("1".into(), None));
        assert_eq!(esearch("* ESEARCH MODSEQ 0\r\n").mod_seq, None);
    }

    #[test]
    fn attack_66_67_69_numbers_and_sets() {
        for line in [
            "* SEARCH 4294967296\r\n",
            "* SEARCH 1,2\r\n",
            "* SEARCH -1\r\n",
            "* SEARCH 1 x\r\n",
            "* SEARCH 99999999999999999999999\r\n",
            "* SEARCH 1(X 5)\r\n",
            "* SEARCH 1 (MODSEQ 5) x\r\n",
            "* SEARCH 1 (MODSEQ 5\r\n) 2,3\r\n",
            "* SEARCH (X 5)\r\n",
            "* VANISHED\r\n",
            "* VANISHED 1,\r\n",
            "* VANISHED 1::3\r\n",
            "* VANISHED 1:\r\n",
            "* VANISHED 1:*\r\n",
            "* VANISHED *\r\n",
            "* VANISHED 0\r\n",
            "* VANISHED (EARLIER 1\r\n",
            "* ESEARCH ALL *\r\n",
            "* ESEARCH ALL\r\n",
            "* ESEARCH COUNT x\r\n",
            "* ESEARCH (TAG\r\n",
            "* ESEARCH PARTIAL 1:3\r\n",
            "* ESEARCH PARTIAL (1:3)\r\n",
            "* ESEARCH PARTIAL (1:3 *)\r\n",
            "* ESEARCH PARTIAL (1:3 1:2\r\n",
        ] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
        assert_eq!(found("* SEARCH 0 5\r\n"), ("5".into(), None));
        assert_eq!(
            gone("* VANISHED 4294967295:1\r\n"),
            (false, "1:4294967295".into())
        );
    }
}
