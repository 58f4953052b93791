//! The forms in which values are stored by serde: numbers, and the texts of `Display`.

use std::fmt::{self, Display, Write};
use std::marker::PhantomData;
use std::str::FromStr;

use serde_core::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde_core::ser::{self, Serialize, Serializer};

use crate::types::account_checkpoint::AccountCheckpoint;
use crate::types::account_id::AccountId;
use crate::types::capability::Capability;
use crate::types::checkpoint::Checkpoint;
use crate::types::date::Date;
use crate::types::date_time::{DateTime, LocalDateTime};
use crate::types::flag::{Flag, Keyword};
use crate::types::mailbox_name::MailboxName;
use crate::types::percent;
use crate::types::server_url::ServerUrl;
use crate::types::special_use::SpecialUse;
use crate::types::stored_uids::StoredUids;
use crate::types::uid::{ModSeq, SeqNum, Uid, UidValidity};

/// A value that is stored as a number or a text.
trait Stored: Sized {
    /// The expected value, for an error.
    const WHAT: &'static str;

    fn of_number(_number: u64) -> Option<Self> {
        None
    }

    /// The value, or the text of an error.
    fn of_text(_text: &str) -> Result<Self, Option<String>> {
        Err(None)
    }
}

/// Reads a value and checks it.
struct Reader<T>(PhantomData<T>);

impl<T: Stored> Visitor<'_> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        let value = T::of_number(number);
        value.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        let value = u64::try_from(number).ok().and_then(T::of_number);
        value.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::of_text(text).map_err(|error| match error {
            Some(error) => E::custom(error),
            None => E::invalid_value(Unexpected::Str(text), &self),
        })
    }
}

macro_rules! numbers {
    ($($name:ident, $write:ident, $read:ident, $what:literal;)*) => {$(
        /// Writes a number (feature `serde`).
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.$write(self.value())
            }
        }

        /// Reads a number; one out of range is an error that contains it (feature `serde`).
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.$read(Reader(PhantomData))
            }
        }

        impl Stored for $name {
            const WHAT: &'static str = $what;

            fn of_number(number: u64) -> Option<Self> {
                Self::new(TryFrom::try_from(number).ok()?)
            }
        }
    )*};
}

numbers! {
    Uid, serialize_u32, deserialize_u32, "a UID from 1 to 4294967295";
    UidValidity, serialize_u32, deserialize_u32, "a UIDVALIDITY from 1 to 4294967295";
    SeqNum, serialize_u32, deserialize_u32, "a sequence number from 1 to 4294967295";
    ModSeq, serialize_u64, deserialize_u64, "a mod-sequence from 1 to 9223372036854775807";
}

macro_rules! texts {
    ($($name:ident, $what:literal, $write:ident, $read:ident;)*) => {$(
        /// Writes the text that `Deserialize` reads (feature `serde`); see [`types`](crate::types).
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $write(self, serializer)
            }
        }

        /// Reads the text that `Serialize` writes (feature `serde`); see [`types`](crate::types).
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Reader(PhantomData))
            }
        }

        impl Stored for $name {
            const WHAT: &'static str = $what;

            fn of_text(text: &str) -> Result<Self, Option<String>> {
                $read(text)
            }
        }
    )*};
}

texts! {
    AccountCheckpoint, "a checkpoint of an account", write_checkpoint, read_secretly;
    AccountId, "an account", write_account, read_secretly;
    Capability, "a capability", write, read;
    Checkpoint, "a checkpoint", write_mailbox_checkpoint, read_secretly;
    Date, "a date such as 2026-11-01", write, read;
    DateTime, "a date and time such as 2026-11-01T12:00:00+01:00", write, read;
    Flag, "a flag", write_flag, read_flag;
    Keyword, "a keyword", write_keyword, read_keyword;
    LocalDateTime, "a date and time such as 2026-11-01T12:00:00", write, read;
    MailboxName, "a mailbox name", write_name, read_name;
    ServerUrl, "a URL of a server", write, read_secretly;
    SpecialUse, "a special use such as \\Trash", write, read;
    StoredUids, "stored UIDs", write_uids, read_secretly;
}

