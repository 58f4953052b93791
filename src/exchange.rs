//! What a command is: its name, what it needs, how it is written, what may be in flight beside it,
//! which responses are its own, and what it returns. A method executes one; a batch executes several.
//!
//! Whatever takes several commands (sets that are divided, other charsets, emulations) is a function
//! above this, which executes one after the other.

use crate::connection::Connection;
use crate::connection::of_mailbox::OfMailbox;
use crate::connection::pipeline::{Among, Footprint};
use crate::connection::tag::Tag;
use crate::error::{Error, Result};
use crate::types::capability::{Capabilities, Capability};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// The authenticated state, in which [`Session::pipeline`](crate::Session::pipeline) runs commands.
#[derive(Clone, Copy, Debug)]
pub enum AuthenticatedState {}

/// A state of the connection, and what runs a command in it.
pub trait State: Sized {
    /// What a command is run with: it may take the connection several times.
    type Place<'p>;
}

/// A state in which batches are run, and what a command of a batch is given to be sent on.
pub trait BatchState: State {
    /// The connection in hand: alone, or with the mailbox that is selected.
    type Lease<'l>: Leased;

    /// Does something with the connection.
    fn with<T>(
        place: Self::Place<'_>,
        command: &'static str,
        then: impl FnOnce(&mut Self::Lease<'_>) -> Result<T>,
    ) -> Result<T>;
}

/// The connection in hand for one command.
pub trait Leased {
    /// The connection itself.
    fn connection(&mut self) -> &mut Connection;

    /// Checks what has to be so before each command.
    fn ready(&mut self, command: &'static str) -> Result<()>;
}

impl State for AuthenticatedState {
    type Place<'p> = &'p mut Connection;
}

impl BatchState for AuthenticatedState {
    type Lease<'l> = Connection;

    fn with<T>(
        place: &mut Connection,
        _command: &'static str,
        then: impl FnOnce(&mut Connection) -> Result<T>,
    ) -> Result<T> {
        then(place)
    }
}

impl Leased for Connection {
    fn connection(&mut self) -> &mut Connection {
        self
    }

    fn ready(&mut self, _command: &'static str) -> Result<()> {
        Ok(())
    }
}

/// What a command plans to do, after all checks that need no answer of the server.
#[derive(Clone, Debug)]
pub(crate) enum Planned<P, A> {
    /// To be sent.
    Send(P),
    /// Nothing has to be sent for this answer.
    Done(A),
}

/// A command that is being sent or answered.
pub(crate) struct Sent<'s, P> {
    pub(crate) plan: &'s P,
    pub(crate) tag: &'s [u8],
}

/// A command as a value: [`Session::run`](crate::Session::run) and
/// [`MailboxGuard::run`](crate::MailboxGuard::run) run one, and most can stand in a batch of several
/// ([`Session::pipeline`](crate::Session::pipeline),
/// [`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline)). No other type can be one.
///
/// On the session and in a guard: [`Append`](crate::command::Append),
/// [`Create`](crate::command::Create), [`GetMetadata`](crate::metadata::GetMetadata),
/// [`List`](crate::command::List), [`MyRights`](crate::acl::MyRights),
/// [`Noop`](crate::command::Noop), [`Status`](crate::command::Status).
///
/// In a guard: [`CopyMessages`](crate::command::CopyMessages),
/// [`FetchMessages`](crate::command::FetchMessages), [`Search`](crate::command::Search),
/// [`Sort`](crate::command::Sort).
///
/// In a guard for writing: [`DeleteMessages`](crate::command::DeleteMessages),
/// [`Expunge`](crate::command::Expunge), [`MoveMessages`](crate::command::MoveMessages),
/// [`MoveToTrash`](crate::command::MoveToTrash), [`Store`](crate::command::Store).
///
/// What makes several commands of one value (`Create`, `List`, `Sort`) and what removes messages
/// stands in no batch.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be run in the state `{In}`",
    label = "`{Self}` cannot be run here",
    note = "on a session: `Append`, `Create`, `GetMetadata`, `List`, `MyRights`, `Noop`, `Status`",
    note = "in a guard: these, `CopyMessages`, `FetchMessages`, `Search` and `Sort`",
    note = "in a guard for writing: `DeleteMessages`, `Expunge`, `MoveMessages`, `MoveToTrash` and `Store` too"
)]
pub trait Command<In: State>: sealed::Command + Sized {
    /// The value that the command returns.
    type Answer;

