//! The BODYSTRUCTURE of a row, read when it is first requested of the row.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::limits::{Limit, Limits};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::frame::Frame;
use crate::wire::response::body_node::Node;
use crate::wire::response::body_tree;

/// The tree of a row's parts, or the position at which it can be read.
///
/// Most rows have none, and then it takes no memory.
#[derive(Debug, Default)]
pub(crate) struct Structure(Option<Box<Tree>>);

#[derive(Debug, Default)]
struct Tree {
    /// What has been skipped, if the row has a structure.
    place: Option<Place>,
    /// The parts, or the limit that they exceed, if they do not parse.
    read: OnceLock<Result<Vec<Node>, Option<Limit>>>,
    /// The memory of the parts of an earlier row.
    spare: Mutex<Vec<Node>>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    at: usize,
    /// Whether its values are nested deeper than the limit.
    is_deep: bool,
    limits: Limits,
}

impl Structure {
    pub(crate) fn clear(&mut self) {
        if let Some(tree) = &mut self.0 {
            tree.clear();
        }
    }

    /// Whether the row has one.
    pub(crate) fn is_there(&self) -> bool {
        let tree = self.0.as_ref();
        tree.is_some_and(|tree| tree.place.is_some() || tree.read.get().is_some())
    }

    /// Whether it has been read.
    #[cfg(test)]
    pub(crate) fn is_read(&self) -> bool {
        let tree = self.0.as_ref();
        tree.is_some_and(|tree| tree.read.get().is_some())
    }

    /// Skips a structure that is written to the letter, to be read when it is requested; reads any
    /// other at once, because only its reader finds its end. So is any behind one that was
    /// requested: who looks at one looks at the next.
    pub(crate) fn skip(
        &mut self,
        cursor: &mut Cursor<'_>,
        limits: &Limits,
    ) -> Result<(), ParseError> {
        let at = cursor.position();
        let is_looked_at = self.0.as_mut().is_some_and(|tree| tree.has_spare());
        let depth = match is_looked_at {
            true => None,
            false => cursor.try_plain_list(),
        };
        let Some(depth) = depth else {
            return self.read_now(cursor, limits);
        };
        self.0.get_or_insert_default().place = Some(Place {
            at,
            is_deep: depth > limits.depth,
            limits: *limits,
        });
        Ok(())
    }

    /// Reads the structure at once, in place of the one before.
    pub(crate) fn read_now(
        &mut self,
        cursor: &mut Cursor<'_>,
        limits: &Limits,
    ) -> Result<(), ParseError> {
        let tree = self.0.get_or_insert_default();
        tree.clear();
        let mut nodes = tree.take_spare();
        let read = body_tree::read(cursor, limits, &mut nodes);
        if read.is_err() {
            nodes.clear();
        }
        tree.read = OnceLock::from(Ok(nodes));
        read
    }

    /// The parts, none if there is no structure; or the limit that they exceed, if they do not
    /// parse.
    pub(crate) fn nodes(&self, frame: Frame<'_>) -> Result<&[Node], Option<Limit>> {
        let Some(tree) = &self.0 else {
            return Ok(&[]);
        };
        let read = tree.read.get_or_init(|| tree.read_at(frame)).as_ref();
        read.map(Vec::as_slice).map_err(|limit| *limit)
    }
}

impl Tree {
    fn clear(&mut self) {
        self.place = None;
        if let Some(Ok(nodes)) = self.read.take() {
            *self.spare.get_mut().unwrap_or_else(PoisonError::into_inner) = nodes;
        }
    }

    /// Whether the row has no structure, or none that can be read.
    fn is_nothing(&self) -> bool {
        let is_empty = |read: &Result<Vec<Node>, _>| read.as_ref().is_ok_and(Vec::is_empty);
        self.place.is_none() && self.read.get().is_none_or(is_empty)
    }

    fn read_at(&self, frame: Frame<'_>) -> Result<Vec<Node>, Option<Limit>> {
        let Some(place) = self.place else {
            return Ok(Vec::new());
        };
        let mut nodes = self.take_spare();
        let mut cursor = Cursor::at(frame, place.at);
        match body_tree::read(&mut cursor, &place.limits, &mut nodes) {
            Ok(()) => Ok(nodes),
            Err(_) if place.is_deep => Err(Some(Limit::Depth)),
            Err(error) => Err(error.limit),
        }
    }

    /// Whether the structure of an earlier row was read.
    fn has_spare(&mut self) -> bool {
        let spare = self.spare.get_mut().unwrap_or_else(PoisonError::into_inner);
        spare.capacity() > 0
    }

    fn take_spare(&self) -> Vec<Node> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut spare)
    }
}

/// Without the memory for later rows.
impl Clone for Structure {
    fn clone(&self) -> Self {
        let tree = self.0.as_deref().filter(|tree| !tree.is_nothing());
        Self(tree.map(|tree| {
            Box::new(Tree {
                place: tree.place,
                read: tree.read.clone(),
                spare: Mutex::default(),
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::response::fetch_responses::Responses;
    use crate::wire::response::fetch_row::FetchPlace;
    use crate::wire::testing::{message, summary};

    fn assign(responses: &mut Responses, structure: &str, limits: &Limits) {
        let row = format!("* 1 FETCH (UID 5 BODYSTRUCTURE {structure} FLAGS (\\Seen))\r\n");
        let place = FetchPlace::plain(row.as_bytes()).unwrap();
        responses.assign_taking(place, limits, row.as_bytes(), &mut Vec::new());
    }

    /// It is read at once behind one that was requested, and when it is requested behind others.
    #[test]
    fn a_structure_is_the_same_whenever_it_is_read() {
        let text = r#"("text" "plain" NIL NIL NIL "7bit" 3 1)"#;
        let deep = format!("{}{text}{}", "(".repeat(9), r#" "mixed")"#.repeat(9));
        let many = format!("({} \"mixed\")", text.repeat(9));
        let limits = Limits {
            depth: 5,
            parts: 5,
            ..Limits::DEFAULT
        };
        for structure in [
            text,
            &deep,
            &many,
            &format!("({text}{text} \"mixed\" (\"boundary\" \"x\") NIL NIL NIL)"),
            "(1 2)",
            "()",
            "NIL",
            "5",
            r#"("text" "pl\"ain" NIL NIL NIL "7bit" 3 1)"#,
            r#"("text" "plain" NIL NIL NIL "7bit" 3 1"#,
        ] {
            for limits in [&limits, &Limits::DEFAULT] {
                let mut fresh = Responses::default();
                assign(&mut fresh, structure, limits);
                let mut behind = Responses::default();
                assign(&mut behind, text, limits);
                assert!(behind.answer().body_structure().is_ok());
                assign(&mut behind, structure, limits);
                let is_read = |it: &Responses| it.answer().has_read_structure();
                assert!(!is_read(&fresh) || structure != text);
                assert!(is_read(&behind) || structure != text);
                let [fresh, behind] = [fresh, behind].map(|it| summary(&message(it)));
                assert_eq!(fresh, behind, "{structure}");
            }
        }
    }
}
