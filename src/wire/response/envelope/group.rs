//! The name of a group, which each of its addresses has.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

/// A name that many addresses share, so that each more of them costs nothing.
#[derive(Clone)]
pub(crate) enum Group<'a> {
    Borrowed(&'a [u8]),
    Shared(Arc<[u8]>),
}

impl<'a> From<Cow<'a, [u8]>> for Group<'a> {
    fn from(name: Cow<'a, [u8]>) -> Self {
        match name {
            Cow::Borrowed(name) => Self::Borrowed(name),
            Cow::Owned(name) => Self::Shared(name.into()),
        }
    }
}

impl Deref for Group<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(name) => name,
            Self::Shared(name) => name,
        }
    }
}

impl<'a> Group<'a> {
    /// A copy of a name that is shared.
    pub(crate) fn into_cow(self) -> Cow<'a, [u8]> {
        match self {
            Self::Borrowed(name) => Cow::Borrowed(name),
            Self::Shared(name) => Cow::Owned(name.to_vec()),
        }
    }
}
