//! The text form of search keys (RFC 9051 section 9, `search-program`).

use std::str::FromStr;
use std::time::Duration;

use crate::types::flag::{Flag, Keyword};
use crate::types::label::Label;
use crate::types::search::check::{DEEPEST, InvalidSearch, Reason};
use crate::types::search::{EntryType, SearchKey};
use crate::types::uid::ModSeq;
use crate::types::uid_set::UidSet;

/// The longest text that is read, in octets.
pub(super) const LONGEST: usize = 1 << 20;

/// The months of a date, from January.
pub(super) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

type Result<T> = std::result::Result<T, InvalidSearch>;

/// Reads the text that `Display` writes, such as a query that a user typed.
///
/// The keys are those of RFC 9051 and of the extensions that this crate can send. Several keys are
/// combined by AND; parentheses make one key of several. Words are read in any case. A text is one
/// word, or is quoted: `\"`, `\\`, and Rust's `\n`, `\r`, `\t`, `\0` and `\u{e9}` are escapes in
/// it. A date is `1-Feb-2026` or `2026-02-01`. UIDs have no origin.
///
/// These are errors, at the position that [`InvalidSearch::position`] returns:
///
/// - sequence numbers and `$`, because they are valid only at one moment of one selection;
/// - keys of extensions that this crate does not know, and keys that cannot be sent;
/// - a text to parse of more than 1 MiB.
///
/// ```
/// use latchbox::types::SearchKey;
///
/// let query = r#"unseen since 1-Feb-2026 or (from ann larger 1000000) subject "lunch \"today\"""#;
/// let key: SearchKey = query.parse()?;
/// assert_eq!(
///     key.to_string(),
///     r#"UNSEEN SINCE 1-Feb-2026 OR (FROM "ann" LARGER 1000000) SUBJECT "lunch \"today\"""#
/// );
/// assert_eq!(key.to_string().parse::<SearchKey>()?, key);
///
/// let refused = "UNSEEN FORM ann".parse::<SearchKey>().unwrap_err();
/// assert_eq!(refused.to_string(), "unknown search key \"FORM\" (at octet 7)");
/// # Ok::<(), latchbox::types::InvalidSearch>(())
/// ```
impl FromStr for SearchKey {
    type Err = InvalidSearch;

