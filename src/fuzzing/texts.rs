//! What people and programs wrote: encoded words, dates, subjects, content in its transfer
//! encoding and charset, URLs.

use std::borrow::Cow;
use std::io::{self, Read};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::fuzzing::input::{Input, Pieces};
use crate::types::base_subject::base_subject;
use crate::types::server_url::ServerUrl;
use crate::wire::charset;
use crate::wire::content::charset::Charset;
use crate::wire::content::{self, Decoded, TransferEncoding};
use crate::wire::date::WireDateTime;
use crate::wire::response::header_date::header_date;
use crate::wire::response::header_field::HeaderFields;
use crate::wire::response::{address_list, date_time, encoded_word};

/// The first octet chooses what the rest is taken for.
pub fn texts(data: &[u8]) {
    let mut input = Input::new(data);
    match input.octet() % 6 {
        0 => header(input.rest()),
        1 => dates(input.rest()),
        2 => urls(&input.text()),
        3 => back_and_forth(input),
        4 => in_charset(&input.text(), &input.text()),
        _ => content(input),
    }
}

/// Header text, decoded or not, is not longer than it can be by what was sent.
fn header(raw: &[u8]) {
    let decoded = encoded_word::decode(Cow::Borrowed(raw));
    // An octet of a charset is a character of at most three octets.
    assert!(
        decoded.len() <= 3 * raw.len(),
        "{} of {}",
        decoded.len(),
        raw.len()
    );
    let text = encoded_word::into_text(Cow::Borrowed(raw));
    assert!(text.len() <= 3 * raw.len());
    assert_eq!(encoded_word::decode(Cow::Owned(raw.to_vec())), decoded);
    let len = HeaderFields::new(raw).map(|field| field.raw().len());
    assert!(len.sum::<usize>() <= raw.len());
    for address in address_list::parse(raw.get(..4096).unwrap_or(raw)) {
        let _ = (address.email(), address.to_string());
    }
    let base = base_subject(&decoded);
    assert!(base.len() <= decoded.len());
    assert_eq!(base_subject(&base), base, "of {decoded:?}");
}

/// A date that was understood is one that can be written.
fn dates(text: &[u8]) {
    let sent = header_date(text).map(|date| date.instant_or_utc());
    for date in [date_time::internal_date(text), sent].into_iter().flatten() {
        let written = WireDateTime(date).to_string();
        let again = date_time::internal_date(written.trim_matches('"').as_bytes());
        assert_eq!(again, Some(date), "{written}");
        assert_eq!(date.to_string().parse(), Ok(date));
    }
}

fn urls(text: &str) {
    if let Ok(url) = text.parse::<ServerUrl>() {
        assert!(!url.host().is_empty() && url.port() != Some(0));
        assert!(
            !url.host()
                .chars()
                .any(|c| c.is_control() || c.is_whitespace()),
            "{:?}",
            url.host()
        );
        let _ = (url.user(), url.mechanism(), url.is_start_tls());
    }
}

/// What is written in a transfer encoding is read from it.
fn back_and_forth(mut input: Input<'_>) {
    let (line, pieces) = (
        usize::from(input.octet()).max(4),
        Pieces::new(input.octet()),
    );
    let octets = input.rest();
    let mut encoded = Vec::new();
    for line in BASE64_STANDARD.encode(octets).as_bytes().chunks(line) {
        encoded.extend_from_slice(line);
        encoded.extend_from_slice(b"\r\n");
    }
    assert_eq!(
        decoded(&encoded, TransferEncoding::Base64, None, pieces.clone()),
        octets
    );
    let mut encoded = String::new();
    for (at, octet) in octets.iter().enumerate() {
        match octet {
            b'!'..=b'<' | b'>'..=b'~' => encoded.push(char::from(*octet)),
            other => encoded.push_str(&format!("={other:02X}")),
        }
        if at % line == line - 1 {
            encoded.push_str("=\r\n");
        }
    }
    let encoding = TransferEncoding::QuotedPrintable;
    assert_eq!(decoded(encoded.as_bytes(), encoding, None, pieces), octets);
}

/// What a charset can say is what it says when read again, except a byte order mark; but mail that
/// says ISO-8859-1 is read as windows-1252, which has other characters in the place of controls.
fn in_charset(name: &str, text: &str) {
    let has_controls = text.contains(|c| matches!(c, '\u{1b}' | '\u{80}'..='\u{9f}'));
    let Some(octets) = charset::encode(name, text).filter(|_| !has_controls) else {
        return;
    };
    // Half-width letters become full ones in ISO-2022-JP.
    let is_exact = !name.eq_ignore_ascii_case("iso-2022-jp");
    if Charset::of(name).is_some() && is_exact {
        let again = content::charset::decode(name.as_bytes(), &octets);
        let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
        assert_eq!(again.as_deref(), Some(unmarked), "in {name}");
    }
}

/// Content in any encoding and charset is the same in any pieces, and bounded.
fn content(mut input: Input<'_>) {
    let name = input.pick(&["base64", "quoted-printable", "8bit", "x-uuencode"]);
    let encoding = TransferEncoding::of(name);
    let pieces = Pieces::new(input.octet());
    let name = input.text();
    let charset = (!name.is_empty()).then_some(name.as_str());
    let octets = input.rest();
    let whole = decoded(octets, encoding.clone(), charset, Pieces::new(0));
    assert_eq!(decoded(octets, encoding.clone(), charset, pieces), whole);
    // A line of a uuencoded file may be a number and zeros.
    let most = match encoding {
        TransferEncoding::UuEncode => 64 * octets.len(),
        _ => octets.len(),
    };
    assert!(
        whole.len() <= 3 * most + 16,
        "{} of {}",
        whole.len(),
        octets.len()
    );
    if charset.is_none() {
        assert!(whole.len() <= most);
    } else if Decoded::new(octets, encoding)
        .charset(&name)
        .undecoded_charset()
        .is_none()
    {
        assert!(String::from_utf8(whole).is_ok());
    }
}

fn decoded(
    octets: &[u8],
    encoding: TransferEncoding,
    charset: Option<&str>,
    pieces: Pieces,
) -> Vec<u8> {
    let mut decoded = Decoded::new(
        Torn {
            rest: octets,
            pieces,
        },
        encoding,
    );
    if let Some(name) = charset {
        decoded = decoded.charset(name);
    }
    let mut all = Vec::new();
    decoded.copy_to(&mut all).expect("memory");
    assert_eq!(
        decoded.read(&mut [0; 8]).expect("memory"),
        0,
        "more behind the end"
    );
    all
}

/// Octets that are read in pieces.
struct Torn<'a> {
    rest: &'a [u8],
    pieces: Pieces,
}

impl Read for Torn<'_> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let count = self.pieces.next().min(place.len()).min(self.rest.len());
        let (now, later) = self.rest.split_at(count);
        place[..count].copy_from_slice(now);
        self.rest = later;
        Ok(count)
    }
}
