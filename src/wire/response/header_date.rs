//! The Date field of mail as it is written, whether or not it follows RFC 5322.

mod number;
mod plain;
mod zone;

use std::borrow::Cow;

use crate::types::date::{Date, month as english_month, two};
use crate::types::date_time::LocalDateTime;
use crate::types::header_date::HeaderDate;
use crate::wire::response::encoded_word;
use crate::wire::response::header_date::number::{Digits, digits, is_letter, letters};
use crate::wire::response::header_date::plain::plain;
use crate::wire::response::header_date::zone::{Zone, offset};

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
    let text = encoded_word::decode(Cow::Borrowed(text));
    let text = plain(&text, |comment| {
        found.aside = found.aside.or_else(|| zone::of_comment(comment));
    });
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        rest = match first {
            b'<' => behind(rest, b'>'),
            b'0'..=b'9' => found.number(rest)?,
            b'+' | b'-' => found.sign(rest),
            // An encoded word that was not decoded has numbers of its own.
            b'=' => rest
                .get(encoded_word::word_len(rest).unwrap_or(1)..)
                .unwrap_or_default(),
            byte if is_letter(*byte) => found.word(rest),
            _ => rest.get(1..).unwrap_or_default(),
        };
    }
    found.into_date()
}

/// What was read of a text in the form of [`plain`].
#[derive(Default)]
struct Found {
    day: Option<u32>,
    month: Option<u32>,
    /// Whether the month was a word before any number, which can be a day of the week: `mar` is
    /// one.
    is_early: bool,
    year: Option<i32>,
    time: Option<Time>,
    /// The half of the day, before the time.
    half: Option<Half>,
    /// Whether digits that can be a time were not understood.
    is_time_lost: bool,
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

impl Found {
    fn into_date(self) -> Option<HeaderDate> {
        let date = day(self.year?, self.month?, self.day?)?;
        let local = match self.time {
            Some(time) => time.of(date)?,
            None if self.is_time_lost => return None,
            None => date.at(0, 0, 0).ok()?,
        };
        let mut zones = [self.zone, self.aside].into_iter().flatten();
        Some(HeaderDate::new(local, zones.find_map(Zone::seconds)))
    }

    fn has_day(&self) -> bool {
        self.month.is_some() && self.day.is_some()
    }

    /// Reads digits with what belongs to them: a time, a date in numbers, the day, the year.
    fn number<'t>(&mut self, text: &'t [u8]) -> Option<&'t [u8]> {
        let (first, rest) = digits(text)?;
        if let Some((time, rest)) = Time::read(text, self.has_day()) {
            let half = self.half.take();
            self.time = self.time.or(Some(Time { half, ..time }));
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
        } else if self.time.is_none() && self.day.is_some() {
            self.is_time_lost = true;
            return Some(behind_time(rest));
        }
        Some(without_ordinal(rest))
    }

    /// Reads a sign: of a zone after the time; elsewhere it only separates.
    fn sign<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let rest = text.get(1..).unwrap_or_default();
        if self.time.is_none() {
            // A zone without a time is none.
            let is_zone = self.has_day() && self.year.is_some();
            let zone = digits(rest).filter(|(number, _)| is_zone && number.len() == 4);
            return zone.map_or(rest, |(_, after)| after);
        }
        let Some((zone, after)) = zone::signed(text) else {
            return rest;
        };
        if !matches!(self.zone, Some(Zone::Offset(_))) {
            self.zone = Some(zone);
        }
        after
    }

    /// Reads a month, the half of the day, or a zone; any other word is skipped.
    fn word<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let (word, rest) = letters(text);
        let rest = rest.strip_prefix(b".").unwrap_or(rest);
        let has_number = self.day.is_some() || self.year.is_some();
        if let Some(month) = month(word) {
            if self.month.is_none() || self.is_early && self.time.is_none() {
                self.month = Some(month);
                self.is_early = !has_number;
            }
            return rest.strip_prefix(b"-").unwrap_or(rest);
        }
        if let Some((half, rest)) = half(word, rest) {
            let is_before = Time::read(rest.trim_ascii_start(), self.has_day()).is_some();
            match &mut self.time {
                Some(time) => time.half = time.half.or(Some(half)),
                None if is_before => self.half = Some(half),
                None => {}
            }
            return rest;
        }
        if self.time.is_none() {
            return rest;
        }
        let Some((zone, rest)) = zone::named(word, rest) else {
            return rest;
        };
        if matches!(self.zone, None | Some(Zone::Unknown)) {
            self.zone = Some(zone);
        }
        rest
    }
}

