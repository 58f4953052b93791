//! Every kind of response, of response code, and of list inside of one, that a server can make
//! long or send often: how each grows as one long response, and as many short ones.
//!
//! The table is complete: `every_kind_of_response_is_in_the_table` of the integration tests holds it
//! against the enums of the crate.

/// One kind.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The variants of `Untagged`, `ResponseCode` and the items of FETCH (`Item`) that it is of.
    #[allow(
        dead_code,
        reason = "only the register of the integration tests reads it"
    )]
    pub(crate) of: &'static [&'static str],
    /// What it answers. What answers no command comes during a NOOP.
    pub(crate) command: &'static str,
    /// What one long response begins with, what is repeated in it, and what it ends with.
    ///
    /// `#` is a number that counts up, `%` one of a sequence without order. Empty where only the
    /// number of responses can grow.
    pub(crate) long: [&'static str; 3],
    /// One of many short responses; empty where one response can be no longer than it is.
    pub(crate) short: &'static str,
    /// What is repeated is the content of a literal.
    pub(crate) literal: bool,
    /// What comes is sorted, which takes a logarithm more.
    #[allow(dead_code, reason = "only what counts has a bound for it")]
    pub(crate) sorted: bool,
}

const fn kind(
    name: &'static str,
    of: &'static [&'static str],
    command: &'static str,
    long: [&'static str; 3],
    short: &'static str,
) -> Kind {
    Kind {
        name,
        of,
        command,
        long,
        short,
        literal: false,
        sorted: false,
    }
}

const fn literal(kind: Kind) -> Kind {
    Kind {
        literal: true,
        ..kind
    }
}

const fn sorted(kind: Kind) -> Kind {
    Kind {
        sorted: true,
        ..kind
    }
}

const NO_LONG: [&str; 3] = ["", "", ""];

/// All kinds.
pub(crate) const KINDS: [&[Kind]; 5] = [STATUSES, CODES, LISTS, SETS, ROWS];

/// Status responses and what has no other place.
const STATUSES: &[Kind] = &[
    kind(
        "OK",
        &["Untagged::Status"],
        "NOOP",
        ["* OK ", "words and ", "more"],
        "* OK still here",
    ),
    kind(
        "NO",
        &["Untagged::Status"],
        "NOOP",
        ["* NO ", "words and ", "more"],
        "* NO disk # is full",
    ),
    kind(
        "BAD",
        &["Untagged::Status"],
        "NOOP",
        ["* BAD ", "words and ", "more"],
        "* BAD word #",
    ),
    kind(
        "BYE",
        &["Untagged::Status"],
        "NOOP",
        ["* BYE ", "words and ", "more"],
        "* BYE until #",
    ),
    kind(
        "PREAUTH",
        &["Untagged::Status"],
        "NOOP",
        ["* PREAUTH ", "words and ", "more"],
        "* PREAUTH hi",
    ),
    kind(
        "text of brackets",
        &["Untagged::Status"],
        "NOOP",
        ["* OK ", "[A [", "]"],
        "* OK [ [ [",
    ),
    kind(
        "text that is not UTF-8",
        &["Untagged::Status"],
        "NOOP",
        ["* NO ", "\u{202e}\u{fffd}", "x"],
        "* NO \u{fffd}",
    ),
    kind(
        "unknown",
        &["Untagged::Other"],
        "NOOP",
        ["* XNEWS (", "\"a\" (b NIL) ", "c)"],
        "* XNEWS #",
    ),
    kind(
        "unknown with a number",
        &["Untagged::Other"],
        "NOOP",
        ["* 5 XNEWS ", "(a) ", "c"],
        "* # XNEWS",
    ),
    kind(
        "invalid",
        &["Untagged::Invalid"],
        "NOOP",
        ["* LIST (", "\\A ", "\"/"],
        "* LIST (",
    ),
    kind(
        "CAPABILITY",
        &["Untagged::Capability"],
        "NOOP",
        ["* CAPABILITY IMAP4rev1", " X-CAP-#", ""],
        "* CAPABILITY IMAP4rev1 X#",
    ),
    sorted(kind(
        "CAPABILITY in no order",
        &["Untagged::Capability"],
        "NOOP",
        ["* CAPABILITY IMAP4rev1", " X%", ""],
        "* CAPABILITY X%",
    )),
    kind(
        "CAPABILITY of mechanisms",
        &["Untagged::Capability"],
        "NOOP",
        ["* CAPABILITY IMAP4rev1", " AUTH=X-#", ""],
        "* CAPABILITY AUTH=X-#",
    ),
    kind(
        "ENABLED",
        &["Untagged::Enabled"],
        "NOOP",
        ["* ENABLED", " X-EXT-#", ""],
        "* ENABLED X-EXT-#",
    ),
    kind(
        "ENABLED asked for",
        &["Untagged::Enabled"],
        "ENABLE",
        ["* ENABLED CONDSTORE", " X-EXT-#", ""],
        "* ENABLED X-EXT-# CONDSTORE",
    ),
    kind(
        "ENABLED again",
        &["Untagged::Enabled"],
        "ENABLE",
        ["* ENABLED", " CONDSTORE", ""],
        "* ENABLED CONDSTORE",
    ),
    kind(
        "ID",
        &["Untagged::Id"],
        "ID",
        ["* ID (\"name\" \"x\"", " \"key#\" \"value\"", ")"],
        "* ID (\"k\" \"#\")",
    ),
    kind(
        "ID unasked",
        &["Untagged::Id"],
        "NOOP",
        ["* ID (\"name\" \"x\"", " \"key#\" \"value\"", ")"],
        "* ID NIL",
    ),
    kind(
        "LANGUAGE",
        &["Untagged::Other"],
        "LANGUAGE",
        ["* LANGUAGE (\"en\"", " \"x-#\"", ")"],
        "* LANGUAGE (\"x-#\")",
    ),
];

