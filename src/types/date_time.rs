//! A date and time: one with a known offset from UTC, which is an instant, and one of a clock whose
//! zone is not known.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::types::date::{Date, InvalidDate, imap_date, rfc_3339_date, two};

const DAY: i64 = 86_400;

/// What a time of Windows can be before 1970.
const FROM_1601_TO_1970: Duration = Duration::from_secs(11_644_473_600);

/// A date and time as a clock shows them, whose zone is not known.
///
/// It is no instant until an [offset](Self::with_offset) is known. `Display` and `FromStr` use the
/// form of RFC 3339 without its offset, `2026-11-01T12:00:00`. Values are ordered as if one clock
/// showed them.
///
/// The features `chrono`, `jiff` and `time` convert it from and to `chrono::NaiveDateTime`,
/// `jiff::civil::DateTime` and `time::PrimitiveDateTime`.
///
/// ```
/// use latchbox::types::LocalDateTime;
///
/// let noon: LocalDateTime = "2026-11-01T12:00:00".parse()?;
/// assert_eq!((noon.date().day(), noon.hour()), (1, 12));
/// assert_eq!(noon.with_offset(3600)?.to_string(), "2026-11-01T12:00:00+01:00");
/// # Ok::<(), latchbox::types::InvalidDate>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
}

/// An instant in whole seconds, with the offset from UTC of its clock (RFC 9051, `date-time`).
///
/// It is compared, ordered and hashed by the instant alone: 12:00+00:00 and 13:00+01:00 are equal.
/// Compare [`offset_seconds`](Self::offset_seconds) too if the offset matters. A leap second, 60,
/// is after second 59 and before the next minute.
///
/// `Display` writes the form of RFC 3339, `2026-11-01T12:00:00+01:00`. `FromStr` reads that form,
/// with `Z` for +00:00, and the form in which IMAP sends INTERNALDATE,
/// ` 1-Nov-2026 12:00:00 +0100`. Fractions of a second are truncated, because IMAP has none.
///
/// The features `chrono`, `jiff` and `time` convert it from and to `chrono::DateTime`,
/// `jiff::Zoned`, `jiff::Timestamp` and `time::OffsetDateTime`; `SystemTime` needs no feature.
///
/// ```
/// use std::time::SystemTime;
///
/// use latchbox::types::{DateTime, NewMessage};
///
/// let date: DateTime = "2026-11-01T12:00:00+01:00".parse()?;
/// assert_eq!((date.hour(), date.offset_seconds()), (12, 3600));
/// assert_eq!(date.unix_timestamp(), 1_793_530_800);
/// assert_eq!(date, DateTime::from_unix_timestamp(1_793_530_800)?);
/// assert!(SystemTime::from(date) > SystemTime::UNIX_EPOCH);
///
/// let message = NewMessage::new(b"Subject: hello\r\n\r\nHello!\r\n").internal_date(date);
/// # let _ = message;
/// # Ok::<(), latchbox::types::InvalidDate>(())
/// ```
#[derive(Clone, Copy)]
pub struct DateTime {
    local: LocalDateTime,
    /// East of UTC.
    offset_minutes: i16,
}

impl Date {
    /// Adds a time of the day: hour 0 to 23, minute 0 to 59, second 0 to 60.
    ///
    /// # Errors
    ///
    /// [`InvalidDate`] if one of them is larger. Second 60 is a leap second, and is accepted in
    /// every minute, because no program knows all leap seconds.
    ///
    /// ```
    /// use latchbox::types::Date;
    ///
    /// let noon = Date::new(2026, 11, 1)?.at(12, 0, 0)?;
    /// assert_eq!(noon.to_string(), "2026-11-01T12:00:00");
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    pub fn at(self, hour: u8, minute: u8, second: u8) -> Result<LocalDateTime, InvalidDate> {
        LocalDateTime::new(self, hour, minute, second)
    }
}

