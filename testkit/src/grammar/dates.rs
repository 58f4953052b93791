//! Dates, and dates with a time.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone as _};

use crate::grammar::reader::{Parsed, Reader};

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

impl Reader<'_> {
    /// `1-Feb-2026`, in quotes or not.
    pub(super) fn date(&mut self) -> Parsed<NaiveDate> {
        let at = self.place();
        let is_quoted = self.accept(b"\"");
        let day = match self.rest().get(1) {
            Some(b'0'..=b'9') => self.fixed(2, "a day")?,
            _ => self.fixed(1, "a day")?,
        };
        let date = self.month_and_year(day, at)?;
        if is_quoted {
            self.octet(b'"', "\"")?;
        }
        Ok(date)
    }

    /// `"17-Jul-1996 02:44:25 -0700"`; a day below 10 has a space before it.
    pub(super) fn date_time(&mut self) -> Parsed<DateTime<FixedOffset>> {
        let at = self.place();
        self.octet(b'"', "a date and time")?;
        let day = match self.accept(b" ") {
            true => self.fixed(1, "a day")?,
            false => self.fixed(2, "a day, of two digits or after a space,")?,
        };
        let date = self.month_and_year(day, at)?;
        self.octet(b' ', "a space")?;
        let hour = self.fixed(2, "an hour")?;
        self.octet(b':', ":")?;
        let minute = self.fixed(2, "a minute")?;
        self.octet(b':', ":")?;
        let second = self.fixed(2, "a second")?;
        self.octet(b' ', "a space")?;
        let sign = match self.take(1) {
            Some(b"+") => 1,
            Some(b"-") => -1,
            _ => return Err(self.wrong("a zone such as +0200 expected")),
        };
        let (hours, minutes) = (self.fixed(2, "a zone")?, self.fixed(2, "a zone")?);
        self.octet(b'"', "\"")?;
        let seconds = i32::try_from(hours * 60 + minutes).unwrap_or(i32::MAX);
        let zone = FixedOffset::east_opt(sign * seconds.saturating_mul(60));
        // A leap second has the number 60, and ends with the second before it here.
        let time = NaiveTime::from_hms_opt(hour, minute, second.min(59));
        let time = time.filter(|_| second <= 60 && minutes < 60);
        let when = zone.zip(time).and_then(|(zone, time)| {
            let local = date.and_time(time);
            zone.from_local_datetime(&local).single()
        });
        when.ok_or_else(|| self.wrong_at(at, "there is no such date and time"))
    }

    fn month_and_year(&mut self, day: u32, at: usize) -> Parsed<NaiveDate> {
        self.octet(b'-', "-")?;
        let name = self.rest().get(..3).map(<[u8]>::to_ascii_uppercase);
        let month = (1..)
            .zip(MONTHS)
            .find(|(_, month)| name.as_deref() == Some(month.as_bytes()));
        let Some((month, _)) = month else {
            return Err(self.expected("a month such as Feb"));
        };
        self.take(3);
        self.octet(b'-', "-")?;
        let year = self.fixed(4, "a year")?;
        let year = i32::try_from(year).unwrap_or(i32::MAX);
        let date = NaiveDate::from_ymd_opt(year, month, day);
        date.ok_or_else(|| self.wrong_at(at, "there is no such date"))
    }

    /// So many digits.
    fn fixed(&mut self, digits: usize, what: &str) -> Parsed<u32> {
        let next = self.rest().get(..digits);
        let next = next.filter(|next| next.iter().all(u8::is_ascii_digit));
        let number = next.and_then(|next| std::str::from_utf8(next).ok()?.parse().ok());
        match number {
            Some(number) => {
                self.take(digits);
                Ok(number)
            }
            None => Err(self.expected(what)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_all_forms() {
        let date = |text: &str| {
            let date = Reader::new(text.as_bytes(), false).date().ok();
            date.map(|date| date.to_string())
        };
        for text in ["1-Feb-2026", "01-feb-2026", "\"1-FEB-2026\""] {
            assert_eq!(date(text).as_deref(), Some("2026-02-01"), "{text}");
        }
        for wrong in [
            "30-Feb-2026",
            "1-Fev-2026",
            "1-Feb-26",
            "\"1-Feb-2026",
            "-1-Feb-2026",
            "",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_have_a_zone() {
        let time = |text: &str| {
            let time = Reader::new(text.as_bytes(), false).date_time().ok();
            time.map(|time| time.to_rfc3339())
        };
        assert_eq!(
            time("\"17-Jul-1996 02:44:25 -0700\"").as_deref(),
            Some("1996-07-17T02:44:25-07:00")
        );
        assert_eq!(
            time("\" 1-Jul-1996 02:44:60 +0030\"").as_deref(),
            Some("1996-07-01T02:44:59+00:30")
        );
        for wrong in [
            "1-Jul-1996 02:44:25 -0700",
            "\"1-Jul-1996 02:44:25 -0700\"",
            "\"31-Jun-1996 02:44:25 -0700\"",
            "\"17-Jul-1996 24:44:25 -0700\"",
            "\"17-Jul-1996 02:44:25\"",
            "\"17-Jul-1996 02:44:25 0700\"",
            "\"17-Jul-1996 02:44:25 -0760\"",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
