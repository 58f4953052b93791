//! Parameters of media types and dispositions, with the extensions of RFC 2231.

use std::borrow::Cow;
use std::fmt;

use crate::printable::Printable;
use crate::wire::cursor::Cursor;
use crate::wire::response::encoded_word;
use crate::wire::response::parameter_value::{Forms, Found, form_of, trim};
use crate::wire::words::is_plain;

/// The parameters of a media type or a disposition, as pairs of name and value.
///
/// The pairs are as the server wrote them: in order and not decoded, without those that do not
/// parse. [`value`](Self::value) decodes.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// let structure = message.body_structure()?;
/// let text = structure.part("1").ok_or("there is no first part")?;
/// assert_eq!(text.parameters().value("Charset").as_deref(), Some("utf-8"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Parameters<'a> {
    /// After the opening parenthesis; `None` at the end.
    list: Option<Cursor<'a>>,
}

impl<'a> Parameters<'a> {
    /// A list at this place, if there is one.
    pub(crate) fn new(cursor: Option<Cursor<'a>>) -> Parameters<'a> {
        let list = cursor.and_then(|mut cursor| cursor.try_byte(b'(').then_some(cursor));
        Parameters { list }
    }

    /// The value of the parameter of this name, decoded for display.
    ///
    /// It joins a value that the sender split (`name*0`, `name*1*`, …; RFC 2231) in the order of
    /// the numbers, and decodes its charset and percent signs. It also decodes the encoded words of
    /// RFC 2047 that many senders use instead, or inside. If the sender wrote several forms, the
    /// extended one is returned, unless it cannot be decoded and another one can. If this crate
    /// does not know the charset, the value is returned as it was written.
    pub fn value(&self, name: &str) -> Option<Cow<'a, str>> {
        self.found(name).map(|found| found.text)
    }

    /// The text in which the parameters lie, if it is known to be UTF-8.
    pub(crate) fn known_text(&self) -> &'a str {
        self.list.map_or("", |list| list.frame().text)
    }

    /// The value of the parameter of this name, and whether it could be decoded.
    fn found(&self, name: &str) -> Option<Found<'a>> {
        let [forms] = self.forms([name]);
        forms.found(self.known_text())
    }

    /// The forms of each of these names; the parameters are read once for all of them.
    pub(crate) fn forms<const NAMES: usize>(&self, names: [&str; NAMES]) -> [Forms<'a>; NAMES] {
        let mut all = [(); NAMES].map(|()| Forms::default());
        for (key, value) in self.clone() {
            let mut known = names.iter().zip(&mut all);
            let form = known.find_map(|(name, forms)| Some((form_of(name, &key)?, forms)));
            if let Some((form, forms)) = form {
                forms.add(form, value);
            }
        }
        all
    }
}

impl<'a> Iterator for Parameters<'a> {
    /// The name and the value.
    type Item = (Cow<'a, [u8]>, Cow<'a, [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let cursor = self.list.as_mut()?;
        while let Some(name) = string_or_skip(cursor) {
            let Some(value) = string_or_skip(cursor) else {
                break;
            };
            if let (Some(name), Some(value)) = (name, value) {
                return Some((name, value));
            }
        }
        self.list = None;
        None
    }
}

impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: Cow<'_, [u8]>| text.escape_ascii().to_string();
        f.debug_map()
            .entries(
                self.clone()
                    .map(|(name, value)| (shown(name), shown(value))),
            )
            .finish()
    }
}

/// The next string; `Some(None)` for a value that is no string, `None` at the end of the list.
fn string_or_skip<'a>(cursor: &mut Cursor<'a>) -> Option<Option<Cow<'a, [u8]>>> {
    cursor.skip_blank();
    match cursor.peek()? {
        b')' => None,
        b'(' => cursor.skip_value().ok().map(|_| None),
        _ => cursor.nstring().ok(),
    }
}

/// The Content-Disposition of a part (RFC 2183): inline, or an attachment.
///
/// ```
#[doc = include_str!("../../doc/message.txt")]
/// let structure = message.body_structure()?;
/// let picture = structure.part("2").ok_or("there is no second part")?;
/// let disposition = picture.disposition().ok_or("it does not say")?;
/// assert!(disposition.is_attachment());
/// assert_eq!(disposition.parameter("filename").as_deref(), Some("Übersicht.png"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Disposition<'a> {
    kind: Cow<'a, str>,
    parameters: Parameters<'a>,
}

impl<'a> Disposition<'a> {
    /// A disposition at this place; some servers leave out the parentheses or the parameters.
    pub(crate) fn parse(mut cursor: Cursor<'a>) -> Option<Disposition<'a>> {
        let is_list = cursor.try_byte(b'(');
        cursor.skip_blank();
        let kind = cursor.nstring().ok()??;
        cursor.skip_blank();
        let parameters = Parameters::new(is_list.then_some(cursor));
        let kind = kind_of(cursor.frame().text, kind)?;
        Some(Disposition { kind, parameters })
    }

    /// Whether the value at this place is a list that is surely a disposition.
    pub(crate) fn is_here(mut cursor: Cursor<'_>) -> bool {
        // Nearly always the case for the callers.
        if cursor.try_nil() {
            return false;
        }
        let is_list = cursor.peek() == Some(b'(');
        let known = Disposition::parse(cursor).is_some_and(|disposition| {
            let names = ["inline", "attachment", "form-data"];
            names
                .iter()
                .any(|name| disposition.kind.eq_ignore_ascii_case(name))
        });
        let has_parameters = is_list && cursor.try_byte(b'(') && {
            cursor.skip_blank();
            let first_is_string = cursor.peek() != Some(b'(') && cursor.skip_value().is_ok();
            cursor.skip_blank();
            first_is_string && cursor.peek() == Some(b'(')
        };
        known || has_parameters
    }

    /// The kind as the server wrote it, such as `inline` or `ATTACHMENT`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether the kind is `attachment`, in any case.
    pub fn is_attachment(&self) -> bool {
        self.kind.eq_ignore_ascii_case("attachment")
    }

    /// Whether the kind is `inline`, in any case.
    pub fn is_inline(&self) -> bool {
        self.kind.eq_ignore_ascii_case("inline")
    }

    /// The parameters as the server wrote them.
    pub fn parameters(&self) -> Parameters<'a> {
        self.parameters.clone()
    }

