//! A user of the private Dovecot, and mail that is put into its maildirs without IMAP.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use crate::support::private_server::Account;

/// The UIDVALIDITY of a mailbox that [`User::fill`] made.
pub(crate) const FILLED_UID_VALIDITY: u32 = 1_234_567_890;

/// When the first message of a filled mailbox arrived, in seconds of the Unix epoch; each one
/// after it a second later.
pub(crate) const FILLED_SINCE: u64 = 1_700_000_000;

/// A user whom only one test knows.
#[derive(Debug)]
pub(crate) struct User {
    home: PathBuf,
    name: String,
    password: String,
    maildir: PathBuf,
    account: Account,
    delivered: AtomicUsize,
}

impl User {
    pub(super) fn new(server: &Path, name: &str, password: &str, account: &Account) -> Self {
        let home = server.join("mail").join(name);
        fs::create_dir(&home).unwrap();
        account.own(&home).unwrap();
        let user = Self {
            name: name.to_owned(),
            password: password.to_owned(),
            maildir: home.join("Maildir"),
            home,
            account: account.clone(),
            delivered: AtomicUsize::new(0),
        };
        user.make("INBOX");
        user
    }

    /// Removes the mail, as far as no process of the server writes there at this moment.
    pub(crate) fn remove_mail(&self) {
        let _ = fs::remove_dir_all(&self.home);
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Puts `count` small messages into a mailbox that the server has not seen yet: UIDs from 1,
    /// subject `message 1` and so on, every second one seen, none recent.
    pub(crate) fn fill(&self, mailbox: &str, count: usize) {
        let directory = self.make(mailbox);
        let mut uids = format!("3 V{FILLED_UID_VALIDITY} N{} G{count:032x}\n", count + 1);
        for number in 1..=count {
            let arrived = FILLED_SINCE + number as u64;
            let sender = number % 97;
            let message = format!(
                "From: Sender {sender} <s{sender}@example.test>\n\
                 To: {}@example.test\n\
                 Subject: message {number}\n\
                 Date: {}\n\
                 Message-ID: <{number}@example.test>\n\
                 \n\
                 body of message {number}\n",
                self.name,
                chrono::DateTime::from_timestamp(arrived as i64, 0)
                    .unwrap()
                    .format("%a, %d %b %Y %H:%M:%S +0000"),
            );
            let name = file_name(arrived, number, message.as_bytes());
            let seen = if number % 2 == 1 { "S" } else { "" };
            let path = directory.join("cur").join(format!("{name}:2,{seen}"));
            self.write(&path, message.as_bytes(), arrived);
            let _ = writeln!(uids, "{number} :{name}");
        }
        let list = directory.join("dovecot-uidlist");
        let known = list.exists();
        assert!(
            !known,
            "{mailbox} is not new: `fill` would change it under the server"
        );
        self.write(&list, uids.as_bytes(), FILLED_SINCE);
    }

    /// Lets one message arrive, as a delivery agent does: the mailbox may be in use. `flags` are
    /// maildir's (`S` seen, `F` flagged, ...).
    pub(crate) fn deliver(&self, mailbox: &str, message: &[u8], flags: &str) {
        let directory = self.make(mailbox);
        let number = self.delivered.fetch_add(1, Ordering::Relaxed) + 1;
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let name = file_name(now, 1_000_000 + number, message);
        let unfinished = directory.join("tmp").join(&name);
        self.write(&unfinished, message, now);
        let place = match flags {
            "" => directory.join("new").join(name),
            flags => directory.join("cur").join(format!("{name}:2,{flags}")),
        };
        fs::rename(unfinished, place).unwrap();
    }

    /// Where a mailbox lies.
    pub(crate) fn directory(&self, mailbox: &str) -> PathBuf {
        self.make(mailbox)
    }

    /// The maildir of a mailbox, made if it is not there. Its name is written as the disk has it
    /// (modified UTF-7), with `/` between levels.
    fn make(&self, mailbox: &str) -> PathBuf {
        let directory = match mailbox {
            "INBOX" => self.maildir.clone(),
            other => self.maildir.join(format!(".{}", other.replace('/', "."))),
        };
        if directory.join("cur").exists() {
            return directory;
        }
        for part in [
            &directory,
            &directory.join("tmp"),
            &directory.join("new"),
            &directory.join("cur"),
        ] {
            if !part.exists() {
                fs::create_dir(part).unwrap();
            }
            self.account.own(part).unwrap();
        }
        if mailbox != "INBOX" {
            self.write(&directory.join("maildirfolder"), b"", FILLED_SINCE);
        }
        directory
    }

    fn write(&self, path: &Path, bytes: &[u8], time: u64) {
        let mut file = File::create_new(path).unwrap();
        file.write_all(bytes).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(time))
            .unwrap();
        self.account.own(path).unwrap();
    }
}

/// A maildir name that sorts by arrival and tells the message's octets, on disk and with CRLF.
fn file_name(arrived: u64, number: usize, message: &[u8]) -> String {
    let bare = message.iter().enumerate();
    let bare = bare.filter(|&(at, &byte)| byte == b'\n' && (at == 0 || message[at - 1] != b'\r'));
    let (size, with_line_ends) = (message.len(), message.len() + bare.count());
    format!("{arrived}.M{number}P1.localhost,S={size},W={with_line_ends}")
}