    fn from_str(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(Reason::TextTooLong.into());
        }
        let mut reader = Reader { text, rest: text };
        let mut keys = reader.keys(0)?;
        if !reader.rest.is_empty() {
            return Err(reader.expected("an opening parenthesis before this one"));
        }
        let key = match (keys.pop(), keys.is_empty()) {
            (None, _) => return Err(reader.expected("a search key")),
            (Some(only), true) => only,
            (Some(last), false) => {
                keys.push(last);
                Self::And(keys)
            }
        };
        key.check()?;
        Ok(key)
    }
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    fn expected(&self, what: &'static str) -> InvalidSearch {
        Reason::Expected(what).at(self.position())
    }

    fn skip_blank(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    /// The keys up to the end or to a closing parenthesis, which is not consumed.
    fn keys(&mut self, depth: usize) -> Result<Vec<SearchKey>> {
        let mut keys = Vec::new();
        loop {
            self.skip_blank();
            if self.rest.is_empty() || self.rest.starts_with(')') {
                return Ok(keys);
            }
            keys.push(self.key(depth)?);
        }
    }

    /// `search-key`.
    fn key(&mut self, depth: usize) -> Result<SearchKey> {
        self.skip_blank();
        let start = self.position();
        if depth > DEEPEST {
            return Err(Reason::TooDeep.at(start));
        }
        if let Some(rest) = self.rest.strip_prefix('(') {
            self.rest = rest;
            let keys = self.keys(depth + 1)?;
            let Some(rest) = self.rest.strip_prefix(')') else {
                return Err(self.expected("a closing parenthesis"));
            };
            if keys.is_empty() {
                return Err(self.expected("a search key"));
            }
            self.rest = rest;
            return Ok(SearchKey::And(keys));
        }
        let word = self.word();
        let upper = word.to_ascii_uppercase();
        if let Some(key) = self.compound(&upper, depth)? {
            return Ok(key);
        }
        let key = match PLAIN.iter().find(|key| key.word() == Some(&upper)) {
            Some(plain) => plain.clone(),
            None => match self.with_value(&upper)? {
                Some(key) => key,
                None => return Err(unknown(word).at(start)),
            },
        };
        key.check().map_err(|error| error.or_at(start))?;
        Ok(key)
    }

    /// A key that contains keys.
    fn compound(&mut self, word: &str, depth: usize) -> Result<Option<SearchKey>> {
        let mut key = || self.key(depth + 1).map(Box::new);
        Ok(Some(match word {
            "OR" => SearchKey::Or(key()?, key()?),
            "NOT" => SearchKey::Not(key()?),
            "FUZZY" => SearchKey::Fuzzy(key()?),
            _ => return Ok(None),
        }))
    }

    /// A key that is a word and a value; `None` if the word is no such key.
    fn with_value(&mut self, word: &str) -> Result<Option<SearchKey>> {
        if let Some(key) = self.with_text(word)? {
            return Ok(Some(key));
        }
        if let Some(key) = self.with_date(word)? {
            return Ok(Some(key));
        }
        Ok(Some(match word {
            "LARGER" => SearchKey::Larger(self.number()?),
            "SMALLER" => SearchKey::Smaller(self.number()?),
            "OLDER" => SearchKey::Older(Duration::from_secs(self.number()?)),
            "YOUNGER" => SearchKey::Younger(Duration::from_secs(self.number()?)),
            "X-GM-MSGID" => SearchKey::GmailMessageId(self.number()?),
            "X-GM-THRID" => SearchKey::GmailThreadId(self.number()?),
            "KEYWORD" => SearchKey::Keyword(self.keyword()?),
            "UNKEYWORD" => SearchKey::Unkeyword(self.keyword()?),
            "EMAILID" => SearchKey::EmailId(self.value()?.into()),
            "THREADID" => SearchKey::ThreadId(self.value()?.into()),
            "FILTER" => SearchKey::Filter(self.value()?.into()),
            "X-GM-LABELS" => {
                let start = self.start();
                let label = self.string()?;
                let label = Label::new(&label);
                SearchKey::GmailLabel(label.map_err(|error| Reason::Label(error).at(start))?)
            }
            "UID" => {
                let start = self.start();
                let set: std::result::Result<UidSet, _> = self.value()?.parse();
                SearchKey::Uid(set.map_err(|error| Reason::Set(error).at(start))?)
            }
            "MODSEQ" => self.mod_seq()?,
            _ => return Ok(None),
        }))
    }

    fn with_text(&mut self, word: &str) -> Result<Option<SearchKey>> {
        let make: fn(String) -> SearchKey = match word {
            "BCC" => SearchKey::Bcc,
            "BODY" => SearchKey::Body,
            "CC" => SearchKey::Cc,
            "FROM" => SearchKey::From,
            "SUBJECT" => SearchKey::Subject,
            "TEXT" => SearchKey::Text,
            "TO" => SearchKey::To,
            "X-GM-RAW" => SearchKey::GmailRaw,
            "HEADER" => {
                let name = self.string()?;
                let value = self.string()?;
                return Ok(Some(SearchKey::Header { name, value }));
            }
            _ => return Ok(None),
        };
        self.string().map(make).map(Some)
    }

    fn with_date(&mut self, word: &str) -> Result<Option<SearchKey>> {
        Ok(Some(match word {
            "BEFORE" => SearchKey::Before(self.date()?),
            "ON" => SearchKey::On(self.date()?),
            "SINCE" => SearchKey::Since(self.date()?),
            "SENTBEFORE" => SearchKey::SentBefore(self.date()?),
            "SENTON" => SearchKey::SentOn(self.date()?),
            "SENTSINCE" => SearchKey::SentSince(self.date()?),
            "SAVEDBEFORE" => SearchKey::SavedBefore(self.date()?),
            "SAVEDON" => SearchKey::SavedOn(self.date()?),
            "SAVEDSINCE" => SearchKey::SavedSince(self.date()?),
            _ => return Ok(None),
        }))
    }

    /// `"MODSEQ" [search-modseq-ext] SP mod-sequence-valzer` (RFC 7162 section 7).
    fn mod_seq(&mut self) -> Result<SearchKey> {
        let start = self.start();
        if self.rest.starts_with(|first: char| first.is_ascii_digit()) {
            return self.mod_sequence().map(SearchKey::ModSeq);
        }
        let entry = self.string()?;
        let flag = entry.strip_prefix("/flags/");
        let flag = flag.and_then(|flag| flag.parse::<Flag>().ok());
        let flag = flag.ok_or_else(|| Reason::Expected(MOD_SEQ).at(start))?;
        let start = self.start();
        let word = self.value()?.to_ascii_lowercase();
        let types = [EntryType::Private, EntryType::Shared, EntryType::All];
        let entry_type = types.into_iter().find(|known| known.word() == word);
        let entry_type =
            entry_type.ok_or_else(|| Reason::Expected("priv, shared or all").at(start))?;
        Ok(SearchKey::ModSeqOf {
            flag,
            entry_type,
            mod_seq: self.mod_sequence()?,
        })
    }

    fn mod_sequence(&mut self) -> Result<ModSeq> {
        let start = self.start();
        let mod_seq = self.value()?.parse();
        mod_seq.map_err(|_| Reason::Expected("a mod-sequence from 1 to 2^63-1").at(start))
    }

    fn keyword(&mut self) -> Result<Keyword> {
        let start = self.start();
        let name = self.value()?;
        Keyword::new(name).map_err(|_| Reason::Keyword(shortened(name)).at(start))
    }

    /// `date`, or the form of ISO 8601.
    fn date<D: FromStr>(&mut self) -> Result<D> {
        let start = self.start();
        let date = match self.rest.starts_with('"') {
            true => self.string()?,
            false => self.value()?.to_owned(),
        };
        let date = iso(&date).and_then(|date| date.parse().ok());
        date.ok_or_else(|| Reason::Expected("a date such as 1-Feb-2026").at(start))
    }

    fn number(&mut self) -> Result<u64> {
        let start = self.start();
        let word = self.value()?;
        let number = word.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.then(|| word.parse().ok()).flatten();
        number.ok_or_else(|| Reason::Expected("a number").at(start))
    }

    /// The position of the next value.
    fn start(&mut self) -> usize {
        self.skip_blank();
        self.position()
    }

    /// A text, quoted or as one word.
    fn string(&mut self) -> Result<String> {
        self.skip_blank();
        match self.rest.strip_prefix('"') {
            Some(quoted) => {
                self.rest = quoted;
                self.quoted()
            }
            None => self.value().map(str::to_owned),
        }
    }

    /// The text after an opening quote; the closing quote is consumed.
    fn quoted(&mut self) -> Result<String> {
        let mut text = String::new();
        loop {
            let plain = self.rest.find(['"', '\\']);
            let Some((plain, rest)) = plain.and_then(|at| self.rest.split_at_checked(at)) else {
                self.rest = "";
                return Err(self.expected("a closing quote"));
            };
            text.push_str(plain);
            if let Some(rest) = rest.strip_prefix('"') {
                self.rest = rest;
                return Ok(text);
            }
            self.rest = rest;
            text.push(self.escaped()?);
        }
    }

    /// The character of an escape, after the backslash.
    fn escaped(&mut self) -> Result<char> {
        let mut rest = self.rest.chars();
        rest.next();
        let escaped = match rest.next() {
            Some(same @ ('"' | '\\' | '\'')) => Some(same),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('0') => Some('\0'),
            Some('u') => {
                let number = rest.as_str().strip_prefix('{');
                let number = number.and_then(|number| number.split_once('}'));
                let number = number.filter(|(digits, _)| digits.len() <= 6);
                number.and_then(|(digits, behind)| {
                    rest = behind.chars();
                    let digits = digits
                        .bytes()
                        .all(|it| it.is_ascii_hexdigit())
                        .then_some(digits);
                    char::from_u32(u32::from_str_radix(digits?, 16).ok()?)
                })
            }
            _ => None,
        };
        let escaped = escaped.ok_or_else(|| self.expected("an escape such as \\\" or \\\\"))?;
        self.rest = rest.as_str();
        Ok(escaped)
    }

    /// One word, which is required.
    fn value(&mut self) -> Result<&'t str> {
        self.skip_blank();
        match self.word() {
            "" => Err(self.expected("a value")),
            word => Ok(word),
        }
    }

    fn word(&mut self) -> &'t str {
        let ends = |it: char| is_blank(it) || matches!(it, '(' | ')' | '"');
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }
}

