//! NOTIFY on the wire (RFC 5465): the request, and what is requested again after the server has
//! disabled NOTIFY.

use std::sync::Arc;

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::types::capability::Capability;
use crate::types::fetch::FetchItem;
use crate::types::notify::{NotifyEvent, NotifyRequest};
use crate::wire::encoder::Encoder;

pub(crate) const NOTIFY: &str = "NOTIFY";

impl Connection {
    /// Sends the request, and keeps it as the one in force.
    pub(crate) fn notify(&mut self, request: &Arc<NotifyRequest>) -> Result<()> {
        self.check_notify(request)?;
        let before = self.state.set_notify(Some(Arc::clone(request)));
        let done = self.run_plain(NOTIFY, |encoder| write(encoder, request));
        if done.is_err() {
            self.state.set_notify(before);
        }
        done.map(drop)
    }

    /// Requests only the events that keep the counters of a selected mailbox current.
    ///
    /// Not by NOTIFY NONE: after it a server sends no events at all, not even of the selected mailbox.
    pub(crate) fn stop_notifying(&mut self) -> Result<()> {
        self.notify(&Arc::default())?;
        self.state.set_notify(None);
        Ok(())
    }

    /// Requests the events of the selected mailbox again, if the server has disabled NOTIFY.
    pub(crate) fn resume_counting(&mut self) -> Result<()> {
        if !self.state.take_counting_lost() {
            return Ok(());
        }
        match self.stop_notifying() {
            Err(Error::Refused(_) | Error::Throttled(_) | Error::Unsupported(_)) => Ok(()),
            done => done,
        }
    }

    fn check_notify(&mut self, request: &NotifyRequest) -> Result<()> {
        if let Some(problem) = request.problem() {
            return Err(Error::text("events to be told", problem));
        }
        for item in request.fetch_items() {
            item.check()?;
            if let Some(problem) = item.problem() {
                return Err(Error::text("items", problem));
            }
        }
        let capabilities = self.capabilities()?;
        let items = request
            .fetch_items()
            .iter()
            .filter_map(FetchItem::capability);
        let mut needed = [Capability::Notify].into_iter().chain(items);
        match needed.find(|capability| !capabilities.supports(capability)) {
            Some(missing) => Err(Error::unsupported(NOTIFY, missing)),
            None => Ok(()),
        }
    }
}

/// `notify`.
fn write(encoder: &mut Encoder<'_>, request: &NotifyRequest) -> Result<()> {
    encoder.raw("NOTIFY SET");
    if request.status {
        encoder.raw(" STATUS");
    }
    match &request.selected {
        Some(selected) => {
            let word = if selected.at_once {
                "selected"
            } else {
                "selected-delayed"
            };
            encoder.raw(" (").raw(word);
            write_events(encoder, &selected.events);
        }
        None => {
            encoder.raw(" (selected-delayed");
            write_events(encoder, &NotifyEvent::messages());
        }
    }
    encoder.raw(")");
    for (scope, events) in &request.groups {
        let (word, names) = scope.parts();
        encoder.raw(" (").raw(word);
        for (place, name) in names.unwrap_or_default().iter().enumerate() {
            encoder
                .raw(if place > 0 { " " } else { " (" })
                .mailbox(name)?;
        }
        encoder.raw(if names.is_some() { ")" } else { "" });
        write_events(encoder, events);
        encoder.raw(")");
    }
    Ok(())
}

/// `events`.
fn write_events(encoder: &mut Encoder<'_>, events: &[NotifyEvent]) {
    if events.is_empty() {
        encoder.raw(" NONE");
        return;
    }
    for (place, event) in events.iter().enumerate() {
        encoder
            .raw(if place > 0 { " " } else { " (" })
            .display(event);
    }
    encoder.raw(")");
}
