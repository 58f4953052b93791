//! The same test on a real server: a Dovecot with the accounts and messages of the builder, behind a
//! proxy that records the wire and breaks connections.

// What is wrong fails the test that asked for it.
#![allow(clippy::panic)]

mod client;
#[cfg_attr(not(unix), path = "without_dovecot.rs")]
mod dovecot;

use std::io;
use std::sync::Arc;

use chrono::DateTime;

use self::client::{Client, Response, name};
use self::dovecot::Dovecot;
use crate::fault_proxy::FaultProxy;
use crate::faults::FaultPlan;
use crate::message::{NewMessage, StoredMessage};
use crate::names::decode;
use crate::outside::MailboxState;
use crate::reply::quoted;
use crate::settings::Settings;
use crate::store::account::{Account, Mailboxes};
use crate::store::mailbox::Mailbox;
use crate::timeline::Timeline;

/// What Dovecot has beyond what the kit advertises by default.
const EXTENSIONS: &[&str] = &[
    "QRESYNC", "NOTIFY", "SAVEDATE", "PREVIEW", "CATENATE", "ESORT",
];

/// A Dovecot and the proxy in front of it.
#[derive(Debug)]
pub(crate) struct Real {
    dovecot: Dovecot,
    pub(crate) proxy: FaultProxy,
    /// Names and passwords.
    users: Vec<(String, String)>,
}

