//! Commands, and answers that are only read up to their tagged line.

use std::io::{Read, Write};

use shared::{AT_ONCE, Job, PASSWORD, USER, Work};

pub fn client(job: &Job, stream: impl Read + Write) {
    let mut wire = Wire {
        stream,
        block: vec![0; 64 << 10],
        line: Vec::new(),
    };
    wire.read_until(|tail| tail.starts_with(b"* OK"));
    wire.run(&format!("LOGIN {USER} {PASSWORD}"), b"");
    match job.work {
        Work::Noop => (0..job.count).for_each(|_| wire.run("NOOP", b"")),
        Work::Pipelined => {
            let before = "B NOOP\r\n".repeat(AT_ONCE as usize - 1);
            for _ in 0..job.count / AT_ONCE {
                wire.send(&[before.as_bytes(), b"A NOOP\r\n"]);
            }
        }
        Work::Append => {
            let message = job.message();
            let command = format!("APPEND INBOX {{{}+}}\r\n", message.len());
            (0..job.count).for_each(|_| wire.run(&command, &message));
        }
        Work::List => wire.run(&format!("LIST \"\" \"{}\"", job.pattern()), b""),
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

struct Wire<S> {
    stream: S,
    block: Vec<u8>,
    line: Vec<u8>,
}

impl<S: Read + Write> Wire<S> {
    fn run(&mut self, command: &str, literal: &[u8]) {
        self.send(&[b"A ", command.as_bytes(), literal, b"\r\n"]);
    }

    /// Until the answer with the tag A.
    fn send(&mut self, pieces: &[&[u8]]) {
        self.line.clear();
        pieces
            .iter()
            .for_each(|piece| self.line.extend_from_slice(piece));
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
