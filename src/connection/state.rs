//! The state that the server has reported: its capabilities, the selected mailbox, and the
//! unsolicited responses.

pub(in crate::connection) mod ahead;
mod capabilities;
mod enabled;
mod mailbox;

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;

use crate::connection::append_limits::AppendLimits;
use crate::connection::desired::Desired;
use crate::connection::meter::Meter;
use crate::connection::search_habits::SearchHabits;
use crate::connection::state::ahead::Ahead;
use crate::connection::state::mailbox::MailboxState;
pub(crate) use crate::connection::state::mailbox::{MailboxAccess, Selected, Snapshot};
use crate::events::SessionEvents;
use crate::events::session_event::SessionEvent;
use crate::limits::SessionLimits;
use crate::types::account_id::AccountId;
use crate::types::capability::{Capabilities, Capability};
use crate::types::event::MailboxEvent;
use crate::types::mailbox_name::MailboxName;
use crate::types::namespace::Namespaces;
use crate::types::notify::NotifyRequest;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::UidValidity;
use crate::wire::encoder::Abilities;
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;
use crate::wire::response::fetch_responses::Responses;
use crate::wire::response::metadata::{MetadataData, Told};
use crate::wire::response::status::{ResponseText, Status};
use crate::wire::response::unread;

/// The end of a connection, as the server announces it.
pub(crate) struct Bye {
    pub(crate) code: Option<ResponseCode>,
    pub(crate) text: String,
}

/// All data that outlives the response that reported it.
pub(crate) struct State {
    /// `None` while they have to be requested.
    capabilities: Option<Capabilities>,
    /// They are assumed, because the server does not send them.
    are_assumed: bool,
    /// The capabilities before they were forgotten.
    capabilities_before: Option<Capabilities>,
    /// The number of times that the server has reported them.
    capabilities_heard: u64,
    enabled: BTreeSet<Capability>,
    /// Known if the session requested them right after the login.
    namespaces: Option<Namespaces>,
    /// NAMESPACE was advertised and answered BAD.
    pub(crate) has_no_namespaces: bool,
    pub(crate) search_habits: SearchHabits,
    pub(crate) append_limits: AppendLimits,
    /// What is sent with the next command.
    pub(crate) ahead: Ahead,
    abilities: Abilities,
    mailbox: MailboxState,
    pub(crate) session_events: SessionEvents,
    /// The data that other threads may read.
    pub(crate) meter: Arc<Meter>,
    /// The settings for the session's next connection.
    pub(crate) desired: Desired,
    /// The last request of NOTIFY, while it is in force.
    notify: Option<Arc<NotifyRequest>>,
    /// The server has disabled it, and reports nothing of the selected mailbox any more.
    counting_lost: bool,
    /// The account of the login; `None` before the login.
    account: Option<Arc<AccountId>>,
}

impl State {
    /// The state before the greeting; event queues have these limits.
    pub(crate) fn new(limits: &SessionLimits, meter: Arc<Meter>) -> Self {
        let (mailbox, session_events) = (MailboxState::new(limits), SessionEvents::new(limits));
        Self::with(mailbox, session_events, meter)
    }

    fn with(mailbox: MailboxState, session_events: SessionEvents, meter: Arc<Meter>) -> Self {
        Self {
            capabilities: None,
            are_assumed: false,
            capabilities_before: None,
            capabilities_heard: 0,
            enabled: BTreeSet::new(),
            namespaces: None,
            has_no_namespaces: false,
            search_habits: SearchHabits::default(),
            append_limits: AppendLimits::default(),
            ahead: Ahead::default(),
            abilities: Abilities::default(),
            mailbox,
            session_events,
            meter,
            desired: Desired::default(),
            notify: None,
            counting_lost: false,
            account: None,
        }
    }

    /// The account of the login.
    pub(crate) fn account(&self) -> Option<&Arc<AccountId>> {
        self.account.as_ref()
    }

    pub(crate) fn set_account(&mut self, account: Arc<AccountId>) {
        self.account = Some(account);
    }

    /// The origin of UIDs of a mailbox of this account.
    pub(crate) fn origin_of(
        &self,
        mailbox: MailboxName,
        uid_validity: Option<UidValidity>,
    ) -> Arc<Origin> {
        Arc::new(Origin::new(mailbox, uid_validity).in_account(self.account.clone()))
    }

    /// The namespaces, if they are known.
    pub(crate) fn namespaces(&self) -> Option<&Namespaces> {
        self.namespaces.as_ref()
    }

    /// Records the namespaces.
    pub(crate) fn set_namespaces(&mut self, namespaces: &Namespaces) {
        self.namespaces = Some(namespaces.clone());
    }

    pub(crate) fn selected(&self) -> Option<&Selected> {
        self.mailbox.selected()
    }