    /// Runs it, in as many commands of the protocol as it takes.
    #[doc(hidden)]
    fn run_on(self, place: In::Place<'_>) -> Result<Self::Answer>;
}

pub(crate) mod sealed {
    /// A command of this crate.
    pub trait Command {
        /// Its name, for errors and logs.
        fn name(&self) -> &'static str;
    }
}

/// A command that can stand in a batch.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a batch in the state `{In}`",
    label = "`{Self}` cannot stand in this batch",
    note = "in a batch of a session: `Append`, `GetMetadata`, `MyRights`, `Noop`, `Status`",
    note = "in a batch of a guard: these, `CopyMessages`, `FetchMessages` and `Search`; `Store` too, unless the guard is read-only",
    note = "what removes messages or names them by sequence number stands in no batch"
)]
pub trait Batchable<In: BatchState> {
    /// The value that the command returns.
    type Answer;
}

/// One command and its answer: one tag, one completion. It is not changed by being executed.
///
/// `impl<In: BatchState> Exchange<In>` is for what a session can execute (and a guard too),
/// `impl<A: Access> Exchange<SelectedState<A>>` for what only a guard can, and
/// `impl<A: WriteAccess> Exchange<SelectedState<A>>` for what changes the mailbox. What needs no reference to
/// the server is rejected where the value is made, the rest by [`plan`](Self::plan). A public type
/// that implements it can stand in a batch.
pub(crate) trait Exchange<In: BatchState>: Batchable<In> {
    /// What [`plan`](Self::plan) has found out, for the methods after it.
    type Plan;

    /// What has been received of the answer so far.
    type Partial: Default;

    /// Its name, for errors and logs.
    fn name(&self) -> &'static str;

    /// Rejects what must not be sent, before anything is.
    fn plan(&self, lease: &mut In::Lease<'_>) -> Result<Planned<Self::Plan, Self::Answer>>;

    /// Writes it, without tag and line end.
    fn encode<'a>(&'a self, plan: &'a Self::Plan, encoder: &mut Encoder<'a>) -> Result<()>;

    /// Which commands may be in flight beside it. Not used for a command that stands in no batch.
    fn footprint<'a>(&'a self, _plan: &'a Self::Plan) -> Footprint<'a> {
        Footprint::Kind(self.name())
    }

    /// Takes data that can only be for it, and gives back what is not.
    fn claim<'r>(
        &self,
        _sent: Sent<'_, Self::Plan>,
        _partial: &mut Self::Partial,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        Some(data)
    }

    /// Takes data that no command in flight claims and that may be for this one.
    fn claim_loosely<'r>(
        &self,
        _sent: Sent<'_, Self::Plan>,
        _partial: &mut Self::Partial,
        data: Untagged<'r>,
        _among: Among,
    ) -> Option<Untagged<'r>> {
        Some(data)
    }

    /// Takes the code of the tagged OK.
    fn complete(&self, _partial: &mut Self::Partial, _code: Option<ResponseCode>) {}

    /// The answer, after the server said OK.
    fn finish(
        &self,
        plan: Self::Plan,
        partial: Self::Partial,
        lease: &mut In::Lease<'_>,
    ) -> Result<Self::Answer>;
}

/// The short form of an [`Exchange`]: a command that is written of what it holds, and whose answer is
/// made of what was received and nothing else.
#[allow(private_interfaces, reason = "only this crate calls it")]
pub trait Simple {
    /// Its name, which is sent before the [arguments](Self::arguments).
    const NAME: &'static str;

