//! What a message has for the items of extensions: identifiers (RFC 8474 and Gmail's) and a preview
//! (RFC 8970).

use crate::mime::part::Part;
use crate::mime::{decode, header};

/// How many characters a preview has at most.
const PREVIEW: usize = 200;

/// EMAILID: messages with the same octets have the same.
pub(crate) fn email_id(bytes: &[u8]) -> String {
    format!("M{:016x}", hash(bytes))
}

/// THREADID.
pub(crate) fn thread_id(bytes: &[u8]) -> String {
    format!("T{:016x}", thread(bytes))
}

/// X-GM-MSGID.
pub(crate) fn gmail_message_id(bytes: &[u8]) -> u64 {
    hash(bytes) >> 1
}

/// X-GM-THRID.
pub(crate) fn gmail_thread_id(bytes: &[u8]) -> u64 {
    thread(bytes) >> 1
}

/// Messages of one conversation have one subject here, but for what answers put before it.
fn thread(bytes: &[u8]) -> u64 {
    let subject = header::value(header::split(bytes).0, "Subject").unwrap_or_default();
    let subject = decode::words(&subject).to_lowercase();
    hash(subject.trim_start_matches("re:").trim().as_bytes())
}

/// The beginning of the text.
pub(crate) fn preview(bytes: &[u8]) -> String {
    let message = Part::parse(bytes);
    let text = message.find(&[1]).and_then(decode::body);
    let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(PREVIEW).collect()
}

/// FNV-1a: the same message has the same number wherever it is.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
