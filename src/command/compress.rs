//! COMPRESS (RFC 4978).

use crate::error::Result;
use crate::session::Session;

impl Session {
    /// Compresses all that is sent and received from now on (COMPRESS DEFLATE, RFC 4978).
    ///
    /// Sends nothing if the connection is compressed already. Text often shrinks to a third or
    /// less, at the cost of processor time on both sides; it pays on slow networks. Limits such as
    /// [`literal_limit`](crate::ClientBuilder::literal_limit) count inflated octets, so a small
    /// answer cannot become a large one. A session of an [`Account`](crate::Account) compresses
    /// again after it has reconnected, if the server can.
    ///
    /// It is off by default. An attacker who can send mail to the mailbox and see the lengths of
    /// encrypted data learns a little about other data that is compressed with it. No password is
    /// among that data, because the login comes before.
    /// [`ClientBuilder::compress`](crate::ClientBuilder::compress) requests it at each login.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`](crate::Error::Unsupported) if the server
    /// does not offer it; [`Error::Lock`](crate::Error::Lock). Then
    /// [`Error::Refused`](crate::Error::Refused), for example because TLS compresses already: the
    /// session stays usable without compression. [`Error::Closed`](crate::Error::Closed), also if
    /// data cannot be inflated.
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
