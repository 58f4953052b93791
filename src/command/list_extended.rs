//! LIST with selection and return options (RFC 5258, RFC 5819, RFC 6154), and what stands in for
//! it: LSUB, XLIST, STATUS.

use std::collections::HashMap;

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::types::list::{ListEntry, MailboxAttribute, MailboxPattern};
use crate::types::list_options::{ListOptions, words};
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_status::{MailboxStatus, StatusItem};
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

impl Session {
    /// The mailboxes whose names match a pattern, selected and described as the options say
    /// (LIST-EXTENDED). One LIST where the server has what is asked for; [`ListOptions`] says what
    /// is sent where it has not.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent for what the server does not have and nothing
    /// can stand in for; [`Error::Argument`] for
    /// [`recursive_match`](ListOptions::recursive_match) without a selection that it belongs to;
    /// otherwise as for [`list`](Self::list).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{ListOptions, MailboxAttribute};
    ///
    /// session.unsubscribe("Archive")?;
    /// let options = ListOptions::new().return_subscribed().return_special_use();
    /// for mailbox in session.list_with("*", &options)? {
    ///     let is_subscribed = mailbox.has(&MailboxAttribute::Subscribed);
    ///     println!("{} {:?} {is_subscribed}", mailbox.name(), mailbox.special_use());
    ///     # assert_eq!(is_subscribed, mailbox.name() != "Archive");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list_with<P>(&self, pattern: P, options: &ListOptions) -> Result<Vec<ListEntry>>
    where
        P: TryInto<MailboxPattern, Error: Into<Error>>,
    {
        let pattern = pattern.try_into().map_err(Into::into)?;
        self.lease("LIST")?.list_mailboxes(&pattern, options)
    }

    /// The mailboxes whose names match a pattern, with counts of each that can be selected
    /// (LIST-STATUS): one command for all of them.
    ///
    /// On a server without LIST-STATUS: one STATUS for each. A mailbox whose counts the server
    /// keeps to itself has no [`status`](ListEntry::status).
    ///
    /// # Errors
    ///
    /// As for [`list_with`](Self::list_with) and [`status`](Self::status).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::StatusItem;
    ///
    /// for mailbox in session.list_status("*", [StatusItem::Messages, StatusItem::Unseen])? {
    ///     if let Some(status) = mailbox.status() {
    ///         println!("{}: {:?} unread", mailbox.name(), status.unseen());
    ///     }
    ///     # assert_eq!(mailbox.status().and_then(|status| status.messages()), Some(1));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list_status<P>(
        &self,
        pattern: P,
        items: impl Into<Vec<StatusItem>>,
    ) -> Result<Vec<ListEntry>>
    where
        P: TryInto<MailboxPattern, Error: Into<Error>>,
    {
        let items = items.into();
        if items.is_empty() {
            return Err(Error::text("items", "none are given"));
        }
        self.list_with(pattern, &ListOptions::new().return_status(items))
    }
}

/// What one LIST, LSUB or XLIST told.
#[derive(Default)]
struct Told {
    entries: Vec<ListEntry>,
    statuses: Vec<MailboxStatus>,
}

impl Connection {
    /// LIST as the options say, by what the server has.
    pub(crate) fn list_mailboxes(
        &mut self,
        pattern: &MailboxPattern,
        options: &ListOptions,
    ) -> Result<Vec<ListEntry>> {
        check(options)?;
        let capabilities = self.capabilities()?;
        for item in &options.status {
            if let Some(missing) = item.missing_from(capabilities) {
                return Err(Error::unsupported("STATUS", missing));
            }
        }
        let has = |capability: Capability| capabilities.supports(&capability);
        let has_uses = has(Capability::SpecialUse);
        if options.select_special_use && !has_uses && !has(Capability::Xlist) {
            return Err(Error::unsupported("LIST", Capability::SpecialUse));
        }
        // What XLIST has to do, an extended LIST of this server cannot.
        let wants_uses = options.select_special_use || options.return_special_use;
        let by_xlist = wants_uses && !has_uses && has(Capability::Xlist);
        let has_status = has(Capability::ListStatus);
        if has(Capability::ListExtended) && !by_xlist && !options.is_plain() {
            let sent = self.list_extended(pattern, options, has_uses, has_status);
            if let Some(entries) = usable(sent, pattern, options)? {
                return self.with_statuses(entries, &options.status, has_status);
            }
        }
        let entries = self.list_in_steps(pattern, options, by_xlist)?;
        self.with_statuses(entries, &options.status, false)
    }