impl Time {
    /// Reads `23:42`, `23:42:00.5`, `23h42`; and also with dots, which a date can have too, once a
    /// date is known.
    fn read(text: &[u8], has_date: bool) -> Option<(Time, &[u8])> {
        let (hour, rest) = digits(text).filter(|(hour, _)| hour.len() <= 2)?;
        let mark = *rest
            .first()
            .filter(|mark| matches!(mark, b':' | b'.' | b'h'))?;
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
        (1 | 2, 2 | 4) => short_date(mark, [one, two, three]),
        _ => return None,
    };
    Some((date, rest))
}

/// The date of numbers that begin or end with a year of two digits, or end with one of four.
///
/// `None` unless only one day is meant, in whatever order; with dots, the order is known.
fn short_date(mark: u8, [one, two, three]: [Digits; 3]) -> Option<YearMonthDay> {
    let day_first = (three.year(), two.value, one.value);
    let month_first = (three.year(), one.value, two.value);
    let year_first = (one.year(), two.value, three.value);
    let orders: &[YearMonthDay] = match (mark, one.len(), three.len()) {
        (b'.', _, _) => &[day_first],
        (_, 2, 2) => &[day_first, month_first, year_first],
        _ => &[day_first, month_first],
    };
    let mut days = orders
        .iter()
        .filter(|(year, month, date)| day(*year, *month, *date).is_some());
    let first = days.next()?;
    days.all(|other| other == first).then_some(*first)
}

/// The text after the `T` between a date and a time, so that `063000` is not read as another
/// number.
fn time_mark(text: &[u8]) -> &[u8] {
    match text {
        [b't', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => rest,
        _ => text,
    }
}

/// The text after the rest of a time that was not understood.
fn behind_time(text: &[u8]) -> &[u8] {
    let is_time = |byte: &&u8| matches!(byte, b'0'..=b'9' | b':' | b'.');
    let len = text.iter().take_while(is_time).count();
    text.get(len..).unwrap_or_default()
}

/// The text after `12th`.
fn without_ordinal(text: &[u8]) -> &[u8] {
    let ordinals: [&[u8]; 4] = [b"st", b"nd", b"rd", b"th"];
    match text.split_at_checked(2) {
        Some((word, rest))
            if ordinals.contains(&word) && !rest.first().is_some_and(|byte| is_letter(*byte)) =>
        {
            rest
        }
        _ => text,
    }
}

fn behind(text: &[u8], end: u8) -> &[u8] {
    let at = memchr::memchr(end, text).map_or(text.len(), |at| at + 1);
    text.get(at..).unwrap_or_default()
}

/// `am`, `p.m.`, `p. m.` and those of other languages, and the text after it.
fn half<'t>(word: &[u8], rest: &'t [u8]) -> Option<(Half, &'t [u8])> {
    let halves: [(Half, [&str; 5]); 2] = [
        (Half::Morning, ["a", "am", "오전", "上午", "午前"]),
        (Half::Afternoon, ["p", "pm", "오후", "下午", "午後"]),
    ];
    let is = |names: &[&str; 5]| names.iter().any(|name| name.as_bytes() == word);
    let (half, _) = halves.iter().find(|(_, names)| is(names))?;
    if word.len() > 1 {
        return Some((*half, rest));
    }
    let (next, rest) = letters(rest.trim_ascii_start());
    let rest = rest.strip_prefix(b".").unwrap_or(rest);
    (next == b"m").then_some((*half, rest))
}

/// The month of a name, in English or another language, in full or cut.
///
/// A name of another language is known if mailers write it and it means only one month.
fn month(word: &[u8]) -> Option<u32> {
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

#[cfg(test)]
mod tests;
