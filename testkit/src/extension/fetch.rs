//! The arguments of FETCH: items of extensions, and its page.

use crate::extension::{Extension, Page, Prepared, page};
use crate::extra::Extra;
use crate::values::{upper, value, values_in};

/// Items of a FETCH; `None` where there are none of extensions.
pub(super) fn fetch(bytes: &[u8], start: usize) -> Option<Prepared> {
    let (before, arguments) = bytes.split_at_checked(start)?;
    let space = arguments.iter().position(|byte| *byte == b' ')? + 1;
    let (set, arguments) = arguments.split_at_checked(space)?;
    let arguments = arguments.strip_suffix(b"\r\n")?;
    let (items, after) = match arguments.first() {
        Some(b'(') => value(arguments)?,
        _ => arguments.split_at_checked(apart(arguments).first()?.len())?,
    };
    let listed = match items.strip_prefix(b"(") {
        Some(items) => items.strip_suffix(b")")?,
        None => items,
    };
    let (others, extras) = Extra::take_out(&apart(listed));
    let (after, partial) = without_partial(after)?;
    if extras.is_empty() && partial.is_none() {
        return None;
    }
    let items = match extras.is_empty() {
        true => items.to_vec(),
        false => [b"(", others.join(&b' ').as_slice(), b")"].concat(),
    };
    Some(Prepared {
        bytes: [before, set, &items, &after, b"\r\n"].concat(),
        extension: Extension {
            items: extras,
            partial,
            ..Extension::default()
        },
    })
}

/// The items of a list, with the lists that stand in their brackets.
fn apart(items: &[u8]) -> Vec<&[u8]> {
    let mut depth = 0_u32;
    let mut ends = |byte: &u8| {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *byte == b' ' && depth == 0
    };
    items.split(|byte| ends(byte)).collect()
}

/// The modifiers of a FETCH without PARTIAL, and its page.
fn without_partial(modifiers: &[u8]) -> Option<(Vec<u8>, Option<Page>)> {
    let Some(list) = modifiers.strip_prefix(b" ") else {
        return modifiers.is_empty().then(|| (Vec::new(), None));
    };
    let (mut others, mut partial) = (Vec::new(), None);
    let mut words = values_in(list)?.into_iter();
    while let Some(word) = words.next() {
        match word.eq_ignore_ascii_case(b"PARTIAL") {
            true => partial = Some(page(&upper(words.next()?))?),
            false => others.push(word),
        }
    }
    let list = match others.is_empty() {
        true => Vec::new(),
        false => [b" (", others.join(&b' ').as_slice(), b")"].concat(),
    };
    Some((list, partial))
}
