//! How search keys are shown to people.

use std::fmt;

use crate::types::search::SearchKey;

/// Nearly the wire form, for people: texts are quoted and escaped as Rust does it.
impl fmt::Display for SearchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(word) = self.word() {
            return f.write_str(word);
        }
        if let Some((word, text)) = self.text() {
            return write!(f, "{word} {text:?}");
        }
        if let Some((word, date)) = self.date() {
            return write!(f, "{word} {date}");
        }
        if let Some((word, number)) = self.number() {
            return write!(f, "{word} {number}");
        }
        if let Some((word, name)) = self.name() {
            return write!(f, "{word} {}", name.escape_debug());
        }
        match self {
            Self::Header { name, value } => write!(f, "HEADER {name} {value:?}"),
            Self::Uid(set) => write!(f, "UID {set}"),
            Self::Sequence(set) => write!(f, "{set}"),
            Self::ModSeqOf {
                flag,
                entry_type,
                mod_seq,
            } => write!(f, "MODSEQ /flags/{flag} {} {mod_seq}", entry_type.word()),
            Self::GmailLabel(label) => write!(f, "X-GM-LABELS {label:?}"),
            Self::And(keys) => write_all(keys, f),
            Self::Or(one, other) => write!(f, "OR {} {}", Inner(one), Inner(other)),
            Self::Not(key) => write!(f, "NOT {}", Inner(key)),
            Self::Fuzzy(key) => write!(f, "FUZZY {}", Inner(key)),
            _ => Ok(()),
        }
    }
}

/// A key inside another: what is several needs parentheses.
struct Inner<'a>(&'a SearchKey);

impl fmt::Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SearchKey::And(_) => write!(f, "({})", self.0),
            key => key.fmt(f),
        }
    }
}

fn write_all(keys: &[SearchKey], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, key) in keys.iter().enumerate() {
        write!(f, "{}{}", if at > 0 { " " } else { "" }, Inner(key))?;
    }
    Ok(())
}