    /// What the server has to advertise.
    const NEEDS: Option<Capability> = None;

    /// What is received of the answer, and becomes it.
    type Partial: Partial;

    /// Its name, where it is one of several that differ in nothing else.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Rejects what must not be sent, before anything is.
    fn check(&self, _connection: &mut Connection) -> Result<()> {
        Ok(())
    }

    /// Writes what comes after the name, with the space before it.
    fn arguments<'a>(&'a self, _encoder: &mut Encoder<'a>) -> Result<()> {
        Ok(())
    }

    /// Which commands may be in flight beside it.
    fn footprint(&self) -> Footprint<'_> {
        Footprint::Everything
    }

    /// Takes data of its answer, and gives back what is not: first what can only be for it, then
    /// (`among` others) what no command in flight has claimed.
    fn claim<'r>(
        &self,
        _partial: &mut Self::Partial,
        data: Untagged<'r>,
        _among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        Some(data)
    }
}

/// What has been received of an answer, and what it is worth when the server has said OK.
pub trait Partial: Default {
    type Answer;

    fn finish(self, command: &'static str, code: Option<ResponseCode>) -> Result<Self::Answer>;
}

/// The answer is the completion.
impl Partial for () {
    type Answer = ();

    fn finish(self, _command: &'static str, _code: Option<ResponseCode>) -> Result<()> {
        Ok(())
    }
}

/// The answer is one thing, which has to come.
impl<T> Partial for Option<T> {
    type Answer = T;

    fn finish(self, command: &'static str, _code: Option<ResponseCode>) -> Result<T> {
        self.ok_or(Error::MissingData(command))
    }
}

/// The answer is a list, which may be empty.
impl<T> Partial for Vec<T> {
    type Answer = Self;

    fn finish(self, _command: &'static str, _code: Option<ResponseCode>) -> Result<Self> {
        Ok(self)
    }
}

impl<T> Partial for OfMailbox<T> {
    type Answer = T;

    fn finish(self, command: &'static str, _code: Option<ResponseCode>) -> Result<T> {
        self.found(command)?.ok_or(Error::MissingData(command))
    }
}

/// The answer is the code of the OK.
#[derive(Default)]
pub(crate) struct CodeOfOk;

impl Partial for CodeOfOk {
    type Answer = Option<ResponseCode>;

    fn finish(self, _command: &'static str, code: Option<ResponseCode>) -> Result<Self::Answer> {
        Ok(code)
    }
}

impl<C: Simple> sealed::Command for C {
    fn name(&self) -> &'static str {
        Simple::name(self)
    }
}

#[diagnostic::do_not_recommend]
impl<In: BatchState, C: Simple> Batchable<In> for C {
    type Answer = <C::Partial as Partial>::Answer;
}

#[diagnostic::do_not_recommend]
impl<In: BatchState, C: Simple> Exchange<In> for C {
    type Plan = ();
    type Partial = (C::Partial, Option<ResponseCode>);

    fn name(&self) -> &'static str {
        Simple::name(self)
    }

    fn plan(&self, lease: &mut In::Lease<'_>) -> Result<Planned<(), Self::Answer>> {
        let connection = lease.connection();
        if let Some(needed) = C::NEEDS {
            connection.require(self.name(), needed)?;
        }
        self.check(connection)?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        self.arguments(encoder.raw(self.name()))
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Footprint<'a> {
        Simple::footprint(self)
    }

    fn claim<'r>(
        &self,
        _sent: Sent<'_, ()>,
        (partial, _): &mut Self::Partial,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        Simple::claim(self, partial, data, None)
    }

    fn claim_loosely<'r>(
        &self,
        _sent: Sent<'_, ()>,
        (partial, _): &mut Self::Partial,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        Simple::claim(self, partial, data, Some(among))
    }

    fn complete(&self, (_, code): &mut Self::Partial, ended: Option<ResponseCode>) {
        *code = ended;
    }

    fn finish(
        &self,
        (): (),
        (partial, code): Self::Partial,
        _lease: &mut In::Lease<'_>,
    ) -> Result<Self::Answer> {
        partial.finish(Simple::name(self), code)
    }
}

