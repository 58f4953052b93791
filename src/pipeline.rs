//! Command batches: their types, and the execution of one.

use crate::connection::Connection;
use crate::connection::pipeline::{Among, Footprint, Step};
use crate::connection::tag::Tag;
use crate::error::{Error, Result};
use crate::exchange::{AuthenticatedState, BatchState, Exchange, Leased, Planned, Sent};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// The name of a batch without commands in errors.
const EMPTY: &str = "empty batch";

/// Commands to be pipelined: a tuple of up to eight commands, or an array or `Vec` of one type.
///
/// Only types of this crate implement it; see [`Session::pipeline`](crate::Session::pipeline).
pub trait Batch<In: BatchState>: sealed::Run<In, Outcomes = <Self as Batch<In>>::Answers> {
    /// The outcomes: a [`Result`] for each command, in the order of the batch.
    ///
    /// It is a tuple, an array or a `Vec`, as the batch is.
    type Answers;
}

impl<In: BatchState, B: sealed::Run<In>> Batch<In> for B {
    type Answers = B::Outcomes;
}

pub(crate) mod sealed {
    /// The execution of a batch.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is no batch of commands",
        label = "no batch of commands",
        note = "a batch is a tuple of up to eight commands, or an array or a `Vec` of one kind"
    )]
    pub trait Run<In: super::BatchState> {
        type Outcomes;

        /// The name of the first command, for errors that are not of one command.
        fn first(&self) -> &'static str;

        fn run(self, lease: &mut In::Lease<'_>) -> super::Result<Self::Outcomes>;
    }
}

/// A command of a batch that is being run.
struct Pending<'c, In: BatchState, C: Exchange<In>> {
    command: &'c C,
    plan: &'c Result<Planned<C::Plan, C::Answer>>,
    tag: Tag,
    partial: C::Partial,
    outcome: Option<Result<Option<ResponseCode>>>,
}

impl<'c, In: BatchState, C: Exchange<In>> Pending<'c, In, C> {
    fn new(command: &'c C, plan: &'c Result<Planned<C::Plan, C::Answer>>) -> Self {
        Self {
            command,
            plan,
            tag: Tag::default(),
            partial: C::Partial::default(),
            outcome: None,
        }
    }

    fn plan(&self) -> Option<&'c C::Plan> {
        match self.plan {
            Ok(Planned::Send(plan)) => Some(plan),
            _ => None,
        }
    }

    /// Itself as a step, unless there is nothing to send.
    fn step(&mut self) -> Option<&mut dyn Step<'c>> {
        self.plan().is_some().then_some(self)
    }

    fn received(self) -> Received<C::Partial> {
        Received {
            partial: self.partial,
            outcome: self.outcome,
        }
    }
}

/// The outcome of a command of a batch.
struct Received<P> {
    partial: P,
    outcome: Option<Result<Option<ResponseCode>>>,
}

impl<P> Received<P> {
    /// The answer of the command.
    fn finish<In: BatchState, C: Exchange<In, Partial = P>>(
        mut self,
        command: &C,
        plan: Result<Planned<C::Plan, C::Answer>>,
        lease: &mut In::Lease<'_>,
    ) -> Result<C::Answer> {
        let plan = match plan? {
            Planned::Send(plan) => plan,
            Planned::Done(answer) => return Ok(answer),
        };
        let Some(outcome) = self.outcome else {
            // It was not sent, because the conditions of the batch hold no longer.
            lease.ready(command.name())?;
            return Err(Error::MissingData(command.name()));
        };
        let code = outcome?;
        command.complete(&mut self.partial, code);
        command.finish(plan, self.partial, lease)
    }
}

impl<'c, In: BatchState, C: Exchange<In>> Step<'c> for Pending<'c, In, C> {
    fn command(&self) -> &'static str {
        self.command.name()
    }

    fn footprint(&self) -> Footprint<'c> {
        let footprint = |plan| self.command.footprint(plan);
        self.plan().map_or(Footprint::Nothing, footprint)
    }

    fn encode(&self, encoder: &mut Encoder<'c>) -> Result<()> {
        match self.plan() {
            Some(plan) => self.command.encode(plan, encoder),
            None => Ok(()),
        }
    }

    fn sent(&mut self, tag: Tag) {
        self.tag = tag;
    }

    fn claim<'r>(&mut self, data: Untagged<'r>) -> Option<Untagged<'r>> {
        let Some(plan) = self.plan() else {
            return Some(data);
        };
        let tag = self.tag.as_bytes();
        self.command
            .claim(Sent { plan, tag }, &mut self.partial, data)
    }

    fn claim_loosely<'r>(&mut self, data: Untagged<'r>, among: Among) -> Option<Untagged<'r>> {
        let Some(plan) = self.plan() else {
            return Some(data);
        };
        let tag = self.tag.as_bytes();
        self.command
            .claim_loosely(Sent { plan, tag }, &mut self.partial, data, among)
    }

    fn done(&mut self, outcome: Result<Option<ResponseCode>>) {
        self.outcome = Some(outcome);
    }
}

