//! CREATE (RFC 9051 section 6.3.4), with a special use (RFC 6154).

use crate::connection::Connection;
use crate::error::Result;
use crate::exchange::{CodeOfOk, Simple};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::types::created::{CreateOptions, Created};
use crate::types::list::MailboxPattern;
use crate::types::list_options::ListOptions;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::response_code::ResponseCode;
use crate::types::special_use::SpecialUse;
use crate::wire::encoder::Encoder;

impl Session {
    /// Creates a mailbox (CREATE); those above it in the hierarchy come into being with it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused), with the code `ALREADYEXISTS` where the server
    /// says so; [`Error::Argument`](crate::Error::Argument) for a name that cannot be one;
    /// [`Error::Lock`](crate::Error::Lock), [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.create("Projects/Entwürfe & Ideen")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create(&self, name: impl IntoMailboxName) -> Result<()> {
        self.create_with(name, &CreateOptions::new()).map(drop)
    }

    /// Creates a mailbox for a special use, such as an archive (CREATE with USE).
    ///
    /// There are servers that say OK and give no use, so LIST is sent afterwards;
    /// [`Created::special_uses`] tells what the mailbox is for now.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) before anything is sent when a use is
    /// asked for and the server does not have CREATE-SPECIAL-USE;
    /// [`Error::Refused`](crate::Error::Refused) with the code `USEATTR` for a use that it does not
    /// give; otherwise as for [`create`](Self::create).
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::builder().with("CREATE-SPECIAL-USE").start()?;
    /// # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
    /// #     .danger_cleartext_login().connect()?
    /// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
    /// use latchbox::command::CreateOptions;
    /// use latchbox::types::SpecialUse;
    ///
    /// let options = CreateOptions::new().special_use(SpecialUse::Archive);
    /// let created = session.create_with("Kept", &options)?;
    /// assert_eq!(created.special_uses(), Some(&[SpecialUse::Archive][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_with(
        &self,
        name: impl IntoMailboxName,
        options: &CreateOptions,
    ) -> Result<Created> {
        let name = name.into_mailbox_name()?;
        let special_uses = &options.special_uses;
        let mut connection = self.lease(Create::NAME)?;
        let code = connection.execute(&Create {
            name: &name,
            special_uses,
        })?;
        Ok(Created {
            mailbox_id: match code {
                Some(ResponseCode::MailboxId(id)) => Some(id),
                _ => None,
            },
            special_uses: match special_uses.is_empty() {
                true => None,
                false => connection.special_uses_of(&name),
            },
        })
    }
}

struct Create<'c> {
    name: &'c MailboxName,
    special_uses: &'c [SpecialUse],
}

impl Simple for Create<'_> {
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
    /// What a mailbox is for, if the server answers that.
    fn special_uses_of(&mut self, name: &MailboxName) -> Option<Vec<SpecialUse>> {
        let pattern = MailboxPattern::new(name.as_str()).ok()?;
        let options = ListOptions::new().return_special_use();
        let entries = self.list_mailboxes(&pattern, &options).ok()?;
        let entry = entries.iter().find(|entry| entry.name() == name)?;
        Some(entry.special_uses().collect())
    }
}
