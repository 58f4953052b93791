//! latchbox, by whatever the server has or less.

use latchbox::Client;
use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges, Way};
use sync::{Found, Job, PASSWORD, USER};

fn main() {
    sync::run(client);
}

fn client(job: &Job) -> Found {
    let way = match job.way.as_str() {
        "QRESYNC" => Way::Qresync,
        "CONDSTORE" => Way::CondStore,
        _ => Way::Comparison,
    };
    // With a stream of ours the account is that of the host, whatever the port.
    let client = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login()
        .connect_stream(job.connect())
        .unwrap();
    let session = client.login(USER, PASSWORD).unwrap();
    let stored: Option<Checkpoint> = job.stored().map(|text| text.parse().unwrap());
    let request = session.mailbox("INBOX").read_only();
    let request = match way {
        Way::Qresync => request.since(stored.as_ref()),
        _ => request,
    };
    let mut inbox = request.lock().unwrap();
    let request = FetchChanges::since(stored.as_ref()).best_way(way);
    let mut changes = inbox.changes(request).unwrap();
    let mut found = Found::default();
    let mut last = None;
    while let Some(batch) = changes.next().unwrap() {
        let ChangeBatch::Changes(batch) = batch else {
            panic!("a restart");
        };
        batch
            .vanished()
            .iter()
            .for_each(|uid| found.gone(uid.value()));
        for message in batch.changed() {
            found.changed(message.uid().value(), message.flags().len());
        }
        for message in batch.messages() {
            found.new(message.uid().value(), message.flags().len());
        }
        last = Some(batch.checkpoint().clone());
    }
    // A program would do so after each batch; the others store at the end only.
    if let Some(last) = last {
        job.store(&last.to_string());
    }
    drop(inbox);
    session.logout().unwrap();
    found
}