impl LocalDateTime {
    /// Creates a date and time from a day, hour 0 to 23, minute 0 to 59 and second 0 to 60.
    ///
    /// # Errors
    ///
    /// [`InvalidDate`] if one of them is larger; see [`Date::at`].
    ///
    /// ```
    /// use latchbox::types::{Date, LocalDateTime};
    ///
    /// let day = Date::new(2026, 11, 1)?;
    /// assert_eq!(LocalDateTime::new(day, 23, 59, 0)?.to_string(), "2026-11-01T23:59:00");
    /// assert!(LocalDateTime::new(day, 24, 0, 0).is_err());
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    pub fn new(date: Date, hour: u8, minute: u8, second: u8) -> Result<Self, InvalidDate> {
        match hour <= 23 && minute <= 59 && second <= 60 {
            true => Ok(Self {
                date,
                hour,
                minute,
                second,
            }),
            false => Err(InvalidDate::time(hour, minute, second)),
        }
    }

    /// The day.
    #[must_use]
    pub fn date(self) -> Date {
        self.date
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub fn minute(self) -> u8 {
        self.minute
    }

    /// The second, 0 to 59; 60 for a leap second.
    #[must_use]
    pub fn second(self) -> u8 {
        self.second
    }

    /// The instant at which a clock with this offset shows this date and time.
    ///
    /// The offset is in seconds ahead of UTC; a negative one is west of it.
    ///
    /// # Errors
    ///
    /// [`InvalidDate`] if the offset is not in whole minutes, or is 24 hours or more.
    ///
    /// ```
    /// use latchbox::types::Date;
    ///
    /// let noon = Date::new(2026, 11, 1)?.at(12, 0, 0)?;
    /// assert_eq!(noon.with_offset(-5 * 3600)?.to_string(), "2026-11-01T12:00:00-05:00");
    /// assert!(noon.with_offset(86_400).is_err());
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    pub fn with_offset(self, seconds: i32) -> Result<DateTime, InvalidDate> {
        match i16::try_from(seconds / 60) {
            Ok(offset_minutes) if seconds % 60 == 0 && offset_minutes.abs() < 24 * 60 => {
                Ok(DateTime {
                    local: self,
                    offset_minutes,
                })
            }
            _ => Err(InvalidDate::offset(seconds)),
        }
    }

    /// The instant at which a clock in UTC shows this date and time.
    ///
    /// ```
    /// use latchbox::types::Date;
    ///
    /// assert_eq!(Date::new(1970, 1, 2)?.at(0, 0, 0)?.in_utc().unix_timestamp(), 86_400);
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    #[must_use]
    pub fn in_utc(self) -> DateTime {
        DateTime {
            local: self,
            offset_minutes: 0,
        }
    }

    /// Seconds since 1970-01-01T00:00:00 on the same clock; a leap second has the number of second
    /// 59.
    fn timestamp(self) -> i64 {
        let (hour, minute) = (i64::from(self.hour), i64::from(self.minute));
        let second = i64::from(self.second.min(59));
        self.date.day_number() * DAY + hour * 3600 + minute * 60 + second
    }

    fn from_timestamp(seconds: i64) -> Option<Self> {
        let date = Date::from_day_number(seconds.div_euclid(DAY))?;
        let of_day = seconds.rem_euclid(DAY);
        let part = |part: i64| u8::try_from(part).ok();
        let (hour, minute) = (part(of_day / 3600)?, part(of_day / 60 % 60)?);
        Self::new(date, hour, minute, part(of_day % 60)?).ok()
    }
}

impl DateTime {
    /// Creates an instant in UTC from seconds after 1970-01-01T00:00:00Z, leap seconds not counted.
    ///
    /// # Errors
    ///
    /// [`InvalidDate`] if it is not in the years 0 to 9999.
    ///
    /// ```
    /// use latchbox::types::DateTime;
    ///
    /// assert_eq!(DateTime::from_unix_timestamp(0)?.to_string(), "1970-01-01T00:00:00+00:00");
    /// assert!(DateTime::from_unix_timestamp(i64::MAX).is_err());
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    pub fn from_unix_timestamp(seconds: i64) -> Result<Self, InvalidDate> {
        let local = LocalDateTime::from_timestamp(seconds).ok_or_else(InvalidDate::range)?;
        Ok(local.in_utc())
    }

    /// The seconds after 1970-01-01T00:00:00Z, leap seconds not counted.
    ///
    /// A leap second has the number of the second before it.
    #[must_use]
    pub fn unix_timestamp(self) -> i64 {
        self.local.timestamp() - i64::from(self.offset_seconds())
    }

