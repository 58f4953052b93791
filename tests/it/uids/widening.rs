//! What a server names never widens what is changed, in no step of anything that takes several.

use std::sync::Arc;

use latchbox::command::{DeleteMessages, Expunge, MoveMessages, Store};
use latchbox::types::{Flag, SearchKey, StoreAction, UidSet};
use latchbox::{MailboxGuard, Result};
use latchbox_testkit::{NewMessage, Server, StoredMessage};

use super::liar::{Dice, Lie, lying_before};
use crate::scripted::selecting_with;
use crate::sessions::{log_in_as, plaintext};

type Guard<'s> = MailboxGuard<'s>;

type Call = fn(&mut Guard<'_>, &UidSet) -> Result<()>;

/// What is done with these messages, and whether it takes them away.
const CALLS: [(&str, Call); 14] = [
    ("move_to", |inbox, uids| {
        inbox.move_to(uids, "Archive").map(drop)
    }),
    ("move_to with others unflagged", |inbox, uids| {
        let moved = MoveMessages::new(uids, "Archive")?.unflag_others();
        inbox.run(moved).map(drop)
    }),
    ("move_to_trash", |inbox, uids| {
        inbox.move_to_trash(uids).map(drop)
    }),
    ("delete", |inbox, uids| inbox.delete(uids).map(drop)),
    ("delete with others unflagged", |inbox, uids| {
        inbox
            .run(DeleteMessages::new(uids).unflag_others())
            .map(drop)
    }),
    ("expunge with others unflagged", |inbox, uids| {
        inbox.store(uids, StoreAction::Add, [Flag::Deleted])?;
        inbox.run(Expunge::new(uids).unflag_others()).map(drop)
    }),
    ("copy", |inbox, uids| {
        let copied = inbox.copy(uids, "Archive")?;
        assert!(copied.pairs().all(|(source, _)| uids.contains(source)));
        Ok(())
    }),
    ("store", |inbox, uids| {
        inbox
            .store(uids, StoreAction::Add, [Flag::Deleted])
            .map(drop)
    }),
    ("numbered", |inbox, uids| {
        // Numbers and UIDs are the same in this mailbox.
        let numbered = inbox.numbered();
        let set = numbered.parse(&uids.to_string()).unwrap();
        numbered.move_to(&set, "Archive").map(drop)
    }),
    ("search and delete", |inbox, uids| {
        let found = inbox.search(SearchKey::Uid(uids.clone()).and(!SearchKey::Draft))?;
        inbox
            .run(DeleteMessages::new(&found).unflag_others())
            .map(drop)
    }),
    ("search_saved and delete", |inbox, uids| {
        inbox
            .search_saved(SearchKey::Uid(uids.clone()))?
            .delete()
            .map(drop)
    }),
    ("search_saved and move_to", |inbox, uids| {
        let saved = inbox.search_saved(SearchKey::Uid(uids.clone()))?;
        saved
            .narrow(!SearchKey::Draft)?
            .move_to("Archive")
            .map(drop)
    }),
    ("sort and delete", |inbox, uids| {
        let key = SearchKey::Uid(uids.clone());
        let sorted = inbox.sort([latchbox::types::SortKey::Arrival], key)?;
        let uids = sorted.to_set();
        inbox
            .run(DeleteMessages::new(&uids).unflag_others())
            .map(drop)
    }),
    ("replace", |inbox, uids| {
        let first = uids.first().unwrap();
        let one = uids.intersection(&first.to_string().parse().unwrap())?;
        inbox
            .replace(&one, "Archive", "Subject: new\r\n\r\n")?
            .removed()
            .map(drop)
    }),
];

/// Ten messages, of which some are flagged `\Deleted` by somebody else.
fn server(without: &[&str], flagged: &[u32]) -> Server {
    let messages = (1..=10_u32).map(|number| {
        let message = NewMessage::new(format!("Subject: {number}\r\n\r\n"));
        match flagged.contains(&number) {
            true => message.flag("\\Deleted"),
            false => message,
        }
    });
    let none = Vec::<Vec<u8>>::new;
    let builder = Server::builder()
        .user("jane", "secret")
        .mailbox("INBOX", messages)
        .mailbox("Archive", none())
        .mailbox("Trash", none())
        .special_use("Trash", "\\Trash");
    let builder = without
        .iter()
        .fold(builder, |builder, name| builder.without(name));
    builder.start().unwrap()
}

/// Those that were not asked for are as they were, wherever the answers led.
#[track_caller]
fn assert_spared(server: &Server, before: &[StoredMessage], asked: &UidSet, what: &str) {
    let after = server.messages("INBOX");
    for message in before {
        if asked.iter().any(|uid| uid.value() == message.uid) {
            continue;
        }
        let now = after.iter().find(|now| now.uid == message.uid);
        let now = now.unwrap_or_else(|| panic!("{what}: {} is gone", message.uid));
        assert_eq!(now.flags, message.flags, "{what}: flags of {}", message.uid);
    }
    let count = asked.len() as usize;
    for target in ["Archive", "Trash"] {
        let copies = server.messages(target);
        assert!(
            copies.len() <= count + 1,
            "{what}: {} in {target}",
            copies.len()
        );
    }
}

#[test]
fn fault_03_what_a_server_names_never_widens_what_is_changed() {
    let servers: [&[&str]; 4] = [
        &[],
        &["MOVE", "SEARCHRES"],
        &["MOVE", "UIDPLUS", "ESEARCH", "SEARCHRES", "SORT"],
        &["MOVE", "UIDPLUS"],
    ];
    let mut seed = 0;
    for without in servers {
        for (call, run) in CALLS {
            for lie in [Lie::Add, Lie::Drop, Lie::Swap, Lie::Stop] {
                seed += 1;
                let dice = Arc::new(Dice::new(seed));
                let some = |count| (0..count).map(|_| 1 + dice.below(10)).collect::<Vec<_>>();
                let (asked, flagged) = (some(3), some(2));
                let asked: Vec<String> = asked.iter().map(ToString::to_string).collect();
                let asked: UidSet = asked.join(",").parse().unwrap();
                let server = server(without, &flagged);
                let before = server.messages("INBOX");
                let port = lying_before(server.port(), lie, Arc::clone(&dice));
                let session = log_in_as(plaintext(port).connect().unwrap(), "jane", "secret");
                let mut inbox = session.lock_mailbox("INBOX").unwrap();
                let outcome = run(&mut inbox, &asked);
                let what = format!(
                    "{call} of {asked} ({flagged:?} flagged) without {without:?}, {lie:?}, \
                     seed {seed}: {:?}",
                    outcome.err().map(|error| error.to_string())
                );
                assert_spared(&server, &before, &asked, &what);
            }
        }
    }
}

/// The example of the table: SEARCH or ESEARCH answers `100 101 102` to the first step of a move of
/// 100.
#[test]
fn fault_03_a_move_in_steps_moves_what_it_was_asked_for() {
    for (capabilities, returns, answer) in [
        ("IMAP4rev1 UIDPLUS", "", "* SEARCH 100 101 102"),
        (
            "IMAP4rev1 UIDPLUS ESEARCH",
            "RETURN (ALL) ",
            "* ESEARCH (TAG \"{a}\") UID ALL 100:102",
        ),
        (
            "IMAP4rev1 UIDPLUS ESEARCH",
            "RETURN (ALL) ",
            "* SEARCH 102 101 100 99",
        ),
    ] {
        let text = format!(
            r#"
            C: {{a}} UID SEARCH {returns}UID 100
            S: {answer}
            S: {{a}} OK done
            C: {{b}} UID SEARCH {returns}UID 100 DELETED
            S: * SEARCH 101
            S: {{b}} OK done
            C: {{c}} UID COPY 100 "Archive"
            S: {{c}} OK [COPYUID 9 100 1] done
            C: {{d}} UID STORE 100 +FLAGS.SILENT (\Deleted)
            S: {{d}} OK done
            C: {{e}} UID EXPUNGE 100
            S: {{e}} OK done
            "#
        );
        let (server, session) = selecting_with(capabilities, &text, |builder| builder);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.move_to(&super::set("100"), "Archive").unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// A server that names more messages than there are, or fewer, is not believed: nothing is removed.
#[test]
fn fault_03_flags_of_more_or_fewer_messages_than_there_are_stop_an_expunge() {
    for rows in [&[1, 2][..], &[1, 2, 3, 4]] {
        let rows: String = rows
            .iter()
            .map(|uid| format!("S: * {uid} FETCH (UID {uid} FLAGS (\\Deleted))\n"))
            .collect();
        let text = format!("C: {{f}} UID FETCH 1:* (FLAGS)\n{rows}S: {{f}} OK done\n");
        let (server, session) = selecting_with("IMAP4rev1", &text, |builder| builder);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let error = inbox
            .run(Expunge::new(&super::set("1")).unflag_others())
            .unwrap_err();
        assert!(matches!(error, latchbox::Error::Unparsable(_)), "{error:?}");
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// A result that the server keeps is not more than it said.
#[test]
fn fault_03_a_saved_search_is_no_more_than_was_found() {
    for (key, found, expected) in [
        (SearchKey::Uid(super::set("5:7")), "5:9", Some("5:7")),
        (SearchKey::Unseen, "1:4", None),
    ] {
        let written = match &key {
            SearchKey::Uid(set) => format!("UID {set}"),
            _ => "UNSEEN".to_owned(),
        };
        let text = format!(
            r#"
            C: {{a}} UID SEARCH RETURN (SAVE COUNT) {written}
            S: * ESEARCH (TAG "{{a}}") UID COUNT 3
            S: {{a}} OK done
            C: {{b}} UID SEARCH RETURN (ALL) $
            S: * ESEARCH (TAG "{{b}}") UID ALL {found}
            S: {{b}} OK done
            "#
        );
        let capabilities = "IMAP4rev1 ESEARCH SEARCHRES";
        let (server, session) = selecting_with(capabilities, &text, |builder| builder);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut saved = inbox.search_saved(key).unwrap();
        let uids = saved.uids().ok().map(|uids| uids.to_string());
        assert_eq!(uids.as_deref(), expected);
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// MODIFIED and APPENDUID are used for later changes by the caller.
#[test]
fn fault_03_codes_name_no_more_than_was_asked_for() {
    let (server, session) = selecting_with(
        "IMAP4rev1 UIDPLUS CONDSTORE LITERAL+",
        r#"
        C: {a} UID STORE 5:6 (UNCHANGEDSINCE 9) +FLAGS (\Deleted)
        S: {a} OK [MODIFIED 5,7:9] some
        C: {b} APPEND "INBOX" {14+}
        C-raw: Subject: 1\r\n\r\n\r\n
        S: {b} OK [APPENDUID 7 1:500] done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let since = latchbox::types::ModSeq::try_from(9).unwrap();
    let stored = inbox.run(Store::add(&super::set("5:6"), &[Flag::Deleted]).unchanged_since(since));
    assert_eq!(stored.unwrap().modified().to_string(), "5");
    let appended = session.append("INBOX", "Subject: 1\r\n\r\n").unwrap();
    assert!(appended.uids().is_none());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn fault_04_pairs_are_of_what_was_asked_for_each_once() {
    use latchbox::command::Pairing;
    for (code, pairs) in [
        ("100:101 7:8", Some(vec![(100, 7), (101, 8)])),
        ("101,100 7:8", Some(vec![(101, 7), (100, 8)])),
        ("100 7", Some(vec![(100, 7)])),
        ("500:501 7:8", None),
        ("100:102 7:9", None),
        ("100,100 7:8", None),
        ("100:101 7,7", None),
        ("100:101 7", None),
        ("99:100 7:8", None),
    ] {
        for command in ["COPY", "MOVE"] {
            let text = format!(
                r#"
                C: {{a}} UID {command} 100:101 "Archive"
                S: {{a}} OK [COPYUID 9 {code}] done
                C: {{b}} COPY 2:3 "Archive"
                S: {{b}} OK [COPYUID 9 5:7 1:3] done
                "#
            );
            let capabilities = "IMAP4rev1 UIDPLUS MOVE";
            let (server, session) = selecting_with(capabilities, &text, |builder| builder);
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            let uids = super::set("100,101");
            let copied = match command {
                "COPY" => inbox.copy(&uids, "Archive"),
                _ => inbox.move_to(&uids, "Archive"),
            };
            let copied = copied.unwrap();
            let found: Vec<_> = copied
                .pairs()
                .map(|(a, b)| (a.value(), b.value()))
                .collect();
            let expected = if pairs.is_some() {
                Pairing::Known
            } else {
                Pairing::Unparsable
            };
            assert_eq!(copied.pairing(), expected, "{command} {code}");
            assert_eq!(copied.copies().is_some(), pairs.is_some());
            assert_eq!(found, pairs.clone().unwrap_or_default(), "{command} {code}");
            // Of two sequence numbers three UIDs.
            let numbered = inbox.numbered();
            let two = numbered.last(2);
            let copied = numbered.copy(&two, "Archive").unwrap();
            assert_eq!(copied.pairing(), Pairing::Unparsable);
            drop(inbox);
            drop(session);
            server.finish();
        }
    }
}
