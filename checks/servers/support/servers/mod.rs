//! Other real servers than Dovecot, each private, on free loopback ports, with users whose
//! password is `secret`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

mod more;

pub(crate) use more::{goimap, hoodiecrow, pymap, stalwart};

use super::private_server::{Place, Running, program};

/// How many users a server has.
const USERS: usize = 100;

/// The password of every user.
pub(crate) const PASSWORD: &str = "secret";

/// A running server.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) running: Running,
    /// What stands behind the names of its users.
    domain: &'static str,
    /// What stands before the names of mailboxes.
    pub(crate) prefix: &'static str,
    /// The UID of the first message that is stored.
    pub(crate) first_uid: u32,
    /// Whether searches find a message only some time after it was stored.
    pub(crate) finds_late: bool,
    /// The name and the password of the one whom it knows, where it is so made.
    only_user: Option<(&'static str, &'static str)>,
    given: AtomicUsize,
}

impl Server {
    /// A user whom nobody else has been given, unless there is only one.
    pub(crate) fn user(&self) -> String {
        if let Some((name, _)) = self.only_user {
            return name.to_owned();
        }
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        assert!(number < USERS, "{} has no more users", self.name);
        format!("user{number}{}", self.domain)
    }

    /// The password of its users.
    pub(crate) fn password(&self) -> &'static str {
        self.only_user.map_or(PASSWORD, |(_, password)| password)
    }
}

fn users() -> impl Iterator<Item = String> {
    (0..USERS).map(|number| format!("user{number}"))
}

/// Cyrus IMAP 3.6.
pub(crate) fn cyrus() -> Result<Server, String> {
    started("Cyrus", || {
        let place = Place::new()?;
        let conf = |text| place.filled_in(text);
        for part in [
            "db", "lock", "log", "msg", "proc", "quota", "socket", "user",
        ] {
            place.make_directory(&format!("conf/{part}"))?;
        }
        place.make_directory("spool")?;
        place.make_directory("tmp")?;
        place.write("imapd.conf", conf(include_str!("cyrus_imapd.conf"))?)?;
        place.write("cyrus.conf", conf(include_str!("cyrus_master.conf"))?)?;
        unpacked(&place, "cyrus", &["imapd", "idled"])?;
        let users = place.directory().join("sasldb2");
        for user in self::users().chain(["admin".to_owned()]) {
            add_sasl_user(&users, &user)?;
        }
        let path = |name: &str| place.directory().join(name).display().to_string();
        let mut command = place.account.prefix();
        command.push(needed("cyrus-common", "/usr/lib/cyrus/bin/master")?);
        command.extend(["-D", "-C"].map(ToOwned::to_owned));
        command.extend([path("imapd.conf"), "-M".into(), path("cyrus.conf")]);
        command.extend(["-p".into(), path("master.pid")]);
        place.start(&command)
    })
}

/// Courier IMAP 5; it needs root.
pub(crate) fn courier() -> Result<Server, String> {
    let mut server = started("Courier", || {
        let mut place = Place::new()?;
        // What its processes are started by takes no notice of another.
        place.signal = "KILL";
        if !place.account.is_from_root() {
            return Err("Courier runs in namespaces of its own, which needs root".into());
        }
        needed("courier-base", "/usr/bin/couriertls")?;
        let script = include_str!("courier.sh").replace("@USERS@", &USERS.to_string());
        place.write("start.sh", place.filled_in(&script)?)?;
        unpacked(&place, "courier", &["imapd", "imaplogin"])?;
        let words = "unshare --mount --pid --fork --kill-child --mount-proc sh";
        let mut command: Vec<String> = words.split(' ').map(ToOwned::to_owned).collect();
        command.push(place.directory().join("start.sh").display().to_string());
        place.start(&command)
    })?;
    server.prefix = "INBOX.";
    Ok(server)
}

