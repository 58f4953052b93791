//! All mailboxes of an account on each server, as they come and go.

use std::collections::BTreeSet;

use latchbox::types::ListEntry;
use latchbox::watch::Watch;

use super::client::OtherClient;
use super::copies::Copies;
use super::*;
use crate::sync::place::Place;

/// The mailboxes that the server lists.
fn listed(place: &Place) -> BTreeSet<String> {
    let session = place.session();
    let listed = session.list("*").unwrap();
    let listed = listed.into_iter().filter(ListEntry::is_selectable);
    listed.map(|mailbox| mailbox.name().to_string()).collect()
}

/// Takes items until there is a copy of each mailbox that the server lists, and of no other.
#[track_caller]
fn catch_up(copies: &mut Copies, watch: &mut Watch, place: &Place, when: &str) {
    let all = listed(place);
    copies.follow(watch, when, |copies| copies.mirrors.keys().eq(&all));
    let all: Vec<String> = all.into_iter().collect();
    copies.catch_up(watch, place, &all, when);
}

#[test]
fn all_mailboxes_are_followed_as_they_come_and_go_on_each_server() {
    for kind in KINDS {
        let place = Place::new(kind);
        let when = |what: &str| format!("{what} on {kind:?}");
        let [one, two, three] = ["One", "Two", "Three"].map(|name| place.mailbox(name));
        let mut other = OtherClient::new(&place.access);
        for mailbox in [&one, &two] {
            other.act(&["create", mailbox]);
            other.append(mailbox, 2, "");
        }
        let mut copies = Copies::default();
        let new_request = || request(&account(&place.access), kind, true);
        let mut watch = new_request().all_mailboxes([]).begin().unwrap();
        catch_up(&mut copies, &mut watch, &place, &when("at first"));
        for mailbox in ["INBOX", one.as_str(), two.as_str()] {
            other.append(mailbox, 1, "");
            catch_up(&mut copies, &mut watch, &place, &when("one arrives"));
            other.store(mailbox, "1", "+FLAGS", "\\Flagged");
            catch_up(&mut copies, &mut watch, &place, &when("a flag is set"));
        }
        other.act(&["create", &three]);
        catch_up(&mut copies, &mut watch, &place, &when("one is created"));
        other.append(&three, 1, "");
        other.move_to(&one, "1", &three);
        catch_up(&mut copies, &mut watch, &place, &when("one is moved"));
        other.act(&["delete", &two]);
        catch_up(&mut copies, &mut watch, &place, &when("one is deleted"));
        let renamed = place.mailbox("Renamed");
        other.act(&["rename", &three, &renamed]);
        catch_up(&mut copies, &mut watch, &place, &when("one is renamed"));
        other.append(&renamed, 1, "");
        catch_up(&mut copies, &mut watch, &place, &when("renamed and used"));
        assert_eq!(copies.gone, [two, three], "{kind:?}");
        assert!(copies.failed.is_empty(), "{kind:?}: {:?}", copies.failed);
        // The program is started again, and finds what has happened meanwhile.
        drop(watch);
        other.append(&one, 1, "");
        other.expunge(&renamed, "1");
        let stored = copies.stored();
        let mut watch = new_request().all_mailboxes(&stored).begin().unwrap();
        catch_up(&mut copies, &mut watch, &place, &when("started again"));
        if kind != Kind::Imap4d {
            assert_eq!(copies.arrived("INBOX"), 1, "{}", when("INBOX"));
            assert_eq!(copies.arrived(&one), 2, "{}", when("one"));
        }
        watch.end();
    }
}
