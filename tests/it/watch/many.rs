//! Many watches on one thread, or on a few.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use latchbox::watch::{WatchId, Watches};

use super::*;

fn server(mailboxes: usize) -> Server {
    let mut builder = Server::builder().with("CONDSTORE").with("QRESYNC");
    for number in 0..mailboxes {
        builder = builder.mailbox(&format!("Box{number}"), Vec::<Vec<u8>>::new());
    }
    builder.start().unwrap()
}

/// Takes items until all have been up to date.
fn until_up_to_date(watches: &Watches, count: usize) {
    let deadline = Instant::now() + DEADLINE;
    let mut up_to_date = 0;
    while up_to_date < count {
        let (_, item) = watches.next_until(deadline).unwrap().expect("in time");
        up_to_date += usize::from(matches!(item, WatchItem::UpToDate));
    }
}

#[test]
fn each_change_comes_from_its_own_watch() {
    let server = server(50);
    let account = account(&server);
    let watches = Watches::new().unwrap();
    let ids: Vec<WatchId> = (0..50)
        .map(|number| {
            watches
                .add(request(&account).mailbox(format!("Box{number}"), None))
                .unwrap()
        })
        .collect();
    until_up_to_date(&watches, 50);
    assert_eq!(server.connections(), 50);
    for number in [7, 0, 49] {
        deliver(&server, &format!("Box{number}"), "news");
        let (id, item) = watches.next_timeout(DEADLINE).unwrap().unwrap();
        assert_eq!((id, arrivals(&item)), (ids[number], 1));
        assert_eq!(item.mailbox(), Some(&name(&format!("Box{number}"))));
    }
    assert!(watches.try_next().unwrap().is_none());
    assert_eq!(watches.states().len(), 50);
}

#[test]
fn a_foreign_event_loop_can_wait_for_many_and_is_told_of_one_that_is_added() {
    use rustix::event::{PollFd, PollFlags, poll};

    let server = server(3);
    let account = account(&server);
    let watches = Watches::new().unwrap();
    let add = |name: &str| {
        let request = request(&account).mailbox(name, None);
        watches.add(request).unwrap();
    };
    let is_readable = || {
        let descriptors = watches.descriptors();
        let polled = descriptors.iter();
        let polled = polled.map(|each| PollFd::from_borrowed_fd(each, PollFlags::IN));
        let polled = &mut polled.collect::<Vec<_>>();
        poll(polled, Some(&rustix::event::Timespec::default())).unwrap() > 0
    };
    let take_all = |arrived: &mut usize| {
        while let Some((_, item)) = watches.try_next().unwrap() {
            *arrived += arrivals(&item);
        }
    };
    let has_come = || {
        let due = watches.next_due();
        is_readable() || due.is_some_and(|due| due <= Instant::now())
    };
    let mut arrived = 0;
    add("Box0");
    add("Box1");
    take_all(&mut arrived);
    assert!(!is_readable());
    add("Box2");
    assert!(is_readable());
    take_all(&mut arrived);
    for number in [2, 0, 1] {
        deliver(&server, &format!("Box{number}"), "news");
        while arrived == 0 {
            crate::sessions::until("no descriptor is readable", has_come);
            take_all(&mut arrived);
        }
        assert_eq!(std::mem::take(&mut arrived), 1);
    }
}

#[test]
fn watches_are_added_and_removed_while_a_thread_waits() {
    let server = server(3);
    let account = account(&server);
    let watches = Watches::new().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut items = Vec::new();
            while let Some(item) = watches.next().unwrap() {
                items.push(item);
            }
            items
        });
        let first = watches
            .add(request(&account).mailbox("Box0", None))
            .unwrap();
        let second = watches
            .add(request(&account).mailbox("Box1", None))
            .unwrap();
        let listens = |id| {
            let state = watches.state(id);
            state.is_some_and(|state| state.to_string().starts_with("listens"))
        };
        crate::sessions::until("the watches do not listen", || {
            listens(first) && listens(second)
        });
        assert!(watches.remove(first));
        assert!(!watches.remove(first));
        crate::sessions::until("the connection is open", || server.connections() == 1);
        let stop = latchbox::StopHandle::new();
        let third = request(&account).mailbox("Box2", None).stop_handle(&stop);
        let third = watches.add(third).unwrap();
        crate::sessions::until("the third does not listen", || listens(third));
        stop.stop();
        crate::sessions::until("the third has not ended", || watches.len() == 1);
        watches.stop_handle().stop();
        let items = waiting.join().unwrap();
        let up_to_date = items
            .iter()
            .filter(|(_, item)| matches!(item, WatchItem::UpToDate));
        assert_eq!(up_to_date.count(), 3);
    });
}

