//! Dates of the crate `chrono`.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc};

use crate::types::date::{Date, InvalidDate};
use crate::types::date_time::{DateTime, LocalDateTime};

/// The nanosecond from which chrono counts a leap second.
const LEAP: u32 = 1_000_000_000;

/// Returns an error if the year is not 0 to 9999.
///
/// ```
/// use latchbox::types::{Date, SearchKey};
///
/// let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 1).ok_or("no such day")?;
/// assert_eq!(SearchKey::Since(day.try_into()?).to_string(), "SINCE 1-Nov-2026");
/// assert_eq!(chrono::NaiveDate::from(Date::new(2026, 11, 1)?), day);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl TryFrom<NaiveDate> for Date {
    type Error = InvalidDate;

    fn try_from(date: NaiveDate) -> Result<Self, InvalidDate> {
        let year = u16::try_from(date.year()).map_err(|_| InvalidDate::range())?;
        let (month, day) = (u8::try_from(date.month()), u8::try_from(date.day()));
        let (month, day) = month.ok().zip(day.ok()).ok_or_else(InvalidDate::range)?;
        Self::new(year, month, day)
    }
}

impl From<Date> for NaiveDate {
    fn from(date: Date) -> Self {
        let (year, month, day) = (date.year(), date.month(), date.day());
        // chrono has every day of these years.
        Self::from_ymd_opt(year.into(), month.into(), day.into()).unwrap_or_default()
    }
}

/// Returns an error if the year is not 0 to 9999; truncates fractions of a second.
impl TryFrom<NaiveDateTime> for LocalDateTime {
    type Error = InvalidDate;

    fn try_from(local: NaiveDateTime) -> Result<Self, InvalidDate> {
        let leap = u32::from(local.nanosecond() >= LEAP && local.second() == 59);
        let second = local.second() + leap;
        let parts = [local.hour(), local.minute(), second].map(u8::try_from);
        let [Ok(hour), Ok(minute), Ok(second)] = parts else {
            return Err(InvalidDate::range());
        };
        Date::try_from(local.date())?.at(hour, minute, second)
    }
}

impl From<LocalDateTime> for NaiveDateTime {
    fn from(local: LocalDateTime) -> Self {
        let is_leap = local.second() == 60;
        let (second, milli) = if is_leap {
            (59, 1000)
        } else {
            (local.second(), 0)
        };
        let (hour, minute) = (local.hour().into(), local.minute().into());
        let time = NaiveTime::from_hms_milli_opt(hour, minute, second.into(), milli);
        // chrono has every second of a day.
        NaiveDate::from(local.date()).and_time(time.unwrap_or_default())
    }
}

/// Keeps the instant and its offset; returns an error if the year is not 0 to 9999.
///
/// Fractions of a second, and the seconds of an offset, are truncated.
///
/// ```
/// use latchbox::types::{DateTime, NewMessage};
///
/// let date = chrono::DateTime::parse_from_rfc3339("2026-11-01T12:00:00+01:00")?;
/// let message = NewMessage::new(b"Subject: hello\r\n\r\n".as_slice()).internal_date(date.try_into()?);
/// # let _ = message;
///
/// let received: DateTime = "2026-11-01T12:00:00+01:00".parse()?;
/// assert_eq!(chrono::DateTime::<chrono::FixedOffset>::from(received), date);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<Z: TimeZone> TryFrom<chrono::DateTime<Z>> for DateTime {
    type Error = InvalidDate;

    fn try_from(date: chrono::DateTime<Z>) -> Result<Self, InvalidDate> {
        let is_leap = date.timestamp_subsec_nanos() >= LEAP;
        let offset = chrono::Offset::fix(date.offset()).local_minus_utc();
        Self::of_timestamp(date.timestamp(), offset, is_leap)
    }
}

impl From<DateTime> for chrono::DateTime<FixedOffset> {
    fn from(date: DateTime) -> Self {
        let local = NaiveDateTime::from(date.local());
        let offset = FixedOffset::east_opt(date.offset_seconds());
        let date = offset.and_then(|offset| local.and_local_timezone(offset).single());
        // chrono has every offset below a day, and instants far beyond year 9999.
        date.unwrap_or_else(|| local.and_utc().fixed_offset())
    }
}

impl From<DateTime> for chrono::DateTime<Utc> {
    fn from(date: DateTime) -> Self {
        chrono::DateTime::<FixedOffset>::from(date).to_utc()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_beyond_the_years_is_an_error() {
        for date in [NaiveDate::MIN, NaiveDate::MAX] {
            assert!(Date::try_from(date).is_err());
            let local = date.and_time(NaiveTime::MIN);
            assert!(LocalDateTime::try_from(local).is_err());
        }
        for date in [
            chrono::DateTime::<Utc>::MIN_UTC,
            chrono::DateTime::<Utc>::MAX_UTC,
        ] {
            assert!(DateTime::try_from(date).is_err());
        }
    }

    #[test]
    fn leap_seconds_and_the_ends_come_back() {
        for text in [
            "1998-12-31T23:59:60+00:00",
            "1999-01-01T05:29:60+05:30",
            "0000-01-01T00:00:00+23:59",
            "9999-12-31T23:59:60-23:59",
        ] {
            let ours: DateTime = text.parse().unwrap();
            let theirs = chrono::DateTime::<FixedOffset>::from(ours);
            assert_eq!(theirs.to_rfc3339(), text);
            assert_eq!(DateTime::try_from(theirs).unwrap().to_string(), text);
            let local = NaiveDateTime::from(ours.local());
            assert_eq!(LocalDateTime::try_from(local), Ok(ours.local()));
        }
    }

    #[test]
    fn an_offset_in_seconds_keeps_the_instant() {
        let offset = FixedOffset::east_opt(17 * 60 + 30).unwrap();
        let date = offset.timestamp_opt(-3_000_000_000, 999_999_999).unwrap();
        let ours = DateTime::try_from(date).unwrap();
        assert_eq!(
            (ours.unix_timestamp(), ours.offset_seconds()),
            (-3_000_000_000, 17 * 60)
        );
    }

    proptest! {
        #[test]
        fn instants_come_back(
            seconds in -62_167_132_800i64..253_402_214_400,
            minutes in -1439i32..=1439,
        ) {
            let ours = DateTime::from_unix_timestamp(seconds).unwrap();
            let ours = ours.to_offset(minutes * 60).unwrap();
            let theirs = chrono::DateTime::<FixedOffset>::from(ours);
            prop_assert_eq!(theirs.to_rfc3339(), ours.to_string());
            prop_assert_eq!(DateTime::try_from(theirs).map(|date| date.to_string()), Ok(ours.to_string()));
            prop_assert_eq!(chrono::DateTime::<Utc>::from(ours).timestamp(), seconds);
            prop_assert_eq!(Date::try_from(NaiveDate::from(ours.date())), Ok(ours.date()));
        }
    }
}
