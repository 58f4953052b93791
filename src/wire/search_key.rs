//! The form in which a search key is sent (RFC 9051 section 6.4.4): `search-key`.

use std::fmt;

use crate::types::atom::is_atom;
use crate::types::search::SearchKey;
use crate::types::uid_set::UidSet;
use crate::wire::charset;
use crate::wire::date::WireDate;
use crate::wire::encoder::{Encoder, Unencodable};

/// The name of a search text in an error.
const TEXT: &str = "search text";

impl Encoder<'_> {
    /// Writes a search key with its texts in a charset, or unchanged if none is named.
    pub(crate) fn search_key(
        &mut self,
        key: &SearchKey,
        charset: Option<&str>,
    ) -> Result<(), Unencodable> {
        Keys {
            encoder: self,
            charset,
        }
        .key(key, false)
    }
}

struct Keys<'e, 'a> {
    encoder: &'e mut Encoder<'a>,
    charset: Option<&'e str>,
}

impl Keys<'_, '_> {
    /// Writes a key, in parentheses if it has to be a single key in another.
    fn key(&mut self, key: &SearchKey, nested: bool) -> Result<(), Unencodable> {
        if let Some(word) = key.word() {
            self.encoder.raw(word);
        } else if let Some((word, text)) = key.text() {
            self.encoder.raw(word).sp();
            self.text(text)?;
        } else if let Some((word, date)) = key.date() {
            self.encoder.raw(word).sp().display(WireDate(date));
        } else if let Some((word, number)) = key.number() {
            self.encoder.raw(word).sp().display(number);
        } else if let Some((word, name)) = key.name() {
            self.encoder.raw(word).sp().raw(name);
        } else {
            return self.compound(key, nested);
        }
        Ok(())
    }

    fn compound(&mut self, key: &SearchKey, nested: bool) -> Result<(), Unencodable> {
        match key {
            SearchKey::Header { name, value } => {
                self.encoder.raw("HEADER ").string("field name", name)?.sp();
                self.text(value)?;
            }
            SearchKey::Uid(set) => self.uids(set),
            SearchKey::Sequence(set) => self.display(set),
            SearchKey::ModSeqOf {
                flag,
                entry_type,
                mod_seq,
            } => {
                let entry = format!("/flags/{flag}");
                self.encoder.raw("MODSEQ ").string("flag", &entry)?;
                let entry_type = entry_type.word();
                self.display(format_args!(" {entry_type} {mod_seq}"));
            }
            SearchKey::GmailLabel(label) => {
                self.encoder.raw("X-GM-LABELS ").label(label)?;
            }
            SearchKey::Other { name, arguments } => {
                self.encoder.raw(name.as_str());
                for argument in arguments {
                    self.encoder.sp();
                    match is_atom(argument) {
                        true => drop(self.encoder.raw(argument)),
                        false => self.text(argument)?,
                    }
                }
            }
            SearchKey::And(keys) => self.all(keys, nested)?,
            SearchKey::Or(one, other) => {
                self.encoder.raw("OR ");
                self.key(one, true)?;
                self.encoder.sp();
                self.key(other, true)?;
            }
            SearchKey::Not(key) => {
                self.encoder.raw("NOT ");
                self.key(key, true)?;
            }
            SearchKey::Fuzzy(key) => {
                self.encoder.raw("FUZZY ");
                self.key(key, true)?;
            }
            _ => {
                let (argument, problem) = ("search key", "this crate cannot send it");
                return Err(Unencodable { argument, problem });
            }
        }
        Ok(())
    }

    fn all(&mut self, keys: &[SearchKey], nested: bool) -> Result<(), Unencodable> {
        self.encoder.raw(if nested { "(" } else { "" });
        for (place, key) in keys.iter().enumerate() {
            self.encoder.raw(if place > 0 { " " } else { "" });
            self.key(key, true)?;
        }
        self.encoder.raw(if nested { ")" } else { "" });
        Ok(())
    }

    /// Writes a set of UIDs; the saved result is a key by itself: `$`.
    fn uids(&mut self, set: &UidSet) {
        let word = if set.is_saved() { "" } else { "UID " };
        self.encoder.raw(word).uid_set(set.as_numbers());
    }

    fn text(&mut self, text: &str) -> Result<(), Unencodable> {
        match self.charset {
            None | Some(charset::UTF_8) => self.encoder.string(TEXT, text)?,
            Some(charset) => {
                let octets = charset::encode(charset, text).ok_or(Unencodable {
                    argument: TEXT,
                    problem: "cannot be encoded in that charset",
                })?;
                self.encoder.string_of_octets(TEXT, &octets)?
            }
        };
        Ok(())
    }

    fn display(&mut self, value: impl fmt::Display) {
        self.encoder.display(value);
    }
}
