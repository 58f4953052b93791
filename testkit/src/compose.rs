//! Puts messages together: header, text, alternatives, inline images, attachments.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::message::{NewMessage, fingerprint};

/// So many octets of text are in one encoded word (RFC 2047), which has at most 75 octets.
const ENCODED_WORD: usize = 42;

/// So long is a line of base64.
const BASE64_LINE: usize = 76;

/// So long may a line of 7bit or 8bit be (RFC 5322, section 2.1.1).
const LONGEST_LINE: usize = 998;

/// A message that is put together part by part.
///
/// It has From, To, Subject, Date, Message-ID and MIME-Version, and as many parts as are given: a text
/// alone is `text/plain`; with HTML beside it `multipart/alternative`; inline images are in a
/// `multipart/related` with the HTML; attachments make a `multipart/mixed`. The same calls make the
/// same octets.
///
/// ```
/// use latchbox_testkit::{MessageBuilder, Server};
///
/// let invoice = MessageBuilder::new("Rechnung für März")
///     .from("Käse & Co <shop@example.com>")
///     .text("Anbei die Rechnung.")
///     .html("<p>Anbei die <b>Rechnung</b>.<img src=\"cid:logo\"></p>")
///     .inline("logo", "image/png", b"\x89PNG")
///     .attachment("Rechnung.pdf", "application/pdf", b"%PDF-1.7");
/// let server = Server::builder().mailbox("INBOX", [invoice]).start()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MessageBuilder {
    from: String,
    to: String,
    subject: String,
    date: String,
    message_id: Option<String>,
    header: Vec<(String, String)>,
    charset: Charset,
    text: Option<String>,
    html: Option<String>,
    inline: Vec<Part>,
    attachments: Vec<Part>,
}

/// A charset that texts of a message are written in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Charset {
    /// UTF-8.
    #[default]
    Utf8,
    /// ISO-8859-1 (Latin-1); other characters become `?`.
    Latin1,
    /// UTF-16 with a byte order mark.
    Utf16,
}

impl Charset {
    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "iso-8859-1",
            Self::Utf16 => "utf-16",
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Latin1 => {
                let octet = |character| u8::try_from(u32::from(character)).unwrap_or(b'?');
                text.chars().map(octet).collect()
            }
            Self::Utf16 => {
                let units = [0xfeff].into_iter().chain(text.encode_utf16());
                units.flat_map(u16::to_be_bytes).collect()
            }
        }
    }
}

/// A file in a message.
#[derive(Clone, Debug)]
struct Part {
    /// Its name, or its Content-ID.
    name: String,
    media_type: String,
    octets: Vec<u8>,
}

impl MessageBuilder {
    /// Begins a message from Ann to Jane with this subject and an empty text.
    pub fn new(subject: &str) -> Self {
        Self {
            from: "Ann <ann@example.com>".to_owned(),
            to: "Jane <jane@example.com>".to_owned(),
            subject: subject.to_owned(),
            date: "Mon, 06 Jan 2025 12:00:00 +0000".to_owned(),
            message_id: None,
            header: Vec::new(),
            charset: Charset::default(),
            text: None,
            html: None,
            inline: Vec::new(),
            attachments: Vec::new(),
        }
    }

    /// Sets From: an address, or a name and an address in angle brackets.
    #[must_use]
    pub fn from(mut self, from: &str) -> Self {
        self.from = from.to_owned();
        self
    }

    /// Sets To: one mailbox, or several with commas between them.
    #[must_use]
    pub fn to(mut self, to: &str) -> Self {
        self.to = to.to_owned();
        self
    }

    /// Sets Date, as RFC 5322 writes it.
    #[must_use]
    pub fn date(mut self, date: &str) -> Self {
        self.date = date.to_owned();
        self
    }

    /// Sets Message-ID, with its angle brackets. By default it follows from the content.
    #[must_use]
    pub fn message_id(mut self, id: &str) -> Self {
        self.message_id = Some(id.to_owned());
        self
    }

