//! Well-known servers: what they advertise, how they greet, and their habits.

use std::io;

use crate::builder::{Builder, Deletion, Literals};
use crate::conditions::TooMany;
use crate::connection::{Answer, Connection};
use crate::faults::verb;
use crate::reply::Reply;
use crate::wire::Wire;

/// A well-known server whose habits the kit takes on.
///
/// A preset advertises what the server advertises, as far as the kit speaks it; greets as it does; has
/// its special mailboxes, its limits of connections, of the length of a command line and of the size of
/// a message; and the habits that are listed for it. It is made from transcripts and public reports,
/// and is no promise of what the server does next year. The hierarchy delimiter is always `/`.
///
/// ```
/// use latchbox_testkit::{Preset, Server};
///
/// let server = Server::builder().preset(Preset::Gmail).without("MOVE").start()?;
/// assert!(server.mailboxes().contains(&"[Gmail]/All Mail".to_owned()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Preset {
    /// Gmail.
    ///
    /// - The greeting has no capabilities.
    /// - `* OK [HIGHESTMODSEQ 1]` has no text.
    /// - Capabilities include `X-GM-EXT-1`, CONDSTORE without QRESYNC, and `LITERAL-`.
    /// - CREATE of a name with a trailing delimiter fails.
    /// - IDLE reports new and expunged messages only, no flag changes.
    /// - A message with `\Deleted` is expunged at once (auto-expunge).
    /// - At most 15 connections: `NO [ALERT] Too many simultaneous connections. (Failure)`.
    /// - A command line has at most 16 KiB.
    Gmail,
    /// Microsoft 365 (Exchange Online). XOAUTH2 takes [`TOKEN`](crate::TOKEN); LOGIN works too.
    ///
    /// - The greeting ends in brackets that are no response code.
    /// - No ENABLE, no CONDSTORE, no LIST-EXTENDED, no SPECIAL-USE.
    /// - A continuation request is `+` without a space.
    /// - `[COPYUID ..]` of a COPY is a line without `* OK`.
    /// - STATUS responses end in a space.
    /// - `ID ()` and `CHARSET UTF-8` are BAD; other charsets `NO [BADCHARSET (US-ASCII)]`.
    /// - The login of a connection that is one too many (more than 16) succeeds, and the next command
    ///   is answered with `BAD User is authenticated but not connected.`
    Microsoft365,
    /// Yahoo Mail. XOAUTH2 and OAUTHBEARER take [`TOKEN`](crate::TOKEN).
    ///
    /// - INBOX is called `Inbox` in LIST.
    /// - CAPABILITY ends in a space.
    /// - Any charset of SEARCH is `BAD [CLIENTBUG]`.
    /// - A command line has at most 1,000 octets.
    Yahoo,
    /// iCloud.
    ///
    /// - ENABLE is answered with OK, and no `* ENABLED` says what it enabled.
    /// - `ANNOTATE-EXPERIMENT-1` is advertised, and ANNOTATE is refused.
    /// - `FETCH RFC822` is answered with OK and no data; `BODY[]` works.
    /// - No MOVE, no SPECIAL-USE.
    ICloud,
    /// Dovecot 2.3.
    ///
    /// - All messages that one STORE changes have the same mod-sequence.
    /// - STATUS of the selected mailbox is answered with `OK [CLIENTBUG]`.
    /// - A deleted mailbox stays selected, with an untagged NO in each answer.
    /// - At most 10 connections: `NO [LIMIT] Maximum number of connections from user+IP exceeded`.
    /// - A command line has at most 64 KiB.
    Dovecot,
    /// Cyrus IMAP 3.6.
    ///
    /// - Each changed message has a mod-sequence of its own.
    /// - ENABLE QRESYNC is answered with `* ENABLED CONDSTORE QRESYNC`.
    /// - If the selected mailbox is deleted or renamed, all its messages vanish, and commands are NO.
    /// - No limit of connections unless one is set: `NO Too many open connections (3 of 2 for ..)`.
    Cyrus,
    /// Courier IMAP 5.
    ///
    /// - No LITERAL+, ID, UNSELECT, MOVE or CONDSTORE.
    /// - SELECT reports no UIDNEXT.
    /// - The view of the selected mailbox changes only with NOOP, CHECK and IDLE.
    /// - A renamed mailbox has another UIDVALIDITY, and one that was deleted and created again is
    ///   shown without notice to clients that have it selected.
    /// - What it does not understand is `NO Error in IMAP command received by server.`
    /// - No limit of connections unless one is set: closed before the greeting.
    /// - A command line has at most 16 KiB.
    Courier,
    /// GNU mailutils imap4d 3.
    ///
    /// - Only NAMESPACE, ID, IDLE, LITERAL+ and UNSELECT.
    /// - An unsolicited FETCH has no outer parentheses: `* 2 FETCH FLAGS (\Flagged)`.
    /// - A deleted mailbox stays selected.
    /// - A mailbox that was deleted and created again may keep its UIDVALIDITY:
    ///   [`Server::restart_uids`](crate::Server::restart_uids) does this.
    /// - No limit of connections unless one is set: no greeting.
    Imap4d,
}

