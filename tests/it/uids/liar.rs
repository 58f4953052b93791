//! A proxy before the in-process server that changes which messages the server names.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// What is done to the numbers of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    /// Others are named, too.
    Add,
    /// One is left out.
    Drop,
    /// One is named in place of another.
    Swap,
    /// A command is said to be done for some of its messages only, down to one or another UID.
    Stop,
}

/// The highest number that is named.
const HIGHEST: u32 = 12;

/// Small random numbers that are the same for the same seed.
pub(super) struct Dice(AtomicU64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1))
    }

    /// From 0 up to `most`, without it.
    pub(super) fn below(&self, most: u32) -> u32 {
        let next = |state: u64| {
            let state = state ^ (state << 13);
            let state = state ^ (state >> 7);
            state ^ (state << 17)
        };
        let state = self.0.load(Ordering::Relaxed);
        self.0.store(next(state), Ordering::Relaxed);
        ((next(state) >> 33) % u64::from(most)) as u32
    }
}

/// Listens on the port that is returned, for one connection.
pub(super) fn lying_before(server: u16, lie: Lie, dice: Arc<Dice>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
        let (mut up, from_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || {
            let mut octets = [0; 4096];
            let mut from_client = from_client;
            while let Ok(count @ 1..) = from_client.read(&mut octets) {
                if up.write_all(&octets[..count]).is_err() {
                    break;
                }
            }
            let _ = up.shutdown(Shutdown::Both);
        });
        for line in BufReader::new(server).lines() {
            let Ok(line) = line else { break };
            let line = changed(&line, lie, &dice);
            if client.write_all(format!("{line}\r\n").as_bytes()).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    });
    port
}

fn changed(line: &str, lie: Lie, dice: &Dice) -> String {
    if lie == Lie::Stop {
        let is_long = [
            "UID STORE",
            "UID COPY",
            "UID MOVE",
            "UID EXPUNGE",
            "STORE",
            "EXPUNGE",
        ];
        let done = line.split_once(" OK ").filter(|(tag, rest)| {
            !tag.starts_with('*') && is_long.iter().any(|name| rest.contains(name))
        });
        return match done {
            Some((tag, rest)) if dice.below(2) == 0 && !rest.starts_with('[') => {
                let lowest = 1 + dice.below(HIGHEST);
                format!("{tag} OK [MESSAGELIMIT 2 {lowest}] {rest}")
            }
            _ => line.to_owned(),
        };
    }
    if let Some(numbers) = line.strip_prefix("* SEARCH") {
        return format!("* SEARCH {}", lied(numbers.trim(), " ", lie, dice));
    }
    if let Some((before, set)) = line
        .split_once(" ALL ")
        .filter(|_| line.contains("ESEARCH"))
    {
        let (set, behind) = set.split_once(' ').unwrap_or((set, ""));
        let set = lied(set, ",", lie, dice);
        return format!("{before} ALL {set} {behind}").trim_end().to_owned();
    }
    if let Some((before, rest)) = line.split_once("COPYUID ") {
        let mut words = rest.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (validity, sources, rest) = (word(), word(), word());
        let (copies, rest) = rest.split_once(']').unwrap_or((rest, ""));
        let sources = lied(sources, ",", lie, dice);
        return format!("{before}COPYUID {validity} {sources} {copies}]{rest}");
    }
    line.to_owned()
}

/// The numbers of a set with a lie, apart from each other.
fn lied(set: &str, between: &str, lie: Lie, dice: &Dice) -> String {
    let mut numbers: Vec<u32> = set
        .split([',', ' '])
        .filter(|piece| !piece.is_empty())
        .flat_map(|piece| {
            let (first, last) = piece.split_once(':').unwrap_or((piece, piece));
            first.parse::<u32>().unwrap()..=last.parse::<u32>().unwrap()
        })
        .collect();
    let one = |dice: &Dice| 1 + dice.below(HIGHEST);
    match lie {
        Lie::Add => (0..3).for_each(|_| numbers.push(one(dice))),
        Lie::Drop if !numbers.is_empty() => {
            let place = dice.below(numbers.len() as u32);
            numbers.remove(place as usize);
        }
        Lie::Swap if !numbers.is_empty() => {
            let place = dice.below(numbers.len() as u32);
            numbers[place as usize] = one(dice);
        }
        _ => {}
    }
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(between)
}