    /// Sets In-Reply-To and References to the Message-ID of another message.
    #[must_use]
    pub fn in_reply_to(self, id: &str) -> Self {
        self.header("In-Reply-To", id).header("References", id)
    }

    /// Adds a header field. Text that is not ASCII is encoded (RFC 2047).
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.header.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the charset of the texts; UTF-8 by default. The header is in UTF-8 always.
    #[must_use]
    pub fn charset(mut self, charset: Charset) -> Self {
        self.charset = charset;
        self
    }

    /// Sets the plain text. Its line ends may be bare LF.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    /// Sets the HTML text.
    #[must_use]
    pub fn html(mut self, html: &str) -> Self {
        self.html = Some(html.to_owned());
        self
    }

    /// Adds a file that the HTML shows as `cid:` and this Content-ID.
    #[must_use]
    pub fn inline(mut self, content_id: &str, media_type: &str, octets: &[u8]) -> Self {
        self.inline.push(Part::new(content_id, media_type, octets));
        self
    }

    /// Adds an attachment.
    #[must_use]
    pub fn attachment(mut self, name: &str, media_type: &str, octets: &[u8]) -> Self {
        self.attachments.push(Part::new(name, media_type, octets));
        self
    }

    /// Returns the octets of the message.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = self.body();
        let id = fingerprint(&[&self.subject, &self.from, &String::from_utf8_lossy(&body)]);
        let id = format!("<{id:016x}@example.com>");
        let fields = [
            ("From", self.from.as_str()),
            ("To", &self.to),
            ("Subject", &self.subject),
            ("Date", &self.date),
            ("Message-ID", self.message_id.as_deref().unwrap_or(&id)),
        ];
        let more = self.header.iter();
        let more = more.map(|(name, value)| (name.as_str(), value.as_str()));
        let mut octets = Vec::new();
        for (name, value) in fields.into_iter().chain(more) {
            let field = format!("{name}: {}\r\n", encoded(value));
            octets.extend_from_slice(field.as_bytes());
        }
        octets.extend_from_slice(b"MIME-Version: 1.0\r\n");
        octets.extend_from_slice(&body);
        octets
    }

    /// The header fields of the content, and the content.
    fn body(&self) -> Vec<u8> {
        let html = self.html.as_deref().map(|html| {
            let mut parts = vec![self.text_part("html", html)];
            parts.extend(self.inline.iter().map(Part::inline));
            multipart("related", parts)
        });
        let text = self.text.as_deref().or(html.is_none().then_some(""));
        let text = text.map(|text| self.text_part("plain", text));
        let texts = multipart("alternative", text.into_iter().chain(html).collect());
        let mut parts = vec![texts];
        if self.html.is_none() {
            parts.extend(self.inline.iter().map(Part::inline));
        }
        parts.extend(self.attachments.iter().map(Part::attachment));
        multipart("mixed", parts)
    }

    fn text_part(&self, subtype: &str, text: &str) -> Vec<u8> {
        let text = text.replace("\r\n", "\n").replace('\n', "\r\n") + "\r\n";
        let is_plain = text.is_ascii() && text.lines().all(|line| line.len() <= LONGEST_LINE);
        let name = self.charset.name();
        let kind = format!("Content-Type: text/{subtype}; charset={name}\r\n");
        if is_plain && self.charset != Charset::Utf16 {
            return format!("{kind}Content-Transfer-Encoding: 7bit\r\n\r\n{text}").into_bytes();
        }
        let encoded = base64_lines(&self.charset.encode(&text));
        format!("{kind}Content-Transfer-Encoding: base64\r\n\r\n{encoded}").into_bytes()
    }
}

impl From<MessageBuilder> for NewMessage {
    fn from(builder: MessageBuilder) -> Self {
        Self::new(builder.to_bytes())
    }
}

