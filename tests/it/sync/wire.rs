//! What a sync sends: nothing where nothing has changed, and never more than it has to.

use latchbox::sync::{
    AddedMessages, ChangeBatch, Checkpoint, FetchChanges, History, RestartReason, Way,
};
use latchbox::types::{Capability, FetchItem, Flag, MailboxEvent, Section, StoreAction, Uid};
use latchbox::{Error, Session};
use latchbox_testkit::{Builder, Direction, NewMessage, Server, USER, message};

use crate::sessions::{builder, log_in_user};

const INBOX: &str = "INBOX";

fn new(subject: &str) -> Vec<u8> {
    message(subject, "a@example.com", "body")
}

fn with_three(server: Builder) -> Server {
    let three = ["one", "two", "three"].map(new);
    server.mailbox(INBOX, three).start().unwrap()
}

/// A server with three messages that can do what this way needs.
fn server(way: Way) -> Server {
    let server = Server::builder();
    with_three(match way {
        Way::Qresync => server.with("QRESYNC"),
        Way::CondStore => server.without("QRESYNC").with("CONDSTORE"),
        _ => server.without("QRESYNC").without("CONDSTORE"),
    })
}

fn session(server: &Server) -> Session {
    log_in_user(builder(server.port()))
}

/// The commands that the client has sent, without tags.
fn sent(server: &Server) -> Vec<String> {
    let timeline = server.timeline().into_iter();
    let lines = timeline.filter(|event| event.direction == Direction::Client);
    let commands = lines.filter_map(|event| Some(event.line.split_once(' ')?.1.to_owned()));
    commands.collect()
}

/// One sync to its end, in one batch at most; what was sent for it, and its checkpoint.
fn synced(
    session: &Session,
    server: &Server,
    since: Option<&Checkpoint>,
    with_lock: bool,
) -> (Vec<ChangeBatch>, Vec<String>, Checkpoint) {
    server.clear_timeline();
    let request = session.mailbox(INBOX).read_only();
    let request = match with_lock {
        true => request.since(since),
        false => request,
    };
    let mut inbox = request.lock().unwrap();
    let mut changes = inbox.changes_since(since).unwrap();
    let mut batches = Vec::new();
    while let Some(batch) = changes.next().unwrap() {
        batches.push(batch);
    }
    let checkpoint = changes.checkpoint().clone();
    (batches, sent(server), checkpoint)
}

#[track_caller]
fn changes(batches: &[ChangeBatch]) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let [ChangeBatch::Changes(changes)] = batches else {
        panic!("{batches:?}");
    };
    let new = changes.arrived().map(|message| message.uid().value());
    let changed = changes.changed().iter().map(|row| row.uid().value());
    let gone = changes.vanished().iter().map(Uid::value);
    (new.collect(), changed.collect(), gone.collect())
}

#[test]
fn nothing_is_sent_beyond_the_select_if_nothing_has_changed() {
    for way in [Way::Qresync, Way::CondStore] {
        let server = server(way);
        let mut stored = synced(&session(&server), &server, None, true).2;
        for with_lock in [true, false] {
            let session = session(&server);
            if !with_lock {
                let _ = session.enable(&[Capability::Qresync]);
            }
            let (batches, sent, checkpoint) = synced(&session, &server, Some(&stored), with_lock);
            let selects = sent.iter().filter(|line| line.starts_with("EXAMINE"));
            assert_eq!(selects.count(), 1, "{way}, {with_lock}: {sent:?}");
            let others = sent.iter().filter(|line| !line.starts_with("EXAMINE"));
            let others: Vec<_> = others.filter(|line| !line.starts_with("ENABLE")).collect();
            assert!(others.is_empty(), "{way}: {others:?}");
            assert!(batches.is_empty(), "{batches:?}");
            assert_eq!(checkpoint, stored);
            stored = checkpoint;
        }
    }
}

#[test]
fn a_first_sync_in_one_batch_needs_no_search() {
    for way in [Way::Qresync, Way::CondStore, Way::Comparison] {
        let server = server(way);
        server.expunge(USER, INBOX, [2]);
        let (batches, sent, checkpoint) = synced(&session(&server), &server, None, false);
        let last = sent.last().unwrap();
        assert_eq!(last, "UID FETCH 1:3 (FLAGS)", "{way}: {sent:?}");
        assert!(!sent.iter().any(|line| line.contains("SEARCH")), "{sent:?}");
        assert_eq!(batches.len(), 1);
        assert_eq!(checkpoint.known().to_string(), "1,3");
        assert!(checkpoint.unloaded().is_empty());
    }
}

