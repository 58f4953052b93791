//! One address of an envelope or of a header field.

use std::borrow::Cow;
use std::fmt;

use crate::printable::Printable;
use crate::wire::response::encoded_word;
use crate::wire::response::envelope::group::Group;
use crate::wire::response::placeholder;

/// One address of a message's header.
///
/// Servers write words such as `MISSING_MAILBOX`, `MISSING_DOMAIN` or `.SYNTAX-ERROR.` for what a
/// header does not have. They are not taken for mailboxes or hosts: only
/// [`mailbox_raw`](Self::mailbox_raw) and [`host_raw`](Self::host_raw) return them.
///
/// `Display` writes `Name <mailbox@host>`, or the parts of it that are present: decoded for
/// display, with control characters and bidirectional marks escaped. It is no header syntax.
#[derive(Clone)]
pub struct Address<'a> {
    pub(super) name: Option<Cow<'a, [u8]>>,
    pub(super) route: Option<Cow<'a, [u8]>>,
    pub(super) mailbox: Option<Cow<'a, [u8]>>,
    pub(super) host: Option<Cow<'a, [u8]>>,
    pub(super) group: Option<Group<'a>>,
    /// The text in which the strings lie, if it is known to be UTF-8.
    pub(super) known: &'a str,
}

impl<'a> Address<'a> {
    /// An address that was read from a header.
    pub(crate) fn new(
        name: Option<Cow<'a, [u8]>>,
        mailbox: Option<Cow<'a, [u8]>>,
        host: Option<Cow<'a, [u8]>>,
        group: Option<Group<'a>>,
    ) -> Address<'a> {
        Address {
            name,
            route: None,
            mailbox,
            host,
            group,
            known: "",
        }
    }

    /// What distinguishes it from other addresses.
    fn parts(&self) -> [(&'static str, Option<&[u8]>); 5] {
        let Address {
            name,
            route,
            mailbox,
            host,
            group,
            ..
        } = self;
        [
            ("name", name.as_deref()),
            ("route", route.as_deref()),
            ("mailbox", mailbox.as_deref()),
            ("host", host.as_deref()),
            ("group", group.as_deref()),
        ]
    }

    /// The display name with encoded words decoded (RFC 2047).
    ///
    /// It is text of the sender; `Display` of the address, and
    /// [`Printable`](crate::types::Printable), are safe to print.
    pub fn name(&self) -> Option<Cow<'a, str>> {
        let name = self.name.clone();
        name.map(|name| encoded_word::decode_in(self.known, name))
    }

    /// The display name as it stands in the header.
    pub fn name_raw(&self) -> Option<&[u8]> {
        self.name.as_deref()
    }

    /// The obsolete source route (RFC 5321 appendix C).
    pub fn route(&self) -> Option<&[u8]> {
        self.route.as_deref()
    }

    /// The part before the `@`, with U+FFFD for what is not UTF-8; empty if there is none.
    pub fn mailbox(&self) -> Cow<'a, str> {
        let has_host = || self.host_kind() == placeholder::Host::Real;
        let is_real = |mailbox: &Cow<'_, [u8]>| !placeholder::is_mailbox(mailbox, has_host);
        let mailbox = self.mailbox.clone().filter(is_real);
        let text = |mailbox| encoded_word::into_text_in(self.known, mailbox);
        mailbox.map(text).unwrap_or_default()
    }

    /// The part before the `@`, as the server sent it.
    pub fn mailbox_raw(&self) -> Option<&[u8]> {
        self.mailbox.as_deref()
    }

    /// The part after the `@`, as the server sent it.
    pub fn host_raw(&self) -> Option<&[u8]> {
        self.host.as_deref()
    }

    /// The part after the `@`; `None` if the address has no domain.
    pub fn host(&self) -> Option<Cow<'a, str>> {
        let host = self.host.clone();
        let host = host.filter(|host| placeholder::host(host) == placeholder::Host::Real);
        host.map(|host| encoded_word::into_text_in(self.known, host))
    }

    fn host_kind(&self) -> placeholder::Host {
        let host = self.host.as_deref();
        host.map_or(placeholder::Host::Missing, placeholder::host)
    }

    /// The address as `mailbox@host`, or the mailbox alone if there is no host.
    ///
    /// `None` if there is no mailbox, or the server could not read the address. Not escaped: a
    /// mailbox can hold any character.
    pub fn email(&self) -> Option<String> {
        let mailbox = self.mailbox();
        if mailbox.is_empty() || self.host_kind() == placeholder::Host::Unparsable {
            return None;
        }
        Some(match self.host() {
            Some(host) => format!("{mailbox}@{host}"),
            None => mailbox.into_owned(),
        })
    }

    #[cfg(test)]
    pub(crate) fn group_raw(&self) -> Option<&[u8]> {
        self.group.as_deref()
    }

    /// The name of the group that contains the address.
    pub fn group(&self) -> Option<Cow<'a, str>> {
        let group = self.group.clone();
        group.map(|name| encoded_word::decode(name.into_cow()))
    }
}

impl PartialEq for Address<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Address<'_> {}

impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Address");
        for (name, part) in self.parts() {
            shown.field(name, &part);
        }
        shown.finish()
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name().filter(|name| !name.is_empty());
        match (name, self.email()) {
            (Some(name), Some(email)) => {
                write!(f, "{} <{}>", Printable(&name), Printable(&email))
            }
            (Some(text), None) => Printable(&text).fmt(f),
            (None, Some(email)) => Printable(&email).fmt(f),
            (None, None) => Printable(&self.mailbox()).fmt(f),
        }
    }
}
