//! A private Dovecot on free loopback ports, and users of it that no other test has.
//!
//! ```text
//! let jane = dovecot().user();
//! jane.fill("INBOX", 10_000);
//! ... connect to dovecot().port(), log in as jane.name() with jane.password() ...
//! ```
//!
//! All tests of one process share one server; each makes users of its own.

mod mail;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use mail::User;

use super::private_server::{self, Account, Place, Running};

/// What quotas, ACLs and metadata need, for [`Dovecot::start`].
pub(crate) const PLUGINS: &str = include_str!("plugins.conf");

/// The Dovecot of this test process.
///
/// # Panics
/// When it does not start, with what it said.
#[track_caller]
pub(crate) fn dovecot() -> &'static Dovecot {
    static SHARED: OnceLock<Result<Dovecot, String>> = OnceLock::new();
    match SHARED.get_or_init(|| Dovecot::start("")) {
        Ok(dovecot) => dovecot,
        Err(why) => panic!("{why}"),
    }
}

/// A running server. Dropping it ends it.
pub(crate) struct Dovecot {
    running: Running,
    account: Account,
    users: AtomicUsize,
}

impl Dovecot {
    /// Starts a server whose configuration has these lines too, for a test that needs another
    /// than the shared one. `@DIR@` and the like are filled in there too.
    pub(crate) fn start(more: &str) -> Result<Self, String> {
        Self::start_with(more, &[])
    }

    /// The same with files of this content in its directory.
    pub(crate) fn start_with(more: &str, files: &[(&str, &[u8])]) -> Result<Self, String> {
        let program = program()?;
        loop {
            let server = Self::launch(&program, more, files)?;
            match server.running.wait_for_greeting() {
                Ok(()) => return Ok(server),
                Err(said) => {
                    let why = format!("{said}{}", server.log());
                    // Else somebody took a port between the look for a free one and the start.
                    if !why.contains("Address already in use") {
                        return Err(format!("Dovecot does not start: {why}"));
                    }
                }
            }
        }
    }

    fn launch(
        program: &std::path::Path,
        more: &str,
        files: &[(&str, &[u8])],
    ) -> Result<Self, String> {
        let place = Place::new()?;
        for part in ["run", "mail", "passwd"] {
            place.make_directory(part)?;
        }
        for (name, content) in files {
            let content = String::from_utf8_lossy(content);
            place.write(name, place.filled_in(&content)?)?;
        }
        let config = include_str!("dovecot.conf").replace("@MORE@", more);
        place.write("dovecot.conf", place.filled_in(&config)?)?;
        let account = place.account.clone();
        let mut command = account.prefix();
        let file = place.directory().join("dovecot.conf");
        command.extend(
            [program, "-F".as_ref(), "-c".as_ref(), &file].map(|word| word.display().to_string()),
        );
        Ok(Self {
            running: place.start(&command)?,
            account,
            users: AtomicUsize::new(0),
        })
    }

    /// Where it speaks plaintext and STARTTLS, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.running.port()
    }

    /// Where it speaks TLS from the first byte, on 127.0.0.1.
    pub(crate) fn tls_port(&self) -> u16 {
        self.running.tls_port()
    }

    fn directory(&self) -> &std::path::Path {
        self.running.directory()
    }

    /// What it has logged until now.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory().join("dovecot.log")).unwrap_or_default()
    }

    /// A new user, with an empty INBOX and the password `secret`.
    pub(crate) fn user(&self) -> User {
        self.user_with("secret", "")
    }

    /// A new user with this password (no colon) and these fields of a passwd-file, for instance
    /// `userdb_mail=mdbox:~/mdbox`.
    pub(crate) fn user_with(&self, password: &str, fields: &str) -> User {
        let name = format!("user{}", self.users.fetch_add(1, Ordering::Relaxed) + 1);
        let user = User::new(self.directory(), &name, password, &self.account);
        let entry = self.directory().join("passwd").join(&name);
        fs::write(
            &entry,
            format!("{name}:{{PLAIN}}{password}::::::{fields}\n"),
        )
        .unwrap();
        self.account.own(&entry).unwrap();
        user
    }

    /// The program that speaks IMAP as this user on its standard input and output, and greets with
    /// PREAUTH.
    pub(crate) fn preauthenticated(&self, user: &User) -> Command {
        let mut words = self.account.prefix();
        words.extend(["/usr/lib/dovecot/imap".into(), "-c".into()]);
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .arg(self.directory().join("dovecot.conf"))
            .args(["-u", user.name()])
            .current_dir(self.directory());
        command
    }

    /// Runs `doveadm` on this server and gives what it printed, for instance `["kick", "user1"]`.
    pub(crate) fn doveadm(&self, arguments: &[&str]) -> String {
        let output = self.try_doveadm(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "doveadm {arguments:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs `doveadm`, which may fail: `kick` does if the user has no connection.
    pub(crate) fn try_doveadm(&self, arguments: &[&str]) -> Output {
        let mut prefix = self.account.prefix();
        prefix.extend(["doveadm".into(), "-c".into()]);
        let output = Command::new(&prefix[0])
            .args(&prefix[1..])
            .arg(self.directory().join("dovecot.conf"))
            .args(arguments)
            .current_dir(self.directory())
            .output();
        output.unwrap()
    }

    /// Ends the server, with all its connections, and starts it again on the same ports with the
    /// same mail.
    pub(crate) fn restart(&mut self) {
        self.running.restart();
    }

    /// Ends the server, with all its connections; [`start_again`](Self::start_again) brings it back.
    pub(crate) fn shut_down(&mut self) {
        self.running.shut_down();
    }

    /// Starts the server again on the same ports with the same mail.
    pub(crate) fn start_again(&mut self) {
        self.running.start_again();
    }

    /// Ends the server and waits until nothing is left of it.
    pub(crate) fn stop(self) {
        self.running.stop();
    }
}

fn program() -> Result<PathBuf, String> {
    let program = private_server::program("dovecot").ok_or(
        "the tests talk to a real Dovecot, and there is none on this machine: tests/run \
        installs it, or `apt-get install dovecot-imapd` does",
    )?;
    let version = Command::new(&program).arg("--version").output();
    let version = version.map_err(|error| format!("{}: {error}", program.display()))?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    if version.starts_with("2.3.") {
        return Ok(program);
    }
    Err(format!(
        "the tests know how to configure Dovecot 2.3, and this one is {version}"
    ))
}