    fn list_extended(
        &mut self,
        pattern: &MailboxPattern,
        options: &ListOptions,
        has_uses: bool,
        has_status: bool,
    ) -> Result<Vec<ListEntry>> {
        let Told { entries, statuses } = self.list_raw("LIST", |encoder| {
            encoder.raw("LIST ");
            let selection = options.selection();
            if !selection.is_empty() {
                encoder.raw("(").raw(&selection.join(" ")).raw(") ");
            }
            encoder.raw("\"\" ");
            patterns(encoder, pattern, options)?;
            let returns = words([
                (options.return_subscribed, "SUBSCRIBED"),
                (options.return_children, "CHILDREN"),
                (options.return_special_use && has_uses, "SPECIAL-USE"),
            ]);
            let items: Vec<String> = options.status.iter().map(ToString::to_string).collect();
            let status = format!("STATUS ({})", items.join(" "));
            let status = (has_status && !items.is_empty()).then_some(status.as_str());
            let returns: Vec<&str> = returns.into_iter().chain(status).collect();
            if !returns.is_empty() {
                encoder.raw(" RETURN (").raw(&returns.join(" ")).raw(")");
            }
            Ok(())
        })?;
        Ok(attach(entries, statuses))
    }

    /// What the options ask for by commands that every server has.
    fn list_in_steps(
        &mut self,
        pattern: &MailboxPattern,
        options: &ListOptions,
        by_xlist: bool,
    ) -> Result<Vec<ListEntry>> {
        let is_by_lsub = options.select_subscribed && !options.select_special_use;
        if options.select_remote || (options.recursive_match && !is_by_lsub) {
            return Err(Error::unsupported("LIST", Capability::ListExtended));
        }
        let command = if by_xlist { "XLIST" } else { "LIST" };
        let mut found = Merged::default();
        for pattern in std::iter::once(pattern).chain(&options.patterns) {
            for mut entry in self.list_plain(command, pattern)? {
                // XLIST names INBOX in the language of the user.
                if by_xlist && entry.has(&MailboxAttribute::Inbox) {
                    entry.name = MailboxName::inbox();
                }
                found.add(entry);
            }
        }
        if options.select_subscribed || options.return_subscribed {
            for pattern in std::iter::once(pattern).chain(&options.patterns) {
                for entry in self.list_plain("LSUB", pattern)? {
                    found.subscribed(entry, options);
                }
            }
        }
        let mut entries = found.entries;
        entries.retain(|entry| {
            let is_subscribed = entry.has(&MailboxAttribute::Subscribed);
            let is_above = !entry.child_info.is_empty();
            (!options.select_subscribed || is_subscribed || is_above)
                && (!options.select_special_use || entry.special_use().is_some())
        });
        Ok(entries)
    }

    /// LIST, LSUB or XLIST as RFC 3501 has them.
    pub(crate) fn list_plain(
        &mut self,
        command: &'static str,
        pattern: &MailboxPattern,
    ) -> Result<Vec<ListEntry>> {
        let told = self.list_raw(command, |encoder| {
            encoder
                .raw(command)
                .raw(" \"\" ")
                .list_mailbox(pattern.as_str())?;
            Ok(())
        })?;
        Ok(told.entries)
    }

