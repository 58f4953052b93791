//! A text in the form in which a secret is searched for: without regard to case, quoting and
//! encoding.

use std::ops::Range;

use zeroize::Zeroizing;

/// A text in another form, of which each octet knows the character of the text that it stands for.
pub(super) struct View {
    octets: Zeroizing<String>,
    /// Where that character begins in the text, and last where the text ends.
    at: Vec<usize>,
}

impl View {
    /// The text as it is, without its backslashes, and with what is percent-encoded decoded; all in
    /// the same case.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let mut views = vec![Self::new(text.len(), text.char_indices())];
        if text.contains('\\') {
            let unescaped = text.char_indices().filter(|(_, letter)| *letter != '\\');
            views.push(Self::new(text.len(), unescaped));
        }
        if text.contains(['%', '+']) {
            views.push(Self::percent_decoded(text));
        }
        views
    }

    /// The text with its case, and the two alphabets of base64 (RFC 4648) as one.
    pub(super) fn base64(text: &str) -> Self {
        let octets = text.chars().map(|letter| match letter {
            '-' => '+',
            '_' => '/',
            other => other,
        });
        Self {
            octets: Zeroizing::new(octets.collect()),
            at: (0..=text.len()).collect(),
        }
    }

    fn new(len: usize, letters: impl Iterator<Item = (usize, char)>) -> Self {
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
        Self { octets, at }
    }

    /// As RFC 3986 and HTML forms encode; what is not UTF-8 then is U+FFFD, as elsewhere.
    fn percent_decoded(text: &str) -> Self {
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
                None if *first == b'+' => b' ',
                None => *first,
            });
        }
        let mut letters = Vec::new();
        let mut begun = 0;
        for chunk in octets.utf8_chunks() {
            for (inside, letter) in chunk.valid().char_indices() {
                letters.push((begun + inside, letter));
            }
            begun += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                letters.push((begun, char::REPLACEMENT_CHARACTER));
                begun += chunk.invalid().len();
            }
        }
        let place = |octet: usize| at.get(octet).copied().unwrap_or(text.len());
        let letters = letters.into_iter();
        Self::new(
            text.len(),
            letters.map(|(octet, letter)| (place(octet), letter)),
        )
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
        let ends = form.char_indices().map(|(at, _)| at).rev();
        let mut ends = ends.take_while(|at| *at >= least);
        let cut = ends.find(|at| {
            let beginning = form.get(..*at).unwrap_or(form);
            self.octets.ends_with(beginning)
        });
        let Some(begin) = cut.map(|at| self.octets.len() - at) else {
            return;
        };
        if !is_short || self.is_apart(begin, form) {
            places.extend(self.place(begin..self.octets.len()));
        }
    }

    /// Where `form` stands, with all of the base64 that it is a part of.
    pub(super) fn find_runs(&self, form: &str, places: &mut Vec<Range<usize>>) {
        let is_other = |letter: char| !(letter.is_ascii_alphanumeric() || "+/=".contains(letter));
        let mut after = 0;
        for (begin, found) in self.octets.match_indices(form) {
            if begin < after {
                continue;
            }
            let before = self.octets.get(after..begin).unwrap_or_default();
            let start = before.rfind(is_other).map_or(after, |at| {
                let letter = before.get(at..).and_then(|rest| rest.chars().next());
                after + at + letter.map_or(1, char::len_utf8)
            });
            let behind = self.octets.get(begin + found.len()..).unwrap_or_default();
            after = begin + found.len() + behind.find(is_other).unwrap_or(behind.len());
            places.extend(self.place(start..after));
        }
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
