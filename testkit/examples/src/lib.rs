//! A small program under test: it lists what is unread, and saves messages. Its client is the crate
//! `imap`.

use std::net::TcpStream;

use imap::error::Result;

/// A session in plaintext; a program that is not a test takes TLS.
type Session = imap::Session<TcpStream>;

/// How often [`save`] tries.
const ATTEMPTS: usize = 3;

/// Connects to a port of this machine and logs in.
pub fn log_in(port: u16, user: &str, password: &str) -> Result<Session> {
    let mut client = imap::Client::new(TcpStream::connect(("127.0.0.1", port))?);
    client.read_greeting()?;
    client.login(user, password).map_err(|(error, _)| error)
}

/// Returns the subjects of the unread messages in INBOX, and leaves them unread.
pub fn unread(session: &mut Session) -> Result<Vec<String>> {
    session.examine("INBOX")?;
    let uids = session.uid_search("UNSEEN")?;
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let uids: Vec<String> = uids.iter().map(u32::to_string).collect();
    let fetched = session.uid_fetch(uids.join(","), "ENVELOPE")?;
    let subject = |message: &imap::types::Fetch| {
        let subject = message.envelope()?.subject?;
        Some(String::from_utf8_lossy(subject).into_owned())
    };
    let mut subjects: Vec<String> = fetched.iter().filter_map(subject).collect();
    subjects.sort();
    Ok(subjects)
}

/// Saves a message in a mailbox exactly once, however often the connection breaks.
///
/// A connection that breaks during APPEND does not say whether the message is stored. So each attempt
/// after the first looks for its Message-ID.
pub fn save(
    mut connect: impl FnMut() -> Result<Session>,
    mailbox: &str,
    message_id: &str,
    message: &[u8],
) -> Result<()> {
    let mut attempt = 1;
    loop {
        let saved = connect().and_then(|mut session| {
            if attempt > 1 {
                session.examine(mailbox)?;
                let found = session.uid_search(format!("HEADER Message-ID {message_id}"))?;
                if !found.is_empty() {
                    return Ok(());
                }
            }
            session.append(mailbox, message)
        });
        match saved {
            Err(imap::Error::Io(_) | imap::Error::ConnectionLost) if attempt < ATTEMPTS => {
                attempt += 1;
            }
            saved => return saved,
        }
    }
}
