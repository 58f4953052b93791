//! What follows a login: all that is to be asked then, in one go where the server allows it; and the
//! capabilities whenever they are needed.

use std::mem;
use std::time::Instant;

use crate::connection::Connection;
use crate::connection::desired::Desired;
use crate::connection::enabling::write_enable;
use crate::connection::pipeline::{Footprint, Step};
use crate::error::{Error, Result};
use crate::types::capability::{Capabilities, Capability};
use crate::types::namespace::Namespaces;
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// What is to be asked and said.
pub(crate) struct Wishes<'a> {
    /// Who this end is; nothing is said where it is empty.
    pub(crate) identity: &'a [(String, String)],
    /// What is to be switched on where the server has it.
    pub(crate) enable: &'a [Capability],
    /// Whether the namespaces are to be known.
    pub(crate) namespaces: bool,
}

/// One command of the set-up.
enum Task<'a> {
    Capability,
    Id(&'a [(String, String)]),
    Namespace,
    Enable(Vec<&'a Capability>),
}

struct Pending<'a> {
    task: &'a Task<'a>,
    namespaces: Option<Namespaces>,
    /// The server has said what ENABLE switched on.
    has_enabled: bool,
    outcome: Option<Result<Option<ResponseCode>>>,
}

impl Connection {
    /// The capabilities, asked for where they are not known. A server that does not give them is
    /// taken for what it said it was before, or for one without extensions.
    pub(crate) fn capabilities(&mut self) -> Result<&Capabilities> {
        if self.state.capabilities().is_none() {
            match self.ask_capabilities().map(drop) {
                Err(error) if !error.is_dispensable() => return Err(error),
                Err(error) => self.state.assume_capabilities(&error),
                Ok(()) => {}
            }
        }
        self.state
            .capabilities()
            .ok_or(Error::Unanswered("CAPABILITY"))
    }

    /// The capabilities, asked for unless the server has told them.
    pub(crate) fn ask_capabilities(&mut self) -> Result<&Capabilities> {
        if self.state.told_capabilities().is_none() {
            self.run_plain("CAPABILITY", |encoder| {
                encoder.raw("CAPABILITY");
                Ok(())
            })?;
        }
        self.state
            .told_capabilities()
            .ok_or(Error::Unanswered("CAPABILITY"))
    }

    /// Asks for the capabilities unless they are known, and does what was wished for as far as the
    /// server can do it.
    ///
    /// What the server could do before the login it can most likely do after it: that is asked
    /// along with the capabilities, and only what is new then costs another round trip. A wish that
    /// is refused is told in the log and harms nobody, and so are capabilities that are not given:
    /// then they stay unknown, and are asked for when they are needed.
    pub(crate) fn set_up(
        &mut self,
        wishes: &Wishes<'_>,
        before: Option<Capabilities>,
    ) -> Result<()> {
        let mut left = wishes.tasks();
        if self.state.capabilities().is_none() {
            let mut tasks = vec![Task::Capability];
            if let Some(before) = &before {
                tasks.extend(possible(&mut left, before));
            }
            self.run_tasks(&tasks)?;
        }
        let capabilities = self.state.capabilities();
        let tasks = capabilities.map(|them| possible(&mut left, them));
        tasks.map_or(Ok(()), |tasks| self.run_tasks(&tasks))
    }

    /// Gives a new connection what the session wants, and shares `desired` with it from then on.
    pub(crate) fn set_up_as(&mut self, desired: &Desired, deadline: Option<Instant>) -> Result<()> {
        let mut wanted = desired.settings();
        #[cfg(feature = "compress")]
        if wanted.compressed {
            self.try_to_compress(deadline)?;
        }
        wanted
            .enabled
            .retain(|extension| !self.state.has_enabled(extension));
        if !wanted.enabled.is_empty() {
            let enabled: Vec<_> = wanted.enabled.iter().collect();
            self.switch_on(&enabled, self.time_left(deadline))?;
        }
        if let Some(request) = &wanted.notify {
            self.notify(request, deadline)?;
        }
        if let Some(timeouts) = wanted.timeouts {
            self.bounds.timeouts = timeouts;
        }
        self.state.desired = desired.clone();
        Ok(())
    }