const fn code(
    name: &'static str,
    of: &'static [&'static str],
    long: [&'static str; 3],
    short: &'static str,
) -> Kind {
    kind(name, of, "NOOP", long, short)
}

/// Response codes.
const CODES: &[Kind] = &[
    code(
        "[ALERT]",
        &["ResponseCode::Alert"],
        ["* OK [ALERT] ", "words and ", "more"],
        "* OK [ALERT] # is down",
    ),
    code(
        "[CLOSED]",
        &["ResponseCode::Closed"],
        ["* OK [CLOSED] ", "gone ", ""],
        "* OK [CLOSED] gone",
    ),
    code("codes of one word", WORDS, NO_LONG, "* NO [CANNOT] it"),
    code(
        "[READ-ONLY]",
        &["ResponseCode::ReadOnly", "ResponseCode::ReadWrite"],
        NO_LONG,
        "* OK [READ-ONLY] it",
    ),
    code(
        "[NOTIFICATIONOVERFLOW]",
        &["ResponseCode::NotificationOverflow"],
        ["* OK [NOTIFICATIONOVERFLOW] ", "too much ", ""],
        "* OK [NOTIFICATIONOVERFLOW] x",
    ),
    code(
        "[NOMODSEQ]",
        &["ResponseCode::NoModSeq"],
        NO_LONG,
        "* OK [NOMODSEQ] it",
    ),
    code(
        "[BADCHARSET]",
        &["ResponseCode::BadCharset"],
        ["* NO [BADCHARSET (US-ASCII", " X-CHARSET-#", ")] no"],
        "* NO [BADCHARSET (X-#)] no",
    ),
    code(
        "[BADEVENT]",
        &["ResponseCode::BadEvent"],
        ["* NO [BADEVENT (A", " X-EVENT-#", ")] no"],
        "* NO [BADEVENT (X#)] no",
    ),
    code(
        "[BADURL]",
        &["ResponseCode::BadUrl"],
        ["* NO [BADURL \"imap://", "a/b/", "\"] no"],
        "* NO [BADURL \"a#\"] no",
    ),
    code(
        "[CAPABILITY]",
        &["ResponseCode::Capability"],
        ["* OK [CAPABILITY IMAP4rev1", " X-CAP-#", "] hi"],
        "* OK [CAPABILITY X#] hi",
    ),
    sorted(code(
        "[COPYUID]",
        &["ResponseCode::CopyUid"],
        ["* OK [COPYUID 1 1", ",#7", " 1:2] done"],
        "* OK [COPYUID 1 # #] done",
    )),
    sorted(code(
        "[COPYUID] in no order",
        &["ResponseCode::CopyUid"],
        ["* OK [COPYUID 1 1", ",%", " 1:2] done"],
        "* OK [COPYUID 1 % %] done",
    )),
    sorted(code(
        "[APPENDUID]",
        &["ResponseCode::AppendUid"],
        ["* OK [APPENDUID 1 1", ",#7", "] done"],
        "* OK [APPENDUID 1 #] done",
    )),
    sorted(code(
        "[MODIFIED]",
        &["ResponseCode::Modified"],
        ["* NO [MODIFIED 1", ",%", "] no"],
        "* NO [MODIFIED %] no",
    )),
    code(
        "[HIGHESTMODSEQ]",
        &["ResponseCode::HighestModSeq"],
        ["* OK [HIGHESTMODSEQ ", "9", "] x"],
        "* OK [HIGHESTMODSEQ #] x",
    ),
    code(
        "[INPROGRESS]",
        &["ResponseCode::InProgress"],
        ["* OK [INPROGRESS (\"", "A1", "\" 1 2)] x"],
        "* OK [INPROGRESS (\"A#\" # 9)] x",
    ),
    code(
        "[INPROGRESS] without a tag",
        &["ResponseCode::InProgress"],
        ["* OK [INPROGRESS] ", "words ", ""],
        "* OK [INPROGRESS] x",
    ),
    code(
        "[MAILBOXID]",
        &["ResponseCode::MailboxId"],
        ["* OK [MAILBOXID (", "F2", ")] x"],
        "* OK [MAILBOXID (F#)] x",
    ),
    code(
        "[MAXCONVERTMESSAGES]",
        &["ResponseCode::MaxConvertMessages"],
        NO_LONG,
        "* NO [MAXCONVERTMESSAGES #] x",
    ),
    code(
        "[MESSAGELIMIT]",
        &["ResponseCode::MessageLimit"],
        ["* NO [MESSAGELIMIT 5 6] ", "words ", ""],
        "* NO [MESSAGELIMIT 5 #] x",
    ),
    code(
        "[METADATA]",
        &[
            "ResponseCode::MetadataLongEntries",
            "ResponseCode::MetadataMaxSize",
        ],
        NO_LONG,
        "* OK [METADATA LONGENTRIES #] x",
    ),
    code(
        "[NEWNAME]",
        &["ResponseCode::NewName"],
        ["* NO [NEWNAME a ", "b", "] x"],
        "* NO [NEWNAME a #] x",
    ),
    code(
        "[PERMANENTFLAGS]",
        &["ResponseCode::PermanentFlags"],
        ["* OK [PERMANENTFLAGS (\\Seen", " $Key#", ")] kept"],
        "* OK [PERMANENTFLAGS (\\* $K#)] x",
    ),
    code(
        "[REFERRAL]",
        &["ResponseCode::Referral"],
        ["* NO [REFERRAL imap://a/", " imap://b#/", "] x"],
        "* NO [REFERRAL imap://a#/] x",
    ),
    code(
        "[UIDNEXT]",
        &["ResponseCode::UidNext"],
        NO_LONG,
        "* OK [UIDNEXT #] x",
    ),
    code(
        "[UIDVALIDITY]",
        &["ResponseCode::UidValidity"],
        NO_LONG,
        "* OK [UIDVALIDITY 1] x",
    ),
    code(
        "[UNDEFINED-FILTER]",
        &["ResponseCode::UndefinedFilter"],
        ["* NO [UNDEFINED-FILTER ", "name", "] x"],
        "* NO [UNDEFINED-FILTER #] x",
    ),
    code(
        "[UNSEEN]",
        &["ResponseCode::Unseen"],
        NO_LONG,
        "* OK [UNSEEN #] x",
    ),
    code(
        "[WEBALERT]",
        &["ResponseCode::WebAlert"],
        ["* NO [WEBALERT https://a/", "b/", "] x"],
        "* NO [WEBALERT https://a/#] x",
    ),
    code(
        "[unknown]",
        &["ResponseCode::Other"],
        ["* OK [X-CODE ", "a (b) ", "] x"],
        "* OK [X-# 1] x",
    ),
];

