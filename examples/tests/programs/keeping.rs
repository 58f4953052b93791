//! The examples that keep a copy of a mailbox: what they print, what the copy is then, and that it is
//! complete after a run that was killed and another.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use latchbox_testkit::fault_proxy::FaultProxy;
use latchbox_testkit::{
    Direction, Event, Fault, FaultPlan, NewMessage, PASSWORD, Server, Trigger, USER, Way, message,
};

#[cfg(feature = "sqlite")]
use super::run::run;
use super::run::{complaint, example, printed};

/// How long a program may take to come to the octet at which it is killed.
const DEADLINE: Duration = Duration::from_secs(60);

/// What an account can be synced by; nothing is for comparing all flags.
const WAYS: [&[&str]; 3] = [&["QRESYNC"], &["CONDSTORE"], &[]];

/// A copy: UID, flags and something that is of that message alone.
type Copy = BTreeMap<u32, (String, String)>;

fn server(capabilities: &[&str], messages: u32) -> Server {
    let mail = |number| message(&format!("subject {number}"), "a@example.com", &body(number));
    let mut server = Server::builder().mailbox("INBOX", (1..=messages).map(mail));
    for capability in ["QRESYNC", "CONDSTORE"] {
        server = match capabilities.contains(&capability) {
            true => server.with(capability),
            false => server.without(capability),
        };
    }
    server.start().unwrap()
}

fn body(number: u32) -> String {
    format!("body {number}\n").repeat(30)
}

fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

fn backup(port: u16, to: &Path) -> Command {
    let mut command = example("backup");
    let port = port.to_string();
    let to = to.as_os_str();
    command.args([OsStr::new("--port"), port.as_ref(), "--to".as_ref(), to]);
    command.args(["--user", USER, "--password", PASSWORD]);
    command
}

/// An account with the mailboxes that most have.
fn account() -> Server {
    let mail = |subject: &str| message(subject, "Ann <ann@example.com>", "At one?");
    Server::builder()
        .mailbox("INBOX", ["Lunch on Friday?", "Minutes", "Coffee"].map(mail))
        .mailbox("INBOX", ["Last week", "The week before"].map(mail))
        .mailbox("Archive", ["Last year"].map(mail))
        .mailbox("Drafts", Vec::<NewMessage>::new())
        .mailbox("Sent", ["Re: Last week"].map(mail))
        .mailbox("Trash", ["Offer", "Another offer"].map(mail))
        .start()
        .unwrap()
}

/// What the server has, with the letters of a Maildir for the flags.
fn on_server(server: &Server) -> Copy {
    let letter = |flag: &String| match flag.as_str() {
        "\\Answered" => "R".to_owned(),
        flag => flag.chars().skip(1).take(1).collect(),
    };
    let messages = server.messages("INBOX").into_iter().map(|message| {
        let mut flags: Vec<String> = message.flags.iter().map(letter).collect();
        flags.sort();
        let bytes = String::from_utf8(message.bytes.to_vec()).unwrap();
        (message.uid, (flags.concat(), bytes))
    });
    messages.collect()
}

fn in_maildir(path: &Path) -> Copy {
    let mut copy = Copy::new();
    for file in fs::read_dir(path.join("cur")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let (name, flags) = name.split_once(":2,").unwrap();
        let uid = name.split('.').nth(1).unwrap().parse().unwrap();
        let bytes = fs::read_to_string(file.path()).unwrap();
        let before = copy.insert(uid, (flags.to_owned(), bytes));
        assert_eq!(before, None, "{uid} is there twice");
    }
    assert_eq!(fs::read_dir(path.join("new")).unwrap().count(), 0);
    copy
}

/// Kills a program when so many octets have come from the server, and tells whether it came so far.
fn kill_at(octets: u64, server: &Server, program: impl FnOnce(u16) -> Command) -> bool {
    let plan = FaultPlan::new().once(
        Trigger::octet(Way::ToClient, octets).connection(1),
        Fault::Stall,
    );
    let proxy = FaultProxy::start(server.port(), plan);
    let mut command = program(proxy.port());
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let passage = proxy.first();
    let start = Instant::now();
    while !passage.has_happened() && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < DEADLINE, "it comes to no end");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    passage.has_happened()
}

/// The commands of the clients so far.
fn sent(server: &Server) -> Vec<String> {
    let timeline = server.timeline().into_iter();
    let sent = timeline.filter(|event| event.direction == Direction::Client);
    let command = |event: Event| {
        let mut words = event.line.split(' ').skip(1);
        match words.next() {
            Some("UID") => format!("UID {}", words.next().unwrap()),
            word => word.unwrap().to_owned(),
        }
    };
    sent.map(command).collect()
}

