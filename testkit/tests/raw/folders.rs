//! Mailboxes by name.

use latchbox_testkit::{NewMessage, Server, message};

use crate::client::Client;

fn hello() -> Vec<u8> {
    message("Hello", "ann@example.com", "Hi!")
}

#[test]
fn create_list_rename_delete() {
    let server = Server::start().unwrap();
    let mut client = Client::login(&server);
    client.ask("CREATE Entw&APw-rfe/2025");
    client.ask("CREATE Trash");
    assert_eq!(
        client.tagged("CREATE trash/&"),
        "a NO [CANNOT] Octet 10: this mailbox name is not modified UTF-7"
    );
    assert_eq!(
        client.tagged("CREATE inbox"),
        "a NO [ALREADYEXISTS] There is such a mailbox"
    );
    assert_eq!(
        client.ask("LIST \"\" *"),
        [
            "* LIST (\\HasChildren) \"/\" \"Entw&APw-rfe\"",
            "* LIST (\\HasNoChildren) \"/\" \"Entw&APw-rfe/2025\"",
            "* LIST (\\HasNoChildren) \"/\" \"INBOX\"",
            "* LIST (\\HasNoChildren \\Trash) \"/\" \"Trash\"",
        ]
    );
    assert_eq!(client.ask("LIST \"\" inb%"), [] as [&str; 0]);
    assert_eq!(
        client.ask("LIST \"\" \"\""),
        ["* LIST (\\Noselect) \"/\" \"\""]
    );
    client.ask("DELETE Entw&APw-rfe");
    assert_eq!(
        client.ask("LIST \"Entw&APw-rfe\" %"),
        ["* LIST (\\NonExistent \\HasChildren) \"/\" \"Entw&APw-rfe\""]
    );
    client.ask("RENAME Entw&APw-rfe/2025 Alt");
    assert_eq!(server.mailboxes(), ["Alt", "INBOX", "Trash"]);
    assert_eq!(
        client.tagged("RENAME x y"),
        "a NO [NONEXISTENT] There is no such mailbox"
    );
}

#[test]
fn xlist_has_names_of_its_own() {
    let server = Server::builder()
        .with("XLIST")
        .special_use("Spam", "\\Junk")
        .special_use("All", "\\All")
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    assert_eq!(
        client.ask("XLIST \"\" %"),
        [
            "* XLIST (\\HasNoChildren \\AllMail) \"/\" \"All\"",
            "* XLIST (\\HasNoChildren \\Inbox) \"/\" \"INBOX\"",
            "* XLIST (\\HasNoChildren \\Spam) \"/\" \"Spam\"",
        ]
    );
    let without = Server::start().unwrap();
    let refused = Client::login(&without).tagged("XLIST \"\" *");
    assert_eq!(refused, "a BAD Octet 3: XLIST is not advertised");
}

#[test]
fn extended_list_and_subscriptions() {
    let server = Server::builder().mailbox("Box", [hello()]).start().unwrap();
    let mut client = Client::login(&server);
    client.ask("SUBSCRIBE Gone");
    client.ask("UNSUBSCRIBE INBOX");
    assert_eq!(
        client.ask("LIST (SUBSCRIBED) \"\" (Box G*) RETURN (STATUS (MESSAGES UNSEEN))"),
        [
            "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"Box\"",
            "* STATUS \"Box\" (MESSAGES 1 UNSEEN 1)",
            "* LIST (\\NonExistent \\HasNoChildren \\Subscribed) \"/\" \"Gone\"",
        ]
    );
    assert_eq!(
        client.ask("LSUB \"\" %"),
        ["* LSUB () \"/\" \"Box\"", "* LSUB () \"/\" \"Gone\""]
    );
}

#[test]
fn status_counts() {
    let marked = NewMessage::new(hello()).flag("\\Seen").flag("\\Deleted");
    let server = Server::builder()
        .mailbox("Box", [marked, hello().into()])
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    let size = 2 * hello().len();
    assert_eq!(
        client.ask("STATUS Box (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE)"),
        [format!(
            "* STATUS \"Box\" (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY 2 UNSEEN 1 DELETED 1 SIZE {size})"
        )]
    );
    assert_eq!(
        client.tagged("STATUS x (MESSAGES)"),
        "a NO [NONEXISTENT] There is no such mailbox"
    );
}

#[test]
fn a_deleted_mailbox_ends_its_connections() {
    let server = Server::builder().mailbox("Box", [hello()]).start().unwrap();
    let mut reader = Client::select(&server, "Box");
    Client::login(&server).ask("DELETE Box");
    reader.send("a NOOP\r\n");
    assert_eq!(reader.line(), "* BYE The selected mailbox has been deleted");
}
