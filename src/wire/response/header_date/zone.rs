//! Zones: offsets, names, and what changes the meaning of a name.

use crate::wire::response::header_date::number::{digits, letters};

#[derive(Clone, Copy)]
pub(super) enum Zone {
    /// Seconds east, from its number.
    Offset(i32),
    /// A named zone, which a number after it makes certain: `GMT+0200`.
    Named(i32),
    /// A name for which no offset is known, or several are.
    Unknown,
}

impl Zone {
    pub(super) fn seconds(self) -> Option<i32> {
        match self {
            Zone::Offset(seconds) | Zone::Named(seconds) => Some(seconds),
            Zone::Unknown => None,
        }
    }
}

/// Reads a sign and the number after it.
pub(super) fn signed(text: &[u8]) -> Option<(Zone, &[u8])> {
    let (sign, rest) = text.split_first()?;
    let direction = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (number, after) = digits(rest)?;
    let (hours_minutes, after) = match (number.len(), after) {
        (1 | 2, [b':', rest @ ..]) => match digits(rest).filter(|(two, _)| two.len() == 2) {
            Some((minutes, rest)) => (number.value * 100 + minutes.value, rest),
            None => (number.value * 100, after),
        },
        (1 | 2, _) => (number.value * 100, after),
        _ => (number.value, after),
    };
    let zone = offset(hours_minutes, direction).filter(|_| number.len() <= 4);
    Some((zone.map_or(Zone::Unknown, Zone::Offset), after))
}

/// Reads the rest of a zone of this name.
///
/// A number or a word after the name can mean another offset.
pub(super) fn named<'t>(name: &[u8], rest: &'t [u8]) -> Option<(Zone, &'t [u8])> {
    let zone = of_name(name)?;
    if is_posix(rest) {
        let len = rest.iter().take_while(|byte| **byte != b' ').count();
        return Some((Zone::Unknown, rest.get(len..).unwrap_or_default()));
    }
    let (next, after) = letters(rest.trim_ascii_start());
    Some(match next {
        // Old Unix: `MET DST` for `MEST`.
        b"dst" => {
            let summer = summer_name(name).and_then(|name| of_name(&name));
            (summer.unwrap_or(Zone::Unknown), after)
        }
        // Windows: `GMT Daylight Time`.
        b"daylight" | b"summer" => (Zone::Unknown, after),
        _ => (zone, rest),
    })
}

/// The zone that is all of a comment: `PST`, `+0100`, `UTC+01:00`.
pub(super) fn of_comment(text: &[u8]) -> Option<Zone> {
    let (name, rest) = letters(text.trim_ascii());
    let zone = match signed(rest.trim_ascii_start()) {
        Some((zone, [])) if name.is_empty() || of_name(name).is_some() => zone,
        Some(_) => return None,
        None => named(name, rest).filter(|(_, rest)| rest.is_empty())?.0,
    };
    zone.seconds().map(|_| zone)
}

/// Whether a name goes on as in the variable TZ of POSIX, where the sign has the other meaning:
/// `EST5EDT`, `MET-1MEST`.
fn is_posix(rest: &[u8]) -> bool {
    match signed(rest) {
        Some((_, after)) => !letters(after).0.is_empty(),
        None => digits(rest).is_some(),
    }
}

/// `MEST` for `MET`, `EDT` for `EST`.
fn summer_name(name: &[u8]) -> Option<Vec<u8>> {
    let summer = |start: &[u8], end: &[u8]| Some([start, end].concat());
    match name {
        [start @ .., b'e', b't'] => summer(start, b"est"),
        [start @ .., b's', b't'] => summer(start, b"dt"),
        _ => None,
    }
}

/// The offset in seconds east of `0530`.
pub(super) fn offset(hours_minutes: u32, direction: i32) -> Option<i32> {
    let (hours, minutes) = (hours_minutes / 100, hours_minutes % 100);
    if hours >= 24 || minutes >= 60 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some(seconds * direction)
}

/// The zone of a name.
///
/// Names that several countries use for different times are unknown, and so are single letters,
/// which RFC 822 defined wrong (RFC 5322 section 4.3).
fn of_name(name: &[u8]) -> Option<Zone> {
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
