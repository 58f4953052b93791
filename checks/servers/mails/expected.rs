//! What stands beside a mail: see `tests/mails/README.md`.

/// What a person is to see of a mail.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) what: String,
    /// The server does not take it.
    pub(super) is_refused: bool,
    /// The server gives each LF a CR.
    pub(super) comes_back_with_crlf: bool,
    /// The server changes the mail in another way, which leaves its size.
    pub(super) is_changed: bool,
    /// The server's answer to a download of a part cannot be read.
    pub(super) is_unreadable: bool,
    /// The server may end the connection when it is to undo a transfer encoding (BINARY).
    pub(super) closes_on_binary: bool,
    pub(super) head: Head,
    pub(super) parts: Vec<Part>,
}

/// Of a header; what is not said is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) subject: Option<String>,
    pub(super) date: Option<String>,
    /// `from`, `to` and the like with their addresses.
    pub(super) addresses: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) number: String,
    /// In small letters, such as `text/plain`.
    pub(super) media_type: String,
    pub(super) role: String,
    pub(super) charset: Option<String>,
    pub(super) disposition: Option<String>,
    pub(super) file: Option<String>,
    /// The charset, and the transfer encoding, that are left as they are.
    pub(super) undecoded: Option<String>,
    pub(super) undecoded_encoding: Option<String>,
    /// Its size as it lies in the message; what follows is looked at only if it is said.
    pub(super) encoded: Option<u64>,
    pub(super) octets: Option<u64>,
    pub(super) sha256: Option<String>,
    pub(super) text_sha256: Option<String>,
    pub(super) text: Option<String>,
    pub(super) head: Head,
}

impl Expected {
    /// For this server, whose section takes the place of what it names.
    pub(super) fn parse(text: &str, server: &str) -> Result<Self, String> {
        let mut expected = Self::default();
        let mut applies = true;
        let mut has_own_parts = false;
        let mut own: Vec<String> = Vec::new();
        for line in text.lines() {
            if let Some(section) = line.strip_prefix('[') {
                let (name, why) = section.split_once(']').ok_or("a section without its end")?;
                if why.trim().is_empty() || !["dovecot", "cyrus"].contains(&name) {
                    return Err(format!("which server, and why: {line}"));
                }
                applies = name == server;
                (has_own_parts, own) = (false, vec![String::new()]);
            } else if applies {
                let is_part = is_part(line);
                if is_part && !own.is_empty() && !has_own_parts {
                    expected.parts.clear();
                    has_own_parts = true;
                }
                expected.take(line, &mut own)?;
            }
        }
        match (expected.what.is_empty(), expected.parts.is_empty()) {
            (true, _) => Err("it does not say what it stands for".into()),
            (_, true) if !expected.is_refused => Err("it has no parts".into()),
            _ => Ok(expected),
        }
    }

    fn take(&mut self, line: &str, own: &mut Vec<String>) -> Result<(), String> {
        if line.is_empty() {
            return Ok(());
        }
        if let Some(text) = line.strip_prefix('|') {
            let part = self.parts.last_mut().ok_or("text before the parts")?;
            let line = unescaped(text.strip_prefix(' ').unwrap_or(text));
            match &mut part.text {
                Some(before) => *before = format!("{before}\n{line}"),
                text => *text = Some(line),
            }
            return Ok(());
        }
        if is_part(line) {
            self.parts.push(part(line)?);
            return Ok(());
        }
        let (key, value) = line.trim_start().split_once(':').ok_or("no key")?;
        let value = unescaped(value.trim());
        if line.starts_with(' ') {
            let part = self.parts.last_mut().ok_or("a key of no part")?;
            return part.head.take(key, value, false);
        }
        match key {
            "what" => self.what = value,
            "append" if value == "refused" => self.is_refused = true,
            "binary" if value == "closes" => self.closes_on_binary = true,
            "raw" if value == "changed" => self.is_changed = true,
            "download" if value == "unreadable" => self.is_unreadable = true,
            "raw" if value == "crlf" => self.comes_back_with_crlf = true,
            _ => {
                let is_again = own.is_empty() || own.iter().any(|own| own == key);
                if !own.is_empty() {
                    own.push(key.to_owned());
                }
                self.head.take(key, value, !is_again)?;
            }
        }
        Ok(())
    }
}

