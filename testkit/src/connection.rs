//! One connection from its greeting to its end: reads commands and answers them in turn.

use std::io;
use std::sync::Arc;

use crate::builder::{Deletion, Greeting, Literals};
use crate::grammar::{self, Body, Enabled, Wrong};
use crate::notify::news::Notify;
use crate::numbers::Numbers;
use crate::server::{Server, Shared};
use crate::socket::Socket;
use crate::store::account::Account;
use crate::store::mailbox::Mailbox;
use crate::store::view::{Change, View, count};
use crate::waker::Waker;
use crate::wire::{Wire, tag};

/// A connection and its state in the sense of RFC 9051, section 3.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: u64,
    pub(crate) shared: Arc<Shared>,
    pub(crate) wire: Wire,
    pub(crate) account: Option<Arc<Account>>,
    pub(crate) view: Option<View>,
    /// The client wants MODSEQ in flag changes (RFC 7162).
    pub(crate) condstore: bool,
    /// The client has enabled QRESYNC, and gets VANISHED in the place of EXPUNGE (RFC 7162).
    pub(crate) qresync: bool,
    /// The client has enabled UIDONLY, and messages have no sequence numbers (RFC 9586).
    pub(crate) uid_only: bool,
    /// What the client has asked for with NOTIFY (RFC 5465).
    pub(crate) notify: Option<Notify>,
    /// Names and strings are UTF-8 (RFC 6855 or RFC 9051).
    pub(crate) utf8: bool,
    /// The client speaks IMAP4rev2 (RFC 9051).
    pub(crate) rev2: bool,
    pub(crate) waker: Option<Arc<Waker>>,
    /// The client has sent ID after its login.
    pub(crate) is_identified: bool,
    /// How many commands were refused because there are too many connections.
    pub(crate) refused: u32,
    pub(crate) next: Next,
}

/// What comes after the tagged line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    Command,
    StartTls,
    Compress,
    End,
}

/// The tagged line of a command: its code and text.
#[derive(Debug)]
pub(crate) enum Answer {
    Ok(String),
    No(String),
    Bad(String),
}

impl Answer {
    /// Adds text at the end.
    pub(crate) fn with_suffix(self, suffix: &str) -> Self {
        match self {
            Self::Ok(text) => Self::Ok(text + suffix),
            Self::No(text) => Self::No(text + suffix),
            Self::Bad(text) => Self::Bad(text + suffix),
        }
    }
}

/// A command's end; `Err` ends the connection.
pub(crate) type Outcome = io::Result<Answer>;

pub(crate) fn ok(text: &str) -> Outcome {
    Ok(Answer::Ok(text.to_owned()))
}

pub(crate) fn no(text: &str) -> Outcome {
    Ok(Answer::No(text.to_owned()))
}

pub(crate) fn bad(text: &str) -> Outcome {
    Ok(Answer::Bad(text.to_owned()))
}

/// Serves a connection until the client or the server ends it.
pub(crate) fn serve(shared: &Arc<Shared>, id: u64, socket: Socket) {
    let mut connection = Connection {
        id,
        shared: Arc::clone(shared),
        wire: Wire::new(shared, id, socket),
        account: None,
        view: None,
        condstore: false,
        qresync: false,
        uid_only: false,
        notify: None,
        utf8: false,
        rev2: false,
        waker: None,
        is_identified: false,
        refused: 0,
        next: Next::Command,
    };
    let ended = connection.run();
    connection.stop_notifying();
    if ended.is_ok() {
        connection.wire.stream.finish();
    }
}

impl Connection {
    fn run(&mut self) -> io::Result<()> {
        if self.shared.settings.implicit_tls {
            self.start_tls()?;
        }
        self.greet()?;
        while self.next != Next::End {
            self.wire.flush()?;
            self.wait_notified()?;
            let Some(command) = self.wire.command()? else {
                return Ok(());
            };
            if let Some(inspector) = &self.shared.settings.inspector {
                inspector.call(&command);
            }
            self.call_hook(&command);
            if !self.is_in_trouble(&command)? {
                self.handle(command)?;
            }
            if self.next == Next::StartTls {
                self.next = Next::Command;
                self.wire.flush()?;
                self.start_tls()?;
            }
            if self.next == Next::Compress {
                self.next = Next::Command;
                self.wire.compress()?;
            }
        }
        self.wire.flush()
    }

