//! Text in a charset, converted to UTF-8 while it is read.

mod labels;
#[cfg(feature = "charsets")]
mod shifted;
#[cfg(feature = "charsets")]
mod unnamed;
mod utf7;
mod utf8;

use crate::wire::content::charset::labels::{canonical, clean};
#[cfg(feature = "charsets")]
use crate::wire::content::charset::shifted::{Shifted, Shifts};
#[cfg(feature = "charsets")]
use crate::wire::content::charset::unnamed::Unnamed;
use crate::wire::content::charset::utf7::Utf7;
use crate::wire::content::charset::utf8::{Check, Invalid, Utf8};

/// U+FEFF in UTF-8, with which some mailers begin a text.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A charset that text can be read from.
///
/// UTF-8, US-ASCII, ISO-8859-1 and UTF-7 are always known. With the feature `charsets` all of the
/// [Encoding Standard](https://encoding.spec.whatwg.org/) are, and beyond it ISO-2022-KR,
/// ISO-2022-CN and HZ.
///
/// Charsets are found by the labels that mail has: those of the Encoding Standard and those of code
/// pages (`cp932`, `windows-31j`), in any case, with quotes, blanks or other text around them, with
/// or without hyphens. As in the Encoding Standard, `ISO-8859-1` is read as windows-1252, `gb2312`
/// as GBK, and so on: the larger charset that such mail is really in. US-ASCII with 8-bit octets is
/// read as UTF-8, and octets that are not UTF-8 as windows-1252. With the feature `charsets`,
/// US-ASCII with the escapes of ISO-2022-JP is read as that, because old Japanese mail names no
/// charset.
///
/// ```
/// use latchbox::message::Charset;
///
/// assert!(Charset::of("UTF-8").is_some() && Charset::of("latin1").is_some());
/// assert_eq!(Charset::of("\"utf8\";"), Charset::of("UTF-8"));
/// assert!(Charset::of("x-unknown").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset(Known);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Utf8,
    /// US-ASCII; octets that are not ASCII are most likely UTF-8.
    Ascii,
    Windows1252,
    Utf7,
    #[cfg(feature = "charsets")]
    Utf16,
    #[cfg(feature = "charsets")]
    Shifted(Shifts),
    #[cfg(feature = "charsets")]
    Other(&'static encoding_rs::Encoding),
}

impl Charset {
    /// The charset of text that names none (RFC 2045 section 5.2).
    pub(crate) const DEFAULT: &'static str = "us-ascii";

    /// The charset of octets that should be text, but name none: ASCII, else ISO-2022-JP, UTF-8 or
    /// windows-1252.
    pub(crate) const UNNAMED: Self = Self(Known::Ascii);

    /// The charset of this name or label, in any case; `None` if this crate does not know it.
    pub fn of(name: &str) -> Option<Self> {
        clean(name).find_map(|name| match canonical(name) {
            Some(label) => Self::of_label(label),
            None => Self::of_label(name),
        })
    }

    /// The charset of this name as it stands in header text.
    pub(crate) fn named(name: &[u8]) -> Option<Self> {
        Self::of(std::str::from_utf8(name).ok()?)
    }

    /// The charset of a label that [`canonical`] returns, or of the Encoding Standard.
    fn of_label(label: &str) -> Option<Self> {
        let known = match label {
            "utf-8" => Known::Utf8,
            "us-ascii" => Known::Ascii,
            "windows-1252" => Known::Windows1252,
            "utf-7" => Known::Utf7,
            other => return of_other_label(other).map(Self),
        };
        Some(Self(known))
    }

