//! What the server has told: its capabilities, the selected mailbox, and what came unasked.

mod assumed;
mod enabled;

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;

use crate::connection::append_limits::AppendLimits;
use crate::connection::search_habits::SearchHabits;
use crate::limits::SessionLimits;
use crate::news::session_event::SessionEvent;
use crate::news::{News, Waiting};
use crate::types::account_id::AccountId;
use crate::types::capability::{Capabilities, Capability};
use crate::types::event::MailboxEvent;
use crate::types::mailbox::Mailbox;
use crate::types::mailbox_name::MailboxName;
use crate::types::namespace::Namespaces;
use crate::types::notify::NotifyRequest;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{SeqNum, UidValidity};
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Abilities;
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;
use crate::wire::response::metadata::{MetadataData, Told};
use crate::wire::response::status::{ResponseText, Status};

/// A mailbox, and the mode in which it is selected or is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailboxAccess {
    pub(crate) name: MailboxName,
    pub(crate) read_only: bool,
}

/// Everything heard so far that outlives its response.
pub(crate) struct State {
    /// Nothing while they have to be asked for.
    capabilities: Option<Capabilities>,
    /// They are not what the server has told now, but the best guess.
    are_assumed: bool,
    /// What they were before they were forgotten.
    capabilities_before: Option<Capabilities>,
    /// How often the server has named them.
    capabilities_heard: u64,
    enabled: BTreeSet<Capability>,
    /// What an ENABLE that is outstanding asks for.
    enabling: BTreeSet<Capability>,
    /// Where they were asked for as soon as somebody was logged in.
    namespaces: Option<Namespaces>,
    /// NAMESPACE was advertised and answered BAD.
    pub(crate) has_no_namespaces: bool,
    pub(crate) search_habits: SearchHabits,
    pub(crate) append_limits: AppendLimits,
    abilities: Abilities,
    selected: Option<Selected>,
    /// The mailbox of a SELECT that has not been answered yet.
    selecting: Option<Selecting>,
    selections: u64,
    events: Waiting<MailboxEvent>,
    pub(crate) news: News,
    /// What NOTIFY was asked for last, while it is in force.
    notify: Option<Arc<NotifyRequest>>,
    /// The server has switched it off, and tells nothing of the selected mailbox any more.
    counting_lost: bool,
    bye: Option<(Option<ResponseCode>, String)>,
    /// Who is logged in where; nothing before the login.
    account: Option<Arc<AccountId>>,
}

/// A mailbox as far as the answer to its SELECT has come.
struct Selecting {
    mailbox: Mailbox,
    read_only: bool,
    heard_exists: bool,
}

/// The selected mailbox.
pub(crate) struct Selected {
    pub(crate) mailbox: Mailbox,
    pub(crate) origin: Arc<Origin>,
    /// Tells this selection from every other on this connection.
    pub(crate) selection: u64,
    /// It was opened by EXAMINE.
    is_examined: bool,
    /// The server has given the messages new UIDs since.
    pub(crate) is_stale: bool,
    /// How often messages have gone, so that others got their sequence numbers.
    pub(crate) renumberings: u64,
}

impl State {
    /// Nothing has been heard yet; events wait within these limits.
    pub(crate) fn new(limits: &SessionLimits) -> Self {
        Self::with(Waiting::new(limits), News::new(limits))
    }

    fn with(events: Waiting<MailboxEvent>, news: News) -> Self {
        Self {
            capabilities: None,
            are_assumed: false,
            capabilities_before: None,
            capabilities_heard: 0,
            enabled: BTreeSet::new(),
            enabling: BTreeSet::new(),
            namespaces: None,
            has_no_namespaces: false,
            search_habits: SearchHabits::default(),
            append_limits: AppendLimits::default(),
            abilities: Abilities::default(),
            selected: None,
            selecting: None,
            selections: 0,
            events,
            news,
            notify: None,
            counting_lost: false,
            bye: None,
            account: None,
        }
    }

