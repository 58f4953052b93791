//! LIST with options, and each command that stands in for it.

use latchbox::Error;
use latchbox::command::List;
use latchbox::types::{Capability, ListEntry, MailboxAttribute, StatusItem};

use super::{assert_unsupported, server};

const EXTENDED: &str = "IMAP4rev1 LIST-EXTENDED LIST-STATUS SPECIAL-USE CHILDREN";

fn shown(entries: &[ListEntry]) -> Vec<String> {
    entries.iter().map(ToString::to_string).collect()
}

/// All mailboxes.
fn all() -> List {
    List::new("*").unwrap()
}

/// What a LIST with these options tells on a server of this script.
#[track_caller]
fn listed(capabilities: &str, text: &str, list: List) -> Vec<ListEntry> {
    let (server, session) = server(capabilities, text);
    let listed = session.run(list);
    drop(session);
    server.finish();
    listed.unwrap()
}

#[test]
fn all_options_are_one_command() {
    let options = all()
        .select_subscribed()
        .select_remote()
        .select_special_use()
        .recursive_match()
        .return_subscribed()
        .return_children()
        .return_special_use()
        .return_status([StatusItem::Messages, StatusItem::Unseen])
        .or_pattern("Entwürfe/%".parse().unwrap());
    let found = listed(
        EXTENDED,
        r#"
        C: {a} LIST (SUBSCRIBED REMOTE SPECIAL-USE RECURSIVEMATCH) "" ("*" "Entw&APw-rfe/%") RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN))
        S: * LIST (\Subscribed \Trash) "/" Trash
        S: * STATUS Trash (MESSAGES 7 UNSEEN 1)
        S: * LIST (\NonExistent) "/" Old ("CHILDINFO" ("SUBSCRIBED"))
        S: * STATUS Elsewhere (MESSAGES 9 UNSEEN 9)
        S: {a} OK done
        "#,
        options,
    );
    assert_eq!(
        shown(&found),
        ["Trash \\Subscribed \\Trash", "Old \\NonExistent"]
    );
    assert_eq!(found[0].status().unwrap().messages(), Some(7));
    assert!(found[1].status().is_none());
    assert_eq!(found[1].child_info(), ["SUBSCRIBED"]);
}

#[test]
fn no_options_are_the_plain_list() {
    let found = listed(
        EXTENDED,
        r#"
        C: {a} LIST "" "*"
        S: * LIST () "/" INBOX
        S: {a} OK done
        "#,
        all(),
    );
    assert_eq!(shown(&found), ["INBOX"]);
}

#[test]
fn subscriptions_without_list_extended_are_merged_from_lsub() {
    let script = r#"
        C: {a} LIST "" "*"
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * LIST () "/" Sent
        S: {a} OK done
        C: {b} LSUB "" "*"
        S: * LSUB () "/" Gone
        S: * LSUB () "/" Sent
        S: * LSUB (\Noselect) "/" Above
        S: {b} OK done
    "#;
    let select = all().select_subscribed();
    assert_eq!(
        shown(&listed("IMAP4rev1", script, select.clone())),
        ["Sent \\Subscribed", "Gone \\NonExistent \\Subscribed"]
    );
    let tell = all().return_subscribed();
    assert_eq!(
        shown(&listed("IMAP4rev1", script, tell)),
        ["INBOX \\HasNoChildren", "Sent \\Subscribed"]
    );
    let above = listed("IMAP4rev1", script, select.recursive_match());
    assert_eq!(above.len(), 3);
    assert_eq!(above[2].name(), "Above");
    assert_eq!(above[2].child_info(), ["SUBSCRIBED"]);
    assert!(!above[2].has(&MailboxAttribute::Subscribed));
}

#[test]
fn several_patterns_without_list_extended_are_several_lists() {
    let options = all().or_pattern("S%".parse().unwrap());
    let found = listed(
        "IMAP4rev1",
        r#"
        C: {a} LIST "" "*"
        S: * LIST () "/" INBOX
        S: * LIST () "/" Sent
        S: {a} OK done
        C: {b} LIST "" "S%"
        S: * LIST () "/" Sent
        S: {b} OK done
        "#,
        options,
    );
    assert_eq!(shown(&found), ["INBOX", "Sent"]);
}

