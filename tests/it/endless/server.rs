//! A server that answers one command without end, and all others at once.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::kinds::{Form, Kind};

const CAPABILITIES: &str = "IMAP4rev1 LITERAL+ UIDPLUS ID NAMESPACE ESEARCH ENABLE CONDSTORE SORT \
    THREAD=REFERENCES LIST-EXTENDED LIST-STATUS BINARY X-GM-EXT-1 QUOTA ACL METADATA LANGUAGE \
    QRESYNC IDLE STARTTLS";

/// What is sent without end, and when.
#[derive(Clone, Copy)]
pub(super) struct Flood {
    pub(super) kind: &'static Kind,
    pub(super) form: Form,
    pub(super) place: Place,
    /// How many octets a literal is announced to have.
    pub(super) literal: u64,
}

/// When it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In answer to its command.
    Answer,
    /// In answer to the CAPABILITY before STARTTLS.
    BeforeTls,
    /// When IDLE has begun.
    Idle,
}

/// A running server, which takes connections as long as this lives. What serves one ends with it.
pub(super) struct Endless {
    pub(super) port: u16,
    is_over: Arc<AtomicBool>,
    /// Has a message for each connection on which the flood has begun.
    pub(super) begun: Option<Receiver<()>>,
}

impl Flood {
    pub(super) fn start(self) -> Endless {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, begun) = sync_channel(100);
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let sender = sender.clone();
                thread::spawn(move || self.serve(stream, &sender));
            }
        });
        Endless {
            port,
            is_over,
            begun: Some(begun),
        }
    }

    fn command(&self) -> &'static str {
        match self.place {
            Place::BeforeTls => return "CAPABILITY",
            Place::Idle => return "IDLE",
            Place::Answer => {}
        }
        let command = self.kind.command;
        match command.strip_prefix("UID ") {
            Some(rest) => &command[..4 + rest.find(' ').unwrap_or(rest.len())],
            None => command.split(' ').next().unwrap(),
        }
    }

    /// Until the client goes.
    fn serve(self, stream: TcpStream, begun: &SyncSender<()>) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut writer = stream.try_clone().ok()?;
        let greeting = match self.place == Place::BeforeTls {
            true => "* OK hello\r\n".to_owned(),
            false => format!("* PREAUTH [CAPABILITY {CAPABILITIES}] hello\r\n"),
        };
        writer.write_all(greeting.as_bytes()).ok()?;
        for line in BufReader::new(stream).lines() {
            let line = line.ok()?;
            let (tag, command) = line.split_once(' ')?;
            if command.starts_with(self.command()) {
                return self.flood(&mut writer, begun);
            }
            let data = match command.split(' ').next()? {
                "SELECT" | "EXAMINE" => {
                    "* 4000000000 EXISTS\r\n* OK [UIDVALIDITY 1]\r\n".to_owned()
                }
                "CAPABILITY" => format!("* CAPABILITY {CAPABILITIES}\r\n"),
                _ => String::new(),
            };
            let answer = format!("{data}{tag} OK done\r\n");
            writer.write_all(answer.as_bytes()).ok()?;
        }
        Some(())
    }

    fn flood(self, writer: &mut TcpStream, begun: &SyncSender<()>) -> Option<()> {
        if self.place == Place::Idle {
            writer.write_all(b"+ idling\r\n").ok()?;
        }
        if self.form == Form::Long {
            let start = self.kind.long[0];
            let literal = match self.kind.literal {
                true => format!("{{{}}}\r\n", self.literal),
                false => String::new(),
            };
            writer
                .write_all(format!("{start}{literal}").as_bytes())
                .ok()?;
        }
        let mut number = 1;
        loop {
            let pieces = self.kind.pieces(self.form, number..number + 500);
            writer.write_all(&pieces).ok()?;
            if number == 1 {
                let _ = begun.try_send(());
            }
            number += 500;
        }
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}