/// Takes a response that only one command knows, if `parse` can read it; the last one counts.
pub(crate) fn take_other<'r, T>(
    found: &mut Option<T>,
    data: Untagged<'r>,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Option<Untagged<'r>> {
    let parsed = match &data {
        Untagged::Other(bytes) => parse(bytes),
        _ => None,
    };
    match parsed {
        Some(parsed) => *found = Some(parsed),
        None => return Some(data),
    }
    None
}

impl<P> Clone for Sent<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Sent<'_, P> {}

impl Connection {
    /// Executes a command on a connection in the authenticated state.
    pub(crate) fn execute<X: Exchange<AuthenticatedState>>(
        &mut self,
        exchange: &X,
    ) -> Result<X::Answer> {
        execute(self, exchange)
    }

    /// Rejects a command if the server lacks what it needs.
    pub(crate) fn require(&mut self, command: &'static str, needed: Capability) -> Result<()> {
        match self.capabilities()?.supports(&needed) {
            true => Ok(()),
            false => Err(Error::unsupported(command, needed)),
        }
    }

    /// Rejects a command if the server lacks what was found to be missing.
    pub(crate) fn require_all(
        &mut self,
        command: &'static str,
        missing: impl FnOnce(&Capabilities) -> Option<Capability>,
    ) -> Result<()> {
        match missing(self.capabilities()?) {
            Some(missing) => Err(Error::unsupported(command, missing)),
            None => Ok(()),
        }
    }
}

/// Runs a value that is one command.
pub(crate) fn run_alone<In, X>(place: In::Place<'_>, exchange: &X) -> Result<X::Answer>
where
    In: BatchState,
    X: Exchange<In>,
{
    In::with(place, exchange.name(), |lease| {
        execute::<In, X>(lease, exchange)
    })
}

/// Executes one command: the only one in flight.
pub(crate) fn execute<In: BatchState, X: Exchange<In>>(
    lease: &mut In::Lease<'_>,
    exchange: &X,
) -> Result<X::Answer> {
    let plan = match exchange.plan(lease)? {
        Planned::Send(plan) => plan,
        Planned::Done(answer) => return Ok(answer),
    };
    let mut partial = X::Partial::default();
    let code = send::<In, X>(lease, exchange, &plan, &mut partial)?;
    exchange.complete(&mut partial, code);
    exchange.finish(plan, partial, lease)
}

/// Executes a command whose answer is collected with those of others: `partial` keeps what was
/// received, also of one that fails. The code of its OK.
pub(crate) fn execute_into<In: BatchState, X: Exchange<In>>(
    lease: &mut In::Lease<'_>,
    exchange: &X,
    partial: &mut X::Partial,
) -> Result<Option<ResponseCode>> {
    match exchange.plan(lease)? {
        Planned::Send(plan) => send(lease, exchange, &plan, partial),
        Planned::Done(_) => Ok(None),
    }
}

/// Sends a command and reads its answer into `partial`; the code of its OK.
fn send<In: BatchState, X: Exchange<In>>(
    lease: &mut In::Lease<'_>,
    exchange: &X,
    plan: &X::Plan,
    partial: &mut X::Partial,
) -> Result<Option<ResponseCode>> {
    lease.ready(exchange.name())?;
    let connection = lease.connection();
    connection.start(exchange.name(), |encoder| exchange.encode(plan, encoder))?;
    let tag: Tag = connection.sent_tag();
    let among = Among::alone(connection.state.is_notifying());
    connection.finish(|data| {
        let sent = Sent {
            plan,
            tag: tag.as_bytes(),
        };
        let data = exchange.claim(sent, partial, data)?;
        exchange.claim_loosely(sent, partial, data, among)
    })
}
