//! The server has forgotten what has changed: its log is lost, or only what is left of it is kept.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use latchbox::sync::Way;
use latchbox::types::{Flag, StoreAction};

use super::follower::{Follower, Manner};
use super::hand::{Hand, append};
use super::place::{Kind, Place};
use crate::support::dovecot::Dovecot;
use crate::support::private_server::Account;

/// A copy, and one who changes what it is of.
struct Scene<'p> {
    hand: Hand<'p>,
    follower: Follower<'p>,
    way: Way,
}

impl<'p> Scene<'p> {
    /// Twelve messages, of which the third has been removed before the first sync.
    fn new(place: &'p Place, way: Way) -> Self {
        let name = place.mailbox(&format!("Lost-{way}"));
        place.session().create(name.as_str()).unwrap();
        append(place, &name, 12, &[]);
        let hand = Hand::new(place, &name);
        hand.delete(&[3]);
        let mut scene = Self {
            follower: Follower::new(place, &name),
            hand,
            way,
        };
        scene.stir(10);
        scene.sync();
        scene
    }

    /// Raises HIGHESTMODSEQ, and leaves everything as it was.
    fn stir(&self, times: usize) {
        for _ in 0..times {
            for action in [StoreAction::Add, StoreAction::Remove] {
                self.hand.store(&[1], action, &[Flag::Draft]);
            }
        }
    }

    /// Three go, among them the highest; one arrives.
    fn some_go(&self) {
        self.hand.delete(&[4, 7, -1]);
        self.hand.append(1, &[]);
    }

    fn some_change(&self) {
        self.hand.store(&[2, 5], StoreAction::Add, &[Flag::Flagged]);
        self.hand.store(&[3], StoreAction::Replace, &[Flag::Seen]);
    }

    #[track_caller]
    fn sync(&mut self) {
        let manner = Manner::new(self.way, 4);
        self.follower.sync(manner).unwrap();
        self.follower.assert_same("the log is lost");
        let restarts = self.follower.mirror.figures.restarts;
        assert_eq!(restarts, 0, "{}", self.follower.wire.text());
        self.follower.leave();
    }

    /// HIGHESTMODSEQ of the last SELECT.
    #[track_caller]
    fn mod_seq(&self) -> u64 {
        let wire = self.follower.wire.text();
        let (_, last) = wire.rsplit_once("[HIGHESTMODSEQ ").unwrap();
        last.split_once(']').unwrap().0.parse().unwrap()
    }

    #[track_caller]
    fn syncs_three_gone_and_one_new(&mut self) {
        let before = self.follower.mirror.figures;
        self.sync();
        let figures = self.follower.mirror.figures.since(before);
        assert_eq!((figures.vanished, figures.arrived), (3, 1));
    }

    /// The server has reported one that was gone before the first sync.
    #[track_caller]
    fn assert_has_forgotten(&self) {
        let wire = self.follower.wire.text();
        assert!(
            wire.contains("S: * VANISHED (EARLIER) 3,5,8,12\r\n"),
            "{wire}"
        );
    }
}

const WITH_LOGS: [Way; 2] = [Way::Qresync, Way::CondStore];

/// Removes the index while the server is down: a process of it may keep one open for a while.
fn lose_index(server: &mut Dovecot, scene: &mut Scene<'_>) {
    let user = scene.hand.place.user.as_ref().unwrap();
    let index = fs::read_dir(user.directory(&scene.hand.mailbox)).unwrap();
    let paths = index.map(|entry| entry.unwrap().path());
    let is_index = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("dovecot.index")
    };
    let paths: Vec<PathBuf> = paths.filter(is_index).collect();
    assert!(!paths.is_empty());
    server.restart();
    for path in paths {
        fs::remove_file(path).unwrap();
    }
    scene.hand.place.lose_other();
    scene.follower.restart();
}

#[test]
fn a_copy_survives_that_dovecot_loses_its_index() {
    let mut server = Dovecot::start("").unwrap();
    for way in WITH_LOGS {
        let place = Place::on(&server);
        let mut scene = Scene::new(&place, way);
        let known = scene.mod_seq();
        scene.some_go();
        scene.some_change();
        lose_index(&mut server, &mut scene);
        scene.syncs_three_gone_and_one_new();
        // It is below what was known.
        assert!(scene.mod_seq() < known);
        scene.some_change();
        scene.sync();

        // It was below, and is above again: nothing but the number of messages shows the loss.
        scene.stir(5);
        scene.sync();
        let known = scene.mod_seq();
        scene.some_go();
        lose_index(&mut server, &mut scene);
        scene.stir(20);
        scene.some_change();
        scene.syncs_three_gone_and_one_new();
        assert!(scene.mod_seq() > known);
    }
    server.stop();
}

#[test]
fn a_copy_survives_that_dovecot_has_rotated_its_log() {
    let settings = "mail_index_log_rotate_min_size = 1k\n\
                    mail_index_log_rotate_max_size = 1k\n\
                    mail_index_log_rotate_min_age = 0\n\
                    mail_index_log2_max_age = 0";
    let server = Dovecot::start(settings).unwrap();
    for way in WITH_LOGS {
        let place = Place::on(&server);
        let mut scene = Scene::new(&place, way);
        scene.some_go();
        scene.some_change();
        scene.stir(40);
        scene.syncs_three_gone_and_one_new();
        scene.assert_has_forgotten();
    }
    server.stop();
}

#[test]
fn a_copy_survives_that_cyrus_has_purged_what_was_removed() {
    for way in WITH_LOGS {
        let place = Place::new(Kind::Cyrus);
        let mut scene = Scene::new(&place, way);
        scene.some_go();
        scene.some_change();
        purge(&place);
        scene.syncs_three_gone_and_one_new();
        scene.assert_has_forgotten();
    }
}

fn purge(place: &Place) {
    let directory = place.kind.server().running.directory();
    let mut command = Account::find().unwrap().prefix();
    command.push("/usr/lib/cyrus/bin/cyr_expire".to_owned());
    let done = Command::new(&command[0])
        .args(&command[1..])
        .arg("-C")
        .arg(directory.join("imapd.conf"))
        .args(["-X", "0", "-u", &place.access.user])
        .status();
    assert!(done.unwrap().success());
}
