//! The Date field of mail as it is written, whether or not it follows RFC 5322.

use crate::types::date::{Date, month as english_month, two};
use crate::types::date_time::LocalDateTime;
use crate::types::header_date::HeaderDate;

/// Reads a Date field: a day, a month and a year in any unambiguous order, a time, and a zone.
///
/// Other words, such as the day of the week, are skipped.
pub(crate) fn header_date(text: &[u8]) -> Option<HeaderDate> {
    exact(text).or_else(|| loose(text))
}

/// [`header_date`] of `Fri, 21 Nov 1997 09:55:06 -0600`, as most are written.
#[rustfmt::skip]
fn exact(text: &[u8]) -> Option<HeaderDate> {
    let (day_of_week, text) = text.split_first_chunk::<3>()?;
    let is_known = DAYS_OF_WEEK.contains(&day_of_week);
    let text = text.strip_prefix(b", ").filter(|_| is_known)?;
    let (day, text) = match text {
        [one, b' ', rest @ ..] => (two([b'0', *one])?, rest),
        [ten, one, b' ', rest @ ..] => (two([*ten, *one])?, rest),
        _ => return None,
    };
    let &[
        month_1, month_2, month_3, b' ', year_1000, year_100, year_10, year_1, b' ',
        hour_10, hour_1, b':', minute_10, minute_1, b':', second_10, second_1, b' ',
        sign @ (b'+' | b'-'), zone_h10, zone_h1, zone_m10, zone_m1,
    ] = text else {
        return None;
    };
    let month = english_month([month_1, month_2, month_3])?;
    let year = u16::from(two([year_1000, year_100])?) * 100 + u16::from(two([year_10, year_1])?);
    let hour = two([hour_10, hour_1])?;
    let (minute, second) = (two([minute_10, minute_1])?, two([second_10, second_1])?);
    let direction = if sign == b'-' { -1 } else { 1 };
    let zone = u32::from(two([zone_h10, zone_h1])?) * 100 + u32::from(two([zone_m10, zone_m1])?);
    let zone = offset(zone, direction)?;
    let local = Date::new(year, month, day).ok()?.at(hour, minute, second).ok()?;
    Some(HeaderDate::new(local, Some(zone)))
}

const DAYS_OF_WEEK: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// [`header_date`] in any form.
fn loose(text: &[u8]) -> Option<HeaderDate> {
    let mut found = Found::default();
    let mut rest = text;
    while let Some(first) = rest.first() {
        rest = match first {
            b'(' => found.comment(rest),
            b'<' => behind(rest, b'>'),
            b'0'..=b'9' => found.number(rest)?,
            b'+' | b'-' => found.sign(rest),
            byte if is_letter(*byte) => found.word(rest),
            _ => rest.get(1..).unwrap_or_default(),
        };
    }
    found.into_date()
}

#[derive(Default)]
struct Found {
    day: Option<u32>,
    month: Option<u32>,
    /// Whether the month was a word before any number, which can be a day of the week: `mar` is
    /// one.
    is_early: bool,
    year: Option<i32>,
    time: Option<Time>,
    zone: Option<Zone>,
    /// A zone in a comment, which is used if there is no other.
    aside: Option<Zone>,
}

#[derive(Clone, Copy)]
struct Time {
    hour: u32,
    minute: u32,
    second: u32,
    half: Option<Half>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

#[derive(Clone, Copy)]
enum Zone {
    /// Seconds east, from its number.
    Offset(i32),
    /// A named zone, which a number after it makes certain: `GMT+0200`.
    Named(i32),
    /// A name for which no offset is known, or several are.
    Unknown,
}

impl Found {
    fn into_date(self) -> Option<HeaderDate> {
        let date = day(self.year?, self.month?, self.day?)?;
        let local = match self.time {
            Some(time) => time.of(date)?,
            None => date.at(0, 0, 0).ok()?,
        };
        let known = [self.zone, self.aside].into_iter().flatten();
        let mut known = known.filter_map(|zone| match zone {
            Zone::Offset(seconds) | Zone::Named(seconds) => Some(seconds),
            Zone::Unknown => None,
        });
        Some(HeaderDate::new(local, known.next()))
    }

