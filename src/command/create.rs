//! CREATE (RFC 9051 section 6.3.4), with a special use (RFC 6154).

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::capability::Capability;
use crate::types::created::{CreateOptions, Created};
use crate::types::list::MailboxPattern;
use crate::types::list_options::ListOptions;
use crate::types::mailbox_name::MailboxName;
use crate::types::response_code::ResponseCode;
use crate::types::special_use::SpecialUse;

impl Session {
    /// Creates a mailbox (CREATE); those above it in the hierarchy come into being with it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], with the code `ALREADYEXISTS` where the server says so;
    /// [`Error::Argument`] for a name that cannot be one; [`Error::Lock`], [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.create("Projects/Entwürfe & Ideen")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create<N>(&self, name: N) -> Result<()>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.create_with(name, &CreateOptions::new()).map(drop)
    }

    /// Creates a mailbox for a special use, such as an archive (CREATE with USE).
    ///
    /// There are servers that say OK and give no use, so LIST is sent afterwards;
    /// [`Created::special_uses`] tells what the mailbox is for now.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] before anything is sent when a use is asked for and the server does
    /// not have CREATE-SPECIAL-USE; [`Error::Refused`] with the code `USEATTR` for a use that it does
    /// not give; otherwise as for [`create`](Self::create).
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::builder().with("CREATE-SPECIAL-USE").start()?;
    /// # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
    /// #     .danger_cleartext_login().connect()?
    /// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD).map_err(|(error, _)| error)?;
    /// use latchbox::command::CreateOptions;
    /// use latchbox::types::SpecialUse;
    ///
    /// let options = CreateOptions::new().special_use(SpecialUse::Archive);
    /// let created = session.create_with("Kept", &options)?;
    /// assert_eq!(created.special_uses(), Some(&[SpecialUse::Archive][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_with<N>(&self, name: N, options: &CreateOptions) -> Result<Created>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        let mut connection = self.lease("CREATE")?;
        let wants_uses = !options.special_uses.is_empty();
        let needed = Capability::CreateSpecialUse;
        if wants_uses && !connection.capabilities()?.supports(&needed) {
            return Err(Error::unsupported("CREATE", needed));
        }
        let code = connection.run_plain("CREATE", |encoder| {
            encoder.raw("CREATE ").mailbox(&name)?;
            for (place, special_use) in options.special_uses.iter().enumerate() {
                let before = if place > 0 { " " } else { " (USE (" };
                encoder.raw(before).display(special_use);
            }
            encoder.raw(if wants_uses { "))" } else { "" });
            Ok(())
        })?;
        let mailbox_id = match code {
            Some(ResponseCode::MailboxId(id)) => Some(id),
            _ => None,
        };
        Ok(Created {
            mailbox_id,
            special_uses: match wants_uses {
                true => connection.special_uses_of(&name),
                false => None,
            },
        })
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
