//! GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS (RFC 4314).

use crate::connection::Connection;
use crate::connection::of_mailbox::{OfMailbox, replace};
use crate::connection::pipeline::{Among, Footprint};
use crate::error::{Error, Result};
use crate::exchange::{BatchState, Command, Simple, run_alone};
use crate::pipeline::run_on;
use crate::session::Session;
use crate::types::acl::{Acl, AclIdentifier, ListedRights};
use crate::types::capability::Capability;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::rights::{Rights, RightsChange};
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::acl::{Entries, Listed, Mine};

/// MYRIGHTS as a command of a batch (see [`Session::pipeline`]); its answer is the
/// [`Rights`] on a mailbox.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::MyRights;
/// use latchbox::types::Right;
///
/// let [inbox, trash] = session.pipeline([MyRights::new("INBOX")?, MyRights::new("Trash")?])?;
/// println!("{} {}", inbox?.has(Right::Insert), trash?.has(Right::Expunge));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MyRights {
    name: MailboxName,
}

impl MyRights {
    /// The mailbox whose rights are to be asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for a name that cannot be one.
    pub fn new(mailbox: impl IntoMailboxName) -> Result<Self> {
        let name = mailbox.into_mailbox_name()?;
        Ok(Self { name })
    }
}

impl<In: BatchState> Command<In> for MyRights {
    type Answer = Rights;

    fn run_on(self, place: In::Place<'_>) -> Result<Rights> {
        run_alone::<In, _>(place, &self)
    }
}

#[allow(private_interfaces, reason = "only this crate calls it")]
impl Simple for MyRights {
    const NAME: &'static str = "MYRIGHTS";
    const NEEDS: Option<Capability> = Some(Capability::Acl);
    type Partial = OfMailbox<Rights>;

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().mailbox(&self.name)?;
        Ok(())
    }

    fn footprint(&self) -> Footprint<'_> {
        Footprint::Counts(&self.name)
    }

    fn claim<'r>(
        &self,
        heard: &mut Self::Partial,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        let Untagged::MyRights(named) = data else {
            return heard.take_unreadable(data, Self::NAME, among);
        };
        let told = |_, Mine(rights)| rights;
        let named = heard.offer_named(named, &self.name, among, told, replace)?;
        Some(Untagged::MyRights(named))
    }
}

impl Session {
    /// What this user may do with a mailbox (MYRIGHTS).
    ///
    /// The letters are those that the server wrote; [`Rights::expanded`] tells what the old `c` and
    /// `d` mean.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server does not have ACL;
    /// [`Error::Refused`] for a mailbox that is not there, or of which this user may know nothing;
    /// [`Error::MissingData`], [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::Right;
    ///
    /// if session.my_rights("INBOX")?.expanded().has(Right::CreateMailbox) {
    ///     session.create("INBOX/Lists")?;
    /// }
    /// # assert_eq!(session.list("INBOX/*")?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn my_rights(&self, mailbox: impl IntoMailboxName) -> Result<Rights> {
        self.execute(&MyRights::new(mailbox)?)
    }

    /// Who may do what with a mailbox (GETACL). It needs the right
    /// [`Administer`](crate::types::Right::Administer).
    ///
    /// # Errors
    ///
    /// As for [`my_rights`](Self::my_rights).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let acl = session.acl("INBOX")?;
    /// for entry in acl.entries() {
    ///     println!("{} {}", entry.identifier(), entry.rights());
    /// }
    /// # assert_eq!(acl.rights_of(latchbox_testkit::USER).unwrap().to_string(), "lrswipkxtea");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn acl(&self, mailbox: impl IntoMailboxName) -> Result<Acl> {
        self.execute(&GetAcl(mailbox.into_mailbox_name()?))
    }

    /// Changes what somebody may do with a mailbox (SETACL): sets the rights anew, adds some, or
    /// takes some away. Other entries stay as they are.
    ///
    /// The letters are sent as they are. A server may tie some together and set more of them or
    /// fewer; [`list_rights`](Self::list_rights) tells which.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when the server does not have ACL;
    /// [`Error::Refused`] without the right to do this, or for rights that the server does not know;
    /// [`Error::Argument`] for an identifier that cannot be one; [`Error::Lock`],
    /// [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{AclIdentifier, Right, Rights, RightsChange};
    ///
    /// session.set_acl("Archive", "bob", RightsChange::Replace(Rights::read()))?;
    /// session.set_acl("Archive", "bob", RightsChange::Add(Right::Insert.into()))?;
    /// // Whatever else gives eve a right to write, she may not.
    /// let eve = AclIdentifier::new("eve")?.negative();
    /// session.set_acl("Archive", eve, RightsChange::Replace("wite".parse()?))?;
    /// # let acl = session.acl("Archive")?;
    /// # assert_eq!(acl.rights_of("bob"), Some("lrsi".parse()?));
    /// # assert_eq!(acl.rights_of("-eve"), Some("wite".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_acl(
        &self,
        mailbox: impl IntoMailboxName,
        identifier: impl TryInto<AclIdentifier, Error: Into<Error>>,
        change: RightsChange,
    ) -> Result<()> {
        self.execute(&SetAcl(Entry::new(mailbox, identifier)?, change))
    }

    /// Removes the entry of somebody from the ACL of a mailbox (DELETEACL). A negative entry is
    /// another one and has to be named as such.
    ///
    /// # Errors
    ///
    /// As for [`set_acl`](Self::set_acl).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{AclIdentifier, Rights, RightsChange};
    ///
    /// let anyone = AclIdentifier::anyone();
    /// session.set_acl("Archive", &anyone, RightsChange::Replace(Rights::read()))?;
    /// session.delete_acl("Archive", &anyone)?;
    /// # assert_eq!(session.acl("Archive")?.rights_of("anyone"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delete_acl(
        &self,
        mailbox: impl IntoMailboxName,
        identifier: impl TryInto<AclIdentifier, Error: Into<Error>>,
    ) -> Result<()> {
        self.execute(&DeleteAcl(Entry::new(mailbox, identifier)?))
    }

    /// What somebody always has on a mailbox, and what they can be given (LISTRIGHTS).
    ///
    /// # Errors
    ///
    /// As for [`my_rights`](Self::my_rights); [`Error::Argument`] for an identifier that cannot be
    /// one.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let listed = session.list_rights("Archive", "bob")?;
    /// println!("always {}", listed.required());
    /// for together in listed.optional() {
    ///     println!("or also {together}");
    /// }
    /// # assert_eq!(listed.optional().len(), 11);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list_rights(
        &self,
        mailbox: impl IntoMailboxName,
        identifier: impl TryInto<AclIdentifier, Error: Into<Error>>,
    ) -> Result<ListedRights> {
        self.execute(&ListRights(Entry::new(mailbox, identifier)?))
    }
}