    /// The offset of the clock from UTC in seconds; positive east of UTC.
    ///
    /// It is in whole minutes, and less than 24 hours.
    #[must_use]
    pub fn offset_seconds(self) -> i32 {
        i32::from(self.offset_minutes) * 60
    }

    /// The date and time on a clock with this offset.
    #[must_use]
    pub fn local(self) -> LocalDateTime {
        self.local
    }

    /// The day on a clock with this offset.
    #[must_use]
    pub fn date(self) -> Date {
        self.local.date
    }

    /// The year on a clock with this offset, 0 to 9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.local.date.year()
    }

    /// The month on a clock with this offset, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.local.date.month()
    }

    /// The day of the month on a clock with this offset, 1 to 31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.local.date.day()
    }

    /// The hour on a clock with this offset, 0 to 23.
    #[must_use]
    pub fn hour(self) -> u8 {
        self.local.hour
    }

    /// The minute on a clock with this offset, 0 to 59.
    #[must_use]
    pub fn minute(self) -> u8 {
        self.local.minute
    }

    /// The second, 0 to 59; 60 for a leap second.
    #[must_use]
    pub fn second(self) -> u8 {
        self.local.second
    }

    /// Returns this instant with another offset, in seconds east of UTC; 0 for UTC.
    ///
    /// # Errors
    ///
    /// [`InvalidDate`] if the offset is not in whole minutes, is 24 hours or more, or if the local
    /// date would not be in the years 0 to 9999.
    ///
    /// ```
    /// use latchbox::types::DateTime;
    ///
    /// let date: DateTime = "2026-11-01T00:30:00+01:00".parse()?;
    /// let in_utc = date.to_offset(0)?;
    /// assert_eq!(in_utc.to_string(), "2026-10-31T23:30:00+00:00");
    /// assert_eq!(in_utc, date); // one instant
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    pub fn to_offset(self, seconds: i32) -> Result<Self, InvalidDate> {
        let local = self.unix_timestamp() + i64::from(seconds);
        let local = LocalDateTime::from_timestamp(local).ok_or_else(InvalidDate::range)?;
        let second = local.second + u8::from(self.is_leap_second());
        LocalDateTime { second, ..local }.with_offset(seconds)
    }

    /// The instant of a Unix timestamp on a clock with this offset, which is truncated to whole
    /// minutes.
    #[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
    pub(crate) fn of_timestamp(
        timestamp: i64,
        offset_seconds: i32,
        is_leap_second: bool,
    ) -> Result<Self, InvalidDate> {
        let offset = offset_seconds / 60 * 60;
        let mut date = Self::from_unix_timestamp_at(timestamp, offset)?;
        if is_leap_second && date.local.second == 59 {
            date.local.second = 60;
        }
        Ok(date)
    }

    #[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
    fn from_unix_timestamp_at(timestamp: i64, offset: i32) -> Result<Self, InvalidDate> {
        let local = timestamp.checked_add(i64::from(offset));
        let local = local.and_then(LocalDateTime::from_timestamp);
        local.ok_or_else(InvalidDate::range)?.with_offset(offset)
    }

    /// Whether its second is 60.
    fn is_leap_second(self) -> bool {
        self.local.second == 60
    }

    /// The key for comparison.
    fn instant(self) -> (i64, bool) {
        (self.unix_timestamp(), self.is_leap_second())
    }
}

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        self.instant() == other.instant()
    }
}

impl Eq for DateTime {}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.instant().cmp(&other.instant())
    }
}

impl Hash for DateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant().hash(state);
    }
}

/// Takes the instant in UTC; truncates fractions of a second.
impl TryFrom<SystemTime> for DateTime {
    type Error = InvalidDate;

    fn try_from(time: SystemTime) -> Result<Self, InvalidDate> {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).ok(),
            Err(before) => {
                let before = before.duration();
                let whole = i64::try_from(before.as_secs()).ok();
                whole.map(|whole| -whole - i64::from(before.subsec_nanos() > 0))
            }
        };
        Self::from_unix_timestamp(seconds.ok_or_else(InvalidDate::range)?)
    }
}

