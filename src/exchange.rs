//! What a command is: its name, what it needs, how it is written, what may be in flight beside it,
//! which responses are its own, and what it returns. A method executes one; a batch executes several.
//!
//! Whatever takes several commands (sets that are divided, other charsets, emulations) is a function
//! above this, which executes one after the other.

use crate::connection::Connection;
use crate::connection::pipeline::{Among, Concern};
use crate::connection::tag::Tag;
use crate::error::{Error, Result};
use crate::types::capability::Capability;
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// The authenticated state, in which [`Session::pipeline`](crate::Session::pipeline) runs commands.
#[derive(Clone, Copy, Debug)]
pub enum AuthenticatedState {}

/// A state of the connection, and what a command of that state is given to be sent on.
pub trait State: Sized {
    /// The connection in hand: alone, or with the mailbox that is selected.
    type Lease<'l>: Leased;
}

/// The connection in hand for one command.
pub trait Leased {
    /// The connection itself.
    fn connection(&mut self) -> &mut Connection;

    /// Checks what has to be so before each command.
    fn ready(&mut self, command: &'static str) -> Result<()>;
}

impl State for AuthenticatedState {
    type Lease<'l> = Connection;
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

/// A command that can stand in a batch: see [`Session::pipeline`](crate::Session::pipeline) and
/// [`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline).
/// Nothing else can be one.
///
/// On the session and in a guard: [`Append`](crate::command::Append),
/// [`GetMetadata`](crate::command::GetMetadata), [`MyRights`](crate::command::MyRights),
/// [`Noop`](crate::command::Noop), [`Status`](crate::command::Status). In a guard:
/// [`Copy`](crate::command::Copy), [`FetchMessages`](crate::command::FetchMessages),
/// [`Search`](crate::command::Search), and [`Store`](crate::command::Store) where it is for writing.
pub trait Command<In: State>: sealed::Command {
    /// What it answers.
    type Answer;
}

pub(crate) mod sealed {
    /// A command of this crate.
    pub trait Command {}
}

/// One command and its answer: one tag, one completion. It is not changed by being executed.
///
/// `impl<In: State> Exchange<In>` is for what a session can execute (and a guard too),
/// `impl<A: Access> Exchange<SelectedState<A>>` for what only a guard can, and
/// `impl Exchange<SelectedState<ReadWrite>>` for what changes the mailbox. What needs no reference to
/// the server is rejected where the value is made, the rest by [`plan`](Self::plan). A public type
/// that implements [`Command`](crate::Command) too can stand in a batch.
///
/// This is the trait that a compiler names to a caller whose batch is rejected.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a batch in the state `{In}`",
    label = "`{Self}` cannot stand in this batch",
    note = "in a batch of a session: `Append`, `GetMetadata`, `MyRights`, `Noop`, `Status`",
    note = "in a batch of a guard: these, `Copy`, `FetchMessages` and `Search`; `Store` too, unless the guard is read-only",
    note = "what removes messages or names them by sequence number stands in no batch"
)]
pub(crate) trait Exchange<In: State>: Command<In> {
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

    /// Which commands may be in flight beside it; of no account for one that stands in no batch.
    fn footprint<'a>(&'a self, _plan: &'a Self::Plan) -> Concern<'a> {
        Concern::Kind(self.name())
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

/// A command whose answer is its completion: it asks for nothing but OK.
pub(crate) trait Plain {
    /// Its name, for errors and logs.
    const NAME: &'static str;

    /// What the server has to advertise.
    fn needs(&self) -> Option<Capability> {
        None
    }

    /// Writes it, without tag and line end.
    fn encode<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()>;

    /// Which commands may be in flight beside it.
    fn footprint(&self) -> Concern<'_>;
}

impl<C: Plain> sealed::Command for C {}

impl<In: State, C: Plain> Command<In> for C {
    type Answer = Option<ResponseCode>;
}

impl<In: State, C: Plain> Exchange<In> for C {
    type Plan = ();
    type Partial = Option<ResponseCode>;

    fn name(&self) -> &'static str {
        C::NAME
    }

    fn plan(&self, lease: &mut In::Lease<'_>) -> Result<Planned<(), Self::Answer>> {
        if let Some(needed) = self.needs() {
            lease.connection().require(C::NAME, needed)?;
        }
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        Plain::encode(self, encoder)
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Concern<'a> {
        Plain::footprint(self)
    }

    fn complete(&self, partial: &mut Self::Partial, code: Option<ResponseCode>) {
        *partial = code;
    }

    fn finish(
        &self,
        (): (),
        partial: Self::Partial,
        _lease: &mut In::Lease<'_>,
    ) -> Result<Self::Answer> {
        Ok(partial)
    }
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
}

/// Executes one command: the only one in flight.
pub(crate) fn execute<In: State, X: Exchange<In>>(
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
pub(crate) fn execute_into<In: State, X: Exchange<In>>(
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
fn send<In: State, X: Exchange<In>>(
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
