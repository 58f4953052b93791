//! What servers do not describe alike: what is missing, empty or odd in a message.

/// How a server describes messages: all that is odd about it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style(pub(crate) &'static [Odd]);

/// Something that a server does with the description of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Odd {
    /// The host of an address that has none is `MISSING_DOMAIN`.
    MissingDomain,
    /// The host of an address that has none is `.MISSING-HOST-NAME.`.
    MissingHostName,
    /// A list of addresses without an address is `()`, and not NIL.
    EmptyAddressLists,
    /// A multipart without parts has nothing before its subtype.
    NothingInMultipart,
    /// A multipart without parts has an empty text/plain part.
    TextInMultipart,
    /// A message/rfc822 part in base64 has no envelope and no structure.
    HiddenMessages,
    /// A disposition without parameters is a string, and not a list.
    BareDispositions,
    /// The description of a part with S/MIME stands where its disposition is due.
    MisplacedDescriptions,
    /// A message with neither Content-Type nor body has NIL for all that is known of it.
    NilForNothing,
    /// The space after an encoding in the header is a part of it.
    PaddedEncodings,
    /// A section that does not exist has no value at all, where NIL is due.
    OmittedSections,
}

impl Style {
    pub(crate) fn has(self, odd: Odd) -> bool {
        self.0.contains(&odd)
    }

    /// The host of an address that has none.
    pub(crate) fn missing_host(self) -> &'static str {
        if self.has(Odd::MissingDomain) {
            "MISSING_DOMAIN"
        } else if self.has(Odd::MissingHostName) {
            ".MISSING-HOST-NAME."
        } else {
            ""
        }
    }

    /// A list of addresses without an address.
    pub(crate) fn no_addresses(self) -> &'static str {
        match self.has(Odd::EmptyAddressLists) {
            true => "()",
            false => "NIL",
        }
    }
}
