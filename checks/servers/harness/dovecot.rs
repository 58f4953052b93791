//! The private Dovecot: it greets, it has what tests need, and nothing of it stays.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use super::trusting;
use crate::support::dovecot::{Dovecot, User, dovecot};

/// Speaks lines over anything, as far as these tests need it.
struct Talk<S: Read + Write>(BufReader<S>);

impl<S: Read + Write> Talk<S> {
    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    /// Sends a command and gives all that comes until it is answered.
    fn command(&mut self, text: &str) -> String {
        self.0
            .get_mut()
            .write_all(format!("t {text}\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        while !answer
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("t "))
        {
            answer += &self.hear();
        }
        answer
    }

    fn login(&mut self, user: &User) {
        let answer = self.command(&format!("LOGIN {} {}", user.name(), user.password()));
        assert!(answer.starts_with("t OK"), "{answer}");
    }
}

fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).unwrap()
}

fn talk_to(dovecot: &Dovecot, user: &User) -> Talk<TcpStream> {
    let mut talk = Talk(BufReader::new(connect(dovecot.port())));
    assert!(talk.hear().starts_with("* OK"));
    talk.login(user);
    talk
}

#[test]
fn dovecot_speaks_in_the_clear_and_inside_tls() {
    let user = dovecot().user();
    talk_to(dovecot(), &user);

    let mut talk = Talk(BufReader::new(connect(dovecot().port())));
    talk.hear();
    assert!(talk.command("STARTTLS").starts_with("t OK"));
    let stream = trusting()
        .connect("localhost", talk.0.into_inner())
        .unwrap();
    Talk(BufReader::new(stream)).login(&user);

    let stream = trusting()
        .connect("127.0.0.1", connect(dovecot().tls_port()))
        .unwrap();
    let mut talk = Talk(BufReader::new(stream));
    assert!(talk.hear().starts_with("* OK"));
    talk.login(&user);
}

#[test]
fn dovecot_has_the_extensions_and_folders_that_tests_need() {
    let mut talk = talk_to(dovecot(), &dovecot().user());
    let capabilities = talk.command("CAPABILITY");
    for name in [
        "LITERAL+",
        "QRESYNC",
        "CONDSTORE",
        "UIDPLUS",
        "MOVE",
        "SPECIAL-USE",
        "IDLE",
    ] {
        assert!(capabilities.contains(name), "{capabilities}");
    }
    let list = talk.command("LIST \"\" *");
    for name in ["Archive", "Drafts", "Junk", "Sent", "Trash"] {
        assert!(
            list.contains(&format!("\\{name}) \"/\" {name}\r\n")),
            "{list}"
        );
    }
}

#[test]
fn dovecot_users_have_mail_of_their_own() {
    let (jane, john) = (dovecot().user(), dovecot().user_with("pass word\"\\é", ""));
    jane.fill("INBOX", 1000);
    jane.fill("Work/2024", 3);
    let mut talk = talk_to(dovecot(), &jane);
    let selected = talk.command("SELECT INBOX");
    assert!(
        selected.contains("* 1000 EXISTS\r\n* 0 RECENT\r\n"),
        "{selected}"
    );
    assert!(selected.contains("UIDVALIDITY 1234567890] "), "{selected}");
    let message =
        talk.command("UID FETCH 7 (INTERNALDATE FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
    assert!(message.contains("Subject: message 7\r\n"), "{message}");
    assert!(message.contains("FLAGS (\\Seen)"), "{message}");
    assert!(message.contains("14-Nov-2023 22:13:27 +0000"), "{message}");
    assert!(
        talk.command("STATUS Work/2024 (MESSAGES)")
            .contains("(MESSAGES 3)")
    );

    jane.deliver("INBOX", b"Subject: new\n\nhello\n", "");
    assert!(talk.command("NOOP").contains("* 1001 EXISTS"));
    jane.deliver("INBOX", b"Subject: newer\r\n\r\nhello\r\n", "FS");
    assert!(talk.command("NOOP").contains("* 1002 EXISTS"));
    let last = talk.command("FETCH * (RFC822.SIZE FLAGS)");
    assert!(
        last.contains("RFC822.SIZE 25 ") && last.contains("(\\Flagged \\Seen"),
        "{last}"
    );

    let mut talk = Talk(BufReader::new(connect(dovecot().port())));
    talk.hear();
    let answer = talk.command(&format!("LOGIN {} secret", john.name()));
    assert!(answer.starts_with("t NO"), "{answer}");
    let answer = talk.command(&format!("LOGIN {} \"pass word\\\"\\\\é\"", john.name()));
    assert!(answer.starts_with("t OK"), "{answer}");
    assert!(talk.command("SELECT INBOX").contains("* 0 EXISTS"));
}

#[test]
fn a_dovecot_of_ones_own_ends_when_it_is_let_go() {
    let own = Dovecot::start("imap_capability = IMAP4rev1").unwrap();
    let user = own.user();
    let mut talk = talk_to(&own, &user);
    assert_eq!(
        talk.command("CAPABILITY").lines().next(),
        Some("* CAPABILITY IMAP4rev1")
    );
    own.doveadm(&["kick", user.name()]);
    assert!(talk.hear().starts_with("* BYE"));
    let port = own.port();
    own.stop();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(Dovecot::start("nonsense = yes").is_err_and(|why| why.contains("nonsense")));
}