#[test]
fn what_nothing_can_stand_in_for_is_refused_before_anything_is_sent() {
    let (server, session) = server("IMAP4rev1", "");
    assert_unsupported(
        session.run(all().select_remote()),
        &Capability::ListExtended,
    );
    assert_unsupported(
        session.run(all().select_special_use()),
        &Capability::SpecialUse,
    );
    assert_unsupported(
        session.run(all().return_status([StatusItem::Size])),
        &Capability::StatusSize,
    );
    for (base, capability) in [
        (all().recursive_match(), None),
        (all().recursive_match().select_remote(), None),
        (
            all().recursive_match().select_subscribed().select_remote(),
            Some(Capability::ListExtended),
        ),
    ] {
        let refused = session.run(base);
        match capability {
            Some(capability) => assert_unsupported(refused, &capability),
            None => assert!(matches!(refused, Err(Error::Argument(_))), "{refused:?}"),
        }
    }
    assert!(matches!(
        session.run(all().return_status([])),
        Err(Error::Argument(_))
    ));
    drop(session);
    server.finish();
}

#[test]
fn q61_an_extended_list_that_is_answered_bad_is_asked_in_steps() {
    let found = listed(
        EXTENDED,
        r#"
        C: {a} LIST (SPECIAL-USE) "" "*" RETURN (SPECIAL-USE)
        S: {a} BAD what
        C: {b} LIST "" "*"
        S: * LIST () "/" INBOX
        S: * LIST (\Sent) "/" Sent
        S: {b} OK done
        "#,
        all().select_special_use().return_special_use(),
    );
    assert_eq!(shown(&found), ["Sent \\Sent"]);
}

#[test]
fn q60_an_extended_list_that_finds_no_mailbox_by_its_name_is_asked_plainly() {
    let (server, session) = server(
        EXTENDED,
        r#"
        C: {a} LIST "" "INBOX" RETURN (CHILDREN)
        S: {a} OK done
        C: {b} LIST "" "INBOX"
        S: * LIST (\HasNoChildren) "/" INBOX
        S: {b} OK done
        "#,
    );
    let found = session
        .run(List::new("INBOX").unwrap().return_children())
        .unwrap();
    assert_eq!(found[0].has_children(), Some(false));
    drop(session);
    server.finish();
}

#[test]
fn a_refusal_of_an_extended_list_is_no_reason_to_ask_again() {
    let (server, session) = server(
        EXTENDED,
        r#"
        C: {a} LIST "" "*" RETURN (CHILDREN)
        S: {a} NO not now
        "#,
    );
    let refused = session.run(all().return_children());
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    drop(session);
    server.finish();
}

#[test]
fn q63_xlist_tells_uses_where_nothing_else_does_and_inbox_in_any_language() {
    let found = listed(
        "IMAP4rev1 XLIST LIST-EXTENDED",
        r#"
        C: {a} XLIST "" "*"
        S: * XLIST (\Inbox) "/" Posteingang
        S: * XLIST (\Trash) "/" Papierkorb
        S: {a} OK done
        "#,
        all().return_special_use(),
    );
    assert_eq!(shown(&found), ["INBOX \\Inbox", "Papierkorb \\Trash"]);
}

#[test]
fn counts_without_list_status_are_asked_for_in_one_go() {
    let (server, session) = server(
        "IMAP4rev1 LIST-EXTENDED",
        r#"
        C: {a} LIST "" "*"
        S: * LIST () "/" INBOX
        S: * LIST (\Noselect) "/" Above
        S: * LIST () "/" Above/Secret
        S: * LIST () "/" Sent
        S: {a} OK done
        C: {b} STATUS "INBOX" (MESSAGES)
        C: {c} STATUS "Above/Secret" (MESSAGES)
        C: {d} STATUS "Sent" (MESSAGES)
        S: * STATUS Sent (MESSAGES 2)
        S: {d} OK done
        S: * STATUS INBOX (MESSAGES 1)
        S: {b} OK done
        S: {c} NO [NOPERM] not yours
        "#,
    );
    let found = session.run(all().return_status([StatusItem::Messages]));
    drop(session);
    server.finish();
    let counts = found.unwrap();
    let counts: Vec<_> = counts
        .iter()
        .map(|entry| {
            entry
                .status()
                .and_then(latchbox::types::MailboxStatus::messages)
        })
        .collect();
    assert_eq!(counts, [Some(1), None, None, Some(2)]);
}

