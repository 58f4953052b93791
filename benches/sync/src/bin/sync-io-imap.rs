//! `io-imap` 0.7, which has the commands of QRESYNC: the loop is by hand, and without the checks that
//! latchbox makes (is EXISTS what it has to be, has the server lost its mod-sequences).

use std::any::Any;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use io_imap::client::{ImapClient, ImapClientStd, ImapStream};
use io_imap::rfc3501::examine::ImapMailboxExamineOptions;
use io_imap::rfc3501::fetch::ImapMessageFetchOptions;
use io_imap::types::command::SelectParameter;
use io_imap::types::extensions::enable::CapabilityEnable;
use io_imap::types::fetch::{MacroOrMessageDataItemNames, MessageDataItem, MessageDataItemName};
use io_imap::types::mailbox::Mailbox;
use sync::{Found, Job, PASSWORD, USER};

fn main() {
    sync::run(client);
}

fn client(job: &Job) -> Found {
    let mut session = ImapClientStd::new(Plain(job.connect()));
    session.greeting().unwrap();
    session.login(USER, PASSWORD, Default::default()).unwrap();
    let qresync = CapabilityEnable::try_from("QRESYNC").unwrap();
    session.enable(vec![qresync].try_into().unwrap()).unwrap();
    let stored: Option<Vec<u64>> = job.stored().map(|text| {
        let numbers = text.split_whitespace();
        numbers.map(|number| number.parse().unwrap()).collect()
    });
    let mut options = ImapMailboxExamineOptions::default();
    if let Some(stored) = &stored {
        options.parameters = vec![SelectParameter::QResync {
            uid_validity: u32::try_from(stored[0]).unwrap().try_into().unwrap(),
            mod_sequence_value: stored[1].try_into().unwrap(),
            known_uids: None,
            seq_match_data: None,
        }];
    }
    let inbox = Mailbox::try_from("INBOX".to_owned()).unwrap();
    let mailbox = session.examine(inbox, options).unwrap();
    let mut found = Found::default();
    match stored {
        None => {
            let items = vec![MessageDataItemName::Uid, MessageDataItemName::Flags];
            let items = MacroOrMessageDataItemNames::MessageDataItemNames(items);
            let mut options = ImapMessageFetchOptions::default();
            options.uid = true;
            let rows = session
                .fetch("1:*".try_into().unwrap(), items, options)
                .unwrap();
            for row in rows.values() {
                let (uid, flags) = read(row.as_ref());
                found.new(uid, flags);
            }
        }
        Some(stored) => {
            mailbox
                .vanished_earlier
                .iter()
                .for_each(|uid| found.gone(uid.get()));
            for row in &mailbox.changed {
                let (uid, flags) = read(row.items.as_ref());
                match u64::from(uid) < stored[2] {
                    true => found.changed(uid, flags),
                    false => found.new(uid, flags),
                }
            }
        }
    }
    job.store(&format!(
        "{} {} {}",
        mailbox.uid_validity.unwrap(),
        mailbox.highest_mod_seq.unwrap(),
        mailbox.uid_next.unwrap()
    ));
    // All that is measured has been done.
    let _ = session.logout();
    found
}

/// UID and number of flags.
fn read(items: &[MessageDataItem<'_>]) -> (u32, usize) {
    let mut read = (0, 0);
    for item in items {
        match item {
            MessageDataItem::Uid(uid) => read.0 = uid.get(),
            MessageDataItem::Flags(flags) => read.1 = flags.len(),
            _ => {}
        }
    }
    read
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
