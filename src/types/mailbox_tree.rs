//! Mailboxes as a tree, by the delimiter in their names.

use std::collections::BTreeMap;
use std::fmt;

use crate::limits::TREE_LEVELS;
use crate::printable::Printable;
use crate::types::list::ListEntry;
use crate::types::mailbox_name::{MailboxName, canonical_inbox};

/// A tree of mailboxes by the levels of their names, built from the entries of a LIST.
///
/// A level that occurs in a name and was not listed itself is a node without an
/// [`entry`](MailboxNode::entry).
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::MailboxTree;
///
/// session.create("Work/2025/Invoices")?;
/// let tree = MailboxTree::new(session.list("*")?);
/// for node in tree.iter() {
///     println!("{}{node}", "  ".repeat(node.depth()));
/// }
/// let invoices = tree.get("Work/2025/Invoices").expect("it was listed");
/// assert_eq!(invoices.parent().map(|parent| parent.level()), Some("2025"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MailboxTree {
    nodes: Vec<Node>,
    roots: Vec<usize>,
    /// By the text of the name, from which the levels are split.
    places: BTreeMap<String, usize>,
}

#[derive(Clone, Debug)]
struct Node {
    name: MailboxName,
    /// The offset of the last level in the name.
    level_at: usize,
    entry: Option<ListEntry>,
    parent: Option<usize>,
    children: Vec<usize>,
    depth: usize,
}

/// One mailbox, or a level above mailboxes, of a [`MailboxTree`].
#[derive(Clone, Copy, Debug)]
pub struct MailboxNode<'t> {
    tree: &'t MailboxTree,
    node: &'t Node,
}

impl MailboxTree {
    /// Sorts mailboxes by their levels.
    ///
    /// Mailboxes of one level keep the order in which they were listed; a name that was listed
    /// twice counts once.
    ///
    /// A name of more than 256 levels counts as one of 256 levels, the last of which contains the
    /// rest.
    pub fn new(entries: impl IntoIterator<Item = ListEntry>) -> Self {
        let mut tree = Self::default();
        for entry in entries {
            tree.insert(entry);
        }
        tree
    }

    /// The mailboxes at the top level.
    pub fn roots(&self) -> impl Iterator<Item = MailboxNode<'_>> {
        self.at(&self.roots)
    }

    /// All nodes, each before those below it.
    pub fn iter(&self) -> impl Iterator<Item = MailboxNode<'_>> {
        let mut left: Vec<MailboxNode<'_>> = self.roots().collect();
        left.reverse();
        std::iter::from_fn(move || {
            let node = left.pop()?;
            let at = left.len();
            left.extend(node.children());
            left.get_mut(at..)?.reverse();
            Some(node)
        })
    }

    /// The node with this name: a mailbox, or a level above mailboxes.
    pub fn get(&self, name: &str) -> Option<MailboxNode<'_>> {
        let node = self.nodes.get(*self.places.get(name)?)?;
        Some(MailboxNode { tree: self, node })
    }

    fn at<'t>(&'t self, places: &'t [usize]) -> impl Iterator<Item = MailboxNode<'t>> {
        let nodes = places.iter().filter_map(|place| self.nodes.get(*place));
        nodes.map(move |node| MailboxNode { tree: self, node })
    }

    fn insert(&mut self, entry: ListEntry) {
        let text = entry.name().as_str().to_owned();
        let ends = match entry.delimiter() {
            // There is no level above a delimiter at the start, and none between two adjacent ones.
            Some(delimiter) => level_ends(&text, delimiter),
            None => Vec::new(),
        };
        let (mut parent, mut level_at) = (None, 0);
        for (end, next) in ends {
            let above = text.get(..end).unwrap_or_default();
            parent = self.place(above, level_at, parent);
            level_at = next;
        }
        let place = self.place(&text, level_at, parent);
        let node = place.and_then(|place| self.nodes.get_mut(place));
        if let Some(node) = node.filter(|node| node.entry.is_none()) {
            node.name = entry.name().clone();
            node.entry = Some(entry);
        }
    }

    /// The node with this name, which is created if there is none.
    fn place(&mut self, name: &str, level_at: usize, parent: Option<usize>) -> Option<usize> {
        // A mailbox below Inbox is below INBOX.
        let name = match parent {
            None => canonical_inbox(name),
            Some(_) => name,
        };
        if let Some(place) = self.places.get(name) {
            return Some(*place);
        }
        let above = parent.and_then(|parent| self.nodes.get(parent));
        let depth = above.map_or(0, |above| above.depth + 1);
        let place = self.nodes.len();
        self.nodes.push(Node {
            name: MailboxName::new(name).ok()?,
            level_at,
            entry: None,
            parent,
            children: Vec::new(),
            depth,
        });
        self.places.insert(name.to_owned(), place);
        match parent.and_then(|parent| self.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(place),
            None => self.roots.push(place),
        }
        Some(place)
    }
}