/// Codes that are one word and nothing else.
const WORDS: &[&str] = &[
    "ResponseCode::AlreadyExists",
    "ResponseCode::AuthenticationFailed",
    "ResponseCode::AuthorizationFailed",
    "ResponseCode::BadComparator",
    "ResponseCode::Cannot",
    "ResponseCode::ClientBug",
    "ResponseCode::CompressionActive",
    "ResponseCode::ContactAdmin",
    "ResponseCode::Corruption",
    "ResponseCode::Expired",
    "ResponseCode::ExpungeIssued",
    "ResponseCode::HasChildren",
    "ResponseCode::InUse",
    "ResponseCode::Limit",
    "ResponseCode::MetadataNoPrivate",
    "ResponseCode::MetadataTooMany",
    "ResponseCode::NonExistent",
    "ResponseCode::NoPerm",
    "ResponseCode::NotSaved",
    "ResponseCode::OverQuota",
    "ResponseCode::Parse",
    "ResponseCode::PrivacyRequired",
    "ResponseCode::ServerBug",
    "ResponseCode::TempFail",
    "ResponseCode::Throttled",
    "ResponseCode::TooBig",
    "ResponseCode::TryCreate",
    "ResponseCode::UidNotSticky",
    "ResponseCode::UidRequired",
    "ResponseCode::Unavailable",
    "ResponseCode::UnknownCte",
    "ResponseCode::UseAttr",
];

