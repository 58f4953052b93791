//! The answers: many rows, or a kind of response of a given length.

use std::io;

use crate::kinds::{Form, Kind};

/// An answer, and the command that it is for.
pub(crate) struct Answer {
    /// How the command's line begins.
    pub(crate) command: &'static str,
    pub(crate) octets: Vec<u8>,
    /// How many messages the mailbox has.
    pub(crate) exists: usize,
}

/// Where octets of a kind lie ready, in the directory in which the counting is done: making them up
/// there takes longer than what is counted.
pub(crate) fn file_name(kind: &Kind, form: Form, length: usize) -> String {
    let letters = kind.name.chars();
    let plain = |letter: char| {
        if letter.is_alphanumeric() {
            letter
        } else {
            '_'
        }
    };
    let name: String = letters.map(plain).collect();
    format!("{name}-{form:?}-{length}")
}

/// About so many octets of a kind.
pub(crate) fn of_kind(kind: &Kind, form: Form, length: usize) -> io::Result<Answer> {
    let octets = match std::fs::read(file_name(kind, form, length)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => kind.octets(form, length),
        read => read?,
    };
    let words = match kind.command.starts_with("UID ") {
        true => 2,
        false => 1,
    };
    let end = kind.command.match_indices(' ').nth(words - 1);
    let command = end.map_or(kind.command, |(end, _)| kind.command.split_at(end).0);
    Ok(Answer {
        command,
        octets,
        exists: match kind.command {
            "UID FETCH" if form == Form::Long => 1,
            _ => 10_000_000,
        },
    })
}

/// So many mailboxes with plain names, names in other letters, or counts.
pub(crate) fn mailboxes(work: &str, count: usize) -> Answer {
    let name = |number: usize| match work {
        "list, other letters" => format!("Archiv/Entw&APw-rfe {number}/&ZeVnLIqe-"),
        _ => format!("Archive/Projects {number}/Drafts"),
    };
    let one = |number: usize| {
        let name = name(number);
        let counts = match work {
            "list, counts" => format!(
                "* STATUS \"{name}\" (MESSAGES {number} UNSEEN 7 UIDNEXT 4392 UIDVALIDITY 3857529045)\r\n"
            ),
            _ => String::new(),
        };
        format!("* LIST (\\HasNoChildren) \"/\" \"{name}\"\r\n{counts}")
    };
    Answer {
        command: "LIST",
        octets: (1..=count).map(one).collect::<String>().into_bytes(),
        exists: 1,
    }
}

/// So many messages with what the work asks for of each.
pub(crate) fn rows(work: &str, count: usize) -> Answer {
    let row = |number: usize| match work {
        "flags" => format!("* {number} FETCH (UID {number} FLAGS (\\Seen $Work))\r\n"),
        "mod-sequences" => format!(
            "* {number} FETCH (UID {number} FLAGS (\\Seen $Work) MODSEQ ({}))\r\n",
            700_000 + number
        ),
        "small bodies" => literal(number, "", 6_000),
        "bodies" => literal(number, "", 20_000),
        "header fields" => literal(number, "HEADER.FIELDS (DATE FROM SUBJECT MESSAGE-ID)", 243),
        "structures" => format!(
            "* {number} FETCH (UID {number} BODYSTRUCTURE {})\r\n",
            body(number)
        ),
        "everything" => format!(
            "* {number} FETCH (UID {number} FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" \
             RFC822.SIZE {} ENVELOPE {} BODYSTRUCTURE {})\r\n",
            1000 + number,
            envelope(number),
            body(number)
        ),
        _ => format!(
            "* {number} FETCH (UID {number} FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" \
             RFC822.SIZE {} ENVELOPE (\"Mon, 7 Feb 1994 21:52:25 -0800\" \
             \"report of the =?utf-8?q?gr=C3=BC=C3=9Fe?= meeting\" {one} {one} {one} ({all}) NIL NIL NIL \
             \"<{number}@example.org>\") BODYSTRUCTURE ({part}{part} \"ALTERNATIVE\" \
             (\"BOUNDARY\" \"{number}=_x\") NIL NIL NIL))\r\n",
            1000 + number,
            one = "((\"Some One\" NIL \"someone\" \"example.org\"))",
            all = "(\"Some One\" NIL \"someone\" \"example.org\")".repeat(3),
            part = "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"BASE64\" 1234 20 NIL NIL NIL NIL)",
        ),
    };
    Answer {
        command: "UID FETCH",
        octets: (1..=count).map(row).collect::<String>().into_bytes(),
        exists: count,
    }
}

/// A section of so many octets.
fn literal(number: usize, section: &str, octets: usize) -> String {
    let line = "Field: value of the field of a message, up to the end\r\n".repeat(1 + octets / 50);
    let text = line.split_at(octets).0;
    format!("* {number} FETCH (UID {number} BODY[{section}] {{{octets}}}\r\n{text})\r\n")
}

/// An envelope of which nothing has to be decoded, except the subject of one in five.
fn envelope(number: usize) -> String {
    let subject = match number % 5 {
        0 => "=?UTF-8?Q?Bestellbest=C3=A4tigung_f=C3=BCr?=",
        1 => "Re: minutes of the weekly meeting",
        _ => "quarterly report about the delivery of your order",
    };
    let to =
        (0..1 + number % 3).map(|_| "(\"Ada Hopper\" NIL \"Ada.Hopper\" \"delivery.example.org\")");
    let from = "((\"Grace Lovelace\" NIL \"Grace.Lovelace\" \"weekly.example.com\"))";
    let cc = match number % 3 {
        0 => {
            "((NIL NIL \"Alan.Turing\" \"main.example.net\")(\"Radia Perlman\" NIL \"Radia\" \"draft.example.de\"))"
        }
        _ => "NIL",
    };
    let reply = match number % 2 {
        0 => "\"<0123456789abcdef.01234567@mail.report.example.org>\"",
        _ => "NIL",
    };
    format!(
        "(\"Mon, 7 Feb 2022 21:52:25 +0100\" \"{subject}\" {from} {from} {from} ({}) {cc} NIL {reply} \
         \"<{number:016x}.89abcdef@mail.update.example.com>\")",
        to.collect::<String>()
    )
}

/// A text, a text in two forms, or that with an attached file.
fn body(number: usize) -> String {
    let text = |subtype: &str| {
        format!(
            "(\"text\" \"{subtype}\" (\"charset\" \"utf-8\") NIL NIL \"quoted-printable\" {} 20 NIL NIL NIL NIL)",
            number + 200
        )
    };
    let both = format!(
        "({}{} \"alternative\" (\"boundary\" \"----=_Part_{number:016x}\") NIL NIL NIL)",
        text("plain"),
        text("html")
    );
    match number % 10 {
        0..3 => text("plain"),
        3..7 => both,
        _ => format!(
            "({both}(\"application\" \"pdf\" (\"name\" \"draft-{number}.pdf\") \"<part{number}@example>\" NIL \
             \"base64\" 123456 NIL (\"attachment\" (\"filename\" \"draft-{number}.pdf\" \"size\" \"92592\")) \
             NIL NIL) \"mixed\" (\"boundary\" \"----=_Part_{number:016x}\") NIL NIL NIL)"
        ),
    }
}
