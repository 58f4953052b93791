//! A server that answers from bytes made before it listens: `replay flags-1000 search-50 ...`.
//! Prints its port.

mod data;

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use data::Mailbox;

const CAPABILITIES: &str = "IMAP4rev1 LITERAL+ UIDPLUS";

type Mailboxes = Arc<HashMap<String, Mailbox>>;

fn main() {
    let names = std::env::args().skip(1);
    let made = names.map(|name| (name.clone(), Mailbox::made(&name)));
    let mailboxes: Mailboxes = Arc::new(made.collect());
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    println!("{}", listener.local_addr().expect("an address").port());
    for stream in listener.incoming().flatten() {
        let mailboxes = Arc::clone(&mailboxes);
        // A client that hangs up is no failure here.
        thread::spawn(move || drop(serve(stream, &mailboxes)));
    }
}

fn serve(stream: TcpStream, mailboxes: &Mailboxes) -> io::Result<()> {
    stream.set_nodelay(true)?;
    // An answer leaves in one piece: some clients stop at a BYE that comes alone.
    let mut to = BufWriter::with_capacity(64 << 10, stream.try_clone()?);
    let mut from = BufReader::with_capacity(64 << 10, stream);
    let mut selected = None;
    let (mut line, mut literal) = (String::new(), Vec::new());
    write!(to, "* OK [CAPABILITY {CAPABILITIES}] hello\r\n")?;
    to.flush()?;
    while from.read_line(&mut line)? > 0 {
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
                write!(to, "{tag} OK [APPENDUID 1 1] done\r\n")?;
            }
            "LOGOUT" => return write!(to, "* BYE bye\r\n{tag} OK done\r\n"),
            _ => write!(to, "{tag} OK done\r\n")?,
        }
        to.flush()?;
        line.clear();
    }
    Ok(())
}
