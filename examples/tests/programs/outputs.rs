//! The examples that need an account, on the in-process server with TLS: `tests/outputs` has the
//! commands, what they print, and what the account has afterwards.
//!
//! In such a file, `$ ` begins a command, and `! ` a line of its complaint. To write the files:
//!
//! ```text
//! LATCHBOX_WRITE=1 cargo test -p latchbox-examples outputs
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
#[cfg(feature = "web")]
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Stdio,
    thread,
};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use latchbox_testkit::{Direction, NewMessage, PASSWORD, Server, certificates, message};

use super::run::{built, example, printed, run};

/// The examples that are checked by tests of their own, because each run differs or does not end by itself.
const ELSEWHERE: [&str; 6] = [
    "two_threads",
    "backup",
    "sync_sqlite",
    "web",
    "watch_command",
    "event_loop",
];

/// A message of last year, with a table and a picture of one pixel.
const WITH_ATTACHMENTS: &str = "\
From: Bob <bob@example.com>
To: Jane <jane@example.com>
Subject: Last year
Date: Mon, 8 Jan 2024 12:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=next

--next
Content-Type: text/plain; charset=utf-8

Old.
--next
Content-Type: text/csv; charset=utf-8
Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.csv
Content-Transfer-Encoding: quoted-printable

what,price
caf=C3=A9,2
--next
Content-Type: image/gif
Content-Disposition: attachment; filename=\"../dot.gif\"
Content-Transfer-Encoding: base64

R0lGODlhAQABAAAAACwAAAAAAQABAAA=
--next--
";

/// A message whose text is not its first part, encoded, and in Latin-1.
const ALTERNATIVES: &str = "\
From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.com>
To: Jane <jane@example.com>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Tue, 7 Jan 2025 09:30:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: base64

RPxyZmVuIHdpciBrb21tZW4/
--inner
Content-Type: text/html

<p>May we come?</p>
--inner--
--outer--
";

/// An account with a few messages, over TLS.
fn server() -> Server {
    let mail = |subject: &str, from: &str, text: &str| message(subject, from, text);
    let read = |subject: &str, days: i64| {
        NewMessage::new(mail(subject, "Bob <bob@example.com>", "Old."))
            .flag("\\Seen")
            .internal_date(days_ago(days))
    };
    let lines = |text: &str| text.replace('\n', "\r\n");
    let leaf = certificates().server;
    Server::builder()
        .tls(leaf.certificate, leaf.key)
        .with("AUTH=XOAUTH2")
        .mailbox(
            "INBOX",
            [
                mail("Lunch on Friday?", "Ann <ann@example.com>", "At one?"),
                mail(
                    "Caf\u{e9} cr\u{e8}me",
                    "Eve <eve@example.com>",
                    "Two, please.",
                ),
                lines(ALTERNATIVES).into_bytes(),
            ],
        )
        .mailbox("INBOX", [read("Last week", 7), read("The week before", 14)])
        .mailbox(
            "Archive",
            [NewMessage::new(lines(WITH_ATTACHMENTS)).flag("\\Seen")],
        )
        .mailbox("Drafts", Vec::<NewMessage>::new())
        .mailbox("Sent", [read("Re: Last week", 6)])
        .mailbox("Trash", [read("Offer", 30), read("Another offer", 20)])
        .start()
        .unwrap()
}

/// Another account, which is new.
fn new_account() -> Server {
    let leaf = certificates().server;
    let builder = Server::builder().tls(leaf.certificate, leaf.key);
    builder
        .mailbox("INBOX", Vec::<NewMessage>::new())
        .start()
        .unwrap()
}

fn days_ago(days: i64) -> DateTime<FixedOffset> {
    (DateTime::<Utc>::from(SystemTime::now()) - TimeDelta::days(days)).fixed_offset()
}

/// Where the texts are.
fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outputs")
}

/// An empty directory for what a program writes, with the authority of the servers.
struct TempPlace(PathBuf);

impl TempPlace {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("outputs-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("authority.pem"), certificates().authority).unwrap();
        Self(path)
    }

    /// The example on the account of this server.
    fn on_account(&self, server: &Server, name: &str) -> Command {
        let mut command = example(name);
        command
            .env("LATCHBOX_URL", url(server))
            .env("LATCHBOX_PASSWORD", PASSWORD)
            .env("SSL_CERT_FILE", self.0.join("authority.pem"));
        command
    }
}

fn url(server: &Server) -> String {
    format!("imaps://jane%40example.com@localhost:{}", server.port())
}

