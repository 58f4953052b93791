//! The servers of NetEase and of Yandex.

use latchbox_testkit::Preset;

use super::{greeted, login, selected, start};

#[test]
fn net_ease() {
    let server = start(Preset::NetEase);
    let (mut client, greeting) = greeted(&server);
    assert!(greeting.starts_with("* OK Coremail System IMap Server Ready(163com["));
    // What is said before the login does not count.
    client.ask("ID NIL");
    let mut client = login(&server);
    for command in ["SELECT INBOX", "EXAMINE INBOX", "STATUS Box (MESSAGES)"] {
        let verb = command.split(' ').next().unwrap();
        let refused = format!("a NO {verb} Unsafe Login. Please contact kefu@188.com for help");
        assert_eq!(client.tagged(command), refused);
    }
    assert_eq!(
        client.ask("ID (\"name\" \"x\")"),
        ["* ID (\"name\" \"Coremail\")"]
    );
    client.ask("SELECT INBOX");
    let status = |client: &mut crate::client::Client<_>, items: &str| {
        client.ask(&format!("STATUS Box ({items})")).remove(0)
    };
    assert_eq!(status(&mut client, "UIDNEXT"), "* STATUS \"Box\" ()");
    let all = "MESSAGES UIDNEXT UIDVALIDITY";
    let kept = status(&mut client, all);
    assert!(
        kept.starts_with("* STATUS \"Box\" (MESSAGES 1 UIDVALIDITY "),
        "{kept}"
    );
    for command in ["IDLE", "NAMESPACE", "UNSELECT", "UID MOVE 1 Box"] {
        assert!(client.tagged(command).starts_with("a BAD"), "{command}");
    }
    let list = client.ask("LIST \"\" *");
    let drafts = "* LIST (\\Drafts) \"/\" \"&g0l6P3ux-\"";
    assert!(list.contains(&drafts.to_owned()), "{list:?}");
}

#[test]
fn yandex() {
    let server = start(Preset::Yandex);
    let mut client = selected(&server);
    let lines = client.ask("SELECT INBOX");
    let flags = lines
        .iter()
        .find(|line| line.starts_with("* FLAGS ("))
        .unwrap();
    assert!(!flags.contains("\\Flagged"), "{flags}");
    let has = |word: &str| lines.iter().any(|line| line.contains(word));
    assert!(has("[PERMANENTFLAGS (\\Answered \\Flagged "));
    for command in ["LIST", "XLIST"] {
        let list = client.ask(&format!("{command} \"\" *"));
        let drafts = "(\\HasNoChildren \\Drafts \\Drafts) \"/\" \"&BCc";
        let has = |text: &str| list.iter().any(|line| line.contains(text));
        assert!(has(drafts) && has("\\Trash \\Trash)"), "{list:?}");
        assert!(has("(\\HasNoChildren \\Sent) "), "{list:?}");
    }
    client.send("a LOGOUT\r\n");
    let lines: Vec<String> = (0..4).map(|_| client.line()).collect();
    assert!(
        lines[..3].iter().all(|line| line.starts_with("* BYE ")),
        "{lines:?}"
    );
    assert!(lines[3].starts_with("a OK"));
}
