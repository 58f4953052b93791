//! Holds what is seen of a mail against what stands beside it.

use super::expected::{Expected, Head, Part};
use super::seen::Seen;

/// Adds a line for each difference.
pub(super) fn compare(expected: &Expected, seen: &Seen, problems: &mut Vec<String>) {
    heads("", &expected.head, &seen.head, problems);
    let shape = |parts: &[Part]| {
        let line = |part: &Part| format!("{} {}", part.number, part.media_type);
        parts.iter().map(line).collect::<Vec<_>>()
    };
    let (due, found) = (shape(&expected.parts), shape(&seen.parts));
    if due != found {
        problems.push(format!("parts:\n    due   {due:?}\n    found {found:?}"));
        return;
    }
    for (due, found) in expected.parts.iter().zip(&seen.parts) {
        part(due, found, problems);
    }
    let own = own_parts(&expected.parts);
    let of_role = |role: &str| -> Vec<String> {
        let parts = own.iter().filter(|part| part.role == role);
        parts.map(|part| part.number.clone()).collect()
    };
    let text = |media_type: &str| {
        let is_text = |part: &&&Part| part.role == "text" && part.media_type == media_type;
        own.iter().find(is_text).map(|part| part.number.clone())
    };
    differ(
        "attachments()",
        &of_role("attachment"),
        &seen.attachments,
        problems,
    );
    differ("embedded()", &of_role("embedded"), &seen.embedded, problems);
    differ(
        "text_part()",
        &text("text/plain"),
        &seen.text_part,
        problems,
    );
    differ("html_part()", &text("text/html"), &seen.html_part, problems);
}

/// Those that do not stand in a message that is one of them. A part without a number of its own is
/// a multipart, so it does not matter.
fn own_parts(parts: &[Part]) -> Vec<&Part> {
    let is_message = |part: &&Part| part.media_type == "message/rfc822";
    let messages: Vec<_> = parts
        .iter()
        .filter(is_message)
        .map(|part| format!("{}.", part.number))
        .collect();
    let is_own = |part: &&Part| !messages.iter().any(|of| part.number.starts_with(of));
    parts.iter().filter(is_own).collect()
}

fn heads(of: &str, due: &Head, found: &Head, problems: &mut Vec<String>) {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    if due.subject.is_some() {
        let (due, found) = (text(&due.subject), text(&found.subject));
        differ(&format!("{of}subject"), &due, &found, problems);
    }
    if due.date.is_some() {
        let (due, found) = (text(&due.date), text(&found.date));
        differ(&format!("{of}date"), &due, &found, problems);
    }
    for (field, addresses) in &due.addresses {
        let same = found.addresses.iter().find(|(name, _)| name == field);
        let found = same.map(|(_, addresses)| addresses.clone());
        let found = found.unwrap_or_default();
        differ(&format!("{of}{field}"), addresses, &found, problems);
    }
}

fn part(due: &Part, found: &Part, problems: &mut Vec<String>) {
    let of = format!("part {}: ", due.number);
    let mut check = |what: &str, due: &Option<String>, found: &Option<String>| {
        differ(&format!("{of}{what}"), due, found, problems);
    };
    check("role", &Some(due.role.clone()), &Some(found.role.clone()));
    // What a text is in that names no charset; not every server says so.
    let named = |part: &Part| part.charset.clone().filter(|charset| charset != "us-ascii");
    check("charset", &named(due), &named(found));
    check("disposition", &due.disposition, &found.disposition);
    check("file", &due.file, &found.file);
    check("undecoded", &due.undecoded, &found.undecoded);
    check(
        "undecoded-encoding",
        &due.undecoded_encoding,
        &found.undecoded_encoding,
    );
    if due.sha256.is_some() {
        check("sha256", &due.sha256, &found.sha256);
    }
    if due.text_sha256.is_some() {
        check("text-sha256", &due.text_sha256, &found.text_sha256);
    }
    if due.text.is_some() {
        check("text", &due.text, &found.text);
    }
    if due.octets.is_some() {
        differ(&format!("{of}octets"), &due.octets, &found.octets, problems);
    }
    if due.encoded.is_some() {
        differ(
            &format!("{of}encoded"),
            &due.encoded,
            &found.encoded,
            problems,
        );
    }
    heads(&of, &due.head, &found.head, problems);
}

fn differ<T: PartialEq + std::fmt::Debug>(
    what: &str,
    due: &T,
    found: &T,
    problems: &mut Vec<String>,
) {
    if due != found {
        let shown = |value: &T| {
            let text = format!("{value:?}");
            match text.char_indices().nth(300) {
                Some((end, _)) => format!("{}...", &text[..end]),
                None => text,
            }
        };
        problems.push(format!(
            "{what}:\n    due   {}\n    found {}",
            shown(due),
            shown(found)
        ));
    }
}