impl Head {
    fn take(&mut self, key: &str, value: String, in_place_of_others: bool) -> Result<(), String> {
        match key {
            "subject" => self.subject = Some(value),
            "date" => self.date = Some(value),
            "from" | "to" | "cc" | "sender" | "reply-to" => {
                if in_place_of_others {
                    self.addresses.retain(|(field, _)| field != key);
                }
                let field = self.addresses.iter_mut().find(|(field, _)| field == key);
                let added = (value != "-").then_some(value);
                match field {
                    Some((_, addresses)) => addresses.extend(added),
                    None => self
                        .addresses
                        .push((key.to_owned(), added.into_iter().collect())),
                }
            }
            other => return Err(format!("unknown: {other}")),
        }
        Ok(())
    }
}

/// Whether the line begins with the number of a part, or with `-`.
fn is_part(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    let is_number = |word: &str| word.split('.').all(|n| n.parse::<u32>().is_ok());
    word == "-" || is_number(word)
}

fn part(line: &str) -> Result<Part, String> {
    // A file name may hold blanks.
    let (line, file) = match line.split_once(" file=") {
        Some((line, file)) => (line, Some(unescaped(file))),
        None => (line, None),
    };
    let mut words = line.split(' ').map(ToOwned::to_owned);
    let mut next = |what: &str| words.next().ok_or(format!("a part without its {what}"));
    let mut part = Part {
        number: next("number")?,
        media_type: next("type")?,
        role: next("role")?,
        file,
        ..Part::default()
    };
    for word in words {
        let (key, value) = word.split_once('=').ok_or(format!("no value: {word}"))?;
        let number = || value.parse().map_err(|_| format!("no number: {word}"));
        let text = Some(value.to_owned());
        match key {
            "charset" => part.charset = text,
            "disposition" => part.disposition = text,
            "undecoded" => part.undecoded = text,
            "undecoded-encoding" => part.undecoded_encoding = text,
            "encoded" => part.encoded = Some(number()?),
            "octets" => part.octets = Some(number()?),
            "sha256" => part.sha256 = text,
            "text-sha256" => part.text_sha256 = text,
            _ => return Err(format!("unknown: {word}")),
        }
    }
    Ok(part)
}

/// Knows `\r`, `\t`, `\0` and `\u{...}`; any other backslash is one.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let known = [("\\r", '\r'), ("\\t", '\t'), ("\\0", '\0')];
        let letter = known.iter().find(|(form, _)| escape.starts_with(form));
        let coded = escape
            .strip_prefix("\\u{")
            .and_then(|code| code.split_once('}'));
        let coded = coded.and_then(|(code, _)| {
            let letter = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
            Some((letter, code.len() + 4))
        });
        let (letter, length) = match (letter, coded) {
            (Some((form, letter)), _) => (*letter, form.len()),
            (None, Some(coded)) => coded,
            (None, None) => ('\\', 1),
        };
        out.push(letter);
        rest = &escape[length..];
    }
    out + rest
}

#[test]
fn a_section_of_a_server_takes_the_place_of_what_it_names() {
    let text = "what: x\nsubject: a\nfrom: b\nfrom: c\n- multipart/mixed multipart\n\
                1 text/plain text charset=utf-8\n| one\n| \\u{e4}\n[cyrus] because\nfrom: d\n\
                1 text/plain text file=a b\n[dovecot] because\nsubject: e\n";
    let dovecot = Expected::parse(text, "dovecot").unwrap();
    assert_eq!(dovecot.head.subject.as_deref(), Some("e"));
    let from = ["b", "c"].map(ToOwned::to_owned).to_vec();
    assert_eq!(dovecot.head.addresses, [("from".to_owned(), from)]);
    assert_eq!(dovecot.parts[1].text.as_deref(), Some("one\n\u{e4}"));
    let cyrus = Expected::parse(text, "cyrus").unwrap();
    assert_eq!(cyrus.head.subject.as_deref(), Some("a"));
    assert_eq!(
        cyrus.head.addresses,
        [("from".to_owned(), vec!["d".to_owned()])]
    );
    assert_eq!(cyrus.parts.len(), 1);
    assert_eq!(cyrus.parts[0].file.as_deref(), Some("a b"));
    for wrong in [
        "",
        "what: x",
        "what: x\nodd: y",
        "what: x\n[cyrus]\n1 a/b text",
    ] {
        assert!(Expected::parse(wrong, "cyrus").is_err(), "{wrong}");
    }
}
