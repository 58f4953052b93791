//! Quotas and rights, as the builder sets them and as a client changes them.

use latchbox_testkit::{Server, message};

use crate::client::Client;

fn letter() -> Vec<u8> {
    message("Hello", "ann@example.com", "Hi!")
}

#[test]
fn a_quota_of_the_builder_is_told_and_enforced() {
    let server = Server::builder()
        .mailbox("INBOX", [letter()])
        .quota(10, 2)
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    assert_eq!(
        client.ask("GETQUOTAROOT INBOX"),
        [
            "* QUOTAROOT \"INBOX\" \"\"",
            "* QUOTA \"\" (MESSAGE 1 2 STORAGE 1 10)"
        ]
    );
    client.ask("APPEND INBOX {3+}\r\nx\r\n");
    let refused = client.tagged("APPEND INBOX {3+}\r\nx\r\n");
    assert!(refused.starts_with("a NO [OVERQUOTA] "), "{refused}");
    client.ask("SETQUOTA \"\" (MESSAGE 3)");
    client.ask("APPEND INBOX {3+}\r\nx\r\n");
}

#[test]
fn octets_beyond_the_quota_are_refused() {
    let server = Server::builder().quota(1, 100).start().unwrap();
    let mut client = Client::login(&server);
    let long = format!("APPEND INBOX {{2000+}}\r\n{}", "x".repeat(2000));
    let refused = client.tagged(&long);
    assert!(refused.starts_with("a NO [OVERQUOTA] "), "{refused}");
    assert_eq!(
        client.ask("STATUS INBOX (MESSAGES)"),
        ["* STATUS \"INBOX\" (MESSAGES 0)"]
    );
}

#[test]
fn rights_of_the_builder_are_told_and_changed() {
    let server = Server::builder().acl("INBOX", "bob", "lr").start().unwrap();
    let mut client = Client::login(&server);
    let [line] = &client.ask("GETACL INBOX")[..] else {
        panic!("one line");
    };
    assert!(
        line.ends_with(" \"bob\" \"lr\"") || line.ends_with(" bob lr"),
        "{line}"
    );
    client.ask("SETACL INBOX bob +w");
    let [line] = &client.ask("GETACL INBOX")[..] else {
        panic!("one line");
    };
    assert!(line.contains("lrw"), "{line}");
    client.ask("DELETEACL INBOX bob");
    let [line] = &client.ask("GETACL INBOX")[..] else {
        panic!("one line");
    };
    assert!(!line.contains("bob"), "{line}");
}