    /// Reads digits with what belongs to them: a time, a date in numbers, the day, the year.
    fn number<'t>(&mut self, text: &'t [u8]) -> Option<&'t [u8]> {
        let (first, rest) = digits(text)?;
        if let Some((time, rest)) = Time::read(text, self.month.is_some() && self.day.is_some()) {
            if self.time.is_none() {
                self.time = Some(time);
            }
            return Some(rest);
        }
        if let Some((date, rest)) = numeric_date(text) {
            if self.day.is_none() {
                let (year, month, day) = date?;
                (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
            }
            return Some(time_mark(rest));
        }
        let is_short = first.len() <= 2;
        if is_short && self.day.is_none() {
            self.day = Some(first.value);
        } else if self.year.is_none() && matches!(first.len(), 2..=4) {
            self.year = Some(first.year());
        } else if self.time.is_none() && self.year.is_some() && first.len() == 6 {
            self.time = Some(Time::dense(first.value));
        } else if self.time.is_some() && self.zone.is_none() && first.len() == 4 {
            // The sign was lost.
            self.zone = offset(first.value, 1).map(Zone::Offset);
        }
        Some(without_ordinal(rest))
    }

    /// Reads a sign: of a zone after the time; elsewhere it only separates.
    fn sign<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let (sign, rest) = text.split_first().unwrap_or((&b'+', &[]));
        let Some((number, after)) = digits(rest).filter(|_| self.time.is_some()) else {
            return rest;
        };
        if matches!(self.zone, Some(Zone::Offset(_))) {
            return after;
        }
        let (hours_minutes, after) = match (number.len(), after) {
            (1 | 2, [b':', rest @ ..]) => match digits(rest).filter(|(two, _)| two.len() == 2) {
                Some((minutes, rest)) => (number.value * 100 + minutes.value, rest),
                None => (number.value * 100, after),
            },
            (1 | 2, _) => (number.value * 100, after),
            _ => (number.value, after),
        };
        let direction = if *sign == b'-' { -1 } else { 1 };
        let zone = offset(hours_minutes, direction).filter(|_| number.len() <= 4);
        self.zone = Some(zone.map_or(Zone::Unknown, Zone::Offset));
        after
    }

    /// Reads a month, the half of the day, or a zone; any other word is skipped.
    fn word<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let len = text.iter().take_while(|byte| is_letter(**byte)).count();
        let (word, rest) = text.split_at_checked(len).unwrap_or((text, &[]));
        let rest = rest.strip_prefix(b".").unwrap_or(rest);
        let has_number = self.day.is_some() || self.year.is_some();
        if let Some(month) = month(word) {
            if self.month.is_none() || self.is_early && self.time.is_none() {
                self.month = Some(month);
                self.is_early = !has_number;
            }
            return rest.strip_prefix(b"-").unwrap_or(rest);
        }
        let Some(time) = &mut self.time else {
            return rest;
        };
        if let Some((half, rest)) = half(word, rest) {
            time.half = time.half.or(Some(half));
            return rest;
        }
        if matches!(self.zone, None | Some(Zone::Unknown)) {
            self.zone = zone(word).or(self.zone);
        }
        rest
    }

    fn comment<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let mut depth = 0usize;
        for (at, byte) in text.iter().enumerate() {
            match byte {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                let inner = text.get(1..at).unwrap_or_default().trim_ascii();
                let known = zone(inner).filter(|zone| !matches!(zone, Zone::Unknown));
                self.aside = self.aside.or(known);
                return text.get(at + 1..).unwrap_or_default();
            }
        }
        // It is not closed: all the rest belongs to it.
        &[]
    }
}

impl Time {
    /// Reads `23:42`, `23:42:00.5`; and also with dots, which a date can have too, once a date is
    /// known.
    fn read(text: &[u8], has_date: bool) -> Option<(Time, &[u8])> {
        let (hour, rest) = digits(text).filter(|(hour, _)| hour.len() <= 2)?;
        let mark = *rest.first().filter(|mark| matches!(mark, b':' | b'.'))?;
        let (minute, rest) = digits(rest.get(1..)?).filter(|(minute, _)| minute.len() <= 2)?;
        let second = match rest {
            [next, after @ ..] if *next == mark => digits(after).filter(|(s, _)| s.len() <= 2),
            _ => None,
        };
        if mark == b'.' && !has_date {
            return None;
        }
        let (second, rest) = match second {
            Some((second, rest)) => (second.value, rest),
            None => (0, rest),
        };
        // Parts of a second.
        let rest = match rest {
            [b'.' | b',', after @ ..] => digits(after).map_or(rest, |(_, after)| after),
            _ => rest,
        };
        let time = Time {
            hour: hour.value,
            minute: minute.value,
            second,
            half: None,
        };
        Some((time, rest))
    }

