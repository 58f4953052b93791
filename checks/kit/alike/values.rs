//! A response as a tree of values, so that two are compared by what they say and not by how they are
//! written: quoted strings, literals and atoms are the same.

/// A value.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Value {
    Text(String),
    List(Vec<Value>),
}

impl Value {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::List(_) => "",
        }
    }
}

/// The values of a response, one after the other.
pub(super) fn values(response: &str) -> Vec<Value> {
    let mut rest = response;
    let mut values = Vec::new();
    while !rest.is_empty() {
        let (value, after) = value(rest);
        values.extend(value);
        rest = after;
    }
    values
}

/// The first value, or `None` for a space or a bracket that closes nothing.
fn value(text: &str) -> (Option<Value>, &str) {
    let Some(first) = text.chars().next() else {
        return (None, "");
    };
    match first {
        ' ' | ')' => (None, &text[1..]),
        '(' => {
            let mut list = Vec::new();
            let mut rest = &text[1..];
            while !rest.is_empty() && !rest.starts_with(')') {
                let (value, after) = value(rest);
                list.extend(value);
                rest = after;
            }
            (
                Some(Value::List(list)),
                rest.strip_prefix(')').unwrap_or(rest),
            )
        }
        '"' => quoted(&text[1..]),
        '{' | '~' if literal(text).is_some() => {
            let (text, rest) = literal(text).unwrap();
            (Some(Value::Text(text)), rest)
        }
        _ => {
            let mut depth = 0;
            let end = text.find(|c| {
                match c {
                    '[' => depth += 1,
                    ']' => depth -= 1,
                    _ => {}
                }
                depth <= 0 && matches!(c, ' ' | '(' | ')')
            });
            let (atom, rest) = text.split_at(end.unwrap_or(text.len()));
            (Some(Value::Text(atom.to_owned())), rest)
        }
    }
}

fn quoted(text: &str) -> (Option<Value>, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (Some(Value::Text(value)), &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            character => value.push(character),
        }
    }
    (Some(Value::Text(value)), "")
}

/// A literal, whose octets may have become others when they were no UTF-8: its length is that of what is
/// before the next item.
fn literal(text: &str) -> Option<(String, &str)> {
    let inside = text.trim_start_matches('~').strip_prefix('{')?;
    let (octets, rest) = inside.split_once("}\r\n")?;
    let octets: usize = octets.parse().ok()?;
    let (text, rest) = rest.split_at_checked(octets)?;
    Some((text.to_owned(), rest))
}
