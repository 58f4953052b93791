//! A private Dovecot on free loopback ports, and users of it that no other test has.
//!
//! ```text
//! let jane = dovecot().user();
//! jane.fill("INBOX", 10_000);
//! ... connect to dovecot().port(), log in as jane.name() with jane.password() ...
//! ```
//!
//! All tests of one process share one server; each makes users of its own. The server ends when
//! the process does, in whatever way, because a small shell watches over both (`watch.sh`).

mod mail;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use mail::User;
use tempfile::TempDir;

use super::certificates::certificates;

/// The directory's length beyond which its sockets' paths are too long for the system.
const LONGEST_DIRECTORY: usize = 78;

/// How long the server may take to greet, or to end.
const DEADLINE: Duration = Duration::from_secs(20);

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
    directory: PathBuf,
    port: u16,
    tls_port: u16,
    account: Account,
    users: AtomicUsize,
    /// Holds the pipe whose end is the server's end.
    watch: Child,
}

impl Dovecot {
    /// Starts a server whose configuration has these lines too, for a test that needs another
    /// than the shared one.
    pub(crate) fn start(more: &str) -> Result<Self, String> {
        let program = program()?;
        let account = Account::find()?;
        loop {
            let server = Self::launch(&program, &account, more)?;
            match server.wait_for_greeting() {
                Ok(()) => return Ok(server),
                // Somebody else took a port between the look for a free one and the start.
                Err(why) if why.contains("Address already in use") => {}
                Err(why) => return Err(format!("Dovecot does not start: {why}")),
            }
        }
    }

    fn launch(program: &Path, account: &Account, more: &str) -> Result<Self, String> {
        let temporary = new_directory()?;
        let directory = temporary.path().to_path_buf();
        let (port, tls_port) = free_ports();
        let failed = |error: std::io::Error| format!("{}: {error}", directory.display());
        let tls = directory.join("tls");
        for part in ["tls", "run", "mail", "passwd"] {
            fs::create_dir(directory.join(part)).map_err(failed)?;
        }
        let server = &certificates().server;
        fs::write(tls.join("server.pem"), &server.certificate).map_err(failed)?;
        fs::write(tls.join("server.key"), &server.key).map_err(failed)?;
        let config = include_str!("dovecot.conf")
            .replace(
                "@DIR@",
                directory
                    .to_str()
                    .ok_or("the directory's name is no UTF-8")?,
            )
            .replace("@PORT@", &port.to_string())
            .replace("@TLS_PORT@", &tls_port.to_string())
            .replace("@USER@", &account.user)
            .replace("@GROUP@", &account.group)
            .replace("@UID@", &account.uid.to_string())
            .replace("@GID@", &account.gid.to_string())
            .replace("@MORE@", more);
        let config_file = directory.join("dovecot.conf");
        fs::write(&config_file, config).map_err(failed)?;
        account.own_all(&directory).map_err(failed)?;

        let mut watch = Command::new("sh");
        watch
            .args(["-c", include_str!("watch.sh"), "watch.sh"])
            .arg(&directory);
        watch
            .args(account.prefix())
            .arg(program)
            .arg("-F")
            .arg("-c")
            .arg(config_file);
        // In a group of its own, so that Ctrl-C reaches it by the pipe and in order.
        watch
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let watch = watch.spawn().map_err(|error| format!("sh: {error}"))?;
        Ok(Self {
            directory: temporary.keep(),
            port,
            tls_port,
            account: account.clone(),
            users: AtomicUsize::new(0),
            watch,
        })
    }

