//! Which mailbox is for what: by attributes, by names, below which prefix.

use latchbox::types::{FoundBy, SpecialMailboxes, SpecialUse};

use crate::scripted::logged_in_with;

#[track_caller]
fn found(capabilities: &str, text: &str) -> SpecialMailboxes {
    let (server, session) = logged_in_with(capabilities, text, |builder| builder);
    let found = session.special_mailboxes();
    drop(session);
    server.finish();
    found.unwrap()
}

fn of(found: &SpecialMailboxes, special_use: SpecialUse) -> Option<(String, FoundBy)> {
    let special = found.get(special_use)?;
    let name = special.mailbox().name().as_str().to_owned();
    Some((name, special.found_by()))
}

fn by(name: &str, found_by: FoundBy) -> Option<(String, FoundBy)> {
    Some((name.to_owned(), found_by))
}

#[test]
fn attributes_go_before_names_and_names_fill_in() {
    let found = found(
        "IMAP4rev1 LIST-EXTENDED SPECIAL-USE",
        r#"
        C: {a} LIST "" "*" RETURN (SPECIAL-USE)
        S: * LIST () "/" INBOX
        S: * LIST () "/" Trash
        S: * LIST (\Trash) "/" Bin
        S: * LIST () "/" "Gesendete Objekte"
        S: * LIST (\All \Archive) "/" Everything
        S: {a} OK done
        "#,
    );
    assert_eq!(of(&found, SpecialUse::Trash), by("Bin", FoundBy::Attribute));
    let sent = by("Gesendete Objekte", FoundBy::Name);
    assert_eq!(of(&found, SpecialUse::Sent), sent);
    let all = by("Everything", FoundBy::Attribute);
    assert_eq!(of(&found, SpecialUse::All), all);
    assert_eq!(of(&found, SpecialUse::Archive), all);
    assert_eq!(of(&found, SpecialUse::Junk), None);
}

#[test]
fn without_any_extension_names_tell_below_the_prefix_of_the_account() {
    let found = found(
        "IMAP4rev1 NAMESPACE",
        r#"
        C: {a} LIST "" "*"
        S: * LIST () "/" INBOX
        S: * LIST () "/" mail/K&APY-rbe
        S: * LIST () "/" mail/Papierkorb
        S: * LIST () "/" shared/Sent
        S: {a} OK done
        C: {b} NAMESPACE
        S: * NAMESPACE (("mail/" "/")) NIL (("shared/" "/"))
        S: {b} OK done
        "#,
    );
    let trash = by("mail/Papierkorb", FoundBy::Name);
    assert_eq!(of(&found, SpecialUse::Trash), trash);
    assert_eq!(of(&found, SpecialUse::Sent), None, "that is another's");
}

#[test]
fn a_namespace_that_is_refused_leaves_what_was_found() {
    let found = found(
        "IMAP4rev1 NAMESPACE",
        r#"
        C: {a} LIST "" "*"
        S: * LIST () "." INBOX
        S: * LIST () "." INBOX.Drafts
        S: {a} OK done
        C: {b} NAMESPACE
        S: {b} NO not now
        "#,
    );
    let drafts = by("INBOX.Drafts", FoundBy::Name);
    assert_eq!(of(&found, SpecialUse::Drafts), drafts);
    assert_eq!(found.iter().count(), 1);
}
