//! The descriptors that a program polls in its own event loop.

use std::iter;
use std::sync::Arc;

use crate::transport::Descriptor;

/// Descriptors to poll for readability in an event loop of the program's own.
///
/// Made by [`Watch::descriptors`](crate::watch::Watch::descriptors) and
/// [`Watches::descriptors`](crate::watch::Watches::descriptors). Except on Linux and Android, where there
/// is one, they are copies of those of the connections: a descriptor may stay open for as long as this
/// value is kept.
#[derive(Debug)]
pub struct Descriptors<'w> {
    pub(super) first: Descriptor<'w>,
    pub(super) others: Vec<Arc<Owned>>,
}

#[cfg(unix)]
pub(super) type Owned = std::os::fd::OwnedFd;

#[cfg(windows)]
pub(super) type Owned = std::os::windows::io::OwnedSocket;

impl Descriptors<'_> {
    /// Each of the descriptors.
    pub fn iter(&self) -> impl Iterator<Item = Descriptor<'_>> {
        let others = self.others.iter().map(|owned| descriptor_of(owned));
        iter::once(self.first).chain(others)
    }
}

#[cfg(unix)]
pub(super) fn descriptor_of(owned: &Owned) -> Descriptor<'_> {
    std::os::fd::AsFd::as_fd(owned)
}

#[cfg(windows)]
pub(super) fn descriptor_of(owned: &Owned) -> Descriptor<'_> {
    std::os::windows::io::AsSocket::as_socket(owned)
}
