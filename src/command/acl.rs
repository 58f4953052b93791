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
use crate::types::mailbox_name::{IntoMailboxName, InvalidMailboxName, MailboxName};
use crate::types::rights::{Rights, RightsChange};
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::acl::{Entries, Listed, Mine};

/// MYRIGHTS as a value; its answer is the [`Rights`] of the user on a mailbox.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::acl::MyRights;
/// use latchbox::acl::Right;
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
    /// Requests the rights on this mailbox.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for an invalid name.
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

/// The commands of ACL on one mailbox (RFC 4314); see [`Session::acl`].
#[derive(Clone, Debug)]
#[must_use = "its methods send the commands"]
pub struct AclCommands<'s> {
    session: &'s Session,
    mailbox: Result<MailboxName, InvalidMailboxName>,
}

impl Session {
    /// The commands of ACL on a mailbox (RFC 4314); sends nothing by itself.
    ///
    /// They return the rights of this user and those of other identifiers, and change them.
    ///
    /// An invalid name is the error of the command.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::acl::Right;
    ///
    /// let acl = session.acl("INBOX");
    /// if acl.my_rights()?.has(Right::Administer) {
    ///     println!("{} entries", acl.get()?.entries().len());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "GETACL")]
    #[doc(alias = "get_acl")]
    pub fn acl(&self, mailbox: impl IntoMailboxName) -> AclCommands<'_> {
        AclCommands {
            session: self,
            mailbox: mailbox.into_mailbox_name(),
        }
    }
}

impl AclCommands<'_> {
    fn mailbox(&self) -> Result<MailboxName> {
        Ok(self.mailbox.clone()?)
    }

    /// The rights of this user on the mailbox (MYRIGHTS).
    ///
    /// The letters are those that the server sent; [`Rights::expanded`] adds what the old `c` and
    /// `d` mean.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] for an invalid name; [`Error::Unsupported`] if
    /// the server lacks ACL; [`Error::Lock`]. Then [`Error::Refused`] if the mailbox does not exist,
    /// or the user may not see it; [`Error::MissingData`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::acl::Right;
    ///
    /// if session.acl("INBOX").my_rights()?.expanded().has(Right::CreateMailbox) {
    ///     session.create("INBOX/Lists")?;
    /// }
    /// # assert_eq!(session.list("INBOX/*")?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "MYRIGHTS")]
    pub fn my_rights(&self) -> Result<Rights> {
        self.session.execute(&MyRights::new(self.mailbox()?)?)
    }

    /// The ACL of the mailbox: the rights of each identifier (GETACL).
    ///
    /// It needs the right [`Administer`](crate::acl::Right::Administer).
    ///
    /// # Errors
    ///
    /// As for [`my_rights`](Self::my_rights).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let acl = session.acl("INBOX").get()?;
    /// for entry in acl.entries() {
    ///     println!("{} {}", entry.identifier(), entry.rights());
    /// }
    /// # assert_eq!(acl.rights_of(latchbox_testkit::USER).unwrap().to_string(), "lrswipkxtea");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "GETACL")]
    pub fn get(&self) -> Result<Acl> {
        self.session.execute(&GetAcl(self.mailbox()?))
    }

    /// Replaces, adds or removes rights of an identifier (SETACL).
    ///
    /// Entries of other identifiers are not changed.
    ///
    /// The letters are sent as they are. A server may tie some together and set more of them or
    /// fewer; [`list_rights`](Self::list_rights) returns which.
    ///
    /// # Errors
    ///
    /// As for [`my_rights`](Self::my_rights). [`Error::Argument`] also for an invalid identifier;
    /// [`Error::Refused`] also if the user lacks the right
    /// [`Administer`](crate::acl::Right::Administer), or the server does not know the rights.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::acl::{AclIdentifier, Right, Rights, RightsChange};
    ///
    /// let archive = session.acl("Archive");
    /// archive.set("bob", RightsChange::Replace(Rights::read()))?;
    /// archive.set("bob", RightsChange::Add(Right::Insert.into()))?;
    /// // Eve may not write, whatever other entry lets her.
    /// let eve = AclIdentifier::new("eve")?.negative();
    /// archive.set(eve, RightsChange::Replace("wite".parse()?))?;
    /// # let acl = archive.get()?;
    /// # assert_eq!(acl.rights_of("bob"), Some("lrsi".parse()?));
    /// # assert_eq!(acl.rights_of("-eve"), Some("wite".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SETACL")]
    pub fn set(
        &self,
        identifier: impl TryInto<AclIdentifier, Error: Into<Error>>,
        change: RightsChange,
    ) -> Result<()> {
        let entry = Entry::new(self.mailbox()?, identifier)?;
        self.session.execute(&SetAcl(entry, change))
    }

    /// Removes the entry of an identifier from the ACL (DELETEACL).
    ///
    /// A negative entry is separate, and is removed by its own identifier.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::acl::{AclIdentifier, Rights, RightsChange};
    ///
    /// let anyone = AclIdentifier::anyone();
    /// let archive = session.acl("Archive");
    /// archive.set(&anyone, RightsChange::Replace(Rights::read()))?;
    /// archive.delete(&anyone)?;
    /// # assert_eq!(archive.get()?.rights_of("anyone"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "DELETEACL")]
    pub fn delete(
        &self,
        identifier: impl TryInto<AclIdentifier, Error: Into<Error>>,
    ) -> Result<()> {
        let entry = Entry::new(self.mailbox()?, identifier)?;
        self.session.execute(&DeleteAcl(entry))
    }

    /// The rights that an identifier always has and those that it can be given (LISTRIGHTS).
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let listed = session.acl("Archive").list_rights("bob")?;
    /// println!("always {}", listed.required());
    /// for together in listed.optional() {
    ///     println!("or also {together}");
    /// }
    /// # assert_eq!(listed.optional().len(), 11);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "LISTRIGHTS")]
    pub fn list_rights(
        &self,
        identifier: impl TryInto<AclIdentifier, Error: Into<Error>>,
    ) -> Result<ListedRights> {
        let entry = Entry::new(self.mailbox()?, identifier)?;
        self.session.execute(&ListRights(entry))
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

/// A mailbox, and the identifier of an entry of its ACL.
struct Entry {
    mailbox: MailboxName,
    identifier: AclIdentifier,
}

impl Entry {
    fn new(
        mailbox: MailboxName,
        identifier: impl TryInto<AclIdentifier, Error: Into<Error>>,
    ) -> Result<Self> {
        Ok(Self {
            mailbox,
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
    /// The rights on many mailboxes, pipelined, for a command that lists them.
    pub(crate) fn rights_on<'n>(
        &mut self,
        names: impl Iterator<Item = &'n MailboxName>,
    ) -> Result<Vec<Result<Rights>>> {
        let commands = names.map(|name| MyRights { name: name.clone() });
        run_on(self, commands.collect::<Vec<_>>())
    }
}