    fn wait_for_greeting(&self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < DEADLINE {
            if greets(self.port) {
                return Ok(());
            }
            if self.directory.join("exited").exists() {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let output = fs::read_to_string(self.directory.join("output")).unwrap_or_default();
        Err(format!("{output}{}", self.log()))
    }

    /// Where it speaks plaintext and STARTTLS, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where it speaks TLS from the first byte, on 127.0.0.1.
    pub(crate) fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// What it has logged until now.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory.join("dovecot.log")).unwrap_or_default()
    }

    /// A new user, with an empty INBOX and the password `secret`.
    pub(crate) fn user(&self) -> User {
        self.user_with("secret", "")
    }

    /// A new user with this password (no colon) and these fields of a passwd-file, for instance
    /// `userdb_mail=mdbox:~/mdbox`.
    pub(crate) fn user_with(&self, password: &str, fields: &str) -> User {
        let name = format!("user{}", self.users.fetch_add(1, Ordering::Relaxed) + 1);
        let user = User::new(&self.directory, &name, password, &self.account);
        let entry = self.directory.join("passwd").join(&name);
        fs::write(
            &entry,
            format!("{name}:{{PLAIN}}{password}::::::{fields}\n"),
        )
        .unwrap();
        self.account.own(&entry).unwrap();
        user
    }

    /// Runs `doveadm` on this server and gives what it printed, for instance `["kick", "user1"]`.
    pub(crate) fn doveadm(&self, arguments: &[&str]) -> String {
        let mut prefix = self.account.prefix();
        prefix.extend(["doveadm".into(), "-c".into()]);
        let output = Command::new(&prefix[0])
            .args(&prefix[1..])
            .arg(self.directory.join("dovecot.conf"))
            .args(arguments)
            .current_dir(&self.directory)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "doveadm {arguments:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Ends the server, with all its connections, and starts it again on the same ports with the
    /// same mail.
    pub(crate) fn restart(&mut self) {
        let starts = |server: &Self| {
            let starts = fs::read_to_string(server.directory.join("starts"));
            starts.unwrap_or_default().lines().count()
        };
        let before = starts(self);
        let orders = self.watch.stdin.as_mut().unwrap();
        orders.write_all(b"restart\n").unwrap();
        let began = Instant::now();
        while starts(self) == before {
            assert!(began.elapsed() < DEADLINE, "Dovecot does not end");
            thread::sleep(Duration::from_millis(5));
        }
        self.wait_for_greeting().unwrap();
    }

    /// Ends the server and waits until nothing is left of it.
    pub(crate) fn stop(mut self) {
        drop(self.watch.stdin.take());
        self.watch.wait().unwrap();
        assert!(
            !self.directory.exists(),
            "{} stays",
            self.directory.display()
        );
    }
}

/// The account that the server runs as: never root.
#[derive(Clone, Debug)]
struct Account {
    user: String,
    group: String,
    uid: u32,
    gid: u32,
    /// Files have to be given away, and commands started as somebody else.
    from_root: bool,
}

impl Account {
    fn find() -> Result<Self, String> {
        let from_root = id("-u", None)? == "0";
        let name = from_root.then_some("nobody");
        let number = |text: String| text.parse().map_err(|_| format!("`id` says {text}"));
        Ok(Self {
            user: id("-un", name)?,
            group: id("-gn", name)?,
            uid: number(id("-u", name)?)?,
            gid: number(id("-g", name)?)?,
            from_root,
        })
    }

    /// What to put before a command so that this account runs it.
    fn prefix(&self) -> Vec<String> {
        if !self.from_root {
            return vec!["env".into()];
        }
        let (uid, gid) = (self.uid.to_string(), self.gid.to_string());
        let words = [
            "setpriv",
            "--reuid",
            &uid,
            "--regid",
            &gid,
            "--clear-groups",
            "env",
        ];
        words
            .iter()
            .map(ToString::to_string)
            .chain(["HOME=/nonexistent".into()])
            .collect()
    }

    fn own(&self, path: &Path) -> std::io::Result<()> {
        if self.from_root {
            std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    fn own_all(&self, directory: &Path) -> std::io::Result<()> {
        self.own(directory)?;
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            match path.is_dir() {
                true => self.own_all(&path)?,
                false => self.own(&path)?,
            }
        }
        Ok(())
    }
}

fn id(what: &str, whom: Option<&str>) -> Result<String, String> {
    let output = Command::new("id").arg(what).args(whom).output();
    let output = output.map_err(|error| format!("id: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "id {what}: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn program() -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|directory| directory.join("dovecot"))
        .find(|program| program.exists())
        .ok_or(
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

/// A new directory, in memory where the system has that.
fn new_directory() -> Result<TempDir, String> {
    let in_memory = PathBuf::from("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("latchbox-");
    let made = builder.tempdir_in(in_memory).or_else(|_| builder.tempdir());
    let directory = made.map_err(|error| format!("no temporary directory: {error}"))?;
    match directory.path().as_os_str().len() {
        0..=LONGEST_DIRECTORY => Ok(directory),
        _ => Err(format!(
            "{} is too long for Dovecot's sockets",
            directory.path().display()
        )),
    }
}

fn free_ports() -> (u16, u16) {
    // Both are held until both are known, so that they differ.
    let (one, other) = (
        TcpListener::bind("127.0.0.1:0"),
        TcpListener::bind("127.0.0.1:0"),
    );
    let port = |listener: std::io::Result<TcpListener>| {
        listener
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port()
    };
    (port(one), port(other))
}

/// Whether a whole greeting line comes; that the port takes connections says too little.
fn greets(port: u16) -> bool {
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let mut line = String::new();
    stream.set_read_timeout(Some(DEADLINE)).is_ok()
        && BufReader::new(stream).read_line(&mut line).is_ok()
        && line.starts_with("* OK")
        && line.ends_with("\r\n")
}
