//! Messages from files: a single one, and a Maildir with its folders.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::builder::Builder;
use crate::message::NewMessage;

/// The letters of Maildir and the flags that they stand for.
const FLAGS: [(char, &str); 6] = [
    ('D', "\\Draft"),
    ('F', "\\Flagged"),
    ('P', "$Forwarded"),
    ('R', "\\Answered"),
    ('S', "\\Seen"),
    ('T', "\\Deleted"),
];

impl NewMessage {
    /// Reads a message from a file, such as an `.eml` file. Bare LF becomes CRLF.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("latchbox-eml-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("lunch.eml");
    /// # std::fs::write(&path, "Subject: Lunch\n\nAt one?\n")?;
    /// use latchbox_testkit::{NewMessage, Server};
    ///
    /// let lunch = NewMessage::from_file(&path)?.flag("\\Flagged");
    /// let server = Server::builder().mailbox("INBOX", [lunch]).start()?;
    /// assert!(server.messages("INBOX")[0].bytes.starts_with(b"Subject: Lunch\r\n"));
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn from_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let octets = fs::read(path).map_err(|error| naming(path, &error))?;
        Ok(Self::new(with_crlf(&octets)))
    }
}

impl Builder {
    /// Fills the mailboxes of the user that was added last from a Maildir: its own messages are those
    /// of INBOX, and each folder of Maildir++, such as `.Sent.2024`, is a mailbox, here `Sent/2024`.
    ///
    /// Flags come from the names of the files; keywords from `dovecot-keywords`, if there is one; the
    /// internal date is the time at the beginning of the name. Messages are in the order of their names.
    /// The folder is only read.
    ///
    /// # Errors
    ///
    /// If there is no `cur` or `new` in the folder, or if a file cannot be read.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("latchbox-maildir-{}", std::process::id()));
    /// # std::fs::create_dir_all(path.join("cur"))?;
    /// # std::fs::create_dir_all(path.join(".Sent/new"))?;
    /// # std::fs::write(path.join("cur/1700000000.1.host:2,FS"), "Subject: Hi\n\n")?;
    /// use latchbox_testkit::Server;
    ///
    /// let server = Server::builder().maildir(&path)?.start()?;
    /// assert_eq!(server.mailboxes(), ["INBOX", "Sent"]);
    /// assert_eq!(server.messages("INBOX")[0].flags, ["\\Flagged", "\\Seen"]);
    /// # std::fs::remove_dir_all(path)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn maildir(self, path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let mut builder = self.mailbox("INBOX", messages(path)?);
        let mut folders = Vec::new();
        for entry in fs::read_dir(path).map_err(|error| naming(path, &error))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let name = name.strip_prefix('.').filter(|name| !name.is_empty());
            if let Some(name) = name.filter(|_| is_maildir(&entry.path())) {
                folders.push((name.replace('.', "/"), entry.path()));
            }
        }
        folders.sort();
        for (name, path) in folders {
            let name = crate::names::decode(name.as_bytes()).unwrap_or(name);
            builder = builder.mailbox(&name, messages(&path)?);
        }
        Ok(builder)
    }
}

fn is_maildir(path: &Path) -> bool {
    path.join("cur").is_dir() || path.join("new").is_dir()
}

/// The messages of a folder with `cur` and `new`, in the order of their names.
fn messages(path: &Path) -> io::Result<Vec<NewMessage>> {
    if !is_maildir(path) {
        let reason = format!("no Maildir: {} has no cur or new", path.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, reason));
    }
    let keywords = keywords(path);
    let mut files = Vec::new();
    for folder in ["cur", "new"] {
        let folder = path.join(folder);
        if folder.is_dir() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                files.push((entry.file_name(), entry.path()));
            }
        }
    }
    files.retain(|(name, path)| !name.to_string_lossy().starts_with('.') && path.is_file());
    files.sort();
    let files = files.iter();
    files
        .map(|(name, path)| named(NewMessage::from_file(path)?, name, &keywords))
        .collect()
}

/// A message with what the name of its file says.
fn named(message: NewMessage, name: &OsStr, keywords: &[String]) -> io::Result<NewMessage> {
    let name = name.to_string_lossy();
    let seconds = name.split('.').next().and_then(|time| time.parse().ok());
    let date = seconds.and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
    let mut message = match date {
        Some(date) => message.internal_date(date.fixed_offset()),
        None => message,
    };
    // Windows has no colon in names, and programs take one of these there.
    let letters = [":2,", ";2,", "!2,"]
        .iter()
        .find_map(|mark| Some(name.rsplit_once(mark)?.1));
    for letter in letters.unwrap_or_default().chars() {
        let flag = FLAGS.iter().find(|(own, _)| *own == letter);
        let keyword = u32::from(letter).checked_sub(u32::from('a'));
        let keyword = keyword.and_then(|at| keywords.get(usize::try_from(at).ok()?));
        let keyword = keyword.map(String::as_str).filter(|name| !name.is_empty());
        if let Some(flag) = flag.map(|(_, flag)| *flag).or(keyword) {
            message = message.flag(flag);
        }
    }
    Ok(message)
}

/// The keywords of the letters from `a` on, as Dovecot writes them down.
fn keywords(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path.join("dovecot-keywords")).unwrap_or_default();
    let mut keywords = Vec::new();
    for line in text.lines() {
        let Some((number, name)) = line.split_once(' ') else {
            continue;
        };
        let number = number.parse::<usize>().ok();
        if let Some(at) = number.filter(|at| *at < 26) {
            keywords.resize(keywords.len().max(at + 1), String::new());
            if let Some(place) = keywords.get_mut(at) {
                name.clone_into(place);
            }
        }
    }
    keywords
}

/// The octets with CRLF for each bare LF.
fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let mut with = Vec::with_capacity(octets.len());
    let mut before = 0;
    for octet in octets {
        if *octet == b'\n' && before != b'\r' {
            with.push(b'\r');
        }
        with.push(*octet);
        before = *octet;
    }
    with
}

fn naming(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_flags_keywords_and_date() {
        let keywords = ["$Work".to_owned(), String::new()];
        let read = |name: &str| {
            let message = NewMessage::new("x");
            named(message, OsStr::new(name), &keywords).unwrap()
        };
        let message = read("1700000000.M1P2.host,S=3:2,RSab");
        assert_eq!(message.flags, ["\\Answered", "\\Seen", "$Work"]);
        assert_eq!(message.internal_date.unwrap().timestamp(), 1_700_000_000);
        assert_eq!(read("1700000000.1.h!2,T").flags, ["\\Deleted"]);
        assert!(read("odd").flags.is_empty());
    }

    #[test]
    fn only_a_bare_lf_is_changed() {
        assert_eq!(with_crlf(b"a\nb\r\n\n"), b"a\r\nb\r\n\r\n");
    }
}
