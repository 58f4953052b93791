//! LIST and LSUB (RFC 9051 section 6.3.9, RFC 3501 section 6.3.9); LIST with selection and return
//! options (RFC 5258, RFC 5819, RFC 6154, RFC 8440, RFC 9590), and its fallbacks: LSUB, XLIST,
//! STATUS, MYRIGHTS, GETMETADATA.

mod merged;

use crate::connection::Connection;
use crate::connection::pipeline::{Among, Footprint};
use crate::error::{Error, Result};
use crate::exchange::{BatchState, Command, Leased, Partial, Simple, sealed};
use crate::pipeline::run_on;
use crate::session::Session;
use crate::types::capability::{Capabilities, Capability};
use crate::types::list::{ListEntry, MailboxPattern};
use crate::types::list_mailboxes::{List, words};
use crate::types::mailbox_attribute::MailboxAttribute;
use crate::types::mailbox_name::MailboxName;
use crate::types::metadata::{MetadataName, MetadataScope};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::acl::Mine;
use crate::wire::response::metadata::{MetadataData, Told as ToldMetadata};
use crate::wire::response::unread::is_named;

use merged::{Merged, Told, attach, each_once, key};

impl Session {
    /// The mailboxes whose names match a pattern (LIST).
    ///
    /// `*` matches anything, `%` anything within one level of the hierarchy. A [`List`] for
    /// [`run`](Self::run) selects and returns more, such as counts.
    ///
    /// Mailboxes below the one level of a pattern such as `%` or `Work/%` are left out, even if the
    /// server reports them. The name of a level that cannot be selected has no delimiter at its
    /// end.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] for an invalid pattern; [`Error::Lock`]. Then
    /// [`Error::Refused`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// for mailbox in session.list("*")? {
    ///     println!("{}", mailbox.name());
    /// }
    /// # assert!(session.list("INBOX")?.len() == 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LIST")]
    #[doc(alias = "XLIST")]
    #[doc(alias = "folders")]
    pub fn list<P>(&self, pattern: P) -> Result<Vec<ListEntry>>
    where
        P: TryInto<MailboxPattern, Error: Into<Error>>,
    {
        let pattern = pattern.try_into().map_err(Into::into)?;
        self.lease(ListOnce::NAME)?.list(&pattern)
    }

    /// The subscribed mailboxes whose names match a pattern (LSUB, RFC 3501 section 6.3.9).
    ///
    /// A name can be subscribed to although its mailbox does not exist.
    ///
    /// # Errors
    ///
    /// As for [`list`](Self::list).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.subscribe("INBOX")?;
    /// assert_eq!(session.lsub("INBOX")?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LSUB")]
    pub fn lsub<P>(&self, pattern: P) -> Result<Vec<ListEntry>>
    where
        P: TryInto<MailboxPattern, Error: Into<Error>>,
    {
        let pattern = pattern.try_into().map_err(Into::into)?;
        self.lease(LSUB)?.list_plain(Verb::Lsub, &pattern, false)
    }
}

impl sealed::Command for List {
    fn name(&self) -> &'static str {
        ListOnce::NAME
    }
}

impl<In: BatchState> Command<In> for List {
    type Answer = Vec<ListEntry>;

    fn run_on(self, place: In::Place<'_>) -> Result<Vec<ListEntry>> {
        In::with(place, ListOnce::NAME, |lease| {
            lease.connection().list_mailboxes(&self)
        })
    }
}

const LSUB: &str = "LSUB";

/// LIST, LSUB or XLIST.
struct ListOnce<'l> {
    verb: Verb,
    pattern: &'l MailboxPattern,
    /// The options beyond RFC 3501, and those of them that the server answers with the LIST.
    extended: Option<(&'l List, Along)>,
}

impl ListOnce<'_> {
    fn refreshes(&self) -> bool {
        self.extended.is_some_and(|(list, _)| list.refreshes)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    List,
    Lsub,
    Xlist,
}

