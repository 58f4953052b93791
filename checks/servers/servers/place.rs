//! A server to check something on, and a user of it whom no other check has.

use std::time::{Duration, Instant};

use latchbox::sasl::Mechanism;
use latchbox::types::{Capabilities, SearchKey, Uid, UidSet};
use latchbox::{Client, ClientBuilder, Result, Session};
use latchbox_testkit::NewMessage;

use crate::dovecot::mechanisms;
use crate::support::certificates::certificates;
use crate::support::servers;

use super::PATIENCE;
use super::judge::judge;

/// What the in-process server has beyond what it has always.
const EXTENSIONS: &[&str] = &[
    "CREATE-SPECIAL-USE",
    "AUTH=LOGIN",
    "AUTH=CRAM-MD5",
    "AUTH=SCRAM-SHA-1",
    "AUTH=SCRAM-SHA-256",
    "AUTH=SCRAM-SHA-256-PLUS",
    "AUTH=SCRAM-SHA-512",
    "AUTH=XOAUTH2",
    "AUTH=OAUTHBEARER",
    "AUTH=EXTERNAL",
    "AUTH=ANONYMOUS",
    "CATENATE",
    "ESORT",
    "MULTISEARCH",
    "NOTIFY",
    "OBJECTID",
    "PREVIEW",
    "QRESYNC",
    "REPLACE",
    "SAVEDATE",
    "SEARCH=FUZZY",
    "THREAD=REFS",
    "UTF8=ACCEPT",
];

/// A server.
pub(super) struct Place {
    server: Running,
}

enum Running {
    Dovecot,
    InProcess,
    Other(servers::Server),
    /// Of a kind that knows one user: one for each.
    ForOneUser(fn() -> std::result::Result<servers::Server, String>),
}

/// A user with an INBOX, empty at first.
pub(super) struct User {
    pub(super) name: String,
    pub(super) password: String,
    /// Where there is plaintext and STARTTLS, and where TLS from the first byte.
    ports: (u16, u16),
    prefix: &'static str,
    /// The UID of the first message that is stored.
    pub(super) first_uid: u32,
    /// Whether searches find a message only some time after it was stored.
    pub(super) finds_late: bool,
    /// How long the server may take to tell.
    pub(super) patience: Duration,
    /// What lets the user in with XOAUTH2 and OAUTHBEARER, where there are such.
    pub(super) token: String,
    _servers: Servers,
}

/// Those that end with the user.
enum Servers {
    None,
    InProcess {
        _both: [latchbox_testkit::Server; 2],
    },
    Other {
        _own: servers::Server,
    },
}

impl Place {
    pub(super) fn dovecot() -> Self {
        let server = Running::Dovecot;
        Self { server }
    }

    pub(super) fn cyrus() -> Self {
        let server = Running::Other(servers::cyrus().unwrap());
        Self { server }
    }

    pub(super) fn courier() -> Self {
        let server = Running::Other(servers::courier().unwrap());
        Self { server }
    }

    pub(super) fn imap4d() -> Self {
        let server = Running::Other(servers::imap4d().unwrap());
        Self { server }
    }

    pub(super) fn in_process() -> Self {
        let server = Running::InProcess;
        Self { server }
    }

    pub(super) fn stalwart() -> Self {
        let server = Running::Other(servers::stalwart().unwrap());
        Self { server }
    }

    pub(super) fn pymap() -> Self {
        let server = Running::ForOneUser(servers::pymap);
        Self { server }
    }

    pub(super) fn hoodiecrow() -> Self {
        let server = Running::ForOneUser(servers::hoodiecrow);
        Self { server }
    }

    pub(super) fn goimap() -> Self {
        let server = Running::ForOneUser(servers::goimap);
        Self { server }
    }

    /// What it says that it has, before or after login; to a client with a certificate.
    pub(super) fn capabilities(&self) -> Result<Capabilities> {
        let user = self.user();
        let mut capabilities = user.with_certificate().connect()?.capabilities()?;
        capabilities.extend(user.session()?.capabilities()?.iter().cloned());
        Ok(capabilities)
    }

    pub(super) fn user(&self) -> User {
        match &self.server {
            Running::Dovecot => {
                let server = mechanisms::server();
                let user = server.user();
                User {
                    name: user.name().to_owned(),
                    password: user.password().to_owned(),
                    ports: (server.port(), server.tls_port()),
                    prefix: "",
                    first_uid: 1,
                    finds_late: false,
                    patience: PATIENCE,
                    token: mechanisms::token(user.name(), 3600),
                    _servers: Servers::None,
                }
            }
            Running::InProcess => User::in_process(),
            Running::Other(server) => User::of(server, Servers::None),
            Running::ForOneUser(start) => {
                let own = start().unwrap();
                let user = User::of(&own, Servers::None);
                let _servers = Servers::Other { _own: own };
                User { _servers, ..user }
            }
        }
    }
}

