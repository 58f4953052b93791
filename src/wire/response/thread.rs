//! THREAD: messages as trees (RFC 5256 section 4).

use crate::limits::{Limit, Limits};
use crate::types::thread::{Builder, Node};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::search;

/// A list that is being read.
struct List {
    /// The depth at which the next message stood when the list began.
    depth: u32,
    has_message: bool,
}

/// `[SP 1*thread-list]`: without recursion, at any depth.
pub(crate) fn parse(mut cursor: Cursor<'_>, limits: &Limits) -> Result<Vec<Node>, ParseError> {
    let mut nodes = Builder::default();
    let mut lists: Vec<List> = Vec::new();
    let mut depth = 0u32;
    loop {
        cursor.try_sp();
        if lists.is_empty() && is_mod_seq(cursor) {
            search::mod_seq(&mut cursor)?;
        } else if cursor.try_byte(b'(') {
            if let Some(list) = lists.last_mut().filter(|list| !list.has_message) {
                // The parent of these messages is not in the mailbox.
                list.has_message = true;
                nodes.push(0, depth);
                depth = depth.saturating_add(1);
            }
            lists.push(List {
                depth,
                has_message: false,
            });
        } else if cursor.try_byte(b')') {
            let list = lists.pop();
            depth = list.ok_or_else(|| cursor.error("a thread"))?.depth;
        } else if let Some(list) = lists.last_mut() {
            list.has_message = true;
            nodes.push(number(&mut cursor)?, depth);
            depth = depth.saturating_add(1);
        } else {
            cursor.end()?;
            return Ok(nodes.finish());
        }
        if lists.len() > limits.thread_depth {
            return Err(cursor.beyond(Limit::ThreadDepth));
        }
        if nodes.len() > limits.list {
            return Err(cursor.beyond(Limit::List));
        }
    }
}

/// Whether a mod-sequence comes next, as after the result of a SEARCH.
fn is_mod_seq(mut cursor: Cursor<'_>) -> bool {
    let is_list = cursor.try_byte(b'(');
    cursor.try_sp();
    is_list && cursor.try_word(b"MODSEQ")
}

/// A number, also in quotes.
fn number(cursor: &mut Cursor<'_>) -> Result<u32, ParseError> {
    match cursor.peek() {
        Some(b'"') => cursor.any_number(),
        _ => cursor.number(),
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    /// Numbers with their depth as so many dots before them.
    fn shown(line: &str) -> String {
        let Untagged::Thread(nodes) = untagged(line.as_bytes()) else {
            panic!("{line}");
        };
        let shown = nodes.iter().map(|node| {
            let depth = usize::try_from(node.depth).unwrap();
            format!("{}{}", ".".repeat(depth), node.number)
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn examples_of_rfc_5256() {
        let line = "* THREAD (2)(3 6 (4 23)(44 7 96))\r\n";
        assert_eq!(shown(line), "2 3 .6 ..4 ...23 ..44 ...7 ....96");
        let line = "* THREAD (166)(167)(168)(169)(172)((170)(179))\r\n";
        assert_eq!(shown(line), "166 167 168 169 172 0 .170 .179");
        assert_eq!(shown("* THREAD\r\n"), "");
    }

    #[test]
    fn q101_the_root_of_a_subtree_may_be_missing() {
        assert_eq!(shown("* THREAD ((3)(5))\r\n"), "0 .3 .5");
        assert_eq!(
            shown("* THREAD (1 ((3)(5 6))(7))\r\n"),
            "1 .0 ..3 ..5 ...6 .7"
        );
    }

    #[test]
    fn q7_spaces_where_there_should_be_none() {
        assert_eq!(
            shown("* THREAD ( 2 ) (3  6 ( 4 ) (5)) \r\n"),
            "2 3 .6 ..4 ..5"
        );
        assert_eq!(shown("* THREAD \r\n"), "");
    }

    #[test]
    fn fault_24_a_mod_sequence_hides_no_thread() {
        let line = "* THREAD (1)(2 \"3\")(modseq 9) (4)\r\n";
        assert_eq!(shown(line), "1 2 .3 4");
        assert!(is_invalid(b"* THREAD (1) (modseq 9) 4\r\n"));
        assert!(is_invalid(b"* THREAD (1 (modseq 9))\r\n"));
    }

    #[test]
    fn attack_056_deep_and_broken_threads() {
        for line in [
            "* THREAD (1\r\n",
            "* THREAD 1\r\n",
            "* THREAD (1))\r\n",
            "* THREAD (x)\r\n",
            "* THREAD (1,2)\r\n",
            "* THREAD (4294967296)\r\n",
            "* THREAD (1)x\r\n",
        ] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
        let deep = |levels: usize| {
            let (open, close) = ("(1 ".repeat(levels), ")".repeat(levels));
            format!("* THREAD {open}(2)(3){close}\r\n")
        };
        assert!(!is_invalid(deep(1000).as_bytes()));
        assert!(is_invalid(deep(100_000).as_bytes()));
        let open = format!("* THREAD {}\r\n", "(".repeat(100_000));
        assert!(is_invalid(open.as_bytes()));
        let chain = format!("* THREAD ({})\r\n", "7 ".repeat(100_000));
        assert!(!is_invalid(chain.as_bytes()));
    }
}
