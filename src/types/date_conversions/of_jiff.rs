//! Dates of the crate `jiff`.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime, civil};

use crate::types::date::{Date, InvalidDate};
use crate::types::date_time::{DateTime, LocalDateTime};

/// Returns an error if the year is below 0.
///
/// ```
/// use latchbox::types::{Date, SearchKey};
///
/// let day = jiff::civil::date(2026, 11, 1);
/// assert_eq!(SearchKey::Since(day.try_into()?).to_string(), "SINCE 1-Nov-2026");
/// assert_eq!(jiff::civil::Date::from(Date::new(2026, 11, 1)?), day);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<civil::Date> for Date {
    type Error = InvalidDate;

    fn try_from(date: civil::Date) -> Result<Self, InvalidDate> {
        let year = u16::try_from(date.year()).map_err(|_| InvalidDate::range())?;
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        Self::new(year, month, day)
    }
}

impl From<Date> for civil::Date {
    fn from(date: Date) -> Self {
        let year = i16::try_from(date.year());
        let (month, day) = (i8::try_from(date.month()), i8::try_from(date.day()));
        let parts = year.ok().zip(month.ok()).zip(day.ok());
        let date = parts.and_then(|((year, month), day)| Self::new(year, month, day).ok());
        // jiff has every day of these years.
        date.unwrap_or_default()
    }
}

/// Returns an error if the year is below 0; truncates fractions of a second.
impl TryFrom<civil::DateTime> for LocalDateTime {
    type Error = InvalidDate;

    fn try_from(local: civil::DateTime) -> Result<Self, InvalidDate> {
        let parts = [local.hour(), local.minute(), local.second()];
        let [hour, minute, second] = parts.map(i8::unsigned_abs);
        Date::try_from(local.date())?.at(hour, minute, second)
    }
}

/// Converts a leap second to second 59, because jiff has none.
impl From<LocalDateTime> for civil::DateTime {
    fn from(local: LocalDateTime) -> Self {
        let parts = [local.hour(), local.minute(), local.second().min(59)].map(i8::try_from);
        let time = match parts {
            [Ok(hour), Ok(minute), Ok(second)] => civil::Time::new(hour, minute, second, 0).ok(),
            _ => None,
        };
        // jiff has every second of a day.
        Self::from_parts(local.date().into(), time.unwrap_or_default())
    }
}

/// Takes the instant in UTC; truncates fractions of a second.
///
/// Returns an error if the year is below 0.
impl TryFrom<Timestamp> for DateTime {
    type Error = InvalidDate;

    fn try_from(timestamp: Timestamp) -> Result<Self, InvalidDate> {
        DateTime::of_timestamp(floor(timestamp), 0, false)
    }
}

/// Takes the instant, with the offset that it has in its time zone.
///
/// Fractions of a second, and the seconds of an offset, are truncated. Returns an error if the year
/// is below 0, or if the offset is 24 hours or more.
///
/// ```
/// use latchbox::types::{DateTime, NewMessage};
///
/// let date: jiff::ZonedDateTime = "2026-11-01T12:00:00+01:00[+01:00]".parse()?;
/// let message = NewMessage::new(b"Subject: hello\r\n\r\n".as_slice()).internal_date((&date).try_into()?);
/// # let _ = message;
///
/// let received: DateTime = "2026-11-01T12:00:00+01:00".parse()?;
/// assert_eq!(jiff::ZonedDateTime::try_from(received)?, date);
/// assert_eq!(jiff::Timestamp::try_from(received)?, date.timestamp());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<&ZonedDateTime> for DateTime {
    type Error = InvalidDate;

    fn try_from(date: &ZonedDateTime) -> Result<Self, InvalidDate> {
        DateTime::of_timestamp(floor(date.timestamp()), date.offset().seconds(), false)
    }
}

/// Like the conversion from a reference.
impl TryFrom<ZonedDateTime> for DateTime {
    type Error = InvalidDate;

    fn try_from(date: ZonedDateTime) -> Result<Self, InvalidDate> {
        Self::try_from(&date)
    }
}

/// Returns an error after [`Timestamp::MAX`], which is on 9999-12-30.
///
/// A leap second becomes second 59.
impl TryFrom<DateTime> for Timestamp {
    type Error = jiff::Error;

