//! ESEARCH over several mailboxes (MULTISEARCH, RFC 7377).

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use crate::connection::search_habits::Returning;
use crate::error::{Error, Result};
use crate::exchange::{BatchState, Batchable, Exchange, Planned, Sent};
use crate::mailbox_guard::search::form::{Form, has_pages, search_in_some_form};
use crate::mailbox_guard::search::found::Gathered;
use crate::session::Session;
use crate::types::capability::Capability;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_scope::MailboxScope;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::search::SearchKey;
use crate::types::search_return::{ReturnOptions, SearchResult, SearchReturn};
use crate::types::uid::UidValidity;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::search::Esearch;

const COMMAND: &str = "ESEARCH";

/// The messages that a search over several mailboxes found in one of them.
#[derive(Clone, Debug)]
pub struct MailboxSearchResult {
    origin: Arc<Origin>,
    result: SearchResult,
}

impl MailboxSearchResult {
    /// The mailbox.
    #[must_use]
    pub fn mailbox(&self) -> &MailboxName {
        self.origin.mailbox()
    }

    /// The UIDVALIDITY of the UIDs, for
    /// [`LockRequest::uid_validity`](crate::LockRequest::uid_validity).
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.origin.uid_validity()
    }

    /// The search result. Its sets know their mailbox, and are rejected for every other.
    #[must_use]
    pub fn result(&self) -> &SearchResult {
        &self.result
    }
}

/// What has been received of the answer.
#[derive(Default)]
struct EsearchAnswer {
    mailboxes: Vec<FoundSoFarIn>,
    /// A response did not name its mailbox.
    is_unreadable: bool,
}

/// What has been received about one mailbox.
struct FoundSoFarIn {
    mailbox: MailboxName,
    uid_validity: Option<UidValidity>,
    gathered: Gathered,
}

impl Session {
    /// Searches several mailboxes, and returns the messages found in each (ESEARCH IN, RFC 7377).
    ///
    /// The results are UIDs, in the order of the server, which leaves out mailboxes without
    /// matches. No mailbox is selected.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] if the server lacks MULTISEARCH, which few
    /// servers have, or an extension that the condition or the page needs; [`Error::Argument`] for
    /// no mailboxes, for an empty condition, and for one with UIDs or sequence numbers, which are
    /// those of one mailbox; [`Error::Lock`]. Then [`Error::Refused`]; [`Error::MissingData`];
    /// [`Error::Unparsable`]; [`Error::Closed`].
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
    #[doc(alias = "ESEARCH")]
    #[doc(alias = "MULTISEARCH")]
    pub fn search_mailboxes(
        &self,
        scopes: &[MailboxScope],
        key: impl Borrow<SearchKey>,
        returns: SearchReturn,
    ) -> Result<Vec<MailboxSearchResult>> {
        let key = key.borrow();
        check(scopes, key)?;
        let mut connection = self.lease(COMMAND)?;
        connection.require(COMMAND, Capability::MultiSearch)?;
        let options = returns.options(has_pages(connection.capabilities()?, &returns));
        connection.check_search(COMMAND, key)?;
        let heard =
            search_in_some_form(&mut *connection, key, Returning::No, |connection, form| {
                connection.execute(&EsearchIn {
                    scopes,
                    key,
                    options,
                    form,
                })
            })?;
        let found = heard.into_iter().map(|heard| {
            let (mailbox, uid_validity) = (heard.mailbox, heard.uid_validity);
            let origin = connection.state.origin_of(mailbox, uid_validity);
            found_in(origin, heard.gathered, &returns, options.has_all())
        });
        found.collect()
    }
}

/// ESEARCH IN in one form.
struct EsearchIn<'k> {
    scopes: &'k [MailboxScope],
    key: &'k SearchKey,
    options: ReturnOptions,
    form: &'k Form,
}

impl<In: BatchState> Batchable<In> for EsearchIn<'_> {
    type Answer = Vec<FoundSoFarIn>;
}

impl<In: BatchState> Exchange<In> for EsearchIn<'_> {
    type Plan = ();
    type Partial = EsearchAnswer;

    fn name(&self) -> &'static str {
        COMMAND
    }

    fn plan(&self, _lease: &mut In::Lease<'_>) -> Result<Planned<(), Vec<FoundSoFarIn>>> {
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw("ESEARCH IN (");
        encode_scopes(encoder, self.scopes)?;
        encoder.raw(") RETURN ").display(self.options).sp();
        Ok(self.form.search_program(encoder, self.key)?)
    }

    fn claim<'r>(
        &self,
        Sent { tag, .. }: Sent<'_, ()>,
        answer: &mut EsearchAnswer,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Esearch(found) if found.tag.as_deref().is_none_or(|of| of == tag) => {
                answer.add(found);
                None
            }
            other => Some(other),
        }
    }

    fn finish(
        &self,
        (): (),
        answer: EsearchAnswer,
        _lease: &mut In::Lease<'_>,
    ) -> Result<Vec<FoundSoFarIn>> {
        match answer.is_unreadable {
            false => Ok(answer.mailboxes),
            true => Err(Error::unreadable(COMMAND)),
        }
    }
}

/// Rejects conditions that are meaningless over several mailboxes.
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

impl EsearchAnswer {
    /// Adds a response to the others of its mailbox.
    fn add(&mut self, found: Esearch<'_>) {
        let Some(mailbox) = found.mailbox.clone() else {
            self.is_unreadable = true;
            return;
        };
        let uid_validity = found.uid_validity;
        let is_same = |of: &FoundSoFarIn| of.mailbox == mailbox && of.uid_validity == uid_validity;
        // The responses for one mailbox come together, if there are several.
        if let Some(known) = self.mailboxes.last_mut().filter(|of| is_same(of)) {
            return known.gathered.add(found);
        }
        let mut gathered = Gathered::default();
        gathered.add(found);
        self.mailboxes.push(FoundSoFarIn {
            mailbox,
            uid_validity,
            gathered,
        });
    }
}

fn found_in(
    origin: Arc<Origin>,
    gathered: Gathered,
    returns: &SearchReturn,
    is_all: bool,
) -> Result<MailboxSearchResult> {
    let found = returns
        .of(gathered.finish(), is_all)
        .ok_or(Error::MissingData(COMMAND))?;
    let mark = |numbers: NumberSet| UidSet::from(numbers).with_origin(Arc::clone(&origin));
    Ok(MailboxSearchResult {
        result: SearchResult::new(found, mark),
        origin,
    })
}

impl fmt::Display for MailboxSearchResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.mailbox(), self.result)
    }
}