impl Real {
    pub(crate) fn start(
        settings: &Settings,
        accounts: &[Account],
        plan: FaultPlan,
        timeline: &Arc<Timeline>,
    ) -> io::Result<Self> {
        settings
            .check_real(EXTENSIONS)
            .map_err(|setting| unsupported(&setting))?;
        let mut special_uses = Vec::new();
        for account in accounts {
            let mailboxes = account.lock();
            check(&mailboxes).map_err(unsupported)?;
            for name in mailboxes.names() {
                let attribute = mailboxes.special_use(name).filter(|text| !text.is_empty());
                special_uses.extend(attribute.map(|text| (name.to_owned(), text.to_owned())));
            }
        }
        special_uses.sort();
        special_uses.dedup();
        let texts = accounts
            .iter()
            .flat_map(|account| [&account.name, &account.password]);
        if let Some(text) = texts.into_iter().find(|text| text.contains([':', '\n'])) {
            let reason = format!("a name or password of Dovecot has no colon: {text:?}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let user = |account: &Account| (account.name.clone(), account.password.clone());
        let users: Vec<(String, String)> = accounts.iter().map(user).collect();
        let names: Vec<(&str, &str)> = users
            .iter()
            .map(|(name, password)| (name.as_str(), password.as_str()))
            .collect();
        let dovecot = Dovecot::start(&names, &special_uses)?;
        let proxy = FaultProxy::recording(dovecot.port(), plan, timeline)?;
        let real = Self {
            dovecot,
            proxy,
            users,
        };
        for account in accounts {
            real.fill_account(account)?;
        }
        Ok(real)
    }

    fn fill_account(&self, account: &Account) -> io::Result<()> {
        let mut client = self.client(&account.name)?;
        let mailboxes = account.lock();
        for mailbox in mailboxes.names() {
            if mailbox != "INBOX" {
                client.ask(&format!("CREATE {}", name(mailbox)))?;
            }
            if mailboxes.subscribed.contains(mailbox) {
                client.ask(&format!("SUBSCRIBE {}", name(mailbox)))?;
            }
            let stored = mailboxes.get(mailbox).map(Mailbox::stored);
            for message in stored.unwrap_or_default() {
                let date = message.internal_date;
                let flags: Vec<&str> = message.flags.iter().map(String::as_str).collect();
                append(&mut client, mailbox, &flags, Some(date), &message.bytes)?;
            }
        }
        Ok(())
    }

    fn client(&self, user: &str) -> io::Result<Client> {
        let mut users = self.users.iter();
        let found = users.find(|(name, _)| name == user);
        let (_, password) = found.ok_or(io::ErrorKind::NotFound)?;
        Client::log_in(self.dovecot.port(), user, password)
    }

    pub(crate) fn first_user(&self) -> &str {
        self.users.first().map_or("", |(name, _)| name)
    }

    /// Does something as a user; `None` if there is no such user or the server answers NO.
    #[track_caller]
    fn work<R>(&self, user: &str, work: impl FnOnce(&mut Client) -> io::Result<R>) -> Option<R> {
        let has_user = self.users.iter().any(|(name, _)| name == user);
        let done = has_user.then(|| self.client(user).and_then(|mut client| work(&mut client)))?;
        match done {
            Ok(done) => Some(done),
            Err(error) if error.kind() == io::ErrorKind::Other => None,
            Err(error) => panic!("Dovecot does not answer the kit: {error}"),
        }
    }

    #[track_caller]
    pub(crate) fn deliver(
        &self,
        user: &str,
        mailbox: &str,
        count: u32,
        message: &NewMessage,
    ) -> Option<u32> {
        self.work(user, |client| {
            // It exists already, most often.
            let _ = client.ask(&format!("CREATE {}", name(mailbox)));
            let flags: Vec<&str> = message.flags.iter().map(String::as_str).collect();
            let mut first = None;
            for _ in 0..count {
                let uid = append(
                    client,
                    mailbox,
                    &flags,
                    message.internal_date,
                    &message.bytes,
                )?;
                first = first.or(uid);
            }
            Ok(first)
        })
        .flatten()
    }

    #[track_caller]
    pub(crate) fn state(&self, user: &str, mailbox: &str) -> Option<MailboxState> {
        self.work(user, |client| {
            let examined = client.ask(&format!("EXAMINE {} (CONDSTORE)", name(mailbox)))?;
            let number = |before: &str| {
                let mut found = examined.iter();
                found.find_map(|response| response.number::<u64>(before))
            };
            let small = |before| number(before).and_then(|number| u32::try_from(number).ok());
            let fetch = "UID FETCH 1:* (UID FLAGS INTERNALDATE MODSEQ BODY.PEEK[])";
            let messages = client.ask(fetch)?;
            Ok(MailboxState {
                uid_validity: small("[UIDVALIDITY ").unwrap_or_default(),
                uid_next: small("[UIDNEXT ").unwrap_or_default(),
                highest_mod_seq: number("[HIGHESTMODSEQ ").unwrap_or_default(),
                mailbox_id: String::new(),
                messages: messages.into_iter().filter_map(stored).collect(),
            })
        })
    }

    #[track_caller]
    pub(crate) fn mailboxes(&self) -> Vec<String> {
        let listed = self.work(self.first_user(), |client| client.ask("LIST \"\" *"));
        let name = |response: &Response| {
            let (_, name) = response
                .text
                .strip_prefix("* LIST ")?
                .split_once("\"/\" ")?;
            let name = match response.literals.first() {
                Some(literal) => String::from_utf8_lossy(literal).into_owned(),
                None => name
                    .trim_matches('"')
                    .replace("\\\\", "\\")
                    .replace("\\\"", "\""),
            };
            decode(name.as_bytes())
        };
        let mut names: Vec<String> = listed.iter().flatten().filter_map(name).collect();
        names.sort();
        names
    }

    /// Sends commands after a SELECT; returns the last answer.
    #[track_caller]
    pub(crate) fn selected(
        &self,
        user: &str,
        mailbox: &str,
        commands: &[String],
    ) -> Option<Vec<Response>> {
        self.work(user, |client| {
            client.ask(&format!("SELECT {}", name(mailbox)))?;
            let mut answer = Vec::new();
            for command in commands {
                answer = client.ask(command)?;
            }
            Ok(answer)
        })
    }

    #[track_caller]
    pub(crate) fn expunge(&self, user: &str, mailbox: &str, uids: &[u32]) -> usize {
        let uids: Vec<String> = uids.iter().map(u32::to_string).collect();
        let uids = uids.join(",");
        let commands = [
            format!("UID STORE {uids} +FLAGS.SILENT (\\Deleted)"),
            format!("UID EXPUNGE {uids}"),
        ];
        let answer = self.selected(user, mailbox, &commands).unwrap_or_default();
        let is_gone = |response: &&Response| response.text.ends_with(" EXPUNGE");
        answer.iter().filter(is_gone).count()
    }

    #[track_caller]
    pub(crate) fn set_flags(&self, user: &str, mailbox: &str, uid: u32, flags: &[&str]) -> bool {
        let store = format!("UID STORE {uid} FLAGS ({})", flags.join(" "));
        let answer = self.selected(user, mailbox, &[store]).unwrap_or_default();
        answer
            .iter()
            .any(|response| response.text.contains(" FETCH ("))
    }

    #[track_caller]
    pub(crate) fn move_message(&self, user: &str, from: &str, uid: u32, to: &str) -> Option<u32> {
        self.command(user, &format!("CREATE {}", name(to)));
        let command = format!("UID MOVE {uid} {}", name(to));
        let answer = self.selected(user, from, &[command])?;
        let copied = answer
            .iter()
            .find_map(|response| response.between("[COPYUID ", "]"))?;
        copied.split(' ').nth(2)?.parse().ok()
    }

    /// Sends one command; says whether the server answers OK.
    #[track_caller]
    pub(crate) fn command(&self, user: &str, command: &str) -> bool {
        self.work(user, |client| client.ask(command)).is_some()
    }

    #[track_caller]
    pub(crate) fn on_name(&self, user: &str, verb: &str, names: &[&str]) -> bool {
        let names: Vec<String> = names.iter().map(|text| name(text)).collect();
        self.command(user, &format!("{verb} {}", names.join(" ")))
    }

    /// Deletes a mailbox and creates it again. Returns its UIDVALIDITY.
    #[track_caller]
    pub(crate) fn replace(
        &self,
        user: &str,
        mailbox: &str,
        messages: &[NewMessage],
    ) -> Option<u32> {
        if mailbox == "INBOX" {
            panic!("reset_uid_validity: Dovecot does not delete INBOX; take another mailbox");
        }
        self.on_name(user, "DELETE", &[mailbox]).then_some(())?;
        self.on_name(user, "CREATE", &[mailbox]);
        for message in messages {
            self.deliver(user, mailbox, 1, message);
        }
        self.state(user, mailbox).map(|state| state.uid_validity)
    }

    #[track_caller]
    pub(crate) fn stop(&self) {
        if let Err(error) = self.dovecot.stop() {
            panic!("{error}");
        }
    }

    pub(crate) fn start_again(&self) -> io::Result<()> {
        self.dovecot.start_again()
    }
}

fn append(
    client: &mut Client,
    mailbox: &str,
    flags: &[&str],
    date: Option<DateTime<chrono::FixedOffset>>,
    octets: &[u8],
) -> io::Result<Option<u32>> {
    let flags: Vec<&str> = flags
        .iter()
        .copied()
        .filter(|flag| *flag != "\\Recent")
        .collect();
    let date = date.map(|date| quoted(&date.format("%d-%b-%Y %H:%M:%S %z").to_string()));
    let date = date.map(|date| format!(" {date}")).unwrap_or_default();
    let command = format!("APPEND {} ({}){date}", name(mailbox), flags.join(" "));
    let answer = client.ask_with(&command, octets)?;
    let code = answer
        .last()
        .and_then(|tagged| tagged.between("[APPENDUID ", "]"));
    Ok(code.and_then(|code| code.split(' ').nth(1)?.parse().ok()))
}

/// A message from a FETCH response.
fn stored(response: Response) -> Option<StoredMessage> {
    let flags = response.between("FLAGS (", ")")?;
    let date = response.between("INTERNALDATE \"", "\"")?;
    Some(StoredMessage {
        uid: response.number("UID ")?,
        flags: flags
            .split_ascii_whitespace()
            .filter(|flag| *flag != "\\Recent")
            .map(str::to_owned)
            .collect(),
        mod_seq: response.number("MODSEQ (")?,
        labels: Vec::new(),
        internal_date: DateTime::parse_from_str(date.trim(), "%d-%b-%Y %H:%M:%S %z").ok()?,
        bytes: response
            .literals
            .into_iter()
            .next()
            .unwrap_or_default()
            .into(),
    })
}

/// Fails the test that asks Dovecot for something that it does not do.
#[track_caller]
pub(crate) fn fail(method: &str) -> ! {
    panic!("LATCHBOX_TESTKIT_SERVER=dovecot: `{method}` works on the in-process server only");
}

/// What a mailbox has been given that Dovecot is not configured for.
fn check(mailboxes: &Mailboxes) -> Result<(), &'static str> {
    if mailboxes.has_set_limits {
        return Err("quota");
    }
    for name in mailboxes.names() {
        let Some(mailbox) = mailboxes.get(name) else {
            continue;
        };
        if mailbox.read_only {
            return Err("read_only");
        }
        if mailbox.no_mod_seq {
            return Err("no_mod_seq");
        }
        if !mailbox.acl.is_empty() {
            return Err("acl");
        }
    }
    Ok(())
}

/// The error of a setting that Dovecot cannot have.
pub(crate) fn unsupported(setting: &str) -> io::Error {
    let reason = format!(
        "LATCHBOX_TESTKIT_SERVER=dovecot: `{setting}` is a setting of the in-process server only; \
         start this one with `in_process`"
    );
    io::Error::new(io::ErrorKind::Unsupported, reason)
}
