//! The role of each part for a reader: text, attachment, embedded in the HTML, or data for
//! programs.

use std::fmt;

use crate::wire::response::body_structure::{BodyStructure, Part};
use crate::wire::response::parameters::Disposition;

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
    /// text/plain, text/html, text/enriched and text/richtext without a file name. Those with one
    /// if the message begins with them, and in multipart/alternative and as the root of
    /// multipart/related, where they are no files. Also every other text except text/calendar, if
    /// it is the whole message or stands in multipart/alternative, and has no file name; forms of
    /// HTML in multipart/alternative, such as text/x-amp-html, may have one.
    Text,
    /// Content that the HTML text shows in its place, such as a picture.
    ///
    /// It is an image, audio, video, font or style sheet within a multipart/related that holds
    /// HTML, with a Content-ID or Content-Location. A picture may be known by the extension of its
    /// file name alone, if its type is another than that (application/octet-stream).
    Embedded,
    /// A part that mail programs list as an attachment.
    ///
    /// That is every other part, whatever its disposition, and every part with the disposition
    /// `attachment` except [`Control`](Self::Control). A disposition that is not known means
    /// `attachment` (RFC 2183 section 2.8), except for what the HTML shows.
    ///
    /// So these are attachments too: messages, calendar entries, files that are marked `inline`,
    /// pictures that no HTML shows, and a text that is not plain, HTML or enriched.
    Attachment,
    /// A part that mail programs read, and people do not.
    ///
    /// The signature of multipart/signed (its second part, RFC 1847), the version of
    /// multipart/encrypted (RFC 3156), the status of multipart/report (RFC 6522), the resource fork
    /// of multipart/appledouble.
    Control,
}

