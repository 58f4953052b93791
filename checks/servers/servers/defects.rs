//! What is known to fail where.

/// What a server advertises and does not have, or not as the standard has it: the server, the check, the
/// defect, and what the check's failure says because of it. Any other failure is not the defect.
const DEFECTS: &[(&str, &str, &str, &str)] = &[
    (
        "imap4d 3.15",
        "keywords",
        "refuses flags that it does not know",
        "Unrecognized flag",
    ),
    (
        "Cyrus 3.6",
        "SCRAM-SHA-256-PLUS",
        "takes no channel binding but tls-unique",
        "bad protocol / cancel",
    ),
    (
        "Cyrus 3.6",
        "SEARCH=FUZZY",
        "finds what its indexer has seen, and that does not run here",
        "left: \"\" right: \"1:2,4\"",
    ),
    (
        "Cyrus 3.6",
        "PREVIEW",
        "has one only where something has stored it",
        "`Option::unwrap()` on a `None` value",
    ),
    (
        "imap4d 3.15",
        "SCRAM-SHA-256-PLUS",
        "refuses every channel binding",
        "AUTHENTICATE SCRAM-SHA-256-PLUS authentication failed",
    ),
    (
        "imap4d 3.15",
        "EXTERNAL",
        "offers it, and refuses it to everybody",
        "AUTHENTICATE EXTERNAL authentication failed",
    ),
    (
        "imap4d 3.15",
        "ANONYMOUS",
        "offers it, and refuses it to everybody",
        "AUTHENTICATE ANONYMOUS authentication failed",
    ),
    (
        "imap4d 3.15",
        "APPEND with flags and a date",
        "stores it without the flags",
        "[Recent]",
    ),
    (
        "imap4d 3.15",
        "IDLE",
        "accepts it, and never tells anything",
        "events.any(|event| is_new(&event))",
    ),
    (
        "pymap 0.36",
        "implicit TLS",
        "has no port for it",
        "Connection refused",
    ),
    (
        "pymap 0.36",
        "FETCH of envelope, structure and bodies",
        "gives parts with the line end before their boundary",
        "90, 81, 61, 61, 13, 10]) right:",
    ),
    (
        "pymap 0.36",
        "keywords",
        "takes flags that it does not know, and forgets them",
        "stored.changed()[0].flags().unwrap().contains(&work)",
    ),
    (
        "pymap 0.36",
        "APPEND of binary octets (BINARY)",
        "hangs up on a literal of such octets",
        "UID FETCH: the server closed the connection",
    ),
    (
        "hoodiecrow 2.1",
        "FETCH CHANGEDSINCE",
        "gives all messages",
        "left: 3 right: 1",
    ),
    (
        "hoodiecrow 2.1",
        "STORE UNCHANGEDSINCE",
        "does not tell what it left alone",
        "left: \"\" right: \"1\"",
    ),
    (
        "hoodiecrow 2.1",
        "SEARCH in any language",
        "compares octets as they were sent",
        "left: \"\" right: \"3\"",
    ),
    (
        "hoodiecrow 2.1",
        "the UID of the appended message",
        "compares octets as they were sent",
        "left: UidSet() right: UidSet(1)",
    ),
    (
        "hoodiecrow 2.1",
        "REPLACE",
        "does not tell a session of what it stored itself",
        "left: 1 right: 2",
    ),
    (
        "Stalwart 0.16",
        "ACL",
        "knows no mailbox there but INBOX",
        "MYRIGHTS: the server answered NO",
    ),
    (
        "Stalwart 0.16",
        "messages expunged since (QRESYNC)",
        "tells nothing of what has vanished a moment ago",
        "left: \"\" right: \"2\"",
    ),
    (
        "Stalwart 0.16",
        "SORT",
        "sorts by the names of senders, not by their addresses",
        "right: [4, 3, 2, 1]",
    ),
    (
        "go-imap 1.2",
        "LIST, LSUB, STATUS",
        "counts no unseen messages",
        "left: (Some(2), Some(0)) right: (Some(2), Some(2))",
    ),
    (
        "go-imap 1.2",
        "STATUS of many mailboxes, pipelined",
        "counts no unseen messages",
        "left: Some(0) right: Some(2)",
    ),
    (
        "go-imap 1.2",
        "MOVE",
        "offers it, and refuses it",
        "MOVE extension not supported",
    ),
    (
        "go-imap 1.2",
        "moving to the trash",
        "offers MOVE, and refuses it",
        "MOVE extension not supported",
    ),
    (
        "go-imap 1.2",
        "events of the selected mailbox",
        "tells nothing that others did",
        "no news",
    ),
    (
        "go-imap 1.2",
        "IDLE",
        "tells nothing that others did",
        "events.any(|event| is_new(&event))",
    ),
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

/// What this check's failure says on this server, if it is known to fail there.
pub(super) fn seen(server: &str, what: &str) -> Option<&'static str> {
    let mut known = DEFECTS.iter();
    let known = known.find(|(place, which, _, _)| (*place, *which) == (server, what));
    known.map(|(_, _, _, seen)| *seen)
}
