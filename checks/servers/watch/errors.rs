//! Several accounts in one place: the errors of one are items, and the others go on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use latchbox::watch::{WatchId, WatchItem, Watches};
use latchbox::{Account, Backoff, Credentials, Error};

use super::client::OtherClient;
use super::copies::Copies;
use super::*;
use crate::sessions::Asked;
use crate::support::dovecot::Dovecot;
use crate::sync::place::Place;

const INBOX: &str = "INBOX";

/// Many watches, and the copies of those whose items are changes.
struct Program {
    watches: Watches,
    copies: BTreeMap<WatchId, Copies>,
    ended: Vec<(WatchId, Error)>,
}

impl Program {
    fn new() -> Self {
        Self {
            watches: Watches::new().unwrap(),
            copies: BTreeMap::new(),
            ended: Vec::new(),
        }
    }

    fn add(&mut self, account: &Account) -> WatchId {
        let backoff = Backoff::new()
            .initial_delay(Duration::from_millis(20))
            .max_delay(Duration::from_millis(100));
        let request = WatchRequest::new(account)
            .mailbox(INBOX, None)
            .look_interval(NEVER)
            .backoff(backoff);
        let id = self.watches.add(request).unwrap();
        self.copies.insert(id, Copies::default());
        id
    }

    #[track_caller]
    fn follow(&mut self, what: &str, is_reached: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !is_reached(self) {
            let next = self.watches.next_until(deadline).unwrap();
            let (id, item) = next.unwrap_or_else(|| panic!("{what}: {:?}", self.watches.states()));
            match item {
                WatchItem::Ended(error) => self.ended.push((id, error)),
                item => self.copies.get_mut(&id).unwrap().take(&item),
            }
        }
    }

    /// Another client appends to an INBOX, and it arrives.
    #[track_caller]
    fn arrives(&mut self, id: WatchId, place: &Place, what: &str) {
        let before = self.copies[&id].arrived(INBOX);
        OtherClient::new(&place.access).append(INBOX, 1, "");
        let wanted = [place.seen(INBOX)];
        self.follow(what, |program| {
            program.copies[&id].are(&[INBOX.to_owned()], &wanted)
        });
        assert_eq!(self.copies[&id].arrived(INBOX), before + 1, "{what}");
    }
}

/// An account whose password is wrong.
fn stranger(place: &Place) -> (Account, Asked) {
    let (asked, user) = (Asked::default(), place.access.user.clone());
    let counting = asked.clone();
    let account = Account::new(patient(plaintext(place.access.port)), move |_| {
        counting.count();
        Ok(Credentials::login(&user, "wrong"))
    });
    (account, asked)
}

#[test]
fn accounts_that_fail_do_not_stop_the_others() {
    let mut server = Dovecot::start("").unwrap();
    let (unstable, stable) = (Place::on(&server), Place::new(Kind::Dovecot));
    let mut program = Program::new();
    let good = program.add(&account(&stable.access));
    let (account_of_stranger, asked) = stranger(&stable);
    let wrong = program.add(&account_of_stranger);
    let failing = program.add(&account(&unstable.access));
    program.follow("all have begun", |program| {
        let is_up_to_date = |id| program.copies[&id].up_to_date == 1;
        is_up_to_date(good) && is_up_to_date(failing) && program.ended.len() == 1
    });
    let (id, error) = &program.ended[0];
    assert_eq!(*id, wrong);
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert_eq!((asked.times(), program.watches.len()), (1, 2));
    assert!(program.watches.state(wrong).is_none());
    program.arrives(good, &stable, "beside a wrong password");
    for round in 1..=2 {
        server.shut_down();
        program.follow("the server is down", |program| {
            program.copies[&failing].disconnected >= 3 * round
        });
        program.arrives(good, &stable, "beside a stopped server");
        assert_eq!(program.copies[&good].disconnected, 0);
        server.start_again();
        program.follow("the server is up", |program| {
            program.copies[&failing].up_to_date == 1 + round
        });
        program.arrives(failing, &unstable, "the server is up");
    }
    program.arrives(good, &stable, "at the end");
    assert_eq!((asked.times(), program.ended.len()), (1, 1));
    assert_eq!(program.copies[&good].up_to_date, 1);
    drop(program);
    server.stop();
}