    pub(super) fn to_utf8(self) -> ToUtf8 {
        ToUtf8::new(match self.0 {
            Known::Utf8 => Decoder::Utf8(Utf8::new(Invalid::Replaced)),
            #[cfg(feature = "charsets")]
            Known::Ascii => Decoder::Unnamed(Unnamed::default()),
            #[cfg(not(feature = "charsets"))]
            Known::Ascii => Decoder::Utf8(Utf8::new(Invalid::Windows1252)),
            Known::Windows1252 => Decoder::Windows1252,
            Known::Utf7 => Decoder::Utf7(Utf7::default()),
            #[cfg(feature = "charsets")]
            Known::Utf16 => Decoder::Utf16(Utf16::default()),
            #[cfg(feature = "charsets")]
            Known::Shifted(shifts) => Decoder::Shifted(Shifted::new(shifts)),
            #[cfg(feature = "charsets")]
            Known::Other(encoding) => Decoder::Other(encoding.new_decoder_without_bom_handling()),
        })
    }

    /// Returns the text of octets that are complete.
    pub(crate) fn decode(self, octets: &[u8]) -> String {
        let mut text = Vec::with_capacity(octets.len());
        self.to_utf8().decode(octets, true, &mut text);
        into_text(text)
    }
}

/// The text of decoders, which write UTF-8.
pub(super) fn into_text(decoded: Vec<u8>) -> String {
    String::from_utf8(decoded)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(feature = "charsets")]
fn of_other_label(label: &str) -> Option<Known> {
    Some(match label {
        "utf-16" => Known::Utf16,
        "iso-2022-jp" => Known::Shifted(Shifts::Japanese),
        "iso-2022-kr" => Known::Shifted(Shifts::Korean),
        "iso-2022-cn" => Known::Shifted(Shifts::Chinese),
        "hz-gb-2312" => Known::Shifted(Shifts::Hz),
        other => {
            let encoding = encoding_rs::Encoding::for_label(other.as_bytes())?;
            // The first turns a whole text into one U+FFFD, the second into letters that no font
            // has.
            let is_none = [encoding_rs::REPLACEMENT, encoding_rs::X_USER_DEFINED];
            (!is_none.contains(&encoding)).then_some(Known::Other(encoding))?
        }
    })
}

#[cfg(not(feature = "charsets"))]
fn of_other_label(_label: &str) -> Option<Known> {
    None
}

/// The text of octets in a charset that is named in header text.
///
/// If the charset is not known, only octets that are [text as they are](Check) are decoded.
pub(crate) fn decode(name: &[u8], octets: &[u8]) -> Option<String> {
    match Charset::named(name) {
        Some(charset) => Some(charset.decode(octets)),
        None => {
            let mut check = Check::of(std::str::from_utf8(name).unwrap_or_default());
            check.look_at(octets);
            let text = std::str::from_utf8(octets).ok();
            text.filter(|_| check.is_text()).map(ToOwned::to_owned)
        }
    }
}

/// Decodes a text piece by piece, and keeps octets whose meaning depends on the next ones.
pub(super) struct ToUtf8 {
    decoder: Decoder,
    /// Whether a first character has been decoded.
    has_begun: bool,
}

enum Decoder {
    Utf8(Utf8),
    Windows1252,
    Utf7(Utf7),
    /// Octets as they are, because their charset is not known.
    Unknown(Check),
    #[cfg(feature = "charsets")]
    Unnamed(Unnamed),
    #[cfg(feature = "charsets")]
    Utf16(Utf16),
    #[cfg(feature = "charsets")]
    Shifted(Shifted),
    #[cfg(feature = "charsets")]
    Other(encoding_rs::Decoder),
}

impl ToUtf8 {
    fn new(decoder: Decoder) -> Self {
        Self {
            decoder,
            has_begun: false,
        }
    }

    /// Leaves octets as they are, because the charset of this name is not decoded.
    pub(super) fn unknown(name: &str) -> Self {
        Self::new(Decoder::Unknown(Check::of(name)))
    }

