//! A text in the form in which a secret is searched for: without regard to case, quoting and
//! encoding.

use std::ops::Range;

use zeroize::Zeroizing;

/// A text in the forms in which secrets are searched for in it.
#[derive(Default)]
pub(super) struct Views<'t> {
    /// As it is, decoded where it is percent-encoded, and each of these without backslashes; all in
    /// the same case.
    pub(super) texts: Vec<View<'t>>,
    /// Decoded where it is percent-encoded, without backslashes and blanks, in its own case, and the
    /// two alphabets of base64 (RFC 4648) as one.
    pub(super) base64: Vec<View<'t>>,
}

/// A text in another form, of which each octet knows the character of the text that it stands for.
pub(super) struct View<'t> {
    text: &'t str,
    octets: Zeroizing<String>,
    /// Where that character begins in the text, and last where the text ends.
    at: Vec<usize>,
}

impl<'t> Views<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut views = Self::default();
        views.add(text, text.char_indices());
        views.base64.push(View::base64(text, text.char_indices()));
        if text.contains('%') {
            let decoded = percent_decoded(text, false);
            views.add(text, decoded.iter().copied());
            views.base64.push(View::base64(text, decoded.into_iter()));
        }
        if text.contains('+') {
            views.add(text, percent_decoded(text, true).into_iter());
        }
        views
    }

    fn add(&mut self, text: &'t str, letters: impl Iterator<Item = (usize, char)> + Clone) {
        self.texts.push(View::new(text, letters.clone()));
        let is_kept = |(_, letter): &(usize, char)| *letter != '\\';
        if !letters.clone().all(|letter| is_kept(&letter)) {
            self.texts.push(View::new(text, letters.filter(is_kept)));
        }
    }
}

impl<'t> View<'t> {
    fn base64(text: &'t str, letters: impl Iterator<Item = (usize, char)>) -> Self {
        let mut octets = Zeroizing::new(String::with_capacity(text.len()));
        let mut at = Vec::with_capacity(text.len() + 1);
        for (place, letter) in letters {
            match letter {
                '\\' => continue,
                blank if blank.is_ascii_whitespace() => continue,
                '-' => octets.push('+'),
                '_' => octets.push('/'),
                other => octets.push(other),
            }
            at.resize(octets.len(), place);
        }
        at.push(text.len());
        Self { text, octets, at }
    }

    fn new(text: &'t str, letters: impl Iterator<Item = (usize, char)>) -> Self {
        let len = text.len();
        // Room for all, so that growing leaves no copy behind that is not wiped.
        let mut octets = Zeroizing::new(String::with_capacity(len));
        let mut at = Vec::with_capacity(len + 1);
        for (place, letter) in letters {
            if letter.is_ascii() {
                octets.push(letter.to_ascii_lowercase());
                at.push(place);
                continue;
            }
            for letter in folded_letter(letter) {
                octets.push(letter);
                at.resize(octets.len(), place);
            }
        }
        at.push(len);
        Self { text, octets, at }
    }

    /// Where `form` stands; if it `is_short`, only where it is no part of a longer word.
    pub(super) fn find(&self, form: &str, is_short: bool, places: &mut Vec<Range<usize>>) {
        for (begin, found) in self.octets.match_indices(form) {
            let end = begin + found.len();
            if !is_short || self.is_apart(begin, form) && self.ends_apart(end, form) {
                places.extend(self.place(begin..end));
            }
        }
    }

    /// Where the text breaks off in the middle of `form`, after that many octets of it at least.
    pub(super) fn find_cut_off(
        &self,
        form: &str,
        is_short: bool,
        least: usize,
        places: &mut Vec<Range<usize>>,
    ) {
        let begin = self.cut_off(form, least);
        if let Some(begin) = begin.filter(|begin| !is_short || self.is_apart(*begin, form)) {
            places.extend(self.place(begin..self.octets.len()));
        }
    }

    fn cut_off(&self, form: &str, least: usize) -> Option<usize> {
        let ends = form.char_indices().map(|(at, _)| at).rev();
        let mut ends = ends.take_while(|at| *at >= least);
        let cut = ends.find(|at| {
            let beginning = form.get(..*at).unwrap_or(form);
            self.octets.ends_with(beginning)
        });
        cut.map(|at| self.octets.len() - at)
    }

    /// Where the text has a beginning of `form` of that many characters at least, and shows that it
    /// is shortened: by an ellipsis, or by the quotation marks around it. Without a sign it may be a
    /// word of the text, with which a secret begins.
    pub(super) fn find_shortened(&self, form: &str, least: usize, places: &mut Vec<Range<usize>>) {
        for beginning in self.beginnings(form, least) {
            if self.is_apart(beginning.start, form) && self.is_shortened(&beginning) {
                places.extend(self.place(beginning));
            }
        }
    }

    fn is_shortened(&self, part: &Range<usize>) -> bool {
        let before = self.octets.get(..part.start).unwrap_or_default();
        let behind = self.octets.get(part.end..).unwrap_or_default();
        let is_quoted = match (before.chars().next_back(), behind.chars().next()) {
            (Some(left @ ('"' | '\'' | '`')), Some(right)) => left == right,
            (Some(left), Some(right)) => {
                matches!((left, right), ('<', '>') | ('(', ')') | ('[', ']'))
            }
            _ => false,
        };
        is_quoted
            || ["..", "\u{2026}", "*"]
                .iter()
                .any(|sign| behind.starts_with(sign))
    }