const MOD_SEQ: &str = "a mod-sequence, or the entry of a flag such as /flags/\\Seen";

/// The keys that are a word alone.
const PLAIN: [SearchKey; 15] = [
    SearchKey::All,
    SearchKey::Answered,
    SearchKey::Deleted,
    SearchKey::Draft,
    SearchKey::Flagged,
    SearchKey::New,
    SearchKey::Old,
    SearchKey::Recent,
    SearchKey::Seen,
    SearchKey::Unanswered,
    SearchKey::Undeleted,
    SearchKey::Undraft,
    SearchKey::Unflagged,
    SearchKey::Unseen,
    SearchKey::SaveDateSupported,
];

fn is_blank(it: char) -> bool {
    matches!(it, ' ' | '\t' | '\r' | '\n')
}

/// The reason why a word begins no key.
fn unknown(word: &str) -> Reason {
    let is_set = |it: char| it.is_ascii_digit() || matches!(it, '*' | ':' | ',');
    match word {
        "" => Reason::Expected("a search key"),
        "$" => Reason::Moment("the result of an earlier search"),
        set if set.chars().all(is_set) => Reason::Moment("sequence numbers"),
        word => Reason::Unknown(shortened(word)),
    }
}

/// The part of a word that is shown in an error.
fn shortened(word: &str) -> Box<str> {
    word.chars().take(40).collect::<String>().into()
}

/// `2026-02-01` for that and for `1-Feb-2026`.
fn iso(date: &str) -> Option<String> {
    let mut parts = date.split('-');
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let has_digits = |part: &str, range: std::ops::RangeInclusive<usize>| {
        range.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.next().is_some() {
        return None;
    }
    if has_digits(first, 4..=4) && has_digits(second, 2..=2) && has_digits(third, 2..=2) {
        return Some(date.to_owned());
    }
    let month = MONTHS
        .iter()
        .position(|month| month.eq_ignore_ascii_case(second))?
        + 1;
    let is_date = has_digits(first, 1..=2) && has_digits(third, 4..=4);
    is_date.then(|| format!("{third}-{month:02}-{first:0>2}"))
}

#[cfg(test)]
mod tests;
