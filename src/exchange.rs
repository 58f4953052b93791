//! What a command is: its name, what it needs, how it is written, what may be in flight beside it, its
//! responses and its result. A method executes one, a batch several.
//!
//! Operations of several commands (divided sets, other charsets, emulations) are functions above
//! this, which execute one after the other.

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

/// A state of the connection, and the place that runs a command in it.
pub trait State: Sized {
    /// The value that a command is run with: it may lease the connection several times.
    type Place<'p>;
}

/// A state in which command batches are run, and the connection that they are sent on.
pub trait BatchState: State {
    /// The leased connection: alone, or with the mailbox that is selected.
    type Lease<'l>: Leased;

    /// Calls a function with the leased connection.
    fn with<T>(
        place: Self::Place<'_>,
        command: &'static str,
        then: impl FnOnce(&mut Self::Lease<'_>) -> Result<T>,
    ) -> Result<T>;
}

/// A connection that is leased for one command.
#[allow(
    unreachable_pub,
    reason = "the bound of a public trait; the oldest Rust does not see that"
)]
pub trait Leased {
    /// The connection itself.
    fn connection(&mut self) -> &mut Connection;

    /// Checks the conditions of each command.
    fn ready(&mut self, command: &'static str) -> Result<()>;

    /// The selection that the commands are for, unless they need no mailbox.
    fn selection(&self) -> Option<u64>;
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

    fn selection(&self) -> Option<u64> {
        None
    }
}

/// The plan of a command, after all checks that need no answer of the server.
#[derive(Clone, Debug)]
pub(crate) enum Planned<P, A> {
    /// The command has to be sent.
    Send(P),
    /// The answer is known without sending anything.
    Done(A),
}

/// A command that is being sent or answered.
pub(crate) struct Sent<'s, P> {
    pub(crate) plan: &'s P,
    pub(crate) tag: &'s [u8],
}

/// A command as a value, run on a session or a guard, alone or in a command batch.
///
/// [`Session::run`](crate::Session::run) and [`MailboxGuard::run`](crate::MailboxGuard::run) run
/// one; [`Session::pipeline`](crate::Session::pipeline) and
/// [`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline) run several in one round trip. Only
/// types of this crate implement it.
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
/// In a read-write guard: [`DeleteMessages`](crate::command::DeleteMessages),
/// [`Expunge`](crate::command::Expunge), [`MoveMessages`](crate::command::MoveMessages),
/// [`MoveToTrash`](crate::command::MoveToTrash), [`Store`](crate::command::Store).
///
/// A value that takes several commands (`Create`, `List`, `Sort`) and one that removes messages
/// cannot be in a batch.
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

    /// Runs it, in as many commands of the protocol as needed.
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

/// A command that can be in a batch.
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
/// `impl<In: BatchState> Exchange<In>` is for commands of a session (and a guard too),
/// `impl<A: Access> Exchange<SelectedState<A>>` for those of a guard only, and
/// `impl<A: WriteAccess> Exchange<SelectedState<A>>` for those that change the mailbox. Errors that
/// do not depend on the server are returned where the value is made, the others by
/// [`plan`](Self::plan). A public type that implements it can be in a batch.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a batch in the state `{In}`",
    label = "`{Self}` cannot stand in this batch",
    note = "what changes the mailbox stands in a batch of a guard, unless the guard is read-only"
)]
pub(crate) trait Exchange<In: BatchState>: Batchable<In> {
    /// The findings of [`plan`](Self::plan), for the methods after it.
    type Plan;

    /// The received part of the answer.
    type Partial: Default;

    /// Its name, for errors and logs.
    fn name(&self) -> &'static str;

    /// Rejects a command that must not be sent, before anything is sent.
    fn plan(&self, lease: &mut In::Lease<'_>) -> Result<Planned<Self::Plan, Self::Answer>>;

    /// Writes the command, without tag and line end.
    fn encode<'a>(&'a self, plan: &'a Self::Plan, encoder: &mut Encoder<'a>) -> Result<()>;

    /// The commands that may be in flight beside it. Not used for a command that cannot be in a
    /// batch.
    fn footprint<'a>(&'a self, _plan: &'a Self::Plan) -> Footprint<'a> {
        Footprint::Kind(self.name())
    }

    /// Takes data that can only be for it, and returns all other data.
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

    /// The answer, after the server answered OK.
    fn finish(
        &self,
        plan: Self::Plan,
        partial: Self::Partial,
        lease: &mut In::Lease<'_>,
    ) -> Result<Self::Answer>;
}

/// The short form of an [`Exchange`].
///
/// The command is written from its fields, and its answer is made only of the received data.
#[allow(private_interfaces, reason = "only this crate calls it")]
pub trait Simple {
    /// Its name, which is sent before the [arguments](Self::arguments).
    const NAME: &'static str;

    /// The capability that the server has to advertise.
    const NEEDS: Option<Capability> = None;

    /// The received part of the answer, which becomes the answer.
    type Partial: Partial;

    /// Its name, if it is one of several that differ in nothing else.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Rejects a command that must not be sent, before anything is sent.
    fn check(&self, _connection: &mut Connection) -> Result<()> {
        Ok(())
    }

    /// Writes the arguments after the name, with the space before them.
    fn arguments<'a>(&'a self, _encoder: &mut Encoder<'a>) -> Result<()> {
        Ok(())
    }

    /// The commands that may be in flight beside it.
    fn footprint(&self) -> Footprint<'_> {
        Footprint::Everything
    }

    /// Takes data of its answer, and returns all other data: first data that can only be for it,
    /// then (`among` others) data that no command in flight has claimed.
    fn claim<'r>(
        &self,
        _partial: &mut Self::Partial,
        data: Untagged<'r>,
        _among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        Some(data)
    }
}

/// The received part of an answer, and its value when the server has answered OK.
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

/// The answer is one value, which has to come.
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

/// Takes a response of a single command, if `parse` can read it; the last one counts.
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

    /// Rejects a command if the server lacks the capability that was found to be missing.
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

/// Executes a command whose answer is collected with those of others: `partial` has what was
/// received, also if the command fails. Returns the code of its OK.
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

/// Sends a command and reads its answer into `partial`; returns the code of its OK.
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
