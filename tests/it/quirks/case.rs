//! From a file of cases to the script and the expected values of each.

use super::perform::{is_outside, words};
use crate::scripted::{CAPABILITIES, SELECT};

/// One case: what is done, what the server sends, and what must come of it.
#[derive(Debug, Default)]
pub(crate) struct Case {
    /// The first line: the numbers of the quirk, or `Also` where the list has it not; the server,
    /// and what it does.
    pub(crate) name: String,
    /// What is done, and with which arguments.
    pub(crate) action: String,
    /// The server's capabilities; those of [`CAPABILITIES`] if there is no `can:` line.
    pub(crate) can: String,
    /// Lines of the script language.
    pub(crate) lines: Vec<String>,
    /// Names and values; the same name again is the next value.
    pub(crate) expected: Vec<(String, String)>,
}

pub(crate) fn parse(text: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('Q') || line.starts_with("Also ") {
            cases.push(Case {
                name: line.to_owned(),
                can: CAPABILITIES.to_owned(),
                ..Case::default()
            });
            continue;
        }
        let wrong = || format!("line {}: `{line}` is no line of a case", number + 1);
        let case = cases.last_mut().ok_or_else(wrong)?;
        if let Some(action) = line.strip_prefix("do: ") {
            case.action = action.to_owned();
        } else if let Some(can) = line.strip_prefix("can: ") {
            case.can = can.to_owned();
        } else if let Some(expected) = line.strip_prefix("= ") {
            let (key, value) = expected.split_once(": ").ok_or_else(wrong)?;
            case.expected.push((key.to_owned(), value.to_owned()));
        } else {
            case.lines.push(line.to_owned());
        }
    }
    match cases
        .iter()
        .find(|case| case.action.is_empty() || case.expected.is_empty())
    {
        Some(case) => Err(format!("`{}` does nothing or expects nothing", case.name)),
        None => Ok(cases),
    }
}

impl Case {
    /// The numbers in the first line.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        let words = self.name.split_whitespace();
        words.map_while(|word| word.strip_prefix('Q')?.parse().ok())
    }

    /// The first word of what is done.
    pub(crate) fn verb(&self) -> &str {
        words(&self.action).0
    }

    /// What follows that word.
    pub(crate) fn argument(&self) -> &str {
        words(&self.action).1
    }

    /// Whether the connection is what the case is about, so that the case says all of it.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.verb(), "connect" | "login")
    }

    /// Whether INBOX is open when it begins.
    pub(crate) fn is_in_mailbox(&self) -> bool {
        !self.is_whole() && !is_outside(self.verb())
    }

    /// All that the server says and hears. Where the case has no line of the client, its lines are
    /// the answer to one command, whatever that is; then the server says OK, if they do not end it.
    pub(crate) fn script(&self) -> String {
        let text = self.lines.join("\n");
        if self.is_whole() {
            return text;
        }
        let can = &self.can;
        let mut whole = format!(
            "S: * OK [CAPABILITY {can}] ready\nC: {{login}} LOGIN \"ann\" \"secret\"\n\
             S: {{login}} OK [CAPABILITY {can}] welcome\n"
        );
        if self.is_in_mailbox() {
            whole.push_str(SELECT);
        }
        let is_exchange = self.lines.iter().any(|line| line.starts_with('C'));
        if !is_exchange {
            whole.push_str("C-start: {a} \n");
        }
        whole.push_str(&text);
        if !is_exchange && !text.contains("{a} ") {
            whole.push_str("\nS: {a} OK done");
        }
        whole.push_str("\nC: {after} NOOP\nS: {after} OK done\n");
        whole
    }
}
