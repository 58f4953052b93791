//! Quotas: how much there may be of what, and how much there is (RFC 9208).

use std::fmt;

use crate::printable::Printable;
use crate::types::mailbox_name::MailboxName;

/// What a quota counts. Names are compared without regard to case.
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
    /// `MESSAGE`: how many messages there are.
    Message,
    /// `MAILBOX`: how many mailboxes there are.
    Mailbox,
    /// `ANNOTATION-STORAGE`: the size of all annotations, in units of 1024 octets.
    AnnotationStorage,
    /// One that this crate does not know, in capitals.
    Other(Box<str>),
}

/// How much there is of one resource, and how much there may be.
///
/// Both are counted in units of the resource: 1024 octets for
/// [`Storage`](QuotaResource::Storage) and
/// [`AnnotationStorage`](QuotaResource::AnnotationStorage), one for what is counted by pieces. A
/// limit can be below the usage, when it was set so; then nothing more is taken.
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

/// The quotas that a mailbox is under.
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
    /// The resource of this name, in any case.
    pub fn other(name: &str) -> Self {
        let found = WORDS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(name));
        match found {
            Some((_, resource)) => resource.clone(),
            None => Self::Other(name.to_ascii_uppercase().into()),
        }
    }

    /// How many octets one unit stands for; `None` for what is counted by pieces, or is not known.
    pub fn unit_octets(&self) -> Option<u64> {
        match self {
            Self::Storage | Self::AnnotationStorage => Some(1024),
            Self::Message | Self::Mailbox | Self::Other(_) => None,
        }
    }
}

/// The wire form; controls that a server put into a name are escaped.
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
    /// What is counted.
    pub fn resource(&self) -> &QuotaResource {
        &self.resource
    }

    /// How much there is, in units of the resource.
    pub fn usage(&self) -> u64 {
        self.usage
    }

    /// How much there may be, in units of the resource.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// How much there is, in octets; `None` for what is not counted in octets.
    pub fn usage_octets(&self) -> Option<u64> {
        Some(self.usage.saturating_mul(self.resource.unit_octets()?))
    }

    /// How much there may be, in octets; `None` for what is not counted in octets.
    pub fn limit_octets(&self) -> Option<u64> {
        Some(self.limit.saturating_mul(self.resource.unit_octets()?))
    }

    /// How much more there may be, in units of the resource. The server alone decides what it
    /// takes: this is good for a warning, and not for refusing to send.
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

    /// What is limited here. A root that has no limits has none.
    pub fn resources(&self) -> &[QuotaUsage] {
        &self.resources
    }

    /// The usage and limit of one resource, if it is limited here.
    pub fn resource(&self, resource: &QuotaResource) -> Option<&QuotaUsage> {
        self.resources
            .iter()
            .find(|usage| usage.resource == *resource)
    }
}

/// A line for people; what could mislead a terminal is escaped.
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

    /// The names of the roots that it is under: none when nothing limits it.
    pub fn roots(&self) -> &[String] {
        &self.roots
    }

    /// The quotas that the server told along with the roots.
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
