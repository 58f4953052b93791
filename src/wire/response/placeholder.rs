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
    let Some(word) = word(octets) else {
        return Host::Real;
    };
    let known = HOSTS.iter().find(|(known, _)| *known == word);
    match known {
        Some((_, host)) => *host,
        None if word.starts_with("SYNTAX_") || word.starts_with("INVALID_") => Host::Unparsable,
        None if starts(&word) => Host::Missing,
        None => Host::Real,
    }
}

/// Whether the part before the `@` is no mailbox.
pub(crate) fn is_mailbox(octets: &[u8], has_host: bool) -> bool {
    let Some(word) = word(octets) else {
        return false;
    };
    let bare = octets.strip_prefix(b".").unwrap_or(octets);
    let is_loud = !bare.iter().any(u8::is_ascii_lowercase);
    match has_host {
        true => is_loud && MAILBOXES.contains(&word.as_str()),
        false => starts(&word),
    }
}

fn starts(word: &str) -> bool {
    STARTS.iter().any(|start| word.starts_with(start))
}

/// `.SYNTAX-ERROR.` as `SYNTAX_ERROR`; `None` if it has a dot inside, as hosts have.
fn word(octets: &[u8]) -> Option<String> {
    let octets = octets.strip_prefix(b".").unwrap_or(octets);
    let octets = octets.strip_suffix(b".").unwrap_or(octets);
    let is_word = |octet: &u8| octet.is_ascii_alphabetic() || matches!(octet, b'_' | b'-');
    if octets.len() > 40 || !octets.iter().all(is_word) {
        return None;
    }
    let upper = octets.iter().map(|octet| match octet {
        b'-' => '_',
        letter => char::from(letter.to_ascii_uppercase()),
    });
    Some(upper.collect())
}
