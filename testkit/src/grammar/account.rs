//! The commands of QUOTA, ACL and METADATA.

use crate::grammar::reader::{Parsed, Reader};

/// A command of RFC 4314.
#[derive(Debug)]
pub(crate) struct Acl {
    pub(crate) mailbox: String,
    pub(crate) of: AclCommand,
}

/// What is asked or changed.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum AclCommand {
    Get,
    MyRights,
    ListRights { identifier: String },
    Set { identifier: String, change: String },
    Delete { identifier: String },
}

/// A GETMETADATA (RFC 5464).
#[derive(Debug)]
pub(crate) struct GetMetadata {
    /// Empty for the server.
    pub(crate) mailbox: String,
    /// In small letters.
    pub(crate) entries: Vec<String>,
    pub(crate) max_size: Option<u32>,
    pub(crate) depth: Depth,
}

/// How far below the entries GETMETADATA looks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Depth {
    #[default]
    Zero,
    One,
    Infinity,
}

/// An entry's name, in small letters, and its value.
pub(crate) type Value = (String, Option<Vec<u8>>);

impl Reader<'_> {
    /// What follows SETQUOTA: the root, and limits by resource (RFC 9208).
    pub(super) fn set_quota(&mut self) -> Parsed<(String, Vec<(String, u64)>)> {
        self.space()?;
        let root = self.astring_text("a quota root")?;
        self.space()?;
        let limits = self.list_or_none(|reader| {
            let resource = reader.atom("a resource")?;
            reader.space()?;
            Ok((resource, reader.number64("a limit")?))
        })?;
        Ok((root, limits))
    }

    /// What follows the name of a command of RFC 4314.
    pub(super) fn acl(&mut self, verb: &str) -> Parsed<Acl> {
        let mailbox = self.of_mailbox()?;
        let identifier = |reader: &mut Self| {
            reader.space()?;
            reader.astring_text("an identifier")
        };
        let of = match verb {
            "GETACL" => AclCommand::Get,
            "MYRIGHTS" => AclCommand::MyRights,
            "LISTRIGHTS" => AclCommand::ListRights {
                identifier: identifier(self)?,
            },
            "DELETEACL" => AclCommand::Delete {
                identifier: identifier(self)?,
            },
            _ => {
                let identifier = identifier(self)?;
                self.space()?;
                let change = self.rights()?;
                AclCommand::Set { identifier, change }
            }
        };
        Ok(Acl { mailbox, of })
    }

    /// Rights with a sign or without, in small letters.
    fn rights(&mut self) -> Parsed<String> {
        let at = self.place();
        let rights = self.astring_text("rights")?;
        let letters = rights.trim_start_matches(['+', '-']);
        let is_right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        match letters.chars().all(is_right) && rights.len() <= letters.len() + 1 {
            true => Ok(rights),
            false => Err(self.wrong_at(at, "rights are small letters and digits")),
        }
    }

    /// What follows GETMETADATA. The options stand before the mailbox in the grammar of RFC 5464,
    /// and behind it in its examples.
    pub(super) fn get_metadata(&mut self) -> Parsed<GetMetadata> {
        let mut get = GetMetadata {
            mailbox: String::new(),
            entries: Vec::new(),
            max_size: None,
            depth: Depth::Zero,
        };
        self.space()?;
        let are_first = self.peek() == Some(b'(');
        if are_first {
            self.list(|reader| reader.metadata_option(&mut get))?;
            self.space()?;
        }
        get.mailbox = self.mailbox()?;
        self.space()?;
        let is_option = ["(MAXSIZE ", "(DEPTH "].iter().any(|option| {
            let next = self.rest().get(..option.len());
            next.is_some_and(|next| next.eq_ignore_ascii_case(option.as_bytes()))
        });
        if !are_first && is_option {
            self.list(|reader| reader.metadata_option(&mut get))?;
            self.space()?;
        }
        get.entries = match self.peek() {
            Some(b'(') => self.list(Self::entry)?,
            _ => vec![self.entry()?],
        };
        Ok(get)
    }

    fn metadata_option(&mut self, get: &mut GetMetadata) -> Parsed<()> {
        match self.next_word().as_str() {
            "MAXSIZE" => {
                self.word();
                self.space()?;
                get.max_size = Some(self.number("a size")?);
            }
            "DEPTH" => {
                self.word();
                self.space()?;
                get.depth = match self.next_word().as_str() {
                    "0" => Depth::Zero,
                    "1" => Depth::One,
                    "INFINITY" => Depth::Infinity,
                    _ => return Err(self.expected("0, 1 or infinity")),
                };
                self.word();
            }
            _ => return Err(self.expected("MAXSIZE or DEPTH")),
        }
        Ok(())
    }

    /// The name of an entry, in small letters.
    pub(super) fn entry(&mut self) -> Parsed<String> {
        let at = self.place();
        let name = self.astring_text("an entry")?.to_ascii_lowercase();
        let is_name = ["/shared/", "/private/"].iter().any(|root| {
            let rest = name.strip_prefix(root);
            rest.is_some_and(|rest| !rest.is_empty()) || name == root.trim_end_matches('/')
        });
        let is_well_formed = name.is_ascii()
            && !name.contains(['*', '%'])
            && !name.contains("//")
            && !name.ends_with('/')
            && name.bytes().all(|byte| byte > 0x19);
        match is_name && is_well_formed {
            true => Ok(name),
            false => Err(self.wrong_at(at, "an entry's name is a path below /shared or /private")),
        }
    }

    /// What follows SETMETADATA.
    pub(super) fn set_metadata(&mut self) -> Parsed<(String, Vec<Value>)> {
        let name = self.of_mailbox()?;
        self.space()?;
        let values = self.list(|reader| {
            let entry = reader.entry()?;
            reader.space()?;
            let value = match reader.peek() {
                Some(b'~') => {
                    let literal = reader.literal_or_literal8("a value")?;
                    Some(literal.octets.to_vec())
                }
                _ => reader.nstring("a value")?,
            };
            Ok((entry, value))
        })?;
        Ok((name, values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_and_who_has_them() {
        let acl = |verb: &str, text: &str| {
            let mut reader = Reader::new(text.as_bytes(), false);
            let acl = reader.acl(verb).map_err(|wrong| wrong.text())?;
            Ok::<_, String>((acl.mailbox, acl.of))
        };
        let set = AclCommand::Set {
            identifier: "-b c".to_owned(),
            change: "+lr".to_owned(),
        };
        assert_eq!(
            acl("SETACL", " inbox \"-b c\" +lr"),
            Ok(("INBOX".to_owned(), set))
        );
        assert!(acl("SETACL", " inbox b LR").is_err());
        assert!(acl("SETACL", " inbox b ++l").is_err());
        assert!(acl("LISTRIGHTS", " inbox").is_err());
    }

    #[test]
    fn options_of_metadata_stand_on_either_side_of_the_mailbox() {
        let get = |text: &str| {
            let mut reader = Reader::new(text.as_bytes(), false);
            let get = reader.get_metadata().map_err(|wrong| wrong.text())?;
            Ok::<_, String>((get.max_size, get.depth, get.entries))
        };
        let expected = Ok((Some(9), Depth::One, vec!["/shared/a".to_owned()]));
        assert_eq!(get(" (MAXSIZE 9 DEPTH 1) \"\" /shared/a"), expected);
        assert_eq!(get(" \"\" (MAXSIZE 9 DEPTH 1) (/Shared/A)"), expected);
        for wrong in [
            "comment",
            "/shared//a",
            "/shared/",
            "/shared/*",
            "/other/a",
            "()",
        ] {
            assert!(get(&format!(" \"\" {wrong}")).is_err(), "{wrong}");
        }
    }
}
