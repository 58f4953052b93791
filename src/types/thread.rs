//! Threads: messages as trees of replies (RFC 5256).

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::types::asked_for::AskedFor;
use crate::types::number_set::NumberSetBuilder;
use crate::types::origin::Origin;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;

/// The algorithm by which a server groups messages into threads.
///
/// ```
/// use latchbox::types::ThreadAlgorithm;
///
/// assert_eq!(ThreadAlgorithm::OrderedSubject.to_string(), "ORDEREDSUBJECT");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ThreadAlgorithm {
    /// By the subject, in the order of the dates (RFC 5256 section 3).
    OrderedSubject,
    /// By the References and In-Reply-To fields, then by the subject (RFC 5256 section 3).
    References,
    /// By the References and In-Reply-To fields alone.
    Refs,
    /// Another algorithm, by the server's name for it.
    Other(Box<str>),
}

impl ThreadAlgorithm {
    fn word(&self) -> &str {
        match self {
            Self::OrderedSubject => "ORDEREDSUBJECT",
            Self::References => "REFERENCES",
            Self::Refs => "REFS",
            Self::Other(name) => name,
        }
    }
}

/// The wire form.
impl fmt::Display for ThreadAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The threads of a mailbox: trees, in the order in which the server returned them.
///
/// The trees are stored flat, 12 octets for each message, however deep they are.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{SearchKey, ThreadAlgorithm};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let threads = inbox.thread(ThreadAlgorithm::References, SearchKey::All)?;
/// for thread in &threads {
///     for message in thread.messages() {
///         println!("{:1$}{2:?}", "", 2 * message.depth(), message.uid());
///     }
/// }
/// # assert_eq!(threads.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Threads {
    nodes: Vec<Node>,
    origin: Arc<Origin>,
}

/// A message of a thread with its replies, or the place of a missing message that has replies.
#[derive(Clone, Copy)]
pub struct Thread<'a> {
    threads: &'a Threads,
    at: usize,
}

/// An iterator over sibling trees; see [`Threads::iter`] and [`Thread::children`].
#[derive(Clone)]
pub struct ThreadIter<'a> {
    threads: &'a Threads,
    at: usize,
    end: usize,
}

/// A message in a tree that is stored in order: first a message, then its replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// 0 if the message is missing.
    pub(crate) number: u32,
    pub(crate) depth: u32,
    /// The index after all its replies.
    end: u32,
}

/// Takes the messages in their order and finds the end of the replies to each.
#[derive(Default)]
pub(crate) struct Builder {
    nodes: Vec<Node>,
    /// The messages that the last one replies to, and the last one itself.
    open: Vec<usize>,
}

impl Builder {
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn push(&mut self, number: u32, depth: u32) {
        self.close(depth);
        self.open.push(self.nodes.len());
        self.nodes.push(Node {
            number,
            depth,
            end: 0,
        });
    }

    pub(crate) fn finish(mut self) -> Vec<Node> {
        self.close(0);
        self.nodes
    }

    /// Messages of this depth or deeper have no more replies.
    fn close(&mut self, depth: u32) {
        let end = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        while let Some(node) = self.open.last().and_then(|at| self.nodes.get_mut(*at)) {
            if node.depth < depth {
                break;
            }
            node.end = end;
            self.open.pop();
        }
    }
}

impl Threads {
    pub(crate) fn new(nodes: Vec<Node>, origin: Arc<Origin>) -> Self {
        Self { nodes, origin }
    }

    /// Without the messages that were not requested, which become missing ones.
    pub(crate) fn cut(mut self, asked_for: &AskedFor) -> Self {
        if !asked_for.is_anything() {
            for node in &mut self.nodes {
                let number = NonZeroU32::new(node.number);
                if number.is_some_and(|number| !asked_for.allows(number)) {
                    node.number = 0;
                }
            }
        }
        self
    }

    /// The threads, in the server's order.
    pub fn iter(&self) -> ThreadIter<'_> {
        ThreadIter {
            threads: self,
            at: 0,
            end: self.nodes.len(),
        }
    }

    /// The number of threads.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are no threads.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The messages of all threads, with their mailbox as origin.
    pub fn uids(&self) -> UidSet {
        self.uids_of(0, self.nodes.len())
    }

    fn uids_of(&self, start: usize, end: usize) -> UidSet {
        let mut uids = NumberSetBuilder::default();
        for node in self.nodes.get(start..end).unwrap_or_default() {
            uids.push(node.number);
        }
        UidSet::from(uids.finish()).with_origin(Arc::clone(&self.origin))
    }

    fn end_of(&self, at: usize) -> usize {
        let end = self.nodes.get(at).map_or(0, |node| node.end);
        usize::try_from(end).unwrap_or(usize::MAX).max(at + 1)
    }
}