    pub(super) fn decode(&mut self, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
        let had = to.len();
        self.decoder.decode(octets, is_over, to);
        if self.has_begun || to.len() == had {
            return;
        }
        self.has_begun = true;
        // The byte order mark is not part of the text.
        let is_known = !matches!(self.decoder, Decoder::Unknown(_));
        if is_known && to.get(had..).unwrap_or_default().starts_with(MARK) {
            to.drain(had..had + MARK.len());
        }
    }

    /// Whether the octets so far are text, if no more follow.
    pub(super) fn is_text(&self) -> bool {
        match &self.decoder {
            Decoder::Unknown(check) => check.is_text(),
            _ => true,
        }
    }

    /// Whether the next octets do not have the meaning that they have at the beginning of a text.
    pub(super) fn is_shifted(&self) -> bool {
        match &self.decoder {
            Decoder::Utf7(utf7) => utf7.is_shifted(),
            #[cfg(feature = "charsets")]
            Decoder::Shifted(shifted) => shifted.is_shifted(),
            #[cfg(feature = "charsets")]
            Decoder::Unnamed(unnamed) => unnamed.is_shifted(),
            _ => false,
        }
    }
}

impl Decoder {
    fn decode(&mut self, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
        match self {
            Self::Utf8(utf8) => utf8.decode(octets, is_over, to),
            Self::Windows1252 => utf8::windows_1252(octets, to),
            Self::Utf7(utf7) => utf7.decode(octets, is_over, to),
            Self::Unknown(check) => {
                check.look_at(octets);
                to.extend_from_slice(octets);
            }
            #[cfg(feature = "charsets")]
            Self::Unnamed(unnamed) => unnamed.decode(octets, is_over, to),
            #[cfg(feature = "charsets")]
            Self::Utf16(utf16) => utf16.decode(octets, is_over, to),
            #[cfg(feature = "charsets")]
            Self::Shifted(shifted) => shifted.decode(octets, is_over, to),
            #[cfg(feature = "charsets")]
            Self::Other(decoder) => other_to_utf8(decoder, octets, is_over, to),
        }
    }
}

/// UTF-16 whose byte order is known from its first two octets.
///
/// They are a byte order mark, or else one of them is zero.
#[cfg(feature = "charsets")]
#[derive(Default)]
pub(super) struct Utf16 {
    first: Vec<u8>,
    decoder: Option<encoding_rs::Decoder>,
}

#[cfg(feature = "charsets")]
impl Utf16 {
    fn decode(&mut self, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
        let mut octets = octets;
        if self.decoder.is_none() {
            let missing = 2usize.saturating_sub(self.first.len()).min(octets.len());
            let (now, later) = octets.split_at_checked(missing).unwrap_or((octets, &[]));
            self.first.extend_from_slice(now);
            octets = later;
            if self.first.len() < 2 && !is_over {
                return;
            }
        }
        let first = std::mem::take(&mut self.first);
        let decoder = self.decoder.get_or_insert_with(|| {
            let is_big = matches!(*first, [0xfe, 0xff] | [0, _]) && *first != [0, 0];
            let order = match is_big {
                true => encoding_rs::UTF_16BE,
                false => encoding_rs::UTF_16LE,
            };
            order.new_decoder_with_bom_removal()
        });
        other_to_utf8(decoder, &first, false, to);
        other_to_utf8(decoder, octets, is_over, to);
    }
}

#[cfg(feature = "charsets")]
fn other_to_utf8(
    decoder: &mut encoding_rs::Decoder,
    octets: &[u8],
    is_over: bool,
    to: &mut Vec<u8>,
) {
    let mut rest = octets;
    loop {
        let had = to.len();
        to.resize(had + rest.len().saturating_mul(3).max(16), 0);
        let place = to.get_mut(had..).unwrap_or_default();
        let (result, read, written, _) = decoder.decode_to_utf8(rest, place, is_over);
        to.truncate(had + written);
        rest = rest.get(read..).unwrap_or_default();
        if result == encoding_rs::CoderResult::InputEmpty {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
