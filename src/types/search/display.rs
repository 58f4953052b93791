//! The human-readable form of search keys.

use std::fmt;

use crate::types::atom::is_atom;
use crate::types::search::SearchKey;
use crate::types::search::parse::MONTHS;

/// Nearly the wire form, which `FromStr` reads: texts are quoted and escaped as in Rust.
impl fmt::Display for SearchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(word) = self.word() {
            return f.write_str(word);
        }
        if let Some((word, text)) = self.text() {
            return write!(f, "{word} {text:?}");
        }
        if let Some((word, date)) = self.date() {
            return write!(f, "{word} {}", rfc_date(&date.to_string()));
        }
        if let Some((word, number)) = self.number() {
            return write!(f, "{word} {number}");
        }
        if let Some((word, name)) = self.name().filter(|(_, name)| is_atom(name)) {
            return write!(f, "{word} {name}");
        }
        if let Some((word, name)) = self.name() {
            return write!(f, "{word} {}", name.escape_debug());
        }
        match self {
            Self::Header { name, value } if is_atom(name) => write!(f, "HEADER {name} {value:?}"),
            Self::Header { name, value } => write!(f, "HEADER {name:?} {value:?}"),
            Self::Uid(set) => write!(f, "UID {set}"),
            Self::Sequence(set) => write!(f, "{set}"),
            Self::ModSeqOf {
                flag,
                entry_type,
                mod_seq,
            } => write!(f, "MODSEQ /flags/{flag} {} {mod_seq}", entry_type.word()),
            Self::GmailLabel(label) => write!(f, "X-GM-LABELS {label:?}"),
            Self::Other { name, arguments } => {
                name.fmt(f)?;
                arguments.iter().try_for_each(|it| match is_atom(it) {
                    true => write!(f, " {it}"),
                    false => write!(f, " {it:?}"),
                })
            }
            // A single key in AND is distinguished from the key itself.
            Self::And(keys) if keys.len() == 1 => {
                f.write_str("(")?;
                write_all(keys, f)?;
                f.write_str(")")
            }
            Self::And(keys) => write_all(keys, f),
            Self::Or(one, other) => write!(f, "OR {} {}", Inner(one), Inner(other)),
            Self::Not(key) => write!(f, "NOT {}", Inner(key)),
            Self::Fuzzy(key) => write!(f, "FUZZY {}", Inner(key)),
            _ => Ok(()),
        }
    }
}

/// A key inside another one: several keys need parentheses.
struct Inner<'a>(&'a SearchKey);

impl fmt::Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SearchKey::And(keys) if keys.len() != 1 => write!(f, "({})", self.0),
            key => key.fmt(f),
        }
    }
}

/// `1-Feb-2026` for `2026-02-01`.
fn rfc_date(iso: &str) -> String {
    let mut parts = iso.rsplitn(3, '-');
    let parts = (parts.next(), parts.next(), parts.next());
    let (Some(day), Some(month), Some(year)) = parts else {
        return iso.to_owned();
    };
    let month = month
        .parse()
        .ok()
        .and_then(|month: usize| MONTHS.get(month.checked_sub(1)?));
    match month {
        Some(month) => format!("{}-{month}-{year}", day.trim_start_matches('0')),
        None => iso.to_owned(),
    }
}

fn write_all(keys: &[SearchKey], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, key) in keys.iter().enumerate() {
        write!(f, "{}{}", if at > 0 { " " } else { "" }, Inner(key))?;
    }
    Ok(())
}
