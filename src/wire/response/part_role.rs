//! The role of each part for a reader: text, attachment, embedded in the HTML, or data for
//! programs.

use std::fmt;

use crate::wire::response::body_structure::{BodyStructure, Part};

/// The role of a part for a person who reads the message, derived from the structure alone.
///
/// Mail programs decide by the same criteria, because the disposition that senders write is not
/// enough: Apple Mail marks PDFs `inline`, forwarded messages often have no disposition at all, and
/// signatures are often marked `attachment`. The content is not read.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// use latchbox::message::PartRole;
///
/// let structure = message.body_structure()?;
/// let roles: Vec<_> = structure.parts().map(|part| part.role()).collect();
/// assert_eq!(roles, [PartRole::Multipart, PartRole::Text, PartRole::Attachment]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartRole {
    /// A container of other parts, without content of its own.
    Multipart,
    /// Text of the message itself, or one form of it.
    ///
    /// text/plain, text/html, text/enriched and text/richtext without a file name, or with one if
    /// it is the first part of its multipart. Also every other text except text/calendar, if it is
    /// the whole message, or has no file name and stands in multipart/alternative.
    Text,
    /// Content that the HTML text shows in its place, such as a picture.
    ///
    /// It is an image, audio, video, font or style sheet in a multipart/related that holds HTML,
    /// with a Content-ID or Content-Location.
    Embedded,
    /// A part that mail programs list as an attachment.
    ///
    /// That is every other part, whatever its disposition, and every part with the disposition
    /// `attachment` except [`Control`](Self::Control).
    ///
    /// So these are attachments too: messages, calendar entries, files that are marked `inline`,
    /// pictures that no HTML shows, and a text that is not plain, HTML or enriched.
    Attachment,
    /// A part that mail programs read, and people do not.
    ///
    /// The signature of multipart/signed, the version of multipart/encrypted (RFC 3156), the status
    /// of multipart/report (RFC 6522), the resource fork of multipart/appledouble.
    Control,
}

impl<'a> BodyStructure<'a> {
    /// The first text/plain part with the role [`Text`](PartRole::Text).
    pub fn text_part(&self) -> Option<Part<'a>> {
        self.own_parts()
            .find(|part| part.is_type("text", "plain") && part.role() == PartRole::Text)
    }

    /// The first text/html part with the role [`Text`](PartRole::Text).
    pub fn html_part(&self) -> Option<Part<'a>> {
        self.own_parts()
            .find(|part| part.is_type("text", "html") && part.role() == PartRole::Text)
    }

    /// The parts that mail programs list as attachments; see [`PartRole::Attachment`].
    ///
    /// An attached message is one of them; the attachments of that message are not. Pictures that
    /// the HTML shows are [`embedded`](Self::embedded). Signatures are neither; see
    /// [`PartRole::Control`].
    pub fn attachments(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        self.own_parts().filter(Part::is_attachment)
    }

    /// The parts that the HTML text shows in its place, such as pictures.
    ///
    /// See [`PartRole::Embedded`]. The HTML refers to each by its [`id`](Part::id) (`cid:`) or
    /// [`location`](Part::location).
    pub fn embedded(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        self.own_parts()
            .filter(|part| part.role() == PartRole::Embedded)
    }
}

impl Part<'_> {
    /// Whether mail programs list the part as an attachment: its role is [`PartRole::Attachment`].
    pub fn is_attachment(&self) -> bool {
        self.role() == PartRole::Attachment
    }

    /// The role of the part for a person who reads the message.
    pub fn role(&self) -> PartRole {
        let multipart = self.multipart();
        if self.is_multipart() {
            PartRole::Multipart
        } else if multipart.is_some_and(|multipart| self.is_control_of(&multipart)) {
            PartRole::Control
        } else if self.disposition().is_some_and(|d| d.is_attachment()) {
            PartRole::Attachment
        } else if multipart.is_some_and(|multipart| self.is_embedded_in(&multipart)) {
            PartRole::Embedded
        } else if self.is_text_of(multipart.as_ref()) {
            PartRole::Text
        } else {
            PartRole::Attachment
        }
    }

    fn is_control_of(&self, multipart: &Part<'_>) -> bool {
        let is_application = |subtypes| self.is_one_of("application", subtypes);
        let kind = multipart.media_subtype();
        let is_in = |subtype: &str| kind.eq_ignore_ascii_case(subtype);
        match self.ordinal() {
            1 if is_in("encrypted") => is_application(&["pgp-encrypted"]),
            1 if is_in("appledouble") => is_application(&["applefile"]),
            2.. if is_in("signed") => is_application(&SIGNATURES),
            2.. if is_in("report") => self.is_one_of("message", &REPORTS),
            _ => false,
        }
    }

    fn is_embedded_in(&self, multipart: &Part<'_>) -> bool {
        let media_type = self.media_type();
        let can_be = |known: &&str| media_type.eq_ignore_ascii_case(known);
        multipart.has_html()
            && multipart.is_type("multipart", "related")
            && (SHOWN_BY_HTML.iter().any(can_be) || self.is_type("text", "css"))
            && [self.id(), self.location()]
                .iter()
                .flatten()
                .any(|reference| !reference.trim_ascii().is_empty())
    }

    fn is_text_of(&self, multipart: Option<&Part<'_>>) -> bool {
        if !self.media_type().eq_ignore_ascii_case("text") {
            return false;
        }
        let name = self.file_name();
        let has_name = name.is_some_and(|name| !name.as_untrusted_str().is_empty());
        if self.is_one_of("text", &READABLE) {
            return self.ordinal() == 1 || !has_name;
        }
        !self.is_type("text", "calendar")
            && multipart
                .is_none_or(|multipart| !has_name && multipart.is_type("multipart", "alternative"))
    }

    fn is_one_of(&self, media_type: &str, subtypes: &[&str]) -> bool {
        let subtype = self.media_subtype();
        self.media_type().eq_ignore_ascii_case(media_type)
            && subtypes
                .iter()
                .any(|known| subtype.eq_ignore_ascii_case(known))
    }
}

/// Texts that mail programs show as the message, wherever they stand.
const READABLE: [&str; 4] = ["plain", "html", "enriched", "richtext"];

const SHOWN_BY_HTML: [&str; 4] = ["image", "audio", "video", "font"];

const SIGNATURES: [&str; 4] = [
    "pgp-signature",
    "pkcs7-signature",
    "x-pkcs7-signature",
    "x-pgp-signature",
];

const REPORTS: [&str; 6] = [
    "delivery-status",
    "disposition-notification",
    "feedback-report",
    "global-delivery-status",
    "global-disposition-notification",
    "tracking-status",
];

impl fmt::Display for PartRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Multipart => "multipart",
            Self::Text => "text",
            Self::Embedded => "embedded",
            Self::Attachment => "attachment",
            Self::Control => "control",
        })
    }
}

#[cfg(test)]
mod tests;
