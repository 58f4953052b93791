//! The answers: many rows, or one response of a given length of each kind that there is.

/// An answer, and the command that it is for.
pub(crate) struct Answer {
    pub(crate) command: &'static str,
    pub(crate) octets: Vec<u8>,
    /// How many messages the mailbox has.
    pub(crate) exists: usize,
}

/// What grows in a response of one kind.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    command: &'static str,
    start: &'static str,
    /// Is repeated until the response is long enough; `#` is a number that counts up.
    piece: &'static str,
    end: &'static str,
    /// The length of a literal that the response ends in grows, and not its line.
    literal: bool,
}

const fn kind(
    name: &'static str,
    command: &'static str,
    [start, piece, end]: [&'static str; 3],
) -> Kind {
    Kind {
        name,
        command,
        start,
        piece,
        end,
        literal: false,
    }
}

const fn literal(
    name: &'static str,
    command: &'static str,
    [start, piece, end]: [&'static str; 3],
) -> Kind {
    Kind {
        literal: true,
        ..kind(name, command, [start, piece, end])
    }
}

/// One response of each kind. Those that nobody asked for come during a NOOP.
pub(crate) const KINDS: &[Kind] = &[
    kind(
        "ALERT text",
        "NOOP",
        ["* OK [ALERT] ", "words and ", "more"],
    ),
    kind("unknown", "NOOP", ["* XNEWS (", "\"a\" (b NIL) ", "c)"]),
    kind(
        "CAPABILITY",
        "NOOP",
        ["* CAPABILITY IMAP4rev1", " X-CAP-#", ""],
    ),
    kind(
        "PERMANENTFLAGS",
        "NOOP",
        ["* OK [PERMANENTFLAGS (\\Seen", " $Key#", ")] kept"],
    ),
    kind("FLAGS", "NOOP", ["* FLAGS (\\Seen", " $Key#", ")"]),
    kind(
        "LIST",
        "LIST",
        ["* LIST (\\HasNoChildren) \"/\" \"", "name &AOQ-/", "x\""],
    ),
    kind(
        "LIST attributes",
        "LIST",
        ["* LIST (\\Marked", " \\X-Att#", ") \"/\" box"],
    ),
    kind(
        "LIST many",
        "LIST",
        ["* LIST () \"/\" a", "\r\n* LIST () \"/\" box#", ""],
    ),
    kind(
        "LIST extended",
        "LIST",
        [
            "* LIST () \"/\" box (",
            "\"X-MORE#\" (\"a\" b) ",
            "\"CHILDINFO\" (\"SUBSCRIBED\"))",
        ],
    ),
    kind(
        "LIST STATUS",
        "LIST",
        [
            "* LIST () \"/\" a",
            "\r\n* LIST () \"/\" box#\r\n* STATUS box# (MESSAGES #)",
            "",
        ],
    ),
    kind(
        "NAMESPACE",
        "NAMESPACE",
        ["* NAMESPACE (", "(\"INBOX.#\" \".\")", ") NIL NIL"],
    ),
    kind(
        "ID",
        "ID",
        ["* ID (\"name\" \"x\"", " \"key#\" \"value\"", ")"],
    ),
    kind(
        "STATUS",
        "STATUS",
        ["* STATUS box (MESSAGES 1", " X-ITEM# 1", ")"],
    ),
    kind("SEARCH", "UID SEARCH", ["* SEARCH", " #", ""]),
    kind("SEARCH apart", "UID SEARCH", ["* SEARCH", " #7", ""]),
    kind("ESEARCH", "UID SEARCH", ["* ESEARCH UID ALL 1", ",#7", ""]),
    kind("SORT", "UID SORT", ["* SORT", " #7", ""]),
    kind("THREAD", "UID THREAD", ["* THREAD ", "(#)", ""]),
    kind("THREAD chain", "UID THREAD", ["* THREAD (1", " 2#", ")"]),
    kind(
        "THREAD branches",
        "UID THREAD",
        ["* THREAD (1", "(2#)", ")"],
    ),
    kind(
        "EXPUNGE unasked",
        "NOOP",
        ["* 1 EXPUNGE", "\r\n* # EXPUNGE", ""],
    ),
    kind(
        "EXISTS unasked",
        "NOOP",
        ["* 10000000 EXISTS", "\r\n* 1000000# EXISTS", ""],
    ),
    kind(
        "FETCH unasked",
        "NOOP",
        ["* 1 FETCH (FLAGS ())", "\r\n* # FETCH (FLAGS (\\Seen))", ""],
    ),
    kind(
        "EXPUNGE asked",
        "UID EXPUNGE",
        ["* 1 EXPUNGE", "\r\n* 1 EXPUNGE", ""],
    ),
    kind("VANISHED", "NOOP", ["* VANISHED (EARLIER) 1", ",#7", ""]),
    kind(
        "COPYUID",
        "NOOP",
        ["* OK [COPYUID 1 1", ",#7", " 1:2] done"],
    ),
    kind(
        "FETCH flags",
        "UID FETCH",
        ["* 1 FETCH (UID 1 FLAGS (\\Seen", " $Key#", "))"],
    ),
    kind(
        "FETCH items",
        "UID FETCH",
        ["* 1 FETCH (UID 1", " X-ITEM# 1", ")"],
    ),
    kind(
        "FETCH subject",
        "UID FETCH",
        [
            "* 1 FETCH (UID 1 ENVELOPE (NIL \"",
            "=?utf-8?q?gr=C3=BC=C3=9Fe?= ",
            "\" NIL NIL NIL NIL NIL NIL NIL NIL))",
        ],
    ),
    kind(
        "FETCH addresses",
        "UID FETCH",
        [
            "* 1 FETCH (UID 1 ENVELOPE (NIL NIL NIL NIL NIL (",
            "(\"Ann #\" NIL \"ann\" \"example.com\")",
            ") NIL NIL NIL NIL))",
        ],
    ),
    kind(
        "FETCH parts",
        "UID FETCH",
        [
            "* 1 FETCH (UID 1 BODYSTRUCTURE (",
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)",
            " \"MIXED\"))",
        ],
    ),
    kind(
        "FETCH parameters",
        "UID FETCH",
        [
            "* 1 FETCH (UID 1 BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"A\" \"b\"",
            " \"NAME*#*\" \"utf-8''c%20d\"",
            ") NIL NIL \"7BIT\" 1 1))",
        ],
    ),
    kind(
        "FETCH quoted",
        "UID FETCH",
        ["* 1 FETCH (UID 1 BODY[] \"", "text \\\" and ", "\")"],
    ),
    kind(
        "FETCH labels",
        "UID FETCH",
        [
            "* 1 FETCH (UID 1 X-GM-LABELS (\\Inbox",
            " \"A &AOQ-#\"",
            "))",
        ],
    ),
    kind(
        "FETCH rows of one message",
        "UID FETCH",
        [
            "* 1 FETCH (UID 1 FLAGS ())",
            "\r\n* 1 FETCH (UID 1 X-ITEM# 1 RFC822.SIZE #)",
            "",
        ],
    ),
    kind(
        "FETCH rows without UID",
        "UID FETCH",
        [
            "* 1 FETCH (UID 1 FLAGS ())",
            "\r\n* 1 FETCH (FLAGS (\\Seen $Key#))",
            "",
        ],
    ),
    literal(
        "FETCH binary",
        "UID FETCH",
        ["* 1 FETCH (UID 1 BINARY[] ~", "\0 octets\r\n", ")"],
    ),
    literal(
        "FETCH body",
        "UID FETCH",
        ["* 1 FETCH (UID 1 BODY[] ", "seventy-two octets\r\n", ")"],
    ),
    literal(
        "FETCH line ends",
        "UID FETCH",
        ["* 1 FETCH (UID 1 BODY[] ", "\n\n\n\n", ")"],
    ),
    literal(
        "FETCH subject literal",
        "UID FETCH",
        [
            "* 1 FETCH (UID 1 ENVELOPE (NIL ",
            "=?iso-8859-1?b?5Pb8?= ",
            " NIL NIL NIL NIL NIL NIL NIL NIL))",
        ],
    ),
];

impl Kind {
    /// A response of about `length` octets; none at all for 0.
    pub(crate) fn answer(&self, length: usize) -> Answer {
        let mut grown = String::new();
        let mut number = 1_u64;
        while grown.len() + self.start.len() < length {
            grown.push_str(&self.piece.replace('#', &number.to_string()));
            number += 1;
        }
        let header = match self.literal {
            true => format!("{{{}}}\r\n", grown.len()),
            false => String::new(),
        };
        let response = format!("{}{header}{grown}{}\r\n", self.start, self.end);
        Answer {
            command: self.command,
            octets: match length {
                0 => Vec::new(),
                _ => response.into_bytes(),
            },
            exists: match self.command {
                "UID FETCH" => 1,
                _ => 10_000_000,
            },
        }
    }
}

/// So many messages with little (`flags`) or much (`envelopes`) of each.
pub(crate) fn rows(work: &str, count: usize) -> Answer {
    let row = |number: usize| match work {
        "flags" => format!("* {number} FETCH (UID {number} FLAGS (\\Seen $Work))\r\n"),
        "bodies" => format!(
            "* {number} FETCH (UID {number} BODY[] {{20000}}\r\n{})\r\n",
            "x".repeat(20_000)
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