#[test]
fn counts_of_mailboxes_that_are_listed_later_find_them() {
    let (server, session) = server(
        EXTENDED,
        r#"
        C: {a} LIST "" "*" RETURN (STATUS (UNSEEN))
        S: * STATUS Sent (UNSEEN 4)
        S: * LIST () "/" Sent
        S: * LIST () "/" inbox
        S: * STATUS INBOX (UNSEEN 5)
        S: {a} OK done
        "#,
    );
    let found = session
        .run(all().return_status([StatusItem::Unseen]))
        .unwrap();
    let counts: Vec<_> = found
        .iter()
        .map(|entry| entry.status().unwrap().unseen())
        .collect();
    assert_eq!(counts, [Some(4), Some(5)]);
    drop(session);
    server.finish();
}

/// Rights and metadata as they are asked for here.
fn with_rights_and_color() -> List {
    all()
        .return_my_rights()
        .return_metadata(["/private/color".parse().unwrap()])
}

fn rights_and_colors(entries: &[ListEntry]) -> Vec<String> {
    let shown = entries.iter().map(|entry| {
        let rights = entry.my_rights().map(|rights| rights.to_string());
        let color = entry.metadata().first().and_then(|entry| entry.text());
        format!("{} {rights:?} {color:?}", entry.name())
    });
    shown.collect()
}

#[test]
fn rights_and_metadata_come_along() {
    let found = listed(
        "IMAP4rev1 LIST-EXTENDED LIST-MYRIGHTS LIST-METADATA",
        r#"
        C: {a} LIST "" "*" RETURN (MYRIGHTS METADATA ("/private/color"))
        S: * LIST () "/" INBOX
        S: * MYRIGHTS INBOX lrs
        S: * METADATA INBOX (/private/color "red")
        S: * LIST () "/" "a b"
        S: * METADATA "" (/private/color "of the server")
        S: * METADATA INBOX /private/color
        S: * MYRIGHTS Elsewhere l
        S: {a} OK done
        "#,
        with_rights_and_color(),
    );
    assert_eq!(
        rights_and_colors(&found),
        ["INBOX Some(\"lrs\") Some(\"red\")", "a b None None"]
    );
}

#[test]
fn rights_and_metadata_are_asked_for_in_one_go_each() {
    let found = listed(
        "IMAP4rev1 ACL METADATA",
        r#"
        C: {a} LIST "" "*"
        S: * LIST () "/" INBOX
        S: * LIST (\Noselect) "/" above
        S: * LIST () "/" b
        S: {a} OK done
        C: {b} MYRIGHTS "INBOX"
        C: {c} MYRIGHTS "b"
        S: * MYRIGHTS INBOX lrs
        S: {b} OK done
        S: {c} NO you may not know
        C: {d} GETMETADATA "INBOX" ("/private/color")
        C: {e} GETMETADATA "b" ("/private/color")
        S: {d} OK there is none
        S: * METADATA b (/private/color blue)
        S: {e} OK done
        "#,
        with_rights_and_color(),
    );
    assert_eq!(
        rights_and_colors(&found),
        [
            "INBOX Some(\"lrs\") None",
            "above None None",
            "b None Some(\"blue\")"
        ]
    );
}

#[test]
fn rights_and_metadata_that_nothing_can_tell_are_refused_at_once() {
    let (server, session) = server("IMAP4rev1 LIST-EXTENDED", "");
    assert_unsupported(session.run(all().return_my_rights()), &Capability::Acl);
    assert_unsupported(
        session.run(
            List::new("*")
                .unwrap()
                .return_metadata(["/shared/x".parse().unwrap()]),
        ),
        &Capability::Metadata,
    );
    drop(session);
    server.finish();
}
