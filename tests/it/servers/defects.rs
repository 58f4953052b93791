//! What is known to fail where.

/// What a server says it has, and has not, or not as the standard has it.
const DEFECTS: &[(&str, &str, &str)] = &[
    (
        "Courier 5.0",
        "mailbox names with emoji",
        "refuses what lies beyond 16 bits",
    ),
    (
        "imap4d 3.15",
        "keywords",
        "refuses flags that it does not know",
    ),
    (
        "Cyrus 3.6",
        "SCRAM-SHA-256-PLUS",
        "takes no channel binding but tls-unique",
    ),
    (
        "Cyrus 3.6",
        "SEARCH=FUZZY",
        "finds what its indexer has seen, and that does not run here",
    ),
    (
        "Cyrus 3.6",
        "PREVIEW",
        "has one only where something has stored it",
    ),
    (
        "imap4d 3.15",
        "SCRAM-SHA-256-PLUS",
        "refuses every channel binding",
    ),
    (
        "imap4d 3.15",
        "EXTERNAL",
        "offers it, and refuses it to everybody",
    ),
    (
        "imap4d 3.15",
        "ANONYMOUS",
        "offers it, and refuses it to everybody",
    ),
    (
        "imap4d 3.15",
        "APPEND with flags and a date",
        "stores it without the flags",
    ),
    (
        "imap4d 3.15",
        "IDLE",
        "accepts it, and never tells anything",
    ),
];

/// Whether it is known that this fails on this server.
pub(super) fn has(server: &str, what: &str) -> bool {
    DEFECTS
        .iter()
        .any(|(where_it_is, which, _)| (*where_it_is, *which) == (server, what))
}
