//! Storing messages: what was said to be stored is there once, what was said not to be is not, and
//! nothing is there twice or in part.

use latchbox::Session;
use latchbox::command::{Append, Appended, Status};
use latchbox::types::{NewMessage, StatusItem, UidSet};

use super::run::{Effect, Play, Run};
use super::stage::{Kind, Stage, message};

/// Message after message, and several in one go.
pub(super) struct Appending(pub(super) Kind);

/// STATUS and APPEND in one batch.
pub(super) struct Batching;

/// What became of each message, together those that are stored all or not at all, and which UIDs
/// they were said to have.
type Told = Vec<(Vec<Vec<u8>>, Effect, Option<UidSet>)>;

impl Play for Appending {
    fn name(&self) -> &'static str {
        match self.0 {
            Kind::Rich => "appending",
            _ => "appending by literals that are asked for",
        }
    }

    fn kind(&self) -> Kind {
        self.0
    }

    fn play(&self, run: &mut Run<'_>) {
        let target = run.name("Target");
        run.stage.fill(&target, &[]);
        let mut told = Told::new();
        let session = run.open();
        if let Some(session) = &session {
            self.append(run, session, &target, &mut told);
        }
        run.lock_again(session, &target);
        run.settle();
        assert_stored(run.stage, &target, &told);
    }
}

impl Appending {
    fn append(
        &self,
        run: &mut Run<'_>,
        session: &Session,
        target: &str,
        told: &mut Told,
    ) -> Option<()> {
        let new = |what: &str, octets| message(&run.name(what), octets);
        let (large, read) = (new("large", 5000), new("read", 1500));
        let (one, other) = (new("one", 300), new("other", 700));
        let each = ["first", "second", "third"].map(|what| new(what, 400));

        let result = session.append(target, large.as_slice());
        hear(run, told, vec![large], result)?;

        let (reader, len) = (read.as_slice(), read.len() as u64);
        let result = session.append(target, NewMessage::from_reader(reader, len));
        hear(run, told, vec![read.clone()], result)?;

        if self.0 == Kind::Rich {
            let result = session.append_atomic(target, [one.as_slice(), &other]);
            hear(run, told, vec![one, other], result)?;
        }

        let mut results = session.append_each(target, each.iter().map(Vec::as_slice));
        for message in each.clone() {
            match results.as_mut().ok().and_then(Iterator::next) {
                Some(result) => drop(hear(run, told, vec![message], result)),
                None => told.push((vec![message], Effect::None, None)),
            }
        }
        results.map(drop).ok()
    }
}

impl Play for Batching {
    fn name(&self) -> &'static str {
        "batches"
    }

    fn play(&self, run: &mut Run<'_>) {
        let (target, other) = (run.name("Target"), run.name("Other"));
        run.stage.fill(&target, &[]);
        run.stage
            .fill(&other, &[message("x", 100), message("y", 100)]);
        let mut told = Told::new();
        let session = run.open();
        if let Some(session) = &session {
            batch(run, session, &target, &other, &mut told);
        }
        run.lock_again(session, &target);
        run.settle();
        assert_stored(run.stage, &target, &told);
        assert_eq!(run.stage.found(&other).len(), 2);
    }
}

fn batch(run: &mut Run<'_>, session: &Session, target: &str, other: &str, told: &mut Told) {
    let messages = ["first", "second"].map(|what| message(&run.name(what), 600));
    let counts = |name: &str| Status::new(name, [StatusItem::Messages]).unwrap();
    let append = |at: usize| Append::new(target, messages[at].as_slice()).unwrap();
    let answers = session.pipeline((
        counts(target),
        append(0),
        counts(other),
        append(1),
        counts(target),
    ));
    let Some((before, first, others, second, after)) = run.note(answers).0 else {
        return;
    };
    for (status, messages) in [(before, 0), (others, 2), (after, 2)] {
        if let Some(status) = run.note(status).0 {
            assert_eq!(status.messages(), Some(messages));
        }
    }
    for (message, result) in messages.into_iter().zip([first, second]) {
        hear(run, told, vec![message], result);
    }
}

fn hear(
    run: &mut Run<'_>,
    told: &mut Told,
    messages: Vec<Vec<u8>>,
    result: latchbox::Result<Appended>,
) -> Option<()> {
    let (stored, effect) = run.note(result);
    let uids = stored.as_ref().and_then(Appended::uids).cloned();
    told.push((messages, effect, uids));
    stored.map(drop)
}

/// The server has what it said, and nothing else.
#[track_caller]
fn assert_stored(stage: &Stage, mailbox: &str, told: &Told) {
    let found = stage.found(mailbox);
    let count = |message: &[u8]| found.iter().filter(|found| found.octets == message).count();
    for (messages, effect, uids) in told {
        let counts: Vec<usize> = messages.iter().map(|message| count(message)).collect();
        let is_right = match effect {
            Effect::Done => counts.iter().all(|&count| count == 1),
            Effect::None => counts.iter().all(|&count| count == 0),
            Effect::Possible => counts.iter().all(|&c| c == counts[0] && c <= 1),
        };
        assert!(is_right, "{effect:?}, and stored {counts:?} times");
        let uids = uids.iter().flat_map(UidSet::iter);
        for (uid, message) in uids.zip(messages) {
            let found = found.iter().find(|found| found.uid == uid);
            assert_eq!(&found.expect("no message has that UID").octets, message);
        }
    }
    for found in &found {
        let mut known = told.iter().flat_map(|(messages, ..)| messages);
        let text = String::from_utf8_lossy(&found.octets);
        assert!(
            known.any(|message| *message == found.octets),
            "not sent: {text}"
        );
    }
}