impl Part {
    fn new(name: &str, media_type: &str, octets: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            octets: octets.to_vec(),
        }
    }

    fn inline(&self) -> Vec<u8> {
        let fields = format!(
            "Content-ID: <{}>\r\nContent-Disposition: inline\r\n",
            self.name
        );
        self.written(&fields)
    }

    fn attachment(&self) -> Vec<u8> {
        let name = parameter("filename", &self.name);
        self.written(&format!("Content-Disposition: attachment; {name}\r\n"))
    }

    fn written(&self, fields: &str) -> Vec<u8> {
        let encoded = base64_lines(&self.octets);
        let media_type = &self.media_type;
        format!(
            "Content-Type: {media_type}\r\n{fields}\
             Content-Transfer-Encoding: base64\r\n\r\n{encoded}"
        )
        .into_bytes()
    }
}

/// Several parts in one; a single one is itself.
fn multipart(subtype: &str, mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    if parts.len() == 1 {
        return parts.pop().unwrap_or_default();
    }
    let texts: Vec<_> = parts
        .iter()
        .map(|part| String::from_utf8_lossy(part))
        .collect();
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let boundary = format!("{subtype}-{:016x}", fingerprint(&texts));
    let kind = format!("Content-Type: multipart/{subtype}; boundary=\"{boundary}\"\r\n\r\n");
    let mut octets = kind.into_bytes();
    for part in parts {
        octets.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        octets.extend_from_slice(&part);
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    octets
}

/// A parameter of a field, in the form of RFC 2231 if it is not ASCII.
fn parameter(name: &str, value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if value.is_ascii() {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        return format!("{name}=\"{value}\"");
    }
    let octet = |byte: u8| match is_plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    let value: String = value.bytes().map(octet).collect();
    format!("{name}*=utf-8''{value}")
}

/// The text of a header field. An address keeps its angle brackets.
fn encoded(value: &str) -> String {
    if value.is_ascii() {
        return value.to_owned();
    }
    let (text, rest) = match value.rfind(" <") {
        Some(at) if value.ends_with('>') => value.split_at(at),
        _ => (value, ""),
    };
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        if word.len() + character.len_utf8() > ENCODED_WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(character);
    }
    words.push(word);
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    words.join("\r\n ") + rest
}

fn base64_lines(octets: &[u8]) -> String {
    let encoded = STANDARD.encode(octets);
    let mut lines = String::new();
    for (number, character) in encoded.chars().enumerate() {
        if number > 0 && number % BASE64_LINE == 0 {
            lines.push_str("\r\n");
        }
        lines.push(character);
    }
    lines + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_alone_is_one_part() {
        let message = MessageBuilder::new("Hi").text("a\nb").to_bytes();
        let message = String::from_utf8(message).unwrap();
        assert!(message.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
        assert!(message.ends_with("7bit\r\n\r\na\r\nb\r\n"));
        assert!(message.is_ascii());
    }

    #[test]
    fn what_is_not_ascii_is_encoded() {
        let subject = "Grüße ".repeat(12);
        let message = MessageBuilder::new(&subject)
            .from("Käse <k@example.com>")
            .charset(Charset::Latin1)
            .text("Grüße")
            .attachment("Käse.txt", "text/plain", b"x")
            .to_bytes();
        let message = String::from_utf8(message).unwrap();
        assert!(message.is_ascii());
        assert!(message.lines().all(|line| line.len() <= 90), "{message}");
        assert!(message.contains("From: =?utf-8?B?S8Okc2U=?= <k@example.com>\r\n"));
        assert!(message.contains("R3L832UNCg==\r\n"));
        assert!(message.contains("filename*=utf-8''K%C3%A4se.txt"));
    }

    #[test]
    fn parts_are_nested_by_their_purpose() {
        let message = MessageBuilder::new("Hi")
            .text("t")
            .html("h")
            .inline("i", "image/png", b"i")
            .attachment("a", "application/pdf", b"a")
            .to_bytes();
        let message = String::from_utf8(message).unwrap();
        let types: Vec<&str> = message
            .lines()
            .filter_map(|line| line.strip_prefix("Content-Type: "))
            .map(|kind| kind.split(';').next().unwrap())
            .collect();
        assert_eq!(
            types,
            [
                "multipart/mixed",
                "multipart/alternative",
                "text/plain",
                "multipart/related",
                "text/html",
                "image/png",
                "application/pdf"
            ]
        );
    }
}