/// What is told of mailboxes.
const LISTS: &[Kind] = &[
    kind(
        "LIST",
        &["Untagged::List"],
        "LIST",
        ["* LIST (\\HasNoChildren) \"/\" \"", "name &AOQ-/", "x\""],
        "* LIST () \"/\" box#",
    ),
    kind(
        "LIST attributes",
        &["Untagged::List"],
        "LIST",
        ["* LIST (\\Marked", " \\X-Att#", ") \"/\" box"],
        "* LIST (\\Sent) \"/\" box#",
    ),
    kind(
        "LIST extended",
        &["Untagged::List"],
        "LIST",
        [
            "* LIST () \"/\" box (",
            "\"X-MORE#\" (\"a\" b) ",
            "\"CHILDINFO\" (\"SUBSCRIBED\"))",
        ],
        "* LIST () \"/\" # (\"OLDNAME\" (\"a#\"))",
    ),
    kind(
        "LIST child info",
        &["Untagged::List"],
        "LIST",
        [
            "* LIST () \"/\" box (\"CHILDINFO\" (\"SUBSCRIBED\"",
            " \"X-#\"",
            "))",
        ],
        "* LIST () \"/\" # (\"CHILDINFO\" (\"X\"))",
    ),
    kind(
        "LIST unasked",
        &["Untagged::List"],
        "NOOP",
        ["* LIST () \"/\" \"", "name/", "\""],
        "* LIST () \"/\" box#",
    ),
    kind(
        "LIST with STATUS",
        &["Untagged::List", "Untagged::MailboxStatus"],
        "LIST RETURN",
        NO_LONG,
        "* LIST () \"/\" b#\r\n* STATUS b# (MESSAGES #)",
    ),
    kind(
        "LSUB",
        &["Untagged::Lsub"],
        "LSUB",
        ["* LSUB () \".\" \"", "name.", "x\""],
        "* LSUB () \"/\" box#",
    ),
    kind(
        "NAMESPACE",
        &["Untagged::Namespace"],
        "NAMESPACE",
        ["* NAMESPACE (", "(\"INBOX.#\" \".\")", ") NIL NIL"],
        "* NAMESPACE ((\"#\" \".\")) NIL NIL",
    ),
    kind(
        "NAMESPACE extensions",
        &["Untagged::Namespace"],
        "NAMESPACE",
        [
            "* NAMESPACE ((\"\" \"/\"",
            " \"X-#\" (\"a\" \"b\")",
            ")) NIL NIL",
        ],
        "* NAMESPACE NIL NIL NIL",
    ),
    kind(
        "STATUS",
        &["Untagged::MailboxStatus"],
        "STATUS",
        ["* STATUS box (MESSAGES 1", " X-ITEM# 1", ")"],
        "* STATUS box (MESSAGES #)",
    ),
    kind(
        "STATUS of others",
        &["Untagged::MailboxStatus"],
        "STATUS",
        ["* STATUS \"", "name/", "\" (MESSAGES 1)"],
        "* STATUS b# (MESSAGES #)",
    ),
    kind(
        "QUOTA",
        &["Untagged::Quota"],
        "GETQUOTAROOT",
        [
            "* QUOTAROOT box r\r\n* QUOTA r (",
            "X-RES-# 1 2 ",
            "STORAGE 1 2)",
        ],
        "* QUOTA r# (STORAGE 1 2)",
    ),
    kind(
        "QUOTAROOT",
        &["Untagged::QuotaRoot"],
        "GETQUOTAROOT",
        ["* QUOTAROOT box r", " r#", ""],
        "* QUOTAROOT box r#",
    ),
    kind(
        "ACL",
        &["Untagged::Acl"],
        "GETACL",
        ["* ACL box", " user# lrs", ""],
        "* ACL box u# lrs",
    ),
    kind(
        "LISTRIGHTS",
        &["Untagged::ListRights"],
        "LISTRIGHTS",
        ["* LISTRIGHTS box ann l", " r s w i ", "x"],
        "* LISTRIGHTS box ann l r",
    ),
    kind(
        "MYRIGHTS",
        &["Untagged::MyRights"],
        "MYRIGHTS",
        ["* MYRIGHTS box ", "lrswi0123", ""],
        "* MYRIGHTS box lrs",
    ),
    kind(
        "MYRIGHTS of others",
        &["Untagged::MyRights"],
        "MYRIGHTS",
        ["* MYRIGHTS \"", "box/", "\" lr"],
        "* MYRIGHTS b# lrs",
    ),
    kind(
        "METADATA",
        &["Untagged::Metadata"],
        "GETMETADATA",
        [
            "* METADATA \"\" (/shared/a \"x\"",
            " /shared/x# \"value\"",
            ")",
        ],
        "* METADATA \"\" (/shared/a# \"x\")",
    ),
    kind(
        "METADATA changed",
        &["Untagged::Metadata"],
        "NOOP",
        ["* METADATA \"\" /shared/a", " /shared/x#", ""],
        "* METADATA box /shared/a#",
    ),
    literal(kind(
        "METADATA value",
        &["Untagged::Metadata"],
        "GETMETADATA",
        ["* METADATA \"\" (/shared/a ", "value\r\n", ")"],
        "* METADATA box (/shared/b NIL)",
    )),
    kind(
        "FLAGS",
        &["Untagged::Flags"],
        "NOOP",
        ["* FLAGS (\\Seen", " $Key#", ")"],
        "* FLAGS (\\Seen $K#)",
    ),
    kind(
        "EXISTS",
        &["Untagged::Exists"],
        "NOOP",
        NO_LONG,
        "* # EXISTS",
    ),
    kind(
        "EXISTS of digits",
        &["Untagged::Exists"],
        "NOOP",
        ["* 1", "0", " EXISTS"],
        "* 4294967295 EXISTS",
    ),
    kind(
        "RECENT",
        &["Untagged::Recent"],
        "NOOP",
        NO_LONG,
        "* # RECENT",
    ),
];

