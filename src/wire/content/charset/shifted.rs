//! 7-bit charsets with escapes that shift between sets of characters.
//!
//! They are ISO-2022-JP (also -1, -2, -3), ISO-2022-KR, ISO-2022-CN (RFC 1468, 1554, 1557, 1922)
//! and HZ (RFC 1843).

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, ISO_8859_7};

/// The initial sets of a text, and the effect of its line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shifts {
    Japanese,
    Korean,
    Chinese,
    Hz,
}

/// A set of characters that octets are shifted to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    Ascii,
    /// JIS X 0201, with a yen sign and an overline.
    Roman,
    Katakana,
    /// JIS X 0208, and the part of JIS X 0213 that is equal to it.
    Jis,
    /// JIS X 0212.
    JisMore,
    Gb,
    Ks,
    /// Pairs without a table in this crate.
    Pairs,
    /// The upper halves of ISO-8859-1 and ISO-8859-7.
    Latin,
    Greek,
}

/// Text in pieces.
pub(in crate::wire::content) struct Shifted {
    shifts: Shifts,
    /// An incomplete escape or character.
    held: Vec<u8>,
    /// The set of octets, and their set after SO.
    plain: Set,
    out: Set,
    is_out: bool,
    /// The set of the next character, after ESC N.
    second: Set,
    third: Set,
    single: Option<Set>,
    /// Complete characters in an encoding that has a table.
    run: Vec<u8>,
    run_in: &'static Encoding,
}

/// Octets of a run that are decoded at once.
const RUN: usize = 4096;

const ESC: u8 = 0x1b;
const SO: u8 = 0x0e;
const SI: u8 = 0x0f;
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

impl Shifts {
    /// The set after SO.
    ///
    /// The header that names it stands once at the beginning of a text, so not in every piece of
    /// one.
    fn out(self) -> Set {
        match self {
            Self::Korean => Set::Ks,
            Self::Chinese => Set::Gb,
            Self::Japanese | Self::Hz => Set::Katakana,
        }
    }
}

impl Shifted {
    pub(super) fn new(shifts: Shifts) -> Self {
        Self {
            shifts,
            held: Vec::new(),
            plain: Set::Ascii,
            out: shifts.out(),
            is_out: false,
            second: Set::Pairs,
            third: Set::Pairs,
            single: None,
            run: Vec::new(),
            run_in: EUC_JP,
        }
    }

    pub(super) fn decode(&mut self, octets: &[u8], is_over: bool, to: &mut Vec<u8>) {
        for octet in octets {
            self.step(*octet, to);
        }
        if is_over {
            let held = std::mem::take(&mut self.held);
            match held.first() {
                Some(&ESC | b'~') => self.literally(&held, to),
                Some(_) => self.replace(to),
                None => {}
            }
        }
        self.flush(to);
    }

