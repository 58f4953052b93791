//! A server that counts what its connections do, allows a number of logins, and can be told to hold
//! a login back.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// How long something that has to happen may take.
const DEADLINE: Duration = Duration::from_secs(20);

pub(super) struct Server {
    pub(super) port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

pub(super) struct State {
    /// The most logins at once.
    pub(super) limit: usize,
    /// What a login beyond that is answered with, after its tag.
    pub(super) refusal: &'static str,
    /// A login beyond that succeeds, and all commands after it are BAD, as Exchange does.
    pub(super) lets_in: bool,
    /// Instead of the greeting, before the connection is closed.
    pub(super) bye: Option<&'static str>,
    /// Logins are not answered.
    pub(super) holds_logins: bool,
    /// DELETE is not answered.
    pub(super) holds_deletes: bool,
    /// Closes connections instead of greeting.
    pub(super) is_mute: bool,
    /// Does not answer NOOP.
    pub(super) is_deaf: bool,
    logged_in: usize,
    /// Each line, with the number of its connection.
    lines: Vec<(usize, String)>,
    sockets: Vec<TcpStream>,
}

impl Server {
    pub(super) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(settings: impl FnOnce(&mut State)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut state = State {
            limit: usize::MAX,
            refusal: "NO [LIMIT] Maximum number of connections from user+IP exceeded",
            lets_in: false,
            bye: None,
            holds_logins: false,
            holds_deletes: false,
            is_mute: false,
            is_deaf: false,
            logged_in: 0,
            lines: Vec::new(),
            sockets: Vec::new(),
        };
        settings(&mut state);
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for (number, socket) in listener.incoming().flatten().enumerate() {
                let shared = Arc::clone(&accepting);
                shared.lock().sockets.push(socket.try_clone().unwrap());
                thread::spawn(move || {
                    // Whatever breaks here is the client's to notice.
                    let _ = shared.talk(number, &socket);
                    let _ = socket.shutdown(Shutdown::Both);
                });
            }
        });
        Self { port, shared }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.shared.lock());
        self.shared.changed.notify_all();
    }

    /// The commands that begin so, each with the number of its connection.
    pub(super) fn lines(&self, start: &str) -> Vec<(usize, String)> {
        let state = self.shared.lock();
        let lines = state.lines.iter();
        lines
            .filter(|(_, line)| line.starts_with(start))
            .cloned()
            .collect()
    }

    pub(super) fn count(&self, start: &str) -> usize {
        self.lines(start).len()
    }

    /// The number of connections that are logged in.
    pub(super) fn logged_in(&self) -> usize {
        self.shared.lock().logged_in
    }

    /// Closes all connections without a word.
    pub(super) fn kick(&self) {
        for socket in self.shared.lock().sockets.drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
        self.until(|state| state.logged_in == 0);
    }

    /// Closes this connection, counted from 0, without a word.
    #[cfg(unix)]
    pub(super) fn kick_one(&self, number: usize) {
        let state = self.shared.lock();
        let before = state.logged_in;
        let _ = state.sockets[number].shutdown(Shutdown::Both);
        drop(state);
        self.until(|state| state.logged_in < before);
    }

    pub(super) fn until(&self, is_so: impl Fn(&State) -> bool) {
        let state = self.shared.lock();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, DEADLINE, |state| !is_so(state));
        assert!(!waited.unwrap().1.timed_out(), "it does not happen");
    }

    /// Waits until so many commands that begin so have come.
    pub(super) fn until_count(&self, start: &str, count: usize) {
        self.until(|state| {
            let lines = state.lines.iter();
            lines.filter(|(_, line)| line.starts_with(start)).count() >= count
        });
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn talk(&self, number: usize, mut socket: &TcpStream) -> std::io::Result<()> {
        if self.lock().is_mute {
            return Ok(());
        }
        socket.set_nodelay(true)?;
        let bye = self.lock().bye;
        if let Some(bye) = bye {
            return socket.write_all(format!("* BYE {bye}\r\n").as_bytes());
        }
        socket.write_all(b"* OK [CAPABILITY IMAP4rev1 UNSELECT] ready\r\n")?;
        let (mut is_in, mut is_useless) = (false, false);
        for line in BufReader::new(socket.try_clone()?).lines() {
            let line = line?;
            let (tag, command) = line.split_once(' ').unwrap_or_default();
            self.lock().lines.push((number, command.to_owned()));
            self.changed.notify_all();
            let answer = match is_useless && command != "LOGOUT" {
                true => format!("{tag} BAD User is authenticated but not connected.\r\n"),
                false => self.answer(tag, command, &mut is_in),
            };
            is_useless |= command.starts_with("LOGIN") && answer.contains(" OK ") && !is_in;
            socket.write_all(answer.as_bytes())?;
            if command == "LOGOUT" {
                break;
            }
        }
        if is_in {
            self.lock().logged_in -= 1;
            self.changed.notify_all();
        }
        Ok(())
    }

    fn answer(&self, tag: &str, command: &str, is_in: &mut bool) -> String {
        match command.split(' ').next().unwrap_or_default() {
            "LOGIN" => {
                let state = self.lock();
                let waited = self.changed.wait_while(state, |state| state.holds_logins);
                let mut state = waited.unwrap();
                if !command.ends_with("\"pass1\"") {
                    return format!("{tag} NO [AUTHENTICATIONFAILED] wrong\r\n");
                }
                if state.logged_in >= state.limit && state.lets_in {
                    return format!("{tag} OK [CAPABILITY IMAP4rev1 UNSELECT] in\r\n");
                }
                if state.logged_in >= state.limit {
                    return format!("{tag} {}\r\n", state.refusal);
                }
                state.logged_in += 1;
                *is_in = true;
                format!("{tag} OK [CAPABILITY IMAP4rev1 UNSELECT] in\r\n")
            }
            "SELECT" => format!(
                "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{tag} OK [READ-WRITE] done\r\n"
            ),
            "EXAMINE" => {
                format!("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{tag} OK [READ-ONLY] done\r\n")
            }
            "STATUS" => {
                let name = command.split(' ').nth(1).unwrap_or_default();
                format!("* STATUS {name} (MESSAGES 3)\r\n{tag} OK done\r\n")
            }
            "LOGOUT" => format!("* BYE see you\r\n{tag} OK done\r\n"),
            "DELETE" => {
                let state = self.lock();
                drop(self.changed.wait_while(state, |state| state.holds_deletes));
                format!("{tag} OK done\r\n")
            }
            "NOOP" if self.lock().is_deaf => String::new(),
            _ => format!("{tag} OK done\r\n"),
        }
    }
}
