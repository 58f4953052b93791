//! What each well-known server advertises and says, and the mailboxes that it has from the start.

use crate::preset::Preset;

/// What a server advertises and says.
pub(super) struct Profile {
    pub(super) capabilities: &'static str,
    pub(super) greeting: &'static str,
    pub(super) shown: Shown,
    pub(super) id: Option<&'static str>,
    pub(super) mailboxes: &'static [(&'static str, &'static str)],
    pub(super) line_limit: usize,
}

/// The capabilities in the code of a greeting.
pub(super) enum Shown {
    Nothing,
    All,
    /// Those of a client that has not logged in.
    Few(&'static [&'static str]),
}

/// The mailboxes that have their special use by name.
const BY_NAME: &[(&str, &str)] = &[
    ("Archive", "\\Archive"),
    ("Drafts", "\\Drafts"),
    ("Junk", "\\Junk"),
    ("Sent", "\\Sent"),
    ("Trash", "\\Trash"),
];

const GMAIL: Profile = Profile {
    capabilities: "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID CHILDREN X-GM-EXT-1 XYZZY SASL-IR \
        AUTH=XOAUTH2 AUTH=PLAIN AUTH=OAUTHBEARER UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE \
        ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS SPECIAL-USE APPENDLIMIT=35651584",
    greeting: "Gimap ready for requests from 127.0.0.1 a640c23a62f3a",
    shown: Shown::Nothing,
    id: Some("(\"name\" \"GImap\" \"vendor\" \"Google, Inc.\")"),
    mailboxes: &[
        ("[Gmail]/All Mail", "\\All"),
        ("[Gmail]/Drafts", "\\Drafts"),
        ("[Gmail]/Important", "\\Important"),
        ("[Gmail]/Sent Mail", "\\Sent"),
        ("[Gmail]/Spam", "\\Junk"),
        ("[Gmail]/Starred", "\\Flagged"),
        ("[Gmail]/Trash", "\\Trash"),
    ],
    line_limit: 16 << 10,
};

const MICROSOFT_365: Profile = Profile {
    capabilities: "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT \
        CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE",
    greeting: "The Microsoft Exchange IMAP4 service is ready. [TABPADIAUAAyADYANQBDAEEAMAAzADcANwA=]",
    shown: Shown::Nothing,
    id: Some("(\"name\" \"Microsoft.Exchange.Imap4.Imap4Server\" \"version\" \"15.20\")"),
    mailboxes: &[
        ("Archive", "\\Archive"),
        ("Deleted Items", "\\Trash"),
        ("Drafts", "\\Drafts"),
        ("Junk Email", "\\Junk"),
        ("Sent Items", "\\Sent"),
    ],
    line_limit: 8000,
};

const YAHOO: Profile = Profile {
    capabilities: "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER ID MOVE NAMESPACE \
        XYMHIGHESTMODSEQ UIDPLUS CHILDREN UNSELECT X-MSG-EXT OBJECTID IDLE ENABLE UIDONLY \
        X-ALL-MAIL X-UIDONLY LIST-EXTENDED LIST-STATUS SPECIAL-USE PARTIAL APPENDLIMIT=41697280",
    greeting: "IMAP4rev1 imapgate-1.8.3 imap-7df5d4c8b4-x2x4p",
    shown: Shown::All,
    id: Some("(\"vendor\" \"Yahoo! Inc.\" \"name\" \"Y!IMAP\" \"version\" \"1.8.3\")"),
    mailboxes: &[
        ("Archive", "\\Archive"),
        ("Bulk Mail", "\\Junk"),
        ("Draft", "\\Drafts"),
        ("Sent", "\\Sent"),
        ("Trash", "\\Trash"),
    ],
    line_limit: 1000,
};

const ICLOUD: Profile = Profile {
    capabilities: "XAPPLEPUSHSERVICE IMAP4 IMAP4rev1 SASL-IR AUTH=PLAIN CONDSTORE ENABLE QRESYNC \
        QUOTA NAMESPACE UIDPLUS CHILDREN BINARY UNSELECT SORT ESEARCH THREAD=ORDEREDSUBJECT \
        THREAD=REFERENCES WITHIN SEARCHRES METADATA ID ANNOTATE-EXPERIMENT-1 X-SUN-IMAP IDLE \
        LIST-STATUS",
    greeting: "(2109B29-d3afe4d5aba6) pv33p00im-iscream021.me.com",
    shown: Shown::All,
    id: Some("(\"name\" \"iscream\" \"vendor\" \"Apple\")"),
    mailboxes: &[
        ("Archive", ""),
        ("Deleted Messages", ""),
        ("Drafts", ""),
        ("Junk", ""),
        ("Sent Messages", ""),
    ],
    line_limit: 8000,
};

