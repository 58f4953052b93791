//! The responses of the server: one closed enum, a file for each kind.

pub(crate) mod acl;
pub(crate) mod address_list;
mod body_node;
mod body_plain;
mod body_shape;
pub(crate) mod body_structure;
pub(crate) mod body_tree;
pub(crate) mod date_time;
pub(crate) mod encoded_word;
pub(crate) mod envelope;
pub(crate) mod fetch;
pub(crate) mod fetch_answer;
pub(crate) mod fetch_item;
pub(crate) mod fetch_plain;
pub(crate) mod fetch_responses;
pub(crate) mod fetch_row;
mod fetch_structure;
pub(crate) mod flags;
pub(crate) mod file_name;
pub(crate) mod header_date;
pub(crate) mod header_field;
pub(crate) mod id;
pub(crate) mod item_error;
pub(crate) mod jmap_access;
pub(crate) mod labels;
pub(crate) mod language;
pub(crate) mod list;
pub(crate) mod mailbox_status;
pub(crate) mod metadata;
pub(crate) mod named;
pub(crate) mod namespace;
pub(crate) mod parameter_value;
pub(crate) mod parameters;
pub(crate) mod part_role;
pub(crate) mod placeholder;
pub(crate) mod quota;
pub(crate) mod response_code;
pub(crate) mod search;
pub(crate) mod section_match;
mod section_name;
pub(crate) mod status;
pub(crate) mod thread;
pub(crate) mod uid_batches;
pub(crate) mod unread;

use std::num::NonZeroU32;

use crate::limits::Limits;
use crate::types::capability::{Capabilities, Capability};
use crate::types::flag::Flag;
use crate::types::list::ListEntry;
use crate::types::mailbox_status::MailboxStatus;
use crate::types::namespace::Namespaces;
use crate::types::number_set::NumberSet;
use crate::types::quota::Quota;
use crate::types::thread::Node;
use crate::types::uid::ModSeq;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::frame::Frame;
use crate::wire::octet::is_word;
use crate::wire::response::fetch_row::{FetchPlace, FetchRow};
use crate::wire::response::metadata::MetadataData;
use crate::wire::response::named::Named;
use crate::wire::response::quota::Roots;
use crate::wire::response::search::Esearch;
use crate::wire::response::status::{ResponseText, Status};

