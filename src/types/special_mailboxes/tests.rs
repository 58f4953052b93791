//! The special uses of mailboxes, by the names that servers and users give them.

use super::*;
use crate::types::mailbox_attribute::{KnownAttributes, MailboxAttribute};
use crate::types::mailbox_name::MailboxName;

fn entry(name: &str, delimiter: char, attributes: &[MailboxAttribute]) -> ListEntry {
    let name = MailboxName::new(name).unwrap();
    ListEntry::new(name, Some(delimiter), KnownAttributes::default()).with(attributes.to_vec())
}

fn named(names: &[&str], delimiter: char, prefixes: &[&str]) -> SpecialMailboxes {
    let entries: Vec<_> = names
        .iter()
        .map(|name| entry(name, delimiter, &[]))
        .collect();
    SpecialMailboxes::among(&entries, prefixes)
}

fn trash(found: &SpecialMailboxes) -> Option<(&str, FoundBy)> {
    let mailbox = found.get(SpecialUse::Trash)?;
    Some((mailbox.mailbox().name().as_str(), mailbox.found_by()))
}

#[test]
fn what_the_server_says_goes_before_any_name() {
    let entries = [
        entry("Trash", '/', &[]),
        entry("x/Müll", '/', &[MailboxAttribute::Trash]),
    ];
    let found = SpecialMailboxes::among(&entries, &[]);
    assert_eq!(trash(&found), Some(("x/Müll", FoundBy::Attribute)));
    assert_eq!(found.iter().count(), 1);
}

#[test]
fn names_are_known_in_many_languages_and_any_case() {
    for name in [
        "Trash",
        "PAPIERKORB",
        "Корзина",
        "ごみ箱",
        "Éléments supprimés",
        "Çöp Kutusu",
    ] {
        let found = named(&["INBOX", name], '/', &[]);
        assert_eq!(trash(&found), Some((name, FoundBy::Name)));
    }
    assert_eq!(trash(&named(&["INBOX", "Treasure"], '/', &[])), None);
}

#[test]
fn names_count_where_the_account_has_its_own_mailboxes() {
    assert_eq!(trash(&named(&["Work/Trash"], '/', &[])), None);
    let below = |name, delimiter, prefixes| trash(&named(&[name], delimiter, prefixes)).is_some();
    assert!(below("INBOX.Trash", '.', &[]));
    assert!(below("mail/Trash", '/', &["mail/"]));
    assert!(!below("mail/old/Trash", '/', &["mail/"]));
    assert!(!below("INBOX/old/Trash", '/', &[]));
}

#[test]
fn the_commoner_name_is_preferred() {
    let found = named(&["Deleted Items", "Trash", "Papierkorb"], '/', &[]);
    assert_eq!(trash(&found).map(|(name, _)| name), Some("Trash"));
}

#[test]
fn what_cannot_be_selected_or_is_for_something_else_is_not_taken() {
    let entries = [
        entry("Trash", '/', &[MailboxAttribute::NoSelect]),
        entry("Deleted Items", '/', &[MailboxAttribute::Archive]),
    ];
    assert_eq!(trash(&SpecialMailboxes::among(&entries, &[])), None);
}

#[test]
fn no_name_is_in_the_table_twice_and_all_are_in_small_letters() {
    let all: Vec<&str> = NAMES
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    for (place, name) in all.iter().enumerate() {
        assert_eq!(*name, name.to_lowercase());
        assert!(!all[..place].contains(name), "{name} twice");
    }
    assert!(!named(&["Trash"], '/', &[]).is_complete());
    assert!(named(&["Trash", "Sent", "Junk", "Drafts", "Archive"], '/', &[]).is_complete());
}
