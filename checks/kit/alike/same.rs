//! An answer without what may differ from server to server.

use super::values::{Value, values};

/// The responses in a form that is the same for answers that say the same.
pub(super) fn same(answer: &[String]) -> Vec<String> {
    let mut untagged = Vec::new();
    let mut in_order = Vec::new();
    let mut tagged = String::new();
    for response in answer {
        match response.split(' ').next() {
            Some("t") => tagged = status(&response[2..]),
            Some("*") => {
                let text = untagged_response(&response[2..]);
                let is_in_order = text.ends_with(" EXPUNGE") || text.contains(" FETCH ");
                match is_in_order {
                    true => in_order.push(text),
                    false => untagged.push(text),
                }
            }
            _ => untagged.push(response.clone()),
        }
    }
    untagged.retain(|text| !text.is_empty());
    untagged.sort();
    untagged.extend(in_order);
    untagged.push(tagged);
    untagged
}

/// A status without its text, and with its code.
fn status(response: &str) -> String {
    let (status, text) = response.split_once(' ').unwrap_or((response, ""));
    match text.strip_prefix('[').and_then(|code| code.split_once(']')) {
        // Codes of RFC 5530, which no server has to send.
        Some(("CANNOT" | "NONEXISTENT" | "ALREADYEXISTS" | "NOPERM" | "CLIENTBUG", _)) => {
            status.to_owned()
        }
        Some((code, _)) => format!("{status} [{}]", hidden(&words(code))),
        None => status.to_owned(),
    }
}

/// A code's values; a set of flags is sorted.
fn words(code: &str) -> String {
    let values = values(code).into_iter().map(sorted);
    values
        .map(|value| shown(&value))
        .collect::<Vec<_>>()
        .join(" ")
}

fn untagged_response(response: &str) -> String {
    let first = response.split(' ').next().unwrap_or_default();
    if ["OK", "NO", "BAD", "BYE"].contains(&first) {
        return status(response);
    }
    let mut values = values(response);
    let second = values.get(1).map(|value| value.text().to_owned());
    let word = match second.as_deref() {
        Some("FETCH") => "FETCH".to_owned(),
        _ => values[0].text().to_owned(),
    };
    match word.as_str() {
        "FETCH" => {
            if let Some(Value::List(items)) = values.get_mut(2) {
                *items = pairs(std::mem::take(items));
            }
        }
        "STATUS" => {
            if let Some(Value::List(items)) = values.get_mut(2) {
                *items = pairs(std::mem::take(items));
            }
        }
        "LIST" | "LSUB" | "FLAGS" => values = values.into_iter().map(sorted).collect(),
        "ID" => return "ID".to_owned(),
        "ESEARCH" => {
            let begin = if values.get(2).is_some_and(|value| value.text() == "UID") {
                3
            } else {
                2
            };
            let items = values.split_off(begin.min(values.len()));
            values.extend(pairs(items));
        }
        _ => {}
    }
    let shown: Vec<String> = values.iter().map(shown).collect();
    hidden(&shown.join(" "))
}

/// Names and values in the order of the names.
fn pairs(items: Vec<Value>) -> Vec<Value> {
    let mut pairs: Vec<[Value; 2]> = Vec::new();
    let mut items = items.into_iter();
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        let value = match name.text() {
            "FLAGS" => sorted(value),
            "BODY" | "BODYSTRUCTURE" => Value::Text(shown(&value).to_ascii_uppercase()),
            "INTERNALDATE" => {
                let date = value.text().trim_start().trim_start_matches('0');
                Value::Text(date.to_owned())
            }
            _ => value,
        };
        pairs.push([Value::Text(name.text().to_ascii_uppercase()), value]);
    }
    pairs.sort();
    pairs.concat()
}

/// A list in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::List(mut values) => {
            values.sort();
            Value::List(values)
        }
        text => text,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.replace('\r', "\\r").replace('\n', "\\n"),
        Value::List(values) => {
            let values: Vec<String> = values.iter().map(shown).collect();
            format!("({})", values.join(" "))
        }
    }
}

/// The text with `#` in the place of numbers that each server gives by itself.
fn hidden(text: &str) -> String {
    const BEFORE: [&str; 7] = [
        "UIDVALIDITY ",
        "HIGHESTMODSEQ ",
        "MODSEQ (",
        "MODSEQ ",
        "APPENDUID ",
        "COPYUID ",
        "SAVEDATE ",
    ];
    let mut hidden = text.to_owned();
    for word in BEFORE {
        let mut from = 0;
        while let Some(at) = hidden[from..].find(word) {
            let begin = from + at + word.len();
            let is_part = |c: char| match word {
                "SAVEDATE " => c != ')',
                _ => c.is_ascii_digit(),
            };
            let end = hidden[begin..].find(|c| !is_part(c));
            let end = end.map_or(hidden.len(), |end| begin + end);
            if end > begin {
                hidden.replace_range(begin..end, "#");
            }
            from = begin;
        }
    }
    hidden
}
