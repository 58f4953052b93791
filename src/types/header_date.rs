//! The date of a header field: an instant, or a local time of which the zone is not known.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDateTime};

/// A date as a header field has it (RFC 5322 section 3.3), such as that of
/// [`Envelope::date`](crate::message::Envelope::date).
///
/// Mail that names no zone, or one that has no known offset, has a [local](Self::local) time and
/// no [instant](Self::instant). `Display` writes the form of RFC 3339, without an offset if there
/// is none.
///
/// ```
#[doc = include_str!("../doc/message.txt")]
/// let date = message.envelope()?.date().ok_or("it has no date")?;
/// assert_eq!(date.to_string(), "2025-01-06T12:00:00+00:00");
/// assert!(date.instant().is_some()); // the zone is known
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeaderDate {
    local: NaiveDateTime,
    offset: Option<FixedOffset>,
}

impl HeaderDate {
    pub(crate) fn new(local: NaiveDateTime, offset: Option<FixedOffset>) -> Self {
        Self { local, offset }
    }

    /// The instant, with the offset of the sender's zone; `None` if the zone is not known.
    #[must_use]
    pub fn instant(&self) -> Option<DateTime<FixedOffset>> {
        self.local.and_local_timezone(self.offset?).single()
    }

    /// The date and the time as the sender's clock had them, whatever the zone.
    #[must_use]
    pub fn local(&self) -> NaiveDateTime {
        self.local
    }

    /// The instant, as if a zone that is not known was UTC (RFC 5256 section 2.2): to sort by.
    #[must_use]
    pub fn instant_or_utc(&self) -> DateTime<FixedOffset> {
        let utc = || self.local.and_utc().fixed_offset();
        self.instant().unwrap_or_else(utc)
    }
}

impl From<DateTime<FixedOffset>> for HeaderDate {
    fn from(date: DateTime<FixedOffset>) -> Self {
        Self::new(date.naive_local(), Some(*date.offset()))
    }
}

impl fmt::Display for HeaderDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instant() {
            Some(date) => f.write_str(&date.to_rfc3339()),
            None => write!(f, "{}", self.local.format("%Y-%m-%dT%H:%M:%S")),
        }
    }
}