    fn run_tasks(&mut self, tasks: &[Task<'_>]) -> Result<()> {
        let mut pending: Vec<_> = tasks
            .iter()
            .map(|task| Pending {
                task,
                namespaces: None,
                has_enabled: false,
                outcome: None,
            })
            .collect();
        let mut steps: Vec<&mut dyn Step<'_>> = Vec::new();
        steps.extend(pending.iter_mut().map(|step| step as _));
        for task in tasks {
            if let Task::Enable(capabilities) = task {
                self.state.ask_to_enable(capabilities.iter().copied());
            }
        }
        self.pipeline(&mut steps);
        self.state.end_enabling();
        for step in pending {
            self.note(step)?;
        }
        Ok(())
    }

    /// Takes note of what a step told, if it was answered by OK.
    fn note(&mut self, step: Pending<'_>) -> Result<()> {
        let Pending {
            task,
            namespaces,
            has_enabled,
            outcome,
        } = step;
        match (task, outcome) {
            (_, Some(Err(no))) if no.is_dispensable() => {
                let is_about_form = matches!(&no, Error::Refused(no) if no.may_be_about_form());
                let is_namespace = matches!(task, Task::Namespace);
                self.state.has_no_namespaces |= is_namespace && is_about_form;
                log::debug!("{no}");
                return Ok(());
            }
            (_, Some(outcome)) => drop(outcome?),
            (task, None) => return Err(Error::Unanswered(task.name())),
        }
        if let Some(namespaces) = namespaces {
            self.state.set_namespaces(&namespaces);
        }
        if let (Task::Enable(asked), false) = (task, has_enabled) {
            self.state.assume_enabled(asked.iter().copied());
        }
        Ok(())
    }

    /// ID (RFC 2971): tells who this end is.
    pub(crate) fn identify<'a>(
        &mut self,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
        claim: impl for<'r> FnMut(Untagged<'r>) -> Option<Untagged<'r>>,
    ) -> Result<Option<ResponseCode>> {
        self.run("ID", |encoder| write_id(encoder, fields), claim)
    }
}

/// Takes out those of the tasks that a server of these capabilities can do: whole, or in part.
fn possible<'a>(left: &mut Vec<Task<'a>>, capabilities: &Capabilities) -> Vec<Task<'a>> {
    let mut possible = Vec::new();
    for task in mem::take(left) {
        let (task, rest) = task.fit_for(capabilities);
        possible.extend(task);
        left.extend(rest);
    }
    possible
}

impl<'a> Wishes<'a> {
    fn tasks(&self) -> Vec<Task<'a>> {
        let id = (!self.identity.is_empty()).then_some(Task::Id(self.identity));
        let namespace = self.namespaces.then_some(Task::Namespace);
        let enable = (!self.enable.is_empty()).then(|| Task::Enable(self.enable.iter().collect()));
        // ENABLE comes last: it can change what names look like.
        [id, namespace, enable].into_iter().flatten().collect()
    }
}

impl<'a> Task<'a> {
    fn name(&self) -> &'static str {
        match self {
            Self::Capability => "CAPABILITY",
            Self::Id(_) => "ID",
            Self::Namespace => "NAMESPACE",
            Self::Enable(_) => "ENABLE",
        }
    }

    /// What of it a server of these capabilities can do, and what is left of it.
    fn fit_for(self, capabilities: &Capabilities) -> (Option<Self>, Option<Self>) {
        let needed = match &self {
            Self::Capability => return (Some(self), None),
            Self::Id(_) => Capability::Id,
            Self::Namespace => Capability::Namespace,
            Self::Enable(_) => Capability::Enable,
        };
        if !capabilities.supports(&needed) {
            return (None, Some(self));
        }
        let Self::Enable(wanted) = self else {
            return (Some(self), None);
        };
        let has = |capability: &&Capability| capabilities.supports(capability);
        let (known, rest): (Vec<_>, Vec<_>) = wanted.into_iter().partition(has);
        let some = |part: Vec<&'a Capability>| (!part.is_empty()).then_some(Self::Enable(part));
        (some(known), some(rest))
    }
}

impl<'a> Step<'a> for Pending<'_> {
    fn command(&self) -> &'static str {
        self.task.name()
    }

    fn footprint(&self) -> Footprint<'a> {
        Footprint::Kind(self.task.name())
    }

    fn encode(&self, encoder: &mut Encoder<'a>) -> Result<()> {
        match self.task {
            Task::Id(fields) => {
                write_id(
                    encoder,
                    fields.iter().map(|(n, v)| (n.as_str(), v.as_str())),
                )?;
            }
            Task::Enable(capabilities) => {
                for capability in capabilities {
                    capability.check()?;
                }
                write_enable(encoder, capabilities);
            }
            Task::Capability | Task::Namespace => drop(encoder.raw(self.task.name())),
        }
        Ok(())
    }

    fn claim<'r>(&mut self, data: Untagged<'r>) -> Option<Untagged<'r>> {
        match (self.task, data) {
            (Task::Namespace, Untagged::Namespace(namespaces)) => {
                self.namespaces = Some(namespaces);
                None
            }
            (Task::Enable(_), Untagged::Enabled(capabilities)) => {
                self.has_enabled = true;
                Some(Untagged::Enabled(capabilities))
            }
            (_, data) => Some(data),
        }
    }

    fn done(&mut self, outcome: Result<Option<ResponseCode>>) {
        self.outcome = Some(outcome);
    }
}

/// ID with these fields, or none.
fn write_id<'f>(
    encoder: &mut Encoder<'_>,
    fields: impl Iterator<Item = (&'f str, &'f str)>,
) -> Result<()> {
    encoder.raw("ID ");
    let mut is_first = true;
    for (name, value) in fields {
        encoder.raw(if is_first { "(" } else { " " });
        is_first = false;
        encoder
            .string("ID field", name)?
            .sp()
            .string("ID value", value)?;
    }
    encoder.raw(if is_first { "NIL" } else { ")" });
    Ok(())
}
