//! Responses as a well-known server sends them: other lines in the place of those of the kit.

use std::io;

use crate::faults::verb;
use crate::names::encode;
use crate::numbers::expanded;
use crate::preset::Preset;
use crate::reply::Reply;
use crate::wire::Wire;

/// The longest COPYUID that is put into another order.
const REORDERED: usize = 1000;

/// How often Yandex says `* BYE` here.
const GOODBYES: usize = 3;

const WEB_ALERT: &str = "* NO [WEBALERT https://accounts.google.com/signin/continue?sarp=1&scc=1&plt=x] \
    Web login required.";
const WEB_LOGIN: &str = "NO [ALERT] Please log in via your web browser: \
    https://support.google.com/mail/accounts/answer/78754 (Failure)";

/// A line of the kit, and the command that it belongs to.
struct Line<'a> {
    text: &'a str,
    verb: &'a str,
    /// `*`, `+`, or the tag of the command.
    tag: &'a str,
    word: &'a str,
}

impl Line<'_> {
    fn is_untagged(&self, word: &str) -> bool {
        self.tag == "*" && self.word == word
    }

    fn is_tagged(&self) -> bool {
        self.tag != "*" && self.tag != "+"
    }
}

impl Preset {
    /// The lines that the server sends in the place of this one; `None` for the line itself.
    fn rewritten(self, command: &str, text: &str) -> Option<Vec<String>> {
        let mut words = text.split(' ');
        let line = Line {
            text,
            verb: &verb(command),
            tag: words.next()?,
            word: words.next().unwrap_or_default(),
        };
        if let Some(id) = self.profile().id.filter(|_| line.is_untagged("ID")) {
            return Some(vec![format!("* ID {id}")]);
        }
        match self {
            Self::Gmail => gmail(&line),
            Self::Microsoft365 => microsoft_365(&line),
            Self::Yahoo => yahoo(&line),
            Self::Yandex => yandex(&line),
            Self::Imap4d => imap4d(&line),
            Self::ICloud if line.is_untagged("ENABLED") => Some(Vec::new()),
            Self::NetEase if line.is_untagged("STATUS") => Some(vec![without_uid_next(text)?]),
            Self::Cyrus if text == "* ENABLED QRESYNC" => {
                Some(vec!["* ENABLED CONDSTORE QRESYNC".to_owned()])
            }
            Self::Cyrus if line.is_tagged() && text.contains(" NO [OVERQUOTA] ") => {
                Some(vec![format!("{} NO Over quota", line.tag)])
            }
            Self::Courier if line.is_tagged() && line.word == "BAD" => {
                let text = "NO Error in IMAP command received by server.";
                Some(vec![format!("{} {text}", line.tag)])
            }
            Self::Courier if line.is_untagged("QUOTAROOT") || line.is_untagged("QUOTA") => {
                Some(vec![text.replacen(" \"\"", " \"ROOT\"", 1)])
            }
            _ => None,
        }
    }
}

fn gmail(line: &Line<'_>) -> Option<Vec<String>> {
    let text = line.text;
    if text.starts_with("* OK [HIGHESTMODSEQ ") {
        let code = text.split_inclusive(']').next()?;
        return Some(vec![code.to_owned()]);
    }
    if line.verb == "IDLE" && text.contains(" FETCH (") {
        return Some(Vec::new());
    }
    if text.contains(" OK [COPYUID ") {
        return Some(vec![reordered(text)?]);
    }
    let refusal = text.strip_prefix(line.tag)?.strip_prefix(" NO ")?;
    if line.is_tagged() && ["LOGIN", "AUTHENTICATE"].contains(&line.verb) {
        if refusal.starts_with("[AUTHENTICATIONFAILED]") {
            let text = "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";
            return Some(vec![format!("{} {text}", line.tag)]);
        }
        if refusal.starts_with("[LIMIT]") {
            return Some(vec![
                WEB_ALERT.to_owned(),
                format!("{} {WEB_LOGIN}", line.tag),
            ]);
        }
    }
    None
}

/// COPYUID with its pairs in another order.
fn reordered(text: &str) -> Option<String> {
    let (before, rest) = text.split_once("[COPYUID ")?;
    let (code, after) = rest.split_once(']')?;
    let mut words = code.split(' ');
    let (uid_validity, from, to) = (words.next()?, words.next()?, words.next()?);
    let backwards = |set: &str| {
        let numbers = expanded(set, REORDERED)?;
        let numbers: Vec<String> = numbers.iter().rev().map(u32::to_string).collect();
        Some(numbers.join(","))
    };
    let (from, to) = (backwards(from)?, backwards(to)?);
    Some(format!(
        "{before}[COPYUID {uid_validity} {from} {to}]{after}"
    ))
}

