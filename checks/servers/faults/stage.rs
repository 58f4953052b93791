//! Where sessions are played: servers, the ways to them, and a place for one session at a time with
//! a connection beside the proxy that sees what the server has.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use latchbox::types::{FetchItem, Flag, SearchKey, Section, Uid, UidSet};
use latchbox::{Account, Backoff, Client, ClientBuilder, Credentials, Session};
use latchbox_testkit::FaultPlan;

use crate::support::certificates::certificates;
use crate::support::dovecot::{Dovecot, User};
use crate::support::fault_proxy::FaultProxy;
use crate::sync::reader::Access;

/// How long a client waits for an answer that may have been withheld.
const SPEAKING: Duration = Duration::from_millis(400);

/// The same while it connects, which takes a busy machine longer, where that may stall.
const OPENING: Duration = Duration::from_millis(1500);

/// The same where the session stalls later.
const REOPENING: Duration = Duration::from_secs(10);

/// How long where nothing is withheld: nobody waits that long.
pub(super) const LONG: Duration = Duration::from_secs(30);

/// Which Dovecot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// With everything that it has.
    Rich,
    /// Without MOVE, MULTIAPPEND and literals that need not be asked for.
    Poor,
    /// Without UIDPLUS either.
    Bare,
}

/// What a session runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Plain,
    NativeTls,
    Rustls,
    StartTls,
    Compress,
}

/// When a connection can stall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stalls {
    Never,
    /// From the first octet on.
    Opening,
    /// When it is open.
    Open,
}

/// A user and a connection beside the proxy; one session at a time is played here.
pub(super) struct Stage {
    pub(super) user: User,
    pub(super) direct: Session,
    kind: Kind,
    over: Over,
    runs: u32,
}

/// A message as the server has it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) uid: Uid,
    pub(super) flags: Vec<Flag>,
    pub(super) octets: Vec<u8>,
}

impl Kind {
    fn server(self) -> &'static Dovecot {
        static SERVERS: [OnceLock<Dovecot>; 3] = [const { OnceLock::new() }; 3];
        let settings = match self {
            Self::Rich => "protocol imap {\n  mail_plugins = imap_zlib\n}",
            Self::Poor => "imap_capability = IMAP4rev1 UIDPLUS UNSELECT IDLE",
            Self::Bare => "imap_capability = IMAP4rev1 UNSELECT IDLE",
        };
        SERVERS[self as usize].get_or_init(|| Dovecot::start(settings).unwrap())
    }
}

impl Over {
    /// All of them.
    pub(super) const ALL: &'static [Self] = &[
        Self::Plain,
        Self::NativeTls,
        Self::Rustls,
        Self::StartTls,
        Self::Compress,
    ];

    fn port(self, server: &Dovecot) -> u16 {
        match self {
            Self::NativeTls => server.tls_port(),
            Self::Rustls => server.tls_port(),
            _ => server.port(),
        }
    }

    fn builder(self, port: u16) -> ClientBuilder {
        let builder = Client::builder("127.0.0.1").port(port);
        let trusting = |builder: ClientBuilder| {
            let authority = certificates().authority.clone();
            builder.root_certificates_pem(authority).only_given_roots()
        };
        match self {
            Self::Plain => plain(builder),
            Self::NativeTls => {
                trusting(builder).tls_backend(latchbox::transport::TlsBackend::NativeTls)
            }
            Self::Rustls => trusting(builder).tls_backend(latchbox::transport::TlsBackend::Rustls),
            Self::StartTls => {
                let builder =
                    trusting(builder).tls_backend(latchbox::transport::TlsBackend::Rustls);
                builder.start_tls()
            }
            Self::Compress => plain(builder).compress(),
        }
    }
}

fn plain(builder: ClientBuilder) -> ClientBuilder {
    builder.danger_plaintext().danger_cleartext_login()
}

/// The mail of thousands of runs would fill a disk.
impl Drop for Stage {
    fn drop(&mut self) {
        self.user.remove_mail();
    }
}

impl Stage {
    pub(super) fn new(kind: Kind, over: Over) -> Self {
        let server = kind.server();
        let user = server.user();
        let client = plain(Client::builder("127.0.0.1").port(server.port()));
        let client = client.connect().unwrap();
        let direct = client.login(user.name(), user.password());
        Self {
            direct: direct.unwrap(),
            user,
            kind,
            over,
            runs: 0,
        }
    }

