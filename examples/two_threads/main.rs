//! Two threads share one connection: one lists the unseen messages of INBOX, the other deletes
//! everything in Trash, at the same time and in many runs. Prints the commands and responses of one run.
//!
//! ```text
//! cargo run --example two_threads [runs]
//! LATCHBOX_URL=imaps://user@host cargo run --example two_threads    # reads only
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod timeline;
mod wire;

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use latchbox::guard::Access;
use latchbox::types::{FetchItem, MailboxName, SearchKey, SpecialUse, UidSet};
use latchbox::{Account, Client, MailboxGuard, Session};
use latchbox_testkit::{NewMessage, PASSWORD, Server, USER, message};
use timeline::{Moment, Step, Timeline};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often the two threads run on the in-process server, and on a real one.
const RUNS: u32 = 500;
const REAL_RUNS: u32 = 3;

/// How many messages are put into Trash before each run.
const REFILL: u32 = 3;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let runs = match env::args().nth(1) {
        None => None,
        Some(runs) => match runs.parse() {
            Ok(0) | Err(_) => return Err("usage: two_threads [runs]".into()),
            Ok(runs) => Some(runs),
        },
    };
    match env::var("LATCHBOX_URL") {
        Err(_) => delete_in_process(runs.unwrap_or(RUNS)),
        Ok(url) => read_account(&open(&url)?, runs.unwrap_or(REAL_RUNS)),
    }
}

/// A session on a real account, with the password from `LATCHBOX_PASSWORD` or a prompt.
fn open(url: &str) -> Result<Session> {
    let account = Account::from_url(&url.parse()?, |_reason| {
        let typed = |_| rpassword::prompt_password("Password: ");
        Ok(env::var("LATCHBOX_PASSWORD").or_else(typed)?.into())
    })?;
    Ok(account.open()?)
}

/// An in-process server with five messages in INBOX, of which three are unseen, and an empty Trash.
fn start_server() -> std::io::Result<Server> {
    let mail = |subject: &str| message(subject, "Ann <ann@example.com>", "At one?");
    let seen = |subject: &str| NewMessage::new(mail(subject)).flag("\\Seen");
    Server::builder()
        .mailbox("INBOX", ["Lunch on Friday?", "Minutes", "Coffee"].map(mail))
        .mailbox("INBOX", ["Last week", "The week before"].map(seen))
        .mailbox("Trash", Vec::<NewMessage>::new())
        .start()
}

/// Logs in to the in-process server: it is on this machine and has no TLS.
fn log_in_to(server: &Server) -> latchbox::Result<Session> {
    let client = Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .danger_cleartext_login()
        .connect()?;
    Ok(client.login(USER, PASSWORD)?)
}

/// The story: on a server of our own, where something may be deleted.
fn delete_in_process(runs: u32) -> Result<()> {
    let server = start_server()?;
    let session = log_in_to(&server)?;
    let inbox = contents(&server, "INBOX");
    let (mut shown, mut lists_first) = (None, 0);
    for run in 1..=runs {
        for number in 1..=REFILL {
            let offer = message(&format!("Offer {number}"), "shop@example.com", "Buy!");
            server.deliver(USER, "Trash", offer);
        }
        server.clear_timeline();
        // INBOX is locked for writing too: a deletion that strayed into it would find it open.
        let moments = at_once(
            run,
            |diary| diary.turn("INBOX", || session.lock_mailbox("INBOX"), list_unseen),
            |diary| diary.turn("Trash", || session.lock_mailbox("Trash"), delete_all),
        )?;
        check(run, &inbox, &server)?;
        let timeline = Timeline::new(
            titles("delete everything in Trash"),
            moments,
            server.timeline(),
        );
        lists_first += u32::from(timeline.first() == Some(0));
        shown = Some(more_telling(shown, timeline));
    }
    session.logout()?;
    if let Some(timeline) = shown {
        println!("{timeline}");
    }
    println!(
        "After {runs} runs, {lists_first} of them with the list first and {} with the deletion, \
         nothing was deleted from INBOX: its {} messages are as they were. Trash was emptied \
         {runs} times.",
        runs - lists_first,
        inbox.len()
    );
    Ok(())
}

/// The same on a real account, where both threads only read.
fn read_account(session: &Session, runs: u32) -> Result<()> {
    let other = another_mailbox(session)?;
    let name = other.to_string();
    let before = all_in_inbox(session)?;
    wire::record().map_err(|error| error.to_string())?;
    let mut shown = None;
    for run in 1..=runs {
        wire::recorded();
        let moments = at_once(
            run,
            |diary| {
                let lock = || session.lock_mailbox_read_only("INBOX");
                diary.turn("INBOX", lock, list_unseen)
            },
            |diary| {
                let lock = || session.lock_mailbox_read_only(&other);
                diary.turn(&name, lock, count_all)
            },
        )?;
        let title = format!("count what is in {name}");
        let timeline = Timeline::new(titles(&title), moments, wire::recorded());
        shown = Some(more_telling(shown, timeline));
    }
    let gone = before.difference(&all_in_inbox(session)?)?;
    if let Some(timeline) = shown {
        println!("{timeline}");
    }
    if !gone.is_empty() {
        let problem = "from INBOX, and not by this program, which only reads";
        return Err(format!("the messages {gone} are gone {problem}").into());
    }
    println!(
        "After {runs} runs nothing was deleted from INBOX, nor changed anywhere: both threads \
         only read."
    );
    Ok(())
}

