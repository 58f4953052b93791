//! Every octet comes out as it came in, whatever the size of the buffer at that moment.

use std::io::{Read, Write};
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;
use crate::transport::plain::Plain;

/// Gives octets in reads of these lengths, in turn, and notes how large the places of the reads are.
struct Feed {
    octets: Vec<u8>,
    at: usize,
    lengths: Vec<usize>,
    places: Places,
}

type Places = Arc<Mutex<Vec<usize>>>;

impl Read for Feed {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let mut places = self.places.lock().unwrap();
        let most = self.lengths[places.len() % self.lengths.len()];
        places.push(place.len());
        let rest = &self.octets[self.at..];
        let count = rest.len().min(place.len()).min(most);
        place[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Feed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn octets(count: usize) -> Vec<u8> {
    (0..=250).cycle().take(count).collect()
}

fn fed(octets: Vec<u8>, lengths: &[usize]) -> (Box<dyn Transport>, Places) {
    let places = Places::default();
    let feed = Feed {
        octets,
        at: 0,
        lengths: lengths.to_vec(),
        places: Arc::clone(&places),
    };
    (Box::new(Plain(feed)), places)
}

fn buffered(count: usize, lengths: &[usize]) -> (Buffered, Places) {
    let (transport, places) = fed(octets(count), lengths);
    (Buffered::new(transport), places)
}

/// Reads once and takes it all.
fn read(buffered: &mut Buffered) -> usize {
    buffered.fill().unwrap();
    let read = buffered.unread();
    buffered.consume(read);
    read
}

#[derive(Clone, Debug)]
enum Step {
    Take(usize),
    GiveBack,
    EndCommand,
    Send,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..2 * SHORT).prop_map(Step::Take),
        4 => Just(Step::Take(READ)),
        1 => Just(Step::GiveBack),
        1 => Just(Step::EndCommand),
        1 => Just(Step::Send),
    ]
}

fn length() -> impl Strategy<Value = usize> {
    prop_oneof![1..2 * SHORT, Just(SHORT), Just(READ), Just(usize::MAX)]
}

proptest! {
    #[test]
    fn no_octet_is_lost_when_the_buffer_changes(
        count in 0_usize..500_000,
        lengths in prop::collection::vec(length(), 1..8),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let (mut buffered, _) = buffered(count, &lengths);
        let mut taken = Vec::new();
        for step in steps.iter().chain(std::iter::repeat(&Step::Take(READ))) {
            match step {
                Step::Take(most) => {
                    buffered.fill().unwrap();
                    let bytes = buffered.bytes();
                    if bytes.is_empty() {
                        break;
                    }
                    let take = bytes.len().min(*most);
                    taken.extend_from_slice(&bytes[..take]);
                    buffered.consume(take);
                }
                Step::GiveBack => buffered.give_back(),
                Step::EndCommand => {
                    if buffered.is_large() && buffered.should_rest() {
                        buffered.give_back();
                    }
                }
                Step::Send => {
                    let (one, other) = ([b'a'; 7], [b'b'; 9]);
                    let pieces = &mut [IoSlice::new(&one), IoSlice::new(&other)];
                    buffered.send(pieces).unwrap();
                }
            }
        }
        prop_assert_eq!(taken, octets(count));
    }
}

#[test]
fn the_buffer_is_large_once_a_read_has_filled_it_and_until_it_is_given_back() {
    let (mut buffered, places) = buffered(1 << 20, &[100, SHORT - 1, SHORT, READ, 1, READ]);
    (0..4).for_each(|_| assert!(read(&mut buffered) > 0));
    assert!(buffered.is_large());
    buffered.fill().unwrap();
    // What was not taken yet is not thrown away.
    buffered.give_back();
    assert!(buffered.is_large());
    buffered.consume(1);
    buffered.give_back();
    assert!(!buffered.is_large());
    (0..2).for_each(|_| assert!(read(&mut buffered) > 0));
    let sizes = [SHORT, SHORT, SHORT, READ, READ, SHORT, READ];
    assert_eq!(*places.lock().unwrap(), sizes);
}

#[test]
fn a_buffer_that_is_needed_again_and_again_at_once_is_kept() {
    let (mut buffered, _) = buffered(1 << 20, &[SHORT, 1]);
    let mut long_answer = |at: Duration| {
        let began = buffered.traffic().began();
        buffered.traffic().note_time(began + at);
        while read(&mut buffered) != 1 {}
        let rests = buffered.should_rest();
        if rests {
            buffered.give_back();
        }
        rests
    };
    let begin = 10 * SHORT_INTERVAL;
    assert!(long_answer(begin));
    let soon = |times: u32| begin + times * SHORT_INTERVAL / 4;
    assert!((1..u32::from(HASTE)).all(|times| long_answer(soon(times))));
    let mut later = (u32::from(HASTE)..).map(|times| long_answer(soon(times)));
    assert_eq!(
        later.position(|rests| rests),
        Some(usize::from(COMMANDS) - 1)
    );
}

#[test]
fn a_buffer_that_is_needed_now_and_then_is_always_given_back() {
    let (mut buffered, _) = buffered(1 << 20, &[SHORT, 1]);
    for times in 1..4 * u32::from(HASTE) {
        let now = buffered.traffic().began() + times * SHORT_INTERVAL;
        buffered.traffic().note_time(now);
        while read(&mut buffered) != 1 {}
        assert!(buffered.is_large() && buffered.should_rest());
        buffered.give_back();
    }
}

#[test]
fn before_starttls_no_octet_is_read_ahead() {
    let (transport, places) = fed(octets(3 * SHORT), &[usize::MAX]);
    let mut buffered = Buffered::without_read_ahead(transport);
    (0..2 * SHORT).for_each(|_| assert_eq!(read(&mut buffered), 1));
    buffered.give_back();
    assert_eq!(read(&mut buffered), 1);
    assert!(places.lock().unwrap().iter().all(|place| *place == 1));
    assert!(buffered.into_transport().is_some());
}