fn write<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// By `FromStr`; the error of serde contains the text and the expected form.
fn read<T: FromStr>(text: &str) -> Result<T, Option<String>> {
    text.parse().map_err(|_| None)
}

/// By `FromStr`, whose error does not contain the text, because a password may be in it.
fn read_secretly<T: FromStr<Err: Display>>(text: &str) -> Result<T, Option<String>> {
    text.parse()
        .map_err(|error: T::Err| Some(error.to_string()))
}

/// The account of a login that named no user is not known to other logins.
fn check<E: ser::Error>(account: &AccountId) -> Result<(), E> {
    match account.is_named() {
        true => Ok(()),
        false => Err(E::custom(
            "the account of a login that named no user cannot be stored; \
             ClientBuilder::account_name gives it a name",
        )),
    }
}

fn write_account<S: Serializer>(account: &AccountId, serializer: S) -> Result<S::Ok, S::Error> {
    check(account)?;
    serializer.collect_str(account)
}

fn write_checkpoint<S: Serializer>(
    checkpoint: &AccountCheckpoint,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    check(checkpoint.account())?;
    serializer.collect_str(checkpoint)
}

fn write_mailbox_checkpoint<S: Serializer>(
    checkpoint: &Checkpoint,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    checkpoint.account().map_or(Ok(()), check)?;
    serializer.collect_str(checkpoint)
}

fn write_uids<S: Serializer>(uids: &StoredUids, serializer: S) -> Result<S::Ok, S::Error> {
    uids.account().map_or(Ok(()), check)?;
    serializer.collect_str(uids)
}

/// The name itself; `Display` escapes characters from a server.
fn write_flag<S: Serializer>(flag: &Flag, serializer: S) -> Result<S::Ok, S::Error> {
    match flag {
        Flag::Keyword(name) => serializer.serialize_str(name.as_str()),
        Flag::Extension(name) => serializer.collect_str(&format_args!("\\{}", name.as_str())),
        system => serializer.collect_str(system),
    }
}

/// Accepts every text, as from a server: one invalid flag must not make a whole file unreadable.
fn read_flag(text: &str) -> Result<Flag, Option<String>> {
    Ok(Flag::from_server(text.as_bytes()))
}

fn write_keyword<S: Serializer>(keyword: &Keyword, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(keyword.as_str())
}

/// Accepts every text, as for a flag.
fn read_keyword(text: &str) -> Result<Keyword, Option<String>> {
    Ok(Keyword::from_stored(text))
}

/// The separator between the text and the octets of a name that its text alone would not rebuild.
const OCTETS: &str = ";OCTETS=";

/// The name itself, or `text;OCTETS=octets` with both percent-encoded if the name could not be
/// rebuilt from that: it has octets of its own, a character that only a server can put into it, or
/// this separator.
fn write_name<S: Serializer>(name: &MailboxName, serializer: S) -> Result<S::Ok, S::Error> {
    let text = name.as_str();
    if !text.contains(OCTETS) && MailboxName::new(text).as_ref() == Ok(name) {
        return serializer.serialize_str(text);
    }
    serializer.serialize_str(&with_octets(name).map_err(ser::Error::custom)?)
}

fn with_octets(name: &MailboxName) -> Result<String, fmt::Error> {
    let mut text = String::new();
    percent::encode(name.as_str().as_bytes(), is_plain, &mut text)?;
    text.write_str(OCTETS)?;
    percent::encode(name.wire().unwrap_or_default(), is_plain, &mut text)?;
    Ok(text)
}

fn read_name(text: &str) -> Result<MailboxName, Option<String>> {
    let Some((name, octets)) = text.split_once(OCTETS) else {
        return MailboxName::new(text).map_err(|_| None);
    };
    let name = percent::decode(name, is_plain).and_then(|name| String::from_utf8(name).ok());
    let octets = percent::decode(octets, is_plain);
    let (name, octets) = name.zip(octets).ok_or(None)?;
    // Without octets of its own, the name is its text, which may contain characters that a caller's
    // cannot.
    let is_its_text = octets.is_empty();
    Ok(MailboxName::from_wire(&octets, &name, is_its_text))
}

/// Whether an octet is written unencoded in the percent-encoded form.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet)
}

#[cfg(test)]
mod tests;