/// What the commands of a text print, each on the account as the one before has left it.
fn play(name: &str, text: &str) -> String {
    let (server, other, temp) = (server(), new_account(), TempPlace::new(name));
    let directory = temp.0.to_str().unwrap();
    let mut played = String::new();
    for line in text.lines().filter(|line| line.starts_with("$ ")) {
        let mut words = line.split(' ').skip(1);
        let mut command = temp.on_account(&server, words.next().unwrap());
        command
            .args(words.map(|word| word.replace("DIRECTORY", directory)))
            .current_dir(place())
            .env("LATCHBOX_TO_URL", url(&other))
            .env("LATCHBOX_TO_PASSWORD", PASSWORD);
        let (is_good, printed, complaint) = run(&mut command);
        played += &format!("{line}\n{printed}");
        complaint
            .lines()
            .for_each(|line| played += &format!("! {line}\n"));
        assert_eq!(is_good, complaint.is_empty(), "{played}");
    }
    played += &format!("\nThe account:\n{}", contents(&server));
    if !other.messages("INBOX").is_empty() {
        played += &format!("\nThe other account:\n{}", contents(&other));
    }
    played.replace(directory, "DIRECTORY")
}

/// The flags of each message, mailbox by mailbox.
fn contents(server: &Server) -> String {
    let line = |name: String| {
        let messages = server.messages(&name).into_iter();
        let flags = messages.map(|message| {
            let flags = message.flags.iter().filter(|flag| *flag != "\\Recent");
            let flags: Vec<&str> = flags.map(String::as_str).collect();
            format!(" ({})", flags.join(" "))
        });
        format!("{name}:{}\n", flags.collect::<String>())
    };
    server.mailboxes().into_iter().map(line).collect()
}

#[test]
fn mailboxes_are_listed_with_their_counts_by_one_command() {
    let (server, place) = (server(), TempPlace::new("one-command"));
    printed(&mut place.on_account(&server, "list_mailboxes"));
    let timeline = server.timeline().into_iter();
    let sent = timeline.filter(|event| event.direction == Direction::Client);
    let sent: Vec<String> = sent.map(|event| event.line).collect();
    let after_login = sent.iter().skip_while(|line| !line.contains(" LIST "));
    let verbs: Vec<&str> = after_login
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    assert_eq!(verbs, ["LIST", "LOGOUT"], "{sent:?}");
}

#[test]
fn examples_print_and_do_what_their_texts_have() {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(place()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if built().contains_key(&name) {
            let text = fs::read_to_string(&path).unwrap();
            let played = play(&name, &text);
            if std::env::var_os("LATCHBOX_WRITE").is_some() {
                fs::write(&path, &played).unwrap();
            } else {
                assert_eq!(
                    played, text,
                    "{name}: LATCHBOX_WRITE=1 writes what it prints now"
                );
            }
        }
        names.insert(name);
    }
    let all = built().keys().map(String::as_str);
    let without: Vec<_> = all
        .filter(|name| !names.contains(*name) && !ELSEWHERE.contains(name))
        .collect();
    assert!(without.is_empty(), "no text in tests/outputs: {without:?}");
}

/// What the web service answers to a request for this path on a host of this name.
#[cfg(feature = "web")]
fn get(port: u16, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
#[cfg(feature = "web")]
fn threads_of_a_web_service_share_few_connections() {
    const PAGES: [(&str, &str); 4] = [
        (
            "/",
            "<tr><td>3<td>of 5<td><a href=\"/INBOX\">INBOX</a></tr>",
        ),
        (
            "/%49NBOX",
            "<li>Ann &lt;ann@example.com&gt;: Lunch on Friday?</li>",
        ),
        ("/Archive", "Archive: 1 messages"),
        ("/Trash", "Another offer"),
    ];
    let (server, place) = (server(), TempPlace::new("web"));
    let mut command = place.on_account(&server, "web");
    let mut child = command.arg("0").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let port = line.trim_end_matches("/\n").rsplit(':').next().unwrap();
    let port: u16 = port.parse().unwrap();
    thread::scope(|scope| {
        for (path, expected) in PAGES.into_iter().cycle().take(12) {
            scope.spawn(move || {
                let answer = get(port, "localhost", path);
                assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
                assert!(answer.contains(expected), "{answer}");
            });
        }
    });
    let nowhere = get(port, "localhost", "/%3Cnowhere%3E");
    assert!(
        nowhere.starts_with("HTTP/1.1 502") && !nowhere.contains("<nowhere>"),
        "{nowhere}"
    );
    let elsewhere = get(port, "mail.example.com", "/");
    assert!(elsewhere.starts_with("HTTP/1.1 400"), "{elsewhere}");
    child.kill().unwrap();
    child.wait().unwrap();
    let timeline = server.timeline().into_iter();
    let sent = timeline.filter(|event| event.direction == Direction::Client);
    let sent: Vec<String> = sent.map(|event| event.line).collect();
    let count = |command: &str| sent.iter().filter(|line| line.contains(command)).count();
    let logins = count(" AUTHENTICATE ");
    assert!((1..=3).contains(&logins), "{logins} connections: {sent:#?}");
    // The list of all unread is one round trip.
    assert_eq!(
        count(" LIST \"\" \"*\" RETURN (STATUS (MESSAGES UNSEEN))"),
        3,
        "{sent:#?}"
    );
    assert_eq!((count(" LIST "), count(" STATUS ")), (3, 0), "{sent:#?}");
}
