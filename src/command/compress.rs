//! COMPRESS (RFC 4978).

use crate::error::Result;
use crate::session::Session;

impl Session {
    /// Compresses everything that is sent and received from now on (COMPRESS DEFLATE, RFC 4978).
    ///
    /// Waits its turn. Sends nothing when the connection is compressed already. What is often
    /// fetched as text shrinks to a third or less, for some time of the processors on both sides: it
    /// pays on slow lines. Limits such as
    /// [`literal_limit`](crate::ClientBuilder::literal_limit) count what is inflated, so a small
    /// answer cannot become a large one. A session of an
    /// [`Account`](crate::Account) compresses again after it has reconnected, where the server can.
    ///
    /// It is off unless asked for. Whoever can send mail to the mailbox and see the lengths of what
    /// is encrypted learns a little about what else is compressed along with it. No password is: a
    /// login comes before.
    /// [`ClientBuilder::compress`](crate::ClientBuilder::compress) asks for it at each login.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) before anything is sent when the server
    /// does not offer it; [`Error::Refused`](crate::Error::Refused) when it declines, for example
    /// because TLS compresses already, and the session goes on without;
    /// [`Error::Closed`](crate::Error::Closed). Data that cannot be inflated end the connection.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.compress()?;
    /// session.noop()?; // a few octets, compressed
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "COMPRESS")]
    #[doc(alias = "DEFLATE")]
    pub fn compress(&self) -> Result<()> {
        self.lease("COMPRESS")?.compress()
    }
}
