//! Identifiers of mailboxes and messages (OBJECTID, RFC 8474), and what LIST says of states.

use latchbox_testkit::{NewMessage, Server, USER, message};

use crate::client::Client;

fn hello() -> NewMessage {
    NewMessage::new(message("Hello", "ann@example.com", "Hi!"))
}

#[test]
fn a_mailbox_keeps_its_identifier_under_another_name_only() {
    let server = Server::builder()
        .with("OBJECTID")
        .mailbox("Box", [hello()])
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    let told = |client: &mut Client<std::net::TcpStream>, name: &str| {
        let lines = client.ask(&format!("STATUS {name} (MAILBOXID)"));
        let (_, id) = lines[0].split_once("(MAILBOXID (").unwrap();
        id.trim_end_matches(')').to_owned()
    };
    let first = told(&mut client, "Box");
    let code = format!("* OK [MAILBOXID ({first})] The mailbox under any name");
    assert!(client.ask("EXAMINE Box").contains(&code));
    assert_ne!(told(&mut client, "INBOX"), first);
    let both = format!("* STATUS \"Box\" (MAILBOXID ({first}) MESSAGES 1)");
    assert_eq!(client.ask("STATUS Box (MAILBOXID MESSAGES)"), [both]);
    server.rename_mailbox(USER, "Box", "New");
    assert_eq!(told(&mut client, "New"), first);
    server.restart_uids(USER, "New", [hello()]);
    let mut client = Client::login(&server);
    assert_ne!(told(&mut client, "New"), first);
    let created = client.tagged("CREATE Made");
    let made = told(&mut client, "Made");
    assert_eq!(created, format!("a OK [MAILBOXID ({made})] Created"));
    assert_eq!(
        client.ask("LIST \"\" Made RETURN (STATUS (MAILBOXID UIDNEXT HIGHESTMODSEQ))"),
        [
            "* LIST (\\HasNoChildren) \"/\" \"Made\"".to_owned(),
            format!("* STATUS \"Made\" (MAILBOXID ({made}) UIDNEXT 1 HIGHESTMODSEQ 1)")
        ]
    );
}

#[test]
fn a_copy_has_the_identifier_of_the_message() {
    let server = Server::builder()
        .with("OBJECTID")
        .mailbox("Box", [hello()])
        .start()
        .unwrap();
    let mut client = Client::select(&server, "Box");
    let id = client.ask("UID FETCH 1 (EMAILID THREADID)");
    let (_, email) = id[0].split_once("EMAILID (").unwrap();
    let (email, thread) = email.split_once(") THREADID (").unwrap();
    let thread = thread.trim_end_matches(')');
    let found = client.ask(&format!("UID SEARCH EMAILID {email} THREADID {thread}"));
    assert_eq!(found, ["* SEARCH 1"]);
    assert_eq!(client.ask("UID SEARCH EMAILID M1"), ["* SEARCH"]);
    let found = client.ask(&format!("SEARCH RETURN (COUNT) NOT THREADID {thread}"));
    assert_eq!(found, ["* ESEARCH (TAG \"a\") COUNT 0"]);
    client.ask("UID MOVE 1 INBOX");
    client.ask("SELECT INBOX");
    assert_eq!(client.ask("UID FETCH 1 (EMAILID THREADID)"), id);
}

#[test]
fn identifiers_are_not_known_without_the_capability() {
    let server = Server::start().unwrap();
    let mut client = Client::login(&server);
    assert!(
        client
            .tagged("STATUS INBOX (MAILBOXID)")
            .starts_with("a BAD ")
    );
    client.ask("EXAMINE INBOX");
    assert!(client.tagged("SEARCH EMAILID M1").starts_with("a BAD "));
    let list = "LIST \"\" * RETURN (STATUS (MAILBOXID))";
    assert!(client.tagged(list).starts_with("a BAD "));
    assert!(
        !client
            .ask("SELECT INBOX")
            .iter()
            .any(|line| line.contains("MAILBOXID"))
    );
}

#[test]
fn one_mod_seq_for_all_of_a_store_where_that_is_so() {
    for (shared, expected) in [(true, [3, 3, 3]), (false, [3, 4, 5])] {
        let builder = Server::builder().fill("Box", 3, hello());
        let builder = if shared {
            builder.shared_mod_seqs()
        } else {
            builder
        };
        let server = builder.start().unwrap();
        Client::select(&server, "Box").ask("UID STORE 1:* +FLAGS (x)");
        let messages = server.state(USER, "Box").unwrap().messages;
        let mod_seqs: Vec<u64> = messages.iter().map(|message| message.mod_seq).collect();
        assert_eq!(mod_seqs, expected);
    }
}
