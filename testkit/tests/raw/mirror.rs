//! Random histories: what clients are told gives them what the server holds.

use std::collections::BTreeMap;
use std::net::TcpStream;

use latchbox_testkit::{NewMessage, Server, USER, message};

use crate::client::Client;

type Raw = Client<TcpStream>;

/// The flags of each UID, in order.
type Flags = BTreeMap<u32, Vec<String>>;

const BOX: &str = "Box";

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

fn hello() -> NewMessage {
    NewMessage::new(message("Hello", "ann@example.com", "Hi!"))
}

fn truth(server: &Server) -> Flags {
    let messages = server.messages(BOX).into_iter();
    messages
        .map(|mut message| {
            message.flags.sort();
            (message.uid, message.flags)
        })
        .collect()
}

/// Changes the mailbox in one way of several.
fn change(server: &Server, numbers: &mut Numbers) {
    let uids: Vec<u32> = truth(server).into_keys().collect();
    let one = uids.get(numbers.below(uids.len().max(1))).copied();
    match (numbers.below(12), one) {
        (0..=3, Some(uid)) => {
            let flags = [&[][..], &["\\Seen"], &["a", "\\Seen"], &["a", "b"]];
            server.set_flags(USER, BOX, uid, flags[numbers.below(4)]);
        }
        (4..=5, Some(uid)) => drop(server.expunge(USER, BOX, uid..uid + 3)),
        (6, Some(uid)) => drop(server.move_message(USER, BOX, uid, "Other")),
        (7, Some(_)) => drop(server.forget_expunges(USER, BOX)),
        (8, _) if numbers.below(5) == 0 => {
            server.reset_uid_validity(USER, BOX, [hello(), hello()]);
        }
        _ => drop(server.deliver(USER, BOX, hello().flag("new"))),
    }
}

/// The number behind a word.
fn number(lines: &[String], word: &str) -> u64 {
    let found = lines.iter().find_map(|line| line.split_once(word));
    let digits = found.map_or("", |(_, rest)| rest);
    let end = digits.split(|c: char| !c.is_ascii_digit()).next();
    end.unwrap().parse().unwrap()
}

fn vanish(known: &mut Flags, set: &str) {
    for range in set.split(',') {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().unwrap(), last.parse().unwrap());
        known.retain(|uid, _| !(first..=last).contains(uid));
    }
}

/// The sequence number, UID and flags of a row, without `\Recent`, which is no flag of the message.
fn row(line: &str) -> Option<(usize, u32, Vec<String>)> {
    let (seq, rest) = line.strip_prefix("* ")?.split_once(" FETCH (UID ")?;
    let (uid, rest) = rest.split_once(" FLAGS (")?;
    let (flags, _) = rest.split_once(')')?;
    let flags = flags.split_whitespace().filter(|flag| *flag != "\\Recent");
    let mut flags: Vec<String> = flags.map(str::to_owned).collect();
    flags.sort();
    Some((seq.parse().unwrap(), uid.parse().unwrap(), flags))
}

/// A copy that is brought up to date by SELECT with QRESYNC.
#[derive(Default)]
struct Mirror {
    uid_validity: u64,
    mod_seq: u64,
    known: Flags,
}

impl Mirror {
    fn catch_up(&mut self, client: &mut Raw) {
        let (uid_validity, mod_seq) = (self.uid_validity.max(1), self.mod_seq.max(1));
        let mut lines = client.ask(&format!(
            "EXAMINE {BOX} (QRESYNC ({uid_validity} {mod_seq}))"
        ));
        self.mod_seq = number(&lines, "[HIGHESTMODSEQ ");
        if number(&lines, "[UIDVALIDITY ") != self.uid_validity {
            self.uid_validity = number(&lines, "[UIDVALIDITY ");
            self.known.clear();
            lines.extend(client.ask("UID FETCH 1:* (FLAGS)"));
        }
        for line in &lines {
            if let Some(set) = line.strip_prefix("* VANISHED (EARLIER) ") {
                vanish(&mut self.known, set);
            } else if let Some((_, uid, flags)) = row(line) {
                self.known.insert(uid, flags);
            }
        }
        let exists = format!("* {} EXISTS", self.known.len());
        assert!(lines.contains(&exists), "{exists}: {lines:#?}");
    }
}

/// A client that stays, and is told.
struct Observer {
    client: Raw,
    known: Flags,
}

impl Observer {
    fn new(server: &Server, qresync: bool) -> Self {
        let mut client = Client::login(server);
        if qresync {
            client.ask("ENABLE QRESYNC");
        }
        client.ask(&format!("EXAMINE {BOX}"));
        let mut observer = Self {
            client,
            known: Flags::new(),
        };
        observer.fetch();
        observer
    }

    fn fetch(&mut self) {
        let rows = self.client.ask("UID FETCH 1:* (FLAGS)");
        self.hear(&rows);
    }

    /// False when the server has hung up.
    fn catch_up(&mut self) -> bool {
        let lines = self.client.try_ask("NOOP");
        if lines[0].starts_with("* BYE") {
            return false;
        }
        self.hear(&lines);
        let last = self.known.keys().last().copied().unwrap_or(0);
        let rows = self
            .client
            .ask(&format!("UID FETCH {}:* (FLAGS)", last + 1));
        self.hear(&rows);
        true
    }

    fn hear(&mut self, lines: &[String]) {
        for line in lines {
            if let Some(set) = line.strip_prefix("* VANISHED ") {
                vanish(&mut self.known, set);
            } else if let Some(seq) = line.strip_suffix(" EXPUNGE") {
                let seq: usize = seq.trim_start_matches("* ").parse().unwrap();
                let uid = *self.known.keys().nth(seq - 1).unwrap();
                self.known.remove(&uid);
            } else if let Some((seq, uid, flags)) = row(line) {
                self.known.insert(uid, flags);
                assert_eq!(self.known.keys().position(|own| *own == uid), Some(seq - 1));
            }
        }
    }
}

#[test]
fn copies_end_up_as_the_server_is() {
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let server = Server::builder()
            .with("QRESYNC")
            .mailbox(BOX, [hello(), hello(), hello()])
            .start()
            .unwrap();
        let mut client = Client::login(&server);
        client.ask("ENABLE QRESYNC");
        let mut mirror = Mirror::default();
        let mut observers = [true, false].map(|qresync| Observer::new(&server, qresync));
        for step in 0..20 {
            for _ in 0..numbers.below(4) {
                change(&server, &mut numbers);
            }
            let expected = truth(&server);
            mirror.catch_up(&mut client);
            assert_eq!(mirror.known, expected, "seed {seed}, step {step}");
            let state = server.state(USER, BOX).unwrap();
            assert_eq!(state.highest_mod_seq, mirror.mod_seq);
            for (observer, qresync) in observers.iter_mut().zip([true, false]) {
                if !observer.catch_up() {
                    *observer = Observer::new(&server, qresync);
                }
                assert_eq!(
                    observer.known, expected,
                    "seed {seed}, step {step}, {qresync}"
                );
            }
        }
    }
}
