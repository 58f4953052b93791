//! How a server is set up before it starts.

use crate::conditions::{Conditions, TooMany};
use crate::faults::FaultPlan;
use crate::message::NewMessage;
use crate::server::Server;
use crate::settings::{Hook, Inspector, Settings};
use crate::store::account::Account;

/// The user that a server has when none is named.
pub const USER: &str = "jane@example.com";

/// The password of [`USER`].
pub const PASSWORD: &str = "correct-horse";

/// The OAuth token that lets the first user in, where XOAUTH2 or OAUTHBEARER is advertised.
pub const TOKEN: &str = "ya29.a-token-that-is-good-for-an-hour";

/// How a connection begins.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Greeting {
    /// `* OK`: the client logs in.
    #[default]
    Ok,
    /// `* PREAUTH`: the client is the first user already.
    PreAuth,
    /// `* BYE`: the server closes the connection.
    Bye,
}

/// Which literals the server takes without a continuation (RFC 7888).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Literals {
    /// `LITERAL+`: all.
    #[default]
    Plus,
    /// `LITERAL-`: those of at most 4096 octets.
    Minus,
    /// None.
    Synchronizing,
}

/// What clients see when their selected mailbox is deleted or created again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Deletion {
    /// `* BYE`; the connection is closed.
    #[default]
    Bye,
    /// VANISHED or EXPUNGE for all messages. Then the server answers NO until a mailbox is selected.
    /// Cyrus does this, also if the mailbox is renamed.
    Vanished,
    /// The deleted mailbox stays selected, as with Dovecot. Each answer has an untagged NO.
    Kept,
    /// The mailbox that has the name now is selected in its place, and its UIDVALIDITY is not
    /// reported, as with Courier. `* BYE` if there is none.
    Replaced,
}

