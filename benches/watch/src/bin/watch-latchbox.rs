//! Latchbox's watches, all on one thread.

use std::collections::HashMap;

use latchbox::sync::{ChangeBatch, History};
use latchbox::watch::{WatchItem, WatchRequest, Watches};
use latchbox::{Account, Client, Credentials};
use watch::{Job, PASSWORD, user};

fn main() {
    let job = Job::from_arguments();
    let watches = Watches::new().unwrap();
    let mut accounts = HashMap::new();
    for number in 0..job.accounts {
        let builder = Client::builder("127.0.0.1").port(job.port);
        let builder = builder.danger_plaintext().danger_cleartext_login();
        let account = Account::new(builder, move |_| {
            Ok(Credentials::login(user(number), PASSWORD))
        });
        let request = WatchRequest::new(account)
            .mailbox("INBOX", None)
            .history(History::Newest(0))
            .renew_after(job.renew_after);
        accounts.insert(watches.add(request).unwrap(), number);
    }
    while let Some((id, item)) = watches.next().unwrap() {
        match item {
            WatchItem::UpToDate => job.idles(),
            WatchItem::Changes {
                batch: ChangeBatch::Changes(changes),
                ..
            } => {
                for message in changes.arrived() {
                    job.found(accounts[&id], message.uid().value());
                }
            }
            WatchItem::Changes { .. } => {}
            other => panic!("{other}"),
        }
    }
}
