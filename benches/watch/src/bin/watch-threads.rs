//! Latchbox's `idle`, by a thread for each account.

use std::thread;

use latchbox::command::IdleOptions;
use latchbox::types::{FetchItem, Uid, UidSet};
use latchbox::{Client, Session};
use watch::{Job, PASSWORD, user};

fn main() {
    let job = Job::from_arguments();
    thread::scope(|scope| {
        for number in 0..job.accounts {
            // One after the other: a thousand attempts at once overflow the queue of the server's
            // socket.
            let (job, session) = (&job, log_in(&job, number));
            scope.spawn(move || follow(job, number, &session));
        }
    });
}

fn log_in(job: &Job, number: usize) -> Session {
    let builder = Client::builder("127.0.0.1").port(job.port);
    let builder = builder.danger_plaintext().danger_cleartext_login();
    let client = builder.connect().unwrap();
    client.login(&user(number), PASSWORD).unwrap()
}

fn follow(job: &Job, number: usize, session: &Session) {
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut next = inbox.mailbox().unwrap().uid_next().unwrap();
    let options = IdleOptions::new().renew_after(job.renew_after);
    let mut is_idle = false;
    loop {
        let mut idle = inbox.idle_with(&options).unwrap();
        if !is_idle {
            job.idles();
            is_idle = true;
        }
        idle.next().unwrap();
        drop(idle);
        let mut new = inbox
            .fetch(&UidSet::from_uid(next), [FetchItem::Flags])
            .unwrap();
        while let Some(message) = new.next().unwrap() {
            // `n:*` is the last message if there is none from n on.
            if message.uid() >= next {
                job.found(number, message.uid().value());
                next = Uid::new(message.uid().value() + 1).unwrap();
            }
        }
    }
}
