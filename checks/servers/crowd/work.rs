//! Sixteen threads, four mailboxes, one connection, and mail that comes meanwhile.

use std::sync::atomic::Ordering;
use std::thread;

use super::{Crowd, THREADS};
use crate::support::dovecot::Dovecot;

#[test]
fn sixteen_threads_in_four_mailboxes_each_reach_their_own() {
    let server = Dovecot::start("").unwrap();
    let crowd = Crowd::new(&server);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let crowd = &crowd;
            scope.spawn(move || crowd.work(thread, |error| panic!("{error}")));
        }
        crowd.deliver_while_they_work(40);
        crowd.is_all_delivered.store(true, Ordering::SeqCst);
    });
    crowd.assert_all_in_its_place(&server);
    crowd.session.logout().unwrap();
    server.stop();
}
