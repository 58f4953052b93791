//! TCP: every address of a name within one deadline, no Nagle, keepalive.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use crate::transport::socket::Socket;

/// How long a line may be silent before the kernel asks whether the other end still lives.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(120);

/// The least that an address is given to answer when many share a deadline.
const LEAST_FOR_AN_ADDRESS: Duration = Duration::from_millis(250);

/// Why no address could be connected to.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The name has no address, or the resolver failed.
    Resolve(io::Error),
    /// What the last address tried said.
    Connect(io::Error),
}

/// Tries the addresses of `host` in turn, families alternating, all within `deadline`.
pub(crate) fn connect(host: &str, port: u16, deadline: Option<Instant>) -> Result<Socket, Refusal> {
    let addresses = alternate(resolve(host, port, deadline).map_err(Refusal::Resolve)?);
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    let mut untried = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        let left = left_until(deadline);
        if left.is_zero() {
            break;
        }
        let share = (left / untried.max(1)).max(LEAST_FOR_AN_ADDRESS).min(left);
        match TcpStream::connect_timeout(&address, share) {
            Ok(stream) => return prepared(stream).map_err(Refusal::Connect),
            Err(error) => last = error,
        }
        untried -= 1;
    }
    Err(Refusal::Connect(last))
}

fn prepared(stream: TcpStream) -> io::Result<Socket> {
    stream.set_nodelay(true)?;
    keep_alive(&stream)?;
    Ok(Socket::from(stream))
}

/// What is left of a deadline; a day where there is none, which no resolver and no address takes.
fn left_until(deadline: Option<Instant>) -> Duration {
    let day = Duration::from_secs(86_400);
    deadline.map_or(day, |deadline| {
        deadline.saturating_duration_since(Instant::now())
    })
}

fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    sockopt::set_socket_keepalive(stream, true)?;
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        windows
    ))]
    sockopt::set_tcp_keepidle(stream, KEEPALIVE_AFTER)?;
    Ok(())
}

/// Looks a name up on a thread of its own, because the resolver knows no deadline; the thread
/// ends when the resolver does.
fn resolve(host: &str, port: u16, deadline: Option<Instant>) -> io::Result<Vec<SocketAddr>> {
    let bare = host
        .strip_prefix('[')
        .and_then(|h| h.strip_suffix(']'))
        .unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (answer, wait) = mpsc::channel();
    let name = bare.to_owned();
    thread::Builder::new()
        .name("latchbox-resolver".into())
        .spawn(move || {
            let found = (name.as_str(), port)
                .to_socket_addrs()
                .map(Iterator::collect::<Vec<_>>);
            let _ = answer.send(found);
        })?;
    let left = left_until(deadline);
    let found = wait
        .recv_timeout(left)
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    if found.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the name has no address",
        ));
    }
    Ok(found)
}

/// The order of RFC 8305: families in turn, beginning with the one the resolver put first.
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let count = addresses.len();
    let (a, b): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    let mut ordered = Vec::with_capacity(count);
    while ordered.len() < count {
        ordered.extend(a.next());
        ordered.extend(b.next());
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"].map(address);
        let wanted = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"].map(address);
        assert_eq!(alternate(given.to_vec()), wanted);
    }

    #[test]
    fn brackets_of_an_ipv6_literal_are_no_part_of_it() {
        let soon = Instant::now() + Duration::from_secs(5);
        assert_eq!(
            resolve("[::1]", 7, Some(soon)).unwrap(),
            ["[::1]:7".parse().unwrap()]
        );
    }
}