impl Simple for ListOnce<'_> {
    const NAME: &'static str = "LIST";
    type Partial = Told;

    fn name(&self) -> &'static str {
        match self.verb {
            Verb::List => Self::NAME,
            Verb::Lsub => LSUB,
            Verb::Xlist => "XLIST",
        }
    }

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        let Some((list, along)) = self.extended else {
            encoder.raw(" \"\" ").list_mailbox(self.pattern.as_str())?;
            return Ok(());
        };
        let selection = list.selection();
        if !selection.is_empty() {
            encoder.raw(" (").raw(&selection.join(" ")).raw(")");
        }
        encoder.raw(" \"\" ");
        patterns(encoder, list)?;
        returns(encoder, list, along)
    }

    fn footprint(&self) -> Footprint<'_> {
        Footprint::Kind(Self::NAME)
    }

    fn claim<'r>(
        &self,
        told: &mut Self::Partial,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        let is_lsub = self.verb == Verb::Lsub;
        match data {
            Untagged::List(entry) if !is_lsub => told.entries.push(entry),
            Untagged::Lsub(entry) if is_lsub => told.entries.push(entry),
            Untagged::MailboxStatus(status) => told.statuses.push(status),
            Untagged::MyRights(named) => {
                let Mine(rights) = named.told;
                told.rights.push((named.name, rights));
            }
            Untagged::Metadata(MetadataData {
                scope: MetadataScope::Mailbox(name),
                told: ToldMetadata::Entries(entries),
            }) => told.metadata.push((name, entries)),
            // Counts that cannot be read are requested again, for their mailbox alone.
            Untagged::Invalid { bytes, .. } if self.refreshes() && is_named(bytes, &["STATUS"]) => {
            }
            // The connection leaves this to a command that is beside others.
            Untagged::Invalid { bytes, .. }
                if among.is_some() && is_named(bytes, &[self.name(), "STATUS"]) =>
            {
                told.unreadable.get_or_insert_with(|| bytes.into());
            }
            other => return Some(other),
        }
        None
    }
}

/// NOOP behind a LIST; its answer is whether any event came.
struct NoopBehind;

#[derive(Default)]
struct HasEvents(bool);

impl Simple for NoopBehind {
    const NAME: &'static str = "NOOP";
    type Partial = HasEvents;

    fn check(&self, connection: &mut Connection) -> Result<()> {
        connection.resume_counting()
    }

    fn footprint(&self) -> Footprint<'_> {
        Footprint::Nothing
    }

    fn claim<'r>(
        &self,
        HasEvents(has_events): &mut Self::Partial,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        *has_events |= among.is_some();
        Some(data)
    }
}

impl Partial for HasEvents {
    type Answer = bool;

    fn finish(self, _command: &'static str, _code: Option<ResponseCode>) -> Result<bool> {
        Ok(self.0)
    }
}

/// The return options that a server answers with an extended LIST.
#[derive(Clone, Copy, Default)]
struct Along {
    uses: bool,
    status: bool,
    rights: bool,
    metadata: bool,
}

impl Connection {
    /// Sends LIST with options, in the form that the server supports.
    pub(crate) fn list_mailboxes(&mut self, list: &List) -> Result<Vec<ListEntry>> {
        check(list)?;
        let capabilities = self.capabilities()?;
        let mut items = list.status.iter();
        if let Some(missing) = items.find_map(|item| item.missing_from(capabilities)) {
            return Err(Error::unsupported("STATUS", missing));
        }
        if let Some(missing) = missing(list, capabilities) {
            return Err(Error::unsupported(ListOnce::NAME, missing));
        }
        let has = |capability: Capability| capabilities.supports(&capability);
        let has_uses = has(Capability::SpecialUse);
        // An extended LIST of this server cannot replace XLIST.
        let wants_uses = list.select_special_use || list.return_special_use;
        let by_xlist = wants_uses && !has_uses && has(Capability::Xlist);
        let along = Along {
            uses: has_uses,
            status: has(Capability::ListStatus),
            rights: has(Capability::ListMyRights),
            metadata: has(Capability::ListMetadata),
        };
        if has(Capability::ListExtended) && !by_xlist && !list.is_plain() {
            let sent = self.list_extended(list, along);
            if let Some(entries) = usable(sent, list)? {
                return self.completed(entries, list, along);
            }
        }
        let entries = self.list_in_steps(list, by_xlist)?;
        self.completed(entries, list, Along::default())
    }

    fn list_extended(&mut self, list: &List, along: Along) -> Result<Vec<ListEntry>> {
        let once = ListOnce {
            verb: Verb::List,
            pattern: &list.pattern,
            extended: Some((list, along)),
        };
        Ok(attach(self.list_once(once, list.refreshes)?))
    }