/// What a server advertises and says.
struct Profile {
    capabilities: &'static str,
    greeting: &'static str,
    /// Whether the greeting has the capabilities as its code.
    shows_capabilities: bool,
    id: Option<&'static str>,
    mailboxes: &'static [(&'static str, &'static str)],
    line_limit: usize,
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
    shows_capabilities: false,
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
    shows_capabilities: false,
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
    shows_capabilities: true,
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
    shows_capabilities: true,
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
        THREAD=REFERENCES THREAD=ORDEREDSUBJECT MULTIAPPEND UNSELECT CHILDREN NAMESPACE UIDPLUS \
        LIST-EXTENDED CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN LIST-STATUS BINARY MOVE PREVIEW \
        STATUS=SIZE SAVEDATE NOTIFY METADATA SPECIAL-USE COMPRESS=DEFLATE QUOTA ACL RIGHTS=texk",
    greeting: "Dovecot (Debian) ready.",
    shows_capabilities: true,
    id: Some("(\"name\" \"Dovecot\")"),
    mailboxes: BY_NAME,
    line_limit: 64 << 10,
};

const CYRUS: Profile = Profile {
    capabilities: "IMAP4rev1 AUTH=PLAIN SASL-IR ID ENABLE ACL RIGHTS=kxten QUOTA NAMESPACE UIDPLUS \
        UNSELECT CHILDREN MULTIAPPEND BINARY CONDSTORE ESEARCH SORT SORT=DISPLAY \
        THREAD=ORDEREDSUBJECT THREAD=REFERENCES METADATA LIST-EXTENDED LIST-STATUS LIST-MYRIGHTS \
        LIST-METADATA WITHIN QRESYNC MOVE SPECIAL-USE CREATE-SPECIAL-USE STATUS=SIZE OBJECTID \
        PREVIEW SAVEDATE COMPRESS=DEFLATE IDLE APPENDLIMIT=200000000",
    greeting: "mail.example.org Cyrus IMAP 3.6.1-Debian-3.6.1-4 server ready",
    shows_capabilities: true,
    id: Some("(\"name\" \"Cyrus IMAPD\" \"version\" \"3.6.1\")"),
    mailboxes: BY_NAME,
    line_limit: 8000,
};

const COURIER: Profile = Profile {
    capabilities: "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES \
        SORT QUOTA AUTH=PLAIN IDLE ACL ENABLE UTF8=ACCEPT",
    greeting: "Courier-IMAP ready. Copyright 1998-2021 Double Precision, Inc.  \
        See COPYING for distribution information.",
    shows_capabilities: true,
    id: None,
    mailboxes: &[],
    line_limit: 16 << 10,
};

const IMAP4D: Profile = Profile {
    capabilities: "IMAP4rev1 NAMESPACE ID IDLE UNSELECT AUTH=PLAIN",
    greeting: "IMAP4rev1 GNU mailutils IMAP4 server ready",
    shows_capabilities: true,
    id: Some("(\"name\" \"GNU imap4d\" \"version\" \"3.15\")"),
    mailboxes: &[],
    line_limit: 8000,
};

impl Preset {
    /// All presets.
    pub const ALL: [Self; 8] = [
        Self::Gmail,
        Self::Microsoft365,
        Self::Yahoo,
        Self::ICloud,
        Self::Dovecot,
        Self::Cyrus,
        Self::Courier,
        Self::Imap4d,
    ];