/// One response of the server (RFC 9051 section 7).
#[derive(Debug)]
pub(crate) enum Response<'a> {
    /// The tagged response that completes a command.
    Tagged {
        tag: &'a [u8],
        status: Status,
        text: ResponseText<'a>,
    },
    /// The server's continuation request.
    Continue(ResponseText<'a>),
    /// All other responses.
    Untagged(Untagged<'a>),
}

/// Untagged data: of an answer, or unsolicited, which can come at any time.
#[derive(Debug)]
pub(crate) enum Untagged<'a> {
    Status {
        status: Status,
        text: ResponseText<'a>,
    },
    Capability(Capabilities),
    Enabled {
        capabilities: Vec<Capability>,
        /// Whether the ENABLE in flight requested these: set by the command, not by the server.
        is_asked: bool,
    },
    List(ListEntry),
    Lsub(ListEntry),
    MailboxStatus(MailboxStatus),
    Namespace(Namespaces),
    Search {
        numbers: NumberSet,
        mod_seq: Option<ModSeq>,
    },
    /// In the order that was requested.
    Sort {
        numbers: Vec<NonZeroU32>,
        mod_seq: Option<ModSeq>,
    },
    Thread(Vec<Node>),
    Esearch(Esearch<'a>),
    Flags(Vec<Flag>),
    Exists(u32),
    Recent(u32),
    Expunge(u32),
    Vanished {
        earlier: bool,
        uids: NumberSet,
    },
    Fetch(FetchRow<'a>),
    Id(Vec<(String, Option<String>)>),
    Quota(Quota),
    QuotaRoot(Named<'a, Roots>),
    Acl(Named<'a, acl::Entries>),
    ListRights(Named<'a, acl::Listed>),
    MyRights(Named<'a, acl::Mine>),
    Metadata(MetadataData),
    /// An unknown response, without its line end.
    Other(&'a [u8]),
    /// A known response that does not follow the grammar: the whole of it.
    Invalid {
        bytes: &'a [u8],
        error: ParseError,
    },
}

impl Untagged<'_> {
    /// Whether it changes the sequence numbers of messages, or may.
    pub(crate) fn renumbers(&self) -> bool {
        match self {
            Untagged::Expunge(_) | Untagged::Vanished { earlier: false, .. } => true,
            Untagged::Other(bytes) | Untagged::Invalid { bytes, .. } => unread::renumbers(bytes),
            _ => false,
        }
    }

    /// Whether the server can send any number of these, and the crate may keep all.
    ///
    /// Numbers of messages are kept as ranges.
    pub(crate) fn lengthens_a_list(&self) -> bool {
        matches!(
            self,
            Untagged::List(_)
                | Untagged::Lsub(_)
                | Untagged::MailboxStatus(_)
                | Untagged::Esearch(_)
                | Untagged::Thread(_)
                | Untagged::Quota(_)
                | Untagged::QuotaRoot(_)
                | Untagged::Acl(_)
                | Untagged::ListRights(_)
                | Untagged::MyRights(_)
                | Untagged::Metadata(_)
        )
    }
}

impl<'a> Response<'a> {
    /// Whether a response is that to a command, and not one without a tag.
    pub(crate) fn is_tagged(bytes: &[u8]) -> bool {
        let first = bytes.first();
        first.is_some_and(|first| {
            !matches!(
                first,
                b'*' | b'+' | b'[' | b' ' | b'\t' | b')' | b'\r' | b'\n'
            )
        })
    }

    /// Parses a frame.
    ///
    /// # Errors
    ///
    /// Only for what cannot be a response at all, which means that the connection is unusable. A
    /// response that is merely malformed is [`Untagged::Invalid`].
    pub(crate) fn parse(frame: Frame<'a>, limits: &Limits) -> Result<Response<'a>, ParseError> {
        if let Some(place) = FetchPlace::plain(frame.bytes) {
            return Ok(Response::Untagged(Untagged::Fetch(FetchRow {
                place,
                frame,
                limits: *limits,
            })));
        }
        let mut cursor = Cursor::new(frame);
        match cursor.peek() {
            Some(b'*') => Ok(Response::Untagged(Untagged::parse(cursor, limits))),
            Some(b'+') => {
                cursor.seek(1);
                Ok(Response::Continue(ResponseText::parse(cursor, limits)))
            }
            // Exchange leaves out the `* OK` before a response code.
            Some(b'[') => Ok(Response::Untagged(Untagged::status(
                Status::Ok,
                cursor,
                limits,
            ))),
            Some(b' ' | b'\t') if is_indented(cursor) => {
                cursor.try_sp();
                Ok(Response::Untagged(Untagged::parse(cursor, limits)))
            }
            // The rest of a response whose end came too early.
            None | Some(b' ' | b'\t' | b')' | b'\r' | b'\n') => {
                let error = cursor.error("a response");
                Ok(Response::Untagged(Untagged::Invalid {
                    bytes: frame.bytes,
                    error,
                }))
            }
            Some(_) => Response::tagged(cursor, limits),
        }
    }

    /// Parses a frame that [is a tagged response](Self::is_tagged).
    pub(crate) fn tagged(
        mut cursor: Cursor<'a>,
        limits: &Limits,
    ) -> Result<Response<'a>, ParseError> {
        let tag = cursor.token()?;
        cursor.sp()?;
        let word = cursor.run(is_word);
        match Status::from_word(word) {
            Some(status @ (Status::Ok | Status::No | Status::Bad)) => Ok(Response::Tagged {
                tag,
                status,
                text: ResponseText::parse(cursor, limits),
            }),
            _ => Err(cursor.error("OK, NO or BAD")),
        }
    }
}

impl<'a> Untagged<'a> {
    fn parse(mut cursor: Cursor<'a>, limits: &Limits) -> Untagged<'a> {
        cursor.try_byte(b'*');
        cursor.try_sp();
        let bytes = cursor.frame().bytes;
        let parsed = match cursor.peek() {
            Some(b'0'..=b'9') => Self::numbered(cursor, limits),
            Some(b'[') => Ok(Some(Self::status(Status::Ok, cursor, limits))),
            _ => Self::named(cursor, limits),
        };
        match parsed {
            Ok(Some(untagged)) => untagged,
            Ok(None) => Untagged::Other(Cursor::new(Frame::inline(bytes)).text()),
            Err(error) => Untagged::Invalid { bytes, error },
        }
    }

    fn status(status: Status, cursor: Cursor<'a>, limits: &Limits) -> Untagged<'a> {
        Untagged::Status {
            status,
            text: ResponseText::parse(cursor, limits),
        }
    }

    /// `message-data` and the other responses that begin with a number.
    fn numbered(mut cursor: Cursor<'a>, limits: &Limits) -> Result<Option<Self>, ParseError> {
        let (frame, start) = (cursor.frame(), cursor.position());
        cursor.run(|byte| byte.is_ascii_digit());
        let number = Cursor::within(frame, start, cursor.position()).number();
        let is_apart = cursor.try_sp();
        if number.is_err() && starts_fetch(cursor) {
            return Ok(Some(Self::fetch(0, cursor, limits)));
        }
        let number = number?;
        let word = cursor.run(is_word);
        if !is_apart && !word.first().is_some_and(u8::is_ascii_alphabetic) {
            return Err(cursor.error("a space"));
        }
        let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
        Ok(Some(match word.len() {
            5 | 8 if is(b"FETCH") || is(b"UIDFETCH") => {
                cursor.seek(cursor.position() - word.len());
                Self::fetch(number, cursor, limits)
            }
            6 if is(b"EXISTS") => Untagged::Exists(number),
            6 if is(b"RECENT") => Untagged::Recent(number),
            7 if is(b"EXPUNGE") => Untagged::Expunge(number),
            _ => return Ok(None),
        }))
    }

    /// A FETCH whose number is missing or malformed: its message is known from the UID.
    fn fetch(seq: u32, mut cursor: Cursor<'a>, limits: &Limits) -> Self {
        let word = cursor.run(is_word);
        cursor.try_sp();
        Untagged::Fetch(FetchRow {
            place: FetchPlace {
                seq,
                items_at: cursor.position(),
                is_uid: word.len() > "FETCH".len(),
            },
            frame: cursor.frame(),
            limits: *limits,
        })
    }

    fn named(mut cursor: Cursor<'a>, limits: &Limits) -> Result<Option<Self>, ParseError> {
        let start = cursor;
        let word = cursor.run(is_word);
        if is_fetch(word, cursor) {
            return Ok(Some(Self::fetch(0, start, limits)));
        }
        if let Some(status) = Status::from_word(word) {
            return Ok(Some(Self::status(status, cursor, limits)));
        }
        let mut upper = [0; LONGEST_WORD];
        let Some(name) = upper.get_mut(..word.len()) else {
            return Ok(None);
        };
        name.copy_from_slice(word);
        name.make_ascii_uppercase();
        cursor.try_sp();
        Ok(Some(match &*name {
            b"CAPABILITY" => Untagged::Capability(Capabilities::from_server(cursor.text())),
            b"ENABLED" => Untagged::Enabled {
                capabilities: enabled(cursor),
                is_asked: false,
            },
            b"LIST" | b"XLIST" => Untagged::List(list::parse(cursor, limits)?),
            b"LSUB" => Untagged::Lsub(list::parse(cursor, limits)?),
            b"STATUS" => Untagged::MailboxStatus(mailbox_status::parse(cursor)?),
            b"NAMESPACE" => Untagged::Namespace(namespace::parse(cursor, limits)?),
            b"SEARCH" => {
                let (numbers, mod_seq) = search::parse(cursor)?;
                Untagged::Search { numbers, mod_seq }
            }
            b"SORT" => {
                let (numbers, mod_seq) = search::sort(cursor)?;
                Untagged::Sort { numbers, mod_seq }
            }
            b"THREAD" => Untagged::Thread(thread::parse(cursor, limits)?),
            b"ESEARCH" => Untagged::Esearch(Esearch::parse(cursor)?),
            b"FLAGS" => Untagged::Flags(flags::parse(&mut cursor, limits)?.0),
            b"VANISHED" => {
                let (earlier, uids) = search::vanished(cursor)?;
                Untagged::Vanished { earlier, uids }
            }
            b"ID" => Untagged::Id(id::parse(cursor, limits)?),
            b"QUOTA" => Untagged::Quota(quota::quota(cursor, limits)?),
            b"QUOTAROOT" => Untagged::QuotaRoot(Named::parse(cursor, limits)?),
            b"ACL" => Untagged::Acl(Named::parse(cursor, limits)?),
            b"LISTRIGHTS" => Untagged::ListRights(Named::parse(cursor, limits)?),
            b"MYRIGHTS" => Untagged::MyRights(Named::parse(cursor, limits)?),
            b"METADATA" => Untagged::Metadata(metadata::parse(cursor, limits)?),
            _ => return Ok(None),
        }))
    }
}

/// Whether an untagged response begins after blanks.
fn is_indented(mut cursor: Cursor<'_>) -> bool {
    cursor.try_sp() && cursor.peek() == Some(b'*')
}

/// Whether the word FETCH or UIDFETCH comes next, with the items of a message.
fn starts_fetch(mut cursor: Cursor<'_>) -> bool {
    let word = cursor.run(is_word);
    is_fetch(word, cursor)
}

fn is_fetch(word: &[u8], mut behind: Cursor<'_>) -> bool {
    let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
    (is(b"FETCH") || is(b"UIDFETCH")) && {
        behind.try_sp();
        behind.peek() == Some(b'(')
    }
}

/// The length of `CAPABILITY`, with some room.
const LONGEST_WORD: usize = 16;

fn enabled(mut cursor: Cursor<'_>) -> Vec<Capability> {
    let words = cursor.text().split(|byte| *byte == b' ');
    words.filter_map(Capability::from_server).collect()
}

#[cfg(test)]
mod tests;