    /// Executes LIST. If it `refreshes`, the counts of the selected mailbox are left out unless they
    /// are current: Dovecot 2.3 takes them from this session's view of the mailbox, and changes that
    /// only after the answer, also if NOOP is sent before the LIST.
    fn list_once(&mut self, once: ListOnce<'_>, refreshes: bool) -> Result<Told> {
        let selected = self.state.selected();
        let selected = selected.map(|selected| key(selected.mailbox.name()));
        if !refreshes {
            return self.execute(&once);
        }
        let Some(selected) = selected else {
            return run_on(self, (once,))?.0;
        };
        let (told, has_events) = run_on(self, (once, NoopBehind))?;
        let mut told = told?;
        if has_events.unwrap_or(true) {
            told.statuses
                .retain(|status| key(status.name()) != selected);
        }
        Ok(told)
    }

    /// Answers the options by commands that every server has.
    fn list_in_steps(&mut self, list: &List, by_xlist: bool) -> Result<Vec<ListEntry>> {
        let is_by_lsub = list.select_subscribed && !list.select_special_use;
        if list.select_remote || (list.recursive_match && !is_by_lsub) {
            return Err(Error::unsupported(ListOnce::NAME, Capability::ListExtended));
        }
        let verb = if by_xlist { Verb::Xlist } else { Verb::List };
        let mut entries = Vec::new();
        for pattern in list.all_patterns() {
            entries.append(&mut self.list_plain(verb, pattern, list.refreshes)?);
        }
        if by_xlist {
            // XLIST has INBOX in the language of the user.
            let inboxes = entries.iter_mut();
            for entry in inboxes.filter(|entry| entry.has(&MailboxAttribute::Inbox)) {
                entry.name = MailboxName::inbox();
            }
        }
        let mut entries = each_once(entries);
        if list.select_subscribed || list.return_subscribed {
            let mut found = Merged::of(entries);
            for pattern in list.all_patterns() {
                for entry in self.list_plain(Verb::Lsub, pattern, false)? {
                    found.subscribed(entry, list);
                }
            }
            entries = found.entries;
        }
        entries.retain(|entry| {
            let is_subscribed = entry.has(&MailboxAttribute::Subscribed);
            let is_above = !entry.child_info().is_empty();
            (!list.select_subscribed || is_subscribed || is_above)
                && (!list.select_special_use || entry.special_use().is_some())
        });
        Ok(entries)
    }

    /// LIST as in RFC 3501.
    pub(crate) fn list(&mut self, pattern: &MailboxPattern) -> Result<Vec<ListEntry>> {
        self.list_plain(Verb::List, pattern, false)
    }

    /// LIST, LSUB or XLIST as in RFC 3501.
    fn list_plain(
        &mut self,
        verb: Verb,
        pattern: &MailboxPattern,
        refreshes: bool,
    ) -> Result<Vec<ListEntry>> {
        let once = ListOnce {
            verb,
            pattern,
            extended: None,
        };
        let mut entries = self.list_once(once, refreshes)?.entries;
        entries.retain(|entry| pattern.takes(entry));
        Ok(entries)
    }

    /// Requests the data that did not come with the LIST.
    fn completed(
        &mut self,
        mut entries: Vec<ListEntry>,
        list: &List,
        along: Along,
    ) -> Result<Vec<ListEntry>> {
        // If no entry has such data, the server did not understand the option, or does not answer
        // it.
        let has_statuses = along.status && entries.iter().any(|entry| entry.status().is_some());
        let has_rights = along.rights
            && (entries.iter().any(|entry| entry.my_rights().is_some())
                || !self.capabilities()?.supports(&Capability::Acl));
        if !list.status.is_empty() && !has_statuses {
            let outcomes = self.mailbox_statuses(selectable(&entries), &list.status)?;
            fill(&mut entries, outcomes, ListEntry::add_status)?;
        }
        if list.return_my_rights && !has_rights {
            let outcomes = self.rights_on(selectable(&entries))?;
            fill(&mut entries, outcomes, ListEntry::set_my_rights)?;
        }
        if !list.metadata.is_empty() && !along.metadata {
            let outcomes = self.metadata_of(selectable(&entries), &list.metadata)?;
            fill(&mut entries, outcomes, |entry, metadata| {
                entry.set_metadata(metadata.entries);
            })?;
        }
        Ok(entries)
    }
}

fn selectable(entries: &[ListEntry]) -> impl Iterator<Item = &MailboxName> {
    let selectable = entries.iter().filter(|entry| entry.is_selectable());
    selectable.map(ListEntry::name)
}

