//! The servers that `tests/run --long` installs. They run as whoever runs the tests: they write
//! nowhere but into their own directories.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::super::private_server::DEADLINE;
use super::{Place, Running, Server, installed, started, users};

/// Stalwart, as the crate `stalwart-lite` has it.
pub(crate) fn stalwart() -> Result<Server, String> {
    let mut server = started("Stalwart", || {
        let place = Place::new()?;
        place.make_directory("data")?;
        let mut principals = String::new();
        for user in users() {
            principals += &format!(
                "[[directory.mem.principals]]\nclass = \"individual\"\nname = \"{user}\"\n\
                 secret = \"secret\"\nemail = [\"{user}@example.test\"]\n"
            );
        }
        let config = include_str!("stalwart.toml").replace("@PRINCIPALS@", &principals);
        place.write("config.toml", place.filled_in(&config)?)?;
        run(
            place,
            &[&installed("stalwart/bin/stalwart")?],
            "--config @DIR@/config.toml",
        )
    })?;
    server.finds_late = true;
    both_open(server)
}

/// pymap, which has no port for TLS from the first byte.
pub(crate) fn pymap() -> Result<Server, String> {
    let mut server = started("pymap", || {
        let place = Place::new()?;
        run(
            place,
            &[&installed("pymap/bin/pymap")?],
            "--host 127.0.0.1 --port @PORT@ --cert @DIR@/tls/server.pem --key @DIR@/tls/server.key \
             dict --demo-user user0 --demo-password secret",
        )
    })?;
    server.has_tls_port = false;
    server.first_uid = 101;
    Ok(server)
}

/// hoodiecrow.
pub(crate) fn hoodiecrow() -> Result<Server, String> {
    let server = started("hoodiecrow", || {
        let place = Place::new()?;
        place.write("hoodiecrow.js", include_str!("hoodiecrow.js"))?;
        let modules = installed("hoodiecrow/node_modules")?;
        run(
            place,
            &["env", &format!("NODE_PATH={modules}"), "node"],
            "@DIR@/hoodiecrow.js @PORT@ @TLS_PORT@ @DIR@/tls",
        )
    })?;
    both_open(server)
}

/// go-imap v1.
pub(crate) fn goimap() -> Result<Server, String> {
    let mut server = started("go-imap", || {
        let place = Place::new()?;
        run(
            place,
            &[&installed("goimap/goimap")?],
            "@PORT@ @TLS_PORT@ @DIR@/tls/server.pem @DIR@/tls/server.key",
        )
    })?;
    server.only_user = Some(("username", "password"));
    both_open(server)
}

/// Waits for the port with TLS, which is opened after the other.
fn both_open(server: Server) -> Result<Server, String> {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", server.running.tls_port())).is_err() {
        if began.elapsed() > DEADLINE {
            return Err(format!("{} has no port for TLS", server.name));
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(server)
}

fn run(place: Place, program: &[&str], arguments: &str) -> Result<Running, String> {
    let arguments = place.filled_in(arguments)?;
    let words = program.iter().copied().chain(arguments.split(' '));
    let command: Vec<String> = words.map(ToOwned::to_owned).collect();
    place.start(&command)
}
