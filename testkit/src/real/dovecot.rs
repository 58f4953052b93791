//! A private Dovecot in a temporary folder, and its end with the process that started it.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long Dovecot may take to greet, or to end.
const DEADLINE: Duration = Duration::from_secs(60);

/// A running Dovecot. Dropping it ends it and removes its folder.
#[derive(Debug)]
pub(crate) struct Dovecot {
    folder: PathBuf,
    port: u16,
    watch: Mutex<Child>,
}

/// The account that it runs as: never root.
struct Account {
    user: String,
    group: String,
    uid: u32,
    gid: u32,
    /// Files have to be given away, and the program started as somebody else.
    from_root: bool,
}

impl Dovecot {
    /// Starts it with these users and passwords, and with mailboxes that have a special use.
    pub(crate) fn start(
        users: &[(&str, &str)],
        special_uses: &[(String, String)],
    ) -> io::Result<Self> {
        let program = program()?;
        let account = Account::find()?;
        let folder = new_folder()?;
        for part in ["run", "mail"] {
            fs::create_dir_all(folder.join(part))?;
        }
        let entry = |(user, password): &(&str, &str)| format!("{user}:{{PLAIN}}{password}::::::\n");
        fs::write(
            folder.join("passwd"),
            users.iter().map(entry).collect::<String>(),
        )?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mailbox = |(name, attribute): &(String, String)| {
            format!("  mailbox \"{name}\" {{\n    special_use = {attribute}\n  }}\n")
        };
        let mailboxes: String = special_uses.iter().map(mailbox).collect();
        let config = include_str!("dovecot.conf")
            .replace("@DIR@", &folder.display().to_string())
            .replace("@PORT@", &port.to_string())
            .replace("@USER@", &account.user)
            .replace("@GROUP@", &account.group)
            .replace("@UID@", &account.uid.to_string())
            .replace("@GID@", &account.gid.to_string())
            .replace("@MAILBOXES@", &mailboxes);
        let file = folder.join("dovecot.conf");
        fs::write(&file, config)?;
        account.own_all(&folder)?;
        let mut watch = Command::new("sh");
        watch
            .args(["-c", include_str!("watch.sh"), "watch.sh"])
            .arg(&folder)
            .args(account.prefix())
            .arg(program)
            .args(["-F".as_ref(), "-c".as_ref(), file.as_os_str()])
            // In a group of its own, so that Ctrl-C reaches it by the pipe and in order.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let dovecot = Self {
            watch: Mutex::new(watch.spawn()?),
            folder,
            port,
        };
        dovecot.wait_for_greeting()?;
        Ok(dovecot)
    }

    /// Its port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn stop(&self) -> io::Result<()> {
        self.order("stop\n")?;
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            if start.elapsed() > DEADLINE {
                return Err(io::Error::other("Dovecot does not end"));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Starts it again after [`stop`](Self::stop).
    pub(crate) fn start_again(&self) -> io::Result<()> {
        self.order("start\n")?;
        self.wait_for_greeting()
    }

    fn order(&self, order: &str) -> io::Result<()> {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut watch.stdin {
            Some(stdin) => stdin.write_all(order.as_bytes()),
            None => Ok(()),
        }
    }

    fn wait_for_greeting(&self) -> io::Result<()> {
        let start = Instant::now();
        while start.elapsed() < DEADLINE {
            if greets(self.port) {
                return Ok(());
            }
            if self.folder.join("exited").exists() && start.elapsed() > Duration::from_secs(1) {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        let reason = format!(
            "Dovecot does not start: {}{}",
            read("output"),
            read("dovecot.log")
        );
        Err(io::Error::other(reason))
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let watch = self.watch.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(watch.stdin.take());
        let _ = watch.wait();
    }
}

fn greets(port: u16) -> bool {
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let mut line = String::new();
    stream.set_read_timeout(Some(DEADLINE)).is_ok()
        && BufReader::new(stream).read_line(&mut line).is_ok()
        && line.starts_with("* OK")
}

/// The program, looked for where servers lie too.
fn program() -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join("dovecot"))
        .find(|program| program.exists());
    let missing = "LATCHBOX_TESTKIT_SERVER=dovecot: there is no program `dovecot`; install the package \
        dovecot-imapd (Debian, Ubuntu) or dovecot (Fedora, Arch, Homebrew)";
    let program = program.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, missing))?;
    let version = Command::new(&program).arg("--version").output()?.stdout;
    let version = String::from_utf8_lossy(&version);
    match version.starts_with("2.3.") {
        true => Ok(program),
        false => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!(
                "LATCHBOX_TESTKIT_SERVER=dovecot: this is Dovecot {}, and its configuration is known \
                 for 2.3",
                version.trim()
            ),
        )),
    }
}

/// A new folder whose name is short enough for the sockets in it.
fn new_folder() -> io::Result<PathBuf> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let shared = Path::new("/dev/shm");
    let parent = match shared.is_dir() {
        true => shared.to_owned(),
        false => std::env::temp_dir(),
    };
    let process = std::process::id();
    loop {
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("testkit-{process}-{number}"));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|()| folder),
        }
    }
}

impl Account {
    fn find() -> io::Result<Self> {
        let from_root = id("-u", None)? == "0";
        let name = from_root.then_some("nobody");
        let number = |text: String| text.parse().map_err(io::Error::other);
        Ok(Self {
            user: id("-un", name)?,
            group: id("-gn", name)?,
            uid: number(id("-u", name)?)?,
            gid: number(id("-g", name)?)?,
            from_root,
        })
    }

    /// The words before a command so that this account runs it.
    fn prefix(&self) -> Vec<String> {
        if !self.from_root {
            return vec!["env".to_owned()];
        }
        let (uid, gid) = (self.uid.to_string(), self.gid.to_string());
        let words = [
            "setpriv",
            "--reuid",
            &uid,
            "--regid",
            &gid,
            "--clear-groups",
        ];
        words.map(str::to_owned).to_vec()
    }

    fn own_all(&self, path: &Path) -> io::Result<()> {
        if !self.from_root {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid))?;
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                self.own_all(&entry?.path())?;
            }
        }
        Ok(())
    }
}

fn id(what: &str, whom: Option<&str>) -> io::Result<String> {
    let output = Command::new("id").arg(what).args(whom).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(io::Error::other(format!("`id {what}` failed"))),
    }
}