/// Sets up a [`Server`]; made by [`Server::builder`].
#[derive(Debug)]
pub struct Builder {
    pub(crate) accounts: Vec<Account>,
    pub(crate) tls: Option<(Vec<u8>, Vec<u8>)>,
    pub(crate) plan: FaultPlan,
    pub(crate) conditions: Conditions,
    pub(crate) in_process: bool,
    pub(crate) settings: Settings,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            accounts: Vec::new(),
            tls: None,
            plan: FaultPlan::new(),
            conditions: Conditions::default(),
            in_process: false,
            settings: Settings::default(),
        }
    }

    /// Adds a user. Later calls of [`mailbox`](Self::mailbox) and others are about this user, until the
    /// next is added. By default, the server has [`USER`] with [`PASSWORD`].
    ///
    /// ```
    /// use latchbox_testkit::{Server, message};
    ///
    /// let server = Server::builder()
    ///     .user("ann", "secret")
    ///     .mailbox("Work", [message("Plan", "bob@example.com", "At ten.")])
    ///     .user("bob", "hidden")
    ///     .start()?;
    /// assert_eq!(server.messages_of("ann", "Work").len(), 1);
    /// assert!(server.messages_of("bob", "INBOX").is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn user(mut self, name: &str, password: &str) -> Self {
        self.accounts.push(Account::new(name, password));
        self
    }

    /// Creates a mailbox with the levels above it, subscribes to it, and puts messages into it, in order.
    ///
    /// ```
    /// use latchbox_testkit::{NewMessage, Server, message};
    ///
    /// let bytes = message("Hello", "ann@example.com", "Hi!");
    /// let server = Server::builder()
    ///     .mailbox("INBOX", [NewMessage::new(bytes).flag("\\Seen")])
    ///     .start()?;
    /// assert_eq!(server.messages("INBOX")[0].flags, ["\\Seen"]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn mailbox<M>(self, name: &str, messages: impl IntoIterator<Item = M>) -> Self
    where
        M: Into<NewMessage>,
    {
        self.with_account(|account| {
            let mut mailboxes = account.lock();
            mailboxes.subscribed.insert(name.to_owned());
            let mailbox = mailboxes.create(name);
            for message in messages {
                mailbox.append(message.into().into());
            }
        })
    }

    /// Adds a mailbox without messages to the user that was added last.
    ///
    /// ```
    /// use latchbox_testkit::Server;
    ///
    /// let server = Server::builder().empty_mailbox("Drafts").start()?;
    /// assert_eq!(server.mailboxes(), ["Drafts", "INBOX"]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn empty_mailbox(self, name: &str) -> Self {
        self.mailbox(name, [] as [NewMessage; 0])
    }

    /// Lets the mailbox be selected read-only only, as a shared one often is.
    #[must_use]
    pub fn read_only(self, mailbox: &str) -> Self {
        self.with_account(|account| account.lock().create(mailbox).read_only = true)
    }

    /// Puts `count` copies of a message into a mailbox, which is created if it does not exist. The
    /// copies share their octets and their mod-sequence: a million of them take less than a second
    /// and about 100 MB.
    ///
    /// ```
    /// use latchbox_testkit::{Server, message};
    ///
    /// let server = Server::builder()
    ///     .fill("Big", 1_000_000, message("Hello", "ann@example.com", "Hi!"))
    ///     .start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn fill(self, mailbox: &str, count: u32, message: impl Into<NewMessage>) -> Self {
        self.with_account(|account| {
            let mut mailboxes = account.lock();
            let mailbox = mailboxes.create(mailbox);
            mailbox.append_many(message.into().into(), count);
        })
    }

    /// Makes a mailbox without mod-sequences: SELECT returns NOMODSEQ, and commands that need
    /// mod-sequences are refused (RFC 7162, section 3.1.2.2).
    #[must_use]
    pub fn no_mod_seq(self, mailbox: &str) -> Self {
        self.with_account(|account| account.lock().create(mailbox).no_mod_seq = true)
    }

    /// Leaves UIDNEXT out of the answers to SELECT and EXAMINE, as Courier does. STATUS returns it.
    #[must_use]
    pub fn omit_uid_next(mut self) -> Self {
        self.settings.omits_uid_next = true;
        self
    }

    /// Freezes the view of a selected mailbox, as Courier does: only NOOP, CHECK and IDLE report what
    /// other clients changed. Until then FETCH and SEARCH return what the mailbox had before, also
    /// messages that were expunged since.
    #[must_use]
    pub fn frozen_view(mut self) -> Self {
        self.settings.frozen_view = true;
        self
    }

    /// Accepts IDLE and reports nothing in it, as imap4d does: what has changed comes with the next
    /// command.
    #[must_use]
    pub fn silent_idle(mut self) -> Self {
        self.settings.silent_idle = true;
        self
    }

    /// Assigns one mod-sequence to all messages that one STORE changes, as Dovecot does. By default
    /// each message gets its own, as with Cyrus.
    #[must_use]
    pub fn shared_mod_seqs(mut self) -> Self {
        self.settings.shared_mod_seqs = true;
        self
    }

    /// Assigns another UIDVALIDITY to a mailbox that is renamed, as Courier does.
    #[must_use]
    pub fn rename_resets_uid_validity(mut self) -> Self {
        self.settings.rename_resets = true;
        self
    }

    /// Sets what clients see when their selected mailbox is deleted or created again.
    #[must_use]
    pub fn deletion(mut self, deletion: Deletion) -> Self {
        self.settings.deletion = deletion;
        self
    }

    /// Calls `hook` with the first line of each command, including the tag, after the command was
    /// read and before it is executed. A test changes the mailboxes here at the same point of each
    /// run. `hook` is called on the thread of the connection, which answers after it has returned.
    ///
    /// ```
    /// use latchbox_testkit::{Server, USER, message};
    ///
    /// let server = Server::builder()
    ///     .on_command(|server, line| {
    ///         if line.contains("UID FETCH") {
    ///             server.deliver(USER, "INBOX", message("Now", "ann@example.com", "Hi!"));
    ///         }
    ///     })
    ///     .start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn on_command(mut self, hook: impl Fn(&Server, &str) + Send + Sync + 'static) -> Self {
        self.settings.hook = Some(Hook(Box::new(hook)));
        self
    }

    /// Calls `inspector` with the octets of each command, with its literals and through its last CRLF,
    /// after the command was read and before it is executed. A test compares here what its client sends
    /// with another grammar. `inspector` is called on the thread of the connection, which is closed if
    /// it panics.
    ///
    /// ```
    /// use latchbox_testkit::Server;
    ///
    /// let server = Server::builder()
    ///     .on_octets(|command| assert!(command.ends_with(b"\r\n")))
    ///     .start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn on_octets(mut self, inspector: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.settings.inspector = Some(Inspector(Box::new(inspector)));
        self
    }

    /// Gives the mailbox an attribute of RFC 6154. `Archive`, `Drafts`, `Junk`, `Sent` and `Trash`
    /// have theirs by name.
    #[must_use]
    pub fn special_use(self, mailbox: &str, attribute: &str) -> Self {
        self.with_account(|account| {
            let mut mailboxes = account.lock();
            mailboxes.create(mailbox);
            mailboxes.set_special_use(mailbox, attribute);
        })
    }

    /// Sets the quota of the user that was added last: units of 1,024 octets, and messages. APPEND
    /// beyond it is answered with `NO [OVERQUOTA]`. By default there is a quota that is not enforced.
    ///
    /// ```
    /// use latchbox_testkit::Server;
    ///
    /// let server = Server::builder().quota(10_240, 1000).start()?; // 10 MiB
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn quota(self, storage: u64, messages: u64) -> Self {
        self.with_account(|account| account.lock().set_limits(storage, messages))
    }

    /// Gives another user rights to a mailbox (RFC 4314), as letters such as `lrs`. GETACL returns
    /// them; a mailbox is still seen by its owner only.
    #[must_use]
    pub fn acl(self, mailbox: &str, identifier: &str, rights: &str) -> Self {
        self.with_account(|account| {
            let mut mailboxes = account.lock();
            let acl = &mut mailboxes.create(mailbox).acl;
            acl.insert(identifier.to_owned(), rights.to_owned());
        })
    }

    /// Advertises one more capability. What belongs to a capability works while it is advertised, and
    /// is BAD while it is not.
    ///
    /// Advertised by default: IMAP4rev1, ACL, AUTH=PLAIN, BINARY, CHILDREN, COMPRESS=DEFLATE (with the
    /// feature `deflate`), CONDSTORE, ENABLE, ESEARCH, ID, IDLE, LIST-EXTENDED, LIST-METADATA,
    /// LIST-MYRIGHTS, LIST-STATUS, LITERAL+, METADATA, MOVE, MULTIAPPEND, NAMESPACE, PARTIAL, QUOTA,
    /// QUOTASET, SASL-IR, SEARCHRES, SORT, SORT=DISPLAY, SPECIAL-USE, STATUS=SIZE,
    /// THREAD=ORDEREDSUBJECT, THREAD=REFERENCES, UIDPLUS, UNSELECT and WITHIN.
    ///
    /// These can be added, and work:
    ///
    /// | capability | with |
    /// |---|---|
    /// | `CATENATE`, `CREATE-SPECIAL-USE`, `ESORT`, `FILTERS`, `JMAPACCESS`, `MULTISEARCH`, `OBJECTID`, `PREVIEW`, `REPLACE`, `SAVEDATE`, `THREAD=REFS`, `UIDBATCHES`, `UNAUTHENTICATE`, `X-GM-EXT-1`, `XLIST` | all that belongs to them |
    /// | `QRESYNC` | CONDSTORE, and answers like those of Dovecot |
    /// | `IMAP4rev2`, `UIDONLY`, `UTF8=ACCEPT`, `UTF8=ONLY` | ENABLE |
    /// | `NOTIFY` | all events except annotations and metadata |
    /// | `LANGUAGE` | English alone |
    /// | `SEARCH=FUZZY` | keys that match exactly |
    /// | `INPROGRESS` | one response in a search or copy of at least 1,000 messages |
    /// | `CONTEXT=SEARCH`, `CONTEXT=SORT` | pages; UPDATE is answered with NOUPDATE |
    /// | `APPENDLIMIT`, `APPENDLIMIT=`, `MESSAGELIMIT=`, `SAVELIMIT=` | the number after `=`, which is enforced |
    /// | `AUTH=LOGIN` | a user's name and password |
    /// | `AUTH=XOAUTH2`, `AUTH=OAUTHBEARER` | [`TOKEN`], which is that of the first user |
    /// | `AUTH=CRAM-MD5`, `AUTH=SCRAM-SHA-1`, `-256`, `-512`, and their `-PLUS` over TLS | the feature `scram` |
    /// | `AUTH=EXTERNAL`, `AUTH=ANONYMOUS` | a login as the first user |
    /// | `LOGINDISABLED` | NO to LOGIN until TLS is on |
    /// | `STARTTLS` | [`start_tls`](Self::start_tls), which adds it |
    ///
    /// LITERAL+ and LITERAL- are chosen with [`literals`](Self::literals). Any other name is advertised,
    /// and does nothing.
    ///
    /// ```
    /// use latchbox_testkit::{Server, USER, message};
    ///
    /// let server = Server::builder()
    ///     .with("QRESYNC")
    ///     .with("MESSAGELIMIT=1000")
    ///     .fill("INBOX", 3, message("Hello", "ann@example.com", "Hi!"))
    ///     .start()?;
    /// // SELECT INBOX (QRESYNC (1 2)) now returns * VANISHED (EARLIER) 2
    /// server.expunge(USER, "INBOX", [2]);
    /// assert_eq!(server.state(USER, "INBOX").unwrap().highest_mod_seq, 3);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn with(mut self, capability: &str) -> Self {
        let limit = capability.strip_prefix("APPENDLIMIT=");
        if let Some(limit) = limit.and_then(|limit| limit.parse().ok()) {
            self.settings.append_limit = limit;
        }
        self.settings.capabilities.push(capability.to_owned());
        self
    }

    /// Does not advertise a capability, and answers BAD to what belongs to it.
    #[must_use]
    pub fn without(mut self, capability: &str) -> Self {
        let same = |own: &String| own.eq_ignore_ascii_case(capability);
        self.settings.capabilities.retain(|own| !same(own));
        self
    }

    /// Sets the faults that connections meet; none by default. See [`FaultPlan`].
    #[must_use]
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.plan = plan;
        self
    }

    /// Sets how many connections may be open, and what happens to one more; any number by default.
    #[must_use]
    pub fn connection_limit(mut self, limit: usize, too_many: TooMany) -> Self {
        self.conditions.limit = Some((limit, too_many));
        self
    }

    /// Sets how connections begin.
    #[must_use]
    pub fn greeting(mut self, greeting: Greeting) -> Self {
        self.settings.greeting = greeting;
        self
    }

    /// Sets which literals are taken without a continuation.
    #[must_use]
    pub fn literals(mut self, literals: Literals) -> Self {
        self.settings.literals = literals;
        self
    }

    /// Refuses longer literals: with `NO [TOOBIG]` if the client waits, else by closing the connection;
    /// 64 MiB by default.
    #[must_use]
    pub fn append_limit(mut self, octets: u32) -> Self {
        self.settings.append_limit = octets;
        self
    }

    /// Sets how many events the timeline keeps: 10,000 by default, 0 for none.
    #[must_use]
    pub fn timeline_limit(mut self, events: usize) -> Self {
        self.settings.timeline_limit = events;
        self
    }

    /// Prints the timeline if the server is dropped because a test panics, so that each failed
    /// assertion of the test shows what went over the wire.
    ///
    /// ```
    /// use latchbox_testkit::Server;
    ///
    /// let server = Server::builder().show_timeline_on_panic().start()?;
    /// assert!(server.messages("INBOX").is_empty(), "the table follows this text");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn show_timeline_on_panic(mut self) -> Self {
        self.settings.shows_timeline = true;
        self
    }

    /// Speaks TLS from the first byte, with this certificate (chain) and PKCS #8 key in PEM.
    #[must_use]
    pub fn tls(mut self, certificate: &[u8], key: &[u8]) -> Self {
        self.tls = Some((certificate.to_vec(), key.to_vec()));
        self.settings.implicit_tls = true;
        self
    }

    /// Offers STARTTLS, with this certificate (chain) and PKCS #8 key in PEM.
    #[must_use]
    pub fn start_tls(mut self, certificate: &[u8], key: &[u8]) -> Self {
        self.tls = Some((certificate.to_vec(), key.to_vec()));
        self.settings.implicit_tls = false;
        self.with("STARTTLS")
    }

    /// Works on the user that was named last.
    pub(crate) fn with_account(mut self, work: impl FnOnce(&Account)) -> Self {
        if self.accounts.is_empty() {
            self = self.user(USER, PASSWORD);
        }
        if let Some(account) = self.accounts.last() {
            work(account);
        }
        self
    }
}
