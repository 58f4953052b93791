//! The date of a header field: an instant, or a local time of which the zone is not known.

use std::fmt;

use crate::types::date_time::{DateTime, LocalDateTime};

/// A date as a header field has it (RFC 5322 section 3.3), such as that of
/// [`Envelope::date`](crate::message::Envelope::date).
///
/// Mail that names no zone, or one that has no known offset, has a [local](Self::local) time and
/// no [instant](Self::instant). An offset of `-0000` is read as UTC: the instant is known, though the
/// zone of the sender is not (RFC 5322 section 3.3). `Display` writes the form of RFC 3339, without an
/// offset if there is none. Two are equal if their local times and their offsets are.
///
/// ```
#[doc = include_str!("../doc/message.txt")]
/// let date = message.envelope()?.date().ok_or("it has no date")?;
/// assert_eq!(date.to_string(), "2025-01-06T12:00:00+00:00");
/// assert_eq!((date.local().date().year(), date.local().hour()), (2025, 12));
/// assert!(date.instant().is_some()); // the zone is known
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeaderDate {
    local: LocalDateTime,
    offset_seconds: Option<i32>,
}

impl HeaderDate {
    /// The offset is one that [`LocalDateTime::with_offset`] takes, or it is not known.
    pub(crate) fn new(local: LocalDateTime, offset_seconds: Option<i32>) -> Self {
        let offset_seconds = offset_seconds.filter(|offset| local.with_offset(*offset).is_ok());
        Self {
            local,
            offset_seconds,
        }
    }

    /// The instant, with the offset of the sender's zone; `None` if the zone is not known.
    #[must_use]
    pub fn instant(&self) -> Option<DateTime> {
        self.local.with_offset(self.offset_seconds?).ok()
    }

    /// The date and the time as the sender's clock had them, whatever the zone.
    #[must_use]
    pub fn local(&self) -> LocalDateTime {
        self.local
    }

    /// The instant, or what it is in UTC if the zone is not known (RFC 5256 section 2.2): to sort by.
    #[must_use]
    pub fn instant_or_utc(&self) -> DateTime {
        self.instant().unwrap_or_else(|| self.local.in_utc())
    }
}

impl From<DateTime> for HeaderDate {
    fn from(date: DateTime) -> Self {
        Self::new(date.local(), Some(date.offset_seconds()))
    }
}

impl fmt::Display for HeaderDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instant() {
            Some(date) => date.fmt(f),
            None => self.local.fmt(f),
        }
    }
}
