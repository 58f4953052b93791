//! What the docs say of defaults is what the code has: the table of the crate page, and each option.

use std::time::Duration;

use crate::client_builder::ClientBuilder;

/// A default, as docs write it.
enum Default {
    Time(Duration),
    Octets(u64),
    Count(u64),
    None,
}

impl Default {
    /// The forms in which docs may write it.
    fn forms(&self) -> Vec<String> {
        match self {
            Self::Time(time) => {
                let seconds = time.as_secs();
                let mut forms = vec![format!("{seconds} s"), format!("{seconds} seconds")];
                if seconds % 60 == 0 {
                    let minutes = seconds / 60;
                    forms.extend([format!("{minutes} min"), format!("{minutes} minutes")]);
                }
                forms
            }
            // The largest number of 32 bits is as good as the power above it.
            Self::Octets(octets) => {
                let octets = match *octets {
                    0xFFFF_FFFF => 1 << 32,
                    octets => octets,
                };
                let units = ["octets", "KiB", "MiB", "GiB"];
                let power = (0..units.len())
                    .rev()
                    .find(|power| octets % (1 << (10 * power)) == 0)
                    .unwrap();
                vec![format!("{} {}", octets >> (10 * power), units[power])]
            }
            Self::Count(count) => {
                let digits = count.to_string();
                let thousands = match digits.len() {
                    5.. => {
                        let mut text = digits.clone();
                        for at in (1..=(digits.len() - 1) / 3).map(|group| digits.len() - 3 * group)
                        {
                            text.insert(at, ',');
                        }
                        text
                    }
                    _ => digits.clone(),
                };
                vec![digits, thousands]
            }
            Self::None => vec!["none".into(), "no limit".into(), "without limit".into()],
        }
    }
}

fn time(time: Option<Duration>) -> Default {
    time.map_or(Default::None, Default::Time)
}

/// Each option of the builder with a number, and the default that the code has.
fn defaults() -> Vec<(&'static str, Default)> {
    let builder = ClientBuilder::new("imap.example.com");
    let (times, limits) = (builder.bounds.timeouts, builder.bounds.limits);
    let session = builder.bounds.session;
    let octets = |octets: usize| Default::Octets(octets as u64);
    let count = |count: usize| Default::Count(count as u64);
    vec![
        ("connect_timeout", time(Some(times.connect))),
        ("open_timeout", time(Some(times.open))),
        ("tls_timeout", time(Some(times.tls))),
        ("greeting_timeout", time(Some(times.greeting))),
        ("read_timeout", time(Some(times.silence("NOOP")))),
        ("slow_read_timeout", time(Some(times.silence("SEARCH")))),
        ("write_timeout", time(Some(times.write))),
        ("command_timeout", time(Some(times.command))),
        ("stream_timeout", time(times.stream)),
        ("logout_timeout", time(Some(times.logout))),
        ("drain_timeout", time(Some(times.drain))),
        ("lock_timeout", time(times.lock)),
        ("turn_timeout", time(Some(times.turn()))),
        ("line_limit", octets(limits.line)),
        ("literal_limit", octets(limits.literal)),
        ("response_limit", octets(limits.response)),
        ("answer_limit", Default::Octets(session.answer)),
        ("depth_limit", count(limits.depth)),
        ("list_limit", count(limits.list)),
        ("thread_depth_limit", count(limits.thread_depth)),
        ("parts_limit", count(limits.parts)),
        ("items_limit", count(limits.items)),
        ("rows_limit", Default::Count(session.rows)),
        ("download_limit", Default::Octets(session.download)),
        ("greeting_limit", octets(session.greeting)),
        ("drain_limit", Default::Octets(session.drain)),
        ("continuations_limit", count(session.continuations)),
        ("sasl_rounds_limit", count(session.rounds)),
        ("sasl_challenge_limit", octets(session.challenge)),
        ("events_limit", count(session.events)),
        ("event_octets_limit", octets(session.event_octets)),
    ]
}

/// Whether one of the forms stands in the text as a whole number with its unit.
fn says(text: &str, default: &Default) -> bool {
    let forms = default.forms();
    forms.iter().any(|form| {
        text.match_indices(form.as_str()).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + form.len()..].chars().next();
            !before.is_some_and(|letter| letter.is_ascii_digit() || letter == ',')
                && !after.is_some_and(char::is_alphanumeric)
        })
    })
}

#[test]
fn the_crate_page_has_the_defaults_of_the_code() {
    let page = include_str!("../lib.rs");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .map(|row| row.split(" | ").collect())
        .collect();
    for (option, default) in defaults() {
        let link = format!("(ClientBuilder::{option})");
        let row = rows
            .iter()
            .find(|cells| cells.len() == 3 && cells[2].contains(&link))
            .unwrap_or_else(|| panic!("the table has no row for {option}"));
        assert!(
            says(row[1], &default),
            "{option}: the table has {:?}, the code {:?}",
            row[1],
            default.forms()
        );
    }
}

#[test]
fn the_option_says_its_default() {
    let sources = [include_str!("limits.rs"), include_str!("timeouts.rs")];
    for (option, default) in defaults() {
        let head = format!("pub fn {option}(");
        let doc = sources
            .iter()
            .find_map(|source| source.split_once(&head).map(|(before, _)| before))
            .and_then(|before| before.rsplit("\n\n").next())
            .unwrap_or_else(|| panic!("{option} is not there"));
        let doc: Vec<&str> = doc
            .lines()
            .map(|line| line.trim().trim_start_matches("///").trim())
            .collect();
        let doc = doc.join(" ");
        assert!(
            says(&doc, &default),
            "{option}: the code has {:?}, its doc says {doc:?}",
            default.forms()
        );
    }
}
