//! The tree of a message's parts.

use crate::mime::header::{self, Parameterized, lines};

/// How deep parts may lie in each other.
const DEPTH: usize = 50;

/// A message or a part of one.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// The fields with the empty line after them.
    pub(crate) header: &'a [u8],
    pub(crate) body: &'a [u8],
    pub(crate) content_type: Parameterized,
    pub(crate) children: Children<'a>,
}

/// What lies in a part.
#[derive(Debug)]
pub(crate) enum Children<'a> {
    None,
    Multipart(Vec<Part<'a>>),
    Message(Box<Part<'a>>),
}

impl<'a> Part<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Self {
        Self::parse_at(bytes, "TEXT/PLAIN", 0)
    }

    fn parse_at(bytes: &'a [u8], default: &str, depth: usize) -> Self {
        let (header, body) = header::split(bytes);
        let mut content_type = header::value(header, "Content-Type")
            .map(|value| Parameterized::parse(&value))
            .filter(|parsed| parsed.value.contains('/'))
            .unwrap_or_else(|| Parameterized {
                value: default.to_owned(),
                parameters: Vec::new(),
            });
        if content_type.value == "TEXT/PLAIN" && content_type.parameter("CHARSET").is_none() {
            content_type
                .parameters
                .push(("CHARSET".to_owned(), b"us-ascii".to_vec()));
        }
        let children = Self::children(&content_type, body, depth);
        Self {
            header,
            body,
            content_type,
            children,
        }
    }

    fn children(content_type: &Parameterized, body: &'a [u8], depth: usize) -> Children<'a> {
        let kind = content_type.value.as_str();
        if depth >= DEPTH {
            return Children::None;
        }
        if kind == "MESSAGE/RFC822" || kind == "MESSAGE/GLOBAL" {
            return Children::Message(Box::new(Self::parse_at(body, "TEXT/PLAIN", depth + 1)));
        }
        let boundary = content_type.parameter("BOUNDARY");
        let Some(boundary) = boundary.filter(|_| kind.starts_with("MULTIPART/")) else {
            return Children::None;
        };
        let default = if kind == "MULTIPART/DIGEST" {
            "MESSAGE/RFC822"
        } else {
            "TEXT/PLAIN"
        };
        let parts: Vec<Self> = bodies(body, boundary)
            .into_iter()
            .map(|bytes| Self::parse_at(bytes, default, depth + 1))
            .collect();
        if parts.is_empty() {
            Children::None
        } else {
            Children::Multipart(parts)
        }
    }

    /// The part with this number, counted from a message.
    pub(crate) fn find(&self, numbers: &[u32]) -> Option<&Part<'a>> {
        let (first, rest) = numbers.split_first()?;
        let found = match &self.children {
            Children::Multipart(parts) => {
                parts.get(usize::try_from(*first).ok()?.checked_sub(1)?)?
            }
            _ => Some(self).filter(|_| *first == 1)?,
        };
        match (&found.children, rest) {
            (_, []) => Some(found),
            (Children::Multipart(_), _) => found.find(rest),
            (Children::Message(inner), _) => inner.find(rest),
            (Children::None, _) => None,
        }
    }

    /// The field's value, such as that of Content-ID.
    pub(crate) fn field(&self, name: &str) -> Option<Vec<u8>> {
        header::value(self.header, name)
    }
}

/// What stands between the boundaries, without the line end before each of them.
fn bodies<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in lines(body) {
        let next = at + line.len();
        let marker = line
            .strip_prefix(b"--")
            .and_then(|line| line.strip_prefix(boundary));
        if let Some(after) = marker {
            let last = after.starts_with(b"--");
            if last || after.trim_ascii().is_empty() {
                found.extend(
                    start
                        .take()
                        .and_then(|start| body.get(start..at))
                        .map(chomp),
                );
                start = Some(next);
            }
            if last {
                return found;
            }
        }
        at = next;
    }
    found.extend(start.and_then(|start| body.get(start..)));
    found
}

fn chomp(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
