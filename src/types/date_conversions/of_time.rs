//! Dates of the crate `time`.

use time::{Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::types::date::{Date, InvalidDate};
use crate::types::date_time::{DateTime, LocalDateTime};

/// Returns an error if the year is not 0 to 9999.
///
/// ```
/// use latchbox::types::{Date, SearchKey};
///
/// let day = time::Date::from_calendar_date(2026, time::Month::November, 1)?;
/// assert_eq!(SearchKey::Since(day.try_into()?).to_string(), "SINCE 1-Nov-2026");
/// assert_eq!(time::Date::from(Date::new(2026, 11, 1)?), day);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<time::Date> for Date {
    type Error = InvalidDate;

    fn try_from(date: time::Date) -> Result<Self, InvalidDate> {
        let (year, month, day) = date.to_calendar_date();
        let year = u16::try_from(year).map_err(|_| InvalidDate::range())?;
        Self::new(year, month.into(), day).map_err(|_| InvalidDate::range())
    }
}

impl From<Date> for time::Date {
    fn from(date: Date) -> Self {
        let month = Month::try_from(date.month()).unwrap_or(Month::January);
        let date = Self::from_calendar_date(date.year().into(), month, date.day());
        // It has every day of these years.
        date.unwrap_or(Self::MIN)
    }
}

/// Returns an error if the year is not 0 to 9999; truncates fractions of a second.
impl TryFrom<PrimitiveDateTime> for LocalDateTime {
    type Error = InvalidDate;

    fn try_from(local: PrimitiveDateTime) -> Result<Self, InvalidDate> {
        let (hour, minute, second) = local.time().as_hms();
        Date::try_from(local.date())?.at(hour, minute, second)
    }
}

/// Converts a leap second to second 59, because `time` has none.
impl From<LocalDateTime> for PrimitiveDateTime {
    fn from(local: LocalDateTime) -> Self {
        let second = local.second().min(59);
        let time = Time::from_hms(local.hour(), local.minute(), second);
        // It has every second of a day.
        Self::new(local.date().into(), time.unwrap_or(Time::MIDNIGHT))
    }
}

/// Takes the instant, with its offset.
///
/// Fractions of a second, and the seconds of an offset, are truncated. Returns an error if the year
/// is not 0 to 9999, or if the offset is 24 hours or more.
///
/// ```
/// use latchbox::types::{DateTime, NewMessage};
/// use time::{OffsetDateTime, UtcOffset};
///
/// let date = OffsetDateTime::from_unix_timestamp(1_793_530_800)?;
/// let date = date.to_offset(UtcOffset::from_hms(1, 0, 0)?);
/// let message = NewMessage::new(b"Subject: hello\r\n\r\n".as_slice()).internal_date(date.try_into()?);
/// # let _ = message;
///
/// let received: DateTime = "2026-11-01T12:00:00+01:00".parse()?;
/// assert_eq!(OffsetDateTime::from(received), date);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<OffsetDateTime> for DateTime {
    type Error = InvalidDate;

    fn try_from(date: OffsetDateTime) -> Result<Self, InvalidDate> {
        Self::of_timestamp(date.unix_timestamp(), date.offset().whole_seconds(), false)
    }
}

/// Converts a leap second to second 59, because `time` has none.
impl From<DateTime> for OffsetDateTime {
    fn from(date: DateTime) -> Self {
        let offset = UtcOffset::from_whole_seconds(date.offset_seconds());
        // It has every offset below a day.
        PrimitiveDateTime::from(date.local()).assume_offset(offset.unwrap_or(UtcOffset::UTC))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_beyond_the_years_is_an_error() {
        assert!(Date::try_from(time::Date::MIN).is_err());
        let first = PrimitiveDateTime::MIN;
        assert!(LocalDateTime::try_from(first).is_err());
        assert!(DateTime::try_from(first.assume_utc()).is_err());
        let last = PrimitiveDateTime::new(Date::MAX.into(), Time::MIDNIGHT);
        assert!(DateTime::try_from(last.assume_utc()).is_ok());
    }

    #[test]
    fn offsets_beyond_ours_are_an_error_and_seconds_of_one_are_cut_off() {
        let at = |seconds| {
            let offset = UtcOffset::from_whole_seconds(seconds).unwrap();
            DateTime::try_from(OffsetDateTime::UNIX_EPOCH.to_offset(offset))
        };
        assert!(at(86_400).is_err() && at(-86_400).is_err());
        let date = at(17 * 60 + 30).unwrap();
        assert_eq!((date.unix_timestamp(), date.offset_seconds()), (0, 17 * 60));
    }

    #[test]
    fn a_leap_second_is_the_second_before_it() {
        let leap: DateTime = "1998-12-31T23:59:60Z".parse().unwrap();
        let back = DateTime::try_from(OffsetDateTime::from(leap)).unwrap();
        assert_eq!(back.to_string(), "1998-12-31T23:59:59+00:00");
    }

    proptest! {
        #[test]
        fn instants_come_back(
            seconds in -62_167_132_800i64..253_402_214_400,
            minutes in -1439i32..=1439,
        ) {
            let ours = DateTime::from_unix_timestamp(seconds).unwrap();
            let ours = ours.to_offset(minutes * 60).unwrap();
            let theirs = OffsetDateTime::from(ours);
            let back = DateTime::try_from(theirs).map(|date| date.to_string());
            prop_assert_eq!(back, Ok(ours.to_string()));
            prop_assert_eq!(theirs.unix_timestamp(), seconds);
            let local = PrimitiveDateTime::from(ours.local());
            prop_assert_eq!(LocalDateTime::try_from(local), Ok(ours.local()));
            prop_assert_eq!(Date::try_from(time::Date::from(ours.date())), Ok(ours.date()));
        }
    }
}
