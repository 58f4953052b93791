//! The work that is counted, in command batches.

use latchbox::command::{Append, Noop, Store};
use latchbox::types::{Flag, Uid, UidSet};
use latchbox::{Result, Session};

use crate::work::counted;

/// The commands of a batch.
const BATCH: usize = 100;

/// So many NOOPs.
pub(crate) fn noops(session: &Session, count: usize) -> Result<u64> {
    let batches = (0..count / BATCH).map(|_| vec![Noop; BATCH]);
    counted(|| {
        batches.into_iter().try_for_each(|batch| {
            let mut done = session.pipeline(batch)?.into_iter();
            done.try_for_each(|one| one)
        })
    })
    .map(|()| 0)
}

/// So many STOREs, each of one message, and each of another than those before it.
pub(crate) fn stores(session: &Session, count: usize) -> Result<u64> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let last = u32::try_from(count).unwrap_or(u32::MAX);
    let sets = (1..=last).map(|uid| Ok(UidSet::unbound([Uid::try_from(uid)?])));
    let sets = sets.collect::<Result<Vec<_>>>()?;
    counted(|| {
        sets.chunks(BATCH).try_for_each(|sets| {
            let stores = sets.iter().map(|set| Store::add(set, &[Flag::Seen]));
            let stores: Vec<_> = stores.map(Store::silent).collect();
            inbox
                .pipeline(stores)?
                .into_iter()
                .try_for_each(|stored| stored.map(|_| ()))
        })
    })
    .map(|()| 0)
}

/// So many APPENDs of 1 KiB.
pub(crate) fn appends(session: &Session, count: usize) -> Result<u64> {
    let message = [b'x'; 1024];
    counted(|| {
        (0..count / BATCH).try_for_each(|_| {
            let appends = (0..BATCH).map(|_| Append::new("INBOX", &message[..]));
            let appends = appends.collect::<Result<Vec<_>>>()?;
            session
                .pipeline(appends)?
                .into_iter()
                .try_for_each(|one| one.map(|_| ()))
        })
    })
    .map(|()| 0)
}
