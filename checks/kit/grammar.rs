//! The grammar of the kit and that of `imap-codec` take the same commands: many, and each of them with
//! one octet more, less or another.

use std::collections::BTreeMap;

use imap_codec::CommandCodec;
use imap_codec::decode::Decoder as _;
use latchbox_testkit::Server;

use crate::raw::Raw;

/// Commands that both know, of every group. The user does not exist, so that none is carried out.
const COMMANDS: &[&str] = &[
    "CAPABILITY",
    "NOOP",
    "ID NIL",
    "ID (\"name\" \"a\" \"version\" NIL)",
    "LOGIN nobody \"p \\\"w\"",
    "AUTHENTICATE OTHER AAAA",
    "ENABLE CONDSTORE UTF8=ACCEPT",
    "COMPRESS DEFLATE",
    "NAMESPACE",
    "IDLE",
    "CHECK",
    "CLOSE",
    "UNSELECT",
    "EXPUNGE",
    "SELECT INBOX",
    "SELECT INBOX (CONDSTORE)",
    "SELECT \"a b\" (QRESYNC (67890007 20050715194045000 41,43:211 (1,3 41,43)))",
    "EXAMINE Entw&APw-rfe",
    "CREATE a/b",
    "DELETE \"a\\\\b\"",
    "RENAME a \"b c\"",
    "SUBSCRIBE a",
    "UNSUBSCRIBE a",
    "LIST \"\" \"*\"",
    "LIST a/ %b]",
    "LSUB \"\" *",
    "STATUS a (MESSAGES UIDNEXT SIZE)",
    "APPEND a (\\Seen $x) \" 7-Feb-1994 21:52:25 -0800\" {2+}\r\nab",
    "APPEND a ~{2+}\r\nab",
    "GETQUOTA \"\"",
    "GETQUOTAROOT a",
    "SETQUOTA \"\" (STORAGE 512 MESSAGE 10)",
    "GETMETADATA (MAXSIZE 1024 DEPTH 1) a (/shared/comment /private/x)",
    "SETMETADATA a (/private/comment \"x y\" /shared/b NIL)",
    "SEARCH ALL",
    "SEARCH CHARSET UTF-8 OR SEEN NOT DELETED",
    "UID SEARCH 1:*,5 UID 7 (FROM a SUBJECT \"b c\")",
    "SEARCH SINCE 1-Feb-1994 BEFORE \"12-Mar-2020\" LARGER 10",
    "SEARCH HEADER X-A \"\" KEYWORD $Work UNKEYWORD b",
    "SEARCH YOUNGER 10 MODSEQ 5",
    "SORT (REVERSE DATE SUBJECT) UTF-8 ALL",
    "UID THREAD REFERENCES UTF-8 SEEN",
    "FETCH 1 ALL",
    "FETCH 1,3:* (FLAGS UID MODSEQ)",
    "UID FETCH 1 (BODY[] BODY.PEEK[1.2.HEADER.FIELDS (To \"X A\")]<0.100>)",
    "UID FETCH 1 BODY[1.MIME]",
    "UID FETCH 1 (BINARY.PEEK[1.2]<5.10> BINARY.SIZE[1])",
    "UID FETCH 1:* FLAGS (CHANGEDSINCE 12 VANISHED)",
    "STORE 1 +FLAGS (\\Seen a)",
    "UID STORE 1:3 (UNCHANGEDSINCE 12) -FLAGS.SILENT \\Deleted $b",
    "STORE 1 FLAGS ()",
    "COPY 1:2 a",
    "UID MOVE 1,2 \"a b\"",
    "UID EXPUNGE 1:5",
];

/// What an octet is replaced by, and what is put between two.
const OCTETS: &[u8] = b" ()\"\\*%a0]<.,:+&/\x80";

/// What the kit alone refuses: why, and with which words. It takes nothing that the other does not.
const ALLOWED: &[(&str, &str)] = &[
    (
        "a number that is not 0 begins with another digit (RFC 9051, section 9, nz-number)",
        "does not begin with 0",
    ),
    (
        "entries are private or shared (RFC 5464, section 6.2), and their names have no * and %",
        "an entry's name is a path below /shared or /private",
    ),
    (
        "a server knows the algorithms that it advertises (RFC 5256, section 3)",
        "a threading algorithm that is advertised expected",
    ),
    (
        "a server has only the system flags that are defined (RFC 9051, section 9, flag-extension)",
        "there is no system flag",
    ),
    (
        "what comes after the name of an algorithm that is known is no part of it",
        "a space expected, not \"",
    ),
    (
        "a set of known UIDs has no * (RFC 7162, section 7, known-uids)",
        "a set of known messages has no *",
    ),
    (
        "fields have one space between them and none after the last (RFC 2971, section 3.3)",
        "a field in quotes expected, not \")\"",
    ),
];

/// A command with every octet taken out, replaced, and preceded by another.
fn neighbours(command: &str) -> Vec<Vec<u8>> {
    let octets = command.as_bytes();
    let mut all = vec![octets.to_vec()];
    // A literal's octets are of no interest, and its length stays true.
    let end = command.find('{').unwrap_or(octets.len());
    for at in 0..end {
        let (before, after) = (&octets[..at], &octets[at..]);
        all.push([before, &after[1..]].concat());
        for octet in OCTETS {
            all.push([before, &[*octet], &after[1..]].concat());
            all.push([before, &[*octet], after].concat());
        }
    }
    all.sort();
    all.dedup();
    all
}

fn codec_takes(command: &[u8]) -> bool {
    matches!(CommandCodec::default().decode(command), Ok((b"", _)))
}

/// What the kit says to each of the commands: whether its grammar takes it.
fn kit_takes(raw: &mut Raw, commands: &[Vec<u8>]) -> Vec<(bool, String)> {
    let mut all = Vec::new();
    for commands in commands.chunks(200) {
        commands.iter().for_each(|command| raw.send(command));
        for _ in commands {
            let answer = loop {
                let line = raw.response();
                if line.starts_with("a ") {
                    break line;
                }
            };
            let is_wrong = answer.starts_with("a BAD Octet ");
            all.push((!is_wrong, answer));
        }
    }
    all
}

#[test]
fn another_grammar_takes_the_same_commands() {
    let server = Server::builder().timeline_limit(100).start().unwrap();
    let mut raw = Raw::connect(server.port());
    let mut different: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut count, mut taken) = (0, 0);
    for command in COMMANDS {
        let commands = neighbours(command).into_iter();
        let commands: Vec<Vec<u8>> = commands
            .map(|command| [b"a ", &command[..], b"\r\n"].concat())
            .collect();
        for (command, (kit, answer)) in commands.iter().zip(kit_takes(&mut raw, &commands)) {
            let codec = codec_takes(command);
            count += 1;
            taken += usize::from(kit);
            let is_allowed = ALLOWED.iter().any(|(_, words)| answer.contains(words));
            if kit != codec && (kit || !is_allowed) {
                let who = if kit {
                    "the kit alone takes"
                } else {
                    "the kit alone refuses"
                };
                let found = format!("{} -> {answer}", command.escape_ascii());
                different.entry(who).or_default().push(found);
            }
        }
    }
    println!("{count} commands, of which {taken} are taken");
    assert!(different.is_empty(), "{different:#?}");
}