impl<'a> Thread<'a> {
    /// The UID of the message; `None` if the message is missing and only its replies are there.
    pub fn uid(&self) -> Option<Uid> {
        let node = self.threads.nodes.get(self.at)?;
        NonZeroU32::new(node.number).map(Uid::from)
    }

    /// The number of its ancestors in the thread, missing ones included: 0 for the first message.
    pub fn depth(&self) -> usize {
        let node = self.threads.nodes.get(self.at);
        node.map_or(0, |node| usize::try_from(node.depth).unwrap_or(usize::MAX))
    }

    /// The direct replies to the message.
    pub fn children(&self) -> ThreadIter<'a> {
        ThreadIter {
            threads: self.threads,
            at: self.at + 1,
            end: self.threads.end_of(self.at),
        }
    }

    /// The message and all its replies, each before the replies to it.
    ///
    /// This is the order in which a list of threads is shown. Missing messages are among them.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = Thread<'a>> + use<'a> {
        let threads = self.threads;
        (self.at..threads.end_of(self.at)).map(move |at| Thread { threads, at })
    }

    /// The message and all its replies, as a set with their mailbox as origin.
    pub fn uids(&self) -> UidSet {
        let end = self.threads.end_of(self.at);
        self.threads.uids_of(self.at, end)
    }
}

impl<'a> IntoIterator for &'a Threads {
    type Item = Thread<'a>;
    type IntoIter = ThreadIter<'a>;

    fn into_iter(self) -> ThreadIter<'a> {
        self.iter()
    }
}

impl<'a> Iterator for ThreadIter<'a> {
    type Item = Thread<'a>;

    fn next(&mut self) -> Option<Thread<'a>> {
        let (threads, at) = (self.threads, self.at);
        (at < self.end).then(|| {
            self.at = threads.end_of(at);
            Thread { threads, at }
        })
    }
}

impl fmt::Debug for Thread<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("uid", &self.uid())
            .field("depth", &self.depth())
            .finish()
    }
}

impl fmt::Debug for ThreadIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Flat, however deep a server nests.
impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.nodes.iter().map(|node| (node.depth, node.number));
        write!(f, "Threads of {} ", self.origin)?;
        f.debug_list().entries(nodes).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::mailbox_name::MailboxName;

    fn threads(nodes: &[(u32, u32)]) -> Threads {
        let mut builder = Builder::default();
        for (number, depth) in nodes {
            builder.push(*number, *depth);
        }
        let origin = Origin::new(MailboxName::inbox(), None);
        Threads::new(builder.finish(), Arc::new(origin))
    }

    fn numbers<'a>(threads: impl Iterator<Item = Thread<'a>>) -> Vec<u32> {
        threads
            .map(|thread| thread.uid().map_or(0, Uid::value))
            .collect()
    }

    #[test]
    fn trees_are_walked() {
        // (2)(3 6 (4 23)(44 7 96))((5)(8))
        let threads = threads(&[
            (2, 0),
            (3, 0),
            (6, 1),
            (4, 2),
            (23, 3),
            (44, 2),
            (7, 3),
            (96, 4),
            (0, 0),
            (5, 1),
            (8, 1),
        ]);
        assert_eq!(numbers(threads.iter()), [2, 3, 0]);
        assert_eq!(threads.len(), 3);
        assert_eq!(threads.uids().to_string(), "2:8,23,44,96");
        let three = threads.iter().nth(1).unwrap();
        assert_eq!(numbers(three.messages()), [3, 6, 4, 23, 44, 7, 96]);
        let six = three.children().next().unwrap();
        assert_eq!(numbers(six.children()), [4, 44]);
        assert_eq!(six.uids().to_string(), "4,6:7,23,44,96");
        assert_eq!(six.uids().origin(), threads.uids().origin());
        assert_eq!(three.messages().last().unwrap().depth(), 4);
        let missing = threads.iter().nth(2).unwrap();
        assert_eq!((missing.uid(), missing.depth()), (None, 0));
        assert_eq!(numbers(missing.children()), [5, 8]);
        assert!(numbers(threads.iter().next().unwrap().children()).is_empty());
    }

    #[test]
    fn attack_056_a_chain_of_a_million_is_walked_shown_and_dropped() {
        let chain: Vec<_> = (0..1_000_000).map(|depth| (7, depth)).collect();
        let threads = threads(&chain);
        assert_eq!(threads.len(), 1);
        let mut at = threads.iter().next().unwrap();
        let mut steps = 0;
        while let Some(child) = at.children().next() {
            at = child;
            steps += 1;
        }
        assert_eq!(steps, 999_999);
        assert!(format!("{threads:?}").len() > 1_000_000);
    }
}