impl<'a> BodyStructure<'a> {
    /// The first text/plain part with the role [`Text`](PartRole::Text).
    ///
    /// Also the whole message, if it is text of another type than HTML, such as text/markdown.
    pub fn text_part(&self) -> Option<Part<'a>> {
        let is_text = |part: &Part<'a>| part.role() == PartRole::Text;
        let plain = |part: &Part<'a>| part.is_type("text", "plain") && is_text(part);
        let whole = || Some(self.root()).filter(|root| is_text(root));
        let found = self.own_parts().find(plain).or_else(whole);
        found.filter(|part| !part.is_type("text", "html"))
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
        if self.is_multipart() {
            return PartRole::Multipart;
        }
        let multipart = self.multipart();
        if multipart.is_some_and(|multipart| self.is_control_of(&multipart)) {
            return PartRole::Control;
        }
        let disposition = self.disposition();
        if disposition.as_ref().is_some_and(Disposition::is_attachment) {
            PartRole::Attachment
        } else if self.is_embedded() {
            PartRole::Embedded
        } else if disposition.is_none_or(|it| is_text_disposition(&it)) && self.is_text() {
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
            2.. if is_in("signed") => self.is_signature_of(multipart),
            2.. if is_in("report") => self.is_one_of("message", &REPORTS),
            _ => false,
        }
    }

    /// Whether the part is the signature of this multipart/signed: by its type, or by its place if
    /// the multipart has no other.
    fn is_signature_of(&self, multipart: &Part<'_>) -> bool {
        let is_signature = |part: &Part<'_>| part.is_one_of("application", &SIGNATURES);
        is_signature(self)
            || self.ordinal() == 2
                && self.media_type().eq_ignore_ascii_case("application")
                && !multipart.children().any(|other| is_signature(&other))
    }

    /// The multiparts of the same message around the part, the innermost first.
    fn multiparts(&self) -> impl Iterator<Item = Part<'_>> {
        std::iter::successors(self.multipart(), Part::multipart)
    }

    fn is_embedded(&self) -> bool {
        let is_of_html =
            |around: Part<'_>| around.has_html() && around.is_type("multipart", "related");
        self.multipart().is_some()
            && [self.id(), self.location()]
                .iter()
                .flatten()
                .any(|reference| !reference.trim_ascii().is_empty())
            && self.multiparts().any(is_of_html)
            && self.can_be_shown_by_html()
    }

    fn can_be_shown_by_html(&self) -> bool {
        let media_type = self.media_type();
        let is = |known: &&str| media_type.eq_ignore_ascii_case(known);
        if SHOWN_BY_HTML.iter().any(is) || self.is_type("text", "css") {
            return true;
        }
        let name = is(&"application").then(|| self.file_name()).flatten();
        name.is_some_and(|name| {
            let extension = name.as_untrusted_str().rsplit_once('.');
            let is_known =
                |known: &&str| extension.is_some_and(|(_, it)| it.eq_ignore_ascii_case(known));
            PICTURES.iter().any(is_known)
        })
    }

    fn is_text(&self) -> bool {
        if !self.media_type().eq_ignore_ascii_case("text") {
            return false;
        }
        let multipart = self.multipart();
        let is_form = || multipart.is_some_and(|multipart| self.is_form_of(&multipart));
        let name = self.file_name();
        let has_name = name.is_some_and(|name| !name.as_untrusted_str().is_empty());
        if self.is_one_of("text", &READABLE) {
            return !has_name || is_form() || self.is_beginning();
        }
        let is_html = || self.media_subtype().to_ascii_lowercase().contains("html");
        (!has_name || is_html())
            && !self.is_type("text", "calendar")
            && multipart.is_none_or(|multipart| multipart.is_type("multipart", "alternative"))
    }

    /// Whether the part stands in its multipart for the whole, so that it is no file of its own.
    fn is_form_of(&self, multipart: &Part<'_>) -> bool {
        multipart.is_type("multipart", "alternative")
            || multipart.is_type("multipart", "related") && self.is_root_of(multipart)
    }

    /// Whether the part is the one of this multipart/related that refers to the others: the first,
    /// unless the parameter `start` has the Content-ID of another (RFC 2387).
    fn is_root_of(&self, multipart: &Part<'_>) -> bool {
        if self.ordinal() > LATEST_ROOT {
            return false;
        }
        let start = multipart.parameter("start");
        let start = start.as_ref().map(|start| bare_id(start.as_bytes()));
        let is_start = |part: &Part<'_>| {
            let id = part.id();
            id.is_some_and(|id| Some(bare_id(&id)) == start)
        };
        is_start(self)
            || self.ordinal() == 1
                && (start.is_none() || !multipart.children().any(|other| is_start(&other)))
    }

    /// Whether the message begins with the part, or one form of its text does.
    fn is_beginning(&self) -> bool {
        let parts = std::iter::once(*self).chain(self.multiparts());
        let mut around = parts.zip(self.multiparts());
        around.all(|(part, multipart)| {
            part.ordinal() == 1 || multipart.is_type("multipart", "alternative")
        })
    }

    fn is_one_of(&self, media_type: &str, subtypes: &[&str]) -> bool {
        self.media_type().eq_ignore_ascii_case(media_type)
            && subtypes.iter().any(|known| self.is_subtype(known))
    }
}

/// Whether a text with this disposition can be text of the message.
fn is_text_disposition(disposition: &Disposition<'_>) -> bool {
    disposition.is_inline() || disposition.kind().eq_ignore_ascii_case("form-data")
}

/// A Content-ID without the brackets around it.
fn bare_id(id: &[u8]) -> &[u8] {
    let id = id.trim_ascii();
    let inner = id.strip_prefix(b"<").unwrap_or(id);
    inner.strip_suffix(b">").unwrap_or(inner)
}

/// Texts that mail programs show as the message, wherever they stand.
const READABLE: [&str; 4] = ["plain", "html", "enriched", "richtext"];

const SHOWN_BY_HTML: [&str; 4] = ["image", "audio", "video", "font"];

/// The last place in a multipart/related at which its root is looked for, so that the parameter is
/// not read for each of many parts.
const LATEST_ROOT: u32 = 16;

/// Extensions of pictures that HTML shows.
const PICTURES: [&str; 13] = [
    "apng", "avif", "bmp", "gif", "heic", "ico", "jfif", "jpeg", "jpg", "png", "svg", "tif", "webp",
];

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
