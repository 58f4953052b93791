//! Words that servers write in place of a mailbox or a host that a header does not have.

/// The meaning of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Real,
    /// There is none: the address has only the part before the `@`.
    Missing,
    /// The server could not parse the address, so the part before the `@` is no mailbox either.
    Unparsable,
}

/// Dovecot, UW IMAP and Panda, Exchange, Cyrus, QQ.
const HOSTS: [(&str, Host); 7] = [
    ("MISSING_DOMAIN", Host::Missing),
    ("MISSING_HOST_NAME", Host::Missing),
    ("UNSPECIFIED_DOMAIN", Host::Missing),
    ("UNKNOWN_DOMAIN", Host::Missing),
    ("UNKNOWN", Host::Missing),
    ("SYNTAX_ERROR", Host::Unparsable),
    ("INVALID_ADDRESS", Host::Unparsable),
];

/// Those of mailboxes, which could stand before a real host.
const MAILBOXES: [&str; 7] = [
    "MISSING_MAILBOX",
    "MISSING_MAILBOX_TERMINATOR",
    "MISSING_DOMAIN",
    "SYNTAX_ERROR",
    "INVALID_ADDRESS",
    "UNEXPECTED_DATA_AFTER_ADDRESS",
    "UNKNOWN_MAILBOX",
];

/// Their common beginnings: no host has such a name, and no mailbox without a host.
const STARTS: [&str; 7] = [
    "MISSING_",
    "SYNTAX_",
    "INVALID_",
    "UNEXPECTED_",
    "UNKNOWN_",
    "UNKONWN_",
    "UNSPECIFIED_",
];

/// The meaning of a host.
pub(crate) fn host(octets: &[u8]) -> Host {
    if octets.trim_ascii().is_empty() {
        return Host::Missing;
    }
    let Some(word) = Word::of(octets) else {
        return Host::Real;
    };
    let known = HOSTS.iter().find(|(known, _)| word.is(known));
    match known {
        Some((_, host)) => *host,
        None if word.starts_with("SYNTAX_") || word.starts_with("INVALID_") => Host::Unparsable,
        None if word.starts() => Host::Missing,
        None => Host::Real,
    }
}

/// Whether the part before the `@` is no mailbox.
pub(crate) fn is_mailbox(octets: &[u8], has_host: impl FnOnce() -> bool) -> bool {
    let Some(word) = Word::of(octets) else {
        return false;
    };
    let bare = octets.strip_prefix(b".").unwrap_or(octets);
    let is_loud = !bare.iter().any(u8::is_ascii_lowercase);
    match has_host() {
        true => is_loud && MAILBOXES.iter().any(|known| word.is(known)),
        false => word.starts(),
    }
}

/// `.SYNTAX-ERROR.` as `SYNTAX_ERROR`.
struct Word([u8; LONGEST], usize);

/// The length of the longest such word, and more.
const LONGEST: usize = 40;

impl Word {
    /// `None` if it has a dot inside, as hosts have, or none of these words begins with its letter.
    fn of(octets: &[u8]) -> Option<Word> {
        let octets = octets.strip_prefix(b".").unwrap_or(octets);
        if !matches!(
            octets,
            [b'M' | b'm' | b'S' | b's' | b'I' | b'i' | b'U' | b'u', ..]
        ) {
            return None;
        }
        let octets = octets.strip_suffix(b".").unwrap_or(octets);
        let mut word = [0; LONGEST];
        for (at, octet) in octets.iter().enumerate() {
            *word.get_mut(at)? = match octet {
                b'-' | b'_' => b'_',
                letter if letter.is_ascii_alphabetic() => letter.to_ascii_uppercase(),
                _ => return None,
            };
        }
        Some(Word(word, octets.len()))
    }

    fn is(&self, known: &str) -> bool {
        self.1 == known.len() && self.starts_with(known)
    }

    fn starts_with(&self, start: &str) -> bool {
        self.0.starts_with(start.as_bytes())
    }

    /// Whether it begins as one of these words do.
    fn starts(&self) -> bool {
        STARTS.iter().any(|start| self.starts_with(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_known() {
        for (host, meaning) in HOSTS {
            assert_eq!(super::host(host.as_bytes()), meaning, "{host}");
            let odd = format!(".{}.", host.to_lowercase().replace('_', "-"));
            assert_eq!(super::host(odd.as_bytes()), meaning, "{odd}");
        }
        for mailbox in MAILBOXES {
            assert!(is_mailbox(mailbox.as_bytes(), || true), "{mailbox}");
            assert!(
                !is_mailbox(mailbox.to_lowercase().as_bytes(), || true),
                "{mailbox}"
            );
        }
        for start in STARTS {
            assert!(
                is_mailbox(format!("{start}X").as_bytes(), || false),
                "{start}"
            );
            assert!(
                !is_mailbox(format!("{start}.X").as_bytes(), || false),
                "{start}"
            );
        }
    }
}
