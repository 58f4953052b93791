//! The data argument of APPEND and its relatives (`append-message`, RFC 4466).

use crate::types::flag::InvalidFlag;
use crate::types::new_message::{AppendOptions, CatenatePart, NewMessage, Source, header};
use crate::wire::date::WireDateTime;
use crate::wire::encoder::{Encoder, Unencodable};

/// The form in which the octets of a message are announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `literal`, or `literal8` if the octets contain a NUL.
    Plain,
    /// `literal8` (RFC 3516).
    Binary,
    /// `UTF8 (literal8)` (RFC 6855).
    Utf8,
}

impl Form {
    /// The form for these octets: UTF8 if their header needs it and the server supports it.
    pub(crate) fn of(message: &[u8], takes_utf8: bool) -> Self {
        match takes_utf8 && !header(message).is_ascii() {
            true => Self::Utf8,
            false => Self::Plain,
        }
    }

    /// The form for octets that are not known yet.
    pub(crate) fn announced(options: &AppendOptions, takes_utf8: bool) -> Self {
        match () {
            () if options.utf8_headers && takes_utf8 => Self::Utf8,
            () if options.binary => Self::Binary,
            () => Self::Plain,
        }
    }

    /// The text that ends the form.
    pub(crate) fn end(self) -> &'static str {
        match self {
            Self::Utf8 => ")",
            Self::Plain | Self::Binary => "",
        }
    }
}

impl<'a> Encoder<'a> {
    /// `append-message` of octets in memory; those of a reader are sent by other code.
    pub(crate) fn append_message<E>(&mut self, message: &'a NewMessage<'_>) -> Result<(), E>
    where
        E: From<InvalidFlag> + From<Unencodable>,
    {
        let NewMessage { source, options } = message;
        match source {
            Source::Octets(octets) => {
                let form = Form::of(octets, self.abilities().utf8_append);
                self.append_options(options, form)?;
                self.append_octets(octets, form)?;
            }
            Source::Parts(parts) => {
                self.append_options(options, Form::Plain)?;
                self.catenate(parts)?;
            }
            Source::Reader(..) => {
                let (argument, problem) = ("message", "is a reader, which cannot be sent here");
                return Err(Unencodable { argument, problem }.into());
            }
        }
        Ok(())
    }

    /// `append-opts`: flags and date, a space before each.
    ///
    /// The form UTF8 always has a list of flags, because Courier refuses it without one.
    pub(crate) fn append_options(
        &mut self,
        options: &AppendOptions,
        form: Form,
    ) -> Result<&mut Self, InvalidFlag> {
        if !options.flags.is_empty() || form == Form::Utf8 {
            self.sp().flag_list(&options.flags)?;
        }
        if let Some(date) = options.internal_date {
            self.sp().display(WireDateTime(date));
        }
        Ok(self)
    }

    /// `append-data` of octets, which are sent without a copy.
    pub(crate) fn append_octets(
        &mut self,
        message: &'a [u8],
        form: Form,
    ) -> Result<&mut Self, Unencodable> {
        const ARGUMENT: &str = "message";
        self.sp();
        match form {
            Form::Utf8 => self.raw("UTF8 (").literal8(ARGUMENT, message)?.raw(")"),
            Form::Binary => self.literal8(ARGUMENT, message)?,
            Form::Plain => self.literal(ARGUMENT, message)?,
        };
        Ok(self)
    }

    /// `append-data` up to the start of the octets, whose number is `len`; [`Form::end`] follows
    /// them.
    pub(crate) fn append_announced(&mut self, len: u64, form: Form) -> &mut Self {
        self.sp();
        match form {
            Form::Utf8 => self.raw("UTF8 (").literal8_announced(len),
            Form::Binary => self.literal8_announced(len),
            Form::Plain => self.literal_announced(len),
        }
    }