#[test]
fn the_select_itself_reports_what_has_changed() {
    let server = server(Way::Qresync);
    let first = session(&server);
    let stored = synced(&first, &server, None, true).2;
    server.set_flags(USER, INBOX, 1, &["\\Seen"]);
    server.expunge(USER, INBOX, [2]);
    for (session, with_lock) in [(&first, true), (&first, false), (&session(&server), true)] {
        let (batches, sent, _) = synced(session, &server, Some(&stored), with_lock);
        let select = format!(
            "EXAMINE \"INBOX\" (QRESYNC ({} {} 1:3))",
            stored.uid_validity(),
            4
        );
        let sent: Vec<_> = sent
            .iter()
            .filter(|line| !line.starts_with("ENABLE"))
            .collect();
        assert_eq!(sent, [&select]);
        assert_eq!(changes(&batches), (vec![], vec![1], vec![2]));
    }
}

#[test]
fn new_messages_cost_one_more_command() {
    let server = server(Way::Qresync);
    let session = session(&server);
    let stored = synced(&session, &server, None, true).2;
    server.deliver(USER, INBOX, new("four"));
    let (batches, sent, _) = synced(&session, &server, Some(&stored), true);
    assert_eq!(sent[1..], ["UID FETCH 4 (FLAGS)"]);
    assert_eq!(changes(&batches), (vec![4], vec![], vec![]));
}

#[test]
fn condstore_searches_only_if_the_counters_differ() {
    let server = server(Way::CondStore);
    let session = session(&server);
    let stored = synced(&session, &server, None, true).2;
    server.set_flags(USER, INBOX, 3, &["\\Seen"]);
    let (batches, sent, stored) = synced(&session, &server, Some(&stored), true);
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(
        sent[1].starts_with("UID FETCH 1:3 (FLAGS) (CHANGEDSINCE"),
        "{sent:?}"
    );
    assert_eq!(changes(&batches), (vec![], vec![3], vec![]));
    // One gone and one new: as many as before.
    server.expunge(USER, INBOX, [1]);
    server.deliver(USER, INBOX, new("four"));
    let (batches, sent, stored) = synced(&session, &server, Some(&stored), true);
    assert!(sent.iter().any(|line| line.contains("SEARCH")), "{sent:?}");
    assert_eq!(batches.len(), 2);
    assert_eq!(changes(&batches[..1]), (vec![4], vec![], vec![]));
    assert_eq!(changes(&batches[1..]), (vec![], vec![], vec![1]));
    server.deliver(USER, INBOX, new("five"));
    let (batches, sent, _) = synced(&session, &server, Some(&stored), true);
    assert!(!sent.iter().any(|line| line.contains("SEARCH")), "{sent:?}");
    assert_eq!(changes(&batches), (vec![5], vec![], vec![]));
}

#[test]
fn what_another_command_reports_is_an_event_and_stays_in_the_next_sync() {
    let server = server(Way::Qresync);
    let first = session(&server);
    let mut stored = synced(&first, &server, None, true).2;
    // Whether the lock has just selected the mailbox or not.
    for (session, gone) in [(&first, 1), (&session(&server), 2)] {
        session.enable(&[Capability::Qresync]).unwrap();
        let mut inbox = session.lock_mailbox_read_only(INBOX).unwrap();
        server.expunge(USER, INBOX, [gone]);
        server.set_flags(USER, INBOX, 3, &[&format!("after{gone}")]);
        inbox.refresh().unwrap();
        let is_gone = |event: &MailboxEvent| matches!(event, MailboxEvent::Vanished { .. });
        let is_flags = |event: &MailboxEvent| matches!(event, MailboxEvent::Flags { .. });
        let events = inbox.events();
        assert!(events.iter().any(is_gone) && events.iter().any(is_flags));
        let mut changed = inbox.changes_since(Some(&stored)).unwrap();
        let batch = changed.next().unwrap().unwrap();
        stored = batch.checkpoint().clone();
        assert_eq!(changes(&[batch]), (vec![], vec![3], vec![gone]));
    }
}