const DOVECOT: Profile = Profile {
    capabilities: "IMAP4rev1 SASL-IR AUTH=PLAIN ID ENABLE IDLE SORT SORT=DISPLAY \
        THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE \
        UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH \
        ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE PREVIEW STATUS=SIZE SAVEDATE \
        NOTIFY METADATA SPECIAL-USE COMPRESS=DEFLATE QUOTA ACL RIGHTS=texk",
    greeting: "Dovecot (Debian) ready.",
    shown: Shown::All,
    id: Some("(\"name\" \"Dovecot\")"),
    mailboxes: BY_NAME,
    line_limit: 64 << 10,
};

const CYRUS: Profile = Profile {
    capabilities: "IMAP4rev1 AUTH=PLAIN SASL-IR ID ENABLE ACL RIGHTS=kxten QUOTA NAMESPACE UIDPLUS \
        UNSELECT CHILDREN MULTIAPPEND BINARY CATENATE CONDSTORE ESEARCH ESORT SORT SORT=DISPLAY \
        THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS METADATA LIST-EXTENDED LIST-STATUS \
        LIST-MYRIGHTS LIST-METADATA WITHIN SEARCH=FUZZY QRESYNC MOVE SPECIAL-USE XLIST \
        CREATE-SPECIAL-USE STATUS=SIZE OBJECTID PREVIEW SAVEDATE COMPRESS=DEFLATE IDLE \
        APPENDLIMIT=200000000",
    greeting: "mail.example.org Cyrus IMAP 3.6.1-Debian-3.6.1-4 server ready",
    shown: Shown::Few(&[
        "IMAP4rev1",
        "ID",
        "ENABLE",
        "STARTTLS",
        "AUTH=PLAIN",
        "SASL-IR",
    ]),
    id: Some("(\"name\" \"Cyrus IMAPD\" \"version\" \"3.6.1\")"),
    mailboxes: BY_NAME,
    line_limit: 8000,
};

const COURIER: Profile = Profile {
    capabilities: "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES \
        SORT QUOTA AUTH=PLAIN IDLE ACL ENABLE UTF8=ACCEPT",
    greeting: "Courier-IMAP ready. Copyright 1998-2021 Double Precision, Inc.  \
        See COPYING for distribution information.",
    shown: Shown::All,
    id: None,
    mailboxes: &[],
    line_limit: 16 << 10,
};

const IMAP4D: Profile = Profile {
    capabilities: "IMAP4rev1 NAMESPACE ID IDLE UNSELECT AUTH=PLAIN",
    greeting: "IMAP4rev1 GNU mailutils IMAP4 server ready",
    shown: Shown::All,
    id: Some("(\"name\" \"GNU imap4d\" \"version\" \"3.15\")"),
    mailboxes: &[],
    line_limit: 8000,
};

const NETEASE: Profile = Profile {
    capabilities: "IMAP4rev1 XLIST SPECIAL-USE ID UIDPLUS X-CM-EXT-1",
    greeting: "Coremail System IMap Server Ready(163com[71cb32f4417bf872b4a24ab4b3a6ce7a])",
    shown: Shown::Nothing,
    id: Some("(\"name\" \"Coremail\")"),
    mailboxes: &[
        ("草稿箱", "\\Drafts"),
        ("已发送", "\\Sent"),
        ("已删除", "\\Trash"),
        ("垃圾邮件", "\\Junk"),
        ("病毒文件夹", ""),
        ("广告邮件", ""),
        ("订阅邮件", ""),
    ],
    line_limit: 8000,
};

const YANDEX: Profile = Profile {
    capabilities: "IMAP4rev1 CHILDREN UNSELECT NAMESPACE XLIST BINARY UIDPLUS ENABLE ID AUTH=PLAIN \
        AUTH=XOAUTH2 IDLE MOVE",
    greeting: "Yandex IMAP4rev1 at imap43j.mail.yandex.net:993 ready to talk with \
        ::ffff:127.0.0.1:47147, 2018-Oct-31 05:28:07, 7SNOF9FKn8c1",
    shown: Shown::Nothing,
    id: Some("(\"name\" \"imap\" \"vendor\" \"Yandex\")"),
    mailboxes: &[
        ("Archive", "\\Archive"),
        ("Отправленные", "\\Sent"),
        ("Спам", "\\Junk"),
        ("Удаленные", "\\Trash"),
        ("Черновики", "\\Drafts"),
    ],
    line_limit: 8000,
};

impl Preset {
    pub(super) fn profile(self) -> &'static Profile {
        match self {
            Self::Gmail => &GMAIL,
            Self::Microsoft365 => &MICROSOFT_365,
            Self::Yahoo => &YAHOO,
            Self::ICloud => &ICLOUD,
            Self::NetEase => &NETEASE,
            Self::Yandex => &YANDEX,
            Self::Dovecot => &DOVECOT,
            Self::Cyrus => &CYRUS,
            Self::Courier => &COURIER,
            Self::Imap4d => &IMAP4D,
        }
    }
}