    /// Whether a selection still holds, with the UIDs that it began with.
    pub(crate) fn is_current(&self, selection: u64) -> bool {
        let is_it = |it: &Selected| it.selection == selection && !it.is_stale;
        self.selected().is_some_and(is_it)
    }

    /// The number of messages of the mailbox that is selected, or being selected.
    pub(crate) fn exists(&self) -> u32 {
        self.mailbox.exists()
    }

    /// Takes the oldest event; the first one is an overflow if events were lost.
    pub(crate) fn take_event(&mut self) -> Option<MailboxEvent> {
        self.mailbox.events().take()
    }

    /// Takes the events, oldest first; the first one is an overflow if events were lost.
    pub(crate) fn take_events(&mut self) -> Vec<MailboxEvent> {
        self.mailbox.events().take_all()
    }

    /// From now on events are pushed to the queue of an earlier connection.
    pub(crate) fn tell(&mut self, session_events: &SessionEvents) {
        for event in self.session_events.take_all() {
            session_events.push(event);
        }
        self.session_events = session_events.clone();
    }

    pub(crate) fn is_notifying(&self) -> bool {
        self.notify.is_some()
    }

    /// Sets the request of NOTIFY in force; returns the one before.
    pub(crate) fn set_notify(
        &mut self,
        request: Option<Arc<NotifyRequest>>,
    ) -> Option<Arc<NotifyRequest>> {
        self.counting_lost = false;
        self.desired.notify(request.clone());
        mem::replace(&mut self.notify, request)
    }

    /// Whether the counters have to be requested again.
    pub(crate) fn take_counting_lost(&mut self) -> bool {
        mem::take(&mut self.counting_lost)
    }

    /// Whether messages may get other sequence numbers at any moment.
    pub(crate) fn is_renumbered_at_once(&self) -> bool {
        let selected = self.notify.as_ref().and_then(|n| n.selected.as_ref());
        selected.is_some_and(|selected| selected.at_once)
    }

    /// A SELECT is in flight; see [`MailboxState::begin_select`].
    pub(crate) fn begin_select(&mut self, name: MailboxName, read_only: bool) {
        self.mailbox.begin_select(name, read_only);
    }

    /// The SELECT succeeded; `None` if the server did not report what it selected.
    pub(crate) fn end_select(&mut self) -> Option<&Selected> {
        let account = self.account.as_ref();
        self.mailbox.end_select(|mailbox| {
            let origin = Origin::new(mailbox.name().clone(), mailbox.uid_validity());
            Arc::new(origin.in_account(account.cloned()))
        })
    }

    /// Resets the state of a login that was ended. `heard` is how often the capabilities had been
    /// reported before; those that were reported since are valid.
    pub(crate) fn unauthenticate(&mut self, heard: u64) {
        let named = self.capabilities.take();
        let named = named.filter(|_| self.capabilities_heard != heard);
        let mailbox = self.mailbox.after_logout();
        let session_events = self.session_events.clone();
        let meter = Arc::clone(&self.meter);
        meter.forget_login();
        *self = Self {
            capabilities_heard: self.capabilities_heard,
            ..Self::with(mailbox, session_events, meter)
        };
        if let Some(capabilities) = named {
            self.learn_capabilities(capabilities);
        }
    }

    /// An UNSELECT that was sent ahead has been completed: later responses are about the mailbox that is
    /// being selected, if one is.
    pub(crate) fn note_deselected(&mut self) {
        self.mailbox.note_deselected();
    }

    /// No mailbox is selected any more.
    pub(crate) fn unselect(&mut self) {
        self.mailbox.unselect();
    }

    /// Whether that mailbox is selected in that mode now.
    pub(crate) fn is_open(&self, wanted: &MailboxAccess) -> bool {
        self.mailbox.is_open(wanted)
    }

    /// The selected mailbox, as the queue knows it.
    pub(crate) fn opened(&self) -> Option<MailboxAccess> {
        self.mailbox.opened()
    }

