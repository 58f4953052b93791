//! Connecting in a race, on ports that answer, refuse, or stay silent.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;

/// Far beyond what a busy machine needs.
const LONG: Duration = Duration::from_secs(60);

fn soon() -> Instant {
    Instant::now() + LONG
}

fn listening() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A port that refuses connections, and that the system gives to no other program while it lives.
#[cfg(target_os = "linux")]
fn refusing() -> (TcpListener, SocketAddr) {
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    net::bind(&socket, &any).unwrap();
    let bound = TcpListener::from(socket);
    let address = bound.local_addr().unwrap();
    (bound, address)
}

/// A port that neither accepts nor refuses a connection: its queue is full.
#[cfg(target_os = "linux")]
struct Silent {
    address: SocketAddr,
    listener: TcpListener,
    filling: Vec<OwnedFd>,
}

#[cfg(target_os = "linux")]
impl Silent {
    fn new() -> Self {
        let (listener, address) = refusing();
        net::listen(&listener, 0).unwrap();
        let mut filling = Vec::new();
        loop {
            let socket = begin(address).unwrap();
            let until = Instant::now() + Duration::from_millis(100);
            wait_for_any_to_write([&socket].into_iter(), until).unwrap();
            let is_in_queue = matches!(state(&socket), Ok(State::Connected));
            filling.push(socket);
            if !is_in_queue {
                return Self {
                    address,
                    listener,
                    filling,
                };
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_silent_address_is_overtaken_by_the_next() {
    let (silent, (_listener, address)) = (Silent::new(), listening());
    let began = Instant::now();
    let mut race = Race::new(vec![silent.address, address]);
    let stream = race.run(soon()).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), address);
    assert!(began.elapsed() >= DELAY, "the first was alone for a while");
    assert!(began.elapsed() < LONG / 2, "its end was not waited for");
    assert!(race.failed.is_empty() && race.untried.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn an_address_that_answers_late_still_wins_over_silent_ones() {
    use std::thread;
    let (late, silent) = (Silent::new(), [Silent::new(), Silent::new()]);
    let addresses = vec![late.address, silent[0].address, silent[1].address];
    let mut race = Race::new(addresses);
    thread::scope(|scope| {
        let running = scope.spawn(|| race.run(soon()));
        // Each connection that is accepted makes room in the queue, for this one at last.
        drop(late.filling);
        let accepting = scope.spawn(|| {
            late.listener.set_nonblocking(true).unwrap();
            let mut accepted = Vec::new();
            while !running.is_finished() {
                match late.listener.accept() {
                    Ok((stream, _)) => accepted.push(stream),
                    Err(_) => thread::sleep(Duration::from_millis(5)),
                }
            }
            (running.join().unwrap(), accepted)
        });
        let (stream, _accepted) = accepting.join().unwrap();
        assert_eq!(stream.unwrap().peer_addr().unwrap(), late.address);
    });
    assert!(race.failed.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_refusal_begins_the_next_at_once_also_beside_a_silent_one() {
    let ((_bound, refused), (_listener, address)) = (refusing(), listening());
    let silent = Silent::new();
    let mut addresses = vec![refused; 200];
    addresses.insert(0, silent.address);
    addresses.push(address);
    let began = Instant::now();
    let mut race = Race::new(addresses);
    let stream = race.run(soon()).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), address);
    assert_eq!(race.failed.len(), 200);
    // One after another with the delay they would take almost a minute.
    assert!(began.elapsed() < LONG / 2);
}

#[test]
fn the_first_wins_if_it_answers_and_no_other_is_tried() {
    let ((_one, first), (other, second)) = (listening(), listening());
    let mut race = Race::new(vec![first, second]);
    let stream = race.run(soon()).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), first);
    assert_eq!(race.untried, [second]);
    other.set_nonblocking(true).unwrap();
    assert_eq!(
        other.accept().unwrap_err().kind(),
        io::ErrorKind::WouldBlock
    );
}

#[test]
fn the_winner_blocks_and_carries_octets() {
    let (listener, address) = listening();
    let mut stream = connect_to_first(vec![address], soon()).unwrap();
    let (mut other, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut read = [0; 4];
            stream.read_exact(&mut read).map(|()| read)
        });
        other.write_all(b"* OK").unwrap();
        assert_eq!(&reading.join().unwrap().unwrap(), b"* OK");
    });
}

#[cfg(unix)]
#[test]
fn no_child_process_inherits_the_socket() {
    let (_listener, address) = listening();
    let stream = connect_to_first(vec![address], soon()).unwrap();
    let flags = rustix::io::fcntl_getfd(&stream).unwrap();
    assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
}

#[cfg(target_os = "linux")]
#[test]
fn the_error_lists_each_address_with_what_it_met() {
    let ((_bound, refused), silent) = (refusing(), Silent::new());
    let mut addresses = vec![refused, silent.address];
    let deadline = Instant::now() + DELAY * 2;
    let error = connect_to_first(addresses.clone(), deadline).unwrap_err();
    let listed: Vec<_> = error.attempts().map(|(address, _)| address).collect();
    assert_eq!(listed, addresses);
    assert!(error.is_timeout());
    let text = error.to_string();
    assert!(text.contains(&format!("{refused}: ")), "{text}");
    assert!(
        text.contains(&format!("{}: no answer", silent.address)),
        "{text}"
    );
    // Out of time before the last was begun.
    addresses.extend([silent.address; 9]);
    let error = connect_to_first(addresses.clone(), Instant::now() + DELAY * 2).unwrap_err();
    assert_eq!(error.attempts().count(), addresses.len());
    assert!(error.to_string().ends_with("and 3 others"), "{error}");
    let last = error.attempts().last().unwrap();
    assert_eq!(last.1.to_string(), "not tried");
    let error = connect_to_first(vec![refused], soon()).unwrap_err();
    assert!(!error.is_timeout());
    let (_, cause) = error.attempts().next().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn a_deadline_that_has_passed_begins_nothing() {
    let (_listener, address) = listening();
    let mut race = Race::new(vec![address]);
    assert!(race.run(Instant::now()).is_none());
    assert_eq!(race.untried, [address]);
    assert!(race.into_error().is_timeout());
}
