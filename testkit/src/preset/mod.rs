//! Well-known servers: what they advertise, how they greet, and their habits.

mod habits;
mod profile;
mod rewriting;

use self::profile::Shown;
use crate::builder::{Builder, Deletion, Literals};
use crate::conditions::TooMany;
use crate::mime::style::{Odd, Style};

/// A well-known server whose habits the kit takes on.
///
/// A preset advertises what the server advertises, as far as the kit speaks it; greets as it does; has
/// its special mailboxes, its limits of connections, of the length of a command line and of the size of
/// a message; and the habits that are listed for it. It is made from transcripts and public reports,
/// and is no promise of what the server does next year. The hierarchy delimiter is always `/`.
///
/// Each preset also lists what is known of its server and not shown. Some of it has a time that a test
/// does not wait for; a [`FaultPlan`](crate::FaultPlan) or a method of [`Server`](crate::Server) does the
/// same at once. For the rest, no report says what makes the server do it.
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
    /// Gmail. XOAUTH2 and OAUTHBEARER take [`TOKEN`](crate::TOKEN); LOGIN works too.
    ///
    /// - The greeting has no capabilities.
    /// - `* OK [HIGHESTMODSEQ 1]` has no text.
    /// - Capabilities include `X-GM-EXT-1`, CONDSTORE without QRESYNC, and `LITERAL-`.
    /// - CREATE of a name with a trailing delimiter fails.
    /// - IDLE reports new and expunged messages only, no flag changes.
    /// - A message with `\Deleted` is expunged at once (auto-expunge).
    /// - `[COPYUID ..]` has the messages in another order than the command, with each UID beside its
    ///   new one.
    /// - EXPUNGE comes inside UID FETCH and UID COPY too.
    /// - A FETCH of messages of which some were expunged by another client returns the others, and `NO
    ///   Some messages could not be FETCHed (Failure)`.
    /// - In BODYSTRUCTURE, a multipart without parts is `("ALTERNATIVE" ("BOUNDARY" "x") NIL NIL NIL)`,
    ///   and a message/rfc822 part in base64 has no envelope and no structure.
    /// - The quota is 5 TiB, more than 32 bits of KiB.
    /// - While [`set_delay`](crate::Server::set_delay) is on, completions end in `[THROTTLED]`.
    /// - [`Refusal::Limit`](crate::Refusal) is `* NO [WEBALERT https://..] Web login required.` and `NO
    ///   [ALERT] Please log in via your web browser: ..`.
    /// - At most 15 connections: `NO [ALERT] Too many simultaneous connections. (Failure)`.
    /// - A command line has at most 16 KiB.
    ///
    /// A keyword may have brackets and spaces in it, which
    /// [`set_flags`](crate::Server::set_flags) with `OIB-Seen-[Gmail]/All Mail` does.
    ///
    /// Not shown: `MODSEQ (0)`; wrong sizes of parts; an address whose name and mailbox are swapped; a
    /// number before the MD5 of a part; a Message-ID that is written anew.
    Gmail,
    /// Microsoft 365 (Exchange Online). XOAUTH2 takes [`TOKEN`](crate::TOKEN); LOGIN works too.
    ///
    /// - The greeting ends in brackets that are no response code.
    /// - No ENABLE, no CONDSTORE, no LIST-EXTENDED, no SPECIAL-USE.
    /// - A continuation request is `+` without a space.
    /// - `[COPYUID ..]` of a COPY is a line without `* OK`. If the command copies nothing, its sets are
    ///   empty: `[COPYUID 701  ]`.
    /// - MOVE is followed by EXISTS after its EXPUNGE responses.
    /// - STATUS responses end in a space.
    /// - LIST does not quote a name with a tab in it.
    /// - SEARCH FROM, TO, CC and BCC look at display names only; `HEADER FROM` looks at all.
    /// - `ID ()` and `CHARSET UTF-8` are BAD; other charsets `NO [BADCHARSET (US-ASCII)]`.
    /// - In ENVELOPE, the host of an address without a domain is `.MISSING-HOST-NAME.`.
    /// - In BODYSTRUCTURE, a disposition without parameters is `"inline"`, and not `("inline" NIL)`; the
    ///   description of a part with S/MIME stands in the place of its disposition; an encoding with a
    ///   space after it in the header has it here too; and a message with neither Content-Type nor body
    ///   is `(NIL NIL NIL NIL NIL "7BIT" 0 NIL NIL NIL NIL)`.
    /// - The login of a connection that is one too many (more than 16) succeeds, by AUTHENTICATE with
    ///   `OK [Error="Microsoft.Exchange.." AuthResultFromPopImapEnd=0 ..]`. The next two commands are
    ///   answered with `BAD User is authenticated but not connected.`, and `* BYE Connection closed. 14`
    ///   follows.
    ///
    /// Not shown: an IDLE whose connection ends after some minutes without BYE
    /// ([`kick`](crate::Server::kick) does this); a `+` after the end of a command; line breaks and
    /// quotes inside quoted strings; numbers beyond EXISTS; a partial FETCH that returns the whole body;
    /// sizes of `-1`, and wrong ones of S/MIME parts; encodings that are NIL or not quoted; copies in Archive
    /// that are shown after the next SELECT only; and what only older servers do on a company's own machine,
    /// such as NAMESPACE that is BAD, `Public Folders/` with its delimiter, and From that is NIL.
    Microsoft365,
    /// Yahoo Mail. XOAUTH2 and OAUTHBEARER take [`TOKEN`](crate::TOKEN).
    ///
    /// - INBOX is called `Inbox` in LIST.
    /// - CAPABILITY ends in a space.
    /// - Any charset of SEARCH is `BAD [CLIENTBUG]`.
    /// - NOT in SEARCH has no effect: `NOT SEEN` finds what is seen.
    /// - `UID FETCH n:*` beyond the last UID is never answered.
    /// - In ENVELOPE, a list without an address is `()`, and not NIL.
    /// - A command line has at most 1,000 octets.
    ///
    /// Not shown: NO to a FETCH because of one damaged message
    /// ([`Fault::Refuse`](crate::Fault::Refuse) does this); stray spaces in lists of addresses; that ID had
    /// to name a GUID.
    Yahoo,
    /// iCloud.
    ///
    /// - ENABLE is answered with OK, and no `* ENABLED` says what it enabled.
    /// - `ANNOTATE-EXPERIMENT-1` is advertised, and ANNOTATE is refused.
    /// - `FETCH RFC822` is answered with OK and no data; `BODY[]` works.
    /// - No MOVE, no SPECIAL-USE.
    ///
    /// Not shown: a Message-ID in ENVELOPE whose quoted string is not closed.
    ICloud,
    /// NetEase: 163.com, 126.com and yeah.net, on Coremail.
    ///
    /// - SELECT, EXAMINE and STATUS are `NO SELECT Unsafe Login. Please contact kefu@188.com for help`
    ///   until the client has sent ID after its login.
    /// - STATUS returns no UIDNEXT; `* STATUS "x" ()` if nothing else is asked for.
    /// - No IDLE, NAMESPACE, UNSELECT or MOVE.
    /// - The mailboxes have Chinese names.
    ///
    /// Not shown: what it does with tags that are numbers.
    NetEase,
    /// Yandex Mail. XOAUTH2 takes [`TOKEN`](crate::TOKEN); LOGIN works too.
    ///
    /// - The special uses are returned by LIST and XLIST, without SPECIAL-USE; `\Drafts` and `\Trash`
    ///   twice.
    /// - FLAGS lacks `\Flagged`, which PERMANENTFLAGS has.
    /// - `* BYE` is repeated; three times here, where the server goes on until the client closes.
    /// - A FETCH of a section that does not exist has no value, and not NIL: `BODY[2] )`.
    /// - In BODYSTRUCTURE, a multipart without parts has nothing before its subtype.
    /// - The mailboxes have Russian names.
    ///
    /// Not shown: the delimiter, a vertical bar; an IDLE whose connection ends without BYE
    /// ([`kick`](crate::Server::kick) does this).
    Yandex,
    /// Dovecot 2.3.
    ///
    /// - All messages that one STORE changes have the same mod-sequence.
    /// - STATUS of the selected mailbox is answered with `OK [CLIENTBUG]`.
    /// - A deleted mailbox stays selected, with an untagged NO in each answer.
    /// - In ENVELOPE, the host of an address without a domain is `MISSING_DOMAIN`.
    /// - In BODYSTRUCTURE, a multipart without parts has an empty text/plain part.
    /// - FETCH BINARY of what cannot be decoded is `NO [UNKNOWN-CTE]`, as with the kit by default.
    /// - At most 10 connections: `NO [LIMIT] Maximum number of connections from user+IP exceeded`.
    /// - A command line has at most 64 KiB.
    ///
    /// Not shown: a multipart without parts of older versions, `(NIL "alternative" ..)`.
    Dovecot,
    /// Cyrus IMAP 3.6.
    ///
    /// - The greeting has only the capabilities that matter before a login.
    /// - Each changed message has a mod-sequence of its own.
    /// - ENABLE QRESYNC is answered with `* ENABLED CONDSTORE QRESYNC`.
    /// - If the selected mailbox is deleted or renamed, all its messages vanish, and commands are NO.
    /// - A full mailbox is `NO Over quota`, without a code.
    /// - No limit of connections unless one is set: `NO Too many open connections (3 of 2 for ..)`.
    ///
    /// Not shown: what only older versions do: NO to a second ID before the login, `* SEARCH` where RETURN
    /// was sent, a RETURN that fails with a charset, and BINARY and CATENATE that fail.
    Cyrus,
    /// Courier IMAP 5.
    ///
    /// - No LITERAL+, ID, UNSELECT, MOVE or CONDSTORE.
    /// - SELECT reports no UIDNEXT.
    /// - The view of the selected mailbox changes only with NOOP, CHECK and IDLE.
    /// - A renamed mailbox has another UIDVALIDITY, and one that was deleted and created again is
    ///   shown without notice to clients that have it selected.
    /// - What it does not understand is `NO Error in IMAP command received by server.`, also a password
    ///   with `~` that is not quoted.
    /// - The quota root is `ROOT`; without a quota, `* QUOTA "ROOT"` has no list.
    /// - No limit of connections unless one is set: closed before the greeting.
    /// - A command line has at most 16 KiB.
    ///
    /// Not shown: the prefix `INBOX.`; `* 0 FETCH` of versions of 2004.
    Courier,
    /// GNU mailutils imap4d 3.
    ///
    /// - Only NAMESPACE, ID, IDLE, LITERAL+ and UNSELECT.
    /// - IDLE is accepted, and reports nothing.
    /// - ID before the login is BAD.
    /// - The completion of AUTHENTICATE ends in LF without CR.
    /// - INBOX is `* LIST (\NoInferiors) NIL INBOX`.
    /// - An unsolicited FETCH has no outer parentheses: `* 2 FETCH FLAGS (\Flagged)`.
    /// - Keywords are `BAD STORE Unrecognized flag`.
    /// - A deleted mailbox stays selected.
    /// - A mailbox that was deleted and created again may keep its UIDVALIDITY:
    ///   [`Server::restart_uids`](crate::Server::restart_uids) does this.
    /// - No limit of connections unless one is set: no greeting.
    Imap4d,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 10] = [
        Self::Gmail,
        Self::Microsoft365,
        Self::Yahoo,
        Self::ICloud,
        Self::NetEase,
        Self::Yandex,
        Self::Dovecot,
        Self::Cyrus,
        Self::Courier,
        Self::Imap4d,
    ];

    /// The greeting after its `* OK`.
    pub(crate) fn greeting(self, capabilities: &str) -> String {
        let profile = self.profile();
        let shown: Vec<&str> = match profile.shown {
            Shown::Nothing => return profile.greeting.to_owned(),
            Shown::All => vec![capabilities],
            Shown::Few(names) => {
                let all = capabilities.split(' ');
                all.filter(|name| names.contains(name)).collect()
            }
        };
        format!("[CAPABILITY {}] {}", shown.join(" "), profile.greeting)
    }

    /// What is odd about how it describes messages.
    fn style(self) -> Style {
        Style(match self {
            Self::Gmail => &[Odd::NothingInMultipart, Odd::HiddenMessages],
            Self::Microsoft365 => &[
                Odd::MissingHostName,
                Odd::BareDispositions,
                Odd::MisplacedDescriptions,
                Odd::NilForNothing,
                Odd::PaddedEncodings,
            ],
            Self::Yahoo => &[Odd::EmptyAddressLists],
            Self::Yandex => &[Odd::NothingInMultipart, Odd::OmittedSections],
            Self::Dovecot => &[Odd::MissingDomain, Odd::TextInMultipart],
            Self::ICloud | Self::NetEase | Self::Cyrus | Self::Courier | Self::Imap4d => &[],
        })
    }

    fn set_up(self, mut builder: Builder) -> Builder {
        builder.settings.style = self.style();
        match self {
            Self::Gmail => builder
                .literals(Literals::Minus)
                .append_limit(35_651_584)
                .storage_limit(5 << 30)
                .connection_limit(15, TooMany::Gmail),
            Self::Microsoft365 => builder.connection_limit(16, TooMany::Exchange),
            Self::Yahoo => builder.append_limit(41_697_280),
            Self::ICloud | Self::NetEase | Self::Yandex => builder,
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
            Self::Imap4d => builder.deletion(Deletion::Kept).silent_idle(),
        }
    }
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

    /// Reports a quota of so many KiB, which is not enforced.
    fn storage_limit(self, limit: u64) -> Self {
        self.with_account(|account| account.lock().report_storage_limit(limit))
    }
}
