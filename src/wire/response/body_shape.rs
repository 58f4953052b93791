//! Finds the fields of a body structure by the form of their values, if a server left some out.

use crate::wire::cursor::{Cursor, ParseError};

/// The fields between the media type of a part and its size.
pub(super) const FIELDS: usize = 5;

/// The maximum number of values that are compared.
const MOST: usize = 8;

/// A cost higher than that of any fit.
const NEVER: u32 = 1000;

/// The costs of a missing field, and of a value that is none of the fields.
const MISSING: u32 = 3;
const SURPLUS: u32 = 6;

/// A value and its position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    at: usize,
    look: Look,
}

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Nil,
    List,
    Number,
    /// A transfer encoding.
    Encoding,
    /// `<...>`.
    Id,
    String,
}

/// The position of each field: subtype, parameters, id, description, encoding.
pub(super) type Places = [Option<usize>; FIELDS];

/// The positions of the next values, if they have the form that RFC 9051 requires after the media
/// type.
///
/// Those of most parts do. The cursor then stands before the size.
pub(super) fn regular(cursor: &mut Cursor<'_>) -> Option<Places> {
    let mut probe = *cursor;
    let mut places = [None; FIELDS];
    for (field, place) in places.iter_mut().enumerate() {
        let first = probe.peek();
        let is_nil = matches!(first, Some(b'N' | b'n')) && probe.clone().try_nil();
        let fits = match field {
            0 | 4 => is_string(first) && !is_nil,
            1 => first == Some(b'(') || is_nil,
            _ => is_string(first),
        };
        *place = Some(probe.position());
        if !fits || probe.skip_value().is_err() {
            return None;
        }
        probe.skip_blank();
    }
    matches!(probe.peek(), Some(b'0'..=b'9' | b'-')).then(|| {
        *cursor = probe;
        places
    })
}

/// Whether a value with this first octet is a string or NIL, and no number that could be a size.
fn is_string(first: Option<u8>) -> bool {
    !matches!(first, None | Some(b'(' | b')' | b'-' | b'0'..=b'9'))
}

/// Finds the fields among the values up to the size.
///
/// The cursor then stands before the size, or, if there is none, before what follows the fields.
pub(super) fn find(cursor: &mut Cursor<'_>) -> Result<Places, ParseError> {
    let mut values: Vec<Value> = Vec::new();
    let mut probe = *cursor;
    let mut has_size = false;
    while values.len() < MOST && !matches!(probe.peek(), None | Some(b')')) {
        let value = look(probe);
        if value.look == Look::Number {
            has_size = true;
            break;
        }
        values.push(value);
        probe.skip_value()?;
        probe.skip_blank();
    }
    if !has_size {
        // A value after the encoding is none of these fields.
        let encoding = values.iter().skip(1);
        let end = encoding.take_while(|value| value.look != Look::Encoding);
        let end = end.count() + 2;
        values.truncate(end.min(FIELDS));
    }
    let places = fit(&values, has_size);
    let used = places.iter().flatten().max().copied();
    match (has_size, used) {
        (true, _) => *cursor = probe,
        (false, None) => {}
        (false, Some(last)) => {
            cursor.seek(last);
            cursor.skip_value()?;
            cursor.skip_blank();
        }
    }
    Ok(places)
}

fn look(cursor: Cursor<'_>) -> Value {
    let at = cursor.position();
    let mut probe = cursor;
    let look = match cursor.peek() {
        Some(b'(') => Look::List,
        Some(b'0'..=b'9') if probe.number64().is_ok() => Look::Number,
        Some(b'-') => Look::Number,
        Some(b'N' | b'n') if probe.try_nil() => Look::Nil,
        _ => match cursor.clone().nstring() {
            Ok(Some(text)) if is_encoding(&text) => Look::Encoding,
            Ok(Some(text)) if text.starts_with(b"<") => Look::Id,
            _ => Look::String,
        },
    };
    Value { at, look }
}

fn is_encoding(text: &[u8]) -> bool {
    let known = [
        "7bit",
        "8bit",
        "base64",
        "binary",
        "quoted-printable",
        "x-uuencode",
    ];
    let text = text.trim_ascii();
    known
        .iter()
        .any(|known| text.eq_ignore_ascii_case(known.as_bytes()))
}

/// The cost of using a value for this field.
fn cost(field: usize, look: Look) -> u32 {
    match (field, look) {
        (_, Look::Number) => NEVER,
        (1, Look::List | Look::Nil) => 0,
        (1, _) => 4,
        (_, Look::List) => NEVER,
        (0, Look::Nil) => 1,
        (0, Look::Encoding) => 4,
        (0, Look::Id) => 5,
        (0, Look::String) => 0,
        (2 | 3, Look::Nil) => 0,
        (2, Look::Id) | (3, Look::String) | (4, Look::Encoding) => 0,
        (2, Look::String) | (3, Look::Id) => 1,
        (2 | 3, Look::Encoding) => 3,
        _ => 2,
    }
}

/// The treatment of the next value or field.
#[derive(Clone, Copy, Debug, Default)]
enum Move {
    #[default]
    Stop,
    /// The value is the field.
    Take,
    /// The field is missing.
    Skip,
    /// The value is none of the fields.
    Drop,
}

/// The assignment of values to fields, in their order, with the lowest cost.
///
/// It uses `all` of the values, or leaves out those that follow the fields.
fn fit(values: &[Value], all: bool) -> Places {
    // The minimum cost of the rest, by the numbers of values and fields already used.
    let mut table = [[(0u32, Move::Stop); FIELDS + 1]; MOST + 1];
    let of = |table: &[[(u32, Move); FIELDS + 1]; MOST + 1], value: usize, field: usize| {
        let row = table.get(value);
        row.and_then(|row| row.get(field))
            .copied()
            .unwrap_or((NEVER, Move::Stop))
    };
    for value in (0..=values.len()).rev() {
        for field in (0..=FIELDS).rev() {
            let next = values.get(value).filter(|_| field < FIELDS || all);
            let mut best = match (next, field < FIELDS) {
                (None, false) => (0, Move::Stop),
                (None, true) => (of(&table, value, field + 1).0 + MISSING, Move::Skip),
                (Some(_), _) => (of(&table, value + 1, field).0 + SURPLUS, Move::Drop),
            };
            if let Some(next) = next.filter(|_| field < FIELDS) {
                let skipped = of(&table, value, field + 1).0 + MISSING;
                let taken = of(&table, value + 1, field + 1).0 + cost(field, next.look);
                for (cost, step) in [(skipped, Move::Skip), (taken, Move::Take)] {
                    if cost <= best.0 {
                        best = (cost, step);
                    }
                }
            }
            if let Some(cell) = table.get_mut(value).and_then(|row| row.get_mut(field)) {
                *cell = best;
            }
        }
    }
    let mut places = [None; FIELDS];
    let (mut value, mut field) = (0, 0);
    loop {
        match of(&table, value, field).1 {
            Move::Stop => return places,
            Move::Take => {
                if let Some(place) = places.get_mut(field) {
                    *place = values.get(value).map(|value| value.at);
                }
                (value, field) = (value + 1, field + 1);
            }
            Move::Skip => field += 1,
            Move::Drop => value += 1,
        }
    }
}