    fn greet(&mut self) -> io::Result<()> {
        self.wait_for_a_place()?;
        let status = match self.shared.settings.greeting {
            Greeting::Ok => "OK",
            Greeting::PreAuth => {
                self.account = self.shared.accounts.first().cloned();
                "PREAUTH"
            }
            Greeting::Bye => {
                self.next = Next::End;
                return self.wire.say("* BYE Come back later");
            }
        };
        let capabilities = self.capabilities();
        let text = match self.shared.settings.preset {
            Some(preset) => preset.greeting(&capabilities),
            None => format!("[CAPABILITY {capabilities}] latchbox-testkit is ready"),
        };
        self.wire.say(&format!("* {status} {text}"))
    }

    fn start_tls(&mut self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let acceptor = shared.acceptor.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        self.wire.stream.start_tls(acceptor)
    }

    /// What is advertised in this state.
    pub(crate) fn capabilities(&self) -> String {
        let settings = &self.shared.settings;
        let (encrypted, logged_in) = (self.wire.stream.is_encrypted(), self.account.is_some());
        let mut names: Vec<&str> = settings
            .capabilities
            .iter()
            .map(String::as_str)
            .filter(|name| match *name {
                "STARTTLS" | "LOGINDISABLED" => !encrypted && !logged_in,
                "COMPRESS=DEFLATE" => logged_in && !self.wire.stream.is_compressed(),
                name => !(logged_in && name.starts_with("AUTH=")),
            })
            .collect();
        match settings.literals {
            Literals::Plus => names.push("LITERAL+"),
            Literals::Minus => names.push("LITERAL-"),
            Literals::Synchronizing => {}
        }
        names.join(" ")
    }

    /// The user, for commands that the state has let through.
    pub(crate) fn account(&self) -> io::Result<Arc<Account>> {
        self.account
            .clone()
            .ok_or_else(|| io::ErrorKind::PermissionDenied.into())
    }

    pub(crate) fn has(&self, capability: &str) -> bool {
        self.shared.settings.has(capability)
    }

    /// Lets the test change something before the command is carried out.
    fn call_hook(&self, command: &[u8]) {
        if let Some(hook) = &self.shared.settings.hook {
            let line = command.split(|byte| *byte == b'\r').next();
            let line = String::from_utf8_lossy(line.unwrap_or_default());
            hook.call(&Server::of(&self.shared), &line);
        }
    }

    fn handle(&mut self, octets: Vec<u8>) -> io::Result<()> {
        let enabled = Enabled {
            utf8: self.utf8,
            rev2: self.rev2,
        };
        let command = match grammar::decode(&octets, enabled) {
            Ok(command) => command,
            Err(wrong) => {
                let tag = String::from_utf8_lossy(tag(&octets)).into_owned();
                return self.tagged(&tag, refusal(&wrong));
            }
        };
        drop(octets);
        let expunges = may_expunge(&command.body);
        let is_told = match command.body {
            Body::Idle => !self.shared.settings.silent_idle,
            ref body => !self.shared.settings.frozen_view || thaws(body),
        };
        let was_logged_in = self.account.is_some();
        let tag = command.tag.clone();
        let answer = match self.refusal(&command) {
            Some(refusal) => refusal,
            None => self.dispatch(&tag, command.body)?,
        };
        let answer = self.let_in(was_logged_in, answer);
        let answer = self.habits_after(answer);
        if !is_told {
            return self.tagged(&tag, answer);
        }
        self.sync(expunges)?;
        let answer = self.with_mod_seq(answer, expunges)?;
        self.tagged(&tag, answer)
    }

    pub(crate) fn tagged(&mut self, tag: &str, answer: Answer) -> io::Result<()> {
        let line = match answer {
            Answer::Ok(text) => format!("{tag} OK {text}"),
            Answer::No(text) => format!("{tag} NO {text}"),
            Answer::Bad(text) => format!("{tag} BAD {text}"),
        };
        self.wire.say(&line)
    }