/// What other clients do.
fn change(server: &Server) {
    let messages = server.messages("INBOX");
    let uids: Vec<u32> = messages.iter().map(|message| message.uid).collect();
    assert_eq!(server.expunge(USER, "INBOX", [uids[0], uids[5]]), 2);
    assert!(server.set_flags(USER, "INBOX", uids[2], &["\\Seen", "\\Flagged"]));
    assert!(server.set_flags(USER, "INBOX", uids[7], &["\\Answered"]));
    let number = uids.last().unwrap() + 1;
    let mail = message(&format!("subject {number}"), "a@example.com", "new");
    server.deliver(USER, "INBOX", mail).unwrap();
}

/// The program does not wait until the server has read its LOGOUT.
fn await_logout(server: &Server) {
    let is_logout = |event: &Event| event.line.ends_with(" LOGOUT");
    assert!(server.wait_for(Duration::from_secs(20), is_logout));
}

#[test]
fn a_backup_follows_the_server_and_sends_nothing_for_nothing() {
    let for_nothing: [&[&str]; 3] = [
        &["LOGIN", "ENABLE", "EXAMINE", "LOGOUT"],
        &["LOGIN", "EXAMINE", "LOGOUT"],
        &["LOGIN", "EXAMINE", "UID FETCH", "LOGOUT"],
    ];
    for (capabilities, for_nothing) in WAYS.into_iter().zip(for_nothing) {
        let (server, to) = (server(capabilities, 12), directory("backup"));
        let run = || printed(&mut backup(server.port(), &to));
        assert_eq!(run(), "INBOX: 12 new, 0 changed, 0 gone\n");
        assert_eq!(in_maildir(&to), on_server(&server));

        await_logout(&server);
        server.clear_timeline();
        assert_eq!(run(), "INBOX: nothing has changed\n");
        await_logout(&server);
        assert_eq!(sent(&server), for_nothing, "{capabilities:?}");

        change(&server);
        assert_eq!(run(), "INBOX: 1 new, 2 changed, 2 gone\n");
        assert_eq!(in_maildir(&to), on_server(&server));

        server.reset_uid_validity(USER, "INBOX", [message("anew", "a@example.com", "x")]);
        assert_eq!(
            run(),
            "INBOX: begun anew: UIDVALIDITY has changed\nINBOX: 1 new, 0 changed, 0 gone\n"
        );
        assert_eq!(in_maildir(&to), on_server(&server));
    }
}

#[test]
fn a_backup_that_was_killed_is_completed_by_the_next_run() {
    for capabilities in WAYS {
        let mut kills = 0;
        for octets in (400..).step_by(1_700) {
            let (server, to) = (server(capabilities, 24), directory("killed"));
            let with = |port| {
                let mut command = backup(port, &to);
                command.args(["--batch", "5"]);
                command
            };
            let is_killed = kill_at(octets, &server, with);
            // The newest come first: this one is perhaps in no checkpoint yet.
            let last = match to.join("cur").exists() {
                true => in_maildir(&to).into_keys().next(),
                false => None,
            };
            server.expunge(USER, "INBOX", last);
            change(&server);
            printed(&mut with(server.port()));
            assert_eq!(in_maildir(&to), on_server(&server), "killed at {octets}");
            let again = printed(&mut with(server.port()));
            assert_eq!(again, "INBOX: nothing has changed\n");
            if !is_killed {
                break;
            }
            kills += 1;
        }
        assert!(kills >= 5, "only {kills} runs were killed");
    }
}

