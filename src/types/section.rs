//! The section of a message that FETCH requests (RFC 9051 section 6.4.5,
//! `BODY[<section>]<<partial>>`).

use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;

/// A section of a message: the whole, a part by its number, a header, or some header fields.
///
/// It can be limited to some of its octets.
///
/// ```
/// use latchbox::types::Section;
///
/// assert_eq!(Section::whole().to_string(), "[]");
/// assert_eq!(Section::part("1.2")?.mime().to_string(), "[1.2.MIME]");
/// let fields = Section::header_fields(["Subject", "List-Id"])?;
/// assert_eq!(fields.to_string(), "[HEADER.FIELDS (Subject List-Id)]");
/// # Ok::<(), latchbox::types::InvalidSection>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Section {
    part: Vec<NonZeroU32>,
    text: SectionText,
    partial: Option<Partial>,
}

/// The text of a part that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SectionText {
    Whole,
    Header,
    HeaderFields(FieldNames),
    HeaderFieldsNot(FieldNames),
    Text,
    Mime,
}

/// The names of header fields: at least one, with a space between them, which is in none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FieldNames(Box<str>);

/// A range of octets of a section: at most `count`, from the octet `first` on, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Partial {
    first: u32,
    count: NonZeroU32,
}

/// An error: a section that cannot be requested.
///
/// ```
/// use latchbox::types::Section;
///
/// let refused = Section::part("1..2").unwrap_err();
/// assert_eq!(refused.to_string(), "not a part number: \"1..2\"; write it like 1.2.3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSection {
    found: Box<str>,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    PartNumber,
    FieldName,
    NoFieldNames,
    NotBinary,
}

impl Section {
    /// The whole message, or the whole part.
    pub fn whole() -> Self {
        Self {
            part: Vec::new(),
            text: SectionText::Whole,
            partial: None,
        }
    }

    /// A part of a multipart message by its number, such as `1.2`.
    ///
    /// This is its content, without its own header.
    ///
    /// # Errors
    ///
    /// [`InvalidSection`] if the text is no part number.
    pub fn part(number: &str) -> Result<Self, InvalidSection> {
        Self::whole().in_part(number)
    }

    /// The fields of the message's header that have one of these names.
    ///
    /// # Errors
    ///
    /// [`InvalidSection`] if there is no name, or if one is not the name of a header field: empty,
    /// or with a space, a colon, a control or a character that is not ASCII.
    pub fn header_fields<N: AsRef<str>>(
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, InvalidSection> {
        Ok(Self {
            text: SectionText::HeaderFields(FieldNames::new(names)?),
            ..Self::whole()
        })
    }

    /// The fields of the message's header that have none of these names.
    ///
    /// # Errors
    ///
    /// As [`header_fields`](Self::header_fields).
    pub fn header_fields_not<N: AsRef<str>>(
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, InvalidSection> {
        Ok(Self {
            text: SectionText::HeaderFieldsNot(FieldNames::new(names)?),
            ..Self::whole()
        })
    }

    /// Moves the section into a part: headers and text are those of the message that the part is.
    ///
    /// # Errors
    ///
    /// [`InvalidSection`] if the text is no part number.
    ///
    /// ```
    /// use latchbox::types::Section;
    ///
    /// let subject = Section::header_fields(["Subject"])?.in_part("2")?;
    /// assert_eq!(subject.to_string(), "[2.HEADER.FIELDS (Subject)]");
    /// # Ok::<(), latchbox::types::InvalidSection>(())
    /// ```
    pub fn in_part(self, number: &str) -> Result<Self, InvalidSection> {
        Ok(Self {
            part: part_number(number)?,
            ..self
        })
    }

    /// The header of the message, or of the message that the part is.
    #[must_use]
    pub fn header(self) -> Self {
        Self {
            text: SectionText::Header,
            ..self
        }
    }

    /// The message, or the message that the part is, without its header.
    #[must_use]
    pub fn text(self) -> Self {
        Self {
            text: SectionText::Text,
            ..self
        }
    }

    /// The part's own header, which describes its content.
    ///
    /// For the whole message, that is the message header.
    #[must_use]
    pub fn mime(self) -> Self {
        Self {
            text: SectionText::Mime,
            ..self
        }
    }

    /// Limits the section to at most `count` octets, from the octet `first` on, counted from 0.
    ///
    /// ```
    /// use latchbox::types::Section;
    /// use std::num::NonZeroU32;
    ///
    /// let start = Section::whole().text().partial(0, NonZeroU32::new(2048).unwrap());
    /// assert_eq!(start.to_string(), "[TEXT]<0.2048>");
    /// ```
    #[must_use]
    pub fn partial(self, first: u32, count: NonZeroU32) -> Self {
        Self {
            partial: Some(Partial { first, count }),
            ..self
        }
    }

    /// The requested octets of the section; `None` for all.
    pub fn octets(&self) -> Option<Partial> {
        self.partial
    }

    /// The numbers of the part, from the outermost; empty for the whole message.
    pub fn part_numbers(&self) -> &[NonZeroU32] {
        &self.part
    }

    pub(crate) fn section_text(&self) -> &SectionText {
        match &self.text {
            SectionText::Mime if self.part.is_empty() => &SectionText::Header,
            text => text,
        }
    }

    /// BINARY decodes parts, so it allows only their numbers (RFC 9051 section 6.4.5).
    pub(crate) fn check_binary(&self, may_be_partial: bool) -> Result<(), InvalidSection> {
        let whole = self.text == SectionText::Whole;
        if whole && (may_be_partial || self.partial.is_none()) {
            return Ok(());
        }
        Err(InvalidSection {
            found: self.to_string().into(),
            reason: Reason::NotBinary,
        })
    }
}

impl FieldNames {
    fn new<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Result<Self, InvalidSection> {
        let invalid = |name: &str, reason| InvalidSection {
            found: name.into(),
            reason,
        };
        let mut joined = String::new();
        for name in names {
            let name = name.as_ref();
            if !is_field_name(name) {
                return Err(invalid(name, Reason::FieldName));
            }
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(name);
        }
        match joined.is_empty() {
            true => Err(invalid("", Reason::NoFieldNames)),
            false => Ok(Self(joined.into())),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }

    /// All of them, with a space between.
    pub(crate) fn joined(&self) -> &str {
        &self.0
    }
}

impl Partial {
    /// The first octet, counted from 0.
    pub fn first(&self) -> u32 {
        self.first
    }

    /// The maximum number of octets.
    pub fn count(&self) -> NonZeroU32 {
        self.count
    }
}

/// The wire form, as it follows the word BODY.
impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (at, number) in self.part.iter().enumerate() {
            write!(f, "{}{number}", if at > 0 { "." } else { "" })?;
        }
        let text = self.section_text();
        if !self.part.is_empty() && *text != SectionText::Whole {
            f.write_str(".")?;
        }
        write!(f, "{text}]")?;
        match self.partial {
            Some(partial) => write!(f, "<{}.{}>", partial.first, partial.count),
            None => Ok(()),
        }
    }
}

impl fmt::Display for SectionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, names) = match self {
            Self::Whole => ("", None),
            Self::Header => ("HEADER", None),
            Self::HeaderFields(names) => ("HEADER.FIELDS", Some(names)),
            Self::HeaderFieldsNot(names) => ("HEADER.FIELDS.NOT", Some(names)),
            Self::Text => ("TEXT", None),
            Self::Mime => ("MIME", None),
        };
        f.write_str(word)?;
        let Some(names) = names else { return Ok(()) };
        for (at, name) in names.iter().enumerate() {
            f.write_str(if at > 0 { " " } else { " (" })?;
            write_field_name(name, f)?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for InvalidSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = &self.found;
        match self.reason {
            Reason::PartNumber => {
                write!(f, "not a part number: {found:?}; write it like 1.2.3")
            }
            Reason::FieldName => write!(
                f,
                "not the name of a header field: {found:?}; use printable ASCII without spaces \
                 and without a colon"
            ),
            Reason::NoFieldNames => f.write_str("no header field is named; name at least one"),
            Reason::NotBinary => write!(
                f,
                "BINARY cannot fetch {found}: it takes a part or the whole message, and its size \
                 is that of all of it"
            ),
        }
    }
}