#[test]
fn a_message_that_goes_after_its_flags_were_reported_is_only_gone() {
    let server = Server::builder().with("CONDSTORE").without("QRESYNC");
    let server = with_three(server.on_command(|server, line| {
        if line.contains("UID SEARCH RETURN (ALL) UID 1:3") {
            server.expunge(USER, INBOX, [2]);
        }
    }));
    let session = session(&server);
    let stored = synced(&session, &server, None, true).2;
    server.set_flags(USER, INBOX, 2, &["\\Seen"]);
    server.expunge(USER, INBOX, [1]);
    let (batches, ..) = synced(&session, &server, Some(&stored), true);
    assert_eq!(changes(&batches), (vec![], vec![], vec![1, 2]));
}

#[test]
fn a_removed_message_is_missed_even_if_the_server_has_lost_its_log() {
    for way in [Way::Qresync, Way::CondStore] {
        let server = server(way);
        let session = session(&server);
        let stored = synced(&session, &server, None, true).2;
        server.expunge(USER, INBOX, [2]);
        server.lose_mod_seqs(USER, INBOX);
        // Until they are higher than before.
        for flags in [&["a"][..], &["b"], &["c"], &["d"]] {
            server.set_flags(USER, INBOX, 1, flags);
        }
        let (batches, ..) = synced(&session, &server, Some(&stored), true);
        let (mut changed, mut gone) = (Vec::new(), Vec::new());
        for batch in &batches {
            let (_, these, those) = changes(std::slice::from_ref(batch));
            changed.extend(these);
            gone.extend(those);
        }
        assert_eq!((changed, gone), (vec![1], vec![2]), "{way}");
    }
}