    /// The value of one parameter, such as `filename`, decoded for display.
    pub fn parameter(&self, name: &str) -> Option<Cow<'a, str>> {
        self.parameters.value(name)
    }
}

/// The kind of a disposition, if it is one word.
fn kind_of<'a>(known: &'a str, kind: Cow<'a, [u8]>) -> Option<Cow<'a, str>> {
    match kind {
        Cow::Borrowed([]) => None,
        Cow::Borrowed(octets) if is_plain(octets, [b' ', b'/', b'"']) => {
            Some(encoded_word::text_in(known, octets))
        }
        kind => {
            let kind = trim(encoded_word::into_text(kind));
            let is_token = !kind.contains(|c: char| c.is_whitespace() || c == '/');
            (is_token && !kind.is_empty()).then_some(kind)
        }
    }
}

/// The kind of disposition, without its parameters.
impl fmt::Display for Disposition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.kind).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::Frame;

    fn parameters(text: &str) -> Parameters<'_> {
        Parameters::new(Some(Cursor::new(Frame::inline(text.as_bytes()))))
    }

    fn value(text: &str, name: &str) -> Option<String> {
        parameters(text).value(name).map(Cow::into_owned)
    }

    fn disposition(text: &str) -> Option<(String, Option<String>)> {
        let disposition = Disposition::parse(Cursor::new(Frame::inline(text.as_bytes())))?;
        let name = disposition.parameter("filename").map(Cow::into_owned);
        Some((disposition.kind().to_owned(), name))
    }

    #[test]
    fn values_by_name_in_any_case() {
        let text = r#"("CHARSET" "us-ascii" "NAME" "=?utf-8?q?=C3=A4.txt?=")"#;
        assert_eq!(value(text, "charset").as_deref(), Some("us-ascii"));
        assert_eq!(value(text, "name").as_deref(), Some("ä.txt"));
        assert_eq!(value(text, "nam"), None);
        assert_eq!(parameters(text).count(), 2);
        assert_eq!(value("NIL", "a"), None);
    }

    #[test]
    fn examples_of_rfc_2231() {
        let url = r#"("ACCESS-TYPE" "URL" "URL*0" "ftp://" "URL*1" "cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar")"#;
        assert_eq!(
            value(url, "url").as_deref(),
            Some("ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar")
        );
        let title = r#"("title*" "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A")"#;
        assert_eq!(value(title, "title").as_deref(), Some("This is ***fun***"));
        let mixed = r#"("title*0*" "us-ascii'en'This%20is%20even%20more%20" "title*2" "isn't it!" "title*1*" "%2A%2A%2Afun%2A%2A%2A%20")"#;
        assert_eq!(
            value(mixed, "title").as_deref(),
            Some("This is even more ***fun*** isn't it!")
        );
    }

    #[test]
    fn pieces_that_do_not_fit() {
        assert_eq!(value(r#"("a*1" "x")"#, "a").as_deref(), Some("x"));
        assert_eq!(
            value(r#"("a*0" "x" "a*2" "y")"#, "a").as_deref(),
            Some("xy")
        );
        assert_eq!(value(r#"("a*0" "x" "a*0" "y")"#, "a").as_deref(), Some("x"));
        assert_eq!(
            value(r#"("a*" "iso-8859-1''%E4%zz%")"#, "a").as_deref(),
            Some("ä%zz%")
        );
        assert_eq!(
            value(r#"("a*" "no quotes")"#, "a").as_deref(),
            Some("no quotes")
        );
        assert_eq!(
            value(r#"("a" "plain" "a*" "utf-8''better")"#, "a").as_deref(),
            Some("better")
        );
        assert_eq!(
            value(r#"("a*x" "y" "a*-1" "z" "a*99999999999" "w")"#, "a"),
            None
        );
    }

    #[test]
    fn q134_odd_lists() {
        assert_eq!(value(r#"("a" NIL "b" "c")"#, "b").as_deref(), Some("c"));
        assert_eq!(value(r#"("b" "c" "a")"#, "b").as_deref(), Some("c"));
        assert_eq!(
            value(r#"("charset " " "utf-8"")"#, "charset").as_deref(),
            Some("utf-8")
        );
        assert_eq!(
            value(r#"("charset" "3D"Windows-1252"")"#, "charset").as_deref(),
            Some(r#"3D"Windows-1252""#)
        );
        assert_eq!(
            value(r#"("x" ("y" "z") "b" "c")"#, "b").as_deref(),
            Some("c")
        );
    }

    #[test]
    fn q131_dispositions() {
        let inline = || Some(("inline".to_owned(), None));
        for text in [
            "\"inline\"",
            "(\"inline\")",
            "(\"inline\" NIL)",
            "( inline ())",
            r#""\"inline\"""#,
        ] {
            assert_eq!(disposition(text), inline(), "{text}");
        }
        let named = r#"("attachment" ("FILENAME" "a.txt"))"#;
        assert_eq!(
            disposition(named),
            Some(("attachment".into(), Some("a.txt".into())))
        );
        for text in ["NIL", "(NIL NIL)", "()", "\"\"", "(\"\")"] {
            assert_eq!(disposition(text), None, "{text}");
        }
    }
}
