//! The server's answer to ID (RFC 2971).

use std::fmt;

use crate::printable::Printable;

/// The server's answer to ID (RFC 2971): field names and their values, as the server sent them.
///
/// The text is for users, logs and bug reports: RFC 2971 section 3 forbids a client to change its
/// behavior because of it. The `Display` form is one line of name, version and vendor, with all
/// characters escaped that a terminal would interpret.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::Printable;
///
/// let server = session.id(&[("name", "mailtool")])?;
/// println!("connected to {server}");
/// for (name, value) in server.fields() {
///     println!("{}: {}", Printable(name), Printable(value.unwrap_or_default()));
/// }
/// # assert!(server.name().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerId {
    fields: Vec<(String, Option<String>)>,
}

impl ServerId {
    pub(crate) fn new(fields: Vec<(String, Option<String>)>) -> Self {
        Self { fields }
    }

    /// The name of the program (`name`).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.field("name")
    }

    /// The version of the program (`version`).
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.field("version")
    }

    /// The name of the operating system (`os`).
    #[must_use]
    pub fn os(&self) -> Option<&str> {
        self.field("os")
    }

    /// The version of the operating system (`os-version`).
    #[must_use]
    pub fn os_version(&self) -> Option<&str> {
        self.field("os-version")
    }

    /// The vendor of the program (`vendor`).
    #[must_use]
    pub fn vendor(&self) -> Option<&str> {
        self.field("vendor")
    }

    /// The URL of the support site (`support-url`).
    #[must_use]
    pub fn support_url(&self) -> Option<&str> {
        self.field("support-url")
    }

    /// The postal address of the vendor (`address`).
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.field("address")
    }

    /// The release date of the program (`date`), in the server's form.
    #[must_use]
    pub fn date(&self) -> Option<&str> {
        self.field("date")
    }

    /// The value of a field by its name, in any case; the first of several.
    ///
    /// `None` if the server did not send the field, or sent NIL.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields();
        let (_, value) = fields.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        value
    }

    /// All fields in the server's order: name and value, which is `None` for NIL.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, Option<&str>)> {
        let fields = self.fields.iter();
        fields.map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// Whether the server sent no field (NIL).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// Name, version and vendor; "unknown server" if the server sent none of them.
impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [self.name(), self.version()].into_iter().flatten();
        let named: Vec<&str> = named.filter(|text| !text.is_empty()).collect();
        let vendor = self.vendor().filter(|text| !text.is_empty());
        match (named.is_empty(), vendor) {
            (true, None) => f.write_str("unknown server"),
            (true, Some(vendor)) => write!(f, "server of {}", Printable(vendor)),
            (false, None) => write!(f, "{}", Printable(named.join(" "))),
            (false, Some(vendor)) => {
                write!(f, "{} ({})", Printable(named.join(" ")), Printable(vendor))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(fields: &[(&str, Option<&str>)]) -> ServerId {
        let fields = fields.iter();
        let owned = fields.map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)));
        ServerId::new(owned.collect())
    }

    #[test]
    fn fields_are_found_in_any_case_and_the_first_counts() {
        let server = id(&[
            ("NAME", Some("Dovecot")),
            ("name", Some("another")),
            ("Support-URL", Some("https://dovecot.org/")),
            ("version", None),
        ]);
        assert_eq!(server.name(), Some("Dovecot"));
        assert_eq!(server.support_url(), Some("https://dovecot.org/"));
        assert_eq!((server.version(), server.os()), (None, None));
        assert_eq!(server.fields().len(), 4);
        assert_eq!(server.fields().nth(3), Some(("version", None)));
        assert!(!server.is_empty() && ServerId::default().is_empty());
    }

    #[test]
    fn the_line_is_safe_to_print() {
        let name = ("name", Some("Dove\u{1b}[2Jcot"));
        let (version, vendor) = (("version", Some("2.4")), ("vendor", Some("Open\nXchange")));
        for (fields, line) in [
            (
                &[name, version, vendor][..],
                r"Dove\u{1b}[2Jcot 2.4 (Open\nXchange)",
            ),
            (&[name], r"Dove\u{1b}[2Jcot"),
            (&[vendor], r"server of Open\nXchange"),
            (
                &[("name", Some("")), ("os", Some("Linux"))],
                "unknown server",
            ),
            (&[], "unknown server"),
        ] {
            assert_eq!(id(fields).to_string(), line);
        }
    }
}
