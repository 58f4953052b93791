//! GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS (RFC 4314).

use crate::connection::Connection;
use crate::connection::of_mailbox::OfMailbox;
use crate::connection::pipeline::{Among, Footprint};
use crate::error::{Error, Result};
use crate::exchange::{Command, Exchange, Leased, Planned, Sent, State, sealed};
use crate::pipeline::run_on;
use crate::session::Session;
use crate::session::entrance::Lease;
use crate::types::acl::{Acl, AclIdentifier, ListedRights};
use crate::types::capability::Capability;
use crate::types::mailbox_name::MailboxName;
use crate::types::rights::{Rights, RightsChange};
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::acl::{Entries, Listed, Mine};

const NAME: &str = "MYRIGHTS";

/// What an identifier is called in an error.
const IDENTIFIER: &str = "identifier";

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
    pub fn new<N>(mailbox: N) -> Result<Self>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let name = mailbox.try_into().map_err(Into::into)?;
        Ok(Self { name })
    }
}

impl sealed::Command for MyRights {}

impl<In: State> Command<In> for MyRights {
    type Answer = Rights;
}

impl<In: State> Exchange<In> for MyRights {
    type Plan = ();
    type Partial = OfMailbox<(MailboxName, Mine)>;

    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, lease: &mut In::Lease<'_>) -> Result<Planned<(), Self::Answer>> {
        lease.connection().require(NAME, Capability::Acl)?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw("MYRIGHTS ").mailbox(&self.name)?;
        Ok(())
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Footprint<'a> {
        Footprint::Counts(&self.name)
    }

    fn claim<'r>(
        &self,
        _sent: Sent<'_, ()>,
        heard: &mut Self::Partial,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        let Untagged::MyRights(named) = data else {
            return Some(data);
        };
        match named.of(&self.name) {
            Ok((name, mine)) => heard.take((name, mine), |known, later| *known = later),
            Err(named) => return Some(Untagged::MyRights(named)),
        }
        None
    }

    fn claim_loosely<'r>(
        &self,
        _sent: Sent<'_, ()>,
        heard: &mut Self::Partial,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::MyRights(named) => {
                let taken = heard.claim(named, &self.name, |known, later| *known = later);
                taken.err().map(Untagged::MyRights)
            }
            other if among.is_oldest => heard.take_unreadable(other, NAME),
            other => Some(other),
        }
    }

    fn finish(&self, (): (), heard: Self::Partial, _lease: &mut In::Lease<'_>) -> Result<Rights> {
        let (_, Mine(rights)) = heard.finish(NAME)?;
        Ok(rights)
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
    /// [`Error::Unanswered`], [`Error::Lock`], [`Error::Closed`].
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
    pub fn my_rights<N>(&self, mailbox: N) -> Result<Rights>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let command = MyRights::new(mailbox)?;
        self.lease(NAME)?.execute(&command)
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
    pub fn acl<N>(&self, mailbox: N) -> Result<Acl>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        const NAME: &str = "GETACL";
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let mut connection = self.lease_for_acl(NAME)?;
        let mut heard = OfMailbox::<(MailboxName, Entries)>::default();
        connection.run(
            NAME,
            |encoder| {
                encoder.raw("GETACL ").mailbox(&mailbox)?;
                Ok(())
            },
            |data| match data {
                Untagged::Acl(named) => {
                    let taken = heard.claim(named, &mailbox, Entries::join);
                    taken.err().map(Untagged::Acl)
                }
                other => heard.take_unreadable(other, "ACL"),
            },
        )?;
        let (mailbox, Entries(entries)) = heard.finish(NAME)?;
        Ok(Acl { mailbox, entries })
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
    pub fn set_acl<N, I>(&self, mailbox: N, identifier: I, change: RightsChange) -> Result<()>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
        I: TryInto<AclIdentifier, Error: Into<Error>>,
    {
        const NAME: &str = "SETACL";
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let identifier = identifier.try_into().map_err(Into::into)?;
        let mut connection = self.lease_for_acl(NAME)?;
        connection.run_plain(NAME, |encoder| {
            encoder.raw("SETACL ").mailbox(&mailbox)?.sp();
            encoder.string(IDENTIFIER, identifier.as_str())?.sp();
            match change {
                RightsChange::Replace(Rights::NONE) => encoder.raw("\"\""),
                change => encoder.display(change),
            };
            Ok(())
        })?;
        Ok(())
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
    pub fn delete_acl<N, I>(&self, mailbox: N, identifier: I) -> Result<()>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
        I: TryInto<AclIdentifier, Error: Into<Error>>,
    {
        const NAME: &str = "DELETEACL";
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let identifier = identifier.try_into().map_err(Into::into)?;
        let mut connection = self.lease_for_acl(NAME)?;
        connection.run_plain(NAME, |encoder| {
            encoder.raw("DELETEACL ").mailbox(&mailbox)?.sp();
            encoder.string(IDENTIFIER, identifier.as_str())?;
            Ok(())
        })?;
        Ok(())
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
    pub fn list_rights<N, I>(&self, mailbox: N, identifier: I) -> Result<ListedRights>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
        I: TryInto<AclIdentifier, Error: Into<Error>>,
    {
        const NAME: &str = "LISTRIGHTS";
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let identifier = identifier.try_into().map_err(Into::into)?;
        let mut connection = self.lease_for_acl(NAME)?;
        let mut heard = OfMailbox::<(MailboxName, Listed)>::default();
        connection.run(
            NAME,
            |encoder| {
                encoder.raw("LISTRIGHTS ").mailbox(&mailbox)?.sp();
                encoder.string(IDENTIFIER, identifier.as_str())?;
                Ok(())
            },
            |data| match data {
                Untagged::ListRights(named) => {
                    let taken = heard.claim(named, &mailbox, |known, later| *known = later);
                    taken.err().map(Untagged::ListRights)
                }
                other => heard.take_unreadable(other, NAME),
            },
        )?;
        let (mailbox, Listed { identifier, groups }) = heard.finish(NAME)?;
        let mut groups = groups.into_iter();
        Ok(ListedRights {
            mailbox,
            identifier,
            required: groups.next().unwrap_or_default(),
            optional: groups.collect(),
        })
    }

    fn lease_for_acl(&self, command: &'static str) -> Result<Lease<'_>> {
        let mut lease = self.lease(command)?;
        match lease.capabilities()?.supports(&Capability::Acl) {
            true => Ok(lease),
            false => Err(Error::unsupported(command, Capability::Acl)),
        }
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
