//! The servers that `tests/run --long` installs. They run as whoever runs the tests: they write
//! nowhere but into their own directories.

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
    Ok(server)
}

/// pymap, which has no port for TLS from the first byte.
pub(crate) fn pymap() -> Result<Server, String> {
    let mut server = started("pymap", || {
        let mut place = Place::new()?;
        place.has_tls_port = false;
        run(
            place,
            &[&installed("pymap/bin/pymap")?],
            "--host 127.0.0.1 --port @PORT@ --cert @DIR@/tls/server.pem --key @DIR@/tls/server.key \
             dict --demo-user user0 --demo-password secret",
        )
    })?;
    server.first_uid = 101;
    Ok(server)
}

/// hoodiecrow.
pub(crate) fn hoodiecrow() -> Result<Server, String> {
    started("hoodiecrow", || {
        let place = Place::new()?;
        place.write("hoodiecrow.js", include_str!("hoodiecrow.js"))?;
        let modules = installed("hoodiecrow/node_modules")?;
        run(
            place,
            &["env", &format!("NODE_PATH={modules}"), "node"],
            "@DIR@/hoodiecrow.js @PORT@ @TLS_PORT@ @DIR@/tls",
        )
    })
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
    Ok(server)
}

fn run(place: Place, program: &[&str], arguments: &str) -> Result<Running, String> {
    let arguments = place.filled_in(arguments)?;
    let words = program.iter().copied().chain(arguments.split(' '));
    let command: Vec<String> = words.map(ToOwned::to_owned).collect();
    place.start(&command)
}
