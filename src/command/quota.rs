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

/// The commands of QUOTA (RFC 9208); see [`Session::quota`].
#[derive(Clone, Copy, Debug)]
#[must_use = "its methods send the commands"]
pub struct QuotaCommands<'s> {
    session: &'s Session,
}

impl Session {
    /// The commands of QUOTA: usage and limits of the account (RFC 9208, RFC 2087).
    ///
    /// Sends nothing by itself.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// for quota in session.quota().roots("INBOX")?.quotas() {
    ///     println!("{quota}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "GETQUOTAROOT")]
    #[doc(alias = "GETQUOTA")]
    #[doc(alias = "get_quota")]
    pub fn quota(&self) -> QuotaCommands<'_> {
        QuotaCommands { session: self }
    }
}

impl QuotaCommands<'_> {
    /// The quotas that apply to a mailbox: its quota roots with usage and limits (GETQUOTAROOT).
    ///
    /// Most servers have one root for all mailboxes of a user. A mailbox can have several, or none.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] for an invalid name; [`Error::Unsupported`] if
    /// the server lacks QUOTA; [`Error::Lock`]. Then [`Error::Refused`] if the mailbox does not
    /// exist; [`Error::MissingData`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::quota::QuotaResource;
    ///
    /// let quotas = session.quota().roots("INBOX")?;
    /// for storage in quotas.resource(&QuotaResource::Storage) {
    ///     println!("{:?} of {:?} octets", storage.usage_octets(), storage.limit_octets());
    ///     # assert!(storage.usage() > 0 && storage.remaining() > 0);
    /// }
    /// # assert_eq!(quotas.resource(&QuotaResource::Storage).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "GETQUOTAROOT")]
    pub fn roots(&self, mailbox: impl IntoMailboxName) -> Result<QuotaRoots> {
        let mailbox = mailbox.into_mailbox_name()?;
        self.session.execute(&GetQuotaRoot { mailbox })
    }

    /// The usage and limits of one quota root (GETQUOTA).
    ///
    /// The server chooses the names of roots; [`roots`](Self::roots) returns those of a mailbox.
    /// Some servers answer this only to administrators.
    ///
    /// # Errors
    ///
    /// As for [`roots`](Self::roots); [`Error::Argument`] for a name with a NUL;
    /// [`Error::Refused`] if the root does not exist, or the user may not see it.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::Printable;
    ///
    /// let quota = session.quota();
    /// for root in quota.roots("INBOX")?.roots() {
    ///     for usage in quota.get(root)?.resources() {
    ///         println!("{}: {usage}", Printable(root));
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "GETQUOTA")]
    pub fn get(&self, root: &str) -> Result<Quota> {
        let quotas = self.session.execute(&GetQuota { root })?;
        of_root(quotas, root).ok_or(Error::MissingData(GetQuota::NAME))
    }

    /// Sets the limits of a quota root, and returns the quota that the server reports (SETQUOTA).
    ///
    /// The limits are in units of each resource: 1024 octets for
    /// [`Storage`](QuotaResource::Storage), see [`QuotaUsage`](crate::quota::QuotaUsage). Resources
    /// that are not named lose their limit. On most servers only administrators may do this.
    /// Returns `None` if the server reports no quota.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] for an invalid name; [`Error::Unsupported`] if
    /// the server lacks QUOTA, or follows RFC 9208 (it advertises the resources that it counts) and
    /// lacks QUOTASET; [`Error::Lock`]. A server of RFC 2087, which had no such capability, is sent
    /// the command. Then [`Error::Refused`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::quota::QuotaResource;
    ///
    /// // 2 GiB.
    /// let quota = session.quota().set("", [(QuotaResource::Storage, 2 << 20)])?;
    /// # let quota = quota.expect("an answer");
    /// # assert_eq!(quota.resources()[0].limit_octets(), Some(2 << 30));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SETQUOTA")]
    pub fn set(
        &self,
        root: &str,
        limits: impl IntoIterator<Item = (QuotaResource, u64)>,
    ) -> Result<Option<Quota>> {
        let limits: Vec<_> = limits.into_iter().collect();
        for (resource, _) in &limits {
            check_resource(resource)?;
        }
        let quotas = self.session.execute(&SetQuota { root, limits })?;
        Ok(of_root(quotas, root))
    }
}

/// The name of a quota root in errors.
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

/// The quota of the requested root among those that came: under its name, or under the only one
/// that differs from it in case. A quota of another root is not an answer.
fn of_root(mut quotas: Vec<Quota>, root: &str) -> Option<Quota> {
    let is_near = |quota: &Quota| quota.root.to_lowercase() == root.to_lowercase();
    let place = match quotas.iter().rposition(|quota| quota.root == root) {
        Some(place) => place,
        None => {
            let mut near = (0..).zip(&quotas).filter(|(_, quota)| is_near(quota));
            let (place, _) = near.next()?;
            match near.next() {
                None => place,
                Some(_) => return None,
            }
        }
    };
    Some(quotas.swap_remove(place))
}
