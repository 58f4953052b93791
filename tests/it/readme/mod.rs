//! What the README and the crate's page say is so.
//!
//! The table of what works where: each line has a check here, which runs on each server, and no
//! check is without its line. The drawing of the floors: each module stands where the house has it.

mod checks;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use checks::CHECKS;
use latchbox::sasl::Plain;
use latchbox::{Client, ClientBuilder, Error, Result, Session};
use latchbox_server::{NewMessage, PASSWORD, Server, USER};

use crate::house::FLOORS;
use crate::support::certificates::certificates;
use crate::support::dovecot::dovecot;

/// An account on some server, with INBOX and Archive, both empty at first.
struct Place {
    user: String,
    password: String,
    /// Where there is plaintext and STARTTLS, and where TLS from the first byte.
    ports: (u16, u16),
    _servers: Vec<Server>,
}

impl Place {
    fn in_process() -> Self {
        let leaf = &certificates().server;
        let builder = || Server::builder().mailbox("Archive", Vec::<NewMessage>::new());
        let plain = builder().start_tls(&leaf.certificate, &leaf.key);
        let tls = builder().tls(&leaf.certificate, &leaf.key);
        let servers = [plain, tls].map(|builder| builder.start().unwrap());
        Self {
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            ports: (servers[0].port(), servers[1].port()),
            _servers: servers.into(),
        }
    }

    fn on_dovecot() -> Self {
        let user = dovecot().user();
        Self {
            user: user.name().to_owned(),
            password: user.password().to_owned(),
            ports: (dovecot().port(), dovecot().tls_port()),
            _servers: Vec::new(),
        }
    }

    fn builder(&self, port: u16) -> ClientBuilder {
        Client::builder("localhost")
            .port(port)
            .root_certificates_pem(certificates().authority.clone())
    }

    fn implicit_tls(&self) -> ClientBuilder {
        self.builder(self.ports.1)
    }

    fn start_tls(&self) -> ClientBuilder {
        self.builder(self.ports.0).start_tls()
    }

    fn log_in(&self, client: Client) -> Result<Session> {
        let session = client.login(&self.user, self.password.as_str());
        session.map_err(|(error, _)| error)
    }

    fn authenticate(&self, client: Client) -> Result<Session> {
        let session = client.authenticate(Plain::new(&self.user, self.password.as_str()));
        session.map_err(|(error, _)| error)
    }

    fn session(&self) -> Result<Session> {
        self.log_in(self.implicit_tls().connect()?)
    }
}

/// The rows of the table: what, and whether it works on each server.
fn table() -> Vec<(String, Vec<bool>)> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let (_, table) = readme
        .split_once("\n| what | Dovecot 2.3 | in-process |\n|---|---|---|\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let what = cells.next().unwrap().to_owned();
        let works = cells.map(|cell| match cell {
            "yes" => true,
            "no" => false,
            other => panic!("{what}: neither yes nor no: {other}"),
        });
        (what.clone(), works.collect())
    })
    .collect()
}

/// Holds a column of the table against a server: "yes" works, "no" is refused as unsupported.
fn hold(column: usize, place: impl Fn() -> Place) {
    for (what, works) in table() {
        eprintln!("{what}");
        let (_, check) = CHECKS.iter().find(|(name, _)| *name == what).unwrap();
        match (works[column], check(&place())) {
            (true, Ok(())) | (false, Err(Error::Unsupported(_))) => {}
            (works, outcome) => panic!("{what}: the README says {works}, and it is {outcome:?}"),
        }
    }
}

#[test]
fn each_line_has_a_check_and_each_check_a_line() {
    let lines: Vec<String> = table().into_iter().map(|(what, _)| what).collect();
    let checks: Vec<&str> = CHECKS.iter().map(|(what, _)| *what).collect();
    assert_eq!(lines, checks);
}

#[test]
fn the_crate_page_draws_the_floors_as_they_are() {
    let face = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let face = fs::read_to_string(face).unwrap();
    let mut drawn = BTreeMap::new();
    let lines = face.lines().filter_map(|line| line.strip_prefix("//! "));
    for line in lines.skip_while(|line| *line != "# The house") {
        let (floor, rest) = line.trim_start().split_once(' ').unwrap_or_default();
        let (Ok(floor), Some((rooms, _))) = (floor.parse(), rest.trim_start().split_once("  "))
        else {
            continue;
        };
        for room in rooms.split(", ") {
            drawn.insert(room, floor);
        }
    }
    let modules = face
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "));
    let modules = modules.filter_map(|line| line.strip_suffix(';'));
    let floor_of = |room: &str| FLOORS.iter().find(|(name, _)| *name == room).unwrap().1;
    let floors: BTreeMap<&str, u8> = modules
        .chain(["lib"])
        .map(|room| (room, floor_of(room)))
        .collect();
    assert_eq!(drawn, floors);
}

#[test]
fn what_works_on_dovecot() {
    hold(0, Place::on_dovecot);
}

#[test]
fn what_works_in_process() {
    hold(1, Place::in_process);
}
