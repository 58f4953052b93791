//! Several commands in one go: which may stand together, and how a batch of them is run.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::connection::Connection;
use crate::connection::pipeline::{Among, Concern, Step};
use crate::connection::tag::Tag;
use crate::error::{Error, Result};
use crate::mailbox_guard::{Access, Held, Keeping, MailboxGuard};
use crate::session::Session;
use crate::types::account_id::AccountId;
use crate::types::capability::{Capabilities, Capability};
use crate::types::mailbox_name::MailboxName;
use crate::types::new_message::NewMessage;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// The authenticated state, in which [`Session::pipeline`] runs commands.
#[derive(Clone, Copy, Debug)]
pub enum AuthenticatedState {}

/// The selected state, in which [`MailboxGuard::pipeline`] runs commands; `A` is what the guard may
/// do.
#[derive(Clone, Copy, Debug)]
pub struct SelectedState<A>(PhantomData<A>);

/// A command that can stand in a batch: see [`Session::pipeline`] and [`MailboxGuard::pipeline`].
/// Nothing else can be one.
///
/// On the session and in a guard: [`Append`](crate::command::Append),
/// [`GetMetadata`](crate::command::GetMetadata), [`MyRights`](crate::command::MyRights),
/// [`Noop`](crate::command::Noop), [`Status`](crate::command::Status). In a guard:
/// [`Copy`](crate::command::Copy), [`Search`](crate::command::Search), and
/// [`Store`](crate::command::Store) where it is for writing.
pub trait Command<In>: sealed::Command {
    /// What it answers.
    type Answer;
}

/// Commands to be run in one go: a tuple of up to eight different ones, an array or a `Vec` of one
/// kind. Nothing else can be one.
pub trait Batch<In>: sealed::Run<In, Outcomes = <Self as Batch<In>>::Answers> {
    /// A tuple, an array or a `Vec` as the batch is, of a [`Result`] for each command in the order
    /// of the batch.
    type Answers;
}

impl<In, B: sealed::Run<In>> Batch<In> for B {
    type Answers = B::Outcomes;
}

/// What a command is asked before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It has to be sent.
    Send,
    /// There is nothing to do: it is finished as one that the server answered with OK.
    Nothing,
}

/// Where a batch is run.
pub struct Place<'p>(Room<'p>);

enum Room<'p> {
    /// On the session, with the connection in hand.
    Session(&'p mut Connection),
    /// On the selected mailbox.
    Mailbox(&'p Held),
}

impl Place<'_> {
    /// Whether the server has an extension.
    pub(crate) fn supports(
        &mut self,
        command: &'static str,
        capability: &Capability,
    ) -> Result<bool> {
        match &mut self.0 {
            Room::Session(connection) => Ok(connection.capabilities()?.supports(capability)),
            Room::Mailbox(held) => {
                let mut connection = held.connection(command)?;
                Ok(connection.capabilities()?.supports(capability))
            }
        }
    }

    /// What of the server's capabilities is found to be missing.
    pub(crate) fn missing(
        &mut self,
        command: &'static str,
        find: impl FnOnce(&Capabilities) -> Option<Capability>,
    ) -> Result<Option<Capability>> {
        match &mut self.0 {
            Room::Session(connection) => connection.capabilities().map(find),
            Room::Mailbox(held) => held.connection(command)?.capabilities().map(find),
        }
    }

    /// Refuses a message that the server cannot take in this mailbox.
    pub(crate) fn check_message(
        &mut self,
        command: &'static str,
        mailbox: &MailboxName,
        message: &NewMessage<'_>,
    ) -> Result<()> {
        let check =
            |connection: &mut Connection| connection.check_message(command, mailbox, message);
        match &mut self.0 {
            Room::Session(connection) => check(connection),
            Room::Mailbox(held) => check(&mut *held.connection(command)?),
        }
    }

    /// Has the counters kept again after the server has switched all of NOTIFY off.
    pub(crate) fn resume_counting(&mut self, command: &'static str) -> Result<()> {
        match &mut self.0 {
            Room::Session(connection) => connection.resume_counting(),
            Room::Mailbox(held) => held.connection(command)?.resume_counting(),
        }
    }

    /// Who is logged in where.
    pub(crate) fn account(&self) -> Option<Arc<AccountId>> {
        match &self.0 {
            Room::Session(connection) => connection.state.account().cloned(),
            Room::Mailbox(held) => held.origin().shared_account().cloned(),
        }
    }

    /// The mailbox that is held.
    pub(crate) fn held(&self) -> Option<&Held> {
        match self.0 {
            Room::Session(_) => None,
            Room::Mailbox(held) => Some(held),
        }
    }

    fn run<'a>(&mut self, steps: &mut [&mut dyn Step<'a>]) -> Result<()> {
        let Some(first) = steps.first().map(|step| step.command()) else {
            return Ok(());
        };
        match &mut self.0 {
            Room::Session(connection) => connection.pipeline(steps),
            Room::Mailbox(held) => held.connection(first)?.pipeline(steps),
        }
        Ok(())
    }
}