    /// Where a beginning of `form` stands, of that many characters at least and as long as it goes on.
    fn beginnings<'s>(
        &'s self,
        form: &'s str,
        least: usize,
    ) -> impl Iterator<Item = Range<usize>> + 's {
        let stem = form
            .char_indices()
            .nth(least)
            .map_or(form, |(at, _)| form.get(..at).unwrap_or(form));
        let mut after = 0;
        self.octets
            .match_indices(stem)
            .filter_map(move |(begin, _)| {
                // What belongs to the last one is not looked at again.
                let rest = self.octets.get(begin..).filter(|_| begin >= after)?;
                let pairs = rest.chars().zip(form.chars());
                let same = pairs.take_while(|(one, other)| one == other);
                after = begin + same.map(|(letter, _)| letter.len_utf8()).sum::<usize>();
                Some(begin..after)
            })
    }

    /// Where `form` stands, or a beginning of it of `long` characters, or one of `least` where the text
    /// ends, with all of the base64 that it is a part of.
    pub(super) fn find_runs(
        &self,
        form: &str,
        least: usize,
        long: usize,
        places: &mut Vec<Range<usize>>,
    ) {
        let whole = self.octets.match_indices(form);
        let whole = whole.map(|(begin, found)| begin..begin + found.len());
        self.add_runs(whole, places);
        self.add_runs(self.beginnings(form, long), places);
        let cut_off = self.cut_off(form, least);
        self.add_runs(
            cut_off.map(|begin| begin..self.octets.len()).into_iter(),
            places,
        );
    }

    /// Adds the base64 around each of these parts, which are in order.
    fn add_runs(&self, parts: impl Iterator<Item = Range<usize>>, places: &mut Vec<Range<usize>>) {
        let mut after = 0;
        for part in parts.filter(|part| part.end > 0) {
            if part.start < after {
                continue;
            }
            let before = self.octets.get(after..part.start).unwrap_or_default();
            let mut start = part.start;
            for letter in before.chars().rev() {
                if !is_base64(letter) || self.follows_blank(start) {
                    break;
                }
                start -= letter.len_utf8();
            }
            let behind = self.octets.get(part.end..).unwrap_or_default();
            after = part.end;
            for letter in behind.chars() {
                if !is_base64(letter) || self.follows_blank(after) {
                    break;
                }
                after += letter.len_utf8();
            }
            places.extend(self.place(start..after).map(|place| self.trimmed(place)));
        }
    }

    /// Whether a blank that was left out stands before this octet.
    fn follows_blank(&self, octet: usize) -> bool {
        let place = self.at.get(octet).copied().unwrap_or_default();
        let before = self.text.get(..place).unwrap_or_default();
        before.ends_with(|letter: char| letter.is_ascii_whitespace())
    }

    /// The place without the blanks that were left out at its end.
    fn trimmed(&self, place: Range<usize>) -> Range<usize> {
        let text = self.text.get(place.clone()).unwrap_or_default();
        place.start..place.start + text.trim_end().len()
    }

    fn place(&self, octets: Range<usize>) -> Option<Range<usize>> {
        Some(*self.at.get(octets.start)?..*self.at.get(octets.end)?)
    }

    /// Whether no word goes on into what begins here.
    fn is_apart(&self, begin: usize, form: &str) -> bool {
        let before = self
            .octets
            .get(..begin)
            .and_then(|text| text.chars().next_back());
        !is_one_word(before, form.chars().next())
    }

    /// Whether no word continues after what ends here.
    fn ends_apart(&self, end: usize, form: &str) -> bool {
        let behind = self.octets.get(end..).and_then(|text| text.chars().next());
        !is_one_word(form.chars().next_back(), behind)
    }
}

fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "+/=".contains(letter)
}

/// What RFC 3986 and, if it `is_form`, HTML forms encode, is decoded: in a form, `+` is a blank. What
/// is not UTF-8 then is U+FFFD, as elsewhere.
fn percent_decoded(text: &str, is_form: bool) -> Vec<(usize, char)> {
    let (mut octets, mut at) = (Zeroizing::new(Vec::new()), Vec::new());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        at.push(text.len() - rest.len());
        rest = after;
        let digit = |digit: &u8| char::from(*digit).to_digit(16);
        let encoded = match (first, rest) {
            (b'%', [high, low, after @ ..]) => digit(high)
                .zip(digit(low))
                .and_then(|(high, low)| u8::try_from(high * 16 + low).ok())
                .map(|octet| (octet, after)),
            _ => None,
        };
        octets.push(match encoded {
            Some((octet, after)) => {
                rest = after;
                octet
            }
            None if *first == b'+' && is_form => b' ',
            None => *first,
        });
    }
    let place = |octet: usize| at.get(octet).copied().unwrap_or(text.len());
    let mut letters = Vec::new();
    let mut begun = 0;
    for chunk in octets.utf8_chunks() {
        for (inside, letter) in chunk.valid().char_indices() {
            letters.push((place(begun + inside), letter));
        }
        begun += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            letters.push((place(begun), char::REPLACEMENT_CHARACTER));
            begun += chunk.invalid().len();
        }
    }
    letters
}

fn is_one_word(left: Option<char>, right: Option<char>) -> bool {
    [left, right]
        .iter()
        .all(|side| side.is_some_and(char::is_alphanumeric))
}

/// A text without regard to case.
pub(super) fn folded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().flat_map(folded_letter).collect(),
    })
}

/// What is large and small of a letter is the same: U+00DF is SS, and U+03C2 is U+03C3.
fn folded_letter(letter: char) -> impl Iterator<Item = char> {
    letter.to_uppercase().flat_map(char::to_lowercase)
}