struct GetAcl(MailboxName);

impl Simple for GetAcl {
    const NAME: &'static str = "GETACL";
    const NEEDS: Option<Capability> = Some(Capability::Acl);
    type Partial = OfMailbox<Acl>;

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().mailbox(&self.0)?;
        Ok(())
    }

    fn claim<'r>(
        &self,
        heard: &mut Self::Partial,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        let Untagged::Acl(named) = data else {
            return heard.take_unreadable(data, "ACL", among);
        };
        let told = |mailbox, Entries(entries)| Acl { mailbox, entries };
        let join = |known: &mut Acl, later: Acl| known.entries.extend(later.entries);
        let named = heard.offer_named(named, &self.0, among, told, join)?;
        Some(Untagged::Acl(named))
    }
}

struct SetAcl(Entry, RightsChange);

impl Simple for SetAcl {
    const NAME: &'static str = "SETACL";
    const NEEDS: Option<Capability> = Some(Capability::Acl);
    type Partial = ();

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        self.0.write(encoder)?;
        match self.1 {
            RightsChange::Replace(Rights::NONE) => encoder.raw(" \"\""),
            change => encoder.sp().display(change),
        };
        Ok(())
    }
}

struct DeleteAcl(Entry);

impl Simple for DeleteAcl {
    const NAME: &'static str = "DELETEACL";
    const NEEDS: Option<Capability> = Some(Capability::Acl);
    type Partial = ();

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        self.0.write(encoder)
    }
}

struct ListRights(Entry);

impl Simple for ListRights {
    const NAME: &'static str = "LISTRIGHTS";
    const NEEDS: Option<Capability> = Some(Capability::Acl);
    type Partial = OfMailbox<ListedRights>;

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        self.0.write(encoder)
    }

    fn claim<'r>(
        &self,
        heard: &mut Self::Partial,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        let Untagged::ListRights(named) = data else {
            return heard.take_unreadable(data, Self::NAME, among);
        };
        let told = |mailbox, Listed { identifier, groups }| {
            let mut groups = groups.into_iter();
            ListedRights {
                mailbox,
                identifier,
                required: groups.next().unwrap_or_default(),
                optional: groups.collect(),
            }
        };
        let named = heard.offer_named(named, &self.0.mailbox, among, told, replace)?;
        Some(Untagged::ListRights(named))
    }
}

/// Which entry of the ACL of which mailbox is meant.
struct Entry {
    mailbox: MailboxName,
    identifier: AclIdentifier,
}

impl Entry {
    fn new(
        mailbox: impl IntoMailboxName,
        identifier: impl TryInto<AclIdentifier, Error: Into<Error>>,
    ) -> Result<Self> {
        Ok(Self {
            mailbox: mailbox.into_mailbox_name()?,
            identifier: identifier.try_into().map_err(Into::into)?,
        })
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Result<()> {
        encoder.sp().mailbox(&self.mailbox)?.sp();
        encoder.string("identifier", self.identifier.as_str())?;
        Ok(())
    }
}

impl Connection {
    /// The rights on many mailboxes in one go, for a command that lists them.
    pub(crate) fn rights_on<'n>(
        &mut self,
        names: impl Iterator<Item = &'n MailboxName>,
    ) -> Result<Vec<Result<Rights>>> {
        let commands = names.map(|name| MyRights { name: name.clone() });
        run_on(self, commands.collect::<Vec<_>>())
    }
}
