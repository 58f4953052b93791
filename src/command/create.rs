//! CREATE (RFC 9051 section 6.3.4), with a special use (RFC 6154).

use crate::connection::Connection;
use crate::error::Result;
use crate::exchange::{BatchState, CodeOfOk, Command, Leased, Simple, execute, sealed};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::types::created::Created;
use crate::types::list::MailboxPattern;
use crate::types::list_mailboxes::List;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::response_code::ResponseCode;
use crate::types::special_use::SpecialUse;
use crate::wire::encoder::Encoder;

impl Session {
    /// Creates a mailbox, and those above it in the hierarchy (CREATE).
    ///
    /// A mailbox for a special use is created by a [`Create`] for [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`](crate::Error::Argument) for an invalid name;
    /// [`Error::Lock`](crate::Error::Lock). Then [`Error::Refused`](crate::Error::Refused), with
    /// the code `ALREADYEXISTS` if the server reports it; [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.create("Projects/Entwürfe & Ideen")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "CREATE")]
    #[doc(alias = "mailboxCreate")]
    pub fn create(&self, name: impl IntoMailboxName) -> Result<()> {
        self.run(Create::new(name)?).map(drop)
    }
}

/// CREATE as a value, with special uses. Its answer is a [`Created`].
///
/// Some servers answer OK and assign no use. If a use is requested, LIST is therefore sent
/// afterwards, and [`Created::special_uses`] has the uses that the mailbox has now.
///
/// ```
/// # let server = latchbox_testkit::Server::builder().with("CREATE-SPECIAL-USE").start()?;
/// # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?
/// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
/// use latchbox::command::Create;
/// use latchbox::types::SpecialUse;
///
/// let created = session.run(Create::new("Kept")?.special_use(SpecialUse::Archive))?;
/// assert_eq!(created.special_uses(), Some(&[SpecialUse::Archive][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct Create {
    name: MailboxName,
    special_uses: Vec<SpecialUse>,
}

impl Create {
    /// Creates a mailbox without a special use.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) for an invalid name.
    pub fn new(name: impl IntoMailboxName) -> Result<Self> {
        Ok(Self {
            name: name.into_mailbox_name()?,
            special_uses: Vec::new(),
        })
    }

    /// Requests a special use; several can be requested (CREATE-SPECIAL-USE, RFC 6154).
    ///
    /// Running the command is [`Error::Unsupported`](crate::Error::Unsupported), before anything is
    /// sent, if the server lacks CREATE-SPECIAL-USE, and [`Error::Refused`](crate::Error::Refused)
    /// with the code `USEATTR` for a use that it does not assign.
    pub fn special_use(mut self, special_use: SpecialUse) -> Self {
        self.special_uses.push(special_use);
        self
    }
}

impl sealed::Command for Create {
    fn name(&self) -> &'static str {
        CreateOnce::NAME
    }
}

impl<In: BatchState> Command<In> for Create {
    type Answer = Created;

    fn run_on(self, place: In::Place<'_>) -> Result<Created> {
        In::with(place, CreateOnce::NAME, |lease| {
            let create = CreateOnce {
                name: &self.name,
                special_uses: &self.special_uses,
            };
            let code = execute::<In, _>(lease, &create)?;
            Ok(Created {
                mailbox_id: match code {
                    Some(ResponseCode::MailboxId(id)) => Some(id),
                    _ => None,
                },
                special_uses: match self.special_uses.is_empty() {
                    true => None,
                    false => lease.connection().special_uses_of(&self.name),
                },
            })
        })
    }
}

struct CreateOnce<'c> {
    name: &'c MailboxName,
    special_uses: &'c [SpecialUse],
}

impl Simple for CreateOnce<'_> {
    const NAME: &'static str = "CREATE";
    type Partial = CodeOfOk;

    fn check(&self, connection: &mut Connection) -> Result<()> {
        match self.special_uses.is_empty() {
            true => Ok(()),
            false => connection.require(Self::NAME, Capability::CreateSpecialUse),
        }
    }

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().mailbox(self.name)?;
        for (place, special_use) in self.special_uses.iter().enumerate() {
            let before = if place > 0 { " " } else { " (USE (" };
            encoder.raw(before).display(special_use);
        }
        encoder.raw(if self.special_uses.is_empty() {
            ""
        } else {
            "))"
        });
        Ok(())
    }
}

impl Connection {
    /// The special uses of a mailbox; `None` if the server does not report them.
    fn special_uses_of(&mut self, name: &MailboxName) -> Option<Vec<SpecialUse>> {
        let pattern = MailboxPattern::new(name.as_str()).ok()?;
        let list = List::of(pattern).return_special_use();
        let entries = self.list_mailboxes(&list).ok()?;
        let entry = entries.iter().find(|entry| entry.name() == name)?;
        Some(entry.special_uses().collect())
    }
}