    /// Records what no command claims; returns the BYE, if it is one.
    pub(crate) fn absorb(&mut self, data: Untagged<'_>) -> Option<Bye> {
        match data {
            Untagged::Status { status, text } => return self.absorb_status(status, text),
            Untagged::Capability(capabilities) => self.learn_capabilities(capabilities),
            Untagged::Enabled {
                capabilities,
                is_asked: true,
            } => self.add_enabled(capabilities.into_iter()),
            Untagged::Exists(count) => self.mailbox.absorb_exists(count),
            Untagged::Recent(count) => {
                self.mailbox.change(|mailbox| mailbox.recent = Some(count));
                self.mailbox.push(MailboxEvent::Recent(count));
            }
            Untagged::Flags(flags) => {
                self.mailbox
                    .change(|mailbox| mailbox.flags.clone_from(&flags));
                self.mailbox.push(MailboxEvent::FlagsDefined(flags));
            }
            Untagged::Expunge(number) => self.mailbox.absorb_expunge(number),
            Untagged::Vanished { earlier, uids } => self.absorb_vanished(uids, earlier),
            Untagged::Fetch(row) => {
                let mut fetch = Responses::default();
                fetch.assign(&row);
                self.absorb_fetch(&fetch);
            }
            Untagged::Invalid { bytes, error } => {
                log::debug!("response unreadable: {} octets: {error}", bytes.len());
                self.absorb_unread(bytes);
            }
            Untagged::Metadata(MetadataData {
                scope,
                told: Told::Changed(names),
            }) => self
                .session_events
                .push(SessionEvent::Metadata { scope, names }),
            Untagged::MailboxStatus(status) if self.is_notifying() => {
                self.session_events.push(SessionEvent::Status(status));
            }
            Untagged::List(entry) if self.is_notifying() && !self.mailbox.is_selecting() => {
                self.session_events.push(SessionEvent::Mailbox(entry));
            }
            Untagged::Search { .. } => self.search_habits.names_no_search = true,
            Untagged::Other(bytes) => {
                log::debug!("unknown response ignored: {} octets", bytes.len());
                self.absorb_unread(bytes);
            }
            _ => log::debug!("unsolicited response ignored"),
        }
        None
    }

    /// Records the response codes of a response, whatever it was.
    pub(crate) fn absorb_codes(&mut self, text: &ResponseText<'_>) {
        if let Some(code) = &text.code {
            self.absorb_code(code);
        }
        for code in text.further_codes() {
            self.absorb_code(&code);
        }
    }

    fn absorb_code(&mut self, code: &ResponseCode) {
        match code {
            ResponseCode::Capability(capabilities) => {
                self.learn_capabilities(capabilities.clone());
            }
            other => self.mailbox.absorb_code(other),
        }
    }

    fn absorb_status(&mut self, status: Status, text: ResponseText<'_>) -> Option<Bye> {
        self.absorb_codes(&text);
        let is_alert = self.tell_user(&text);
        let ResponseText { code, text } = text;
        if code == Some(ResponseCode::NotificationOverflow) {
            self.note_overflow(text.owned());
        }
        match status {
            Status::Bye => {
                let text = text.into_owned();
                return Some(Bye { code, text });
            }
            Status::No | Status::Bad if !is_alert => self.note(code, text.into_owned()),
            _ => {}
        }
        None
    }

    /// Keeps the text for the user if it has to be shown (ALERT); returns whether it has.
    pub(crate) fn tell_user(&self, text: &ResponseText<'_>) -> bool {
        let is_alert = text.is_alert();
        if is_alert {
            self.session_events
                .push(SessionEvent::Alert(text.text.owned()));
        }
        is_alert
    }

    /// The server has disabled NOTIFY.
    fn note_overflow(&mut self, text: String) {
        self.notify = None;
        self.desired.notify(None);
        self.counting_lost = true;
        self.session_events
            .push(SessionEvent::NotificationOverflow(text));
    }

    /// A warning that belongs to no command.
    fn note(&mut self, code: Option<ResponseCode>, text: String) {
        if self.mailbox.is_current() {
            self.mailbox.push(MailboxEvent::Notice { code, text });
        } else {
            self.session_events
                .push(SessionEvent::Notice { code, text });
        }
    }

    /// Records a response that cannot be read, if sequence numbers may depend on it.
    #[cold]
    fn absorb_unread(&mut self, response: &[u8]) {
        if unread::renumbers(response) {
            self.mailbox.absorb_unread(response);
        }
    }

    /// The first response to the SELECT that cannot be read and may have had the number of messages.
    pub(crate) fn unread_of_select(&self) -> Option<Box<[u8]>> {
        self.mailbox.unread_of_select()
    }

    /// Records messages that were removed, or were removed `earlier`.
    pub(crate) fn absorb_vanished(&mut self, uids: NumberSet, earlier: bool) {
        self.mailbox.absorb_vanished(uids, earlier);
    }

    /// Records a FETCH response that no command claims: changed flags, or a new message.
    pub(crate) fn absorb_fetch(&mut self, fetch: &Responses) {
        self.tell_message(fetch);
        self.mailbox.absorb_flags(fetch);
    }

    /// Queues the event of a new message, if items of it were requested.
    fn tell_message(&self, fetch: &Responses) {
        let notify = self.notify.as_ref();
        let is_asked = notify.is_some_and(|notify| !notify.fetch_items().is_empty());
        if let Some(selected) = self.selected().filter(|_| is_asked) {
            if fetch.is_only_news() {
                return;
            }
            let Some(uid) = fetch.uid() else {
                log::warn!("new message ignored: reported without its UID");
                return;
            };
            let mailbox = selected.mailbox.name().clone();
            let mut message = Box::new(Fetch::new(uid, fetch.clone()));
            message.set_origin(&selected.origin);
            self.session_events
                .push(SessionEvent::Message { mailbox, message });
        }
    }
}