/// Adds to the mailboxes that can be selected what was reported about each. One that is refused has
/// no data, as in an extended LIST.
fn fill<T>(
    entries: &mut [ListEntry],
    outcomes: Vec<Result<T>>,
    set: impl Fn(&mut ListEntry, T),
) -> Result<()> {
    let selectable = entries.iter_mut().filter(|entry| entry.is_selectable());
    for (entry, outcome) in selectable.zip(outcomes) {
        match outcome {
            Ok(told) => set(entry, told),
            Err(Error::Refused(refused)) if !refused.is_bad() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The missing extension without which an option cannot be answered.
fn missing(list: &List, capabilities: &Capabilities) -> Option<Capability> {
    let has = |capability: Capability| capabilities.supports(&capability);
    let extended = has(Capability::ListExtended);
    let has_uses = has(Capability::SpecialUse) || has(Capability::Xlist);
    let has_rights = has(Capability::Acl) || (extended && has(Capability::ListMyRights));
    let has_metadata = has(Capability::Metadata) || (extended && has(Capability::ListMetadata));
    if list.return_my_rights && !has_rights {
        Some(Capability::Acl)
    } else if !list.metadata.is_empty() && !has_metadata {
        Some(Capability::Metadata)
    } else if list.select_special_use && !has_uses {
        Some(Capability::SpecialUse)
    } else {
        None
    }
}

/// `RETURN (...)`, if anything is to be returned.
fn returns(encoder: &mut Encoder<'_>, list: &List, along: Along) -> Result<()> {
    let words = words([
        (list.return_subscribed, "SUBSCRIBED"),
        (list.return_children, "CHILDREN"),
        (list.return_special_use && along.uses, "SPECIAL-USE"),
        (list.return_my_rights && along.rights, "MYRIGHTS"),
    ]);
    let items: Vec<String> = list.status.iter().map(ToString::to_string).collect();
    let status = format!("STATUS ({})", items.join(" "));
    let status = (along.status && !items.is_empty()).then_some(status.as_str());
    let returns: Vec<&str> = words.into_iter().chain(status).collect();
    let has_metadata = along.metadata && !list.metadata.is_empty();
    if returns.is_empty() && !has_metadata {
        return Ok(());
    }
    encoder.raw(" RETURN (").raw(&returns.join(" "));
    if has_metadata {
        let before = if returns.is_empty() { "" } else { " " };
        metadata(encoder.raw(before), &list.metadata)?;
    }
    encoder.raw(")");
    Ok(())
}

/// `"METADATA" SP "(" entry *(SP entry) ")"`.
fn metadata(encoder: &mut Encoder<'_>, names: &[MetadataName]) -> Result<()> {
    for (place, name) in names.iter().enumerate() {
        encoder.raw(if place > 0 { " " } else { "METADATA (" });
        encoder.string("name of metadata", name.as_str())?;
    }
    encoder.raw(")");
    Ok(())
}

/// `mbox-or-pat`.
fn patterns(encoder: &mut Encoder<'_>, list: &List) -> Result<()> {
    if list.patterns.is_empty() {
        encoder.list_mailbox(list.pattern.as_str())?;
        return Ok(());
    }
    encoder.raw("(").list_mailbox(list.pattern.as_str())?;
    for pattern in &list.patterns {
        encoder.sp().list_mailbox(pattern.as_str())?;
    }
    encoder.raw(")");
    Ok(())
}

fn check(list: &List) -> Result<()> {
    if list.names_none {
        return Err(Error::text("items", "none are given"));
    }
    let has_base = list.select_subscribed || list.select_special_use;
    match list.recursive_match && !has_base {
        true => Err(Error::text(
            "recursive match",
            "it needs another selection, such as of what is subscribed to",
        )),
        false => Ok(()),
    }
}

/// The answer to an extended LIST; `None` if the server has shown that it is not reliable: it
/// answers BAD, or finds no mailbox for a name without wildcards.
fn usable(answer: Result<Vec<ListEntry>>, list: &List) -> Result<Option<Vec<ListEntry>>> {
    match answer {
        Err(Error::Refused(refused)) if refused.may_be_about_form() => Ok(None),
        Ok(entries) if entries.is_empty() => {
            let pattern = list.pattern.as_str();
            let is_name = !pattern.contains(['*', '%']) && !pattern.is_empty();
            let is_all = list.selection().is_empty() && list.patterns.is_empty();
            Ok((!(is_name && is_all)).then_some(entries))
        }
        answer => answer.map(Some),
    }
}
