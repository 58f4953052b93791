//! Dates as people's programs write them.

use chrono::{DateTime, FixedOffset, TimeZone};
use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> String {
    header_date(text.as_bytes()).map_or_else(|| "-".to_owned(), |date| date.to_string())
}

#[test]
fn fault_55_dates_as_mail_programs_read_them() {
    for (text, expected) in [
        // By the rules, with comments and folded.
        (
            "Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
            "1996-07-17T02:23:25-07:00",
        ),
        (
            "Thu,\r\n 13 Feb 1969 23:32 -0330 (Newfoundland (Time))",
            "1969-02-13T23:32:00-03:30",
        ),
        ("(a) 17 (b) Jul 1996 02:23 GMT", "1996-07-17T02:23:00+00:00"),
        ("Wed,  7 Feb 1996 02:23:25 EST", "1996-02-07T02:23:25-05:00"),
        ("31 Dec 1998 23:59:60 +0000", "1998-12-31T23:59:60+00:00"),
        ("12 Jun 2025 10:00:00 -0000", "2025-06-12T10:00:00+00:00"),
        // The year in two and three digits.
        ("7 Feb 96 02:23:25 +0100", "1996-02-07T02:23:25+01:00"),
        ("7 Feb 25 02:23:25 +0100", "2025-02-07T02:23:25+01:00"),
        ("7 Feb 102 02:23:25 +0100", "2002-02-07T02:23:25+01:00"),
        // The names of months and days, long, wrong, or none.
        (
            "Fri, 12 June 2025 23:42:00 +0200",
            "2025-06-12T23:42:00+02:00",
        ),
        (
            "Thur, 04 Jan 2024 10:00:00 +0000",
            "2024-01-04T10:00:00+00:00",
        ),
        (
            "Thursday, 4 January 2024 10:00:00 +0000",
            "2024-01-04T10:00:00+00:00",
        ),
        (
            "Sun, 04 Sept 2024 10:00:00 +0000",
            "2024-09-04T10:00:00+00:00",
        ),
        (
            "Xyz, 04 SEP. 2024 10:00:00 +0000",
            "2024-09-04T10:00:00+00:00",
        ),
        (
            "lun., 4 févr. 2024 10:00:00 +0100",
            "2024-02-04T10:00:00+01:00",
        ),
        (
            "mar., 4 juin 2024 10:00:00 +0200",
            "2024-06-04T10:00:00+02:00",
        ),
        ("Di, 4 Mär 2025 10:00:00 +0100", "2025-03-04T10:00:00+01:00"),
        (
            "Do., 4. Dezember 2025 10:00 +0100",
            "2025-12-04T10:00:00+01:00",
        ),
        (
            "jue, 4 dic 2025 10:00:00 +0100",
            "2025-12-04T10:00:00+01:00",
        ),
        // Commas and blanks too few and too many.
        (
            "Sat, 10, Dec 2022 10:00:00 +0000",
            "2022-12-10T10:00:00+00:00",
        ),
        (
            "Sat 10 Dec 2022 10:00:00 +0000",
            "2022-12-10T10:00:00+00:00",
        ),
        ("Sat,10 Dec 2022 10:00:00+0000", "2022-12-10T10:00:00+00:00"),
        (
            "\"Sat, 10 Dec 2022, 10:00:00 +0000\"",
            "2022-12-10T10:00:00+00:00",
        ),
        ("Sat, 10Dec2022 10:00:00 +0000", "2022-12-10T10:00:00+00:00"),
        ("Sat, 10 Dec 2022 10 : 00", "2022-12-10T10:00:00"),
        // Zones.
        (
            "10 Dec 2022 10:00:00 +0000 <x>",
            "2022-12-10T10:00:00+00:00",
        ),
        ("10 Dec 2022 10:00:00 GMT+0200", "2022-12-10T10:00:00+02:00"),
        (
            "10 Dec 2022 10:00:00 GMT +02:00 (EET)",
            "2022-12-10T10:00:00+02:00",
        ),
        ("10 Dec 2022 10:00:00 UTC-3", "2022-12-10T10:00:00-03:00"),
        ("10 Dec 2022 10:00:00 UTC", "2022-12-10T10:00:00+00:00"),
        ("10 Dec 2022 10:00:00 ut", "2022-12-10T10:00:00+00:00"),
        ("10 Dec 2022 10:00:00Z", "2022-12-10T10:00:00+00:00"),
        ("10 Dec 2022 10:00:00 CET", "2022-12-10T10:00:00+01:00"),
        (
            "10 Dec 2022 10:00:00 +0100 CET",
            "2022-12-10T10:00:00+01:00",
        ),
        (
            "10 Dec 2022 10:00:00 CST +0800",
            "2022-12-10T10:00:00+08:00",
        ),
        ("10 Dec 2022 10:00:00 +530", "2022-12-10T10:00:00+05:30"),
        ("10 Dec 2022 10:00:00 +5:30", "2022-12-10T10:00:00+05:30"),
        ("10 Dec 2022 10:00:00 +02", "2022-12-10T10:00:00+02:00"),
        ("10 Dec 2022 10:00:00 0200", "2022-12-10T10:00:00+02:00"),
        (
            "10 Dec 2022 10:00:00 +0100 (CET",
            "2022-12-10T10:00:00+01:00",
        ),
        ("10 Dec 2022 10:00:00 (PST)", "2022-12-10T10:00:00-08:00"),
        // Zones that are not there, or not known.
        ("10 Dec 2022 10:00:00", "2022-12-10T10:00:00"),
        ("10 Dec 2022 10:00", "2022-12-10T10:00:00"),
        ("10 Dec 2022 10:00:00 A", "2022-12-10T10:00:00"),
        ("10 Dec 2022 10:00:00 IST", "2022-12-10T10:00:00"),
        ("10 Dec 2022 10:00:00 XYZ", "2022-12-10T10:00:00"),
        ("10 Dec 2022 10:00:00 -9900", "2022-12-10T10:00:00"),
        ("10 Dec 2022 10:00:00 +0075", "2022-12-10T10:00:00"),
        ("10 Dec 2022", "2022-12-10T00:00:00"),
        // Clocks.
        (
            "Tue, 8 Apr 2025 06:09:22 PM EDT",
            "2025-04-08T18:09:22-04:00",
        ),
        ("8 Apr 2025 12:09:22 AM EDT", "2025-04-08T00:09:22-04:00"),
        ("8 Apr 2025 12:09pm +0000", "2025-04-08T12:09:00+00:00"),
        ("8 Apr 2025 6:09 p.m. +0000", "2025-04-08T18:09:00+00:00"),
        ("8 Apr 2025 18:09 PM +0000", "2025-04-08T18:09:00+00:00"),
        ("8 Apr 2025 24:00:00 +0000", "2025-04-09T00:00:00+00:00"),
        ("8 Apr 2025 9:5:7 +0000", "2025-04-08T09:05:07+00:00"),
        ("8 Apr 2025 18.09.22 +0000", "2025-04-08T18:09:22+00:00"),
        ("8 Apr 2025 18:09:22.125 +0000", "2025-04-08T18:09:22+00:00"),
        // Other forms.
        ("Thu Jun 12 23:42:00 2025", "2025-06-12T23:42:00"),
        ("Thu Jun 12 23:42:00 CEST 2025", "2025-06-12T23:42:00+02:00"),
        (
            "Thu Jun 12 23:42:00 -0700 2025",
            "2025-06-12T23:42:00-07:00",
        ),
        (
            "Thu Jun 12 2025 23:42:00 GMT+0200 (Central European Summer Time)",
            "2025-06-12T23:42:00+02:00",
        ),
        (
            "June 12th, 2025 11:42 PM +0200",
            "2025-06-12T23:42:00+02:00",
        ),
        ("2025-06-12T23:42:00+02:00", "2025-06-12T23:42:00+02:00"),
        ("2025-06-12T23:42:00.5Z", "2025-06-12T23:42:00+00:00"),
        ("2025-06-12 23:42:00", "2025-06-12T23:42:00"),
        ("20250612T234200Z", "2025-06-12T23:42:00+00:00"),
        ("12.06.2025 23:42 +0200", "2025-06-12T23:42:00+02:00"),
        ("12.06.2025", "2025-06-12T00:00:00"),
        ("12.6.25, 23:42 Uhr CEST", "2025-06-12T23:42:00+02:00"),
        ("05-Feb-2024 10:00:00 +0000", "2024-02-05T10:00:00+00:00"),
        ("10:00:00 5-Feb-2024", "2024-02-05T10:00:00"),
        ("2024-Feb-05 10:00:00 +0000", "2024-02-05T10:00:00+00:00"),
        (
            "Sun, 2024 Feb 05 10:00:00 +0000",
            "2024-02-05T10:00:00+00:00",
        ),
        ("13/06/2025 10:00 +0000", "2025-06-13T10:00:00+00:00"),
        ("06/13/2025 10:00 +0000", "2025-06-13T10:00:00+00:00"),
        ("06/06/2025 10:00 +0000", "2025-06-06T10:00:00+00:00"),
        // What cannot be known.
        ("06/12/2025 10:00 +0000", "-"),
        ("31 Feb 2025 10:00:00 +0000", "-"),
        ("8 Apr 2025 25:00:00 +0000", "-"),
        ("8 Apr 10:00:00 +0000", "-"),
        ("8 2025 10:00:00 +0000", "-"),
        ("yesterday", "-"),
        ("(8 Apr 2025 10:00)", "-"),
        ("", "-"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

/// Each must be the instant that the sender meant, or none: never another one.
#[test]
fn fault_55_no_instant_is_invented() {
    for (texts, expected) in [
        // Blanks and comments around colons (RFC 5322 section 4.3).
        (
            &[
                "Mon, 1 Dec 2025 10 :00:00 +0100",
                "1 Dec 2025 10 : 00 : 00 +0100",
                "1 Dec 2025 10(c):(c)00(c (d)):(\\))00 +0100",
                "1\u{a0}Dec\u{a0}2025 10:00:00 +0100",
                "1\u{3000}Dec 2025 10:00:00\u{202f}+0100",
                "1 DÉC. 2025 10:00:00 +0100",
                "1 Дек 2025 10:00:00 +0100",
                "1 Dec 2025 10h00 +0100",
                // Encoded, in whole or in part, also in charsets with numbers.
                "=?utf-8?Q?Mon,_1_Dec_2025_10:00:00_+0100?=",
                "=?utf-8?Q?Mon=2C?= 1 Dec 2025 10:00:00 +0100",
                "1 Dec 2025 10:00:00 =?x-unknown-9?Q?+0900=FF?= +0100",
                "1 Dec 2025 10:00:00 (GMT) +0100",
                "1 Dec 2025 10:00:00 +0100 (+0900)",
                // Zones in comments.
                "1 Dec 2025 10:00:00 (+0100)",
                "1 Dec 2025 10:00:00 (GMT+1)",
                "1 Dec 2025 10:00:00 (UTC+01:00)",
                "1 Dec 2025 10:00:00 (UTC +1)",
                "1 Dec 2025 10:00:00 (CET)",
                "1 Dec 2025 10:00:00 (x) (CET)",
            ][..],
            "2025-12-01T10:00:00+01:00",
        ),
        (
            &[
                "Dec 1, 2025, 10:00:00\u{202f}PM",
                "1 dic 2025 10:00:00 p. m.",
                "1 dic 2025 10:00:00 p.\u{a0}m.",
                "2025-12-01 PM 10:00:00",
                "2025-12-01 오후 10:00:00",
                "2025-12-01 下午 10:00:00",
                "2025-12-01 下午10:00:00",
                "am 1. Dezember 2025 22:00",
            ],
            "2025-12-01T22:00:00",
        ),
        (
            &["Dec 1, 2025, 10:00:00\u{202f}PM GMT+1"],
            "2025-12-01T22:00:00+01:00",
        ),
        (
            &["am 1. Dezember 2025 um 12:00", "2025-12-01 下午 12:00"],
            "2025-12-01T12:00:00",
        ),
        // Summer times.
        (
            &[
                "1 Jul 2025 10:00:00 MET DST",
                "1 Jul 2025 10:00:00 CET DST",
                "1 Jul 2025 10:00:00 MEST",
            ],
            "2025-07-01T10:00:00+02:00",
        ),
        (
            &["1 Jul 2025 10:00:00 WET DST"],
            "2025-07-01T10:00:00+01:00",
        ),
        (
            &["1 Jul 2025 10:00:00 EST DST"],
            "2025-07-01T10:00:00-04:00",
        ),
        // Zones that are not known.
        (
            &[
                "1 Jul 2025 10:00:00 MET-1MEST",
                "1 Jul 2025 10:00:00 CET-1CEST,M3.5.0,M10.5.0/3",
                "1 Jul 2025 10:00:00 EST5EDT",
                "1 Jul 2025 10:00:00 GMT Daylight Time",
                "1 Jul 2025 10:00:00 CEST DST",
                "1 Jul 2025 10:00:00 GMT DST",
                "1 Jul 2025 10:00:00 (from x+5)",
                "1 Jul 2025 10:00:00 (EST5EDT)",
            ],
            "2025-07-01T10:00:00",
        ),
        // A time that was not understood is not midnight.
        (
            &[
                "Mon, 1 Dec 2025 10 AM +0100",
                "Mon, 1 Dec 2025 10PM",
                "Mon, 1 Dec 2025 1000 +0100",
                "Mon, 1 Dec 2025 010:00:00 +0100",
                "Mon, 1 Dec 2025 10:000:00 +0100",
                "=?x-unknown-2025?Q?=FF?= Dec 12",
                // Either end can be the year.
                "25-12-01 10:00:00",
                "24/01/15 10:00",
                "10/12/25",
            ],
            "-",
        ),
        (&["13/06/75", "06/13/75"], "1975-06-13T00:00:00"),
        (&["75/06/13", "75-06-13"], "1975-06-13T00:00:00"),
        (&["1 Dec 2025", "1 Dec 2025 +0100"], "2025-12-01T00:00:00"),
        (&["2025-12-01-10:00:00"], "2025-12-01T10:00:00"),
    ] {
        for text in texts {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}

#[test]
fn fault_55_dates_in_latin_1() {
    for (text, expected) in [
        (&b"1 d\xe9c 2025 10:00"[..], "2025-12-01T10:00:00"),
        (b"1 f\xe9v 2025 10:00", "2025-02-01T10:00:00"),
        (b"1 ao\xfbt 2025 10:00", "2025-08-01T10:00:00"),
        (b"1 M\xe4r 2025 10:00", "2025-03-01T10:00:00"),
        (b"1\xa0Dec\xa02025 10:00", "2025-12-01T10:00:00"),
    ] {
        let date = header_date(text).map(|date| date.to_string());
        assert_eq!(date.as_deref(), Some(expected), "{}", text.escape_ascii());
    }
}

#[cfg(feature = "charsets")]
#[test]
fn fault_55_dates_encoded_in_charsets_with_numbers() {
    for charset in ["windows-1252", "iso-8859-15"] {
        let text = format!("=?{charset}?Q?Mon,_1_Dec_2025_10:00:00_+0100?=");
        assert_eq!(shown(&text), "2025-12-01T10:00:00+01:00");
    }
}

#[test]
fn fault_55_long_dates_are_read_in_linear_time() {
    for start in [
        "(", "<", "12 ", "12:", "-1", "a", "1.1.", "((", "=?", "=?a?q?", " : ", "am ", "gmt ",
        "(x)",
    ] {
        assert_eq!(header_date(start.repeat(1 << 18).as_bytes()), None);
    }
}

#[test]
fn a_date_without_a_zone_is_no_instant() {
    let date = header_date(b"10 Dec 2022 10:00:00").unwrap();
    assert_eq!(date.instant(), None);
    assert_eq!(date.local().to_string(), "2022-12-10T10:00:00");
    assert_eq!(
        date.instant_or_utc().to_string(),
        "2022-12-10T10:00:00+00:00"
    );
}

#[test]
fn a_date_with_a_zone_is_an_instant_with_its_offset() {
    let date = header_date(b"10 Dec 2022 10:00:00 +0130").unwrap();
    let instant = date.instant_or_utc();
    assert_eq!(date.instant(), Some(instant));
    assert_eq!(instant.to_string(), "2022-12-10T10:00:00+01:30");
    assert_eq!(instant.unix_timestamp(), 1_670_661_000);
}

/// Instants with offsets of whole minutes.
fn instant() -> impl Strategy<Value = DateTime<FixedOffset>> {
    (-631_152_000i64..4_102_444_800, -840i32..=840).prop_map(|(seconds, minutes)| {
        let offset = FixedOffset::east_opt(minutes * 60).unwrap();
        offset.timestamp_opt(seconds, 0).unwrap()
    })
}

proptest! {
    #[test]
    fn fault_55_every_instant_is_read_in_every_form(date in instant()) {
        for format in [
            "%a, %d %b %Y %H:%M:%S %z", "%a, %e %b %Y %H:%M:%S %z (XYZ)", "%A %d %B %Y %H:%M:%S %z",
            "%a, %d, %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S GMT%z", "%a %b %d %H:%M:%S %z %Y",
            "%Y-%m-%dT%H:%M:%S%:z", "%d.%m.%Y %H:%M:%S %z", "%d-%b-%Y %H:%M:%S %z",
            "%a, %d %b %Y %I:%M:%S %p %z", "%d %b %Y %H.%M.%S %z", "%b %d, %Y %I:%M:%S %P %z",
            "%Y/%m/%d %H:%M:%S %z", "%Y%m%dT%H%M%S%z",
        ] {
            let text = date.format(format).to_string();
            let read = header_date(text.as_bytes()).and_then(|read| read.instant());
            let expected = date.to_rfc3339();
            prop_assert_eq!(read.map(|read| read.to_string()), Some(expected), "{}", text);
        }
        let text = date.format("%a, %d %b %Y %H:%M:%S").to_string();
        let read = header_date(text.as_bytes());
        let expected = date.format("%Y-%m-%dT%H:%M:%S").to_string();
        prop_assert_eq!(read.map(|read| read.to_string()), Some(expected), "{}", text);
        prop_assert_eq!(read.and_then(|read| read.instant()), None);
    }

    #[test]
    fn no_text_is_too_odd(text in "[0-9A-Za-zé:.,+()<>/ -]{0,60}") {
        let _ = header_date(text.as_bytes());
    }
}

#[test]
fn an_offset_of_a_day_and_more_is_none() {
    for offset in ["+2400", "-9999", "+999999999", "+2147483647", "+4294967295"] {
        let text = format!("10 Dec 2022 10:00:00 {offset}");
        let date = header_date(text.as_bytes());
        assert!(date.is_none_or(|date| date.instant().is_none()), "{text}");
    }
}
