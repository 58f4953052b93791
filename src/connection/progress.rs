//! The state of an answer before its end.

use crate::connection::answer::is_limit;
use crate::error::Error;
use crate::error::said::{Said, shortened};
use crate::limits::{Limit, Limits, WARNING};
use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;
use crate::wire::response::status::Status;
use crate::wire::response::unread::{is_named, name_of};

/// The facts recorded about an answer that has not been read to its end.
#[derive(Default)]
pub(crate) struct Progress {
    /// The code with which the server reported that it stopped early.
    pub(crate) stopped: Option<ResponseCode>,
    /// The number of responses that lengthen lists.
    pub(crate) gathered: usize,
    /// The limit that a response exceeded, if it closes no connection.
    spoilt: Option<Limit>,
    /// The last response that may be the reason why the server does not continue: an untagged NO or
    /// BAD, or an ALERT.
    pub(crate) warning: Option<Box<str>>,
    /// Responses that cannot be read, the first of each name.
    unread: Vec<Box<[u8]>>,
}

/// The most responses that cannot be read to be kept, each of another name.
const MOST_UNREAD: usize = 8;

impl Progress {
    /// Records a response; only warnings while the command has no limit of time (`is_bounded` is
    /// false).
    pub(crate) fn note(&mut self, data: &Untagged<'_>, is_bounded: bool) {
        self.keep_warning(data);
        if !is_bounded {
            return;
        }
        self.gathered += usize::from(data.lengthens_a_list());
        match data {
            Untagged::Status { status, text } if *status == Status::No => {
                let limit = text.code.clone().filter(|code| is_limit(Some(code)));
                self.stopped = limit.or(self.stopped.take());
            }
            Untagged::Invalid { bytes, error } => {
                self.spoilt = self.spoilt.or(error.limit);
                let name = name_of(bytes);
                let mut kept = self.unread.iter();
                let is_known = kept.any(|kept| name_of(kept).eq_ignore_ascii_case(name));
                if self.unread.len() < MOST_UNREAD && !is_known {
                    self.unread.push((*bytes).into());
                }
            }
            _ => {}
        }
    }

    /// Whether nothing was recorded. A limit that was exceeded comes with a response that cannot be
    /// read, and the end of a command with a warning.
    #[inline]
    pub(crate) fn is_nothing(&self) -> bool {
        self.gathered == 0 && self.warning.is_none() && self.unread.is_empty()
    }

    /// Keeps a response that may be the reason why the server does not continue.
    fn keep_warning(&mut self, data: &Untagged<'_>) {
        let Untagged::Status { status, text } = data else {
            return;
        };
        let is_alert = matches!(text.code, Some(ResponseCode::Alert));
        let word = match status {
            Status::No => "NO",
            Status::Bad => "BAD",
            Status::Ok if is_alert => "OK",
            _ => return,
        };
        let words = text.text.as_str();
        let said = Said(text.code.as_ref(), &words);
        self.warning = Some(shortened(&format_args!("{word} {said}"), WARNING));
    }

    /// Resets the record, because the answer is over. It is cleared in place and not replaced,
    /// because each command does this. Returns the code with which the server reported that it
    /// stopped early.
    pub(crate) fn end(&mut self) -> Option<ResponseCode> {
        self.gathered = 0;
        self.spoilt = None;
        self.warning = None;
        self.unread.clear();
        self.stopped.take()
    }

    /// The response to this command that cannot be read.
    fn unread_by(&mut self, command: &str) -> Option<Box<[u8]>> {
        let names = answers_to(command);
        let mut kept = self.unread.iter();
        let place = kept.position(|kept| is_named(kept, names))?;
        Some(self.unread.remove(place))
    }

    /// The reason why the answer to this command is unusable, if it still has a reader: it exceeded
    /// a limit, or a response of it cannot be read. A command in flight beside others examines its
    /// responses itself.
    pub(crate) fn spoilt_by(
        &mut self,
        command: &'static str,
        is_alone: bool,
        is_read: bool,
        limits: &Limits,
    ) -> Option<Error> {
        if self.spoilt.is_none() && self.unread.is_empty() {
            return None;
        }
        let unread = self.unread_by(command).filter(|_| is_alone);
        if !is_read {
            return None;
        }
        let beyond = self.spoilt.map(|limit| limits.exceeded(limit));
        let beyond = beyond.map(|limit| Error::beyond(command, limit));
        beyond.or_else(|| unread.map(|octets| Error::unreadable_response(command, octets)))
    }
}

/// The names of the responses that answer a command: if one of them cannot be read, the command
/// fails, so that its data is not taken for missing.
fn answers_to(command: &str) -> &'static [&'static str] {
    match command {
        "LIST" => &["LIST", "STATUS", "MYRIGHTS", "METADATA"],
        "LSUB" => &["LSUB"],
        "XLIST" => &["XLIST", "LIST"],
        "ID" => &["ID"],
        "GETQUOTA" | "SETQUOTA" => &["QUOTA"],
        "GETQUOTAROOT" => &["QUOTA", "QUOTAROOT"],
        "UID THREAD" => &["THREAD"],
        "UID SORT" => &["SORT", "ESEARCH"],
        "ESEARCH" => &["ESEARCH"],
        "FETCH" | "UID FETCH" => &["FETCH", "UIDFETCH", "VANISHED"],
        "EXPUNGE" | "UID EXPUNGE" | "UID MOVE" => &["EXPUNGE", "VANISHED"],
        _ => &[],
    }
}
