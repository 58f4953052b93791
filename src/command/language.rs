//! LANGUAGE (RFC 5255): the language of the server's human-readable texts.

use crate::connection::pipeline::Among;
use crate::error::{Error, Result};
use crate::exchange::{Simple, take_other};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::wire::encoder::Encoder;
use crate::wire::response::{Untagged, language};

impl Session {
    /// The languages in which the server can write its human-readable texts (LANGUAGE, RFC 5255).
    ///
    /// They are tags such as `en` or `de-AT` (RFC 5646); `i-default` is the language before any
    /// choice.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server lacks LANGUAGE;
    /// [`Error::Lock`]. Then [`Error::Refused`]; [`Error::MissingData`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::Printable;
    ///
    /// match session.languages() {
    ///     Ok(tags) => println!("{}", Printable(tags.join(", "))),
    ///     Err(latchbox::Error::Unsupported(_)) => println!("what it likes"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LANGUAGE")]
    pub fn languages(&self) -> Result<Vec<String>> {
        self.execute(&Language(&[]))
    }

    /// Requests human-readable texts in the first of these languages that the server has
    /// (LANGUAGE).
    ///
    /// Returns the chosen language. `default` requests the language before any choice.
    ///
    /// The texts are in errors, in alerts and in notices. This crate understands texts only in
    /// English, such as the time for which a throttling server wants no commands; response codes
    /// are the same in all languages. The choice ends with the connection.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server lacks LANGUAGE;
    /// [`Error::Argument`] for no language and for an invalid one; [`Error::Lock`]. Then
    /// [`Error::Refused`] if the server has none of them, and the language does not change;
    /// [`Error::MissingData`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::Printable;
    ///
    /// match session.set_language(&["de", "en"]) {
    ///     Ok(tag) => println!("the server writes in {}", Printable(tag)),
    ///     Err(latchbox::Error::Unsupported(_)) => println!("it writes in what it likes"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LANGUAGE")]
    pub fn set_language(&self, ranges: &[&str]) -> Result<String> {
        if ranges.is_empty() || !ranges.iter().all(|range| is_range(range)) {
            let problem = "write tags of RFC 5646, such as en or de-AT";
            return Err(Error::text("language", problem));
        }
        let told = self.execute(&Language(ranges))?;
        let unanswered = Error::MissingData(Language::NAME);
        told.into_iter().next().ok_or(unanswered)
    }
}

struct Language<'r>(&'r [&'r str]);

impl Simple for Language<'_> {
    const NAME: &'static str = "LANGUAGE";
    const NEEDS: Option<Capability> = Some(Capability::Language);
    type Partial = Option<Vec<String>>;

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        for range in self.0 {
            encoder.sp().string("language", range)?;
        }
        Ok(())
    }

    fn claim<'r>(
        &self,
        found: &mut Self::Partial,
        data: Untagged<'r>,
        _: Option<Among>,
    ) -> Option<Untagged<'r>> {
        take_other(found, data, language::parse)
    }
}

/// `language-range` of RFC 4647, which also has the form of `default`.
fn is_range(range: &str) -> bool {
    let is_of_it = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'*');
    (1..=255).contains(&range.len()) && range.bytes().all(is_of_it)
}
