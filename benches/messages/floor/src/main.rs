//! The floor: the same commands, and answers that are only read up to their tagged line.

use std::io::{Read, Write};
use std::net::TcpStream;

use shared::{Job, PASSWORD, USER, Work};

fn main() {
    shared::run(|job| {
        client(job);
        0
    });
}

fn client(job: &Job) {
    let stream = TcpStream::connect(("127.0.0.1", job.port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut wire = Wire {
        stream,
        block: vec![0; 64 << 10],
        line: Vec::new(),
    };
    wire.read_until(|tail| tail.starts_with(b"* OK"));
    wire.run(&format!("LOGIN {USER} {PASSWORD}"), b"");
    match job.work {
        Work::Noop => (0..job.count).for_each(|_| wire.run("NOOP", b"")),
        Work::Append => {
            let message = job.message();
            let command = format!("APPEND INBOX {{{}+}}\r\n", message.len());
            (0..job.count).for_each(|_| wire.run(&command, &message));
        }
        Work::Search => {
            wire.run(&format!("EXAMINE {}", job.mailbox), b"");
            wire.run("UID SEARCH ALL", b"");
        }
        _ => {
            wire.run(&format!("EXAMINE {}", job.mailbox), b"");
            wire.run(&format!("UID FETCH 1:* {}", job.items()), b"");
        }
    }
    wire.run("LOGOUT", b"");
}

struct Wire {
    stream: TcpStream,
    block: Vec<u8>,
    line: Vec<u8>,
}

impl Wire {
    fn run(&mut self, command: &str, literal: &[u8]) {
        self.line.clear();
        write!(self.line, "A {command}").unwrap();
        self.line.extend_from_slice(literal);
        self.line.extend_from_slice(b"\r\n");
        self.stream.write_all(&self.line).unwrap();
        self.read_until(|line| line.starts_with(b"A "));
    }

    /// Reads until the last line that has arrived is such a one.
    fn read_until(&mut self, is_last: impl Fn(&[u8]) -> bool) {
        const KEPT: usize = 512;
        let mut kept = 0;
        loop {
            let read = self.stream.read(&mut self.block[kept..]).unwrap();
            assert!(read > 0, "the server hung up");
            let end = kept + read;
            let tail = &self.block[end.saturating_sub(KEPT)..end];
            if let Some(lines) = tail.strip_suffix(b"\r\n") {
                let start = memchr::memrchr(b'\n', lines).map_or(0, |at| at + 1);
                if is_last(&lines[start..]) {
                    return;
                }
            }
            kept = end.min(KEPT);
            self.block.copy_within(end - kept..end, 0);
        }
    }
}