    /// `234200`.
    fn dense(value: u32) -> Time {
        Time {
            hour: value / 10_000,
            minute: value / 100 % 100,
            second: value % 100,
            half: None,
        }
    }

    /// This time on a day, on a 24-hour clock; the end of the day is the start of the next.
    fn of(self, date: Date) -> Option<LocalDateTime> {
        let hour = match self.half {
            Some(Half::Morning) if self.hour == 12 => 0,
            Some(Half::Afternoon) if self.hour < 12 => self.hour + 12,
            _ => self.hour,
        };
        if (hour, self.minute, self.second) == (24, 0, 0) {
            return date.checked_add_days(1)?.at(0, 0, 0).ok();
        }
        let (hour, minute, second) = (small(hour)?, small(self.minute)?, small(self.second)?);
        date.at(hour, minute, second).ok()
    }
}

/// The day of these numbers, if it exists in the calendar.
fn day(year: i32, month: u32, day: u32) -> Option<Date> {
    Date::new(u16::try_from(year).ok()?, small(month)?, small(day)?).ok()
}

/// A number of a date or time other than a year.
fn small(number: u32) -> Option<u8> {
    u8::try_from(number).ok()
}

/// A run of digits.
#[derive(Clone, Copy)]
struct Digits {
    value: u32,
    len: usize,
}

impl Digits {
    fn len(self) -> usize {
        self.len
    }

    /// The year of a number (RFC 5322 section 4.3).
    ///
    /// Two digits are of this century or the last; three are counted from 1900.
    fn year(self) -> i32 {
        let value = i32::try_from(self.value).unwrap_or(i32::MAX);
        match (self.len, value) {
            (..=2, 0..=49) => value.saturating_add(2000),
            (..=3, _) => value.saturating_add(1900),
            _ => value,
        }
    }
}

fn digits(text: &[u8]) -> Option<(Digits, &[u8])> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at_checked(len).filter(|_| len > 0)?;
    let value = number.iter().fold(0u32, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(u32::from(digit - b'0'))
    });
    Some((Digits { value, len }, rest))
}

type YearMonthDay = (i32, u32, u32);

/// The date of `2025-06-12`, `12.06.2025`, `20250612`.
///
/// The date is `None` if the numbers do not show which is the month.
fn numeric_date(text: &[u8]) -> Option<(Option<YearMonthDay>, &[u8])> {
    let (one, rest) = digits(text)?;
    if one.len() == 8 {
        let year = i32::try_from(one.value / 10_000).ok()?;
        return Some((Some((year, one.value / 100 % 100, one.value % 100)), rest));
    }
    let mark = *rest
        .first()
        .filter(|mark| matches!(mark, b'-' | b'/' | b'.'))?;
    let (two, rest) = digits(rest.get(1..)?).filter(|(two, _)| two.len() <= 2)?;
    let (three, rest) = digits(rest.strip_prefix(&[mark])?)?;
    let date = match (one.len(), three.len()) {
        (4, 1 | 2) => Some((one.year(), two.value, three.value)),
        (1 | 2, 2 | 4) => {
            let year = three.year();
            let is_day_first = mark == b'.' || one.value > 12 || one.value == two.value;
            let is_month_first = two.value > 12;
            match (is_day_first, is_month_first) {
                (true, _) => Some((year, two.value, one.value)),
                (_, true) => Some((year, one.value, two.value)),
                _ => None,
            }
        }
        _ => return None,
    };
    Some((date, rest))
}

