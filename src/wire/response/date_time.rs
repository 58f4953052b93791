//! Dates in IMAP's form: INTERNALDATE and SAVEDATE.

use crate::types::date::{Date, month, two};
use crate::types::date_time::DateTime;

/// `date-time` of INTERNALDATE without its quotes: ` 7-Feb-1994 22:43:04 -0800`.
pub(crate) fn internal_date(text: &[u8]) -> Option<DateTime> {
    exact_internal_date(text).or_else(|| loose_internal_date(text))
}

/// Whether the text is what servers write if they have no date: empty, or day 0.
pub(crate) fn is_none(text: &[u8]) -> bool {
    let mut scan = Scan(text.trim_ascii());
    scan.0.is_empty() || scan.one_or_two() == Some(0)
}

/// [`internal_date`] in the exact form, as nearly every server writes it: each digit has its
/// position.
#[rustfmt::skip]
pub(crate) fn exact_internal_date(text: &[u8]) -> Option<DateTime> {
    let &[
        day_10, day_1, b'-', month_1, month_2, month_3, b'-', year_1000, year_100, year_10, year_1,
        b' ', hour_10, hour_1, b':', minute_10, minute_1, b':', second_10, second_1,
        b' ', sign @ (b'+' | b'-'), zone_h10, zone_h1, zone_m10, zone_m1,
    ] = text else {
        return None;
    };
    let day = two([if day_10 == b' ' { b'0' } else { day_10 }, day_1])?;
    let year = u16::from(two([year_1000, year_100])?) * 100 + u16::from(two([year_10, year_1])?);
    let time = (two([hour_10, hour_1])?, two([minute_10, minute_1])?, two([second_10, second_1])?);
    let month = month([month_1, month_2, month_3])?;
    let zone = zone(sign, two([zone_h10, zone_h1])?, two([zone_m10, zone_m1])?);
    assemble((year, month, day), time, zone)
}

/// [`internal_date`] in the forms of the other servers.
fn loose_internal_date(text: &[u8]) -> Option<DateTime> {
    let mut scan = Scan(text);
    scan.spaces();
    let day = scan.one_or_two()?;
    scan.one_of(b"-")?;
    let month = scan.month()?;
    scan.one_of(b"-")?;
    let year = scan.year()?;
    scan.spaces();
    let time = scan.time()?;
    scan.spaces();
    let zone = scan.numeric_zone()?;
    scan.0
        .is_empty()
        .then(|| assemble((year, month, day), time, zone))?
}

fn assemble(
    (year, month, day): (u16, u8, u8),
    (hour, minute, second): (u8, u8, u8),
    zone: i32,
) -> Option<DateTime> {
    let date = Date::new(year, month, day).ok()?;
    let local = date.at(hour, minute, second).ok()?;
    local.with_offset(zone).ok()
}

/// The offset in seconds east.
fn zone(sign: u8, hours: u8, minutes: u8) -> i32 {
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    if sign == b'-' { -seconds } else { seconds }
}

struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn spaces(&mut self) {
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }

    fn one_of(&mut self, bytes: &[u8]) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        bytes.contains(first).then_some(())
    }

    /// Reads a number of one or two digits.
    fn one_or_two(&mut self) -> Option<u8> {
        u8::try_from(self.digits(2)?).ok()
    }

    /// Reads a number of at least one and at most `most` digits; `most` is at most four.
    fn digits(&mut self, most: usize) -> Option<u16> {
        let mut value = None;
        for _ in 0..most {
            let [digit @ b'0'..=b'9', rest @ ..] = self.0 else {
                break;
            };
            value = Some(value.unwrap_or(0) * 10 + u16::from(digit - b'0'));
            self.0 = rest;
        }
        value
    }

    /// Reads a year; of two or three digits, the year that mail means by them (RFC 5322 section 4.3).
    fn year(&mut self) -> Option<u16> {
        let before = self.0.len();
        let year = self.digits(4)?;
        Some(match (before - self.0.len(), year) {
            (4, year) => year,
            (1 | 2, year @ 0..50) => 2000 + year,
            (_, year) => 1900 + year,
        })
    }

    fn month(&mut self) -> Option<u8> {
        let (name, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        month(*name)
    }

    /// Reads `02:44:25`; some servers write dots, some leave the seconds out.
    fn time(&mut self) -> Option<(u8, u8, u8)> {
        let hour = self.one_or_two()?;
        self.one_of(b":.")?;
        let minute = self.one_or_two()?;
        let seconds = matches!(self.0.first(), Some(b':' | b'.'));
        let second = if seconds {
            self.one_of(b":.")?;
            self.one_or_two()?
        } else {
            0
        };
        Some((hour, minute, second))
    }

    /// Reads `+0100`, as seconds east.
    fn numeric_zone(&mut self) -> Option<i32> {
        let [sign @ (b'+' | b'-'), rest @ ..] = self.0 else {
            return None;
        };
        let mut scan = Scan(rest);
        let (hours, minutes) = (scan.one_or_two()?, scan.one_or_two()?);
        self.0 = scan.0;
        Some(zone(*sign, hours, minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc3339(date: Option<DateTime>) -> Option<String> {
        date.map(|date| date.to_string())
    }

    #[test]
    fn internal_dates() {
        for (text, expected) in [
            (
                "17-Jul-1996 02:44:25 -0700",
                Some("1996-07-17T02:44:25-07:00"),
            ),
            (
                " 7-Feb-1994 22:43:04 +0545",
                Some("1994-02-07T22:43:04+05:45"),
            ),
            (
                "07-feb-1994 22:43:04 +0000",
                Some("1994-02-07T22:43:04+00:00"),
            ),
            (
                "17-Jul-1996 02.44.25 -0700",
                Some("1996-07-17T02:44:25-07:00"),
            ),
            (
                " 7-Jul-96 02:44:25 -0700",
                Some("1996-07-07T02:44:25-07:00"),
            ),
            ("7-Jul-49 02:44:25 -0700", Some("2049-07-07T02:44:25-07:00")),
            (
                "7-Jul-124 02:44:25 -0700",
                Some("2024-07-07T02:44:25-07:00"),
            ),
            ("00-Jan-0000 00:00:00 +0000", None),
            ("31-Feb-2020 00:00:00 +0000", None),
            ("17-Jul-1996 25:44:25 -0700", None),
            ("17-Jul-1996 02:44:25 -9900", None),
            ("17-Jul-1996 02:44:25", None),
            ("17-Jul-1996 02:44:25 -0700x", None),
            ("", None),
        ] {
            assert_eq!(
                rfc3339(internal_date(text.as_bytes())).as_deref(),
                expected,
                "{text}"
            );
        }
    }
}