impl User {
    fn of(server: &servers::Server, servers: Servers) -> Self {
        let tls_port = match server.running.has_tls_port() {
            true => server.running.tls_port(),
            false => 0,
        };
        Self {
            name: server.user(),
            password: server.password().to_owned(),
            ports: (server.running.port(), tls_port),
            prefix: server.prefix,
            first_uid: server.first_uid,
            finds_late: server.finds_late,
            patience: PATIENCE,
            token: "token".to_owned(),
            _servers: servers,
        }
    }

    fn in_process() -> Self {
        let leaf = &certificates().server;
        let builder = || {
            let server = latchbox_testkit::Server::builder();
            let server = server.mailbox("Archive", Vec::<NewMessage>::new());
            let server = server.on_octets(judge);
            EXTENSIONS
                .iter()
                .fold(server, |server, extension| server.with(extension))
        };
        let plain = builder().start_tls(&leaf.certificate, &leaf.key);
        let tls = builder().tls(&leaf.certificate, &leaf.key);
        let servers = [plain, tls].map(|builder| builder.start().unwrap());
        Self {
            name: latchbox_testkit::USER.to_owned(),
            password: latchbox_testkit::PASSWORD.to_owned(),
            ports: (servers[0].port(), servers[1].port()),
            prefix: "",
            first_uid: 1,
            finds_late: false,
            patience: PATIENCE,
            token: latchbox_testkit::TOKEN.to_owned(),
            _servers: Servers::InProcess { _both: servers },
        }
    }

    /// The UIDs of messages of INBOX, of which the first that was stored is 1 here.
    pub(super) fn uids(&self, places: &str) -> Result<UidSet> {
        let places = UidSet::try_from(places)?;
        let uids = places.iter().map(|uid| uid.value() + self.first_uid - 1);
        Ok(UidSet::unbound(uids.filter_map(Uid::new)))
    }

    /// Which of the messages that were stored in INBOX these are; the first is 1.
    pub(super) fn places(&self, uids: &UidSet) -> String {
        let places = uids.iter().map(|uid| uid.value() + 1 - self.first_uid);
        let places = UidSet::unbound(places.filter_map(Uid::new));
        places.to_string()
    }

    /// Waits until all messages of INBOX can be found.
    pub(super) fn settle(&self, session: &Session) -> Result<()> {
        let began = Instant::now();
        while self.finds_late && began.elapsed() < self.patience {
            let mut inbox = session.lock_mailbox("INBOX")?;
            let found = inbox.search(SearchKey::From("example.com".to_owned()))?;
            if found.len() == u64::from(inbox.exists()) {
                break;
            }
        }
        Ok(())
    }

    /// The name of a mailbox of this user's, as the server has it.
    pub(super) fn mailbox(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The name of a mailbox for the archive, which is made where there is none.
    pub(super) fn archive(&self, session: &Session) -> Result<String> {
        let name = self.mailbox("Archive");
        if session.list(name.as_str())?.is_empty() {
            session.create(name.as_str())?;
        }
        Ok(name)
    }

    fn builder(&self, port: u16) -> ClientBuilder {
        Client::builder("localhost")
            .port(port)
            .root_certificates_pem(certificates().authority.clone())
    }

    pub(super) fn implicit_tls(&self) -> ClientBuilder {
        self.builder(self.ports.1)
    }

    pub(super) fn start_tls(&self) -> ClientBuilder {
        self.builder(self.ports.0).start_tls()
    }

    pub(super) fn log_in(&self, client: Client) -> Result<Session> {
        let session = client.login(&self.name, self.password.as_str());
        session.map_err(latchbox::Error::from)
    }

    /// To a server that may ask who the client is.
    pub(super) fn with_certificate(&self) -> ClientBuilder {
        let leaf = &certificates().client;
        let (certificate, key) = (leaf.certificate.clone(), leaf.key.clone());
        self.secure().client_certificate_pem(certificate, key)
    }

    /// By TLS, however the server has it.
    pub(super) fn secure(&self) -> ClientBuilder {
        match self.ports.1 {
            0 => self.start_tls(),
            _ => self.implicit_tls(),
        }
    }

    pub(super) fn authenticate(&self, mechanism: impl Mechanism) -> Result<Session> {
        let session = self.secure().connect()?.authenticate(mechanism);
        session.map_err(latchbox::Error::from)
    }

    pub(super) fn session(&self) -> Result<Session> {
        self.log_in(self.secure().connect()?)
    }
}
