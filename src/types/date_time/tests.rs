//! Dates and times against chrono's.

use std::collections::HashSet;

use chrono::{FixedOffset, TimeZone};
use proptest::prelude::*;

use super::*;

fn date(text: &str) -> DateTime {
    text.parse().unwrap()
}

#[test]
fn both_forms_are_read() {
    for (text, expected) in [
        ("2026-11-01T12:00:00+01:00", "2026-11-01T12:00:00+01:00"),
        ("2026-11-01t12:00:00z", "2026-11-01T12:00:00+00:00"),
        ("2026-11-01 12:00:00Z", "2026-11-01T12:00:00+00:00"),
        ("2026-11-01T12:00:00.999Z", "2026-11-01T12:00:00+00:00"),
        ("2026-11-01T12:00:00-00:00", "2026-11-01T12:00:00+00:00"),
        ("1998-12-31T23:59:60Z", "1998-12-31T23:59:60+00:00"),
        ("0000-01-01T00:00:00+23:59", "0000-01-01T00:00:00+23:59"),
        ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59-23:59"),
        ("17-Jul-1996 02:44:25 -0700", "1996-07-17T02:44:25-07:00"),
        (" 7-Feb-1994 22:43:04 +0545", "1994-02-07T22:43:04+05:45"),
        ("7-feb-1994 22:43:04 +0000", "1994-02-07T22:43:04+00:00"),
    ] {
        assert_eq!(date(text).to_string(), expected, "{text}");
        assert_eq!(date(expected).to_string(), expected);
        let (local, _) = expected.split_at(19);
        let read: LocalDateTime = local.parse().unwrap();
        assert_eq!(read.to_string(), local);
    }
}

#[test]
fn other_texts_are_refused_with_the_text() {
    for text in [
        "",
        "2026-11-01",
        "2026-11-01T12:00:00",
        "2026-11-01T12:00+01:00",
        "2026-11-01T12:00:00.Z",
        "2026-11-01T12:00:00,5Z",
        "2026-11-01T12:00:00+0100",
        "2026-11-01T12:00:00+01",
        "2026-11-01T12:00:00 +01:00",
        "2026-11-01T12:00:00Zx",
        "2026-11-01T24:00:00Z",
        "2026-11-01T12:60:00Z",
        "2026-11-01T12:00:61Z",
        "2026-11-01T12:00:00+24:00",
        "2026-11-01T12:00:00+00:60",
        "2026-02-29T12:00:00Z",
        "17-Jul-1996 02:44:25",
        "17-Jul-1996 02:44:25 -07:00",
        "17-Jul-1996  02:44:25 -0700",
        "  7-Jul-1996 02:44:25 -0700",
        "17-Jul-1996 02:44:25 -0700 ",
        "17-Jul-1996 02:44:25 x0700",
        "\"17-Jul-1996 02:44:25 -0700\"",
        "+0000",
    ] {
        let error = text.parse::<DateTime>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("{text:?}")), "{error}");
    }
    for text in ["2026-11-01", "2026-11-01T12:00:00Z", "2026-11-01T12:00"] {
        assert!(text.parse::<LocalDateTime>().is_err(), "{text}");
    }
}

#[test]
fn a_leap_second_is_between_its_neighbours() {
    let leap = date("1998-12-31T23:59:60Z");
    let (before, after) = (date("1998-12-31T23:59:59Z"), date("1999-01-01T00:00:00Z"));
    assert!(before < leap && leap < after);
    assert_eq!(leap.unix_timestamp(), before.unix_timestamp());
    assert_eq!(
        leap.to_offset(3600).unwrap().to_string(),
        "1999-01-01T00:59:60+01:00"
    );
    assert_eq!(leap.to_offset(3600).unwrap(), leap);
}

