//! A part that is no message and has no parts, in the form in which nearly every server writes it.

use crate::wire::cursor::Cursor;
use crate::wire::response::body_node::{Kind, NONE, Node};

/// The position of a value.
type Place = u32;

/// Reads the part at the cursor up to its closing parenthesis; returns its fields, and whether it
/// is HTML.
///
/// `None` if it does not follow the grammar to the letter, or may be a message; then the general
/// parser reads it.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<(Node, bool)> {
    let mut probe = *cursor;
    if !probe.try_byte(b'(') {
        return None;
    }
    let mut node = Node::EMPTY;
    let media_type = string(&mut probe, &mut node.media_type)?;
    let subtype = string(&mut probe, &mut node.subtype)?;
    let is_text = media_type.eq_ignore_ascii_case(b"text");
    if !is_text && media_type.eq_ignore_ascii_case(b"message") {
        return None;
    }
    let is_html = is_text && subtype.eq_ignore_ascii_case(b"html");
    node.parameters = list_or_nil(&mut probe)?;
    sp(&mut probe)?;
    node.id = string_or_nil(&mut probe)?;
    sp(&mut probe)?;
    node.description = string_or_nil(&mut probe)?;
    sp(&mut probe)?;
    string(&mut probe, &mut node.encoding)?;
    node.octets = number(&mut probe)?;
    if is_next(&mut probe) {
        let has_lines = matches!(probe.peek(), Some(b'0'..=b'9'));
        node.lines = match has_lines {
            true => number(&mut probe)?,
            false if is_text => nil(&mut probe)?,
            false => NONE,
        };
        let is_behind_lines = node.lines == NONE || is_next(&mut probe);
        if is_behind_lines {
            extension(&mut probe, &mut node)?;
        }
    }
    probe.try_byte(b')').then(|| {
        node.kind = Kind::Basic;
        *cursor = probe;
        (node, is_html)
    })
}

/// `body-ext-1part`, as far as it goes.
fn extension(probe: &mut Cursor<'_>, node: &mut Node) -> Option<()> {
    node.md5 = nil(probe)?;
    if is_next(probe) {
        node.disposition = list_or_nil(probe)?;
        if is_next(probe) {
            node.language = nil(probe)?;
            if is_next(probe) {
                node.location = string_or_nil(probe)?;
            }
        }
    }
    Some(())
}

fn place(probe: &Cursor<'_>) -> Place {
    u32::try_from(probe.position()).unwrap_or(NONE)
}

fn sp(probe: &mut Cursor<'_>) -> Option<()> {
    probe.try_byte(b' ').then_some(())
}

/// Whether another field follows; reads the space before it.
fn is_next(probe: &mut Cursor<'_>) -> bool {
    probe.try_byte(b' ')
}

/// A string and the space after it.
fn string<'a>(probe: &mut Cursor<'a>, at: &mut Place) -> Option<&'a [u8]> {
    *at = place(probe);
    let content = probe.try_plain_quoted()?;
    sp(probe)?;
    Some(content)
}

fn string_or_nil(probe: &mut Cursor<'_>) -> Option<Place> {
    let at = place(probe);
    match probe.try_plain_quoted() {
        Some(_) => Some(at),
        None => nil(probe),
    }
}

fn nil(probe: &mut Cursor<'_>) -> Option<Place> {
    let at = place(probe);
    probe.try_nil().then_some(at)
}

fn list_or_nil(probe: &mut Cursor<'_>) -> Option<Place> {
    let at = place(probe);
    match probe.peek() {
        Some(b'(') => probe.skip_value().ok().map(|_| at),
        _ => nil(probe),
    }
}

fn number(probe: &mut Cursor<'_>) -> Option<Place> {
    let at = place(probe);
    let digits = probe.run(|octet| octet.is_ascii_digit());
    let ends = matches!(probe.peek(), Some(b' ' | b')'));
    (ends && !digits.is_empty()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::wire::frame::Frame;
    use crate::wire::response::body_tree;

    /// What is read to the letter is what the general way reads.
    #[test]
    fn both_ways_read_the_same() {
        let whole =
            r#"("text" "html" ("a" "b") "<i>" "d" "7bit" 12 3 NIL ("inline" ("a" "b")) NIL "l")"#;
        for (part, is_plain) in [
            (whole, true),
            (r#"("TEXT" "plain" NIL NIL NIL "7BIT" 12 NIL)"#, true),
            (
                r#"("TEXT" "plain" NIL NIL NIL "7BIT" 12 NIL NIL NIL NIL NIL)"#,
                true,
            ),
            (r#"("image" "png" NIL NIL NIL "base64" 12)"#, true),
            (r#"("image" "png" NIL NIL NIL "base64" 12 NIL)"#, true),
            (
                r#"("image" "png" NIL NIL NIL "base64" 12 NIL NIL NIL)"#,
                true,
            ),
            (r#"("image" "png" NIL NIL NIL "base64" 12 3 NIL)"#, true),
            (r#"("image" "png" NIL NIL NIL "base64" 12 "md5")"#, false),
            (
                r#"("image" "png" NIL NIL NIL "base64" 12 ("inline" NIL) NIL)"#,
                false,
            ),
            (
                r#"("image" "png" NIL NIL NIL "base64" 12 NIL NIL "de")"#,
                false,
            ),
            (
                r#"("image" "png" NIL NIL NIL "base64" 12 NIL NIL NIL NIL 4)"#,
                false,
            ),
            (r#"("image" "png" NIL NIL NIL NIL 12)"#, false),
            (r#"("image" "png" NIL NIL NIL "base64" -1)"#, false),
            (r#"("image" "p\"ng" NIL NIL NIL "base64" 12)"#, false),
            (r#"("image"  "png" NIL NIL NIL "base64" 12)"#, false),
            (r#"("image" "png" NIL NIL "base64" 12)"#, false),
            (r#"("message" "rfc822" NIL NIL NIL "7bit" 12 NIL)"#, false),
        ] {
            let row = format!("{part}) and what follows");
            let mut cursor = Cursor::new(Frame::inline(row.as_bytes()));
            let plain = read(&mut cursor);
            assert_eq!(plain.is_some(), is_plain, "{part}");
            let mut nodes = Vec::new();
            // Blanks are no part of what is read to the letter.
            let blank = row.replacen(' ', "  ", 1);
            let mut general = Cursor::new(Frame::inline(blank.as_bytes()));
            body_tree::read(&mut general, &Limits::DEFAULT, &mut nodes).unwrap();
            let Some((node, is_html)) = plain else {
                continue;
            };
            assert_eq!(cursor.position(), part.len(), "{part}");
            assert_eq!(is_html, nodes[0].has_html(), "{part}");
            let later = |place: u32| {
                if place == NONE || place < 8 {
                    place
                } else {
                    place + 1
                }
            };
            let places = |node: &Node, is: fn(u32) -> u32| {
                [
                    node.parameters,
                    node.id,
                    node.description,
                    node.encoding,
                    node.octets,
                    node.lines,
                    node.md5,
                    node.disposition,
                    node.language,
                    node.location,
                ]
                .map(is)
            };
            assert_eq!(
                places(&node, later),
                places(&nodes[0], |place| place),
                "{part}"
            );
        }
    }
}
