//! Messages as callers give them to the server and look at them afterwards.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

/// A message to put into a mailbox.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub(crate) bytes: Vec<u8>,
    pub(crate) flags: Vec<String>,
    pub(crate) internal_date: Option<DateTime<FixedOffset>>,
}

impl NewMessage {
    /// Returns a message without flags. Its internal date is the time of its delivery.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            flags: Vec::new(),
            internal_date: None,
        }
    }

    /// Adds a flag in its wire form, such as `\Seen` or `$Work`.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// Sets the internal date.
    #[must_use]
    pub fn internal_date(mut self, date: DateTime<FixedOffset>) -> Self {
        self.internal_date = Some(date);
        self
    }
}

impl From<Vec<u8>> for NewMessage {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<&[u8]> for NewMessage {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes)
    }
}

/// A message as the server holds it.
#[derive(Clone, Debug)]
pub struct StoredMessage {
    /// Its unique identifier.
    pub uid: u32,
    /// Its flags in their wire form.
    pub flags: Vec<String>,
    /// Its mod-sequence (RFC 7162).
    pub mod_seq: u64,
    /// Its labels (X-GM-EXT-1), as UTF-8.
    pub labels: Vec<String>,
    /// Its internal date.
    pub internal_date: DateTime<FixedOffset>,
    /// Its octets.
    pub bytes: Arc<[u8]>,
}

/// Returns a small text message in UTF-8. Line ends of the body may be bare LF.
///
/// The same arguments give the same octets. [`MessageBuilder`](crate::MessageBuilder) writes larger ones.
///
/// ```
/// let bytes = latchbox_testkit::message("Lunch", "Ann <ann@example.com>", "At one?");
/// assert!(bytes.starts_with(b"From: Ann <ann@example.com>\r\n"));
/// ```
pub fn message(subject: &str, from: &str, body: &str) -> Vec<u8> {
    let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
    format!(
        "From: {from}\r\n\
         To: Jane <jane@example.com>\r\n\
         Subject: {subject}\r\n\
         Date: Mon, 06 Jan 2025 12:00:00 +0000\r\n\
         Message-ID: <{:016x}@example.com>\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\
         \r\n\
         {body}\r\n",
        fingerprint(&[subject, from, &body]),
    )
    .into_bytes()
}

/// FNV-1a, so that a message made twice has the same Message-ID.
pub(crate) fn fingerprint(texts: &[&str]) -> u64 {
    texts
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}
