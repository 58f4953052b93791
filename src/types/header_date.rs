//! The date of a header field: an instant, or a local time with an unknown zone.

use std::fmt;

use crate::types::date_time::{DateTime, LocalDateTime};

/// The date of a header field (RFC 5322 section 3.3), as in
/// [`Envelope::date`](crate::message::Envelope::date).
///
/// A date that names no zone, or one without a known offset, has a [local](Self::local) time and no
/// [instant](Self::instant). An offset of `-0000` is read as UTC: the instant is known, although
/// the zone of the sender is not (RFC 5322 section 3.3). `Display` writes the form of RFC 3339,
/// without an offset if there is none. Two dates are equal if their local times and their offsets
/// are equal.
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
    /// The offset is valid for [`LocalDateTime::with_offset`], or is not known.
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

    /// The date and time on the sender's clock, whatever the zone.
    #[must_use]
    pub fn local(&self) -> LocalDateTime {
        self.local
    }

    /// The instant for sorting: UTC is assumed if the zone is not known (RFC 5256 section 2.2).
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
