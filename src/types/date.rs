//! A day of the calendar, and the error for dates and times.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar from year 0 to 9999, without time and zone (RFC 9051, `date`).
///
/// `Display` writes the form of RFC 3339, `2026-11-01`. `FromStr` reads that form, and the form in
/// which IMAP sends a day, `1-Nov-2026`. Days are ordered from earlier to later.
///
/// The features `chrono`, `jiff` and `time` convert it from and to `chrono::NaiveDate`,
/// `jiff::civil::Date` and `time::Date`.
///
/// ```
/// use latchbox::types::{Date, SearchKey};
///
/// let day = Date::new(2026, 11, 1)?;
/// assert_eq!("2026-11-01".parse::<Date>()?, day);
/// assert_eq!("1-Nov-2026".parse::<Date>()?, day);
/// assert_eq!(SearchKey::Since(day), SearchKey::Since("2026-11-01".parse()?));
/// # Ok::<(), latchbox::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// An error: a date, time or offset that does not exist, or a text that is not the form of one.
///
/// ```
/// use latchbox::types::Date;
///
/// let error = Date::new(2026, 2, 29).unwrap_err();
/// assert_eq!(error.to_string(), "not a date: 2026-02-29; year 0 to 9999, and a day of its month");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDate {
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Day(u16, u8, u8),
    Time(u8, u8, u8),
    Offset(i32),
    Range,
    Text(&'static str, Box<str>),
}

/// The names of the months on the wire (`date-month`).
pub(crate) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Days from 0000-03-01 to 1970-01-01, from which dates are counted.
const EPOCH: i64 = 719_468;

/// Days of 400 years, after which the calendar repeats itself.
const ERA: i64 = 146_097;

impl Date {
    /// The first day, 0000-01-01.
    pub const MIN: Self = Self {
        year: 0,
        month: 1,
        day: 1,
    };
    /// The last day, 9999-12-31.
    pub const MAX: Self = Self {
        year: 9999,
        month: 12,
        day: 31,
    };

    /// Creates a day from a year, a month from 1 to 12 and a day of the month from 1.
    ///
    /// # Errors
    ///
    /// [`InvalidDate`] if the year is above 9999 or the calendar has no such day.
    ///
    /// ```
    /// use latchbox::types::Date;
    ///
    /// assert_eq!(Date::new(2024, 2, 29)?.to_string(), "2024-02-29");
    /// assert!(Date::new(2025, 2, 29).is_err());
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, InvalidDate> {
        match year <= 9999 && day >= 1 && day <= days_of(year, month) {
            true => Ok(Self { year, month, day }),
            false => Err(Reason::Day(year, month, day).into()),
        }
    }

    /// The year, 0 to 9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day this many days later; `None` if that is after year 9999.
    ///
    /// ```
    /// use latchbox::types::Date;
    ///
    /// let day = Date::new(2026, 12, 31)?;
    /// assert_eq!(day.checked_add_days(1), Some(Date::new(2027, 1, 1)?));
    /// assert_eq!(Date::MAX.checked_add_days(1), None);
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    #[must_use]
    pub fn checked_add_days(self, days: u32) -> Option<Self> {
        Self::from_day_number(self.day_number() + i64::from(days))
    }

    /// The day this many days earlier; `None` if that is before year 0.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use latchbox::types::{DateTime, SearchKey};
    ///
    /// let today = DateTime::try_from(SystemTime::now())?.date(); // in UTC
    /// let a_week_ago = today.checked_sub_days(7).ok_or("before year 0")?;
    /// let key = SearchKey::Since(a_week_ago);
    /// # let _ = key;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn checked_sub_days(self, days: u32) -> Option<Self> {
        Self::from_day_number(self.day_number() - i64::from(days))
    }

    /// The number of days after 1970-01-01.
    pub(crate) fn day_number(self) -> i64 {
        // Years begin in March, so that a leap day is the last day of one.
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let month = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH
    }

    /// The day this many days after 1970-01-01.
    pub(crate) fn from_day_number(number: i64) -> Option<Self> {
        let number = number.checked_add(EPOCH)?;
        let (era, day) = (number.div_euclid(ERA), number.rem_euclid(ERA));
        let of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + of_era + i64::from(month <= 2);
        let (year, month, day) = (year.try_into(), month.try_into(), day.try_into());
        Self::new(year.ok()?, month.ok()?, day.ok()?).ok()
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    /// Reads `2026-11-01` or `1-Nov-2026`.
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let date = rfc_3339_date(text.as_bytes()).or_else(|| imap_date(text.as_bytes()));
        date.ok_or_else(|| InvalidDate::text("date; write it as 2026-11-01", text))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.year, self.month, self.day);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl InvalidDate {
    pub(crate) fn time(hour: u8, minute: u8, second: u8) -> Self {
        Reason::Time(hour, minute, second).into()
    }

    pub(crate) fn offset(seconds: i32) -> Self {
        Reason::Offset(seconds).into()
    }

    pub(crate) fn range() -> Self {
        Reason::Range.into()
    }

    /// The error for a text that is not the form of `what`, which ends with the form to write.
    pub(crate) fn text(what: &'static str, text: &str) -> Self {
        Reason::Text(what, text.into()).into()
    }
}

impl From<Reason> for InvalidDate {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}