/// Numbers of messages.
const SETS: &[Kind] = &[
    kind(
        "SEARCH",
        &["Untagged::Search"],
        "UID SEARCH",
        ["* SEARCH", " #", ""],
        "* SEARCH #",
    ),
    kind(
        "SEARCH apart",
        &["Untagged::Search"],
        "UID SEARCH",
        ["* SEARCH", " #7", ""],
        "* SEARCH #7",
    ),
    sorted(kind(
        "SEARCH in no order",
        &["Untagged::Search"],
        "UID SEARCH",
        ["* SEARCH", " %", ""],
        "* SEARCH %",
    )),
    kind(
        "SEARCH with MODSEQ",
        &["Untagged::Search"],
        "UID SEARCH",
        ["* SEARCH", " #7", " (MODSEQ 5)"],
        "* SEARCH # (MODSEQ #)",
    ),
    kind(
        "SEARCH unasked",
        &["Untagged::Search"],
        "NOOP",
        ["* SEARCH", " #7", ""],
        "* SEARCH #7",
    ),
    sorted(kind(
        "ESEARCH",
        &["Untagged::Esearch"],
        "UID SEARCH",
        ["* ESEARCH UID ALL 1", ",#7", ""],
        "* ESEARCH UID ALL #7",
    )),
    sorted(kind(
        "ESEARCH in no order",
        &["Untagged::Esearch"],
        "UID SEARCH",
        ["* ESEARCH UID ALL 1", ",%", ""],
        "* ESEARCH UID ALL %",
    )),
    kind(
        "ESEARCH results",
        &["Untagged::Esearch"],
        "UID SEARCH",
        ["* ESEARCH UID", " X-RES# (1 (2))", " ALL 1"],
        "* ESEARCH UID X# 1",
    ),
    kind(
        "ESEARCH of another",
        &["Untagged::Esearch"],
        "UID SEARCH",
        ["* ESEARCH (TAG \"", "x", "\") UID ALL 1"],
        "* ESEARCH (TAG \"x#\") UID",
    ),
    kind(
        "SORT",
        &["Untagged::Sort"],
        "UID SORT",
        ["* SORT", " #7", ""],
        "* SORT #7",
    ),
    kind(
        "THREAD",
        &["Untagged::Thread"],
        "UID THREAD",
        ["* THREAD ", "(#)", ""],
        "* THREAD (#)",
    ),
    kind(
        "THREAD chain",
        &["Untagged::Thread"],
        "UID THREAD",
        ["* THREAD (1", " 2#", ")"],
        "* THREAD (1 #)",
    ),
    kind(
        "THREAD branches",
        &["Untagged::Thread"],
        "UID THREAD",
        ["* THREAD (1", "(2#)", ")"],
        "* THREAD (1 (2)(#))",
    ),
    kind(
        "THREAD depth",
        &["Untagged::Thread"],
        "UID THREAD",
        ["* THREAD ", "(1 (2)", ""],
        "* THREAD ((1)(#))",
    ),
    kind(
        "EXPUNGE unasked",
        &["Untagged::Expunge"],
        "NOOP",
        NO_LONG,
        "* # EXPUNGE",
    ),
    kind(
        "EXPUNGE",
        &["Untagged::Expunge"],
        "UID EXPUNGE",
        NO_LONG,
        "* 1 EXPUNGE",
    ),
    sorted(kind(
        "VANISHED",
        &["Untagged::Vanished"],
        "NOOP",
        ["* VANISHED 1", ",%", ""],
        "* VANISHED %",
    )),
    kind(
        "VANISHED earlier",
        &["Untagged::Vanished"],
        "NOOP",
        ["* VANISHED (EARLIER) 1", ",#7", ""],
        "* VANISHED (EARLIER) #7",
    ),
    sorted(kind(
        "VANISHED by EXPUNGE",
        &["Untagged::Vanished"],
        "UID EXPUNGE",
        ["* VANISHED 1", ",%", ""],
        "* VANISHED %",
    )),
];

