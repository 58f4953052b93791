//! Messages that are put together on the server, and that replace others.

use latchbox_testkit::{Builder, NewMessage, Server, message};

use crate::client::Client;

fn builder() -> Builder {
    let mail = |subject: &str| NewMessage::new(message(subject, "ann@example.com", "Hi!"));
    Server::builder()
        .mailbox("INBOX", [mail("a"), mail("b")])
        .mailbox("Drafts", [mail("c")])
}

fn last(server: &Server, mailbox: &str) -> String {
    let messages = server.messages(mailbox);
    String::from_utf8_lossy(&messages.last().unwrap().bytes).into_owned()
}

#[test]
fn a_message_is_put_together() {
    let server = builder().with("CATENATE").start().unwrap();
    let mut client = Client::login(&server);
    let whole = "APPEND Drafts CATENATE (URL \"/INBOX;UIDVALIDITY=1/;UID=2/;SECTION=HEADER\" \
                 TEXT {3+}\r\nYo! URL /INBOX/;UID=1/;SECTION=TEXT/;PARTIAL=0.2)";
    assert_eq!(client.tagged(whole), "a OK [APPENDUID 2 2] Appended");
    let text = last(&server, "Drafts");
    assert!(
        text.contains("Subject: b\r\n") && text.ends_with("\r\n\r\nYo!Hi"),
        "{text}"
    );
    for url in [
        "/INBOX;UIDVALIDITY=7/;UID=2",
        "/INBOX/;UID=9",
        "/Nothing/;UID=1",
        "/INBOX/;UID=1/;SECTION=9",
        "nonsense",
    ] {
        let refused = client.tagged(&format!("APPEND Drafts CATENATE (URL \"{url}\")"));
        let expected = format!("a NO [BADURL \"{url}\"] There is no such message");
        assert_eq!(refused, expected);
    }
    assert_eq!(server.messages("Drafts").len(), 2);
}

#[test]
fn a_message_replaces_another() {
    let server = builder().with("REPLACE").start().unwrap();
    let mut client = Client::select(&server, "Drafts");
    assert_eq!(
        client.ask("UID REPLACE 1 Drafts (\\Draft) {14+}\r\nSubject: d\r\n\r\n"),
        [
            "* OK [APPENDUID 2 2] Replaced",
            "* 1 EXPUNGE",
            "* 1 EXISTS",
            "* 1 RECENT"
        ]
    );
    assert_eq!(last(&server, "Drafts"), "Subject: d\r\n\r\n");
    client.ask("REPLACE 1 INBOX {1+}\r\nx");
    assert_eq!(server.messages("Drafts").len(), 0);
    assert_eq!(last(&server, "INBOX"), "x");
    assert!(
        client
            .tagged("UID REPLACE 9 INBOX {1+}\r\nx")
            .starts_with("a NO ")
    );
    client.ask("EXAMINE INBOX");
    assert!(
        client
            .tagged("REPLACE 1 INBOX {1+}\r\nx")
            .starts_with("a NO ")
    );
    assert_eq!(server.messages("INBOX").len(), 3);
}

#[test]
fn a_message_is_kept_if_the_new_one_cannot_be_stored() {
    let server = builder().with("REPLACE").start().unwrap();
    let mut client = Client::select(&server, "Drafts");
    assert_eq!(
        client.tagged("UID REPLACE 1 Nothing {1+}\r\nx"),
        "a NO [TRYCREATE] There is no such mailbox"
    );
    assert_eq!(server.messages("Drafts").len(), 1);
}