#[test]
fn a_checkpoint_of_another_mailbox_is_refused_before_anything_is_sent() {
    let none = std::iter::empty::<NewMessage>();
    let server = with_three(
        Server::builder()
            .mailbox("Other", none)
            .user("joe", "secret"),
    );
    let jane = session(&server);
    let stored = synced(&jane, &server, None, true).2;
    let joe = builder(server.port()).connect().unwrap();
    let joe = joe.login("joe", "secret").unwrap();
    for (session, mailbox) in [(&jane, "Other"), (&joe, INBOX)] {
        let mut guard = session.lock_mailbox(mailbox).unwrap();
        server.clear_timeline();
        let error = guard.changes_since(Some(&stored)).unwrap_err();
        assert!(matches!(error, Error::ForeignCheckpoint(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("INBOX") && text.contains(mailbox), "{text}");
        assert_eq!(sent(&server), [""; 0]);
    }
}

#[test]
fn a_mailbox_that_is_gone_is_an_error_and_no_news() {
    let server = server(Way::Qresync);
    let first = session(&server);
    let none = std::iter::empty::<NewMessage>();
    server.reset_uid_validity(USER, "Box", none);
    for uid in 0..2 {
        server.deliver(USER, "Box", new(&uid.to_string()));
    }
    let mut guard = first.lock_mailbox_read_only("Box").unwrap();
    let mut changes = guard.changes_since(None).unwrap();
    while changes.next().unwrap().is_some() {}
    let stored = changes.checkpoint().clone();
    drop(guard);
    server.delete_mailbox(USER, "Box");
    let session = session(&server);
    let request = session.mailbox("Box").since(Some(&stored));
    let error = request.lock().unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
}

#[test]
fn a_mailbox_that_was_made_anew_begins_with_a_restart() {
    for (reason, with_lock) in [
        (RestartReason::UidValidityChanged, true),
        (RestartReason::UidValidityChanged, false),
        (RestartReason::UidNextFell, true),
    ] {
        let server = server(Way::Qresync);
        let stored = synced(&session(&server), &server, None, true).2;
        let again = [new("again")];
        match reason {
            RestartReason::UidNextFell => server.restart_uids(USER, INBOX, again),
            _ => server.reset_uid_validity(USER, INBOX, again),
        };
        let (batches, ..) = synced(&session(&server), &server, Some(&stored), with_lock);
        let [ChangeBatch::Restart(restart), ChangeBatch::Changes(changes)] = &batches[..] else {
            panic!("{batches:?}");
        };
        assert_eq!(restart.reason(), reason);
        assert!(restart.checkpoint().is_later_than(&stored));
        assert!(restart.checkpoint().known().is_empty());
        assert_eq!((changes.arrived().len(), changes.history().len()), (0, 1));
        // It may end between the two.
        let text = restart.checkpoint().to_string();
        let between: Checkpoint = text.parse().unwrap();
        let (batches, ..) = synced(&session(&server), &server, Some(&between), true);
        let [ChangeBatch::Changes(changes)] = &batches[..] else {
            panic!("{batches:?}");
        };
        assert_eq!((changes.arrived().len(), changes.history().len()), (0, 1));
    }
}

/// As Courier's is, until there is a message: what comes then is new mail.
#[test]
fn what_comes_into_an_empty_mailbox_has_arrived_though_its_uidvalidity_changes() {
    for way in [Way::Qresync, Way::CondStore, Way::Comparison] {
        for with_lock in [true, false] {
            let server = server(way);
            server.create_mailbox(USER, "New");
            let session = session(&server);
            let sync = |since: Option<&Checkpoint>| {
                let request = session.mailbox("New").read_only();
                let mut guard = match with_lock && way != Way::Comparison {
                    true => request.since(since).lock().unwrap(),
                    false => request.lock().unwrap(),
                };
                let mut changes = guard.changes_since(since).unwrap();
                let mut batches = Vec::new();
                while let Some(batch) = changes.next().unwrap() {
                    batches.push(batch);
                }
                let stored = changes.checkpoint().to_string();
                drop(changes);
                guard.unselect().unwrap();
                (batches, stored.parse::<Checkpoint>().unwrap())
            };
            let (_, mut stored) = sync(None);
            for _ in 0..2 {
                let none = std::iter::empty::<NewMessage>();
                server.reset_uid_validity(USER, "New", none);
                stored = sync(Some(&stored)).1;
            }
            server.reset_uid_validity(USER, "New", [new("one")]);
            let (batches, stored) = sync(Some(&stored));
            let [ChangeBatch::Restart(_), ChangeBatch::Changes(changes)] = &batches[..] else {
                panic!("{batches:?}");
            };
            assert_eq!((changes.arrived().len(), changes.history().len()), (1, 0));
            server.reset_uid_validity(USER, "New", [new("one")]);
            let (batches, _) = sync(Some(&stored));
            let [ChangeBatch::Restart(_), ChangeBatch::Changes(changes)] = &batches[..] else {
                panic!("{batches:?}");
            };
            assert_eq!((changes.arrived().len(), changes.history().len()), (0, 1));
        }
    }
}

#[test]
fn a_server_that_omits_uidnext_is_asked_before_the_select() {
    let server = Server::builder().without("QRESYNC").without("CONDSTORE");
    let server = with_three(server.omit_uid_next());
    let first = session(&server);
    let (_, sent, stored) = synced(&first, &server, None, false);
    let asked = sent.iter().position(|line| line.starts_with("STATUS"));
    let last = sent.iter().rposition(|line| line.starts_with("EXAMINE"));
    assert!(asked.is_some() && asked < last, "{sent:?}");
    server.deliver(USER, INBOX, new("four"));
    let (batches, ..) = synced(&session(&server), &server, Some(&stored), false);
    assert_eq!(changes(&batches), (vec![4], vec![], vec![]));
}

#[test]
fn a_way_is_ruled_out_by_an_option() {
    let server = server(Way::Qresync);
    for way in [Way::Comparison, Way::CondStore, Way::Qresync] {
        let session = session(&server);
        let mut stored: Option<Checkpoint> = None;
        for round in 0..2 {
            let mut inbox = session.lock_mailbox_read_only(INBOX).unwrap();
            let request = FetchChanges::since(stored.as_ref()).best_way(way);
            let mut changes = inbox.changes(request).unwrap();
            if round > 0 {
                assert_eq!(changes.way(), way);
            }
            while let Some(batch) = changes.next().unwrap() {
                let text = batch.checkpoint().to_string();
                stored = Some(text.parse().unwrap());
                assert_eq!(text.contains(";flags="), way == Way::Comparison, "{text}");
            }
            server.set_flags(USER, INBOX, 1, &[if round == 0 { "a" } else { "b" }]);
        }
    }
}

#[test]
fn bodies_come_in_batches_of_so_many_octets() {
    let large = |octets: usize| message("large", "a@example.com", &"x".repeat(octets));
    let sizes = [100, 5_000, 100, 100, 9_000, 100];
    let server = Server::builder().mailbox(INBOX, sizes.map(large));
    let server = server.start().unwrap();
    let session = session(&server);
    let mut inbox = session.lock_mailbox_read_only(INBOX).unwrap();
    let items = [FetchItem::BodyPeek(Section::whole())];
    let request = FetchChanges::since(None).items(&items).batch_octets(6_000);
    let mut changes = inbox.changes(request).unwrap();
    let mut counts = Vec::new();
    while let Some(batch) = changes.next().unwrap() {
        if let ChangeBatch::Changes(changes) = &batch {
            let octets = changes.messages().map(|message| {
                let body = message.items().unwrap().body(&Section::whole());
                body.map_or(0, <[u8]>::len)
            });
            counts.push((changes.messages().len(), octets.sum::<usize>()));
        }
    }
    let one = |(count, octets): &(usize, usize)| *count == 1 || *octets <= 6_000;
    assert!(counts.iter().all(one) && counts.len() > 2, "{counts:?}");
    assert_eq!(counts.iter().map(|(count, _)| count).sum::<usize>(), 6);
}

#[test]
fn history_comes_on_demand_and_the_newest_first() {
    let server = Server::builder().fill(INBOX, 10, new("x")).start().unwrap();
    let session = session(&server);
    let mut inbox = session.lock_mailbox_read_only(INBOX).unwrap();
    let mut stored: Option<Checkpoint> = None;
    let mut given = Vec::new();
    for (older, delivered) in [(0, 0), (0, 1), (3, 1), (100, 0)] {
        for _ in 0..delivered {
            server.deliver(USER, INBOX, new("y"));
        }
        let request = FetchChanges::since(stored.as_ref());
        let request = request
            .history(History::Newest(2))
            .batch_size(2)
            .older(older);
        let mut changes = inbox.changes(request).unwrap();
        while let Some(batch) = changes.next().unwrap() {
            stored = Some(batch.checkpoint().clone());
            let ChangeBatch::Changes(changes) = &batch else {
                panic!("{batch:?}");
            };
            let uids =
                |rows: AddedMessages<'_>| rows.map(|row| row.uid().value()).collect::<Vec<_>>();
            given.push((uids(changes.arrived()), uids(changes.history())));
        }
        let left = stored.as_ref().unwrap().unloaded();
        given.push((vec![0], vec![left.len() as u32]));
    }
    let left = |left| (vec![0], vec![left]);
    let expected = [
        (vec![], vec![9, 10]),
        left(8),
        (vec![11], vec![]),
        left(8),
        (vec![12], vec![8]),
        (vec![], vec![6, 7]),
        left(5),
        (vec![], vec![4, 5]),
        (vec![], vec![2, 3]),
        (vec![], vec![1]),
        left(0),
    ];
    assert_eq!(given, expected);
}

#[test]
fn the_history_of_a_first_sync_begins_at_a_date() {
    let at = |date: &str| {
        let message = NewMessage::new(new("dated"));
        message.internal_date(date.parse().unwrap())
    };
    let dates = [
        "2026-01-05T12:00:00Z",
        "2026-03-05T12:00:00Z",
        "2026-02-05T12:00:00Z",
    ];
    let server = Server::builder()
        .mailbox(INBOX, dates.map(at))
        .start()
        .unwrap();
    let session = session(&server);
    let mut inbox = session.lock_mailbox_read_only(INBOX).unwrap();
    let since = History::Since("2026-02-01".parse().unwrap());
    let mut changes = inbox
        .changes(FetchChanges::since(None).history(since))
        .unwrap();
    let batch = changes.next().unwrap().unwrap();
    assert_eq!(batch.checkpoint().known().to_string(), "2:3");
    assert_eq!(batch.checkpoint().unloaded().to_string(), "1");
}

#[test]
fn own_changes_on_a_session_that_syncs_are_known_by_their_mod_sequence() {
    let server = server(Way::Qresync);
    let session = session(&server);
    let mut stored = synced(&session, &server, None, true).2;
    let mut inbox = session.lock_mailbox(INBOX).unwrap();
    let all = inbox.uids_in(..);
    let mine = inbox.store(&all, StoreAction::Add, [Flag::Seen]).unwrap();
    assert!(stored.note(&mine));
    drop(inbox);
    let (batches, _, after) = synced(&session, &server, Some(&stored), true);
    assert!(batches.iter().all(ChangeBatch::is_empty), "{batches:?}");
    // Another client's change afterwards is news, also if it restores what was there.
    server.set_flags(USER, INBOX, 2, &[]);
    let (batches, ..) = synced(&session, &server, Some(&stored), true);
    assert_eq!(changes(&batches), (vec![], vec![2], vec![]));
    let (batches, ..) = synced(&session, &server, Some(&after), true);
    assert_eq!(changes(&batches), (vec![], vec![2], vec![]));
}

#[test]
fn an_own_change_during_an_interruption_is_known_without_its_mod_sequence_too() {
    let server = server(Way::CondStore);
    let first = session(&server);
    let mut stored = synced(&first, &server, None, true).2;
    for uid in 1..=3 {
        server.set_flags(USER, INBOX, uid, &["\\Seen"]);
    }
    let mut inbox = first.lock_mailbox_read_only(INBOX).unwrap();
    let request = FetchChanges::since(Some(&stored)).batch_size(1);
    let batch = inbox.changes(request).unwrap().next().unwrap().unwrap();
    stored = batch.checkpoint().clone();
    drop(inbox);
    // A session that has not enabled CONDSTORE.
    let other = session(&server);
    let mut inbox = other.lock_mailbox(INBOX).unwrap();
    let one = inbox.uids(Uid::new(1));
    let mine = inbox
        .store(&one, StoreAction::Add, [Flag::Flagged])
        .unwrap();
    assert!(mine.changed().iter().all(|row| row.mod_seq().is_none()));
    assert!(stored.note(&mine));
    drop(inbox);
    let (batches, ..) = synced(&session(&server), &server, Some(&stored), true);
    let changed = batches
        .iter()
        .flat_map(|batch| changes(std::slice::from_ref(batch)).1);
    assert_eq!(changed.collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_server_that_limits_its_commands_is_asked_again_for_the_rest() {
    let limited = |server: Builder| {
        let server = server.with("QRESYNC").with("MESSAGELIMIT=10");
        server.fill(INBOX, 25, new("x")).start().unwrap()
    };
    let server = limited(Server::builder());
    let session = session(&server);
    let stored = synced(&session, &server, None, true).2;
    assert_eq!(stored.known().to_string(), "1:25");
    for uid in 1..=25 {
        server.set_flags(USER, INBOX, uid, &["\\Seen"]);
    }
    server.expunge(USER, INBOX, [3]);
    server.lose_mod_seqs(USER, INBOX);
    let (batches, ..) = synced(&session, &server, Some(&stored), true);
    let known = batches.last().unwrap().checkpoint().known();
    assert_eq!(known.to_string(), "1:2,4:25");
}

#[test]
fn a_sync_that_was_interrupted_goes_on_where_it_was_and_compares_nothing() {
    let server = Server::builder().with("QRESYNC");
    let server = server.fill(INBOX, 4, new("x")).start().unwrap();
    let session = session(&server);
    let mut stored = synced(&session, &server, None, true).2;
    for _ in 0..6 {
        server.deliver(USER, INBOX, new("y"));
    }
    for uid in 1..=4 {
        server.set_flags(USER, INBOX, uid, &["\\Seen"]);
    }
    let mut asked = Vec::new();
    for _ in 0..5 {
        server.clear_timeline();
        let request = session.mailbox(INBOX).read_only().since(Some(&stored));
        let mut inbox = request.lock().unwrap();
        let request = FetchChanges::since(Some(&stored)).batch_size(2);
        let mut changes = inbox.changes(request).unwrap();
        stored = changes.next().unwrap().unwrap().checkpoint().clone();
        asked.extend(sent(&server).into_iter().skip(1));
    }
    let compared = asked
        .iter()
        .find(|line| line.contains("SEARCH") && line.contains(" UID 1:"));
    assert!(compared.is_none(), "{asked:?}");
    let searches = asked.iter().filter(|line| line.contains("SEARCH"));
    assert_eq!(searches.count(), 1, "{asked:?}");
    let fetched = asked.iter().filter(|line| !line.contains("SEARCH"));
    let fetched: Vec<&str> = fetched.map(String::as_str).collect();
    assert_eq!(
        fetched,
        [
            "UID FETCH 5:6 (FLAGS)",
            "UID FETCH 7:8 (FLAGS)",
            "UID FETCH 9:10 (FLAGS)"
        ]
    );
    assert_eq!(stored.known().to_string(), "1:10");
    assert!(!stored.to_string().contains(";pass="));
}
