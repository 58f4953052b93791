//! The forms in which dates are sent (RFC 9051 section 9): `date` and `date-time`.

use std::fmt;

use crate::types::date::{Date, MONTHS};
use crate::types::date_time::DateTime;

/// `date-text`: `7-Feb-1994`.
pub(crate) struct WireDate(pub(crate) Date);

/// `date-time`, in its quotes: `" 7-Feb-1994 22:43:04 -0800"`.
pub(crate) struct WireDateTime(pub(crate) DateTime);

impl fmt::Display for WireDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let month = MONTHS.get(usize::from(self.0.month()).saturating_sub(1));
        let (day, year) = (self.0.day(), self.0.year());
        write!(f, "{day}-{}-{year:04}", month.copied().unwrap_or_default())
    }
}

impl fmt::Display for WireDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0;
        let pad = if date.day() < 10 { " " } else { "" };
        let (hour, minute, second) = (date.hour(), date.minute(), date.second());
        let sign = if date.offset_seconds() < 0 { '-' } else { '+' };
        let offset = date.offset_seconds().abs() / 60;
        let (zone_hours, zone_minutes) = (offset / 60, offset % 60);
        write!(f, "\"{pad}{} ", WireDate(date.date()))?;
        write!(f, "{hour:02}:{minute:02}:{second:02} ")?;
        write!(f, "{sign}{zone_hours:02}{zone_minutes:02}\"")
    }
}

#[cfg(test)]
mod tests {
    use chrono::{FixedOffset, TimeZone};
    use proptest::prelude::*;

    use super::*;
    use crate::wire::response::date_time::exact_internal_date;

    proptest! {
        #[test]
        fn dates_are_written_as_chrono_writes_them_and_read_again(
            seconds in -62_167_132_800i64..253_402_214_400,
            minutes in -1439i32..=1439,
        ) {
            let offset = FixedOffset::east_opt(minutes * 60).unwrap();
            let theirs = offset.timestamp_opt(seconds, 0).unwrap();
            let ours: DateTime = theirs.to_rfc3339().parse().unwrap();
            let day = WireDate(ours.date()).to_string();
            prop_assert_eq!(day, theirs.format("%-d-%b-%Y").to_string());
            let text = WireDateTime(ours).to_string();
            prop_assert_eq!(&text, &theirs.format("\"%e-%b-%Y %H:%M:%S %z\"").to_string());
            let read = exact_internal_date(text.trim_matches('"').as_bytes());
            prop_assert_eq!(read, Some(ours));
            prop_assert_eq!(read.map(DateTime::offset_seconds), Some(ours.offset_seconds()));
        }
    }
}
