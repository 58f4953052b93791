//! Whether a refusal is temporary, and for how long: servers report it in human-readable text.

use std::time::Duration;

use regex::bytes::{Captures, RegexBuilder};

use crate::types::response_code::ResponseCode;

/// Whether the refusal is temporary, and for how long, if the server reports it.
pub(crate) fn wait(code: Option<&ResponseCode>, text: &str) -> Option<Option<Duration>> {
    let by_code = matches!(code, Some(ResponseCode::Throttled));
    let is_throttled = by_code || captures(r"\bthrottl(ed|ing)\b", text).is_some();
    is_throttled.then(|| wait_in(text))
}

/// The pattern's first place in the text, whatever the case.
fn captures<'t>(pattern: &str, text: &'t str) -> Option<Captures<'t>> {
    let pattern = RegexBuilder::new(pattern)
        .unicode(false)
        .case_insensitive(true)
        .build();
    pattern.ok()?.captures(text.as_bytes())
}

/// The first span of time in the text.
fn wait_in(text: &str) -> Option<Duration> {
    let found = captures(r"(\d{1,9})\s*(ms|milli\w*|s|sec\w*|m|min\w*)\b", text)?;
    let word = |index| std::str::from_utf8(found.get(index)?.as_bytes()).ok();
    let count: u64 = word(1)?.parse().ok()?;
    Some(match word(2)?.to_ascii_lowercase().as_str() {
        "ms" => Duration::from_millis(count),
        unit if unit.starts_with("milli") => Duration::from_millis(count),
        unit if unit.starts_with('s') => Duration::from_secs(count),
        _ => Duration::from_secs(count.saturating_mul(60)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_found_in_text() {
        let of = |text: &str| wait_in(text).map(|wait| wait.as_millis());
        let microsoft = "Request is throttled. Suggested Backoff Time: 92149 milliseconds";
        assert_eq!(of(microsoft), Some(92_149));
        assert_eq!(of("try again in 30 seconds"), Some(30_000));
        assert_eq!(of("wait 2 min"), Some(120_000));
        assert_eq!(of("wait 5s"), Some(5_000));
        assert_eq!(of("too many requests"), None);
        assert_eq!(of("limit of 100 messages"), None);
    }
}
