//! LANGUAGE (RFC 5255): in which language the server writes its texts for people.

use crate::connection::pipeline::Among;
use crate::error::{Error, Result};
use crate::exchange::{Simple, take_other};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::wire::encoder::Encoder;
use crate::wire::response::{Untagged, language};

impl Session {
    /// The languages in which the server can write its texts for people, as tags such as `en` or
    /// `de-AT` (RFC 5646); `i-default` is what it wrote in before it was asked (LANGUAGE, RFC 5255).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server does not have LANGUAGE;
    /// [`Error::MissingData`], [`Error::Refused`], [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// match session.languages() {
    ///     Ok(tags) => println!("{}", tags.join(", ")),
    ///     Err(latchbox::Error::Unsupported(_)) => println!("what it likes"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LANGUAGE")]
    pub fn languages(&self) -> Result<Vec<String>> {
        self.execute(&Language(&[]))
    }

    /// Has the server write its texts for people in the first of these languages that it has, and
    /// returns which that is. `default` asks for what it wrote in before (LANGUAGE, RFC 5255).
    ///
    /// The texts are in errors, in alerts and in notices. What this crate reads out of texts, such as
    /// how long a throttling server wants to be left alone, it reads in English only; response codes
    /// are the same in all languages. The choice ends with the connection.
    ///
    /// # Errors
    ///
    /// Before anything is sent [`Error::Unsupported`] when the server does not have LANGUAGE, and
    /// [`Error::Argument`] for no language and for what cannot be one. [`Error::Refused`] when the
    /// server has none of them, and the language stays as it was; [`Error::MissingData`],
    /// [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// match session.set_language(&["de", "en"]) {
    ///     Ok(tag) => println!("the server writes in {tag}"),
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
