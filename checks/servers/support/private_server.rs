//! A server of our own on free loopback ports, whichever it is: its directory, the account that it
//! runs as, and its end with the process that started it, in whatever way that ends (`watch.sh`).

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::certificates::certificates;

/// The directory's length beyond which its sockets' paths are too long for the system.
const LONGEST_DIRECTORY: usize = 78;

/// How long a server may take to greet, or to end.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A running server in a directory of its own. Dropping it ends the server.
pub(crate) struct Running {
    directory: PathBuf,
    port: u16,
    tls_port: u16,
    has_tls_port: bool,
    /// Holds the pipe whose end is the server's end.
    watch: Child,
}

/// A directory, ports and an account, before anything runs there.
pub(crate) struct Place {
    temporary: TempDir,
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
    /// Whether the server listens there.
    pub(crate) has_tls_port: bool,
    pub(crate) account: Account,
    /// What ends the server.
    pub(crate) signal: &'static str,
}

impl Place {
    /// A new place, with the server's certificate in `tls` and the root's in `tls/ca.pem`.
    pub(crate) fn new() -> Result<Self, String> {
        let temporary = new_directory()?;
        let (port, tls_port) = free_ports();
        let place = Self {
            temporary,
            port,
            tls_port,
            has_tls_port: true,
            account: Account::find()?,
            signal: "TERM",
        };
        let (ours, server) = (certificates(), &certificates().server);
        let both = [server.certificate.as_slice(), &server.key].concat();
        place.write("tls/ca.pem", &ours.authority)?;
        place.write("tls/server.pem", &server.certificate)?;
        place.write("tls/server.key", &server.key)?;
        place.write("tls/server.both.pem", both)?;
        Ok(place)
    }

    pub(crate) fn directory(&self) -> &Path {
        self.temporary.path()
    }

    /// Writes a file below the directory, whose own directories are made.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Result<(), String> {
        let path = self.directory().join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn make_directory(&self, name: &str) -> Result<(), String> {
        let path = self.directory().join(name);
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// A text with `@DIR@`, `@PORT@`, `@TLS_PORT@`, `@USER@`, `@GROUP@`, `@UID@` and `@GID@` filled in.
    pub(crate) fn filled_in(&self, text: &str) -> Result<String, String> {
        let directory = self.directory().to_str();
        let directory = directory.ok_or("the directory's name is no UTF-8")?;
        let account = &self.account;
        Ok(text
            .replace("@DIR@", directory)
            .replace("@PORT@", &self.port.to_string())
            .replace("@TLS_PORT@", &self.tls_port.to_string())
            .replace("@USER@", &account.user)
            .replace("@GROUP@", &account.group)
            .replace("@UID@", &account.uid.to_string())
            .replace("@GID@", &account.gid.to_string()))
    }

    /// Gives everything to the account and starts the server there, in the foreground.
    pub(crate) fn start(self, command: &[String]) -> Result<Running, String> {
        let failed = |error: std::io::Error| error.to_string();
        self.account.own_all(self.directory()).map_err(failed)?;
        let mut watch = Command::new("sh");
        watch
            .args(["-c", include_str!("watch.sh"), "watch.sh"])
            .arg(self.directory())
            .args(command)
            .env("WATCH_SIGNAL", self.signal);
        // In a group of its own, so that Ctrl-C reaches it by the pipe and in order.
        watch
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let watch = watch.spawn().map_err(|error| format!("sh: {error}"))?;
        Ok(Running {
            directory: self.temporary.keep(),
            port: self.port,
            tls_port: self.tls_port,
            has_tls_port: self.has_tls_port,
            watch,
        })
    }
}

impl Running {
    /// Where it speaks plaintext and STARTTLS, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where it speaks TLS from the first byte, on 127.0.0.1.
    pub(crate) fn tls_port(&self) -> u16 {
        self.tls_port
    }

    pub(crate) fn has_tls_port(&self) -> bool {
        self.has_tls_port
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Waits for a whole greeting, and for the port with TLS, which some servers open later. The error
    /// is what the server printed.
    pub(crate) fn wait_for_greeting(&self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < DEADLINE {
            if greets(self.port) && (!self.has_tls_port || takes_connections(self.tls_port)) {
                return Ok(());
            }
            if self.directory.join("exited").exists() {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(fs::read_to_string(self.directory.join("output")).unwrap_or_default())
    }

    /// Ends the server, with all its connections, and starts it again in the same place.
    pub(crate) fn restart(&mut self) {
        self.order_start("restart");
    }

    /// Ends the server, with all its connections.
    pub(crate) fn shut_down(&mut self) {
        self.order("stop");
        self.until("end", |server| !takes_connections(server.port));
    }

    /// Starts the server again in the same place, after [`shut_down`](Self::shut_down).
    pub(crate) fn start_again(&mut self) {
        self.order_start("start");
    }

    fn order_start(&mut self, order: &str) {
        let starts = |server: &Self| {
            let starts = fs::read_to_string(server.directory.join("starts"));
            starts.unwrap_or_default().lines().count()
        };
        let before = starts(self);
        self.order(order);
        self.until("start", |server| starts(server) != before);
        self.wait_for_greeting().unwrap();
    }

    fn order(&mut self, order: &str) {
        let orders = self.watch.stdin.as_mut().unwrap();
        orders.write_all(format!("{order}\n").as_bytes()).unwrap();
    }

    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < DEADLINE, "the server does not {what}");
            thread::sleep(Duration::from_millis(5));
        }
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

/// Where a program is, looked for where servers lie too.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|directory| directory.join(name))
        .find(|program| program.exists())
}

/// The account that the server runs as: never root.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) group: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Files have to be given away, and commands started as somebody else.
    from_root: bool,
}

impl Account {
    pub(crate) fn find() -> Result<Self, String> {
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

    /// Whether this process is root's, and the account another.
    pub(crate) fn is_from_root(&self) -> bool {
        self.from_root
    }

    /// What to put before a command so that this account runs it.
    pub(crate) fn prefix(&self) -> Vec<String> {
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

    pub(crate) fn own(&self, path: &Path) -> std::io::Result<()> {
        if self.from_root {
            std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    pub(crate) fn own_all(&self, directory: &Path) -> std::io::Result<()> {
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

/// A new directory, in memory where the system has that.
pub(crate) fn new_directory() -> Result<TempDir, String> {
    let in_memory = PathBuf::from("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("latchbox-");
    let made = builder.tempdir_in(in_memory).or_else(|_| builder.tempdir());
    let directory = made.map_err(|error| format!("no temporary directory: {error}"))?;
    match directory.path().as_os_str().len() {
        0..=LONGEST_DIRECTORY => Ok(directory),
        _ => Err(format!(
            "{} is too long for the sockets of servers",
            directory.path().display()
        )),
    }
}

pub(crate) fn free_ports() -> (u16, u16) {
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

/// Whether a connection to the port succeeds.
fn takes_connections(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// Whether a whole greeting line comes; that the port takes connections says too little.
pub(crate) fn greets(port: u16) -> bool {
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let mut line = String::new();
    stream.set_read_timeout(Some(DEADLINE)).is_ok()
        && BufReader::new(stream).read_line(&mut line).is_ok()
        && line.starts_with("* OK")
        && line.ends_with("\r\n")
}