/// The text after the `T` between a date and a time, so that `063000` is not read as another
/// number.
fn time_mark(text: &[u8]) -> &[u8] {
    match text {
        [b'T' | b't', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => rest,
        _ => text,
    }
}

/// The text after `12th`.
fn without_ordinal(text: &[u8]) -> &[u8] {
    let ordinals: [&[u8]; 4] = [b"st", b"nd", b"rd", b"th"];
    match text.split_at_checked(2) {
        Some((word, rest))
            if ordinals.contains(&word.to_ascii_lowercase().as_slice())
                && !rest.first().is_some_and(|byte| is_letter(*byte)) =>
        {
            rest
        }
        _ => text,
    }
}

/// The offset in seconds east of `0530`.
fn offset(hours_minutes: u32, direction: i32) -> Option<i32> {
    let (hours, minutes) = (hours_minutes / 100, hours_minutes % 100);
    if hours >= 24 || minutes >= 60 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some(seconds * direction)
}

fn behind(text: &[u8], end: u8) -> &[u8] {
    let at = memchr::memchr(end, text).map_or(text.len(), |at| at + 1);
    text.get(at..).unwrap_or_default()
}

/// Whether it is a letter, also one that is not ASCII.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// `AM`, `p.m.`, and the text after it.
fn half<'t>(word: &[u8], rest: &'t [u8]) -> Option<(Half, &'t [u8])> {
    let half = |letter: u8| match letter.to_ascii_lowercase() {
        b'a' => Some(Half::Morning),
        b'p' => Some(Half::Afternoon),
        _ => None,
    };
    match (word, rest) {
        ([letter, b'm' | b'M'], _) => Some((half(*letter)?, rest)),
        ([letter], [b'm' | b'M', b'.', rest @ ..]) => Some((half(*letter)?, rest)),
        _ => None,
    }
}

/// The month of a name, in English or another language, in full or cut.
///
/// A name of another language is known if mailers write it and it means only one month.
fn month(word: &[u8]) -> Option<u32> {
    let word: Vec<u8> = word.iter().take(12).map(u8::to_ascii_lowercase).collect();
    let starts = |starts: &[&str]| {
        starts
            .iter()
            .any(|start| word.starts_with(start.as_bytes()))
    };
    let months: [&[&str]; 12] = [
        &["jan", "jän", "gen", "ene", "янв"],
        &["feb", "fév", "fev", "фев"],
        &["mar", "mär", "mae", "mrz", "mrt", "мар"],
        &["apr", "avr", "abr", "апр"],
        &["may", "mai", "mag", "mei", "maj", "май", "мая"],
        &["jun", "juin", "giu", "июн"],
        &["jul", "juil", "lug", "июл"],
        &["aug", "aoû", "aou", "ago", "авг"],
        &["sep", "set", "сен"],
        &["oct", "okt", "ott", "out", "окт"],
        &["nov", "ноя"],
        &["dec", "dez", "déc", "dic", "des", "дек"],
    ];
    let at = months.iter().position(|names| starts(names))?;
    u32::try_from(at + 1).ok()
}

/// The zone of a name.
///
/// Names that several countries use for different times are unknown, and so are single letters,
/// which RFC 822 defined wrong (RFC 5322 section 4.3).
fn zone(name: &[u8]) -> Option<Zone> {
    let upper = name.to_ascii_uppercase();
    let minutes = match upper.as_slice() {
        b"GMT" | b"UT" | b"UTC" | b"Z" | b"WET" | b"UCT" | b"ZULU" => 0,
        b"EDT" => -240,
        b"EST" | b"CDT" => -300,
        b"CST" | b"MDT" => -360,
        b"MST" | b"PDT" => -420,
        b"PST" | b"AKDT" => -480,
        b"AKST" => -540,
        b"HST" => -600,
        b"NST" => -210,
        b"NDT" => -150,
        b"ADT" => -180,
        b"BRT" | b"ART" => -180,
        b"CET" | b"MET" | b"MEZ" | b"BST" | b"WEST" | b"WAT" => 60,
        b"CEST" | b"MEST" | b"MESZ" | b"EET" | b"SAST" | b"CAT" => 120,
        b"EEST" | b"MSK" | b"TRT" | b"EAT" => 180,
        b"MSD" => 240,
        b"PKT" => 300,
        b"NPT" => 345,
        b"WIB" | b"ICT" => 420,
        b"HKT" | b"SGT" | b"AWST" => 480,
        b"JST" | b"KST" => 540,
        b"ACST" => 570,
        b"AEST" => 600,
        b"ACDT" => 630,
        b"AEDT" => 660,
        b"NZST" => 720,
        b"NZDT" => 780,
        // `Uhr`, `at`: words, not zones.
        [_] | [_, _, _] | [_, _, _, _] => return Some(Zone::Unknown),
        _ => return None,
    };
    Some(Zone::Named(minutes * 60))
}

#[cfg(test)]
mod tests;
