//! What FETCH can ask for that `imap-codec` does not know: items of RFC 8474, RFC 8514, RFC 8970 and
//! of Gmail.

use crate::command::label_text;
use crate::mime::part::Part;
use crate::mime::{decode, header};
use crate::reply::Reply;
use crate::store::mailbox::Message;

/// How many characters a preview has at most.
const PREVIEW: usize = 200;

/// An item of an extension.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extra {
    EmailId,
    ThreadId,
    SaveDate,
    Preview,
    GmailMessageId,
    GmailThreadId,
    GmailLabels,
}

impl Extra {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "EMAILID" => Self::EmailId,
            "THREADID" => Self::ThreadId,
            "SAVEDATE" => Self::SaveDate,
            "PREVIEW" => Self::Preview,
            "X-GM-MSGID" => Self::GmailMessageId,
            "X-GM-THRID" => Self::GmailThreadId,
            "X-GM-LABELS" => Self::GmailLabels,
            _ => return None,
        })
    }

    /// What has to be advertised for it.
    pub(crate) fn capability(self) -> &'static str {
        match self {
            Self::EmailId | Self::ThreadId => "OBJECTID",
            Self::SaveDate => "SAVEDATE",
            Self::Preview => "PREVIEW",
            Self::GmailMessageId | Self::GmailThreadId | Self::GmailLabels => "X-GM-EXT-1",
        }
    }

    /// Takes these items out of a list; the others, and those that are taken.
    pub(crate) fn take_out(items: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<Self>) {
        let (mut others, mut extras) = (Vec::new(), Vec::new());
        for item in items {
            let word = String::from_utf8_lossy(item).to_ascii_uppercase();
            match Self::parse(&word) {
                Some(extra) => extras.push(extra),
                None if word == "(LAZY)" && extras.last() == Some(&Self::Preview) => {}
                None => others.push(item.to_vec()),
            }
        }
        if others.is_empty() {
            others.push(b"UID".to_vec());
        }
        (others, extras)
    }

    /// Writes the item of a message.
    pub(crate) fn write(self, reply: &mut Reply, message: &Message) {
        let bytes: &[u8] = &message.bytes;
        match self {
            Self::EmailId => reply.push(&format!(" EMAILID ({})", email_id(bytes))),
            Self::ThreadId => reply.push(&format!(" THREADID ({})", thread_id(bytes))),
            Self::SaveDate => {
                let date = message.save_date.format("%e-%b-%Y %H:%M:%S %z");
                reply.push(&format!(" SAVEDATE \"{date}\""));
            }
            Self::Preview => {
                reply.push(" PREVIEW ");
                reply.literal(preview(bytes).as_bytes());
            }
            Self::GmailMessageId => reply.push(&format!(" X-GM-MSGID {}", hash(bytes) >> 1)),
            Self::GmailThreadId => reply.push(&format!(" X-GM-THRID {}", thread(bytes) >> 1)),
            Self::GmailLabels => {
                let labels: Vec<String> = message.labels.iter().map(|l| label_text(l)).collect();
                reply.push(&format!(" X-GM-LABELS ({})", labels.join(" ")));
            }
        }
    }
}

/// EMAILID: messages with the same octets have the same.
pub(crate) fn email_id(bytes: &[u8]) -> String {
    format!("M{:016x}", hash(bytes))
}

/// THREADID.
pub(crate) fn thread_id(bytes: &[u8]) -> String {
    format!("T{:016x}", thread(bytes))
}

/// Messages of one conversation have one subject here, but for what answers put before it.
fn thread(bytes: &[u8]) -> u64 {
    let subject = header::value(header::split(bytes).0, "Subject").unwrap_or_default();
    let subject = decode::words(&subject).to_lowercase();
    hash(subject.trim_start_matches("re:").trim().as_bytes())
}

/// The beginning of the text.
fn preview(bytes: &[u8]) -> String {
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