const fn row(
    name: &'static str,
    of: &'static [&'static str],
    long: [&'static str; 3],
    short: &'static str,
) -> Kind {
    kind(name, of, "UID FETCH", long, short)
}

/// Rows of FETCH and their items.
const ROWS: &[Kind] = &[
    kind(
        "FETCH unasked",
        &["Untagged::Fetch"],
        "NOOP",
        ["* 1 FETCH (FLAGS (", "$Key# ", "$Last))"],
        "* # FETCH (FLAGS (\\Seen))",
    ),
    kind(
        "UIDFETCH unasked",
        &["Untagged::Fetch"],
        "NOOP",
        ["* 1 UIDFETCH (FLAGS (", "$Key# ", "$Last))"],
        "* # UIDFETCH (FLAGS ())",
    ),
    row(
        "FETCH FLAGS",
        &["Item::Uid", "Item::Flags"],
        ["* 1 FETCH (UID 1 FLAGS (\\Seen", " $Key#", "))"],
        "* 1 FETCH (UID 1 FLAGS ($K#))",
    ),
    row(
        "FETCH items",
        &["Item::Other"],
        ["* 1 FETCH (UID 1", " X-ITEM# 1", ")"],
        "* 1 FETCH (UID 1 X# (a (b)))",
    ),
    row(
        "FETCH items that nest",
        &["Item::Other"],
        ["* 1 FETCH (UID 1 X ", "((a) b) ", ")"],
        "* 1 FETCH (UID 1 X ((((a)))))",
    ),
    row(
        "FETCH numbers",
        &[
            "Item::Size",
            "Item::ModSeq",
            "Item::GmailMessageId",
            "Item::GmailThreadId",
            "Item::InternalDate",
            "Item::SaveDate",
        ],
        ["* 1 FETCH (UID 1", " RFC822.SIZE #", ")"],
        "* 1 FETCH (UID 1 RFC822.SIZE # MODSEQ (#))",
    ),
    row(
        "FETCH ids",
        &["Item::EmailId", "Item::ThreadId"],
        ["* 1 FETCH (UID 1 EMAILID (", "M0", ") THREADID NIL)"],
        "* 1 FETCH (UID 1 EMAILID (M#))",
    ),
    row(
        "FETCH PREVIEW",
        &["Item::Preview"],
        ["* 1 FETCH (UID 1 PREVIEW \"", "words \\\" ", "\")"],
        "* 1 FETCH (UID 1 PREVIEW \"a\")",
    ),
    row(
        "FETCH envelope",
        &["Item::Envelope"],
        [
            "* 1 FETCH (UID 1 ENVELOPE (NIL NIL NIL NIL NIL (",
            "(\"Ann #\" NIL \"ann\" \"example.com\")",
            ") NIL NIL NIL NIL))",
        ],
        "* 1 FETCH (UID 1 ENVELOPE (NIL \"#\" NIL NIL NIL NIL NIL NIL NIL NIL))",
    ),
    row(
        "FETCH groups of addresses",
        &["Item::Envelope"],
        [
            "* 1 FETCH (UID 1 ENVELOPE (NIL NIL NIL NIL NIL (",
            "(NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL)",
            ") NIL NIL NIL NIL))",
        ],
        "* 1 FETCH (UID 1 ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL \"g\" NIL)) NIL NIL NIL NIL))",
    ),
    row(
        "FETCH subject",
        &["Item::Envelope"],
        [
            "* 1 FETCH (UID 1 ENVELOPE (NIL \"",
            "=?utf-8?q?gr=C3=BC=C3=9Fe?= ",
            "\" NIL NIL NIL NIL NIL NIL NIL NIL))",
        ],
        "* 1 FETCH (UID 1 ENVELOPE (NIL \"=?x?\" NIL NIL NIL NIL NIL NIL NIL NIL))",
    ),
    literal(row(
        "FETCH subject literal",
        &["Item::Envelope"],
        [
            "* 1 FETCH (UID 1 ENVELOPE (NIL ",
            "=?iso-8859-1?b?5Pb8?= ",
            " NIL NIL NIL NIL NIL NIL NIL NIL))",
        ],
        "* 1 FETCH (UID 1 ENVELOPE (NIL {1}\r\nx NIL NIL NIL NIL NIL NIL NIL NIL))",
    )),
    row(
        "FETCH parts",
        &["Item::BodyStructure", "Item::Body"],
        [
            "* 1 FETCH (UID 1 BODYSTRUCTURE (",
            "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)",
            " \"MIXED\"))",
        ],
        "* 1 FETCH (UID 1 BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1))",
    ),
    row(
        "FETCH parts that nest",
        &["Item::BodyStructure"],
        [
            "* 1 FETCH (UID 1 BODYSTRUCTURE (",
            "((\"A\" \"B\" NIL NIL NIL \"7BIT\" 1) \"MIXED\")",
            " \"MIXED\"))",
        ],
        "* 1 FETCH (UID 1 BODYSTRUCTURE (((\"A\" \"B\" NIL NIL NIL \"7BIT\" 1) \"M\") \"M\"))",
    ),
    row(
        "FETCH parts too deep",
        &["Item::BodyStructure"],
        ["* 1 FETCH (UID 1 BODYSTRUCTURE ", "(", "\"A\"))"],
        "* 1 FETCH (UID 1 BODYSTRUCTURE (((())))))",
    ),
    row(
        "FETCH parameters",
        &["Item::BodyStructure"],
        [
            "* 1 FETCH (UID 1 BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"A\" \"b\"",
            " \"NAME*#*\" \"utf-8''c%20d\"",
            ") NIL NIL \"7BIT\" 1 1))",
        ],
        "* 1 FETCH (UID 1 BODYSTRUCTURE (\"A\" \"B\" (\"NAME*0*\" \"#\") NIL NIL \"7BIT\" 1))",
    ),
    row(
        "FETCH languages",
        &["Item::BodyStructure"],
        [
            "* 1 FETCH (UID 1 BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL (",
            "\"x-#\" ",
            ") NIL))",
        ],
        "* 1 FETCH (UID 1 BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL (\"x\") NIL))",
    ),
    row(
        "FETCH quoted",
        &["Item::Section"],
        ["* 1 FETCH (UID 1 BODY[] \"", "text \\\" and ", "\")"],
        "* 1 FETCH (UID 1 BODY[] \"#\")",
    ),
    row(
        "FETCH header fields",
        &["Item::Section"],
        [
            "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (A",
            " X-FIELD-#",
            ")] \"\")",
        ],
        "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (A B)] \"\")",
    ),
    literal(row(
        "FETCH body",
        &["Item::Section"],
        ["* 1 FETCH (UID 1 BODY[] ", "seventy-two octets\r\n", ")"],
        "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)",
    )),
    literal(row(
        "FETCH line ends",
        &["Item::Section"],
        ["* 1 FETCH (UID 1 BODY[] ", "\n\n\n\n", ")"],
        "* 1 FETCH (UID 1 BODY[1] {0}\r\n)",
    )),
    literal(row(
        "FETCH binary",
        &["Item::Binary", "Item::BinarySize"],
        ["* 1 FETCH (UID 1 BINARY[] ~", "\0 octets\r\n", ")"],
        "* 1 FETCH (UID 1 BINARY[1] ~{1}\r\n\0 BINARY.SIZE[1] 1)",
    )),
    row(
        "FETCH many sections",
        &["Item::Section"],
        ["* 1 FETCH (UID 1", " BODY[#] {1}\r\nx", ")"],
        "* 1 FETCH (UID 1 BODY[#] NIL)",
    ),
    row(
        "FETCH labels",
        &["Item::GmailLabels"],
        [
            "* 1 FETCH (UID 1 X-GM-LABELS (\\Inbox",
            " \"A &AOQ-#\"",
            "))",
        ],
        "* 1 FETCH (UID 1 X-GM-LABELS (A))",
    ),
    row(
        "FETCH without UID",
        &["Untagged::Fetch"],
        NO_LONG,
        "* 1 FETCH (FLAGS (\\Seen $Key#))",
    ),
    row(
        "FETCH and VANISHED",
        &["Untagged::Vanished"],
        NO_LONG,
        "* VANISHED (EARLIER) %",
    ),
    kind(
        "FETCH collected",
        &["Untagged::Fetch"],
        "UID FETCH collected",
        NO_LONG,
        "* 1 FETCH (UID 1 X-ITEM# # RFC822.SIZE #)",
    ),
    kind(
        "FETCH collected, many",
        &["Untagged::Fetch"],
        "UID FETCH collected",
        NO_LONG,
        "* # FETCH (UID # FLAGS (\\Seen))",
    ),
    sorted(kind(
        "table of flags",
        &["Untagged::Fetch"],
        "UID FETCH table",
        NO_LONG,
        "* # FETCH (UID % FLAGS ($Work))",
    )),
    kind(
        "table of flags, one message",
        &["Untagged::Fetch"],
        "UID FETCH table",
        NO_LONG,
        "* 1 FETCH (UID 1 FLAGS ($K# \\Seen))",
    ),
    kind(
        "download",
        &["Item::Section"],
        "UID FETCH download",
        NO_LONG,
        "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)",
    ),
    kind(
        "STORE",
        &["Untagged::Fetch"],
        "UID STORE",
        ["* 1 FETCH (UID 1 FLAGS (\\Seen", " $Key#", "))"],
        "* 1 FETCH (UID 1 FLAGS ($K#))",
    ),
];

