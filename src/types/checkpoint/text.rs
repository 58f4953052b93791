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
use crate::types::origin::Origin;
use crate::types::stored_line::{Encoded, Fields, LineWriter, decode_text, number};
use crate::types::stored_uids::StoredUids;
use crate::types::uid::{ModSeq, Uid};
use crate::types::uid_set::UidSet;

const KIND: &str = "checkpoint";
const VERSION: u32 = 1;

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = LineWriter::new(f, KIND, VERSION)?;
        // Each message is written once: in `flags`, if its flags are known.
        let known = match &self.flags {
            Some(flags) => self.known.difference(&flags.uids(&self.known)),
            None => self.known.clone(),
        };
        let known = UidSet::from(known).with_origin(self.stored_origin());
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
        for (name, set) in [
            ("pending", &self.pending),
            ("older", &self.older),
            ("unreadable", &self.unreadable),
            ("unread", &self.unread),
        ] {
            if !set.is_empty() {
                line.field(name, set)?;
            }
        }
        if self.unnamed > 0 {
            line.field("unnamed", self.unnamed)?;
        }
        if let Some(flags) = &self.flags {
            line.field("flags", Groups(flags.groups(&self.known)))?;
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
        let unreadable = part(&mut fields, "unreadable", closed_set)?.unwrap_or_default();
        let unread = part(&mut fields, "unread", closed_set)?.unwrap_or_default();
        let unnamed = fields.number("unnamed")?.unwrap_or(0);
        let flags = part(&mut fields, "flags", flags)?;
        let own = part(&mut fields, "own", own)?.unwrap_or_default();
        let bare = known.uids().as_numbers();
        let (flags, all) = match flags {
            Some((mut flags, flagged)) => {
                let all = bare.union(&flagged);
                flags.add_unknown(&bare.difference(&flagged), &all);
                (Some(flags), all)
            }
            None => (None, bare.clone()),
        };
        let checkpoint = Self {
            uid_validity: known.uid_validity(),
            mailbox_id,
            number: number.ok_or_else(|| fields.damaged("number"))?,
            uid_next,
            first_new,
            mod_seq,
            pass,
            known: all,
            pending,
            older,
            unreadable,
            unread,
            unnamed,
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
    /// The origin without an account that no other login could know again.
    fn stored_origin(&self) -> Arc<Origin> {
        match self.account() {
            Some(account) if !account.is_named() => {
                let origin = Origin::new(self.mailbox().clone(), Some(self.uid_validity));
                Arc::new(origin)
            }
            _ => Arc::clone(&self.origin),
        }
    }

    /// No message is in two sets, none that is known is `*`, and only of those that are known can flags
    /// be unread.
    fn is_consistent(&self) -> bool {
        let lens = self.sets().into_iter().map(NumberSet::len);
        let apart = lens.sum::<Option<u64>>();
        let are_known = self.unread.difference(&self.known).is_empty();
        are_known && apart.is_some() && apart == self.all().len()
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

fn flags(text: &str) -> Option<(KnownFlags, NumberSet)> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::account_id::{AccountId, Home, Server};
    use crate::types::flag::Flag;
    use crate::types::mailbox_name::MailboxName;
    use crate::types::stored_line::with_check;
    use crate::types::uid::UidValidity;

    fn uid(number: u32) -> Uid {
        Uid::new(number).unwrap()
    }

    fn numbers(text: &str) -> NumberSet {
        match text {
            "" => NumberSet::new(),
            text => NumberSet::parse(text.as_bytes()).unwrap(),
        }
    }

    /// A checkpoint with something in each field.
    fn full() -> Checkpoint {
        let validity = UidValidity::new(7).unwrap();
        let mailbox = MailboxName::new("Entw\u{fc}rfe/a;b=c").unwrap();
        let account: AccountId = "imap://jane@imap.example.com:993".parse().unwrap();
        let origin = Origin::new(mailbox, Some(validity)).in_account(Some(account.into()));
        let mut checkpoint = Checkpoint::new(origin.into(), validity, uid(100));
        checkpoint.mailbox_id = Some("F2212;ea".into());
        checkpoint.number = 12;
        checkpoint.uid_next = uid(120);
        checkpoint.mod_seq = ModSeq::new(715_194_045_007);
        checkpoint.pass = Some(Pass {
            target: ModSeq::new(715_194_045_010).unwrap(),
            done: uid(50),
        });
        checkpoint.known = numbers("10:60,99,119");
        checkpoint.pending = numbers("5:9");
        checkpoint.older = numbers("1:3");
        checkpoint.unreadable = numbers("61");
        let (seen, work): (&[Flag], &[Flag]) =
            (&[Flag::Seen], &[Flag::keyword("a+b!c@d").unwrap()]);
        let flags = [
            (uid(10), seen),
            (uid(11), work),
            (uid(12), seen),
            (uid(13), &[]),
        ];
        checkpoint.flags.get_or_insert_default();
        checkpoint.put_flags(flags.into_iter());
        let own = [(uid(20), 9), (uid(21), 9), (uid(30), 8)];
        let own = own.map(|(uid, mod_seq)| (uid, ModSeq::new(mod_seq).unwrap()));
        checkpoint.own.put_all(own.into_iter());
        checkpoint
    }

    /// The texts of older versions have to be readable forever: do not change these.
    #[test]
    fn the_text_form_is_settled() {
        let written = "checkpoint/1;known=imap%3A//jane@imap.example.com%3A993/Entw%25C3%25BCrfe/\
                       a%253Bb%253Dc%3BUIDVALIDITY%3D7/%3BUID%3D14%3A60%2C99%2C119;\
                       mailboxid=F2212%3Bea;number=12;uidnext=120;firstnew=100;\
                       modseq=715194045007;pass=715194045010@50;pending=5:9;older=1:3;unreadable=61;\
                       flags=%5CSeen!10,12+a%2Bb%21c@d!11+!13;own=8@30+9@20:21";
        let written = with_check(written);
        let checkpoint = full();
        assert_eq!(checkpoint.to_string(), written);
        assert_eq!(written.parse(), Ok(checkpoint));
        let least =
            "checkpoint/1;known=INBOX%3BUIDVALIDITY%3D7/%3BUID%3D;number=0;uidnext=1;firstnew=1";
        let least = with_check(least);
        let read: Checkpoint = least.parse().unwrap();
        assert_eq!(read.to_string(), least);
        assert!(read.account().is_none() && read.known().is_empty());
    }

    /// What was added later, in its settled form.
    #[test]
    fn fields_that_older_texts_lack_are_settled_too() {
        let written = with_check(
            "checkpoint/1;known=INBOX%3BUIDVALIDITY%3D7/%3BUID%3D1%3A9;number=0;uidnext=10;firstnew=1;\
             unreadable=10;unread=2:3;unnamed=4",
        );
        let read: Checkpoint = written.parse().unwrap();
        assert_eq!(read.to_string(), written);
        assert_eq!((read.unread, read.unnamed), (numbers("2:3"), 4));
    }

    #[test]
    fn every_damage_is_noticed() {
        let text = full().to_string();
        for at in 0..text.len() {
            assert!(text[..at].parse::<Checkpoint>().is_err(), "cut at {at}");
            let mut damaged = text.clone().into_bytes();
            damaged[at] ^= 1;
            let damaged = String::from_utf8(damaged).unwrap();
            assert!(damaged.parse::<Checkpoint>().is_err(), "{damaged}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_damaged_and_what_is_newer_is_told() {
        let of = |fields: &str| {
            let line = format!(
                "checkpoint/1;known=INBOX%3BUIDVALIDITY%3D7/%3BUID%3D1%3A9;number=0;{fields}"
            );
            with_check(&line).parse::<Checkpoint>()
        };
        assert!(of("uidnext=10;firstnew=1").is_ok());
        for damaged in [
            "uidnext=0;firstnew=1",
            "firstnew=1",
            "uidnext=10",
            "uidnext=10;firstnew=1;pending=9:10",
            "uidnext=10;firstnew=1;older=3",
            "uidnext=10;firstnew=1;pending=10:12;older=12",
            "uidnext=10;firstnew=1;pending=10:*",
            "uidnext=10;firstnew=1;unreadable=9:10",
            "uidnext=10;firstnew=1;older=10;unreadable=10",
            "uidnext=10;firstnew=1;flags=a!1:4+b!4",
            "uidnext=10;firstnew=1;pending=12;flags=a!12",
            "uidnext=10;firstnew=1;own=5@1:3+6@3",
            "uidnext=10;firstnew=1;unread=10",
            "uidnext=10;firstnew=1;unread=1:*",
            "uidnext=10;firstnew=1;unnamed=-1",
            "uidnext=10;firstnew=1;modseq=0",
            "uidnext=10;firstnew=1;pass=5",
            "uidnext=10;firstnew=1;unknown=1",
        ] {
            let error = of(damaged).unwrap_err();
            assert!(error.is_damaged(), "{damaged}: {error}");
        }
        let newer = with_check("checkpoint/2;anything=else").parse::<Checkpoint>();
        assert_eq!(newer.unwrap_err().newer_version(), Some(2));
        let other = with_check("account-checkpoint/1;x=y").parse::<Checkpoint>();
        assert!(other.unwrap_err().is_other_kind());
    }

    #[test]
    fn an_account_that_cannot_be_known_again_is_not_written() {
        let mut checkpoint = full();
        let origin = Origin::clone(&checkpoint.origin);
        let home = Home {
            server: Server::tcp("imap.example.com", 993),
            certificate: None,
            name: None,
        };
        checkpoint.origin = Arc::new(origin.in_account(Some(home.account(None))));
        let read: Checkpoint = checkpoint.to_string().parse().unwrap();
        assert!(read.account().is_none());
    }

    #[test]
    fn a_short_text_takes_little_memory_whatever_its_sets_name() {
        let line = with_check(
            "checkpoint/1;known=INBOX%3BUIDVALIDITY%3D7/%3BUID%3D;number=0;\
             uidnext=1;firstnew=1;flags=a!1:4294967295;own=5@1:4294967295",
        );
        let read: Checkpoint = line.parse().unwrap();
        assert_eq!(read.to_string(), line);
        assert_eq!(read.accounted_for(), u64::from(u32::MAX));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}", line in "[ -~]{0,200}") {
            let _ = text.parse::<Checkpoint>();
            let _ = with_check(&line).parse::<Checkpoint>();
            let _ = with_check(&format!("checkpoint/1;{line}")).parse::<Checkpoint>();
        }
    }
}
