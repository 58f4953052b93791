//! A server to check something on, and a user of it whom no other check has.

use latchbox::sasl::Plain;
use latchbox::types::Capability;
use latchbox::{Client, ClientBuilder, Result, Session};
use latchbox_server::NewMessage;

use crate::support::certificates::certificates;
use crate::support::dovecot::{Dovecot, PLUGINS};
use crate::support::servers::{self, PASSWORD};

/// A server.
pub(super) struct Place {
    server: Running,
}

enum Running {
    Dovecot(Dovecot),
    InProcess,
    Other(servers::Server),
}

/// A user with an INBOX, empty at first.
pub(super) struct User {
    pub(super) name: String,
    pub(super) password: String,
    /// Where there is plaintext and STARTTLS, and where TLS from the first byte.
    ports: (u16, u16),
    prefix: &'static str,
    _servers: Vec<latchbox_server::Server>,
}

impl Place {
    pub(super) fn dovecot() -> Self {
        let server = Running::Dovecot(Dovecot::start(PLUGINS).unwrap());
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

    /// Whether it says that it has all this.
    pub(super) fn has(&self, needs: &[Capability]) -> Result<bool> {
        if needs.is_empty() {
            return Ok(true);
        }
        let user = self.user();
        let offered = user.implicit_tls().connect()?.capabilities()?;
        let had = user.session()?.capabilities()?;
        let has = |capability| offered.supports(capability) || had.supports(capability);
        Ok(needs.iter().all(has))
    }

    pub(super) fn user(&self) -> User {
        match &self.server {
            Running::Dovecot(dovecot) => {
                let user = dovecot.user();
                User {
                    name: user.name().to_owned(),
                    password: user.password().to_owned(),
                    ports: (dovecot.port(), dovecot.tls_port()),
                    prefix: "",
                    _servers: Vec::new(),
                }
            }
            Running::InProcess => User::in_process(),
            Running::Other(server) => User {
                name: server.user(),
                password: PASSWORD.to_owned(),
                ports: (server.running.port(), server.running.tls_port()),
                prefix: server.prefix,
                _servers: Vec::new(),
            },
        }
    }
}

impl User {
    fn in_process() -> Self {
        let leaf = &certificates().server;
        let builder = || {
            let server = latchbox_server::Server::builder();
            server.mailbox("Archive", Vec::<NewMessage>::new())
        };
        let plain = builder().start_tls(&leaf.certificate, &leaf.key);
        let tls = builder().tls(&leaf.certificate, &leaf.key);
        let servers = [plain, tls].map(|builder| builder.start().unwrap());
        Self {
            name: latchbox_server::USER.to_owned(),
            password: latchbox_server::PASSWORD.to_owned(),
            ports: (servers[0].port(), servers[1].port()),
            prefix: "",
            _servers: servers.into(),
        }
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
        session.map_err(|(error, _)| error)
    }

    pub(super) fn authenticate(&self, client: Client) -> Result<Session> {
        let session = client.authenticate(Plain::new(&self.name, self.password.as_str()));
        session.map_err(|(error, _)| error)
    }

    pub(super) fn session(&self) -> Result<Session> {
        self.log_in(self.implicit_tls().connect()?)
    }
}