    /// A proxy to the server with this plan.
    pub(super) fn proxy(&self, plan: FaultPlan) -> FaultProxy {
        FaultProxy::start(self.over.port(self.kind.server()), plan)
    }

    /// A client through a proxy, which does not wait for long where the connection can stall.
    pub(super) fn builder(&self, proxy: &FaultProxy, stalls: Stalls) -> ClientBuilder {
        let (opening, speaking) = match stalls {
            Stalls::Never => (LONG, LONG),
            Stalls::Opening => (OPENING, SPEAKING),
            Stalls::Open => (REOPENING, SPEAKING),
        };
        let builder = self.over.builder(proxy.port());
        builder
            .connect_timeout(opening)
            .tls_timeout(opening)
            .greeting_timeout(opening)
            .read_timeout(speaking)
            .write_timeout(speaking)
            .logout_timeout(speaking)
            .command_timeout(LONG)
    }

    /// An account of that client that reconnects at once.
    pub(super) fn account(&self, client: ClientBuilder) -> Account {
        let (name, password) = (self.user.name().to_owned(), self.user.password().to_owned());
        let provider = move |_: latchbox::LoginReason<'_>| {
            Ok(Credentials::login(name.as_str(), password.as_str()))
        };
        let backoff = Backoff::new().initial_delay(Duration::ZERO);
        Account::new(client, provider).reconnecting(backoff)
    }

    /// Begins another run; its number.
    pub(super) fn next_run(&mut self) -> u32 {
        self.runs += 1;
        self.runs
    }

    /// Makes a mailbox with these messages, whose UIDs are then 1, 2, ...
    pub(super) fn fill(&self, mailbox: &str, messages: &[Vec<u8>]) {
        self.direct.create(mailbox).unwrap();
        if !messages.is_empty() {
            let messages = messages.iter().map(Vec::as_slice);
            let stored = self.direct.append_each(mailbox, messages).unwrap();
            stored.for_each(|stored| assert!(stored.is_ok(), "{stored:?}"));
        }
    }

    /// For a client that is not ours.
    pub(super) fn access(&self) -> Access {
        Access {
            port: self.kind.server().port(),
            user: self.user.name().to_owned(),
            password: self.user.password().to_owned(),
        }
    }

    /// Everything that the server has in a mailbox.
    pub(super) fn found(&self, mailbox: &str) -> Vec<Found> {
        let mut guard = self.direct.lock_mailbox_read_only(mailbox).unwrap();
        guard.refresh().unwrap();
        contents(&mut guard).unwrap()
    }
}

/// All messages of a mailbox in the order of their UIDs, whole.
pub(super) fn contents<A: latchbox::guard::Access>(
    guard: &mut latchbox::MailboxGuard<'_, A>,
) -> latchbox::Result<Vec<Found>> {
    let all: UidSet = guard.search(SearchKey::All)?;
    let whole = Section::whole();
    let items = [FetchItem::Flags, FetchItem::BodyPeek(whole.clone())];
    let mut found = BTreeMap::new();
    let mut messages = guard.fetch(&all, items)?;
    while let Some(message) = messages.next()? {
        // Else it is told unasked: flags that have changed.
        let (uid, Some(octets)) = (message.uid(), message.body(&whole)) else {
            continue;
        };
        let flags = message.flags().unwrap();
        let one = Found {
            uid,
            flags: flags.filter(|flag| *flag != Flag::Recent).collect(),
            octets: octets.to_vec(),
        };
        assert!(found.insert(uid, one).is_none(), "{uid} came twice");
    }
    Ok(found.into_values().collect())
}

/// A message of so many octets at least that is like no other.
pub(super) fn message(name: &str, octets: usize) -> Vec<u8> {
    let mut message = format!("Subject: {name}\r\nMessage-ID: <{name}@example.test>\r\n\r\n");
    let mut line = 0;
    while message.len() < octets {
        line += 1;
        message += &format!("line {line} of {name}, A1 OK done, * BYE, \u{e4}\r\n");
    }
    message.into_bytes()
}