/// How a kind grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One long response.
    Long,
    /// Many short ones.
    Short,
}

impl Kind {
    pub(crate) fn has(&self, form: Form) -> bool {
        match form {
            Form::Long => !self.long[1].is_empty(),
            Form::Short => !self.short.is_empty(),
        }
    }

    /// What is repeated, so many times from a number on: for a server that never stops.
    #[allow(dead_code, reason = "only the integration tests send without end")]
    pub(crate) fn pieces(&self, form: Form, numbers: std::ops::Range<u64>) -> Vec<u8> {
        let mut grown = Vec::new();
        for number in numbers {
            match form {
                Form::Long => write_piece(&mut grown, self.long[1], number),
                Form::Short => {
                    write_piece(&mut grown, self.short, number);
                    grown.extend_from_slice(b"\r\n");
                }
            }
        }
        grown
    }

    /// About so many octets of it; none at all for 0.
    #[allow(dead_code, reason = "the integration tests send without end")]
    pub(crate) fn octets(&self, form: Form, length: usize) -> Vec<u8> {
        let mut grown = Vec::new();
        if length == 0 {
            return grown;
        }
        let [start, piece, end] = self.long;
        let mut number = 1;
        if form == Form::Short {
            while grown.len() < length {
                grown.extend(self.pieces(form, number..number + 1));
                number += 1;
            }
            return grown;
        }
        while grown.len() + start.len() < length {
            write_piece(&mut grown, piece, number);
            number += 1;
        }
        let header = match self.literal {
            true => format!("{{{}}}\r\n", grown.len()),
            false => String::new(),
        };
        [
            start.as_bytes(),
            header.as_bytes(),
            &grown,
            end.as_bytes(),
            b"\r\n",
        ]
        .concat()
    }
}

fn write_piece(to: &mut Vec<u8>, piece: &str, number: u64) {
    for letter in piece.chars() {
        match letter {
            '#' => to.extend_from_slice(number.to_string().as_bytes()),
            // Odd, so that no number comes twice; between 1 and 2^31.
            '%' if !piece.contains("%20") => {
                let number = number.wrapping_mul(1_640_531_527) % (1 << 31);
                to.extend_from_slice(number.max(1).to_string().as_bytes());
            }
            // As it is sent by servers that know of no UTF-8.
            '\u{fffd}' => to.push(0xff),
            letter => to.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// The kind of this name.
#[allow(dead_code, reason = "the integration tests go through all of them")]
pub(crate) fn kind_of_name(name: &str) -> Option<&'static Kind> {
    KINDS.into_iter().flatten().find(|kind| kind.name == name)
}