    /// Decodes octets until they have the meaning that they have at the beginning; returns the rest.
    pub(super) fn decode_shifted<'o>(&mut self, octets: &'o [u8], to: &mut Vec<u8>) -> &'o [u8] {
        let mut rest = octets;
        while let Some((octet, after)) = rest.split_first().filter(|_| !self.is_initial()) {
            self.step(*octet, to);
            rest = after;
        }
        self.flush(to);
        rest
    }

    /// Whether nothing has been read, or it has left no trace.
    pub(super) fn is_initial(&self) -> bool {
        self.held.is_empty() && self.set() == Set::Ascii && self.out == self.shifts.out()
    }

    /// Whether octets of ASCII are other characters.
    pub(super) fn is_shifted(&self) -> bool {
        !matches!(self.set(), Set::Ascii | Set::Roman)
    }

    fn step(&mut self, octet: u8, to: &mut Vec<u8>) {
        match self.held.first().copied() {
            None => self.begin(octet, to),
            Some(ESC) => self.escape(octet, to),
            Some(b'~') if !self.is_pair_set() || octet == b'}' => self.tilde(octet, to),
            Some(lead) => {
                self.held.clear();
                self.second_half(lead, octet, to);
            }
        }
    }

    /// Processes an octet that does not continue an earlier one.
    fn begin(&mut self, octet: u8, to: &mut Vec<u8>) {
        match octet {
            ESC => self.held.push(octet),
            b'~' if self.shifts == Shifts::Hz => self.held.push(octet),
            SO if self.shifts != Shifts::Hz => self.is_out = true,
            SI if self.shifts != Shifts::Hz => self.is_out = false,
            b'\n' | b'\r' => {
                // Each line starts with the initial sets, except in ISO-2022-JP, where only
                // well-formed lines do.
                self.is_out = false;
                if self.shifts == Shifts::Hz {
                    self.plain = Set::Ascii;
                }
                self.put(octet, to);
            }
            0..=0x20 | 0x7f => self.put(octet, to),
            0x80.. => self.eight_bits(octet, to),
            _ => self.graphic(octet, to),
        }
    }

    fn set(&self) -> Set {
        let shifted = if self.is_out { self.out } else { self.plain };
        self.single.unwrap_or(shifted)
    }

    fn is_pair_set(&self) -> bool {
        let pairs = [Set::Jis, Set::JisMore, Set::Gb, Set::Ks, Set::Pairs];
        pairs.contains(&self.set())
    }

    /// Processes one of the 94 octets that are characters, or halves of them.
    fn graphic(&mut self, octet: u8, to: &mut Vec<u8>) {
        if self.is_pair_set() {
            return self.held.push(octet);
        }
        let high = octet | 0x80;
        match self.set() {
            Set::Roman if octet == b'\\' => self.put_character('\u{a5}', to),
            Set::Roman if octet == b'~' => self.put_character('\u{203e}', to),
            Set::Katakana if octet < 0x60 => self.in_run(EUC_JP, &[0x8e, high], to),
            Set::Katakana => self.replace(to),
            Set::Latin => self.put_character(char::from(high), to),
            Set::Greek => self.in_run(ISO_8859_7, &[high], to),
            _ => self.put(octet, to),
        }
        self.single = None;
    }

    /// Processes an octet of eight bits, which these charsets do not have.
    ///
    /// It is read in the 8-bit charset with the same characters.
    fn eight_bits(&mut self, octet: u8, to: &mut Vec<u8>) {
        match (self.shifts, octet) {
            (Shifts::Japanese, 0xa1..=0xdf) => self.in_run(EUC_JP, &[0x8e, octet], to),
            (Shifts::Japanese, _) | (_, 0x80 | 0xff) => self.replace(to),
            _ => self.held.push(octet),
        }
    }

    fn second_half(&mut self, lead: u8, octet: u8, to: &mut Vec<u8>) {
        if lead >= 0x80 && octet >= 0x41 && octet != 0x7f && octet != 0xff {
            let encoding = match self.shifts {
                Shifts::Korean => EUC_KR,
                _ => GBK,
            };
            return self.in_run(encoding, &[lead, octet], to);
        }
        let set = self.set();
        self.single = None;
        if lead >= 0x80 || !matches!(octet, 0x21..=0x7e) {
            self.replace(to);
            return self.step(octet, to);
        }
        let pair = [lead | 0x80, octet | 0x80];
        match set {
            Set::Jis => self.in_run(EUC_JP, &pair, to),
            Set::JisMore => self.in_run(EUC_JP, &[0x8f, lead | 0x80, octet | 0x80], to),
            Set::Gb => self.in_run(GBK, &pair, to),
            Set::Ks => self.in_run(EUC_KR, &pair, to),
            _ => self.replace(to),
        }
    }

    /// Processes the next octet of an escape.
    fn escape(&mut self, octet: u8, to: &mut Vec<u8>) {
        self.held.push(octet);
        match self.held.get(1..).unwrap_or_default() {
            b"(B" => self.designate(Set::Ascii),
            b"(J" | b"(H" => self.designate(Set::Roman),
            b"(I" => self.designate(Set::Katakana),
            b"$@" | b"$B" | b"$(@" | b"$(B" | b"$(O" | b"$(Q" => self.designate(Set::Jis),
            b"$(D" => self.designate(Set::JisMore),
            b"$A" | b"$(A" => self.designate(Set::Gb),
            b"$(C" => self.designate(Set::Ks),
            b"$(P" | b"$(G" | b"$(H" => self.designate(Set::Pairs),
            b"$)C" => self.out = Set::Ks,
            b"$)A" | b"$)E" => self.out = Set::Gb,
            [b'$', b')', _] => self.out = Set::Pairs,
            [b'$', b'*', _] => self.second = Set::Pairs,
            [b'$', b'+', _] => self.third = Set::Pairs,
            b".A" => self.second = Set::Latin,
            b".F" => self.second = Set::Greek,
            b"N" => self.single = Some(self.second),
            b"O" => self.single = Some(self.third),
            b"(" | b"$" | b"." | b"$(" | b"$)" | b"$*" | b"$+" => return,
            _ => {
                // No escape: it stands for itself, and so do the octets after it.
                let held = std::mem::take(&mut self.held);
                self.put(ESC, to);
                for octet in held.get(1..).unwrap_or_default() {
                    self.step(*octet, to);
                }
                return;
            }
        }
        self.held.clear();
    }

    fn designate(&mut self, set: Set) {
        self.plain = set;
        self.is_out = false;
    }

    /// Processes the octet after a `~` of HZ, or after the first half of a line end there.
    fn tilde(&mut self, octet: u8, to: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        match octet {
            b'\n' => {}
            b'\r' if held.len() == 1 => self.held.extend_from_slice(b"~\r"),
            b'{' if held.len() == 1 => self.plain = Set::Gb,
            b'}' if held.len() == 1 => self.plain = Set::Ascii,
            b'~' if held.len() == 1 => self.put(b'~', to),
            _ => {
                self.literally(&held, to);
                self.step(octet, to);
            }
        }
    }

    fn literally(&mut self, octets: &[u8], to: &mut Vec<u8>) {
        self.flush(to);
        to.extend_from_slice(octets);
    }

    fn replace(&mut self, to: &mut Vec<u8>) {
        self.literally(REPLACEMENT, to);
    }

    fn put(&mut self, octet: u8, to: &mut Vec<u8>) {
        self.literally(&[octet], to);
    }

    fn put_character(&mut self, character: char, to: &mut Vec<u8>) {
        self.literally(character.encode_utf8(&mut [0; 4]).as_bytes(), to);
    }

    fn in_run(&mut self, encoding: &'static Encoding, octets: &[u8], to: &mut Vec<u8>) {
        if encoding != self.run_in || self.run.len() >= RUN {
            self.flush(to);
            self.run_in = encoding;
        }
        self.run.extend_from_slice(octets);
    }

    fn flush(&mut self, to: &mut Vec<u8>) {
        if !self.run.is_empty() {
            let (text, _) = self.run_in.decode_without_bom_handling(&self.run);
            to.extend_from_slice(text.as_bytes());
            self.run.clear();
        }
    }
}