/// A command as a value, which is not changed by being run.
///
/// To give a command a form that can stand in a batch, make it a type (`Status`, `Store`) with the
/// traits [`sealed::Command`], [`Command`] and this: `impl<In> Ask<In>` for what a session can run
/// (and a guard too), `impl<A: Access> Ask<SelectedState<A>>` for what only a guard can, and
/// `impl Ask<SelectedState<ReadWrite>>` for what changes the mailbox. What needs no reference to the
/// server is refused where the value is made, the rest by `check`: then it is the outcome of this
/// command alone.
///
/// This is the trait that a compiler names to a caller whose batch is refused.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a batch in the state `{In}`",
    label = "`{Self}` cannot stand in this batch",
    note = "in a batch of a session: `Append`, `GetMetadata`, `MyRights`, `Noop`, `Status`",
    note = "in a batch of a guard: these, `Copy` and `Search`; `Store` too, unless the guard is read-only",
    note = "what removes messages or names them by sequence number stands in no batch"
)]
pub(crate) trait Ask<In>: Command<In> {
    /// What has come for it so far.
    type Heard: Default;

    /// Its name, for errors.
    fn name(&self) -> &'static str;

    /// Refuses what must not be sent, before anything of the batch is.
    fn check(&self, _place: &mut Place<'_>) -> Result<Need> {
        Ok(Need::Send)
    }

    /// Writes it, without tag and line end.
    fn encode<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()>;

    /// Which commands may be under way beside it.
    fn concern(&self) -> Concern<'_>;

    /// It is being sent with this tag.
    fn sent(_heard: &mut Self::Heard, _tag: Tag) {}

    /// Takes data that can only be for it, and gives back what is not.
    fn claim<'r>(&self, _heard: &mut Self::Heard, data: Untagged<'r>) -> Option<Untagged<'r>> {
        Some(data)
    }

    /// Takes data that no command of the batch claims and that may be for this one.
    fn claim_loosely<'r>(
        &self,
        _heard: &mut Self::Heard,
        data: Untagged<'r>,
        _among: Among,
    ) -> Option<Untagged<'r>> {
        Some(data)
    }

    /// The answer, after the server said OK; `origin` is that of the mailbox that is held.
    fn finish(
        &self,
        heard: Self::Heard,
        code: Option<ResponseCode>,
        origin: Option<&Arc<Origin>>,
    ) -> Result<Self::Answer>;
}

pub(crate) mod sealed {
    /// A command of this crate.
    pub trait Command {}

    /// How a batch is run.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is no batch of commands",
        label = "no batch of commands",
        note = "a batch is a tuple of up to eight commands, or an array or a `Vec` of one kind"
    )]
    pub trait Run<In> {
        type Outcomes;

        fn run(self, place: &mut super::Place<'_>) -> super::Result<Self::Outcomes>;
    }
}

/// A command of a batch that is being run.
struct Pending<'c, In, C: Ask<In>> {
    command: &'c C,
    heard: C::Heard,
    outcome: Option<Result<Option<ResponseCode>>>,
}

impl<'c, In, C: Ask<In>> Pending<'c, In, C> {
    fn new(command: &'c C, place: &mut Place<'_>) -> Self {
        let outcome = match command.check(place) {
            Ok(Need::Send) => None,
            Ok(Need::Nothing) => Some(Ok(None)),
            Err(error) => Some(Err(error)),
        };
        Self {
            command,
            heard: C::Heard::default(),
            outcome,
        }
    }

    /// Itself as a step, unless there is nothing to send.
    fn step(&mut self) -> Option<&mut dyn Step<'c>> {
        match self.outcome {
            None => Some(self),
            Some(_) => None,
        }
    }

    fn finish(self, origin: Option<&Arc<Origin>>) -> Result<C::Answer> {
        let unanswered = Err(Error::Unanswered(self.command.name()));
        let code = self.outcome.unwrap_or(unanswered)?;
        self.command.finish(self.heard, code, origin)
    }
}

impl<'c, In, C: Ask<In>> Step<'c> for Pending<'c, In, C> {
    fn command(&self) -> &'static str {
        self.command.name()
    }

    fn concern(&self) -> Concern<'c> {
        self.command.concern()
    }

    fn encode(&self, encoder: &mut Encoder<'c>) -> Result<()> {
        self.command.encode(encoder)
    }

    fn sent(&mut self, tag: Tag) {
        C::sent(&mut self.heard, tag);
    }

    fn claim<'r>(&mut self, data: Untagged<'r>) -> Option<Untagged<'r>> {
        self.command.claim(&mut self.heard, data)
    }

    fn claim_loosely<'r>(&mut self, data: Untagged<'r>, among: Among) -> Option<Untagged<'r>> {
        self.command.claim_loosely(&mut self.heard, data, among)
    }

    fn done(&mut self, outcome: Result<Option<ResponseCode>>) {
        self.outcome = Some(outcome);
    }
}