    fn list_raw(
        &mut self,
        command: &'static str,
        encode: impl FnOnce(&mut Encoder<'_>) -> Result<()>,
    ) -> Result<Told> {
        let mut told = Told::default();
        let is_lsub = command == "LSUB";
        self.run(command, encode, |data| match data {
            Untagged::List(entry) if !is_lsub => {
                told.entries.push(entry);
                None
            }
            Untagged::Lsub(entry) if is_lsub => {
                told.entries.push(entry);
                None
            }
            Untagged::MailboxStatus(status) => {
                told.statuses.push(status);
                None
            }
            other => Some(other),
        })?;
        Ok(told)
    }

    /// Asks for the counts that are wanted and did not come along.
    fn with_statuses(
        &mut self,
        mut entries: Vec<ListEntry>,
        items: &[StatusItem],
        are_told: bool,
    ) -> Result<Vec<ListEntry>> {
        if are_told || items.is_empty() {
            return Ok(entries);
        }
        let names = entries.iter().filter(|entry| entry.is_selectable());
        let outcomes = self.mailbox_statuses(names.map(ListEntry::name), items)?;
        let selectable = entries.iter_mut().filter(|entry| entry.is_selectable());
        for (entry, outcome) in selectable.zip(outcomes) {
            match outcome {
                Ok(status) => entry.status = Some(Box::new(status)),
                // As an extended LIST does: the others are told all the same.
                Err(Error::Refused(refused)) if !refused.is_bad() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(entries)
    }
}

/// `mbox-or-pat`.
fn patterns(
    encoder: &mut Encoder<'_>,
    first: &MailboxPattern,
    options: &ListOptions,
) -> Result<()> {
    if options.patterns.is_empty() {
        encoder.list_mailbox(first.as_str())?;
        return Ok(());
    }
    encoder.raw("(").list_mailbox(first.as_str())?;
    for pattern in &options.patterns {
        encoder.sp().list_mailbox(pattern.as_str())?;
    }
    encoder.raw(")");
    Ok(())
}

fn check(options: &ListOptions) -> Result<()> {
    let has_base = options.select_subscribed || options.select_special_use;
    match options.recursive_match && !has_base {
        true => Err(Error::text(
            "recursive match",
            "it needs another selection, such as of what is subscribed to",
        )),
        false => Ok(()),
    }
}

/// What an extended LIST answered, unless the server has shown that it cannot be relied on: it
/// answers BAD, or finds no mailbox by a name that has no wildcard.
fn usable(
    answer: Result<Vec<ListEntry>>,
    pattern: &MailboxPattern,
    options: &ListOptions,
) -> Result<Option<Vec<ListEntry>>> {
    match answer {
        Err(Error::Refused(refused)) if refused.is_bad() => Ok(None),
        Ok(entries) if entries.is_empty() => {
            let is_name = !pattern.as_str().contains(['*', '%']) && !pattern.as_str().is_empty();
            let is_all = options.selection().is_empty() && options.patterns.is_empty();
            Ok((!(is_name && is_all)).then_some(entries))
        }
        answer => answer.map(Some),
    }
}

/// Gives each entry its counts.
fn attach(mut entries: Vec<ListEntry>, statuses: Vec<MailboxStatus>) -> Vec<ListEntry> {
    let mut by_name: HashMap<MailboxName, MailboxStatus> = HashMap::new();
    for status in statuses {
        by_name.entry(status.name().clone()).or_insert(status);
    }
    for entry in &mut entries {
        entry.status = by_name.remove(&entry.name).map(Box::new);
    }
    entries
}

/// Entries of several LISTs, each name once, in the order in which they came.
#[derive(Default)]
struct Merged {
    entries: Vec<ListEntry>,
    places: HashMap<MailboxName, usize>,
}

impl Merged {
    fn add(&mut self, entry: ListEntry) -> Option<&mut ListEntry> {
        let next = self.entries.len();
        let place = *self.places.entry(entry.name.clone()).or_insert(next);
        if place == next {
            self.entries.push(entry);
        }
        self.entries.get_mut(place)
    }

    /// An entry of LSUB: `\Noselect` says that only mailboxes below it are subscribed to, and
    /// whether there is such a mailbox is not known from it.
    fn subscribed(&mut self, entry: ListEntry, options: &ListOptions) {
        let is_above = entry.has(&MailboxAttribute::NoSelect);
        if is_above && !options.recursive_match {
            return;
        }
        let missing = vec![MailboxAttribute::NonExistent];
        let bare = ListEntry::new(entry.name, entry.delimiter, missing);
        let is_known = self.places.contains_key(&bare.name);
        if !is_known && !options.select_subscribed {
            return;
        }
        let Some(entry) = self.add(bare) else { return };
        match is_above {
            true => entry.child_info = vec!["SUBSCRIBED".to_owned()],
            false => entry.add(MailboxAttribute::Subscribed),
        }
    }
}