    /// Works on the selected mailbox, and wakes those who idle on it when it changed.
    /// `None` when nothing is selected or the mailbox has gone.
    pub(crate) fn selected<R>(
        &mut self,
        work: impl FnOnce(&mut View, &mut Mailbox) -> R,
    ) -> Option<R> {
        let view = self.view.as_mut()?;
        let mut mailboxes = self.account.as_ref()?.lock();
        let mailbox = match self.shared.settings.deletion {
            Deletion::Replaced => {
                let mailbox = mailboxes.get_mut(&view.name)?;
                view.adopt(mailbox);
                mailbox
            }
            Deletion::Vanished => {
                let mailbox = mailboxes.get_mut(&view.name);
                mailbox.filter(|mailbox| mailbox.id == view.id)?
            }
            Deletion::Bye | Deletion::Kept => mailboxes.selected(&view.name, view.id)?,
        };
        let before = mailbox.history.revision();
        let result = work(view, mailbox);
        if mailbox.history.revision() > before {
            mailboxes.changed(view.id);
        }
        Some(result)
    }

    /// Tells the client what changed in the selected mailbox.
    pub(crate) fn sync(&mut self, expunges: bool) -> io::Result<()> {
        if self.view.is_none() {
            return Ok(());
        }
        let known = self.view.as_ref().map_or(0, View::exists);
        let changes =
            self.selected(|view, mailbox| (view.changes(mailbox, expunges), mailbox.is_deleted));
        let changes = match (changes, self.shared.settings.deletion) {
            (Some((changes, is_deleted)), _) => {
                if is_deleted {
                    self.wire.say("* NO Internal error occurred")?;
                }
                changes
            }
            (None, Deletion::Vanished) => {
                let view = self.view.as_mut();
                view.map(View::take_all).unwrap_or_default()
            }
            (None, _) => {
                self.view = None;
                self.next = Next::End;
                return self.wire.say("* BYE The selected mailbox has been deleted");
            }
        };
        self.tell(changes, known)
    }

    fn tell(&mut self, changes: Vec<Change>, known: u32) -> io::Result<()> {
        let (mut vanished, mut exists) = (Vec::new(), None);
        let gone = changes.iter().filter(|c| matches!(c, Change::Expunge(..)));
        let gone = count(gone.count());
        let (known, has_gone) = (known.saturating_sub(gone), gone > 0);
        for change in changes {
            let line = match change {
                Change::Expunge(_, uid) if self.qresync || self.uid_only => {
                    vanished.push((uid, uid));
                    continue;
                }
                Change::Expunge(seq, _) => format!("* {seq} EXPUNGE"),
                Change::Exists(count) => {
                    exists = Some(count);
                    format!("* {count} EXISTS")
                }
                Change::Recent(_) if self.rev2 => continue,
                Change::Recent(count) => format!("* {count} RECENT"),
                Change::Flags {
                    seq,
                    uid,
                    flags,
                    mod_seq,
                } => {
                    let flags = self.view.as_ref().map(|view| view.flags_text(uid, &flags));
                    let flags = flags.unwrap_or_default();
                    let mut items = vec![format!("FLAGS ({flags})")];
                    if self.condstore && !self.has_no_mod_seq() {
                        self.saw_mod_seq(mod_seq);
                        items.push(format!("MODSEQ ({mod_seq})"));
                    }
                    row(self.uid_only, (seq, uid), true, &items)
                }
            };
            self.say_vanished(&mut vanished)?;
            self.wire.say(&line)?;
        }
        self.say_vanished(&mut vanished)?;
        if has_gone && exists.is_none() && self.counts_after_expunge() {
            let exists = self.view.as_ref().map_or(0, View::exists);
            self.wire.say(&format!("* {exists} EXISTS"))?;
        }
        match exists {
            Some(exists) => self.announce(known.saturating_add(1), exists),
            None => Ok(()),
        }
    }

    /// The same before a command is carried out, when the view is not frozen.
    pub(crate) fn sync_before(&mut self) -> io::Result<()> {
        match self.shared.settings.frozen_view {
            true => Ok(()),
            false => self.sync(false),
        }
    }

    fn say_vanished(&mut self, uids: &mut Vec<(u32, u32)>) -> io::Result<()> {
        if uids.is_empty() {
            return Ok(());
        }
        let uids = Numbers::from_ranges(std::mem::take(uids));
        self.wire.say(&format!("* VANISHED {uids}"))
    }