/// On Windows, whose times begin with the year 1601, an earlier date becomes the beginning of 1601.
impl From<DateTime> for SystemTime {
    fn from(date: DateTime) -> Self {
        let seconds = date.unix_timestamp();
        let distance = Duration::from_secs(seconds.unsigned_abs());
        let time = match seconds < 0 {
            true => UNIX_EPOCH
                .checked_sub(distance)
                .or_else(|| UNIX_EPOCH.checked_sub(FROM_1601_TO_1970)),
            false => UNIX_EPOCH.checked_add(distance),
        };
        // Every other system with sockets has clocks that reach so far.
        time.unwrap_or(UNIX_EPOCH)
    }
}

impl FromStr for LocalDateTime {
    type Err = InvalidDate;

    /// Reads `2026-11-01T12:00:00`, also with a space instead of the `T`; truncates fractions of a
    /// second.
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        match rfc_3339(text.as_bytes()) {
            Some((local, [])) => Ok(local),
            _ => Err(InvalidDate::text(
                "date and time; write it as 2026-11-01T12:00:00",
                text,
            )),
        }
    }
}

impl FromStr for DateTime {
    type Err = InvalidDate;

    /// Reads `2026-11-01T12:00:00+01:00`, `2026-11-01T11:00:00Z` or `1-Nov-2026 12:00:00 +0100`.
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let octets = text.as_bytes();
        let in_rfc_3339 = || {
            let (local, zone) = rfc_3339(octets)?;
            match zone {
                b"Z" | b"z" => Some(local.in_utc()),
                &[sign, h10, h1, b':', m10, m1] => at_zone(local, sign, [h10, h1], [m10, m1]),
                _ => None,
            }
        };
        let date = in_rfc_3339().or_else(|| imap_date_time(octets));
        date.ok_or_else(|| {
            let what = "date and time with an offset; write it as 2026-11-01T12:00:00+01:00";
            InvalidDate::text(what, text)
        })
    }
}

/// The date and time at the start of a text, and the rest of the text.
fn rfc_3339(text: &[u8]) -> Option<(LocalDateTime, &[u8])> {
    let (date, rest) = text.split_first_chunk::<10>()?;
    let rest = match rest {
        [b'T' | b't' | b' ', rest @ ..] => rest,
        _ => return None,
    };
    let (clock, rest) = rest.split_first_chunk::<8>()?;
    let local = at_clock(rfc_3339_date(date)?, *clock)?;
    let rest = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|octet| octet.is_ascii_digit());
            fraction
                .get(digits.count()..)
                .filter(|rest| rest.len() < fraction.len())?
        }
        rest => rest,
    };
    Some((local, rest))
}

/// ` 1-Nov-2026 12:00:00 +0100`.
fn imap_date_time(text: &[u8]) -> Option<DateTime> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let (rest, &[b' ', sign, h10, h1, m10, m1]) = text.split_last_chunk()? else {
        return None;
    };
    let (date, &[b' ', ref clock @ ..]) = rest.split_last_chunk::<9>()? else {
        return None;
    };
    at_zone(
        at_clock(imap_date(date)?, *clock)?,
        sign,
        [h10, h1],
        [m10, m1],
    )
}

/// `12:00:00`.
fn at_clock(date: Date, clock: [u8; 8]) -> Option<LocalDateTime> {
    let [h10, h1, b':', m10, m1, b':', s10, s1] = clock else {
        return None;
    };
    date.at(two([h10, h1])?, two([m10, m1])?, two([s10, s1])?)
        .ok()
}

fn at_zone(local: LocalDateTime, sign: u8, hours: [u8; 2], minutes: [u8; 2]) -> Option<DateTime> {
    let (hours, minutes) = (i32::from(two(hours)?), i32::from(two(minutes)?));
    let seconds = (hours * 60 + minutes) * 60;
    match sign {
        _ if minutes > 59 => None,
        b'+' => local.with_offset(seconds).ok(),
        b'-' => local.with_offset(-seconds).ok(),
        _ => None,
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, hour, minute, second) = (self.date, self.hour, self.minute, self.second);
        write!(f, "{date}T{hour:02}:{minute:02}:{second:02}")
    }
}

impl fmt::Debug for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let offset = self.offset_minutes.abs();
        let (hours, minutes) = (offset / 60, offset % 60);
        write!(f, "{}{sign}{hours:02}:{minutes:02}", self.local)
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
