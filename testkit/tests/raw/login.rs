//! Greeting, capabilities, logging in and TLS.

use latchbox_testkit::{Greeting, Literals, Server};

use crate::client::Client;

#[test]
fn the_password_is_checked_and_never_recorded() {
    let server = Server::builder()
        .user("ann", "sesame open")
        .start()
        .unwrap();
    let mut client = Client::connect(&server);
    assert_eq!(client.tagged("SELECT INBOX"), "a BAD Log in first");
    let refused = "a NO [AUTHENTICATIONFAILED] Wrong name or password";
    assert_eq!(client.tagged("LOGIN ann \"sesame shut\""), refused);
    client.send("a LOGIN ann {11}\r\n");
    assert!(client.line().starts_with("+ "));
    client.send("sesame open\r\n");
    assert!(client.line().starts_with("a OK [CAPABILITY IMAP4rev1 "));
    let mut client = Client::connect(&server);
    client.send("a LOGIN {3+}\r\nann \"sesame open\"\r\n");
    assert!(client.line().starts_with("a OK "));

    let mut client = Client::connect(&server);
    client.ask("AUTHENTICATE PLAIN AGFubgBzZXNhbWUgb3Blbg==");
    let mut client = Client::connect(&server);
    client.send("a AUTHENTICATE PLAIN\r\n");
    assert_eq!(client.line(), "+");
    client.send("AGFubgBzZXNhbWUgb3Blbg==\r\n");
    assert!(client.line().starts_with("a OK "));

    let lines: Vec<String> = server
        .timeline()
        .into_iter()
        .map(|event| event.line)
        .collect();
    assert!(lines.contains(&"a AUTHENTICATE PLAIN ***".to_owned()));
    assert!(lines.contains(&"***".to_owned()));
    assert!(lines.contains(&"a LOGIN ***".to_owned()));
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("sesame") || line.contains("AGFu"))
    );
}

#[test]
fn what_is_taken_away_is_refused() {
    let server = Server::builder()
        .without("MOVE")
        .without("ESEARCH")
        .with("XTRA")
        .start()
        .unwrap();
    let mut client = Client::select(&server, "INBOX");
    let capabilities = client.ask("CAPABILITY").remove(0);
    assert!(capabilities.contains(" XTRA") && !capabilities.contains("MOVE"));
    assert!(!capabilities.contains("AUTH="), "{capabilities}");
    assert_eq!(
        client.tagged("UID MOVE 1 x"),
        "a BAD Octet 3: MOVE is not advertised"
    );
    assert_eq!(
        client.tagged("SEARCH RETURN (MIN) ALL"),
        "a BAD Octet 10: ESEARCH is not advertised"
    );
    assert_eq!(
        client.tagged("NONSENSE"),
        "a BAD Octet 3: there is no command NONSENSE"
    );
}

#[test]
fn greetings() {
    let server = Server::builder()
        .greeting(Greeting::PreAuth)
        .start()
        .unwrap();
    let socket = std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut client = Client {
        stream: std::io::BufReader::new(socket),
    };
    assert!(client.line().starts_with("* PREAUTH [CAPABILITY "));
    client.ask("SELECT INBOX");

    let server = Server::builder().greeting(Greeting::Bye).start().unwrap();
    let socket = std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut client = Client {
        stream: std::io::BufReader::new(socket),
    };
    assert_eq!(client.line(), "* BYE Come back later");
    assert_eq!(client.line(), "");
}

#[test]
fn logindisabled_is_meant() {
    let server = Server::builder().with("LOGINDISABLED").start().unwrap();
    let mut client = Client::connect(&server);
    assert_eq!(
        client.tagged("LOGIN a b"),
        "a NO [PRIVACYREQUIRED] Use TLS first"
    );
}

#[test]
fn literals_by_mode() {
    let server = Server::builder()
        .literals(Literals::Minus)
        .append_limit(9000)
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    assert!(client.ask("CAPABILITY").remove(0).ends_with(" LITERAL-"));
    client.send("a CREATE {3+}\r\nBox\r\n");
    assert_eq!(client.line(), "a OK Created");
    assert_eq!(
        client.tagged("APPEND INBOX {9001}"),
        "a NO [TOOBIG] That is too much"
    );
    client.send("a APPEND INBOX {5000+}\r\n");
    assert_eq!(client.line(), "* BYE This literal needs a continuation");
    assert_eq!(client.line(), "");

    let server = Server::builder()
        .literals(Literals::Synchronizing)
        .start()
        .unwrap();
    let mut client = Client::login(&server);
    assert!(!client.ask("CAPABILITY").remove(0).contains("LITERAL"));
    client.send("a CREATE {3+}\r\n");
    assert_eq!(client.line(), "* BYE This literal needs a continuation");
}

#[test]
fn id_and_enable_and_namespace() {
    let server = Server::start().unwrap();
    let mut client = Client::login(&server);
    assert_eq!(
        client.ask("ID (\"name\" \"x\")"),
        ["* ID (\"name\" \"latchbox-testkit\")"]
    );
    assert_eq!(client.ask("ENABLE CONDSTORE X"), ["* ENABLED CONDSTORE"]);
    assert_eq!(
        client.ask("NAMESPACE"),
        ["* NAMESPACE ((\"\" \"/\")) NIL NIL"]
    );
    assert_eq!(client.ask("LOGOUT"), ["* BYE Goodbye"]);
    assert_eq!(client.line(), "");
}
