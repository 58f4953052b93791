//! SEARCH, ESEARCH and VANISHED: sets of messages (RFC 9051 section 7.3.6, RFC 3501 section 7.2.5,
//! RFC 7162 section 3.2.10).

use crate::types::mailbox_name::MailboxName;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::uid::{ModSeq, UidValidity};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::utf7;

/// What SEARCH found with RETURN options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Esearch {
    /// The tag of the command that is answered.
    pub(crate) tag: Option<Box<[u8]>>,
    /// The mailbox that was searched, where several were (RFC 7377).
    pub(crate) mailbox: Option<MailboxName>,
    pub(crate) uid_validity: Option<UidValidity>,
    /// Whether the numbers are UIDs. A server may forget to say so.
    pub(crate) uid: bool,
    pub(crate) min: Option<u32>,
    pub(crate) max: Option<u32>,
    pub(crate) count: Option<u32>,
    pub(crate) all: Option<NumberSet>,
    pub(crate) mod_seq: Option<ModSeq>,
}

/// `*(SP nz-number) [SP "(MODSEQ" SP mod-sequence-value ")"]`.
pub(crate) fn parse(mut cursor: Cursor<'_>) -> Result<(NumberSet, Option<ModSeq>), ParseError> {
    let mut builder = NumberSetBuilder::default();
    numbers(&mut cursor, &mut builder)?;
    let mut mod_seq = None;
    if cursor.try_byte(b'(') {
        cursor.try_sp();
        if !cursor.try_word(b"MODSEQ") {
            return Err(cursor.error("MODSEQ"));
        }
        cursor.sp()?;
        mod_seq = cursor.number64().ok().and_then(ModSeq::new);
    } else {
        cursor.end()?;
    }
    Ok((builder.finish(), mod_seq))
}

/// Reads numbers with spaces between them, up to something else. An answer can have millions.
fn numbers(cursor: &mut Cursor<'_>, builder: &mut NumberSetBuilder) -> Result<(), ParseError> {
    let mut number = 0u64;
    let mut digits = 0usize;
    let mut read = 0usize;
    for byte in cursor.rest() {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + u64::from(byte - b'0');
                digits += 1;
                if number > u64::from(u32::MAX) {
                    cursor.seek(cursor.position() + read);
                    return Err(cursor.error("a 32-bit number"));
                }
            }
            b' ' | b'\r' | b'\n' => {
                push(builder, number, digits);
                (number, digits) = (0, 0);
            }
            _ => break,
        }
        read += 1;
    }
    cursor.seek(cursor.position() + read);
    if digits > 0 && cursor.peek().is_some() {
        return Err(cursor.error("the end of a number"));
    }
    push(builder, number, digits);
    Ok(())
}

#[inline]
fn push(builder: &mut NumberSetBuilder, number: u64, digits: usize) {
    if digits > 0 {
        builder.push(u32::try_from(number).unwrap_or(0));
    }
}

/// The characters of a `sequence-set`; may be none.
pub(crate) fn number_set<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    cursor.run(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b':' | b'*'))
}

/// `["(EARLIER)" SP] known-uids`.
pub(crate) fn vanished(mut cursor: Cursor<'_>) -> Result<(bool, NumberSet), ParseError> {
    let mut earlier = false;
    if cursor.try_byte(b'(') {
        cursor.try_sp();
        earlier = cursor.try_word(b"EARLIER");
        cursor.try_sp();
        cursor.byte(b')', "the end of a list")?;
        cursor.try_sp();
    }
    let uids = set(&mut cursor)?;
    cursor.end()?;
    Ok((earlier, uids))
}

/// A set that no server leaves open.
fn set(cursor: &mut Cursor<'_>) -> Result<NumberSet, ParseError> {
    let error = cursor.error("a set of numbers");
    let numbers = NumberSet::parse(number_set(cursor)).map_err(|_| error)?;
    if numbers.is_open() {
        Err(error)
    } else {
        Ok(numbers)
    }
}

impl Esearch {
    /// `[search-correlator] [SP "UID"] *(SP search-return-data)`.
    pub(crate) fn parse(mut cursor: Cursor<'_>) -> Result<Esearch, ParseError> {
        let mut found = Esearch::default();
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

    fn correlator(&mut self, cursor: &mut Cursor<'_>) -> Result<(), ParseError> {
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
                self.mailbox = Some(utf7::mailbox_name(&cursor.astring()?));
            } else if name.eq_ignore_ascii_case(b"UIDVALIDITY") {
                self.uid_validity = UidValidity::new(cursor.number()?);
            } else {
                cursor.skip_value()?;
            }
        }
    }

    fn data(&mut self, cursor: &mut Cursor<'_>) -> Result<(), ParseError> {
        let name = cursor.atom()?;
        cursor.sp()?;
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        if is(b"MIN") {
            self.min = Some(cursor.number()?);
        } else if is(b"MAX") {
            self.max = Some(cursor.number()?);
        } else if is(b"COUNT") {
            self.count = Some(cursor.number()?);
        } else if is(b"ALL") {
            self.all = Some(set(cursor)?);
        } else if is(b"MODSEQ") {
            self.mod_seq = ModSeq::new(cursor.number64()?);
        } else {
            cursor.skip_value()?;
        }
        Ok(())
    }
}