#[test]
fn a_backup_of_an_account_is_a_directory_for_each_mailbox() {
    let (server, to) = (account(), directory("account"));
    let run = || printed(backup(server.port(), &to).arg("--all"));
    assert_eq!(
        run(),
        "Archive: 1 new, 0 changed, 0 gone\nDrafts: nothing has changed\n\
         INBOX: 5 new, 0 changed, 0 gone\nSent: 1 new, 0 changed, 0 gone\n\
         Trash: 2 new, 0 changed, 0 gone\n"
    );
    assert_eq!(run(), "nothing has changed\n");
    assert_eq!(in_maildir(&to.join("Trash")).len(), 2);

    // A checkpoint that is damaged is no reason to download anything again.
    let checkpoint = to.join("Trash/checkpoint");
    fs::write(&checkpoint, "checkpoint/1;know").unwrap();
    let trash = || {
        let mut command = backup(server.port(), &to.join("Trash"));
        command.arg("Trash");
        command
    };
    let why = complaint(&mut trash());
    assert!(
        why.contains("damaged") && why.contains("without this file"),
        "{why}"
    );
    fs::remove_file(&checkpoint).unwrap();
    assert_eq!(printed(&mut trash()), "Trash: 2 new, 0 changed, 0 gone\n");
    assert_eq!(in_maildir(&to.join("Trash")).len(), 2);
    assert!(complaint(&mut example("backup")).starts_with("usage: "));
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;

    fn sync(port: u16, file: &Path) -> Command {
        let mut command = example("sync_sqlite");
        command.arg(file).args(["--port", &port.to_string()]);
        command
    }

    /// With the subject in the place of the message.
    fn in_file(file: &Path) -> Copy {
        let db = rusqlite::Connection::open(file).unwrap();
        let mut rows = db
            .prepare("SELECT uid, flags, subject FROM message")
            .unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))));
        rows.unwrap().map(Result::unwrap).collect()
    }

    fn on_server(server: &Server) -> Copy {
        let messages = server.messages("INBOX").into_iter().map(|message| {
            let mut flags = message.flags.clone();
            flags.sort();
            let text = String::from_utf8(message.bytes.to_vec()).unwrap();
            let subject = text.lines().find_map(|line| line.strip_prefix("Subject: "));
            (message.uid, (flags.join(" "), subject.unwrap().to_owned()))
        });
        messages.collect()
    }

    #[test]
    fn a_file_follows_the_server_and_tells_what_has_changed() {
        for capabilities in WAYS {
            let (server, file) = (server(capabilities, 12), directory("sqlite").join("mail"));
            let run = || printed(&mut sync(server.port(), &file));
            assert_eq!(run(), "INBOX: 12 messages of before\n");
            assert_eq!(in_file(&file), on_server(&server));
            assert_eq!(run(), "nothing has changed\n");
            change(&server);
            // By CONDSTORE, what is gone is noticed last.
            let told = run();
            let mut told: Vec<&str> = told.lines().collect();
            told.sort_unstable();
            assert_eq!(
                told,
                [
                    "INBOX: 1 is gone",
                    "INBOX: 13 is new: subject 13",
                    "INBOX: 3 has changed: \\Flagged \\Seen",
                    "INBOX: 6 is gone",
                    "INBOX: 8 has changed: \\Answered",
                ]
            );
            assert_eq!(in_file(&file), on_server(&server));
            assert_eq!(run(), "nothing has changed\n");
        }
    }

    #[test]
    fn a_file_whose_sync_was_killed_is_completed_by_the_next_run() {
        for capabilities in WAYS {
            let mut kills = 0;
            for octets in (400..).step_by(700) {
                let (server, file) = (
                    server(capabilities, 24),
                    directory("killed-sqlite").join("mail"),
                );
                let is_killed = kill_at(octets, &server, |port| sync(port, &file));
                change(&server);
                printed(&mut sync(server.port(), &file));
                assert_eq!(in_file(&file), on_server(&server), "killed at {octets}");
                let again = printed(&mut sync(server.port(), &file));
                assert_eq!(again, "nothing has changed\n");
                if !is_killed {
                    break;
                }
                kills += 1;
            }
            assert!(kills >= 4, "only {kills} runs were killed");
        }
    }

    #[test]
    fn a_batch_and_its_checkpoint_are_in_the_file_together_or_not_at_all() {
        for table in ["message", "mailbox"] {
            let (server, file) = (server(&["QRESYNC"], 12), directory("together").join("mail"));
            printed(&mut sync(server.port(), &file));
            let before = in_file(&file);
            change(&server);
            let db = rusqlite::Connection::open(&file).unwrap();
            let trigger = format!(
                "CREATE TRIGGER full BEFORE INSERT ON {table}
                 BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            );
            db.execute_batch(&trigger).unwrap();
            let (is_good, _, complaint) = run(&mut sync(server.port(), &file));
            assert!(
                !is_good && complaint.contains("the disk is full"),
                "{complaint}"
            );
            assert_eq!(in_file(&file), before);
            db.execute_batch("DROP TRIGGER full").unwrap();
            printed(&mut sync(server.port(), &file));
            assert_eq!(in_file(&file), on_server(&server));
            assert_eq!(
                printed(&mut sync(server.port(), &file)),
                "nothing has changed\n"
            );
        }
    }

    #[test]
    fn all_mailboxes_are_in_one_file() {
        let (server, file) = (account(), directory("all-sqlite").join("mail"));
        let port = server.port().to_string();
        let run = || {
            let mut command = example("sync_sqlite");
            printed(command.arg("--all").arg(&file).args(["--port", &port]))
        };
        assert_eq!(
            run(),
            "Archive: 1 messages of before\nINBOX: 5 messages of before\n\
             Sent: 1 messages of before\nTrash: 2 messages of before\n"
        );
        assert_eq!(run(), "nothing has changed\n");
    }
}
