//! Quotas: the limits and the usage of resources (RFC 9208).

use std::fmt;

use crate::printable::Printable;
use crate::types::mailbox_name::MailboxName;

/// A resource that a quota limits.
///
/// Names are compared without regard to case.
///
/// ```
/// use latchbox::quota::QuotaResource;
///
/// assert_eq!(QuotaResource::Storage.to_string(), "STORAGE");
/// assert_eq!(QuotaResource::other("x-num-folders"), QuotaResource::Other("X-NUM-FOLDERS".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum QuotaResource {
    /// `STORAGE`: the size of the messages, in units of 1024 octets.
    Storage,
    /// `MESSAGE`: the number of messages.
    Message,
    /// `MAILBOX`: the number of mailboxes.
    Mailbox,
    /// `ANNOTATION-STORAGE`: the size of all annotations, in units of 1024 octets.
    AnnotationStorage,
    /// A resource that this crate does not know, in capitals.
    Other(Box<str>),
}

/// The usage and the limit of one resource.
///
/// Both are in units of the resource: 1024 octets for [`Storage`](QuotaResource::Storage) and
/// [`AnnotationStorage`](QuotaResource::AnnotationStorage), one for resources that are counted by
/// items. A limit can be below the usage, if it was lowered later; then the server accepts nothing
/// more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaUsage {
    pub(crate) resource: QuotaResource,
    pub(crate) usage: u64,
    pub(crate) limit: u64,
}

/// A quota root: a group of mailboxes that share the same limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    pub(crate) root: String,
    pub(crate) resources: Vec<QuotaUsage>,
}

/// The quota roots and quotas that apply to a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaRoots {
    pub(crate) mailbox: MailboxName,
    pub(crate) roots: Vec<String>,
    pub(crate) quotas: Vec<Quota>,
}

const WORDS: [(&str, QuotaResource); 4] = [
    ("STORAGE", QuotaResource::Storage),
    ("MESSAGE", QuotaResource::Message),
    ("MAILBOX", QuotaResource::Mailbox),
    ("ANNOTATION-STORAGE", QuotaResource::AnnotationStorage),
];

impl QuotaResource {
    /// The resource with this name, in any case.
    pub fn other(name: &str) -> Self {
        let found = WORDS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(name));
        match found {
            Some((_, resource)) => resource.clone(),
            None => Self::Other(name.to_ascii_uppercase().into()),
        }
    }

    /// The number of octets of one unit; `None` if the resource is counted by items, or not known.
    pub fn unit_octets(&self) -> Option<u64> {
        match self {
            Self::Storage | Self::AnnotationStorage => Some(1024),
            Self::Message | Self::Mailbox | Self::Other(_) => None,
        }
    }
}

/// The wire form; controls in a name from a server are escaped.
impl fmt::Display for QuotaResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(name) => Printable(name).fmt(f),
            known => {
                let found = WORDS.iter().find(|(_, resource)| resource == known);
                f.write_str(found.map_or("", |(word, _)| word))
            }
        }
    }
}

impl QuotaUsage {
    /// The resource that is limited.
    pub fn resource(&self) -> &QuotaResource {
        &self.resource
    }

    /// The usage, in units of the resource.
    pub fn usage(&self) -> u64 {
        self.usage
    }

    /// The limit, in units of the resource.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The usage in octets; `None` if the resource is not counted in octets.
    pub fn usage_octets(&self) -> Option<u64> {
        Some(self.usage.saturating_mul(self.resource.unit_octets()?))
    }

    /// The limit in octets; `None` if the resource is not counted in octets.
    pub fn limit_octets(&self) -> Option<u64> {
        Some(self.limit.saturating_mul(self.resource.unit_octets()?))
    }

    /// The usage that the limit still allows, in units of the resource.
    ///
    /// Only the server decides what it accepts: use this for a warning, not to decide whether to
    /// send.
    pub fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.usage)
    }
}

impl fmt::Display for QuotaUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {}", self.resource, self.usage, self.limit)
    }
}

impl Quota {
    /// The name of the root, which can be empty.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The usage and limit of each limited resource; empty if the root has no limits.
    pub fn resources(&self) -> &[QuotaUsage] {
        &self.resources
    }

    /// The usage and limit of one resource, if the root limits it.
    pub fn resource(&self, resource: &QuotaResource) -> Option<&QuotaUsage> {
        self.resources
            .iter()
            .find(|usage| usage.resource == *resource)
    }
}

/// A human-readable line; characters that could mislead a terminal are escaped.
impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "quota \"{}\"", Printable(&self.root))?;
        for (place, usage) in self.resources.iter().enumerate() {
            f.write_str(if place > 0 { ", " } else { ": " })?;
            usage.fmt(f)?;
        }
        Ok(())
    }
}

impl QuotaRoots {
    /// The mailbox, as the server named it.
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The names of its quota roots; empty if nothing limits the mailbox.
    pub fn roots(&self) -> &[String] {
        &self.roots
    }

    /// The quotas that the server returned with the roots.
    pub fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// The usage and limit of one resource in each root that limits it.
    pub fn resource<'q>(
        &'q self,
        resource: &'q QuotaResource,
    ) -> impl Iterator<Item = &'q QuotaUsage> + 'q {
        self.quotas
            .iter()
            .filter_map(|quota| quota.resource(resource))
    }
}

impl fmt::Display for QuotaRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mailbox.fmt(f)?;
        for (place, quota) in self.quotas.iter().enumerate() {
            let before = if place > 0 { "; " } else { ": " };
            write!(f, "{before}{quota}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_read_as_they_are_written() {
        for (word, resource) in WORDS {
            assert_eq!(resource.to_string(), word);
            assert_eq!(QuotaResource::other(&word.to_lowercase()), resource);
        }
        assert_eq!(QuotaResource::other("X\u{1b}").to_string(), "X\\u{1b}");
    }

    #[test]
    fn octets_are_told_of_what_has_octets() {
        let usage = |resource, usage, limit| QuotaUsage {
            resource,
            usage,
            limit,
        };
        let storage = usage(QuotaResource::Storage, 10, 512);
        assert_eq!(storage.usage_octets(), Some(10_240));
        assert_eq!(storage.limit_octets(), Some(524_288));
        assert_eq!(storage.remaining(), 502);
        let huge = usage(QuotaResource::Storage, u64::MAX, 0);
        assert_eq!((huge.usage_octets(), huge.remaining()), (Some(u64::MAX), 0));
        assert_eq!(usage(QuotaResource::Message, 1, 2).usage_octets(), None);
    }
}