impl fmt::Display for InvalidDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Day(year, month, day) => write!(
                f,
                "not a date: {year:04}-{month:02}-{day:02}; year 0 to 9999, and a day of its month"
            ),
            Reason::Time(hour, minute, second) => write!(
                f,
                "not a time of the day: {hour:02}:{minute:02}:{second:02}; from 00:00:00 to 23:59:60"
            ),
            Reason::Offset(seconds) => write!(
                f,
                "not an offset from UTC: {seconds} seconds; whole minutes, less than 24 hours"
            ),
            Reason::Range => f.write_str("the date is not in the years 0 to 9999"),
            Reason::Text(what, text) => write!(f, "{text:?} is not a {what}"),
        }
    }
}

impl Error for InvalidDate {}

/// `2026-11-01`.
pub(crate) fn rfc_3339_date(text: &[u8]) -> Option<Date> {
    let &[y1000, y100, y10, y1, b'-', m10, m1, b'-', d10, d1] = text else {
        return None;
    };
    let year = u16::from(two([y1000, y100])?) * 100 + u16::from(two([y10, y1])?);
    Date::new(year, two([m10, m1])?, two([d10, d1])?).ok()
}

/// `1-Nov-2026`, `01-nov-2026` (`date-text`).
pub(crate) fn imap_date(text: &[u8]) -> Option<Date> {
    let (day, rest) = match text {
        [d1, b'-', rest @ ..] => (two([b'0', *d1])?, rest),
        [d10, d1, b'-', rest @ ..] => (two([*d10, *d1])?, rest),
        _ => return None,
    };
    let &[a, b, c, b'-', y1000, y100, y10, y1] = rest else {
        return None;
    };
    let year = u16::from(two([y1000, y100])?) * 100 + u16::from(two([y10, y1])?);
    Date::new(year, month([a, b, c])?, day).ok()
}

/// The number of two digits.
pub(crate) fn two([tens, ones]: [u8; 2]) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| tens * 10 + ones)
}

/// The month of this name, in any case.
pub(crate) fn month(name: [u8; 3]) -> Option<u8> {
    Some(match &name.map(|byte| byte.to_ascii_lowercase()) {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    })
}

/// The number of days of a month; 0 if there is no such month.
fn days_of(year: u16, month: u8) -> u8 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    fn first_and_last() -> (i64, i64) {
        (Date::MIN.day_number(), Date::MAX.day_number())
    }

    #[test]
    fn every_day_from_the_first_to_the_last_is_that_of_chrono() {
        let (first, last) = first_and_last();
        let mut day = NaiveDate::from_ymd_opt(0, 1, 1).unwrap();
        for number in first..=last {
            let ours = Date::from_day_number(number).unwrap();
            let theirs = (day.year(), day.month(), day.day());
            let shown = (
                i32::from(ours.year()),
                u32::from(ours.month()),
                u32::from(ours.day()),
            );
            assert_eq!(shown, theirs);
            assert_eq!(ours.day_number(), number);
            day = day.succ_opt().unwrap();
        }
        assert_eq!(Date::from_day_number(first - 1), None);
        assert_eq!(Date::from_day_number(last + 1), None);
        assert_eq!(Date::from_day_number(i64::MAX), None);
        assert_eq!(Date::from_day_number(i64::MIN), None);
        assert_eq!(Date::MIN.checked_sub_days(1), None);
        assert_eq!(Date::MAX.checked_add_days(u32::MAX), None);
    }

    #[test]
    fn texts_of_other_forms_are_refused_with_the_text() {
        for text in [
            "",
            "2026-11-1",
            "2026-11-01 ",
            " 2026-11-01",
            "2026-02-29",
            "2026-00-01",
            "2026-13-01",
            "2026-11-00",
            "+2026-11-01",
            "20261101",
            "12026-11-01",
            "2026/11/01",
            "1-Nov-26",
            "1-November-2026",
            "001-Nov-2026",
            "-Nov-2026",
            "31-Nov-2026",
            " 1-Nov-2026",
            "2026-11-01T00:00:00",
            "２026-11-01",
            "a\r\nb",
        ] {
            let error = text.parse::<Date>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{text:?}")), "{error}");
        }
        assert_eq!(
            "09-DEC-0007".parse::<Date>().unwrap().to_string(),
            "0007-12-09"
        );
    }

    proptest! {
        #[test]
        fn a_day_exists_if_chrono_has_it(year in 0..12_000u16, month in 0..14u8, day in 0..33u8) {
            let theirs = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
            let ours = Date::new(year, month, day);
            prop_assert_eq!(ours.is_ok(), theirs.is_some() && year <= 9999);
            if let (Ok(ours), Some(theirs)) = (ours, theirs) {
                prop_assert_eq!(ours.to_string(), theirs.to_string());
                prop_assert_eq!(ours.to_string().parse(), Ok(ours));
                prop_assert_eq!(theirs.format("%-d-%b-%Y").to_string().parse(), Ok(ours));
            }
        }

        #[test]
        fn days_are_ordered_as_they_follow(one in 0..3_652_425i64, other in 0..3_652_425i64) {
            let first = first_and_last().0;
            let day = |number: i64| Date::from_day_number(first + number).unwrap();
            prop_assert_eq!(day(one).cmp(&day(other)), one.cmp(&other));
            let between = u32::try_from(one.abs_diff(other)).unwrap();
            let (early, late) = (day(one.min(other)), day(one.max(other)));
            prop_assert_eq!(early.checked_add_days(between), Some(late));
            prop_assert_eq!(late.checked_sub_days(between), Some(early));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,12}|[0-9A-Za-z-]{8,12}") {
            if let Ok(date) = text.parse::<Date>() {
                prop_assert_eq!(date.to_string().parse(), Ok(date));
            }
        }
    }
}
