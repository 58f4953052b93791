//! GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208, RFC 2087).

use crate::connection::Connection;
use crate::connection::of_mailbox::OfMailbox;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::atom::is_atom;
use crate::types::capability::Capability;
use crate::types::mailbox_name::MailboxName;
use crate::types::quota::{Quota, QuotaResource, QuotaRoots};
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::quota::Roots;

impl Session {
    /// The quotas that a mailbox is under: how much there is, and how much there may be
    /// (GETQUOTAROOT).
    ///
    /// Most servers have one root for all mailboxes of a user. A mailbox can be under several, and
    /// under none.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server does not have QUOTA;
    /// [`Error::Refused`] for a mailbox that is not there; [`Error::Unanswered`],
    /// [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::QuotaResource;
    ///
    /// let quotas = session.quota_roots("INBOX")?;
    /// for storage in quotas.resource(&QuotaResource::Storage) {
    ///     println!("{:?} of {:?} octets", storage.usage_octets(), storage.limit_octets());
    ///     # assert!(storage.usage() > 0 && storage.left() > 0);
    /// }
    /// # assert_eq!(quotas.resource(&QuotaResource::Storage).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn quota_roots<N>(&self, mailbox: N) -> Result<QuotaRoots>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        const NAME: &str = "GETQUOTAROOT";
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let mut connection = self.lease(NAME)?;
        connection.check_quota(NAME)?;
        let mut heard = OfMailbox::<(MailboxName, Roots)>::default();
        let mut quotas = Vec::new();
        connection.run(
            NAME,
            |encoder| {
                encoder.raw("GETQUOTAROOT ").mailbox(&mailbox)?;
                Ok(())
            },
            |data| match data {
                Untagged::QuotaRoot(named) => {
                    let taken = heard.claim(named, &mailbox, Roots::join);
                    taken.err().map(Untagged::QuotaRoot)
                }
                Untagged::Quota(quota) => {
                    quotas.push(quota);
                    None
                }
                other => {
                    let other = heard.take_unreadable(other, "QUOTAROOT")?;
                    heard.take_unreadable(other, "QUOTA")
                }
            },
        )?;
        heard.check_readable(NAME)?;
        let (mailbox, Roots(roots)) = heard.finish(NAME)?;
        Ok(QuotaRoots {
            mailbox,
            roots,
            quotas,
        })
    }

    /// The usage and limits of one quota root (GETQUOTA). The names of roots are the server's own;
    /// [`quota_roots`](Self::quota_roots) tells those of a mailbox. Some servers answer this to
    /// administrators only.
    ///
    /// # Errors
    ///
    /// As for [`quota_roots`](Self::quota_roots); [`Error::Refused`] for a root that is not there or
    /// may not be asked for; [`Error::Argument`] for a name with a NUL in it.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// for root in session.quota_roots("INBOX")?.roots() {
    ///     for usage in session.quota(root)?.resources() {
    ///         println!("{root}: {} of {} {}", usage.usage(), usage.limit(), usage.resource());
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn quota(&self, root: &str) -> Result<Quota> {
        const NAME: &str = "GETQUOTA";
        let mut connection = self.lease(NAME)?;
        connection.check_quota(NAME)?;
        let found = connection.run_for_quota(NAME, root, |encoder| {
            encoder.raw("GETQUOTA ").string(ROOT, root)?;
            Ok(())
        })?;
        found.ok_or(Error::Unanswered(NAME))
    }

    /// Sets the limits of a quota root, in units of each resource (SETQUOTA): 1024 octets for
    /// [`Storage`](QuotaResource::Storage), see [`QuotaUsage`](crate::types::QuotaUsage). What is
    /// not named has no limit any more. Most servers let administrators do this only.
    ///
    /// Returns what the server says of the root now; `None` where it says nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server does not have QUOTA, or is one
    /// of RFC 9208 (it names the resources that it counts) without QUOTASET; servers of RFC 2087,
    /// which had no such capability, are asked. [`Error::Refused`]; [`Error::Argument`] for a name
    /// that cannot be sent; [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::QuotaResource;
    ///
    /// // 2 GiB.
    /// let quota = session.set_quota("", [(QuotaResource::Storage, 2 << 20)])?;
    /// # let quota = quota.expect("an answer");
    /// # assert_eq!(quota.resources()[0].limit_octets(), Some(2 << 30));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_quota(
        &self,
        root: &str,
        limits: impl IntoIterator<Item = (QuotaResource, u64)>,
    ) -> Result<Option<Quota>> {
        const NAME: &str = "SETQUOTA";
        let limits: Vec<_> = limits.into_iter().collect();
        for (resource, _) in &limits {
            check_resource(resource)?;
        }
        let mut connection = self.lease(NAME)?;
        connection.check_quota(NAME)?;
        let capabilities = connection.capabilities()?;
        let is_new = capabilities
            .iter()
            .any(|one| matches!(one, Capability::QuotaResource(_)));
        if is_new && !capabilities.supports(&Capability::QuotaSet) {
            return Err(Error::unsupported(NAME, Capability::QuotaSet));
        }
        connection.run_for_quota(NAME, root, |encoder| {
            encoder.raw("SETQUOTA ").string(ROOT, root)?.raw(" (");
            for (place, (resource, limit)) in limits.iter().enumerate() {
                encoder.raw(if place > 0 { " " } else { "" });
                encoder.display(resource).sp().display(limit);
            }
            encoder.raw(")");
            Ok(())
        })
    }
}

/// What the name of a quota root is called in an error.
const ROOT: &str = "quota root";

/// The name of a resource is an atom.
fn check_resource(resource: &QuotaResource) -> Result<()> {
    let QuotaResource::Other(name) = resource else {
        return Ok(());
    };
    match is_atom(name) {
        true => Ok(()),
        false => Err(Error::text("quota resource", "its name is not one word")),
    }
}

impl Connection {
    fn check_quota(&mut self, command: &'static str) -> Result<()> {
        match self.capabilities()?.supports(&Capability::Quota) {
            true => Ok(()),
            false => Err(Error::unsupported(command, Capability::Quota)),
        }
    }

    /// Sends a command that is answered by the QUOTA of one root. A server that spells its name in
    /// another way is believed.
    fn run_for_quota(
        &mut self,
        command: &'static str,
        root: &str,
        encode: impl FnOnce(&mut Encoder<'_>) -> Result<()>,
    ) -> Result<Option<Quota>> {
        let mut found: Option<Quota> = None;
        self.run(command, encode, |data| match data {
            Untagged::Quota(quota) => {
                if found.as_ref().is_none_or(|found| found.root != root) {
                    found = Some(quota);
                }
                None
            }
            other => Some(other),
        })?;
        Ok(found)
    }
}
