//! LANGUAGE (RFC 5255): the server writes English, whatever that is called.

use crate::connection::{Connection, Outcome, no, ok};

/// The languages of the server; the last one is the language before any choice.
const LANGUAGES: [&str; 2] = ["en", "i-default"];

impl Connection {
    /// Returns the languages, or takes the first of those that the client wants.
    pub(super) fn language(&mut self, ranges: &[String]) -> Outcome {
        if ranges.is_empty() {
            let all = LANGUAGES.join(" ");
            self.wire.say(&format!("* LANGUAGE ({all})"))?;
            return ok("Done");
        }
        let chosen = ranges.iter().find_map(|range| {
            let wanted = match range.eq_ignore_ascii_case("default") {
                true => "i-default",
                false => range,
            };
            let mut languages = LANGUAGES.into_iter();
            languages.find(|language| language.eq_ignore_ascii_case(wanted))
        });
        match chosen {
            Some(language) => {
                self.wire.say(&format!("* LANGUAGE ({language})"))?;
                ok("Done")
            }
            None => no("This server has none of these languages"),
        }
    }
}