fn microsoft_365(line: &Line<'_>) -> Option<Vec<String>> {
    let (text, tag) = (line.text, line.tag);
    if tag == "+" && !text.ends_with('=') {
        return Some(vec!["+".to_owned()]);
    }
    if line.is_untagged("STATUS") {
        return Some(vec![format!("{text} ")]);
    }
    if line.is_untagged("LIST") {
        let (before, name) = text.split_once(" \"/\" \"")?;
        let name = name
            .strip_suffix('"')
            .filter(|name| name.contains(&encode("\t")))?;
        let name = name.replace(&encode("\t"), "\t");
        return Some(vec![format!("{before} \"/\" {name}")]);
    }
    let code = text.strip_prefix(tag)?.strip_prefix(" OK ")?;
    let code = code.split_inclusive(']').next()?;
    let is_bare = line.is_tagged() && code.starts_with("[COPYUID ") && !code.ends_with("  ]");
    is_bare.then(|| vec![code.to_owned(), format!("{tag} OK COPY completed.")])
}

fn yahoo(line: &Line<'_>) -> Option<Vec<String>> {
    if line.is_untagged("LIST") {
        let prefix = line.text.strip_suffix("\"INBOX\"")?;
        return Some(vec![format!("{prefix}\"Inbox\"")]);
    }
    line.is_untagged("CAPABILITY")
        .then(|| vec![format!("{} ", line.text)])
}

fn yandex(line: &Line<'_>) -> Option<Vec<String>> {
    if line.is_untagged("BYE") {
        return Some(vec![line.text.to_owned(); GOODBYES]);
    }
    if line.is_untagged("FLAGS") {
        return Some(vec![line.text.replace(" \\Flagged", "")]);
    }
    if line.is_untagged("LIST") || line.is_untagged("XLIST") {
        let (attributes, name) = line.text.split_once(") ")?;
        let twice = ["\\Drafts", "\\Trash"].into_iter();
        let attribute = twice.into_iter().find(|name| attributes.ends_with(name))?;
        return Some(vec![format!("{attributes} {attribute}) {name}")]);
    }
    None
}

fn imap4d(line: &Line<'_>) -> Option<Vec<String>> {
    if line.is_untagged("LIST") && line.text.ends_with(" \"INBOX\"") {
        return Some(vec!["* LIST (\\NoInferiors) NIL INBOX".to_owned()]);
    }
    if line.tag != "*" || line.verb.ends_with("FETCH") {
        return None;
    }
    let (number, items) = line.text.split_once(" FETCH (")?;
    let flags = items.split_once("FLAGS ")?.1.strip_suffix(')')?;
    Some(vec![format!("{number} FETCH FLAGS {flags}")])
}

/// A STATUS response without UIDNEXT.
fn without_uid_next(text: &str) -> Option<String> {
    let (before, items) = text.rsplit_once('(')?;
    let words: Vec<&str> = items.strip_suffix(')')?.split(' ').collect();
    let kept = words
        .chunks(2)
        .filter(|pair| pair.first() != Some(&"UIDNEXT"));
    let kept: Vec<String> = kept.map(|pair| pair.join(" ")).collect();
    Some(format!("{before}({})", kept.join(" ")))
}

impl Wire {
    /// Queues a response as the server that is played sends it.
    pub(crate) fn send(&mut self, reply: &Reply) -> io::Result<()> {
        let preset = self.preset();
        let lines = preset.and_then(|preset| {
            let is_text = reply.bytes == reply.shown.as_bytes();
            let line = Some(reply.shown.as_str()).filter(|_| is_text)?;
            preset.rewritten(&self.command_line, line)
        });
        match lines {
            None => self.queue(reply)?,
            Some(lines) => lines
                .iter()
                .try_for_each(|line| self.queue(&Reply::new(line)))?,
        }
        let is_completion = !reply.shown.starts_with(['*', '+']);
        if preset == Some(Preset::Imap4d)
            && is_completion
            && verb(&self.command_line) == "AUTHENTICATE"
        {
            self.take_last_cr();
        }
        Ok(())
    }
}
