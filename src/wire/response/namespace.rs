//! NAMESPACE: where a user's own, other users' and shared mailboxes are (RFC 9051 section 7.3.5).

use crate::types::namespace::{Namespace, Namespaces};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::limits::Limits;
use crate::wire::response::list::delimiter;
use crate::wire::utf7;

/// `namespace SP namespace SP namespace`; those that are missing are empty.
pub(crate) fn parse(mut cursor: Cursor<'_>, limits: &Limits) -> Result<Namespaces, ParseError> {
    let mut namespaces = Namespaces::default();
    for kind in [
        &mut namespaces.personal,
        &mut namespaces.other_users,
        &mut namespaces.shared,
    ] {
        if cursor.try_end() {
            break;
        }
        *kind = namespace(&mut cursor, limits)?;
        cursor.skip_blank();
    }
    Ok(namespaces)
}

/// `nil / "(" 1*namespace-descr ")"`.
fn namespace(cursor: &mut Cursor<'_>, limits: &Limits) -> Result<Vec<Namespace>, ParseError> {
    let mut descriptions = Vec::new();
    if cursor.try_nil() {
        return Ok(descriptions);
    }
    cursor.byte(b'(', "a list of namespaces")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            return Ok(descriptions);
        }
        if descriptions.len() >= limits.list {
            return Err(cursor.error("fewer namespaces"));
        }
        descriptions.push(description(cursor)?);
    }
}

/// `namespace-descr`; its extensions are passed over.
fn description(cursor: &mut Cursor<'_>) -> Result<Namespace, ParseError> {
    cursor.byte(b'(', "a namespace")?;
    cursor.skip_blank();
    let prefix = cursor.astring()?;
    cursor.skip_blank();
    let delimiter = delimiter(cursor)?;
    cursor.skip_blank();
    while !cursor.try_byte(b')') {
        cursor.skip_value()?;
        cursor.skip_blank();
    }
    Ok(Namespace::new(utf7::mailbox_name(&prefix), delimiter))
}