fn run_all<'c, In, C>(
    commands: impl Iterator<Item = &'c C>,
    place: &mut Place<'_>,
) -> Result<impl Iterator<Item = Result<C::Answer>>>
where
    C: Ask<In> + 'c,
    In: 'c,
{
    let mut pending: Vec<_> = commands
        .map(|command| Pending::<In, C>::new(command, place))
        .collect();
    let mut steps: Vec<_> = pending.iter_mut().filter_map(Pending::step).collect();
    place.run(&mut steps)?;
    let origin = place.held().map(|held| Arc::clone(held.origin()));
    Ok(pending
        .into_iter()
        .map(move |pending| pending.finish(origin.as_ref())))
}

impl<In, C: Ask<In>> sealed::Run<In> for Vec<C> {
    type Outcomes = Vec<Result<C::Answer>>;

    fn run(self, place: &mut Place<'_>) -> Result<Self::Outcomes> {
        run_all(self.iter(), place).map(Iterator::collect)
    }
}

impl<In, C: Ask<In>, const N: usize> sealed::Run<In> for [C; N] {
    type Outcomes = [Result<C::Answer>; N];

    fn run(self, place: &mut Place<'_>) -> Result<Self::Outcomes> {
        let mut answers = run_all(self.iter(), place)?;
        let missing = || Err(Error::Unanswered("pipeline"));
        Ok(std::array::from_fn(|_| {
            answers.next().unwrap_or_else(missing)
        }))
    }
}

/// A batch of different commands.
macro_rules! tuple {
    ($($command:ident $pending:ident),+) => {
        impl<In, $($command: Ask<In>),+> sealed::Run<In> for ($($command,)+) {
            type Outcomes = ($(Result<$command::Answer>,)+);

            #[allow(non_snake_case)]
            fn run(self, place: &mut Place<'_>) -> Result<Self::Outcomes> {
                let ($($command,)+) = &self;
                $(let mut $pending = Pending::<In, _>::new($command, place);)+
                let steps = [$($pending.step()),+];
                let mut steps: Vec<_> = steps.into_iter().flatten().collect();
                place.run(&mut steps)?;
                let origin = place.held().map(Held::origin);
                Ok(($($pending.finish(origin),)+))
            }
        }
    };
}

tuple!(A a);
tuple!(A a, B b);
tuple!(A a, B b, C c);
tuple!(A a, B b, C c, D d);
tuple!(A a, B b, C c, D d, E e);
tuple!(A a, B b, C c, D d, E e, F f);
tuple!(A a, B b, C c, D d, E e, F f, G g);
tuple!(A a, B b, C c, D d, E e, F f, G g, H h);

/// Runs a batch on a connection that is in hand.
pub(crate) fn run_on<B: Batch<AuthenticatedState>>(
    connection: &mut Connection,
    batch: B,
) -> Result<B::Answers> {
    batch.run(&mut Place(Room::Session(connection)))
}

impl Session {
    /// Runs several commands in one go: they are sent together and answered one after the other,
    /// which costs one round trip instead of one for each (pipelining, RFC 9051 section 5.5).
    ///
    /// A batch is a tuple of up to eight commands, or an array or a `Vec` of one kind. Each has an
    /// outcome of its own: a refusal of one leaves the others as they are, and they are sent all
    /// the same. The answers may come in any order.
    ///
    /// A command whose answer depends on another before it in the batch, or could be mistaken for
    /// that other's, is sent when that one has been answered: a [`Status`](crate::command::Status)
    /// of a mailbox after one of the same mailbox, or after an APPEND to it. So is all that comes
    /// after a literal that the server has to ask for (no LITERAL+ or LITERAL-). What is sent ahead
    /// of the answers is bounded; a batch may be of any length.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`] when the turn does not come, [`Error::StreamOpen`], and [`Error::Closed`]
    /// when the connection had ended before: nothing was sent. All else is the outcome of a
    /// command: its arguments, its refusal, and [`Error::Closed`] for each that was not answered
    /// when the connection ended, which says whether it
    /// [may have taken effect](Error::may_have_taken_effect).
    pub fn pipeline<B: Batch<AuthenticatedState>>(&self, batch: B) -> Result<B::Answers> {
        run_on(&mut *self.lease("pipeline")?, batch)
    }
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Runs several commands on the selected mailbox in one go; see [`Session::pipeline`], whose
    /// commands can stand in the batch as well.
    ///
    /// Messages are named by UID. Commands that name the same messages are sent one after the
    /// other, where the second could change the answer to the first or depend on it. What removes
    /// messages, and what names them by sequence number, cannot stand in a batch: the numbers of
    /// one would change with the other (RFC 9051 section 5.5).
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`] and [`Error::Closed`] when nothing could be sent; otherwise each command
    /// has its own outcome, as in [`Session::pipeline`].
    pub fn pipeline<B: Batch<SelectedState<A>>>(&mut self, batch: B) -> Result<B::Answers> {
        drop(self.held.connection("pipeline")?);
        batch.run(&mut Place(Room::Mailbox(&self.held)))
    }
}
