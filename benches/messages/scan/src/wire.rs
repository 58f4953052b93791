//! Commands, and answers whose rows are framed and read.

use std::io::{Read, Write};

use shared::{Job, PASSWORD, USER, Work};

use crate::row::Cursor;

/// What the answers say, as a sum.
pub fn client(job: &Job, stream: impl Read + Write) -> u64 {
    let mut wire = Wire {
        stream,
        block: vec![0; 64 << 10],
        from: 0,
        to: 0,
        line: Vec::new(),
    };
    wire.next_response();
    wire.run(&format!("LOGIN {USER} {PASSWORD}"), b"");
    let sum = match job.work {
        Work::Noop | Work::Pipelined => (0..job.count).map(|_| wire.run("NOOP", b"") + 1).sum(),
        Work::Append => {
            let message = job.message();
            let command = format!("APPEND INBOX {{{}+}}\r\n", message.len());
            (0..job.count)
                .map(|_| wire.run(&command, &message) + 1)
                .sum()
        }
        Work::List => wire.run(&format!("LIST \"\" \"{}\"", job.pattern()), b""),
        Work::Search => {
            wire.run(&format!("EXAMINE {}", job.mailbox), b"");
            wire.run("UID SEARCH ALL", b"")
        }
        _ => {
            wire.run(&format!("EXAMINE {}", job.mailbox), b"");
            wire.run(&format!("UID FETCH 1:* {}", job.items()), b"")
        }
    };
    wire.run("LOGOUT", b"");
    sum
}

struct Wire<S> {
    stream: S,
    block: Vec<u8>,
    from: usize,
    to: usize,
    line: Vec<u8>,
}

impl<S: Read + Write> Wire<S> {
    /// Sends a command; the sum over what its answer says.
    fn run(&mut self, command: &str, literal: &[u8]) -> u64 {
        self.line.clear();
        write!(self.line, "A {command}").unwrap();
        self.line.extend_from_slice(literal);
        self.line.extend_from_slice(b"\r\n");
        self.stream.write_all(&self.line).unwrap();
        let mut sum = 0;
        loop {
            let response = self.next_response();
            match response.strip_prefix(b"* ") {
                None => return sum,
                Some(data) => sum += total(data),
            }
        }
    }

    /// One response with its literals, in the buffer.
    fn next_response(&mut self) -> &[u8] {
        // Where a line begins, and what of it has been looked at.
        let (mut line, mut looked_at) = (0, 0);
        loop {
            let bytes = &self.block[self.from..self.to];
            let unseen = bytes.get(looked_at..).unwrap_or_default();
            match memchr::memchr(b'\n', unseen) {
                None => {
                    looked_at = looked_at.max(bytes.len());
                    self.read();
                }
                Some(at) => {
                    let end = looked_at + at + 1;
                    let literal = literal(&bytes[line..end]);
                    let Some(length) = literal else {
                        let start = self.from;
                        self.from += end;
                        return &self.block[start..start + end];
                    };
                    line = end + length;
                    looked_at = line;
                }
            }
        }
    }

    fn read(&mut self) {
        if self.from > 0 {
            self.block.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        if self.to == self.block.len() {
            self.block.resize(2 * self.to, 0);
        }
        let read = self.stream.read(&mut self.block[self.to..]).unwrap();
        assert!(read > 0, "the server hung up");
        self.to += read;
    }
}

/// The length of the literal that follows a line.
fn literal(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"}\r\n")?;
    let open = memchr::memrchr(b'{', line)?;
    line[open + 1..].iter().try_fold(0, |n, digit| {
        Some(n * 10 + usize::from(digit.checked_sub(b'0')?))
    })
}

fn total(data: &[u8]) -> u64 {
    let mut cursor = Cursor { bytes: data };
    if let Some(numbers) = data.strip_prefix(b"SEARCH ") {
        let mut cursor = Cursor { bytes: numbers };
        let mut sum = 0;
        while let Some(number) = cursor.number() {
            sum += number;
            cursor.skip(1);
        }
        return sum;
    }
    if let Some(entry) = data.strip_prefix(b"LIST ") {
        return Cursor { bytes: entry }.mailbox();
    }
    match cursor.number() {
        Some(_) if cursor.bytes.starts_with(b" FETCH (") => {
            cursor.skip(8);
            cursor.row()
        }
        _ => 0,
    }
}
