//! The texts of an error: its own, its sources, and the output of a `main` that returns it.

use std::error::Error as StdError;
use std::fmt;

use crate::error::Error;
use crate::printable::Printable;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Closed(closed) => closed.fmt(f),
            Self::Cancelled(cancelled) => cancelled.fmt(f),
            Self::Refused(refused) => refused.fmt(f),
            Self::Throttled(throttled) => throttled.fmt(f),
            Self::Unsupported(missing) => missing.fmt(f),
            Self::Argument(argument) => argument.fmt(f),
            Self::Login(refusal) => refusal.fmt(f),
            Self::Reader(error) => error.fmt(f),
            Self::Resources(error) => write!(f, "no descriptor left to wait with: {error}"),
            Self::Credentials(error) => {
                write!(f, "no credentials: {}", Printable(error.to_string()))
            }
            Self::Lock(error) => error.fmt(f),
            Self::Mailbox(error) => error.fmt(f),
            Self::StaleUids(stale) => stale.fmt(f),
            Self::ForeignCheckpoint(foreign) => foreign.fmt(f),
            Self::StreamOpen => f.write_str(
                "this thread is in the middle of a stream or a command of this session; \
                     finish or drop it first",
            ),
            Self::Unparsable(unreadable) => unreadable.fmt(f),
            Self::MissingData(command) => {
                write!(
                    f,
                    "{command}: the server answered OK without the expected data"
                )
            }
            Self::NotFound(missing) => missing.fmt(f),
            Self::Truncated(truncated) => truncated.fmt(f),
            Self::Io(error) => error.fmt(f),
            Self::Item(error) => error.fmt(f),
            Self::Unfinished(unfinished) => unfinished.fmt(f),
        }
    }
}

/// The text, and the sources below it, as `main` prints what it returns; the fields by `{:#?}`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return self.write_fields(f);
        }
        write!(f, "{self}")?;
        let mut source = self.source();
        let mut before = "\n\nCaused by:";
        while let Some(error) = source {
            write!(f, "{before}\n    {}", Printable(error.to_string()))?;
            before = "";
            source = error.source();
        }
        Ok(())
    }
}

impl Error {
    fn write_fields(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, field): (_, &dyn fmt::Debug) = match self {
            Self::Connect(error) => ("Connect", error),
            Self::Closed(closed) => ("Closed", closed),
            Self::Cancelled(cancelled) => ("Cancelled", cancelled),
            Self::Refused(refused) => ("Refused", refused),
            Self::Throttled(throttled) => ("Throttled", throttled),
            Self::Unsupported(missing) => ("Unsupported", missing),
            Self::Argument(argument) => ("Argument", argument),
            Self::Login(refusal) => ("Login", refusal),
            Self::Reader(error) => ("Reader", error),
            Self::Resources(error) => ("Resources", error),
            Self::Credentials(error) => ("Credentials", error),
            Self::Lock(error) => ("Lock", error),
            Self::Mailbox(error) => ("Mailbox", error),
            Self::StaleUids(stale) => ("StaleUids", stale),
            Self::ForeignCheckpoint(foreign) => ("ForeignCheckpoint", foreign),
            Self::StreamOpen => return f.write_str("StreamOpen"),
            Self::MissingData(command) => ("MissingData", command),
            Self::Unparsable(unreadable) => ("Unparsable", unreadable),
            Self::NotFound(missing) => ("NotFound", missing),
            Self::Truncated(truncated) => ("Truncated", truncated),
            Self::Io(error) => ("Io", error),
            Self::Item(error) => ("Item", error),
            Self::Unfinished(unfinished) => ("Unfinished", unfinished),
        };
        f.debug_tuple(name).field(field).finish()
    }
}

/// The sources of what the text shows: the text has the cause itself.
impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Connect(error) => error.problem.source(),
            Self::Closed(closed) => closed.source(),
            Self::Truncated(truncated) => truncated.closed.source(),
            Self::Io(error) | Self::Resources(error) => error.source(),
            Self::Item(error) => error.source(),
            Self::Reader(error) => error.source(),
            Self::Unfinished(unfinished) => unfinished.cause.source(),
            Self::Credentials(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::error::samples::{Sample, samples};

    fn chain(error: &dyn StdError) -> Vec<String> {
        let mut texts = vec![error.to_string()];
        let mut next = error.source();
        while let Some(error) = next {
            texts.push(error.to_string());
            next = error.source();
        }
        texts
    }

    #[test]
    fn no_source_repeats_what_the_text_above_it_shows() {
        let mut with_sources = 0;
        for sample in samples() {
            let texts = chain(&sample.error);
            for (place, text) in texts.iter().enumerate() {
                let above = texts.iter().take(place);
                let repeated = above.filter(|above| above.contains(text.as_str()));
                assert_eq!(repeated.count(), 0, "{texts:#?}");
            }
            with_sources += usize::from(texts.len() > 1);
        }
        assert!(with_sources > 10, "{with_sources}");
    }

    #[test]
    fn main_prints_the_sentence_and_its_sources() {
        let error = Error::Credentials("the vault is locked".into());
        assert_eq!(
            format!("Error: {error:?}"),
            "Error: no credentials: the vault is locked"
        );
        let mut names = BTreeSet::new();
        for Sample { error, .. } in samples() {
            let shown = format!("{error:?}");
            let rest = shown.strip_prefix(&error.to_string()).unwrap();
            match error.source() {
                None => assert_eq!(rest, ""),
                Some(_) => assert_eq!(rest, "\n\nCaused by:\n    the inner cause\\u{1b}[2J"),
            }
            let fields = format!("{error:#?}");
            let end = fields.find('(').unwrap_or(fields.len());
            names.insert(fields.get(..end).unwrap().to_owned());
        }
        assert_eq!(names.len(), 22, "a variant without a sample: {names:?}");
    }

    #[test]
    fn every_text_is_one_line_without_a_period_at_its_end() {
        for Sample { error, .. } in samples() {
            let text = error.to_string();
            assert!(!text.contains('\n') && !text.ends_with('.'), "{text}");
        }
    }

    #[test]
    fn a_timeout_names_its_option() {
        use crate::error::{CloseReason, Stage};
        for stage in [
            Stage::Connect,
            Stage::Tls,
            Stage::Greeting,
            Stage::Read,
            Stage::Write,
            Stage::Command,
            Stage::Stream,
        ] {
            let text = CloseReason::Timeout(stage, std::time::Duration::from_secs(1)).to_string();
            assert!(text.contains(stage.option()), "{text}");
        }
    }
}