/// Several threads take items; each item comes once.
#[test]
fn several_threads_share_the_work() {
    let server = server(8);
    let account = account(&server);
    let watches = Watches::new().unwrap();
    for number in 0..8 {
        watches
            .add(request(&account).mailbox(format!("Box{number}"), None))
            .unwrap();
    }
    let (arrived, up_to_date) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((_, item)) = watches.next().unwrap() {
                    up_to_date.fetch_add(
                        usize::from(matches!(item, WatchItem::UpToDate)),
                        Ordering::SeqCst,
                    );
                    arrived.fetch_add(arrivals(&item), Ordering::SeqCst);
                }
            });
        }
        crate::sessions::until("not all are up to date", || {
            up_to_date.load(Ordering::SeqCst) == 8
        });
        for round in 1..=10 {
            for number in 0..8 {
                deliver(&server, &format!("Box{number}"), "news");
            }
            crate::sessions::until("not all arrived", || {
                arrived.load(Ordering::SeqCst) >= round * 8
            });
        }
        watches.stop_handle().stop();
    });
    assert_eq!(arrived.load(Ordering::SeqCst), 80);
}

#[test]
fn an_account_that_fails_does_not_disturb_the_others() {
    let good_server = server(1);
    let bad_server = server(1);
    let bad = Account::new(builder(bad_server.port()), |_| {
        Ok(Credentials::login(USER, "wrong"))
    });
    let watches = Watches::new().unwrap();
    let good = watches
        .add(request(&account(&good_server)).mailbox("Box0", None))
        .unwrap();
    let wrong = watches.add(request(&bad).mailbox("Box0", None)).unwrap();
    let lost = watches
        .add(request(&account(&bad_server)).mailbox("Box0", None))
        .unwrap();
    until_up_to_date(&watches, 2);
    assert!(watches.state(wrong).is_none() && watches.len() == 2);
    bad_server.kick();
    deliver(&good_server, "Box0", "news");
    let (mut arrived, mut disconnected) = (0, 0);
    let deadline = Instant::now() + DEADLINE;
    while arrived == 0 || disconnected == 0 {
        let (id, item) = watches.next_until(deadline).unwrap().unwrap();
        match item {
            WatchItem::Disconnected { .. } => {
                assert_eq!(id, lost);
                disconnected += 1;
            }
            item => arrived += arrivals(&item) * usize::from(id == good),
        }
    }
}

/// The step after which an IDLE is due for renewal may be that of another thread than the one that polls.
#[test]
fn the_time_of_a_watch_comes_also_if_another_thread_waits_for_longer() {
    let server = server(1);
    let watches = Watches::new().unwrap();
    let stop = watches.stop_handle();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| while watches.next_timeout(DEADLINE).unwrap().is_some() {});
        }
        let request = request(&account(&server)).renew_after(Duration::from_millis(30));
        watches.add(request.mailbox("Box0", None)).unwrap();
        let idles = || {
            let timeline = server.timeline();
            let idles = timeline
                .iter()
                .filter(|event| event.line.ends_with(" IDLE"));
            idles.count()
        };
        crate::sessions::until("no IDLE is renewed", || idles() > 3);
        stop.stop();
    });
}

#[test]
fn a_thread_that_does_not_wait_any_more_is_replaced_by_another() {
    const SOON: Duration = Duration::from_millis(100);
    let server = server(1);
    let watches = Watches::new().unwrap();
    watches
        .add(request(&account(&server)).mailbox("Box0", None))
        .unwrap();
    until_up_to_date(&watches, 1);
    thread::scope(|scope| {
        let first = scope.spawn(|| watches.next_timeout(SOON).unwrap());
        let second = scope.spawn(|| watches.next_timeout(DEADLINE).unwrap());
        assert!(first.join().unwrap().is_none());
        deliver(&server, "Box0", "news");
        let (_, item) = second.join().unwrap().expect("in time");
        assert_eq!(arrivals(&item), 1);
    });
}
