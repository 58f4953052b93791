//! A connection's bytes, in the clear or through TLS, compressed or not, and harmed by the plan.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

use crate::deflate::Deflate;
use crate::faults::{Engine, Step, Way};
use crate::server::Shared;
use crate::socket::Socket;
use crate::timeline::Direction;
use crate::tls::{Acceptor, Tls};
use crate::waker::Waker;

/// Both kinds of stream; the plain socket stays reachable for polling and closing.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: Socket,
    tls: Option<Tls>,
    deflate: Option<Box<Deflate>>,
    engine: Engine,
    shared: Arc<Shared>,
    id: u64,
    /// What is to be done with octets that have arrived.
    arrived: VecDeque<Step>,
    /// Nothing more arrives.
    has_ended: bool,
    /// Nothing more goes to the client.
    is_stalled: bool,
}

impl Stream {
    pub(crate) fn new(socket: Socket, shared: &Arc<Shared>, id: u64) -> Self {
        Self {
            socket,
            tls: None,
            deflate: None,
            engine: Engine::new(&shared.faults, id),
            shared: Arc::clone(shared),
            id,
            arrived: VecDeque::new(),
            has_ended: false,
            is_stalled: false,
        }
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// What a client can bind to (RFC 5929 section 4).
    #[cfg(feature = "scram")]
    pub(crate) fn server_end_point(&self) -> Option<Vec<u8>> {
        self.tls.as_ref()?.server_end_point()
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.deflate.is_some()
    }

    /// Compresses from here on; `arrived` was read and is compressed already.
    pub(crate) fn compress(&mut self, arrived: Vec<u8>) -> io::Result<()> {
        self.deflate = Some(Box::new(Deflate::new(arrived)?));
        Ok(())
    }

    /// Does the server's part of the TLS handshake.
    pub(crate) fn start_tls(&mut self, acceptor: &Acceptor) -> io::Result<()> {
        self.tls = Some(acceptor.accept(self.socket.try_clone()?)?);
        Ok(())
    }

    /// Waits until there is something to read or somebody woke; says whether there is.
    pub(crate) fn wait(&self, waker: &Waker) -> io::Result<bool> {
        let is_inflated = self.deflate.as_ref().is_some_and(|d| d.has_input());
        if is_inflated || !self.arrived.is_empty() {
            return Ok(true);
        }
        let decrypted = match &self.tls {
            Some(tls) => tls.decrypted()?,
            None => 0,
        };
        if decrypted > 0 {
            Ok(true)
        } else {
            self.socket.wait(waker)
        }
    }

    /// Says goodbye in TLS; the socket is closed by its owner.
    pub(crate) fn finish(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.shutdown();
        }
    }
}

impl Stream {
    fn read_below(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => tls.read(buffer),
            None => self.socket.read(buffer),
        }
    }

    fn write_below(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => tls.write_all(bytes),
            None => self.socket.write_all(bytes),
        }
    }
}

/// Octets that no fault has met.
impl Stream {
    fn read_unharmed(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut deflate) = self.deflate.take() else {
            return self.read_below(buffer);
        };
        let read = loop {
            match deflate.read(buffer) {
                Ok(0) if !buffer.is_empty() => {}
                read => break read,
            }
            let mut chunk = [0; 16 << 10];
            match self.read_below(&mut chunk) {
                Ok(0) => break Ok(0),
                Ok(read) => deflate.has_arrived(chunk.get(..read).unwrap_or_default()),
                Err(error) => break Err(error),
            }
        };
        self.deflate = Some(deflate);
        read
    }

    fn write_unharmed(&mut self, buffer: &[u8]) -> io::Result<()> {
        match &mut self.deflate {
            Some(deflate) if !buffer.is_empty() => {
                let compressed = deflate.compressed(buffer)?;
                self.write_below(&compressed)
            }
            _ => self.write_below(buffer),
        }
    }

    fn flush_unharmed(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => tls.flush(),
            None => self.socket.flush(),
        }
    }
}

/// The faults of the plan.
impl Stream {
    /// Reads the rest of what the client sends, which reaches the server late.
    fn read_to_the_end(&mut self) {
        let mut chunk = [0; 16 << 10];
        while !self.has_ended {
            let count = self.read_unharmed(&mut chunk).unwrap_or(0);
            self.has_arrived(chunk.get(..count).unwrap_or_default());
        }
    }

    /// Finds out what is to be done with octets; none are the end.
    fn has_arrived(&mut self, octets: &[u8]) {
        self.has_ended = octets.is_empty();
        let steps = match self.has_ended {
            true => self.engine.end(Way::ToServer),
            false => self.engine.pass(Way::ToServer, octets),
        };
        self.arrived.extend(steps);
    }

    /// Does what is neither reading nor sending octets.
    fn harm(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::Reply(line) => {
                self.record(String::from_utf8_lossy(line).trim_end());
                self.send_now(line)
            }
            Step::Note(fault) => {
                self.record(&format!("fault: {fault}"));
                Ok(())
            }
            Step::Send(_) | Step::Stall => Ok(()),
            Step::Wait(time) => {
                self.shared.pause(self.id, *time);
                Ok(())
            }
            Step::Cut => {
                let _ = self.socket.shutdown(Shutdown::Write);
                // Unread octets would make a reset of it.
                let _ = io::copy(&mut &self.socket, &mut io::sink());
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Step::Reset => {
                let _ = set_socket_linger(self.socket.system(), Some(Duration::ZERO));
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }

    fn send_now(&mut self, octets: &[u8]) -> io::Result<()> {
        self.write_unharmed(octets)?;
        self.flush_unharmed()
    }

    fn record(&self, line: &str) {
        let timeline = &self.shared.timeline;
        timeline.record(self.id, Direction::Kit, line);
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.arrived.pop_front() {
                Some(Step::Send(mut octets)) => {
                    let count = octets.len().min(buffer.len());
                    for (place, octet) in buffer.iter_mut().zip(octets.drain(..count)) {
                        *place = octet;
                    }
                    if !octets.is_empty() {
                        self.arrived.push_front(Step::Send(octets));
                    }
                    return Ok(count);
                }
                Some(Step::Stall) => self.read_to_the_end(),
                Some(step) => self.harm(&step)?,
                None if self.has_ended => return Ok(0),
                None => {
                    let octets = self.read_unharmed(buffer)?;
                    let read = buffer.get(..octets).unwrap_or_default();
                    if octets > 0 && self.engine.lets_pass(Way::ToServer, read) {
                        return Ok(octets);
                    }
                    self.has_arrived(read);
                }
            }
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.is_stalled {
            return Ok(buffer.len());
        }
        if self.engine.lets_pass(Way::ToClient, buffer) {
            self.write_unharmed(buffer)?;
            return Ok(buffer.len());
        }
        let steps = self.engine.pass(Way::ToClient, buffer);
        for step in steps {
            match step {
                Step::Send(octets) => {
                    self.send_now(&octets)?;
                    // For a client that reads what came before.
                    thread::yield_now();
                }
                Step::Stall => {
                    self.is_stalled = true;
                    break;
                }
                step => self.harm(&step)?,
            }
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flush_unharmed()
    }
}