#[test]
fn one_instant_is_one_at_every_offset() {
    let (one, other) = (
        date("2026-11-01T00:30:00+01:00"),
        date("2026-10-31T23:30:00Z"),
    );
    assert_eq!(one, other);
    assert_eq!([one, other].into_iter().collect::<HashSet<_>>().len(), 1);
    assert_ne!(one.offset_seconds(), other.offset_seconds());
    assert!(date("2026-11-01T00:30:00+02:00") < one);
}

/// The first time of Windows; other systems have earlier ones than any date.
fn earliest() -> Option<SystemTime> {
    cfg!(windows).then(|| UNIX_EPOCH - FROM_1601_TO_1970)
}

#[test]
fn the_ends_of_the_calendar_are_errors_and_never_panics() {
    let (first, last) = (Date::MIN, Date::MAX);
    let first = first.at(0, 0, 0).unwrap().with_offset(86_340).unwrap();
    let last = last.at(23, 59, 60).unwrap().with_offset(-86_340).unwrap();
    assert!(first.to_offset(0).is_err() && last.to_offset(0).is_err());
    assert!(first < last && first.unix_timestamp() < last.unix_timestamp());
    assert!(DateTime::try_from(SystemTime::from(last)).is_err());
    let time = SystemTime::from(first);
    match earliest() {
        Some(earliest) => assert_eq!(time, earliest),
        None => assert!(DateTime::try_from(time).is_err()),
    }
    for seconds in [i64::MIN, i64::MAX, last.unix_timestamp()] {
        assert!(DateTime::from_unix_timestamp(seconds).is_err());
    }
    for seconds in [i32::MIN, i32::MAX, 86_400, -86_400, 1, -30] {
        assert!(first.to_offset(seconds).is_err(), "{seconds}");
        assert!(last.local().with_offset(seconds).is_err(), "{seconds}");
    }
}

#[test]
fn a_time_before_1970_is_cut_to_the_second_before_it() {
    let half = UNIX_EPOCH - Duration::from_millis(500);
    assert_eq!(DateTime::try_from(half).unwrap().unix_timestamp(), -1);
    let whole = UNIX_EPOCH - Duration::from_secs(5);
    assert_eq!(DateTime::try_from(whole).unwrap().unix_timestamp(), -5);
    let after = UNIX_EPOCH + Duration::from_millis(1500);
    assert_eq!(DateTime::try_from(after).unwrap().unix_timestamp(), 1);
}

proptest! {
    #[test]
    fn an_instant_is_what_chrono_makes_of_it(
        seconds in -62_167_132_800i64..253_402_214_400,
        minutes in -1439i32..=1439,
    ) {
        let offset = FixedOffset::east_opt(minutes * 60).unwrap();
        let theirs = offset.timestamp_opt(seconds, 0).unwrap();
        let ours = DateTime::from_unix_timestamp(seconds).and_then(|at| at.to_offset(minutes * 60));
        let ours = ours.unwrap();
        prop_assert_eq!(ours.to_string(), theirs.to_rfc3339());
        prop_assert_eq!(ours.unix_timestamp(), seconds);
        for text in [
            theirs.to_rfc3339(),
            theirs.format("%e-%b-%Y %H:%M:%S %z").to_string(),
            theirs.format("%d-%b-%Y %H:%M:%S %z").to_string(),
        ] {
            let read: DateTime = text.parse().unwrap();
            prop_assert_eq!(read, ours);
            prop_assert_eq!(read.offset_seconds(), ours.offset_seconds());
        }
        let time = SystemTime::from(ours);
        let read = DateTime::try_from(time).unwrap();
        let first = earliest().map(|earliest| DateTime::try_from(earliest).unwrap());
        prop_assert_eq!(read, first.map_or(ours, |first| first.max(ours)));
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,30}|[0-9A-Za-z:. +-]{20,30}") {
        if let Ok(date) = text.parse::<DateTime>() {
            prop_assert_eq!(date.to_string().parse(), Ok(date));
        }
    }
}
