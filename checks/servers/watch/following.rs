//! One mailbox and several on each server, step by step.

use latchbox::watch::{Others, Watch};

use super::client::OtherClient;
use super::copies::Copies;
use super::*;
use crate::sync::place::Place;

/// A program with a watch, and the client that changes its mailboxes.
struct Scene {
    place: Place,
    other: OtherClient,
    copies: Copies,
    mailboxes: Vec<String>,
    watch: Watch,
}

/// A step, and the messages that it adds to the mailbox.
type Step = (&'static str, fn(&mut Scene, &str), usize);

const OTHER: &str = "Elsewhere";

const STEPS: &[Step] = &[
    ("two arrive", |scene, at| scene.other.append(at, 2, ""), 2),
    (
        "one arrives with a flag",
        |scene, at| scene.other.append(at, 1, "(\\Flagged)"),
        1,
    ),
    (
        "flags are set",
        |scene, at| scene.other.store(at, "1,-1", "+FLAGS", "\\Seen \\Answered"),
        0,
    ),
    (
        "flags are cleared",
        |scene, at| scene.other.store(at, "-1", "-FLAGS", "\\Seen \\Flagged"),
        0,
    ),
    (
        "a keyword is set",
        |scene, at| {
            let keyword = scene.keyword();
            scene.other.store(at, "2", "+FLAGS", keyword);
        },
        0,
    ),
    (
        "all flags are cleared",
        |scene, at| scene.other.store(at, "0", "FLAGS", ""),
        0,
    ),
    (
        "one is removed",
        |scene, at| scene.other.expunge(at, "2"),
        0,
    ),
    (
        "the last is removed",
        |scene, at| scene.other.expunge(at, "-1"),
        0,
    ),
    (
        "one is moved away",
        |scene, at| {
            let elsewhere = scene.place.mailbox(OTHER);
            scene.other.move_to(at, "1", &elsewhere);
        },
        0,
    ),
    (
        "one is moved here",
        |scene, at| {
            let elsewhere = scene.place.mailbox(OTHER);
            scene.other.move_to(&elsewhere, "-1", at);
        },
        1,
    ),
    (
        "one goes and one arrives",
        |scene, at| {
            scene.other.expunge(at, "1");
            scene.other.append(at, 1, "");
        },
        1,
    ),
    ("all go", |scene, at| scene.other.expunge(at, "0"), 0),
    (
        "one arrives in nothing",
        |scene, at| scene.other.append(at, 1, "(\\Seen)"),
        1,
    ),
];

impl Scene {
    /// The mailboxes with two messages each, and a watch that is up to date.
    fn new(kind: Kind, names: &[&str]) -> Self {
        let place = Place::new(kind);
        let named = |name: &&str| match *name {
            "INBOX" => "INBOX".to_owned(),
            name => place.mailbox(name),
        };
        let mailboxes: Vec<String> = names.iter().map(named).collect();
        let mut other = OtherClient::new(&place.access);
        other.act(&["create", &place.mailbox(OTHER)]);
        for mailbox in &mailboxes {
            if mailbox != "INBOX" {
                other.act(&["create", mailbox]);
            }
            other.append(mailbox, 2, "");
        }
        let mut copies = Copies::default();
        let request = request(&account(&place.access), kind, names.len() > 1);
        let request = copies.watching(request, &mailboxes);
        let mut watch = request.begin().unwrap();
        copies.catch_up(&mut watch, &place, &mailboxes, "at first");
        copies.follow(&mut watch, "up to date", |copies| copies.up_to_date == 1);
        Self {
            place,
            other,
            copies,
            mailboxes,
            watch,
        }
    }

    fn keyword(&self) -> &'static str {
        match self.place.kind {
            Kind::Imap4d => "\\Draft",
            _ => "Later",
        }
    }

    #[track_caller]
    fn catch_up(&mut self, when: &str) {
        let Self {
            place,
            copies,
            mailboxes,
            watch,
            ..
        } = self;
        copies.catch_up(watch, place, mailboxes, when);
    }

    /// Another client does something to a mailbox, and the copies become equal.
    #[track_caller]
    fn take(&mut self, (what, happens, arrives): &Step, mailbox: &str) {
        let kind = self.place.kind;
        let when = format!("{what} in {mailbox} on {kind:?}");
        let before = self.copies.arrived(mailbox);
        happens(self, mailbox);
        self.catch_up(&when);
        // It gives the newest message another UID, and mailboxes another UIDVALIDITY.
        if kind != Kind::Imap4d {
            assert_eq!(self.copies.arrived(mailbox), before + arrives, "{when}");
        }
    }

    fn end(self) {
        let Copies {
            disconnected,
            failed,
            gone,
            ..
        } = &self.copies;
        assert!(failed.is_empty() && gone.is_empty(), "{failed:?} {gone:?}");
        assert_eq!(*disconnected, 0);
        assert_eq!(self.copies.up_to_date, 1);
        assert_eq!(self.watch.state().connections(), 1);
        self.watch.end();
    }
}