    fn try_from(date: DateTime) -> Result<Self, jiff::Error> {
        Self::from_second(date.unix_timestamp())
    }
}

/// Takes a time zone that always has this offset.
///
/// Returns an error after [`Timestamp::MAX`], which is on 9999-12-30. A leap second becomes second
/// 59.
impl TryFrom<DateTime> for ZonedDateTime {
    type Error = jiff::Error;

    fn try_from(date: DateTime) -> Result<Self, jiff::Error> {
        let offset = Offset::from_seconds(date.offset_seconds())?;
        let timestamp = Timestamp::try_from(date)?;
        Ok(timestamp.to_zoned_datetime(TimeZone::fixed(offset)))
    }
}

/// The last whole second that is not after it: `as_second` truncates towards 1970.
fn floor(timestamp: Timestamp) -> i64 {
    timestamp.as_second() - i64::from(timestamp.subsec_nanosecond() < 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_beyond_the_years_is_an_error() {
        assert!(Date::try_from(civil::Date::MIN).is_err());
        assert_eq!(Date::try_from(civil::Date::MAX), Ok(Date::MAX));
        assert!(LocalDateTime::try_from(civil::DateTime::MIN).is_err());
        assert!(LocalDateTime::try_from(civil::DateTime::MAX).is_ok());
        assert!(DateTime::try_from(Timestamp::MIN).is_err());
        assert!(DateTime::try_from(Timestamp::MAX).is_ok());
        let last = Date::MAX.at(23, 59, 59).unwrap().in_utc();
        assert!(Timestamp::try_from(last).is_err());
        assert!(ZonedDateTime::try_from(last).is_err());
    }

    #[test]
    fn offsets_beyond_ours_are_an_error_and_seconds_of_one_are_cut_off() {
        let at = |seconds| {
            let zone = TimeZone::fixed(Offset::from_seconds(seconds).unwrap());
            DateTime::try_from(Timestamp::UNIX_EPOCH.to_zoned_datetime(zone))
        };
        assert!(at(86_400).is_err() && at(-86_400).is_err());
        let date = at(17 * 60 + 30).unwrap();
        assert_eq!((date.unix_timestamp(), date.offset_seconds()), (0, 17 * 60));
    }

    #[test]
    fn fractions_are_cut_off_on_both_sides_of_1970() {
        for (millisecond, second) in [(-500, -1), (-1000, -1), (-1001, -2), (999, 0), (1000, 1)] {
            let timestamp = Timestamp::from_millisecond(millisecond).unwrap();
            let date = DateTime::try_from(timestamp).unwrap();
            assert_eq!(date.unix_timestamp(), second, "{millisecond}");
        }
    }

    #[test]
    fn a_leap_second_is_the_second_before_it() {
        let leap: DateTime = "1998-12-31T23:59:60Z".parse().unwrap();
        let zoned = ZonedDateTime::try_from(leap).unwrap();
        assert_eq!(
            DateTime::try_from(zoned).unwrap().to_string(),
            "1998-12-31T23:59:59+00:00"
        );
        let local = civil::DateTime::from(leap.local());
        assert_eq!(local.second(), 59);
    }

    proptest! {
        #[test]
        fn instants_come_back(
            seconds in -62_167_132_800i64..253_402_000_000,
            minutes in -1439i32..=1439,
        ) {
            let ours = DateTime::from_unix_timestamp(seconds).unwrap();
            let ours = ours.to_offset(minutes * 60).unwrap();
            let theirs = ZonedDateTime::try_from(ours).unwrap();
            let back = DateTime::try_from(&theirs).map(|date| date.to_string());
            prop_assert_eq!(back, Ok(ours.to_string()));
            prop_assert_eq!(civil::DateTime::from(ours.local()), theirs.datetime());
            prop_assert_eq!(LocalDateTime::try_from(theirs.datetime()), Ok(ours.local()));
            prop_assert_eq!(Timestamp::try_from(ours).unwrap(), theirs.timestamp());
            prop_assert_eq!(Date::try_from(civil::Date::from(ours.date())), Ok(ours.date()));
        }
    }
}
