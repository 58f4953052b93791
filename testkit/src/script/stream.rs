//! The script's end of one connection, plain or TLS, with what was read ahead.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{DEADLINE, Shared};
use crate::certificates::Leaf;
use crate::deflate::Deflate;
use crate::socket::Socket;
use crate::tls::{Acceptor, Tls};

/// How a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client closed the connection, in order or not.
    Closed,
    /// Nothing came within the deadline.
    Silent,
}

pub(super) struct Stream {
    channel: Channel,
    /// The same socket, for what TLS hides.
    socket: Socket,
    /// Its key among the handles that the end of the test uses.
    number: usize,
    ahead: Vec<u8>,
    shared: Arc<Shared>,
    deflate: Option<Deflate>,
}

enum Channel {
    Plain(Socket),
    Tls(Box<Tls>),
    /// While a handshake has the socket, and after it failed.
    None,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, shared: &Arc<Shared>) -> io::Result<Self> {
        let socket = Socket::new(socket, Some(DEADLINE))?;
        let mut state = shared.lock();
        if state.cut {
            socket.shutdown(Shutdown::Both)?;
        }
        state.connections += 1;
        let number = state.connections;
        state.sockets.insert(number, socket.try_clone()?);
        drop(state);
        let channel = Channel::Plain(socket.try_clone()?);
        Ok(Self {
            channel,
            socket,
            number,
            ahead: Vec::new(),
            shared: Arc::clone(shared),
            deflate: None,
        })
    }

    /// Compresses both directions from here on; what is ahead already came so.
    pub(super) fn deflate(&mut self) -> io::Result<()> {
        self.deflate = Some(Deflate::new(Vec::new())?);
        let compressed = std::mem::take(&mut self.ahead);
        self.ahead = self.inflated(compressed)?;
        Ok(())
    }

    /// All of what was read, as it was before it was compressed.
    fn inflated(&mut self, read: Vec<u8>) -> io::Result<Vec<u8>> {
        let Some(deflate) = &mut self.deflate else {
            return Ok(read);
        };
        deflate.has_arrived(&read);
        let (mut octets, mut buffer) = (Vec::new(), [0; 16 * 1024]);
        loop {
            match deflate.read(&mut buffer)? {
                0 => return Ok(octets),
                count => octets.extend_from_slice(&buffer[..count]),
            }
        }
    }

    /// Sends to the client. What is sent to a client that has closed the connection is lost, and no
    /// error: whether the system reports that depends on how fast the client was.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        match self.write(bytes) {
            Err(error)
                if matches!(
                    error.kind(),
                    BrokenPipe | ConnectionAborted | ConnectionReset
                ) =>
            {
                Ok(())
            }
            written => written,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let compressed;
        let bytes = match &mut self.deflate {
            None => bytes,
            Some(deflate) => {
                compressed = deflate.compressed(bytes)?;
                &compressed
            }
        };
        match &mut self.channel {
            Channel::Plain(stream) => stream.write_all(bytes),
            Channel::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
            Channel::None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// The client's next line with its line end, or what came instead of one.
    pub(super) fn line(&mut self) -> (Vec<u8>, Option<End>) {
        let mut looked_at = 0;
        loop {
            let end = self.ahead[looked_at..]
                .iter()
                .position(|&byte| byte == b'\n');
            if let Some(end) = end {
                return (self.take(looked_at + end + 1), None);
            }
            looked_at = self.ahead.len();
            if let Err(end) = self.read() {
                return (self.take(looked_at), Some(end));
            }
        }
    }

    /// The client's next bytes, fewer when no more came.
    pub(super) fn bytes(&mut self, count: usize) -> (Vec<u8>, Option<End>) {
        while self.ahead.len() < count {
            if let Err(end) = self.read() {
                return (self.take(self.ahead.len()), Some(end));
            }
        }
        (self.take(count), None)
    }

    /// Everything until the client says no more.
    pub(super) fn rest(&mut self) -> (Vec<u8>, End) {
        loop {
            if let Err(end) = self.read() {
                return (self.take(self.ahead.len()), end);
            }
        }
    }

    /// Waits until something comes or the client closes; takes nothing.
    pub(super) fn wait(&mut self) -> Result<(), End> {
        if self.ahead.is_empty() {
            self.read()
        } else {
            Ok(())
        }
    }

    /// What has come and was not taken.
    pub(super) fn waiting(&mut self) -> Vec<u8> {
        if self.socket.set_nonblocking(true).is_ok() {
            while self.read().is_ok() {}
            let _ = self.socket.set_nonblocking(false);
        }
        self.take(self.ahead.len())
    }

    /// What was read and not taken.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.ahead
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.ahead.split_off(count);
        std::mem::replace(&mut self.ahead, rest)
    }

    /// Reads once, which the end of the test ends.
    fn read(&mut self) -> Result<(), End> {
        let mut buffer = [0; 16 * 1024];
        let read = match &mut self.channel {
            Channel::Plain(stream) => stream.read(&mut buffer),
            Channel::Tls(stream) => stream.read(&mut buffer),
            Channel::None => Ok(0),
        };
        match read {
            Ok(0) => Err(End::Closed),
            Ok(count) => {
                let octets = self.inflated(buffer[..count].to_vec()).unwrap();
                self.ahead.extend_from_slice(&octets);
                self.shared.lock().heard.extend_from_slice(&octets);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.read(),
            Err(error) if is_timeout(&error) => Err(End::Silent),
            Err(_) => Err(End::Closed),
        }
    }

    /// Goes over to TLS, as its server.
    pub(super) fn handshake(&mut self, leaf: &Leaf) -> Result<(), String> {
        let Channel::Plain(socket) = std::mem::replace(&mut self.channel, Channel::None) else {
            return Err("the connection is no plain one".into());
        };
        let acceptor = Acceptor::new(leaf.certificate, leaf.key);
        let accepted = acceptor.and_then(|acceptor| acceptor.accept(socket));
        self.channel = Channel::Tls(Box::new(accepted.map_err(|error| error.to_string())?));
        Ok(())
    }

    /// Says farewell as TLS wants it; what closes TCP is the drop.
    pub(super) fn farewell(&mut self) {
        if let Channel::Tls(stream) = &mut self.channel {
            stream.shutdown();
        }
    }

    pub(super) fn half_close(&mut self) -> io::Result<()> {
        self.farewell();
        self.socket.shutdown(Shutdown::Write)
    }

    /// Makes the drop a reset.
    pub(super) fn reset_on_drop(&self) -> io::Result<()> {
        Ok(rustix::net::sockopt::set_socket_linger(
            self.socket.system(),
            Some(Duration::ZERO),
        )?)
    }

    /// Waits until the client has read what was sent: at least what has arrived there, and
    /// with `all` whatever the system still holds back on this side.
    pub(super) fn taken(&self, all: bool) -> Result<(), String> {
        let (Ok(own), Ok(peer)) = (
            self.socket.system().local_addr(),
            self.socket.system().peer_addr(),
        ) else {
            return Ok(());
        };
        let start = Instant::now();
        while unread(peer.port(), own.port()).is_some_and(|(_, received)| received > 0)
            || (all && unread(own.port(), peer.port()).is_some_and(|(sending, _)| sending > 0))
        {
            if start.elapsed() > DEADLINE {
                return Err("the client does not read".into());
            }
            thread::sleep(Duration::from_micros(100));
        }
        Ok(())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // A socket closes when its last handle does.
        self.shared.lock().sockets.remove(&self.number);
    }
}

/// Octets that the system holds for the connection from one port to another on this machine: not
/// yet acknowledged, and not yet read. `None` when it knows no such connection, or does not tell.
fn unread(from: u16, to: u16) -> Option<(u64, u64)> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let ends_with_port = |address: &str, port: u16| {
        address
            .rsplit(':')
            .next()
            .and_then(|text| u16::from_str_radix(text, 16).ok())
            == Some(port)
    };
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (local, remote) = (fields.next()?, fields.next()?);
        if !ends_with_port(local, from) || !ends_with_port(remote, to) {
            return None;
        }
        let (sending, received) = fields.nth(1)?.split_once(':')?;
        let octets = |text| u64::from_str_radix(text, 16).ok();
        Some((octets(sending)?, octets(received)?))
    })
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