    fn profile(self) -> &'static Profile {
        match self {
            Self::Gmail => &GMAIL,
            Self::Microsoft365 => &MICROSOFT_365,
            Self::Yahoo => &YAHOO,
            Self::ICloud => &ICLOUD,
            Self::Dovecot => &DOVECOT,
            Self::Cyrus => &CYRUS,
            Self::Courier => &COURIER,
            Self::Imap4d => &IMAP4D,
        }
    }

    /// The greeting after its `* OK`.
    pub(crate) fn greeting(self, capabilities: &str) -> String {
        let profile = self.profile();
        match profile.shows_capabilities {
            true => format!("[CAPABILITY {capabilities}] {}", profile.greeting),
            false => profile.greeting.to_owned(),
        }
    }

    fn set_up(self, builder: Builder) -> Builder {
        match self {
            Self::Gmail => builder
                .literals(Literals::Minus)
                .append_limit(35_651_584)
                .connection_limit(15, TooMany::Gmail),
            Self::Microsoft365 => builder.connection_limit(16, TooMany::Exchange),
            Self::Yahoo => builder.append_limit(41_697_280),
            Self::ICloud => builder,
            Self::Dovecot => builder
                .shared_mod_seqs()
                .deletion(Deletion::Kept)
                .connection_limit(10, TooMany::Dovecot),
            Self::Cyrus => builder
                .deletion(Deletion::Vanished)
                .append_limit(200_000_000),
            Self::Courier => builder
                .literals(Literals::Synchronizing)
                .omit_uid_next()
                .frozen_view()
                .rename_resets_uid_validity()
                .deletion(Deletion::Replaced),
            Self::Imap4d => builder.deletion(Deletion::Kept),
        }
    }

    /// What the server answers to a command that it does not execute.
    fn refusal(self, line: &str) -> Option<Answer> {
        let upper = line.to_ascii_uppercase();
        let verb = verb(&upper);
        let bad = |text: &str| Some(Answer::Bad(text.to_owned()));
        let no = |text: &str| Some(Answer::No(text.to_owned()));
        if line.len() > self.profile().line_limit {
            return bad("Command line too long");
        }
        let has_charset = verb.ends_with("SEARCH") && upper.contains(" CHARSET ");
        match self {
            Self::Gmail if verb == "CREATE" && upper.trim_end_matches('"').ends_with('/') => {
                no("[CANNOT] Invalid Folder Name (Failure)")
            }
            Self::Microsoft365 if verb == "ID" && upper.ends_with(" ()") => {
                bad("Command Argument Error. 11")
            }
            Self::Microsoft365 if has_charset && upper.contains(" CHARSET UTF-8") => {
                bad("Command Argument Error. 11")
            }
            Self::Microsoft365 if has_charset && !upper.contains(" CHARSET US-ASCII") => {
                no("[BADCHARSET (US-ASCII)] The specified charset is not supported.")
            }
            Self::Yahoo if has_charset => bad("[CLIENTBUG] UID SEARCH Command arguments invalid"),
            Self::ICloud if upper.contains("(ANNOTATE)") => bad("Invalid ANNOTATE"),
            Self::ICloud if verb.ends_with("FETCH") && asks_rfc822(&upper) => {
                Some(Answer::Ok("FETCH completed".to_owned()))
            }
            _ => None,
        }
    }

    /// The lines that the server sends in the place of this one; `None` for the line itself.
    fn rewritten(self, command: &str, line: &str) -> Option<Vec<String>> {
        let verb = verb(command);
        let mut words = line.split(' ');
        let (tag, word) = (words.next()?, words.next().unwrap_or_default());
        let is_untagged = tag == "*";
        if let Some(id) = self.profile().id.filter(|_| is_untagged && word == "ID") {
            return Some(vec![format!("* ID {id}")]);
        }
        match self {
            Self::Gmail if line.starts_with("* OK [HIGHESTMODSEQ ") => {
                let code = line.split_inclusive(']').next()?;
                Some(vec![code.to_owned()])
            }
            Self::Gmail if verb == "IDLE" && line.contains(" FETCH (") => Some(Vec::new()),
            Self::Microsoft365 if tag == "+" && !line.ends_with('=') => Some(vec!["+".to_owned()]),
            Self::Microsoft365 if is_untagged && word == "STATUS" => Some(vec![format!("{line} ")]),
            Self::Microsoft365 => {
                let code = line.strip_prefix(tag)?.strip_prefix(" OK ")?;
                let code = code.split_inclusive(']').next()?;
                let is_bare = !is_untagged && code.starts_with("[COPYUID ");
                is_bare.then(|| vec![code.to_owned(), format!("{tag} OK COPY completed.")])
            }
            Self::Yahoo if is_untagged && word == "LIST" => {
                let prefix = line.strip_suffix("\"INBOX\"")?;
                Some(vec![format!("{prefix}\"Inbox\"")])
            }
            Self::Yahoo if is_untagged && word == "CAPABILITY" => Some(vec![format!("{line} ")]),
            Self::ICloud if is_untagged && word == "ENABLED" => Some(Vec::new()),
            Self::Cyrus if line == "* ENABLED QRESYNC" => {
                Some(vec!["* ENABLED CONDSTORE QRESYNC".to_owned()])
            }
            Self::Courier if word == "BAD" && !is_untagged => {
                let text = "NO Error in IMAP command received by server.";
                Some(vec![format!("{tag} {text}")])
            }
            Self::Imap4d if is_untagged && !verb.ends_with("FETCH") => {
                let (number, items) = line.split_once(" FETCH (")?;
                let flags = items.split_once("FLAGS ")?.1.strip_suffix(')')?;
                Some(vec![format!("{number} FETCH FLAGS {flags}")])
            }
            _ => None,
        }
    }
}

