//! A way that takes time: what is written leaves a while later, however much is on the way.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a round trip takes.
const LATE: Duration = Duration::from_millis(1);

pub struct Late {
    from: TcpStream,
    to: Sender<(Instant, Vec<u8>)>,
}

impl Late {
    pub fn new(stream: TcpStream) -> io::Result<Late> {
        let (to, leaving) = channel::<(Instant, Vec<u8>)>();
        let mut end = stream.try_clone()?;
        thread::spawn(move || {
            for (when, octets) in leaving {
                thread::sleep(when.saturating_duration_since(Instant::now()));
                if end.write_all(&octets).is_err() {
                    return;
                }
            }
        });
        Ok(Late { from: stream, to })
    }
}

impl Read for Late {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.from.read(buffer)
    }
}

impl Write for Late {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let leaving = (Instant::now() + LATE, octets.to_vec());
        match self.to.send(leaving) {
            Ok(()) => Ok(octets.len()),
            Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
