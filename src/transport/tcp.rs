//! TCP: resolves a name and connects within one deadline, without Nagle, with keepalive.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use crate::transport::race::connect_to_first;
use crate::transport::socket::Socket;
use crate::transport::tcp_error::TcpError;

/// Used if there is no deadline: no resolver and no address takes as long.
const DAY: Duration = Duration::from_secs(86_400);

/// Sets an option of a socket.
type Tune = fn(&TcpStream) -> io::Result<()>;

/// The options of each socket. Windows has TCP_KEEPIDLE since version 1709.
const OPTIONS: &[(&str, Tune)] = &[
    ("TCP_NODELAY", |stream| stream.set_nodelay(true)),
    ("SO_KEEPALIVE", |stream| {
        Ok(sockopt::set_socket_keepalive(stream, true)?)
    }),
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        windows
    ))]
    ("TCP_KEEPIDLE", |stream| {
        // The idle time after which the kernel probes whether the other end is still there.
        Ok(sockopt::set_tcp_keepidle(stream, Duration::from_secs(120))?)
    }),
];

/// The reason why no address accepted a connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The name has no address, or the resolver failed.
    Resolve(io::Error),
    /// No address accepted the connection.
    Connect(TcpError),
}

/// Connects to the first address of `host` that answers, within `deadline`.
pub(crate) fn connect(host: &str, port: u16, deadline: Option<Instant>) -> Result<Socket, Refusal> {
    let deadline = deadline.unwrap_or_else(|| Instant::now() + DAY);
    let addresses = resolve(host, port, deadline).map_err(Refusal::Resolve)?;
    let stream = connect_to_first(alternate(addresses), deadline).map_err(Refusal::Connect)?;
    tune(&stream, OPTIONS);
    Ok(Socket::from(stream))
}

/// Sets these options, as far as the system has them.
///
/// They only tune the socket: without one, latency is higher or a dead peer is detected later, but
/// the connection works.
fn tune(stream: &TcpStream, options: &[(&str, Tune)]) {
    for (name, set) in options {
        if let Err(error) = set(stream) {
            log::debug!("{name} was not set: {error}");
        }
    }
}

/// Resolves a name on its own thread, because the resolver has no deadline.
///
/// The thread ends when the resolver does.
fn resolve(host: &str, port: u16, deadline: Instant) -> io::Result<Vec<SocketAddr>> {
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
    let left = deadline.saturating_duration_since(Instant::now());
    let found = wait.recv_timeout(left).map_err(|_| {
        io::Error::new(
            io::ErrorKind::TimedOut,
            "the lookup timed out (connect_timeout or open_timeout)",
        )
    })??;
    if found.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the name has no address",
        ));
    }
    Ok(found)
}

/// The order of RFC 8305: families alternate, beginning with that of the first address.
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
    fn fault_67_what_only_tunes_a_socket_fails_no_connection() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static TRIED: AtomicUsize = AtomicUsize::new(0);
        const REFUSED: Tune = |_| {
            TRIED.fetch_add(1, Ordering::Relaxed);
            Err(io::ErrorKind::Unsupported.into())
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        tune(&stream, &[("ONE", REFUSED), ("OTHER", REFUSED)]);
        assert_eq!(TRIED.load(Ordering::Relaxed), 2);
        tune(&stream, OPTIONS);
        assert!(stream.nodelay().unwrap());
        assert!(sockopt::socket_keepalive(&stream).unwrap());
    }

    #[test]
    fn brackets_of_an_ipv6_literal_are_no_part_of_it() {
        let soon = Instant::now() + Duration::from_secs(5);
        assert_eq!(
            resolve("[::1]", 7, soon).unwrap(),
            ["[::1]:7".parse().unwrap()]
        );
    }
}