impl Error for InvalidSection {}

fn part_number(text: &str) -> Result<Vec<NonZeroU32>, InvalidSection> {
    let number = |level: &str| {
        let digits = level.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| level.parse().ok()).flatten()
    };
    let numbers: Option<Vec<NonZeroU32>> = text.split('.').map(number).collect();
    numbers.ok_or_else(|| InvalidSection {
        found: text.into(),
        reason: Reason::PartNumber,
    })
}

/// RFC 5322 section 2.2.
pub(crate) fn is_field_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b':')
}

/// As an atom if it is one, quoted otherwise.
fn write_field_name(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !name.contains(['(', ')', '{', '%', '*', '"', '\\', ']']) {
        return f.write_str(name);
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    write!(f, "\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_written_as_the_grammar_has_them() {
        let one = NonZeroU32::MIN;
        let cases = [
            (Section::whole().header(), "[HEADER]"),
            (Section::whole().mime(), "[HEADER]"),
            (Section::part("4.2").unwrap().text(), "[4.2.TEXT]"),
            (Section::part("1").unwrap().partial(7, one), "[1]<7.1>"),
            (
                Section::header_fields_not(["To"]).unwrap(),
                "[HEADER.FIELDS.NOT (To)]",
            ),
            (
                Section::header_fields(["a(\"\\"]).unwrap(),
                "[HEADER.FIELDS (\"a(\\\"\\\\\")]",
            ),
        ];
        for (section, wire) in cases {
            assert_eq!(section.to_string(), wire);
        }
    }

    #[test]
    fn what_is_no_part_number_is_refused() {
        for text in [
            "",
            "0",
            "1.",
            ".1",
            "1..2",
            "+1",
            "a",
            "1.0",
            "4294967296",
            "1 2",
            "1\r\n",
        ] {
            assert!(Section::part(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_field_name_cannot_leave_its_place() {
        for name in ["", "a b", "a:", "a\r\nb", "ä", "a\0"] {
            assert!(Section::header_fields([name]).is_err(), "{name:?}");
        }
        assert!(Section::header_fields(Vec::<String>::new()).is_err());
    }

    #[test]
    fn binary_takes_part_numbers_only() {
        let one = NonZeroU32::MIN;
        assert!(Section::part("1").unwrap().check_binary(false).is_ok());
        assert!(
            Section::part("1")
                .unwrap()
                .partial(0, one)
                .check_binary(true)
                .is_ok()
        );
        assert!(
            Section::part("1")
                .unwrap()
                .partial(0, one)
                .check_binary(false)
                .is_err()
        );
        assert!(Section::whole().header().check_binary(true).is_err());
    }
}
