//! GETQUOTA, GETQUOTAROOT and SETQUOTA, of the one root that a user has: the one without a name.

use crate::connection::{Connection, Outcome, no, ok};
use crate::reply::Reply;
use crate::store::account::{MESSAGE, STORAGE};

impl Connection {
    pub(super) fn quota(&mut self, root: &str) -> Outcome {
        if !root.is_empty() {
            return no("There is no such quota root");
        }
        self.say_quota()?;
        ok("Done")
    }

    pub(super) fn quota_root(&mut self, name: &str) -> Outcome {
        if self.account()?.lock().get(name).is_none() {
            return no("[NONEXISTENT] There is no such mailbox");
        }
        let mut reply = Reply::new("* QUOTAROOT ");
        reply.mailbox(name, self.utf8);
        reply.push(" \"\"");
        self.wire.send(&reply)?;
        self.say_quota()?;
        ok("Done")
    }

    pub(super) fn set_quota(&mut self, root: &str, limits: &[(String, u64)]) -> Outcome {
        if !root.is_empty() {
            return no("There is no such quota root");
        }
        let mut set = Vec::new();
        for (name, limit) in limits {
            let mut known = [STORAGE, MESSAGE].into_iter();
            match known.find(|known| known.eq_ignore_ascii_case(name)) {
                Some(known) => set.push((known, *limit)),
                None => return no("This server does not count that"),
            }
        }
        let account = self.account()?;
        let mut mailboxes = account.lock();
        mailboxes.limits = set.into_iter().collect();
        mailboxes.has_set_limits = true;
        drop(mailboxes);
        self.say_quota()?;
        ok("Done")
    }

    fn say_quota(&mut self) -> std::io::Result<()> {
        let account = self.account()?;
        let mailboxes = account.lock();
        let resource =
            |(name, limit): (&&str, &u64)| format!("{name} {} {limit}", mailboxes.usage(name));
        let resources: Vec<String> = mailboxes.limits.iter().map(resource).collect();
        let line = match !mailboxes.has_set_limits && self.omits_unset_quota() {
            true => "* QUOTA \"\"".to_owned(),
            false => format!("* QUOTA \"\" ({})", resources.join(" ")),
        };
        drop(mailboxes);
        self.wire.say(&line)
    }
}
