//! `io-imap` 0.7, its blocking client.

use std::any::Any;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use io_imap::client::{ImapClient, ImapClientStd, ImapStream};
use io_imap::rfc3501::fetch::ImapMessageFetchOptions;
use io_imap::rfc3501::search::ImapMessageSearchOptions;
use io_imap::types::body::BodyStructure;
use io_imap::types::fetch::{MacroOrMessageDataItemNames, MessageDataItem, MessageDataItemName};
use io_imap::types::mailbox::Mailbox;
use io_imap::types::search::SearchKey;
use shared::{Job, PASSWORD, USER, Work};

fn main() {
    shared::run(client);
}

fn client(job: &Job) -> u64 {
    let stream = TcpStream::connect(("127.0.0.1", job.port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut session = ImapClientStd::new(Plain(stream));
    session.greeting().unwrap();
    session.login(USER, PASSWORD, Default::default()).unwrap();
    let mailbox = |name: &str| Mailbox::try_from(name.to_owned()).unwrap();
    let mut sum = 0;
    match job.work {
        Work::Noop | Work::Pipelined => {
            for _ in 0..job.count {
                session.noop().unwrap();
                sum += 1;
            }
        }
        Work::Append => {
            let message = job.message();
            for _ in 0..job.count {
                let inbox = mailbox("INBOX");
                session.append(inbox, &message, Default::default()).unwrap();
                sum += 1;
            }
        }
        Work::List => {
            let pattern = job.pattern().try_into().unwrap();
            for (_, _, attributes) in session.list(mailbox(""), pattern).unwrap() {
                sum += 1 + attributes.len() as u64;
            }
        }
        Work::Search => {
            session
                .select(mailbox(&job.mailbox), Default::default())
                .unwrap();
            let mut options = ImapMessageSearchOptions::default();
            options.uid = true;
            let keys = vec![SearchKey::All].try_into().unwrap();
            let found = session.search(keys, options).unwrap();
            sum = found.into_iter().map(|uid| u64::from(uid.get())).sum();
        }
        _ => {
            session
                .select(mailbox(&job.mailbox), Default::default())
                .unwrap();
            let mut options = ImapMessageFetchOptions::default();
            options.uid = true;
            let rows = session
                .fetch("1:*".try_into().unwrap(), items(job), options)
                .unwrap();
            sum = rows.values().flat_map(|row| row.as_ref()).map(total).sum();
        }
    }
    session.logout().unwrap();
    sum
}

fn items(job: &Job) -> MacroOrMessageDataItemNames<'static> {
    use MessageDataItemName::{BodyExt, BodyStructure, Envelope, Flags, Rfc822Size, Uid};
    MacroOrMessageDataItemNames::MessageDataItemNames(match job.work {
        Work::Flags => vec![Uid, Flags],
        Work::Envelopes => vec![Uid, Flags, Rfc822Size, Envelope, BodyStructure],
        _ => vec![
            Uid,
            BodyExt {
                section: None,
                partial: None,
                peek: true,
            },
        ],
    })
}

fn total(item: &MessageDataItem<'_>) -> u64 {
    let length = |text: Option<&[u8]>| text.map_or(0, |text| text.len() as u64);
    match item {
        MessageDataItem::Uid(uid) => u64::from(uid.get()),
        MessageDataItem::Flags(flags) => flags.len() as u64,
        MessageDataItem::Rfc822Size(size) => u64::from(*size),
        MessageDataItem::Envelope(envelope) => {
            length(envelope.subject.0.as_ref().map(AsRef::as_ref))
        }
        MessageDataItem::BodyStructure(structure) => leaves(structure),
        MessageDataItem::BodyExt { data, .. } => length(data.0.as_ref().map(AsRef::as_ref)),
        _ => 0,
    }
}

fn leaves(structure: &BodyStructure<'_>) -> u64 {
    match structure {
        BodyStructure::Multi { bodies, .. } => bodies.as_ref().iter().map(leaves).sum(),
        BodyStructure::Single { .. } => 1,
    }
}

/// What the client wants to have around a socket.
struct Plain(TcpStream);

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Plain {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ImapStream for Plain {
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.0.set_read_timeout(timeout)
    }
}
