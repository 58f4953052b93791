//! ESEARCH over several mailboxes (MULTISEARCH, RFC 7377).

use std::borrow::Borrow;
use std::sync::Arc;

use crate::connection::search_habits::Returning;
use crate::error::{Error, Result};
use crate::searching::{Gathered, has_pages, search_in_some_charset};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_scope::MailboxScope;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::search::SearchKey;
use crate::types::search_return::{SearchResult, SearchReturn};
use crate::types::uid::UidValidity;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::search::Esearch;

const COMMAND: &str = "ESEARCH";

/// What a search over several mailboxes found in one of them.
#[derive(Clone, Debug)]
pub struct FoundIn {
    origin: Arc<Origin>,
    result: SearchResult,
}

impl FoundIn {
    /// The mailbox.
    #[must_use]
    pub fn mailbox(&self) -> &MailboxName {
        self.origin.mailbox()
    }

    /// The UIDVALIDITY under which the UIDs are good; for
    /// [`LockOptions::uid_validity`](crate::LockOptions::uid_validity).
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.origin.uid_validity()
    }

    /// What was found. Its sets know their mailbox, and are refused by every other.
    #[must_use]
    pub fn result(&self) -> &SearchResult {
        &self.result
    }
}

/// What has been heard of one mailbox.
struct Heard {
    mailbox: MailboxName,
    uid_validity: Option<UidValidity>,
    gathered: Gathered,
}

impl Session {
    /// The messages in several mailboxes that meet a condition, by UID (ESEARCH IN, RFC 7377); in
    /// the order of the server, which leaves out mailboxes where nothing was found. No mailbox is
    /// selected by it.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] when the server does not have MULTISEARCH,
    /// which is rare, or not what the condition or the page needs; [`Error::Argument`] for no
    /// mailboxes, and for a condition that says nothing or names UIDs or sequence numbers, which are
    /// those of one mailbox. Then [`Error::Refused`], [`Error::Unanswered`],
    /// [`Error::Unreadable`], [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::Error;
    /// use latchbox::types::{MailboxScope, SearchKey, SearchReturn};
    ///
    /// let everywhere = [MailboxScope::Personal];
    /// match session.search_mailboxes(&everywhere, SearchKey::Flagged, SearchReturn::new()) {
    ///     Ok(found) => {
    ///         for found in &found {
    ///             println!("{}: {:?}", found.mailbox(), found.result().all());
    ///         }
    ///     }
    ///     Err(Error::Unsupported(_)) => println!("ask each mailbox"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search_mailboxes(
        &self,
        scopes: &[MailboxScope],
        key: impl Borrow<SearchKey>,
        returns: SearchReturn,
    ) -> Result<Vec<FoundIn>> {
        let key = key.borrow();
        check(scopes, key)?;
        let mut connection = self.lease(COMMAND)?;
        let capabilities = connection.capabilities()?;
        if !capabilities.supports(&Capability::MultiSearch) {
            return Err(Error::unsupported(COMMAND, Capability::MultiSearch));
        }
        let written = returns.written(has_pages(capabilities, &returns));
        connection.check_search(COMMAND, key)?;
        let heard = search_in_some_charset(
            &mut *connection,
            key,
            Returning::No,
            |connection, attempt| {
                connection.start(COMMAND, |encoder| {
                    encoder.raw("ESEARCH IN (");
                    encode_scopes(encoder, scopes)?;
                    encoder.raw(") RETURN ").raw(&written).sp();
                    Ok(attempt.search_program(encoder)?)
                })?;
                let tag = connection.tag().to_vec();
                let (mut heard, mut is_unreadable) = (Vec::new(), false);
                connection.finish(|data| match data {
                    Untagged::Esearch(answer)
                        if answer.tag.as_deref().is_none_or(|of| of == tag) =>
                    {
                        is_unreadable |= hear(&mut heard, answer).is_none();
                        None
                    }
                    other => Some(other),
                })?;
                match is_unreadable {
                    false => Ok(heard),
                    true => Err(Error::unreadable(COMMAND)),
                }
            },
        )?;
        let is_all = written.contains("ALL");
        let found = heard.into_iter().map(|heard| {
            let (mailbox, uid_validity) = (heard.mailbox, heard.uid_validity);
            let origin = connection.state.origin_of(mailbox, uid_validity);
            found_in(origin, heard.gathered, &returns, is_all)
        });
        found.collect()
    }
}

/// Refuses what means nothing over several mailboxes.
fn check(scopes: &[MailboxScope], key: &SearchKey) -> Result<()> {
    key.check()?;
    let names_nothing = |scope: &MailboxScope| matches!(scope.parts(), (_, Some([])));
    if scopes.is_empty() || scopes.iter().any(names_nothing) {
        return Err(Error::text("mailboxes to search", "none are given"));
    }
    if !key.uid_sets().is_empty() || !key.sequence_numbers().is_empty() {
        let problem = "numbers of messages mean nothing over several mailboxes";
        return Err(Error::text("search key", problem));
    }
    Ok(())
}

/// `source-mbox`.
fn encode_scopes(encoder: &mut Encoder<'_>, scopes: &[MailboxScope]) -> Result<()> {
    for (place, scope) in scopes.iter().enumerate() {
        let (word, names) = scope.parts();
        encoder.raw(if place > 0 { " " } else { "" }).raw(word);
        let Some(names) = names else {
            continue;
        };
        for (place, name) in names.iter().enumerate() {
            encoder
                .raw(if place > 0 { " " } else { " (" })
                .mailbox(name)?;
        }
        encoder.raw(")");
    }
    Ok(())
}

/// Adds an answer to those of its mailbox; nothing if it does not say which that is.
fn hear(heard: &mut Vec<Heard>, answer: Esearch<'_>) -> Option<()> {
    let mailbox = answer.mailbox.clone()?;
    let uid_validity = answer.uid_validity;
    let is_same = |of: &Heard| of.mailbox == mailbox && of.uid_validity == uid_validity;
    // The answers for one mailbox come together, if there are several.
    if !heard.last().is_some_and(is_same) {
        heard.push(Heard {
            mailbox,
            uid_validity,
            gathered: Gathered::default(),
        });
    }
    heard.last_mut()?.gathered.add(answer);
    Some(())
}

fn found_in(
    origin: Arc<Origin>,
    gathered: Gathered,
    returns: &SearchReturn,
    is_all: bool,
) -> Result<FoundIn> {
    let found = returns
        .of(gathered.finish(), is_all)
        .ok_or(Error::Unanswered(COMMAND))?;
    let mark = |numbers: NumberSet| UidSet::from(numbers).with_origin(Arc::clone(&origin));
    Ok(FoundIn {
        result: SearchResult::new(found, mark),
        origin,
    })
}
