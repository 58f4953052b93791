//! The examples that watch, on the in-process server with TLS: what they do for what happens there.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use latchbox_testkit::{PASSWORD, Server, USER, certificates, message};

use super::run::{complaint, example};

/// An account whose mailboxes have a message each.
fn server() -> Server {
    let leaf = certificates().server;
    let old = || [message("Old", "Ann <ann@example.com>", "Hi!")];
    Server::builder()
        .tls(leaf.certificate, leaf.key)
        .with("QRESYNC")
        .with("NOTIFY")
        .mailbox("INBOX", old())
        .mailbox("Archive", old())
        .start()
        .unwrap()
}

fn deliver(server: &Server, mailbox: &str, subject: &str) {
    let news = message(subject, "Bob <bob@example.com>", "Hi!");
    server.deliver(USER, mailbox, news).unwrap();
}

/// An empty directory, with the authority of the servers.
fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("watching-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("authority.pem"), certificates().authority).unwrap();
    path
}

fn on_account(server: &Server, name: &str, directory: &std::path::Path) -> Command {
    let mut command = example(name);
    let url = format!("imaps://jane%40example.com@localhost:{}", server.port());
    command
        .env("LATCHBOX_URL", url)
        .env("LATCHBOX_PASSWORD", PASSWORD)
        .env("SSL_CERT_FILE", directory.join("authority.pem"));
    command
}

/// A program that runs until the test has seen enough of what it prints.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    #[track_caller]
    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that prints the variables, and its only argument.
const PRINT: [&str; 4] = [
    "sh",
    "-c",
    "echo \"$MAIL_MAILBOX $MAIL_UID $MAIL_FROM: $MAIL_SUBJECT\" $0",
    "$(false)",
];

#[test]
fn a_command_runs_once_for_each_new_message_also_after_a_restart() {
    let (server, directory) = (server(), directory("command"));
    let checkpoints = directory.join("checkpoints");
    let start = |mailboxes: &[&str]| {
        let mut command = on_account(&server, "watch_command", &directory);
        command.arg("--checkpoints").arg(&checkpoints);
        Running::start(command.args(mailboxes).args(PRINT))
    };
    let mut running = start(&[]);
    assert_eq!(running.line(), "all mailboxes are up to date");
    for (mailbox, subject) in [("INBOX", "$(rm -rf x) `y`"), ("Archive", "Caf\u{e9}")] {
        deliver(&server, mailbox, subject);
        let expected = format!("{mailbox} 2 \"Bob\" <bob@example.com>: {subject} $(false)");
        assert_eq!(running.line().replace('"', ""), expected.replace('"', ""));
    }
    // The checkpoint of a batch is stored after its command; the next command shows that it is.
    deliver(&server, "Archive", "third");
    assert!(running.line().starts_with("Archive 3 "));
    drop(running);
    assert_eq!(fs::read_to_string(&checkpoints).unwrap().lines().count(), 2);

    deliver(&server, "INBOX", "while it did not run");
    let mut running = start(&["--mailbox", "INBOX"]);
    assert!(running.line().ends_with("while it did not run $(false)"));
    assert_eq!(running.line(), "all mailboxes are up to date");
}

#[test]
fn a_watch_that_cannot_begin_says_why() {
    let (server, directory) = (server(), directory("refused"));
    let mut no_command = on_account(&server, "watch_command", &directory);
    let usage = complaint(no_command.args(["--checkpoints", "x"]));
    assert!(usage.starts_with("usage: "), "{usage}");
    fs::write(directory.join("damaged"), "checkpoint/1;know\n").unwrap();
    let mut damaged = on_account(&server, "watch_command", &directory);
    damaged.arg("--checkpoints").arg(directory.join("damaged"));
    let why = complaint(damaged.arg("true"));
    assert!(why.contains("damaged"), "{why}");
    let mut wrong = on_account(&server, "watch_command", &directory);
    wrong.env("LATCHBOX_PASSWORD", "wrong");
    wrong.arg("--checkpoints").arg(directory.join("none"));
    let why = complaint(wrong.arg("true"));
    assert!(why.contains("LOGIN") || why.contains("AUTH"), "{why}");
}

#[cfg(all(feature = "mio", target_os = "linux"))]
#[test]
fn an_event_loop_serves_its_watches_and_a_socket() {
    use std::io::Read;
    use std::net::TcpStream;

    let (server, directory) = (server(), directory("loop"));
    let mut running = Running::start(&mut on_account(&server, "event_loop", &directory));
    let line = running.line();
    let address = line.strip_prefix("state: ").unwrap();
    let states = || {
        let mut text = String::new();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    // The batch that has the first checkpoint only, and the end of it, for each.
    let mut first: Vec<String> = (0..4).map(|_| running.line()).collect();
    first.sort();
    assert_eq!(
        first,
        [
            "Archive: 0 new, 0 changed, 0 gone",
            "INBOX: 0 new, 0 changed, 0 gone",
            "all mailboxes are up to date",
            "all mailboxes are up to date",
        ]
    );
    for _ in 0..3 {
        assert_eq!(
            states(),
            "listens to INBOX by IDLE\nlistens to Archive by IDLE\n"
        );
        for mailbox in ["Archive", "INBOX"] {
            deliver(&server, mailbox, "news");
            assert_eq!(
                running.line(),
                format!("{mailbox}: 1 new, 0 changed, 0 gone")
            );
        }
    }
}
