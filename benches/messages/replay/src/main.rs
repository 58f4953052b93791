//! A server that answers from bytes made before it listens: `replay flags-1000 search-50 ...`.
//! Prints three ports (plain, TLS, and one where each answer comes a millisecond late) and then its
//! certificate.

mod certificate;
mod data;
mod late;

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use data::Mailbox;
use late::Late;

const CAPABILITIES: &str = "IMAP4rev1 LITERAL+ UIDPLUS";

type Mailboxes = Arc<HashMap<String, Mailbox>>;

fn main() {
    let names = std::env::args().skip(1);
    let made = names.map(|name| (name.clone(), Mailbox::made(&name)));
    let mailboxes: Mailboxes = Arc::new(made.collect());
    let (certificate, acceptor) = certificate::made();
    let plain = mailboxes.clone();
    listen(move |stream| serve(stream, &plain));
    let inside_tls = mailboxes.clone();
    listen(move |stream| match acceptor.accept(stream) {
        Ok(stream) => serve(stream, &inside_tls),
        Err(error) => Err(io::Error::other(error)),
    });
    let listening = listen(move |stream| serve(Late::new(stream)?, &mailboxes));
    print!("{certificate}");
    io::stdout().flush().expect("somebody who reads");
    listening.join().expect("a server");
}

/// Prints the port on which each connection is served so.
fn listen(
    serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> thread::JoinHandle<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            // A client that hangs up is no failure here.
            thread::spawn(move || drop(stream.set_nodelay(true).and_then(|()| serve(stream))));
        }
    })
}

/// A stream in both directions, whose answers leave in one piece: some clients stop at a BYE that
/// comes alone.
struct Both<S: Write>(BufWriter<S>);

impl<S: Read + Write> Read for Both<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.get_mut().read(buffer)
    }
}

fn serve(stream: impl Read + Write, mailboxes: &Mailboxes) -> io::Result<()> {
    const BLOCK: usize = 64 << 10;
    let both = Both(BufWriter::with_capacity(BLOCK, stream));
    let mut from = BufReader::with_capacity(BLOCK, both);
    let mut selected = None;
    let (mut line, mut literal) = (String::new(), Vec::new());
    let to = &mut from.get_mut().0;
    write!(to, "* OK [CAPABILITY {CAPABILITIES}] hello\r\n")?;
    to.flush()?;
    while from.read_line(&mut line)? > 0 {
        let to = &mut from.get_mut().0;
        let mut words = line.split_whitespace();
        let tag = words.next().unwrap_or("*");
        let verb = words.find(|word| *word != "UID").unwrap_or_default();
        let name = words.next().unwrap_or_default().trim_matches('"');
        match verb {
            "CAPABILITY" => write!(to, "* CAPABILITY {CAPABILITIES}\r\n{tag} OK done\r\n")?,
            "SELECT" | "EXAMINE" => {
                selected = mailboxes.get(name);
                let count = selected.map_or(0, |mailbox| mailbox.count);
                write!(
                    to,
                    "* FLAGS (\\Seen)\r\n* {count} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] it\r\n{tag} OK done\r\n"
                )?;
            }
            "LIST" => {
                let pattern = words.next().unwrap_or_default().trim_matches('"');
                let name = pattern.trim_end_matches("/*");
                to.write_all(mailboxes.get(name).map_or(&[], |mailbox| &mailbox.answer))?;
                write!(to, "{tag} OK done\r\n")?;
            }
            "FETCH" | "SEARCH" => {
                to.write_all(selected.map_or(&[], |mailbox| &mailbox.answer))?;
                write!(to, "{tag} OK done\r\n")?;
            }
            "APPEND" => {
                let length = line.trim_end().rsplit('{').next().unwrap_or_default();
                if !length.contains('+') {
                    to.write_all(b"+ go on\r\n")?;
                    to.flush()?;
                }
                let length: usize = length.trim_end_matches(['+', '}']).parse().unwrap_or(0);
                literal.resize(length + 2, 0);
                from.read_exact(&mut literal)?;
                let to = &mut from.get_mut().0;
                write!(to, "{tag} OK [APPENDUID 1 1] done\r\n")?;
            }
            "LOGOUT" => {
                write!(to, "* BYE bye\r\n{tag} OK done\r\n")?;
                return to.flush();
            }
            _ => write!(to, "{tag} OK done\r\n")?,
        }
        // Answers to commands that came together leave together.
        if from.buffer().is_empty() {
            from.get_mut().0.flush()?;
        }
        line.clear();
    }
    Ok(())
}