    /// Who is logged in where.
    pub(crate) fn account(&self) -> Option<&Arc<AccountId>> {
        self.account.as_ref()
    }

    pub(crate) fn set_account(&mut self, account: Arc<AccountId>) {
        self.account = Some(account);
    }

    /// What UIDs of a mailbox of this account are marked with.
    pub(crate) fn origin_of(
        &self,
        mailbox: MailboxName,
        uid_validity: Option<UidValidity>,
    ) -> Arc<Origin> {
        Arc::new(Origin::new(mailbox, uid_validity).in_account(self.account.clone()))
    }

    /// The capabilities, where they are known.
    pub(crate) fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }

    /// How often the server has named its capabilities.
    pub(crate) fn capabilities_heard(&self) -> u64 {
        self.capabilities_heard
    }

    /// The namespaces, where they are known.
    pub(crate) fn namespaces(&self) -> Option<&Namespaces> {
        self.namespaces.as_ref()
    }

    /// Takes note of the namespaces.
    pub(crate) fn set_namespaces(&mut self, namespaces: &Namespaces) {
        self.namespaces = Some(namespaces.clone());
    }

    pub(crate) fn abilities(&self) -> Abilities {
        self.abilities
    }

    pub(crate) fn selected(&self) -> Option<&Selected> {
        self.selected.as_ref()
    }

    pub(crate) fn bye(&mut self) -> Option<(Option<ResponseCode>, String)> {
        self.bye.take()
    }

    /// Takes the oldest event; first of all how many were lost, if any were.
    pub(crate) fn take_event(&mut self) -> Option<MailboxEvent> {
        self.events.take()
    }

    /// Takes the events, the oldest first; the first tells how many were lost, if any were.
    pub(crate) fn take_events(&mut self) -> Vec<MailboxEvent> {
        self.events.take_all()
    }

    /// From now on those are told who were told by an earlier connection.
    pub(crate) fn tell(&mut self, news: &News) {
        for event in self.news.take_all() {
            news.push(event);
        }
        self.news = news.clone();
    }

    /// What NOTIFY was asked for, while it is in force.
    pub(crate) fn notify(&self) -> Option<&Arc<NotifyRequest>> {
        self.notify.as_ref()
    }

    pub(crate) fn is_notifying(&self) -> bool {
        self.notify.is_some()
    }

    /// What was in force before.
    pub(crate) fn set_notify(
        &mut self,
        request: Option<Arc<NotifyRequest>>,
    ) -> Option<Arc<NotifyRequest>> {
        self.counting_lost = false;
        mem::replace(&mut self.notify, request)
    }

    /// Whether the server has to be asked for the counters again.
    pub(crate) fn take_counting_lost(&mut self) -> bool {
        mem::take(&mut self.counting_lost)
    }

    /// Whether messages may get other sequence numbers at any moment.
    pub(crate) fn is_renumbered_at_once(&self) -> bool {
        let selected = self.notify.as_ref().and_then(|n| n.selected.as_ref());
        selected.is_some_and(|selected| selected.at_once)
    }

    /// A SELECT is on its way: what comes now belongs to the mailbox that it names, unless
    /// `[CLOSED]` says that it still belonged to the one before.
    pub(crate) fn begin_select(&mut self, name: MailboxName, read_only: bool) {
        self.selected = None;
        self.events
            .retain(|event| matches!(event, MailboxEvent::Alert(_)));
        self.selecting = Some(Selecting::new(name, read_only));
    }

    /// The SELECT succeeded; nothing when the server did not say what it selected.
    pub(crate) fn end_select(&mut self) -> Option<&Selected> {
        let Selecting {
            mut mailbox,
            read_only,
            heard_exists,
        } = self.selecting.take()?;
        if !heard_exists {
            return None;
        }
        mailbox.read_only |= read_only;
        let is_examined = read_only;
        self.selections += 1;
        let origin = self.origin_of(mailbox.name().clone(), mailbox.uid_validity());
        let selection = self.selections;
        self.selected = Some(Selected {
            mailbox,
            origin,
            selection,
            is_examined,
            is_stale: false,
            renumberings: 0,
        });
        self.selected.as_ref()
    }

    /// Nobody is logged in any more: what belonged to the login is forgotten. `heard` is how often
    /// the capabilities had been named before; those that were named since are good.
    pub(crate) fn unauthenticate(&mut self, heard: u64) {
        let named = self.capabilities.take();
        let named = named.filter(|_| self.capabilities_heard != heard);
        *self = Self {
            capabilities_heard: self.capabilities_heard,
            selections: self.selections,
            ..Self::with(self.events.like_this(), self.news.clone())
        };
        if let Some(capabilities) = named {
            self.learn_capabilities(capabilities);
        }
    }

    /// Nothing is selected any more.
    pub(crate) fn unselect(&mut self) {
        self.selected = None;
        self.selecting = None;
    }

    /// Whether the mailbox is selected now, in that mode.
    pub(crate) fn is_open(&self, wanted: &MailboxAccess) -> bool {
        let is_it = |selected: &Selected| {
            let mailbox = &selected.mailbox;
            !selected.is_stale
                && *mailbox.name() == wanted.name
                && mailbox.is_read_only() == wanted.read_only
        };
        self.selected.as_ref().is_some_and(is_it)
    }

    /// What is selected now, as the lock knows it.
    pub(crate) fn opened(&self) -> Option<MailboxAccess> {
        let mailbox = &self
            .selected
            .as_ref()
            .filter(|selected| !selected.is_stale)?
            .mailbox;
        Some(MailboxAccess {
            name: mailbox.name().clone(),
            read_only: mailbox.is_read_only(),
        })
    }

    /// Takes note of what nobody asked for, or everybody should know.
    pub(crate) fn absorb(&mut self, data: Untagged<'_>) {
        match data {
            Untagged::Status { status, text } => self.absorb_status(status, text),
            Untagged::Capability(capabilities) => self.learn_capabilities(capabilities),
            Untagged::Enabled(capabilities) => self.learn_enabled(capabilities),
            Untagged::Exists(count) => {
                if let Some(selecting) = &mut self.selecting {
                    selecting.heard_exists = true;
                }
                let mut had = 0;
                self.with_mailbox(|mailbox| had = mem::replace(&mut mailbox.exists, count));
                if count < had {
                    self.note_renumbering();
                }
                self.push(MailboxEvent::Exists(count));
            }
            Untagged::Recent(count) => {
                self.with_mailbox(|mailbox| mailbox.recent = Some(count));
                self.push(MailboxEvent::Recent(count));
            }
            Untagged::Flags(flags) => {
                self.with_mailbox(|mailbox| mailbox.flags.clone_from(&flags));
                self.push(MailboxEvent::FlagsDefined(flags));
            }
            Untagged::Expunge(number) => self.absorb_expunge(number),
            Untagged::Vanished { earlier, uids } => {
                let gone = if earlier { 0 } else { uids.len().unwrap_or(0) };
                self.with_mailbox(|mailbox| {
                    let left = u64::from(mailbox.exists).saturating_sub(gone);
                    mailbox.exists = u32::try_from(left).unwrap_or(0);
                });
                if !earlier {
                    self.note_renumbering();
                }
                let uids = UidSet::from(uids);
                let uids = match &self.selected {
                    Some(selected) => uids.with_origin(Arc::clone(&selected.origin)),
                    None => uids,
                };
                self.push(MailboxEvent::Vanished { uids, earlier });
            }
            Untagged::Fetch(row) => {
                let mut fetch = Fetch::empty();
                fetch.assign(&row);
                self.absorb_fetch(&fetch);
            }
            Untagged::Invalid { bytes, error } => {
                log::debug!(
                    "an answer of {} octets cannot be read: {error}",
                    bytes.len()
                );
            }
            Untagged::Metadata(MetadataData {
                scope,
                told: Told::Changed(names),
            }) => self.news.push(SessionEvent::Metadata { scope, names }),
            Untagged::MailboxStatus(status) if self.is_notifying() => {
                self.news.push(SessionEvent::Status(status));
            }
            Untagged::List(entry) if self.is_notifying() && self.selecting.is_none() => {
                self.news.push(SessionEvent::Mailbox(entry));
            }
            Untagged::Search { .. } => self.search_habits.names_no_search = true,
            Untagged::Other(bytes) => log::debug!("an unknown answer, {} octets", bytes.len()),
            _ => log::debug!("an answer that nobody asked for was ignored"),
        }
    }

    /// Takes note of a response code, wherever it stood.
    pub(crate) fn absorb_code(&mut self, code: &ResponseCode) {
        match code {
            ResponseCode::Capability(capabilities) => {
                self.learn_capabilities(capabilities.clone());
            }
            ResponseCode::Closed => self.absorb_closed(),
            ResponseCode::UidValidity(validity) => self.absorb_uid_validity(*validity),
            ResponseCode::UidNext(next) => {
                self.with_mailbox(|mailbox| mailbox.uid_next = Some(*next));
            }
            ResponseCode::Unseen(first) => {
                self.with_mailbox(|mailbox| mailbox.first_unseen = Some(*first));
            }
            ResponseCode::PermanentFlags(flags) => {
                self.with_mailbox(|mailbox| mailbox.permanent_flags = flags.clone());
            }
            ResponseCode::HighestModSeq(highest) => {
                self.with_mailbox(|mailbox| mailbox.highest_mod_seq = Some(*highest));
            }
            ResponseCode::NoModSeq => self.with_mailbox(|mailbox| mailbox.highest_mod_seq = None),
            ResponseCode::ReadOnly => self.with_mailbox(|mailbox| mailbox.read_only = true),
            ResponseCode::ReadWrite => self.absorb_read_write(),
            ResponseCode::MailboxId(id) => {
                self.with_mailbox(|mailbox| mailbox.mailbox_id = Some(id.clone()));
            }
            _ => {}
        }
    }

    fn absorb_status(&mut self, status: Status, text: ResponseText<'_>) {
        if let Some(code) = &text.code {
            self.absorb_code(code);
        }
        let is_alert = self.tell_user(text.code.as_ref(), &text.text);
        let ResponseText { code, text } = text;
        if code == Some(ResponseCode::NotificationOverflow) {
            self.note_overflow(&text);
        }
        match status {
            Status::Bye => self.bye = Some((code, text.into_owned())),
            _ if is_alert => self.push(MailboxEvent::Alert(text.into_owned())),
            Status::No | Status::Bad => self.note(code, text.into_owned()),
            Status::Ok | Status::PreAuth => {}
        }
    }

    /// Keeps the text for the user if it has to be shown (ALERT); whether it has.
    pub(crate) fn tell_user(&self, code: Option<&ResponseCode>, text: &str) -> bool {
        let is_alert = matches!(code, Some(ResponseCode::Alert));
        if is_alert {
            self.news.push(SessionEvent::Alert(text.to_owned()));
        }
        is_alert
    }

    /// The server has switched NOTIFY off.
    fn note_overflow(&mut self, text: &str) {
        self.notify = None;
        self.counting_lost = true;
        let text = text.to_owned();
        self.news.push(SessionEvent::NotificationOverflow(text));
    }

    /// A warning that belongs to no command.
    fn note(&mut self, code: Option<ResponseCode>, text: String) {
        if self.is_of_the_selected() {
            self.push(MailboxEvent::Notice { code, text });
        } else {
            self.news.push(SessionEvent::Notice { code, text });
        }
    }

    fn absorb_closed(&mut self) {
        match self.selecting.take() {
            Some(Selecting {
                mailbox, read_only, ..
            }) => {
                self.selecting = Some(Selecting::new(mailbox.name().clone(), read_only));
            }
            None => self.selected = None,
        }
    }

    fn absorb_uid_validity(&mut self, validity: UidValidity) {
        if let Some(selecting) = &mut self.selecting {
            selecting.mailbox.uid_validity = Some(validity);
        } else if let Some(selected) = &mut self.selected {
            selected.is_stale |= selected.mailbox.uid_validity != Some(validity);
        }
    }

    /// What was opened by EXAMINE stays read-only, whatever the server says of the mailbox.
    fn absorb_read_write(&mut self) {
        let selected = self.selected.as_ref();
        let is_examined = selected.is_some_and(|s| s.is_examined) && self.selecting.is_none();
        self.with_mailbox(|mailbox| mailbox.read_only = is_examined);
    }

    fn absorb_expunge(&mut self, number: u32) {
        let Some(gone) = SeqNum::new(number) else {
            return;
        };
        let mut known = true;
        self.with_mailbox(|mailbox| {
            known = number <= mailbox.exists;
            mailbox.exists -= u32::from(known);
        });
        self.note_renumbering();
        if known {
            self.push(MailboxEvent::Expunged(gone));
        }
    }

    /// A message is gone, or seems to be: sequence numbers may mean other messages now.
    fn note_renumbering(&mut self) {
        if let (Some(selected), None) = (&mut self.selected, &self.selecting) {
            selected.renumberings += 1;
        }
    }

    /// Takes note of a FETCH answer that nobody asked for: changed flags.
    pub(crate) fn absorb_fetch(&mut self, fetch: &Fetch) {
        self.tell_message(fetch);
        let (seq, uid, mod_seq) = (fetch.seq(), fetch.uid(), fetch.mod_seq());
        if let (true, Some(flags)) = (seq.is_some() || uid.is_some(), fetch.flags()) {
            let flags = flags.collect();
            self.push(MailboxEvent::Flags {
                seq,
                uid,
                flags,
                mod_seq,
            });
        }
    }

    /// Tells of a new message, where items of it were asked for.
    fn tell_message(&self, fetch: &Fetch) {
        let notify = self.notify.as_ref();
        let is_asked = notify.is_some_and(|notify| !notify.fetch_items().is_empty());
        if let Some(selected) = self.selected.as_ref().filter(|_| is_asked) {
            if fetch.is_only_news() {
                return;
            }
            let mailbox = selected.mailbox.name().clone();
            let mut message = Box::new(fetch.clone());
            message.set_origin(&selected.origin);
            self.news.push(SessionEvent::Message { mailbox, message });
        }
    }

    fn learn_capabilities(&mut self, capabilities: Capabilities) {
        let utf8_append = self.has_enabled(&Capability::Utf8Accept);
        // Where there is no IMAP4rev1 there is nothing to switch (RFC 9051 appendix A).
        let is_rev2 = capabilities.contains(&Capability::Imap4Rev2)
            && !capabilities.contains(&Capability::Imap4Rev1);
        let utf8 = is_rev2 || utf8_append || self.has_enabled(&Capability::Imap4Rev2);
        self.abilities = Abilities {
            utf8_append,
            ..Abilities::of(&capabilities, utf8)
        };
        self.capabilities_heard += 1;
        self.are_assumed = false;
        self.capabilities = Some(capabilities);
    }

    fn with_mailbox(&mut self, change: impl FnOnce(&mut Mailbox)) {
        let selected = self.selected.as_mut().map(|selected| &mut selected.mailbox);
        let selecting = self
            .selecting
            .as_mut()
            .map(|selecting| &mut selecting.mailbox);
        if let Some(mailbox) = selecting.or(selected) {
            change(mailbox);
        }
    }

    /// Whether what comes now is about a mailbox that is selected.
    fn is_of_the_selected(&self) -> bool {
        self.selected.is_some() && self.selecting.is_none()
    }

    fn push(&mut self, event: MailboxEvent) {
        if !self.is_of_the_selected() && !matches!(event, MailboxEvent::Alert(_)) {
            return;
        }
        self.events.push(event);
    }
}

impl Selecting {
    fn new(name: MailboxName, read_only: bool) -> Self {
        Self {
            mailbox: Mailbox::new(name),
            read_only,
            heard_exists: false,
        }
    }
}