#[test]
fn one_mailbox_is_followed_on_each_server() {
    for kind in KINDS {
        let mut scene = Scene::new(kind, &["Watched"]);
        assert_eq!(scene.watch.state().others(), Others::None);
        assert_eq!(scene.watch.state().way(), Some(kind.best()));
        let mailbox = scene.mailboxes[0].clone();
        for step in STEPS {
            scene.take(step, &mailbox);
        }
        scene.end();
    }
}

#[test]
fn several_mailboxes_are_followed_on_each_server() {
    for kind in KINDS {
        let mut scene = Scene::new(kind, &["INBOX", "Lists", "Work"]);
        let others = match kind {
            Kind::Dovecot => Others::Notify,
            _ => Others::Status,
        };
        assert_eq!(scene.watch.state().others(), others);
        let mailboxes = scene.mailboxes.clone();
        for (number, step) in STEPS.iter().enumerate() {
            scene.take(step, &mailboxes[number % 3]);
            scene.take(step, &mailboxes[(number + 1) % 3]);
        }
        scene.end();
    }
}

/// What a delivery agent and another client put into the Maildir, beside IMAP.
#[test]
fn mail_that_is_delivered_into_the_maildir_arrives_once() {
    let mut scene = Scene::new(Kind::Dovecot, &["INBOX", "Lists"]);
    for round in 0..3 {
        for mailbox in ["INBOX", "Lists"] {
            let user = scene.place.user.as_ref().unwrap();
            let message = format!("Subject: {round}\n\nhello\n");
            user.deliver(mailbox, message.as_bytes(), "");
            user.deliver(mailbox, message.as_bytes(), "FS");
            scene.catch_up("delivered");
        }
    }
    for mailbox in ["INBOX", "Lists"] {
        assert_eq!(scene.copies.arrived(mailbox), 6);
    }
    scene.end();
}

/// A mailbox that is renamed or deleted fails for as long as it is not there.
#[test]
fn a_mailbox_that_goes_and_comes_back_is_followed_again_on_each_server() {
    for kind in KINDS {
        let place = Place::new(kind);
        let [gone, inbox] = [place.mailbox("Going"), "INBOX".to_owned()];
        let mut other = OtherClient::new(&place.access);
        other.act(&["create", &gone]);
        other.append(&gone, 2, "");
        let mut copies = Copies::default();
        let request = request(&account(&place.access), kind, true);
        let request = request.look_interval(SOON).status_interval(SOON);
        let mailboxes = [gone.clone(), inbox];
        let mut watch = copies.watching(request, &mailboxes).begin().unwrap();
        copies.catch_up(&mut watch, &place, &mailboxes, "at first");
        let elsewhere = place.mailbox("Gone");
        for round in 1..=2 {
            let when = format!("round {round} on {kind:?}");
            let before = copies.mirrors[&gone].messages.clone();
            other.act(&["rename", &gone, &elsewhere]);
            copies.follow(&mut watch, &when, |copies| copies.failed.len() == round);
            assert_eq!(copies.mirrors[&gone].messages, before, "{when}");
            other.append("INBOX", 1, "");
            copies.catch_up(&mut watch, &place, &mailboxes[1..], &when);
            other.act(&["rename", &elsewhere, &gone]);
            other.append(&gone, 1, "");
            copies.catch_up(&mut watch, &place, &mailboxes, &when);
        }
        other.act(&["delete", &gone]);
        copies.follow(&mut watch, "deleted", |copies| copies.failed.len() == 3);
        other.act(&["create", &gone]);
        other.append(&gone, 3, "");
        copies.catch_up(&mut watch, &place, &mailboxes, "created again");
        assert!(copies.failed.iter().all(|name| *name == gone));
        watch.end();
    }
}