impl<'t> MailboxNode<'t> {
    /// The whole name.
    pub fn name(self) -> &'t MailboxName {
        &self.node.name
    }

    /// The last level of the name.
    pub fn level(self) -> &'t str {
        let name = self.node.name.as_str();
        name.get(self.node.level_at..).unwrap_or(name)
    }

    /// Its LIST entry; `None` if only mailboxes below it were listed.
    pub fn entry(self) -> Option<&'t ListEntry> {
        self.node.entry.as_ref()
    }

    /// Whether it was listed and can be selected.
    pub fn is_selectable(self) -> bool {
        self.entry().is_some_and(ListEntry::is_selectable)
    }

    /// The number of levels above it.
    pub fn depth(self) -> usize {
        self.node.depth
    }

    /// The node above it; `None` at the top level.
    pub fn parent(self) -> Option<MailboxNode<'t>> {
        let node = self.tree.nodes.get(self.node.parent?)?;
        Some(MailboxNode {
            tree: self.tree,
            node,
        })
    }

    /// The nodes directly below it.
    pub fn children(self) -> impl Iterator<Item = MailboxNode<'t>> {
        self.tree.at(&self.node.children)
    }
}

/// The ends of the levels above the last, and the starts of the next ones.
fn level_ends(name: &str, delimiter: char) -> Vec<(usize, usize)> {
    let inner = name.trim_end_matches(delimiter);
    let ends = inner.match_indices(delimiter);
    let ends = ends.map(|(at, found)| (at, at + found.len()));
    ends.filter(|(end, _)| {
        *end > 0
            && !inner
                .get(..*end)
                .is_some_and(|above| above.ends_with(delimiter))
    })
    .take(TREE_LEVELS - 1)
    .collect()
}

/// The last level of the name.
impl fmt::Display for MailboxNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(self.level()).fmt(f)
    }
}

/// A line for each mailbox, indented by its depth.
impl fmt::Display for MailboxTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, node) in self.iter().enumerate() {
            let before = if place > 0 { "\n" } else { "" };
            write!(f, "{before}{:1$}{node}", "", 2 * node.depth())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::mailbox_attribute::KnownAttributes;

    fn tree(names: &[&str]) -> MailboxTree {
        let entry = |name: &&str| {
            ListEntry::new(
                MailboxName::new(name).unwrap(),
                Some('/'),
                KnownAttributes::default(),
            )
        };
        MailboxTree::new(names.iter().map(entry))
    }

    fn drawn(tree: &MailboxTree) -> Vec<String> {
        let line = |node: MailboxNode<'_>| {
            let mark = if node.entry().is_some() { "" } else { "?" };
            format!("{}{}{mark}", " ".repeat(node.depth()), node.level())
        };
        tree.iter().map(line).collect()
    }

    #[test]
    fn it_is_shown_line_by_line_and_escaped() {
        let tree = tree(&["a/b/c", "a/\u{1b}[2J"]);
        assert_eq!(tree.to_string(), "a\n  b\n    c\n  \\u{1b}[2J");
    }

    #[test]
    fn levels_that_were_not_listed_are_there_without_an_entry() {
        let tree = tree(&["b/c/d", "a", "b/e", "b", "a"]);
        assert_eq!(drawn(&tree), ["b", " c?", "  d", " e", "a"]);
        let d = tree.get("b/c/d").unwrap();
        assert_eq!(d.parent().unwrap().name().as_str(), "b/c");
        assert!(!d.parent().unwrap().is_selectable() && d.is_selectable());
        assert_eq!(tree.get("b").unwrap().children().count(), 2);
        assert!(tree.get("c").is_none());
    }

    #[test]
    fn q58_what_is_below_inbox_in_any_case_is_below_inbox() {
        let tree = tree(&["Inbox", "inbox/a", "INBOX/b", "Inboxes/c"]);
        assert_eq!(drawn(&tree), ["INBOX", " a", " b", "Inboxes?", " c"]);
        assert_eq!(tree.get("inbox/a").unwrap().name().as_str(), "inbox/a");
    }

    #[test]
    fn odd_delimiters_make_no_empty_levels() {
        assert_eq!(
            drawn(&tree(&["/a", "b//c", "Public/", "//"])),
            ["/a", "b?", " /c", "Public/", "//"]
        );
        let flat = ListEntry::new(
            MailboxName::new("a/b").unwrap(),
            None,
            KnownAttributes::default(),
        );
        assert_eq!(drawn(&MailboxTree::new([flat])), ["a/b"]);
    }

    #[test]
    fn a_name_of_very_many_levels_is_cut_and_costs_in_proportion() {
        let deep = "a/".repeat(100_000) + "b";
        let tree = tree(&[&deep]);
        assert_eq!(tree.iter().count(), TREE_LEVELS);
        assert!(tree.get(&deep).unwrap().level().len() > 100_000);
    }
}