/// Whether a FETCH, in capital letters, asks for the item `RFC822`.
fn asks_rfc822(line: &str) -> bool {
    let mut words = line.split([' ', '(', ')']);
    words.any(|word| word == "RFC822")
}

impl Builder {
    /// Takes on the habits of a well-known server.
    ///
    /// Replaces the capabilities and the settings that [`Preset`] lists, and creates its special
    /// mailboxes for the user that was added last; what is set afterwards is added to it.
    #[must_use]
    pub fn preset(mut self, preset: Preset) -> Self {
        let profile = preset.profile();
        self.settings.preset = Some(preset);
        self.settings.capabilities = profile
            .capabilities
            .split_ascii_whitespace()
            .filter(|name| *name != "COMPRESS=DEFLATE" || cfg!(feature = "deflate"))
            .map(str::to_owned)
            .collect();
        self = preset.set_up(self);
        for (name, attribute) in profile.mailboxes {
            self = self.special_use(name, attribute);
        }
        self
    }
}

impl Connection {
    /// What the server that is played does not execute.
    pub(crate) fn habitual_refusal(&self, line: &str) -> Option<Answer> {
        self.shared.settings.preset?.refusal(line)
    }

    /// What the server that is played does after a command.
    pub(crate) fn habits_after(&mut self, answer: Answer) -> Answer {
        let Some(preset) = self.shared.settings.preset else {
            return answer;
        };
        let verb = verb(&self.wire.command_line);
        match (preset, answer) {
            (Preset::Gmail, answer) if verb.ends_with("STORE") => {
                self.selected(|_, mailbox| {
                    mailbox.expunge(|message| message.flags.has("\\Deleted"));
                });
                answer
            }
            (Preset::Dovecot, Answer::Ok(text)) if verb == "STATUS" => {
                let name = self.view.as_ref().map(|view| view.name.as_str());
                let asked = self.wire.command_line.split(' ').nth(2);
                let asked = asked.map(|name| name.trim_matches('"'));
                match name.is_some() && name == asked {
                    true => Answer::Ok(
                        "[CLIENTBUG] Status on selected mailbox may have unexpected results"
                            .to_owned(),
                    ),
                    false => Answer::Ok(text),
                }
            }
            (_, answer) => answer,
        }
    }
}

impl Wire {
    /// Queues a response as the server that is played sends it.
    pub(crate) fn send(&mut self, reply: &Reply) -> io::Result<()> {
        let lines = self.preset().and_then(|preset| {
            let is_text = reply.bytes == reply.shown.as_bytes();
            let line = Some(reply.shown.as_str()).filter(|_| is_text)?;
            preset.rewritten(&self.command_line, line)
        });
        match lines {
            None => self.queue(reply),
            Some(lines) => lines
                .iter()
                .try_for_each(|line| self.queue(&Reply::new(line))),
        }
    }
}