/// GNU mailutils imap4d 3.15.
pub(crate) fn imap4d() -> Result<Server, String> {
    let mut server = started("imap4d", || {
        let place = Place::new()?;
        place.write("imap4d.rc", place.filled_in(include_str!("imap4d.conf"))?)?;
        let hash = output("openssl", &["passwd", "-6", PASSWORD])?;
        let (mut passwords, mut secrets) = (String::new(), String::new());
        for user in users() {
            let home = format!("{}/mail/{user}", place.directory().display());
            let (uid, gid) = (place.account.uid, place.account.gid);
            passwords += &format!("{user}:{hash}:{uid}:{gid}:{user}:{home}:/bin/sh\n");
            secrets += &format!("{user}@example.test\t{PASSWORD}\n");
            for part in ["cur", "new", "tmp"] {
                place.make_directory(&format!("mail/{user}/INBOX/{part}"))?;
            }
            place.make_directory(&format!("mail/{user}/folders"))?;
        }
        place.write("passwd/example.test", passwords)?;
        place.write("cram", secrets)?;
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(place.directory().join("cram"), private).map_err(|e| e.to_string())?;
        let program = program("imap4d").ok_or(missing("mailutils-imap4d"))?;
        let config = place.directory().join("imap4d.rc");
        let mut command = place.account.prefix();
        command.push(program.display().to_string());
        command.push(format!("--config-file={}", config.display()));
        place.start(&command)
    })?;
    server.domain = "@example.test";
    Ok(server)
}

/// Starts a server until it greets; anew when somebody took a port between the look for a free one
/// and the start.
fn started(
    name: &'static str,
    start: impl Fn() -> Result<Running, String>,
) -> Result<Server, String> {
    loop {
        let running = start()?;
        match running.wait_for_greeting() {
            Ok(()) => {
                return Ok(Server {
                    name,
                    running,
                    domain: "",
                    prefix: "",
                    first_uid: 1,
                    finds_late: false,
                    only_user: None,
                    given: AtomicUsize::new(0),
                });
            }
            Err(said) if said.contains("in use") => {}
            Err(said) => return Err(format!("{name} does not start: {said}")),
        }
    }
}

/// Copies programs out of a package that conflicts with another server's, and that `tests/run`
/// has unpacked therefore, to where the server's account can read them.
fn unpacked(place: &Place, package: &str, programs: &[&str]) -> Result<(), String> {
    let from = PathBuf::from(installed(package)?);
    place.make_directory("bin")?;
    for program in programs {
        let to = place.directory().join("bin").join(program);
        fs::copy(from.join(program), &to)
            .map_err(|error| format!("{}: {error}", from.display()))?;
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&to, executable).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Where `tests/run` puts programs that it does not install for all.
fn installed(name: &str) -> Result<String, String> {
    let target = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = target.ancestors().nth(3).map(Path::to_path_buf);
    let path = target.unwrap_or_default().join("servers").join(name);
    match path.exists() {
        true => Ok(path.display().to_string()),
        false => Err(format!("{}: tests/run puts it there", path.display())),
    }
}

fn add_sasl_user(file: &PathBuf, user: &str) -> Result<(), String> {
    let program = program("saslpasswd2").ok_or(missing("sasl2-bin"))?;
    let mut child = Command::new(program)
        .arg("-f")
        .arg(file)
        .args(["-u", "localhost", "-p", "-c", user])
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let input = child
        .stdin
        .take()
        .map(|mut input| input.write_all(b"secret"));
    let status = child.wait().map_err(|error| error.to_string())?;
    match input {
        Some(Ok(())) if status.success() => Ok(()),
        _ => Err(format!("saslpasswd2 {user}: {status}")),
    }
}

fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn needed(package: &str, path: &str) -> Result<String, String> {
    match Path::new(path).exists() {
        true => Ok(path.to_owned()),
        false => Err(missing(package)),
    }
}

fn missing(package: &str) -> String {
    format!("a server of the package {package} is missing: tests/run installs it")
}