    /// `append-data` of parts that the server combines (RFC 4469).
    pub(crate) fn catenate(
        &mut self,
        parts: &'a [CatenatePart<'_>],
    ) -> Result<&mut Self, Unencodable> {
        self.raw(" CATENATE (");
        for (place, part) in parts.iter().enumerate() {
            self.raw(if place > 0 { " " } else { "" });
            match part {
                CatenatePart::Text(octets) => self.raw("TEXT ").literal("part", octets)?,
                CatenatePart::Url(url) => self.raw("URL ").string("URL", &url.to_string())?,
            };
        }
        Ok(self.raw(")"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::flag::Flag;
    use crate::types::message_url::MessageUrl;
    use crate::wire::encoder::Abilities;

    fn encoded(encode: impl FnOnce(&mut Encoder<'static>)) -> String {
        let abilities = Abilities {
            literal_at_once: u64::MAX,
            binary: true,
            utf8_append: true,
            ..Abilities::default()
        };
        encoded_for(abilities, encode)
    }

    fn encoded_for(abilities: Abilities, encode: impl FnOnce(&mut Encoder<'static>)) -> String {
        let mut encoder = Encoder::new(Vec::new(), abilities);
        encode(&mut encoder);
        let octets = encoder.parts().flat_map(|part| [part.line, part.body]);
        let octets = octets.chain([encoder.rest()]);
        String::from_utf8_lossy(&octets.collect::<Vec<_>>().concat()).into_owned()
    }

    #[test]
    fn a_header_with_utf_8_is_announced_where_that_is_known() {
        let message = "Subject: ü\r\n\r\nö".as_bytes();
        assert_eq!(Form::of(message, true), Form::Utf8);
        assert_eq!(Form::of(message, false), Form::Plain);
        assert_eq!(
            Form::of("Subject: u\r\n\r\nö".as_bytes(), true),
            Form::Plain
        );
        let text = encoded(|e| {
            let options = AppendOptions::default();
            e.append_options(&options, Form::Utf8).unwrap();
            e.append_octets(message, Form::Utf8).unwrap();
        });
        assert_eq!(text, " () UTF8 (~{17+}\r\nSubject: ü\r\n\r\nö)");
    }

    #[test]
    fn what_is_not_known_yet_is_announced_by_its_length() {
        for (form, text) in [
            (Form::Plain, " {5+}\r\n"),
            (Form::Binary, " ~{5+}\r\n"),
            (Form::Utf8, " UTF8 (~{5+}\r\n"),
        ] {
            assert_eq!(
                encoded(|e| {
                    e.append_announced(5, form);
                }),
                text
            );
        }
    }

    #[test]
    fn fault_08_without_binary_a_literal8_waits() {
        let message = "Subject: ü\r\n\r\n".as_bytes();
        let abilities = Abilities {
            literal_at_once: u64::MAX,
            utf8_append: true,
            ..Abilities::default()
        };
        let text = encoded_for(abilities, |e| {
            e.append_octets(message, Form::Utf8).unwrap();
        });
        assert_eq!(text, " UTF8 (~{15}\r\nSubject: ü\r\n\r\n)");
        let text = encoded_for(abilities, |e| _ = e.append_announced(5, Form::Utf8));
        assert_eq!(text, " UTF8 (~{5}\r\n");
        // A value of metadata with a NUL.
        let text = encoded_for(abilities, |e| _ = e.value(Some(b"a\0b")));
        assert_eq!(text, "~{3}\r\na\0b");
        let none = Abilities {
            utf8_append: false,
            ..abilities
        };
        encoded_for(none, |e| assert!(e.literal8("message", message).is_err()));
    }

    #[test]
    fn flags_and_date_have_a_space_before_them() {
        let date = "2001-02-03T04:05:06+07:00".parse().unwrap();
        let options = AppendOptions {
            flags: vec![Flag::Seen],
            internal_date: Some(date),
            ..AppendOptions::default()
        };
        let text = encoded(|e| {
            e.append_options(&options, Form::Plain).unwrap();
        });
        assert_eq!(text, " (\\Seen) \" 3-Feb-2001 04:05:06 +0700\"");
    }

    #[test]
    fn parts_are_octets_and_addresses() {
        let url = MessageUrl::new("a b".parse().unwrap(), "7".parse().unwrap());
        let parts = vec![CatenatePart::Text(b"x: y\r\n"), CatenatePart::Url(url)];
        let text = encoded(|e| {
            e.catenate(parts.leak()).unwrap();
        });
        assert_eq!(
            text,
            " CATENATE (TEXT {6+}\r\nx: y\r\n URL \"/a%20b/;UID=7\")"
        );
    }
}
