//! What is known to fail where.

/// What a server says it has, and has not, or not as the standard has it.
const DEFECTS: &[(&str, &str, &str)] = &[
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
    (
        "pymap 0.36",
        "TLS from the first byte",
        "has no port for it",
    ),
    (
        "pymap 0.36",
        "FETCH of envelope, structure and bodies",
        "gives parts with the line end before their boundary",
    ),
    (
        "pymap 0.36",
        "keywords",
        "takes flags that it does not know, and forgets them",
    ),
    (
        "pymap 0.36",
        "APPEND of binary octets (BINARY)",
        "hangs up on a literal of such octets",
    ),
    (
        "hoodiecrow 2.1",
        "ENABLE",
        "says OK and does not tell what is enabled",
    ),
    ("hoodiecrow 2.1", "FETCH CHANGEDSINCE", "gives all messages"),
    (
        "hoodiecrow 2.1",
        "STORE UNCHANGEDSINCE",
        "does not tell what it left alone",
    ),
    (
        "hoodiecrow 2.1",
        "SEARCH in any language",
        "compares octets as they were sent",
    ),
    (
        "hoodiecrow 2.1",
        "the UID of what was appended",
        "compares octets as they were sent",
    ),
    (
        "hoodiecrow 2.1",
        "REPLACE",
        "does not tell a session of what it stored itself",
    ),
    ("Stalwart 0.16", "ACL", "knows no mailbox there but INBOX"),
    (
        "Stalwart 0.16",
        "what has vanished since (QRESYNC)",
        "tells nothing of what has vanished a moment ago",
    ),
    (
        "Stalwart 0.16",
        "SORT",
        "sorts by the names of senders, not by their addresses",
    ),
    (
        "go-imap 1.2",
        "LIST, LSUB, STATUS",
        "counts no unseen messages",
    ),
    (
        "go-imap 1.2",
        "STATUS of many mailboxes in one go",
        "counts no unseen messages",
    ),
    ("go-imap 1.2", "MOVE", "offers it, and refuses it"),
    (
        "go-imap 1.2",
        "moving to the trash",
        "offers MOVE, and refuses it",
    ),
    (
        "go-imap 1.2",
        "news of a mailbox as events",
        "tells nothing that others did",
    ),
    ("go-imap 1.2", "IDLE", "tells nothing that others did"),
];

/// What cannot be asked here, and why.
const NOT_TRIED: &[(&str, &str, &str)] = &[
    (
        "Stalwart 0.16",
        "XOAUTH2",
        "its tokens come from its web server, which does not run here",
    ),
    (
        "Stalwart 0.16",
        "OAUTHBEARER",
        "its tokens come from its web server, which does not run here",
    ),
];

/// Whether it is not tried on this server.
pub(super) fn is_not_tried(server: &str, what: &str) -> bool {
    NOT_TRIED
        .iter()
        .any(|(where_it_is, which, _)| (*where_it_is, *which) == (server, what))
}

/// Whether it is known that this fails on this server.
pub(super) fn has(server: &str, what: &str) -> bool {
    DEFECTS
        .iter()
        .any(|(where_it_is, which, _)| (*where_it_is, *which) == (server, what))
}
