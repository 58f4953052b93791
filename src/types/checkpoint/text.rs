//! The text form of a checkpoint.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::types::checkpoint::known_flags::KnownFlags;
use crate::types::checkpoint::runs::Runs;
use crate::types::checkpoint::{Checkpoint, Pass};
use crate::types::invalid_checkpoint::InvalidCheckpoint;
use crate::types::message_set::MessageSet as _;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::stored_line::{Encoded, Fields, LineWriter, decode_text, number};
use crate::types::stored_uids::StoredUids;
use crate::types::uid::{ModSeq, Uid};
use crate::types::uid_set::UidSet;

const KIND: &str = "checkpoint";
const VERSION: u32 = 1;

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = LineWriter::new(f, KIND, VERSION)?;
        let known = UidSet::from(self.known.clone()).with_origin(Arc::clone(&self.origin));
        let known = StoredUids::of(self.mailbox().clone(), self.uid_validity, known);
        line.text("known", &known.to_string())?;
        if let Some(id) = &self.mailbox_id {
            line.text("mailboxid", id)?;
        }
        line.field("number", self.number)?;
        line.field("uidnext", self.uid_next)?;
        line.field("firstnew", self.first_new)?;
        if let Some(mod_seq) = self.mod_seq {
            line.field("modseq", mod_seq)?;
        }
        if let Some(Pass { target, done }) = self.pass {
            line.field("pass", format_args!("{target}@{done}"))?;
        }
        for (name, set) in [("pending", &self.pending), ("older", &self.older)] {
            if !set.is_empty() {
                line.field(name, set)?;
            }
        }
        if let Some(flags) = &self.flags {
            line.field("flags", Groups(flags.groups()))?;
        }
        if !self.own.is_empty() {
            line.field("own", Own(&self.own))?;
        }
        line.finish()
    }
}

impl FromStr for Checkpoint {
    type Err = InvalidCheckpoint;

    fn from_str(text: &str) -> Result<Self, InvalidCheckpoint> {
        let mut fields = Fields::read(text, KIND, VERSION)?;
        let known = fields.text("known")?;
        let known = known.and_then(|known| known.parse::<StoredUids>().ok());
        let known = known.ok_or_else(|| fields.damaged("known"))?;
        let origin = known.uids().shared_origin().cloned();
        let origin = origin.ok_or_else(|| fields.damaged("known"))?;
        let mailbox_id = fields.text("mailboxid")?.map(String::into_boxed_str);
        let number = fields.number("number")?;
        let uid = |fields: &mut Fields<'_>, name| match fields.number(name)? {
            Some(number) => Uid::new(number).ok_or_else(|| fields.damaged(name)),
            None => Err(fields.damaged(name)),
        };
        let uid_next = uid(&mut fields, "uidnext")?;
        let first_new = uid(&mut fields, "firstnew")?;
        let mod_seq = part(&mut fields, "modseq", mod_seq)?;
        let pass = part(&mut fields, "pass", pass)?;
        let pending = part(&mut fields, "pending", closed_set)?.unwrap_or_default();
        let older = part(&mut fields, "older", closed_set)?.unwrap_or_default();
        let flags = part(&mut fields, "flags", flags)?;
        let own = part(&mut fields, "own", own)?.unwrap_or_default();
        let checkpoint = Self {
            uid_validity: known.uid_validity(),
            mailbox_id,
            number: number.ok_or_else(|| fields.damaged("number"))?,
            uid_next,
            first_new,
            mod_seq,
            pass,
            known: known.uids().as_numbers().clone(),
            pending,
            older,
            flags,
            own,
            origin,
        };
        if !checkpoint.is_consistent() {
            return Err(fields.damaged("its sets"));
        }
        fields.finish()?;
        Ok(checkpoint)
    }
}

impl Checkpoint {
    /// No message is in two sets, and none that is known is `*`.
    fn is_consistent(&self) -> bool {
        let is_apart = |one: &NumberSet, other| one.intersection(other).is_empty();
        !self.known.is_open()
            && is_apart(&self.known, &self.pending)
            && is_apart(&self.known, &self.older)
            && is_apart(&self.pending, &self.older)
    }
}

/// A field read by `read`; `None` if it is absent.
fn part<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, InvalidCheckpoint> {
    let value = fields.take(name);
    let read = |value| read(value).ok_or_else(|| fields.damaged(name));
    value.map(read).transpose()
}

/// A set without `*`.
fn closed_set(text: &str) -> Option<NumberSet> {
    let set = NumberSet::parse(text.as_bytes()).ok();
    set.filter(|set| !set.is_open())
}

fn mod_seq(text: &str) -> Option<ModSeq> {
    ModSeq::new(number(text)?)
}

fn pass(text: &str) -> Option<Pass> {
    let (target, done) = text.split_once('@')?;
    Some(Pass {
        target: mod_seq(target)?,
        done: Uid::new(number(done)?)?,
    })
}

/// `list!set+list!set`; the names of a list are percent-encoded.
struct Groups<'k>(Vec<(&'k str, NumberSet)>);

impl fmt::Display for Groups<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (list, uids)) in self.0.iter().enumerate() {
            let before = if place == 0 { "" } else { "+" };
            write!(f, "{before}{}!{uids}", Encoded(list.as_bytes()))?;
        }
        Ok(())
    }
}

fn flags(text: &str) -> Option<KnownFlags> {
    let group = |group: &str| {
        let (list, uids) = group.split_once('!')?;
        Some((decode_text(list)?, closed_set(uids)?))
    };
    let groups: Option<Vec<_>> = match text {
        "" => Some(Vec::new()),
        text => text.split('+').map(group).collect(),
    };
    KnownFlags::from_groups(groups?)
}

/// `mod-sequence@set+mod-sequence@set`.
struct Own<'o>(&'o Runs<ModSeq>);

impl fmt::Display for Own<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: BTreeMap<ModSeq, NumberSetBuilder> = BTreeMap::new();
        for (span, mod_seq) in self.0.iter() {
            groups.entry(mod_seq).or_default().push_span(span);
        }
        for (place, (mod_seq, uids)) in groups.into_iter().enumerate() {
            let before = if place == 0 { "" } else { "+" };
            write!(f, "{before}{mod_seq}@{}", uids.finish())?;
        }
        Ok(())
    }
}

fn own(text: &str) -> Option<Runs<ModSeq>> {
    let mut spans = Vec::new();
    for group in text.split('+') {
        let (changed, uids) = group.split_once('@')?;
        let (changed, uids) = (mod_seq(changed)?, closed_set(uids)?);
        spans.extend(uids.closed().map(|span| (span, changed)));
    }
    Runs::from_spans(spans)
}
