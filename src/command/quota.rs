//! GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208, RFC 2087).

use crate::connection::Connection;
use crate::connection::of_mailbox::OfMailbox;
use crate::connection::pipeline::Among;
use crate::error::{Error, Result};
use crate::exchange::{Partial, Simple};
use crate::session::Session;
use crate::types::atom::is_atom;
use crate::types::capability::Capability;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::quota::{Quota, QuotaResource, QuotaRoots};
use crate::types::response_code::ResponseCode;
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
    /// [`Error::Refused`] for a mailbox that is not there; [`Error::MissingData`],
    /// [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::QuotaResource;
    ///
    /// let quotas = session.quota_roots("INBOX")?;
    /// for storage in quotas.resource(&QuotaResource::Storage) {
    ///     println!("{:?} of {:?} octets", storage.usage_octets(), storage.limit_octets());
    ///     # assert!(storage.usage() > 0 && storage.remaining() > 0);
    /// }
    /// # assert_eq!(quotas.resource(&QuotaResource::Storage).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn quota_roots(&self, mailbox: impl IntoMailboxName) -> Result<QuotaRoots> {
        let mailbox = mailbox.into_mailbox_name()?;
        self.execute(&GetQuotaRoot { mailbox })
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
        let quotas = self.execute(&GetQuota { root })?;
        of_root(quotas, root).ok_or(Error::MissingData(GetQuota::NAME))
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
        let limits: Vec<_> = limits.into_iter().collect();
        for (resource, _) in &limits {
            check_resource(resource)?;
        }
        let quotas = self.execute(&SetQuota { root, limits })?;
        Ok(of_root(quotas, root))
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

struct GetQuotaRoot {
    mailbox: MailboxName,
}

impl Simple for GetQuotaRoot {
    const NAME: &'static str = "GETQUOTAROOT";
    const NEEDS: Option<Capability> = Some(Capability::Quota);
    type Partial = RootsSoFar;

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().mailbox(&self.mailbox)?;
        Ok(())
    }

    fn claim<'r>(
        &self,
        RootsSoFar { roots, quotas }: &mut RootsSoFar,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        match take_quota(quotas, data)? {
            Untagged::QuotaRoot(named) => {
                let told = |name, Roots(roots)| (name, roots);
                let join = |(_, known): &mut (_, Vec<String>), (_, later)| known.extend(later);
                let named = roots.offer_named(named, &self.mailbox, among, told, join)?;
                Some(Untagged::QuotaRoot(named))
            }
            other => {
                let other = roots.take_unreadable(other, "QUOTAROOT", among)?;
                roots.take_unreadable(other, "QUOTA", among)
            }
        }
    }
}

#[derive(Default)]
struct RootsSoFar {
    roots: OfMailbox<(MailboxName, Vec<String>)>,
    quotas: Vec<Quota>,
}

impl Partial for RootsSoFar {
    type Answer = QuotaRoots;

    fn finish(self, command: &'static str, code: Option<ResponseCode>) -> Result<QuotaRoots> {
        self.roots.check_readable(command)?;
        let (mailbox, roots) = self.roots.finish(command, code)?;
        Ok(QuotaRoots {
            mailbox,
            roots,
            quotas: self.quotas,
        })
    }
}

struct GetQuota<'q> {
    root: &'q str,
}

impl Simple for GetQuota<'_> {
    const NAME: &'static str = "GETQUOTA";
    const NEEDS: Option<Capability> = Some(Capability::Quota);
    type Partial = Vec<Quota>;

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().string(ROOT, self.root)?;
        Ok(())
    }

    fn claim<'r>(
        &self,
        quotas: &mut Self::Partial,
        data: Untagged<'r>,
        _: Option<Among>,
    ) -> Option<Untagged<'r>> {
        take_quota(quotas, data)
    }
}

struct SetQuota<'q> {
    root: &'q str,
    limits: Vec<(QuotaResource, u64)>,
}

impl Simple for SetQuota<'_> {
    const NAME: &'static str = "SETQUOTA";
    const NEEDS: Option<Capability> = Some(Capability::Quota);
    type Partial = Vec<Quota>;

    fn check(&self, connection: &mut Connection) -> Result<()> {
        let mut capabilities = connection.capabilities()?.iter();
        match capabilities.any(|one| matches!(one, Capability::QuotaResource(_))) {
            true => connection.require(Self::NAME, Capability::QuotaSet),
            false => Ok(()),
        }
    }

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().string(ROOT, self.root)?.raw(" (");
        for (place, (resource, limit)) in self.limits.iter().enumerate() {
            encoder.raw(if place > 0 { " " } else { "" });
            encoder.display(resource).sp().display(limit);
        }
        encoder.raw(")");
        Ok(())
    }

    fn claim<'r>(
        &self,
        quotas: &mut Self::Partial,
        data: Untagged<'r>,
        _: Option<Among>,
    ) -> Option<Untagged<'r>> {
        take_quota(quotas, data)
    }
}

fn take_quota<'r>(quotas: &mut Vec<Quota>, data: Untagged<'r>) -> Option<Untagged<'r>> {
    match data {
        Untagged::Quota(quota) => quotas.push(quota),
        other => return Some(other),
    }
    None
}

/// The quota of a root among those that came. A server that spells its name in another way is
/// believed.
fn of_root(mut quotas: Vec<Quota>, root: &str) -> Option<Quota> {
    match quotas.iter().position(|quota| quota.root == root) {
        Some(place) => Some(quotas.swap_remove(place)),
        None => quotas.pop(),
    }
}
