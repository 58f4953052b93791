//! Dates as IMAP writes them: INTERNALDATE and SAVEDATE.

use chrono::{DateTime, FixedOffset, NaiveDate};

/// `date-time` of INTERNALDATE without its quotes: ` 7-Feb-1994 22:43:04 -0800`.
pub(crate) fn internal_date(text: &[u8]) -> Option<DateTime<FixedOffset>> {
    exact_internal_date(text).or_else(|| loose_internal_date(text))
}

/// The same to the letter, as nearly every server writes it: each digit has its place.
#[rustfmt::skip]
pub(crate) fn exact_internal_date(text: &[u8]) -> Option<DateTime<FixedOffset>> {
    let &[
        day_10, day_1, b'-', month_1, month_2, month_3, b'-', year_1000, year_100, year_10, year_1,
        b' ', hour_10, hour_1, b':', minute_10, minute_1, b':', second_10, second_1,
        b' ', sign @ (b'+' | b'-'), zone_h10, zone_h1, zone_m10, zone_m1,
    ] = text else {
        return None;
    };
    let two = |tens: u8, ones: u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
    };
    let day = two(if day_10 == b' ' { b'0' } else { day_10 }, day_1)?;
    let year = two(year_1000, year_100)? * 100 + two(year_10, year_1)?;
    let time = (two(hour_10, hour_1)?, two(minute_10, minute_1)?, two(second_10, second_1)?);
    let month = month([month_1, month_2, month_3])?;
    let zone = zone(sign, two(zone_h10, zone_h1)?, two(zone_m10, zone_m1)?)?;
    assemble((year, month, day), time, zone)
}

/// And as the others write it.
fn loose_internal_date(text: &[u8]) -> Option<DateTime<FixedOffset>> {
    let mut scan = Scan(text);
    scan.spaces();
    let day = scan.digits(2)?;
    scan.one_of(b"-")?;
    let month = scan.month()?;
    scan.one_of(b"-")?;
    let year = scan.digits(4)?;
    scan.spaces();
    let time = scan.time()?;
    scan.spaces();
    let zone = scan.numeric_zone()?;
    scan.0
        .is_empty()
        .then(|| assemble((year, month, day), time, zone))?
}

fn assemble(
    (year, month, day): (u32, u32, u32),
    (hour, minute, second): (u32, u32, u32),
    zone: i32,
) -> Option<DateTime<FixedOffset>> {
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let (second, leap) = if second == 60 {
        (59, 1_000)
    } else {
        (second, 0)
    };
    let local = date.and_hms_milli_opt(hour, minute, second, leap)?;
    local
        .and_local_timezone(FixedOffset::east_opt(zone)?)
        .single()
}

/// Seconds east.
fn zone(sign: u8, hours: u32, minutes: u32) -> Option<i32> {
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some(if sign == b'-' { -seconds } else { seconds })
}

fn month(name: [u8; 3]) -> Option<u32> {
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

    /// A number of at least one and at most `most` digits.
    fn digits(&mut self, most: usize) -> Option<u32> {
        let mut value = None;
        for _ in 0..most {
            let [digit @ b'0'..=b'9', rest @ ..] = self.0 else {
                break;
            };
            value = Some(value.unwrap_or(0) * 10 + u32::from(digit - b'0'));
            self.0 = rest;
        }
        value
    }

    fn month(&mut self) -> Option<u32> {
        let (name, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        month(*name)
    }

    /// `02:44:25`; some servers write dots, some leave the seconds out.
    fn time(&mut self) -> Option<(u32, u32, u32)> {
        let hour = self.digits(2)?;
        self.one_of(b":.")?;
        let minute = self.digits(2)?;
        let seconds = matches!(self.0.first(), Some(b':' | b'.'));
        let second = if seconds {
            self.one_of(b":.")?;
            self.digits(2)?
        } else {
            0
        };
        Some((hour, minute, second))
    }

    /// `+0100` in seconds east.
    fn numeric_zone(&mut self) -> Option<i32> {
        let [sign @ (b'+' | b'-'), rest @ ..] = self.0 else {
            return None;
        };
        let mut scan = Scan(rest);
        let (hours, minutes) = (scan.digits(2)?, scan.digits(2)?);
        self.0 = scan.0;
        zone(*sign, hours, minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc3339(date: Option<DateTime<FixedOffset>>) -> Option<String> {
        date.map(|date| date.to_rfc3339())
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