    /// Whether a mailbox without mod-sequences is selected.
    pub(crate) fn has_no_mod_seq(&self) -> bool {
        self.view.as_ref().is_some_and(|view| view.no_mod_seq)
    }

    /// Notes that the client is told this MODSEQ of a message.
    pub(crate) fn saw_mod_seq(&mut self, mod_seq: u64) {
        if let Some(view) = &mut self.view {
            view.seen_mod_seq = view.seen_mod_seq.max(mod_seq);
        }
    }

    /// HIGHESTMODSEQ, when the client has to be told of it, as Dovecot does with QRESYNC: when it
    /// is higher than all that the client has seen; and a lower one than the client has seen, when
    /// that went beyond expunges that it was not told of.
    fn news_of_mod_seq(&mut self, expunges: bool) -> Option<u64> {
        let tells = self.qresync && !self.has_no_mod_seq();
        self.selected(|view, mailbox| {
            let highest = mailbox.highest_mod_seq();
            let seen = std::mem::take(&mut view.seen_mod_seq);
            let told = view.told_mod_seq;
            if !expunges && view.has_expunges(mailbox) {
                return Some(told).filter(|told| seen > *told);
            }
            view.told_mod_seq = highest;
            Some(highest).filter(|highest| *highest > told.max(seen))
        })
        .flatten()
        .filter(|_| tells)
    }

    /// The answer with HIGHESTMODSEQ in it, or after a line with it.
    fn with_mod_seq(&mut self, answer: Answer, expunges: bool) -> io::Result<Answer> {
        let Some(mod_seq) = self.news_of_mod_seq(expunges) else {
            return Ok(answer);
        };
        match answer {
            Answer::Ok(text) if !text.starts_with('[') => {
                Ok(Answer::Ok(format!("[HIGHESTMODSEQ {mod_seq}] {text}")))
            }
            answer => {
                self.say_mod_seq(mod_seq)?;
                Ok(answer)
            }
        }
    }

    /// Tells the client what changed while it idles.
    pub(crate) fn sync_idle(&mut self) -> io::Result<()> {
        if self.shared.settings.silent_idle {
            return Ok(());
        }
        self.sync(true)?;
        match self.news_of_mod_seq(true) {
            Some(mod_seq) => self.say_mod_seq(mod_seq),
            None => Ok(()),
        }
    }

    fn say_mod_seq(&mut self, mod_seq: u64) -> io::Result<()> {
        self.wire
            .say(&format!("* OK [HIGHESTMODSEQ {mod_seq}] Highest"))
    }
}

/// A FETCH response, or a UIDFETCH response (RFC 9586).
pub(crate) fn row(
    uid_only: bool,
    (seq, uid): (u32, u32),
    with_uid: bool,
    items: &[String],
) -> String {
    let items = items.join(" ");
    match (uid_only, with_uid) {
        (true, _) => format!("* {uid} UIDFETCH ({items})"),
        (false, true) if items.is_empty() => format!("* {seq} FETCH (UID {uid})"),
        (false, true) => format!("* {seq} FETCH (UID {uid} {items})"),
        (false, false) => format!("* {seq} FETCH ({items})"),
    }
}

/// The answer to a command that the grammar refuses.
fn refusal(wrong: &Wrong) -> Answer {
    match wrong.is_refused() {
        true => Answer::No(format!("[CANNOT] {}", wrong.text())),
        false => Answer::Bad(wrong.text()),
    }
}

/// Whether a frozen view is brought up to date by the command. IDLE does it by itself.
fn thaws(body: &Body) -> bool {
    match body {
        Body::Noop | Body::Check | Body::Idle | Body::Expunge(_) => true,
        Body::Copy(copy) => copy.moves,
        _ => false,
    }
}

/// RFC 9051, section 7.5.1: never during FETCH, STORE and SEARCH by sequence numbers.
fn may_expunge(body: &Body) -> bool {
    match body {
        Body::Fetch(fetch) => fetch.uid,
        Body::Store(store) => store.uid,
        Body::Search(search) | Body::Sort(_, search) | Body::Thread(_, search) => search.uid,
        _ => true,
    }
}
