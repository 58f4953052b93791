//! latchbox, its messages lent one by one.

use std::io;

use latchbox::command::Noop;
use latchbox::message::Fetch;
use latchbox::types::{FetchItem, SearchKey, Section, UidSet};
use latchbox::{Client, ClientBuilder, MailboxGuard, ReadOnly, Session};
use shared::{AT_ONCE, Job, PASSWORD, USER, Work};

/// Does the work with a client of these settings.
pub fn run(settings: fn(ClientBuilder, &Job) -> ClientBuilder) {
    shared::run(move |job| client(job, settings));
}

fn client(job: &Job, settings: fn(ClientBuilder, &Job) -> ClientBuilder) -> u64 {
    let builder = Client::builder("127.0.0.1").port(job.port);
    let client = settings(builder, job).connect().unwrap();
    let session = client.login(USER, PASSWORD).unwrap();
    let sum = match job.work {
        Work::Noop => (0..job.count)
            .map(|_| session.noop().map(|()| 1).unwrap())
            .sum(),
        Work::List => {
            let entries = session.list(job.pattern()).unwrap();
            let attributes = entries
                .iter()
                .map(|entry| entry.attributes().count() as u64);
            attributes.map(|count| 1 + count).sum()
        }
        Work::Pipelined => (0..job.count / AT_ONCE).map(|_| pipelined(&session)).sum(),
        Work::Append => {
            let message = job.message();
            let append = |_| session.append("INBOX", &message).map(|_| 1).unwrap();
            (0..job.count).map(append).sum()
        }
        _ => {
            let mut mailbox = session
                .lock_mailbox_read_only(job.mailbox.as_str())
                .unwrap();
            if job.work == Work::Search {
                let found = mailbox.search(SearchKey::All).unwrap();
                found.iter().map(|uid| u64::from(uid.value())).sum()
            } else if job.work == Work::Streamed {
                streamed(&mut mailbox)
            } else {
                let mut messages = mailbox.fetch(&UidSet::all(), items(job)).unwrap();
                let mut sum = 0;
                while let Some(message) = messages.next().unwrap() {
                    sum += total(job, message);
                }
                sum
            }
        }
    };
    session.logout().unwrap();
    sum
}

fn pipelined(session: &Session) -> u64 {
    let answers = session.pipeline(vec![Noop; AT_ONCE as usize]).unwrap();
    let told = answers.into_iter().map(|answer| answer.map(|_| 1).unwrap());
    told.sum()
}

/// Each body into a writer, from where it lies.
fn streamed(mailbox: &mut MailboxGuard<'_, ReadOnly>) -> u64 {
    let mut downloads = mailbox
        .download_each(&UidSet::all(), &Section::whole())
        .unwrap();
    let mut sum = 0;
    while let Some(download) = downloads.next().unwrap() {
        sum += download.uid().map_or(0, |uid| u64::from(uid.value()));
        sum += download.copy_to(&mut io::sink()).unwrap();
    }
    sum
}

fn items(job: &Job) -> Vec<FetchItem> {
    match job.work {
        Work::Flags => vec![FetchItem::Uid, FetchItem::Flags],
        Work::Envelopes => vec![
            FetchItem::Uid,
            FetchItem::Flags,
            FetchItem::Rfc822Size,
            FetchItem::Envelope,
            FetchItem::BodyStructure,
        ],
        _ => vec![FetchItem::Uid, FetchItem::BodyPeek(Section::whole())],
    }
}

fn total(job: &Job, message: &Fetch) -> u64 {
    let mut sum = u64::from(message.uid().value());
    match job.work {
        Work::Bodies => {
            sum += message
                .body(&Section::whole())
                .map_or(0, |b| b.len() as u64)
        }
        _ => sum += message.flags().map_or(0, |flags| flags.count() as u64),
    }
    if job.work == Work::Envelopes {
        sum += message.size().unwrap_or(0);
        let envelope = message.envelope().unwrap();
        sum += envelope
            .subject_raw()
            .map_or(0, |subject| subject.len() as u64);
        let structure = message.body_structure().unwrap();
        sum += structure
            .parts()
            .filter(|part| !part.is_multipart())
            .count() as u64;
    }
    sum
}