fn list_unseen<A: Access>(inbox: &mut MailboxGuard<'_, A>) -> latchbox::Result<String> {
    inbox.refresh()?; // a mailbox that was selected already may have news that nobody asked for
    let unseen = inbox.search(SearchKey::Unseen)?;
    let mut subjects = Vec::new();
    let mut messages = inbox.fetch(&unseen, [FetchItem::Envelope])?;
    while let Some(message) = messages.next()? {
        subjects.push(message.envelope()?.subject().into_owned());
    }
    Ok(format!("{} unseen", subjects.len()))
}

fn delete_all(trash: &mut MailboxGuard<'_>) -> latchbox::Result<String> {
    trash.refresh()?;
    let all = trash.search(SearchKey::All)?;
    Ok(format!("{} deleted", trash.delete(&all)?.count()))
}

fn count_all<A: Access>(mailbox: &mut MailboxGuard<'_, A>) -> latchbox::Result<String> {
    mailbox.refresh()?;
    let all = mailbox.search(SearchKey::All)?;
    Ok(format!("{} messages", all.len()))
}

/// Runs two threads at once; what they did, in no order. Which one is started first alternates,
/// so that each comes first now and then on a machine with one processor too.
fn at_once<F, G>(run: u32, one: F, other: G) -> latchbox::Result<Vec<Moment>>
where
    F: FnOnce(&mut Diary<'_>) -> latchbox::Result<()> + Send,
    G: FnOnce(&mut Diary<'_>) -> latchbox::Result<()> + Send,
{
    let (start, moments) = (Barrier::new(2), Mutex::default());
    let [mut first, mut second] = [0, 1].map(|thread| Diary {
        thread,
        start: &start,
        moments: &moments,
    });
    thread::scope(|scope| {
        let one = || scope.spawn(move || one(&mut first));
        let other = || scope.spawn(move || other(&mut second));
        let threads = if run % 2 == 0 {
            [one(), other()]
        } else {
            [other(), one()]
        };
        // Both are waited for, whatever becomes of one.
        let results = threads.map(thread::ScopedJoinHandle::join);
        results
            .into_iter()
            .try_for_each(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    Ok(moments.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Where a thread writes down what it does with the lock.
struct Diary<'a> {
    thread: usize,
    start: &'a Barrier,
    moments: &'a Mutex<Vec<Moment>>,
}

impl Diary<'_> {
    /// Waits for the other thread to be ready too, then locks, works, and lets go.
    fn turn<'s, A: Access>(
        &mut self,
        mailbox: &str,
        lock: impl FnOnce() -> latchbox::Result<MailboxGuard<'s, A>>,
        work: impl FnOnce(&mut MailboxGuard<'s, A>) -> latchbox::Result<String>,
    ) -> latchbox::Result<()> {
        self.start.wait();
        self.write(Step::Asks, mailbox, String::new());
        let mut guard = lock()?;
        self.write(Step::Holds, mailbox, String::new());
        let note = work(&mut guard)?;
        self.write(Step::LetsGo, mailbox, note);
        drop(guard);
        Ok(())
    }

    fn write(&mut self, step: Step, mailbox: &str, note: String) {
        let moment = Moment {
            at: Instant::now(),
            thread: self.thread,
            step,
            mailbox: mailbox.to_owned(),
            note,
        };
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        moments.push(moment);
    }
}

/// The run to show: the first one in which a thread had to wait.
fn more_telling(shown: Option<Timeline>, other: Timeline) -> Timeline {
    match shown {
        Some(shown) if shown.has_wait() || !other.has_wait() => shown,
        _ => other,
    }
}

fn titles(other: &str) -> [String; 2] {
    ["list what is unseen in INBOX", other].map(str::to_owned)
}

/// The UIDs in a mailbox of the in-process server, each with its flags.
fn contents(server: &Server, mailbox: &str) -> Vec<(u32, Vec<String>)> {
    let messages = server.messages(mailbox).into_iter();
    messages
        .map(|message| {
            let flags = message.flags.into_iter();
            (
                message.uid,
                flags.filter(|flag| flag != "\\Recent").collect(),
            )
        })
        .collect()
}

/// Looks into the server: has just that been deleted that should be?
fn check(run: u32, inbox: &[(u32, Vec<String>)], server: &Server) -> Result<()> {
    let now = contents(server, "INBOX");
    if now != inbox {
        return Err(format!("run {run} changed INBOX: it was {inbox:?} and is {now:?}").into());
    }
    match server.messages("Trash").len() {
        0 => Ok(()),
        left => Err(format!("run {run} left {left} messages in Trash").into()),
    }
}

/// A mailbox besides INBOX: the Trash, where there is one.
fn another_mailbox(session: &Session) -> Result<MailboxName> {
    if let Some(trash) = session.special_mailboxes()?.get(SpecialUse::Trash) {
        return Ok(trash.mailbox().name().clone());
    }
    let mailboxes = session.list("*")?.into_iter();
    let mut others = mailboxes.filter(|it| it.is_selectable() && !it.name().is_inbox());
    let other = others
        .next()
        .ok_or("the account has no mailbox besides INBOX")?;
    Ok(other.name().clone())
}

fn all_in_inbox(session: &Session) -> latchbox::Result<UidSet> {
    session
        .lock_mailbox_read_only("INBOX")?
        .search(SearchKey::All)
}
