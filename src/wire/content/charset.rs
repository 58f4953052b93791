//! Text in a charset, made UTF-8 while it is read.

/// A charset that text can be read from.
///
/// UTF-8, US-ASCII and ISO-8859-1 are always known. With the feature `charsets` all of the
/// [Encoding Standard](https://encoding.spec.whatwg.org/) are, by the labels that it gives to them.
///
/// ```
/// use latchbox::message::Charset;
///
/// assert!(Charset::of("UTF-8").is_some() && Charset::of("latin1").is_some());
/// assert!(Charset::of("x-unknown").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset(Known);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// And US-ASCII, in which what is not ASCII is most likely UTF-8.
    Utf8,
    Latin1,
    #[cfg(feature = "charsets")]
    Other(&'static encoding_rs::Encoding),
}

impl Charset {
    /// What text is in that names no charset (RFC 2045 section 5.2).
    pub(crate) const DEFAULT: &'static str = "us-ascii";

    /// By its name or label, in any case.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("utf-8") || is("utf8") || is("us-ascii") || is("ascii") {
            return Some(Self(Known::Utf8));
        }
        if is("iso-8859-1") || is("latin1") {
            return Some(Self(Known::Latin1));
        }
        other(name)
    }

    pub(super) fn to_utf8(self) -> ToUtf8 {
        match self.0 {
            Known::Utf8 => ToUtf8::Utf8 { cut: Vec::new() },
            Known::Latin1 => ToUtf8::Latin1,
            #[cfg(feature = "charsets")]
            Known::Other(encoding) => ToUtf8::Other(encoding.new_decoder_without_bom_handling()),
        }
    }
}

#[cfg(feature = "charsets")]
fn other(name: &str) -> Option<Charset> {
    let encoding = encoding_rs::Encoding::for_label(name.as_bytes())?;
    Some(Charset(Known::Other(encoding)))
}

#[cfg(not(feature = "charsets"))]
fn other(_name: &str) -> Option<Charset> {
    None
}

/// What a character that is cut by the end of the octets needs to be known.
pub(super) enum ToUtf8 {
    Utf8 {
        cut: Vec<u8>,
    },
    Latin1,
    #[cfg(feature = "charsets")]
    Other(encoding_rs::Decoder),
}

impl ToUtf8 {
    pub(super) fn decode(&mut self, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
        match self {
            Self::Utf8 { cut } => mend(cut, octets, is_over, to),
            Self::Latin1 => {
                let mut buffer = [0; 4];
                for octet in octets {
                    to.extend_from_slice(char::from(*octet).encode_utf8(&mut buffer).as_bytes());
                }
            }
            #[cfg(feature = "charsets")]
            Self::Other(decoder) => other_to_utf8(decoder, octets, is_over, to),
        }
    }
}

/// UTF-8 with U+FFFD for what is none.
fn mend(cut: &mut Vec<u8>, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
    let mut rest = octets;
    // The character that was cut, an octet at a time until it is whole or none.
    while !cut.is_empty() && !rest.is_empty() {
        let (first, after) = rest.split_at_checked(1).unwrap_or((rest, &[]));
        cut.extend_from_slice(first);
        rest = after;
        match std::str::from_utf8(cut) {
            Ok(text) => {
                to.extend_from_slice(text.as_bytes());
                cut.clear();
            }
            Err(error) if error.error_len().is_some() => {
                // The octet that does not fit begins something else.
                let pieces = std::mem::take(cut);
                mend(cut, &pieces, false, to);
            }
            Err(_) => {}
        }
    }
    for chunk in rest.utf8_chunks() {
        to.extend_from_slice(chunk.valid().as_bytes());
        let invalid = chunk.invalid();
        if invalid.is_empty() {
            continue;
        }
        let is_cut = std::str::from_utf8(invalid).is_err_and(|e| e.error_len().is_none());
        let is_last =
            rest.ends_with(invalid) && rest.as_ptr_range().end == invalid.as_ptr_range().end;
        if is_cut && is_last && !is_over {
            cut.extend_from_slice(invalid);
        } else {
            to.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    if is_over && !cut.is_empty() {
        cut.clear();
        to.extend_from_slice("\u{fffd}".as_bytes());
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