/// Sends the commands that have to be sent, on a connection that is ready for them.
fn send<'c, L: Leased>(lease: &mut L, steps: &mut [&mut dyn Step<'c>]) -> Result<()> {
    if let Some(first) = steps.first() {
        lease.ready(first.command())?;
        let selection = lease.selection();
        lease.connection().pipeline(steps, selection);
    }
    Ok(())
}

fn run_all<'c, In, C>(
    commands: impl Iterator<Item = &'c C> + Clone,
    lease: &mut In::Lease<'_>,
) -> Result<Vec<Result<C::Answer>>>
where
    C: Exchange<In> + 'c,
    In: BatchState,
{
    let plans: Vec<_> = commands
        .clone()
        .map(|command| command.plan(lease))
        .collect();
    let pending = commands.clone().zip(&plans);
    let mut pending: Vec<_> = pending
        .map(|(command, plan)| Pending::<In, C>::new(command, plan))
        .collect();
    let mut steps: Vec<_> = pending.iter_mut().filter_map(Pending::step).collect();
    send(lease, &mut steps)?;
    let received: Vec<_> = pending.into_iter().map(Pending::received).collect();
    let all = commands.zip(plans).zip(received);
    Ok(all
        .map(|((command, plan), received)| received.finish(command, plan, lease))
        .collect())
}

impl<In: BatchState, C: Exchange<In>> sealed::Run<In> for Vec<C> {
    type Outcomes = Vec<Result<C::Answer>>;

    fn first(&self) -> &'static str {
        self.as_slice().first().map_or(EMPTY, Exchange::name)
    }

    fn run(self, lease: &mut In::Lease<'_>) -> Result<Self::Outcomes> {
        run_all(self.iter(), lease)
    }
}

impl<In: BatchState, C: Exchange<In>, const N: usize> sealed::Run<In> for [C; N] {
    type Outcomes = [Result<C::Answer>; N];

    fn first(&self) -> &'static str {
        self.as_slice().first().map_or(EMPTY, Exchange::name)
    }

    fn run(self, lease: &mut In::Lease<'_>) -> Result<Self::Outcomes> {
        let mut answers = run_all(self.iter(), lease)?.into_iter();
        let mut commands = self.iter();
        Ok(std::array::from_fn(|_| {
            let name = commands.next().map_or("", Exchange::name);
            answers.next().unwrap_or(Err(Error::MissingData(name)))
        }))
    }
}

/// A batch of different commands.
macro_rules! tuple {
    ($($command:ident $plan:ident $pending:ident),+) => {
        impl<In: BatchState, $($command: Exchange<In>),+> sealed::Run<In> for ($($command,)+) {
            type Outcomes = ($(Result<$command::Answer>,)+);

            fn first(&self) -> &'static str {
                self.0.name()
            }

            #[allow(non_snake_case)]
            fn run(self, lease: &mut In::Lease<'_>) -> Result<Self::Outcomes> {
                let ($($command,)+) = &self;
                $(let $plan = $command.plan(lease);)+
                $(let mut $pending = Pending::<In, _>::new($command, &$plan);)+
                let steps = [$($pending.step()),+];
                let mut steps: Vec<_> = steps.into_iter().flatten().collect();
                send(lease, &mut steps)?;
                $(let $pending = $pending.received();)+
                Ok(($($pending.finish($command, $plan, lease),)+))
            }
        }
    };
}

tuple!(A a p);
tuple!(A a p, B b q);
tuple!(A a p, B b q, C c r);
tuple!(A a p, B b q, C c r, D d s);
tuple!(A a p, B b q, C c r, D d s, E e t);
tuple!(A a p, B b q, C c r, D d s, E e t, F f u);
tuple!(A a p, B b q, C c r, D d s, E e t, F f u, G g v);
tuple!(A a p, B b q, C c r, D d s, E e t, F f u, G g v, H h w);

/// Runs a batch on a leased connection.
pub(crate) fn run_on<B: Batch<AuthenticatedState>>(
    connection: &mut Connection,
    batch: B,
) -> Result<B::Answers> {
    batch.run(connection)
}
