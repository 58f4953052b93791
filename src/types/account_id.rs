//! The account that UIDs belong to: the server as it was configured, and the identity that logged
//! in there.

use std::error::Error;
use std::fmt::{self, Write};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::printable::Printable;
use crate::types::percent;

/// The beginning of the text form.
pub(crate) const SCHEME: &str = "imap://";

const AUTHZID: &str = ";AUTHZID=";
const SOCKET: &str = ";SOCKET=";
const ANONYMOUS: &str = ";AUTH=ANONYMOUS";
const EXTERNAL: &str = ";AUTH=EXTERNAL";
const CERTIFICATE: &str = ";CERT=";

/// An account: the server as it was configured, and the identity that is logged in there.
///
/// It is a part of the [`Origin`](crate::types::Origin) of UIDs, so that UIDs of one account are
/// not used in another. Two accounts are equal if these are equal:
///
/// - the server: host and port as the [`ClientBuilder`](crate::ClientBuilder) has them, or the path
///   of the Unix socket. The case and a final dot of the host do not count; its address is not looked
///   up. For a stream that the caller provided, it is the host that the builder names.
/// - the identity: user and authorization identity, as they were given to LOGIN or to the SASL
///   mechanism; case counts. The kind of proof does not count: a user who logs in by LOGIN, SCRAM or
///   a token is the same account. ANONYMOUS is one identity. EXTERNAL without a name is the client's
///   certificate.
///
/// A login that names no user (PREAUTH, OAUTHBEARER without a user, EXTERNAL without a name and without
/// a certificate of the builder, a [`Mechanism`](crate::sasl::Mechanism) without
/// [`identity`](crate::sasl::Mechanism::identity)) is an account of its own, equal to no other login, unless
/// [`ClientBuilder::account_name`](crate::ClientBuilder::account_name) gives it a name.
///
/// `Display` and `FromStr` are its text form, a URL as in RFC 5092 without a secret:
/// `imap://jane%40example.com@imap.example.com:993`.
///
/// ```
/// use latchbox::types::AccountId;
///
/// let account: AccountId = "imap://jane@IMAP.example.com:993".parse()?;
/// assert_eq!(account, "imap://jane@imap.example.com:993".parse()?);
/// assert_ne!(account, "imap://joe@imap.example.com:993".parse()?);
/// assert_eq!((account.host(), account.user()), (Some("imap.example.com"), Some("jane")));
/// # Ok::<(), latchbox::types::InvalidAccountId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountId {
    server: Server,
    identity: Identity,
}

/// The identity that a SASL mechanism logs in; see
/// [`Mechanism::identity`](crate::sasl::Mechanism::identity).
///
/// ```
/// use latchbox::sasl::Identity;
///
/// let admin = Identity::user("admin").acting_as("jane@example.com");
/// assert_ne!(admin, Identity::user("jane@example.com"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Named {
        user: Box<str>,
        authzid: Option<Box<str>>,
    },
    Anonymous,
    /// The SHA-256 of the client's certificate; `None` before the login, and in texts of older
    /// versions, which are equal to no login.
    Certificate(Option<[u8; 32]>),
    /// A login that named no user: equal only to itself.
    Unnamed(u64),
}

/// The location of the account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Server {
    Tcp { host: Box<str>, port: u16 },
    Unix { path: Box<[u8]> },
}

/// The parts of an account that a connection knows before the login.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) server: Server,
    /// The SHA-256 of the client's certificate.
    pub(crate) certificate: Option<[u8; 32]>,
    /// The name for a login that has none.
    pub(crate) name: Option<Box<str>>,
}

/// An error: a text that is not the form of an [`AccountId`].
///
/// ```
/// use latchbox::types::AccountId;
///
/// let refused = "imap://imap.example.com".parse::<AccountId>().unwrap_err();
/// assert!(refused.to_string().contains("imap://jane@imap.example.com:993"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAccountId(());

impl Identity {
    /// A user with this name.
    pub fn user(name: impl Into<String>) -> Self {
        let name = name.into();
        match name.is_empty() {
            true => Self::unnamed(),
            false => Self::of(Kind::Named {
                user: name.into(),
                authzid: None,
            }),
        }
    }

    /// Adds the user to act as (the authorization identity).
    ///
    /// An empty name, or the name of the user, changes nothing.
    #[must_use]
    pub fn acting_as(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if let Kind::Named { user, authzid } = &mut self.kind {
            let is_another = !name.is_empty() && **user != *name;
            *authzid = is_another.then(|| name.into());
        }
        self
    }

    /// The anonymous identity (ANONYMOUS, RFC 4505); all anonymous logins share it.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::of(Kind::Anonymous)
    }

    /// The identity that the server takes from the client's certificate, or from elsewhere
    /// (EXTERNAL).
    ///
    /// If the builder has no client certificate, each login is an account of its own, unless
    /// [`ClientBuilder::account_name`](crate::ClientBuilder::account_name) gives it a name.
    #[must_use]
    pub fn by_certificate() -> Self {
        Self::of(Kind::Certificate(None))
    }

    fn unnamed() -> Self {
        static LOGINS: AtomicU64 = AtomicU64::new(0);
        Self::of(Kind::Unnamed(LOGINS.fetch_add(1, Ordering::Relaxed)))
    }

    fn of(kind: Kind) -> Self {
        Self { kind }
    }
}

impl AccountId {
    /// The host as it was configured, in lower case; `None` for a Unix socket.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match &self.server {
            Server::Tcp { host, .. } => Some(host),
            Server::Unix { .. } => None,
        }
    }

    /// The port as it was configured; `None` for a Unix socket.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self.server {
            Server::Tcp { port, .. } => Some(port),
            Server::Unix { .. } => None,
        }
    }

    /// The name that was used to log in; `None` if the login had none.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.identity.kind {
            Kind::Named { user, .. } => Some(user),
            _ => None,
        }
    }

    /// The user to act as (the authorization identity); `None` if that is [`user`](Self::user).
    #[must_use]
    pub fn acting_as(&self) -> Option<&str> {
        match &self.identity.kind {
            Kind::Named { authzid, .. } => authzid.as_deref(),
            _ => None,
        }
    }

    /// Whether another login can be recognized as the same account.
    ///
    /// `false` if the login named no user.
    #[must_use]
    pub fn is_named(&self) -> bool {
        !matches!(self.identity.kind, Kind::Unnamed(_))
    }
}

impl Server {
    pub(crate) fn tcp(host: &str, port: u16) -> Self {
        let host = host.trim_end_matches('.');
        Self::Tcp {
            host: host.to_lowercase().into(),
            port,
        }
    }
}

impl Home {
    /// The account of a login; `identity` is `None` if it named no user.
    pub(crate) fn account(&self, identity: Option<Identity>) -> Arc<AccountId> {
        let identity = identity.unwrap_or_else(Identity::unnamed);
        let identity = match (&identity.kind, &self.name, self.certificate) {
            (Kind::Unnamed(_) | Kind::Certificate(_), Some(name), _) => Identity::user(&**name),
            (Kind::Certificate(_), None, Some(hash)) => Identity::of(Kind::Certificate(Some(hash))),
            // Whom the server takes it for is not known.
            (Kind::Certificate(_), None, None) => Identity::unnamed(),
            _ => identity,
        };
        Arc::new(AccountId {
            server: self.server.clone(),
            identity,
        })
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        match &self.identity.kind {
            Kind::Named { user, authzid } => {
                percent::encode(user.as_bytes(), is_plain, f)?;
                if let Some(authzid) = authzid {
                    f.write_str(AUTHZID)?;
                    percent::encode(authzid.as_bytes(), is_plain, f)?;
                }
            }
            Kind::Anonymous => f.write_str(ANONYMOUS)?,
            Kind::Certificate(certificate) => {
                f.write_str(EXTERNAL)?;
                if let Some(hash) = certificate {
                    f.write_str(CERTIFICATE)?;
                    hash.iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
                }
            }
            // No text form: it is only for human readers.
            Kind::Unnamed(login) => write!(f, ";LOGIN={login}")?,
        }
        f.write_char('@')?;
        match &self.server {
            Server::Tcp { host, port } => {
                percent::encode(host.as_bytes(), is_plain, f)?;
                write!(f, ":{port}")
            }
            Server::Unix { path } => {
                f.write_str(SOCKET)?;
                percent::encode(path, is_plain, f)
            }
        }
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, InvalidAccountId> {
        let parsed = || {
            let (who, server) = text.strip_prefix(SCHEME)?.split_once('@')?;
            Some(Self {
                server: server_of(server)?,
                identity: Identity::of(kind_of(who)?),
            })
        };
        parsed().ok_or(InvalidAccountId(()))
    }
}

fn kind_of(text: &str) -> Option<Kind> {
    if text == ANONYMOUS {
        return Some(Kind::Anonymous);
    }
    if let Some(rest) = text.strip_prefix(EXTERNAL) {
        let hash = match rest {
            "" => None,
            rest => Some(hash_of(rest.strip_prefix(CERTIFICATE)?)?),
        };
        return Some(Kind::Certificate(hash));
    }
    let (user, authzid) = match text.split_once(AUTHZID) {
        Some((user, authzid)) => (user, Some(name_of(authzid)?)),
        None => (text, None),
    };
    let identity = Identity::user(name_of(user)?);
    match authzid {
        Some(authzid) => Some(identity.acting_as(authzid).kind),
        None => Some(identity.kind),
    }
}

fn server_of(text: &str) -> Option<Server> {
    if let Some(path) = text.strip_prefix(SOCKET) {
        let path = percent::decode(path, is_plain)?.into();
        return Some(Server::Unix { path });
    }
    let (host, port) = text.rsplit_once(':')?;
    let is_number = port.bytes().all(|octet| octet.is_ascii_digit());
    let port = port.parse().ok().filter(|_| is_number)?;
    Some(Server::tcp(&name_of(host)?, port))
}

fn name_of(text: &str) -> Option<String> {
    let name = String::from_utf8(percent::decode(text, is_plain)?).ok()?;
    (!name.is_empty()).then_some(name)
}

fn hash_of(text: &str) -> Option<[u8; 32]> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    let mut digits = text.bytes();
    let mut hash = [0; 32];
    for octet in &mut hash {
        let value = digit(digits.next()?)? * 16 + digit(digits.next()?)?;
        *octet = u8::try_from(value).ok()?;
    }
    digits.next().is_none().then_some(hash)
}

/// Whether an octet is written unencoded in a name of the text form.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
}

/// A human-readable form: the user and the server.
pub(crate) struct Shown<'a>(pub(crate) &'a AccountId);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AccountId { server, identity } = self.0;
        match &identity.kind {
            Kind::Named { user, authzid } => {
                Printable(user).fmt(f)?;
                if let Some(authzid) = authzid {
                    write!(f, " acting as {}", Printable(authzid))?;
                }
            }
            Kind::Anonymous => f.write_str("the anonymous user")?,
            Kind::Certificate(_) => f.write_str("the client certificate's user")?,
            Kind::Unnamed(_) => f.write_str("the unnamed user of one login")?,
        }
        match server {
            Server::Tcp { host, port } => write!(f, " at {}:{port}", Printable(host)),
            Server::Unix { path } => {
                write!(f, " at {}", Printable(&String::from_utf8_lossy(path)))
            }
        }
    }
}

impl fmt::Display for InvalidAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an account like `imap://jane@imap.example.com:993`")
    }
}

impl Error for InvalidAccountId {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn home(host: &str, port: u16) -> Home {
        Home {
            server: Server::tcp(host, port),
            certificate: None,
            name: None,
        }
    }

    #[test]
    fn fault_01_an_account_is_a_server_and_an_identity() {
        let jane = |host, port| home(host, port).account(Some(Identity::user("jane")));
        let here = jane("imap.example.com", 993);
        assert_eq!(here, jane("IMAP.Example.com.", 993));
        assert_ne!(here, jane("imap.example.com", 143));
        assert_ne!(here, jane("imap2.example.com", 993));
        for other in [
            Identity::user("Jane"),
            Identity::user("jane").acting_as("joe"),
            Identity::anonymous(),
            Identity::by_certificate(),
        ] {
            assert_ne!(here, home("imap.example.com", 993).account(Some(other)));
        }
        let itself = Identity::user("jane").acting_as("jane").acting_as("");
        assert_eq!(here, home("imap.example.com", 993).account(Some(itself)));
        let path = b"/run/dovecot/imap"[..].into();
        let socket = Home {
            server: Server::Unix { path },
            ..home("imap.example.com", 993)
        };
        assert_ne!(here, socket.account(Some(Identity::user("jane"))));
    }

    #[test]
    fn fault_01_a_login_without_a_name_is_equal_to_no_other() {
        let nameless = home("host", 993);
        let one = nameless.account(None);
        assert_eq!(one, one.clone());
        assert_ne!(one, nameless.account(None));
        assert_ne!(one, nameless.account(Some(Identity::user(""))));
        assert!(!one.is_named() && one.user().is_none());
        assert!(one.to_string().parse::<AccountId>().is_err());
        let named = Home {
            name: Some("ssh jane".into()),
            ..nameless
        };
        assert_eq!(named.account(None), named.account(None));
        let external = named.account(Some(Identity::by_certificate()));
        assert_eq!(external.user(), Some("ssh jane"));
        let given = named.account(Some(Identity::user("joe")));
        assert_eq!(given.user(), Some("joe"));
    }

    #[test]
    fn fault_01_a_certificate_is_an_identity() {
        let with = |certificate| {
            let home = Home {
                certificate,
                ..home("host", 993)
            };
            home.account(Some(Identity::by_certificate()))
        };
        assert_eq!(with(Some([1; 32])), with(Some([1; 32])));
        assert_ne!(with(Some([1; 32])), with(Some([2; 32])));
        assert_ne!(with(Some([1; 32])), with(None));
        let account = with(Some([0xa1; 32]));
        assert_eq!(account.to_string().parse(), Ok((*account).clone()));
    }

    #[test]
    fn fault_01_without_a_certificate_each_external_login_is_an_account_of_its_own() {
        let nameless = home("host", 993);
        let log_in = |home: &Home| home.account(Some(Identity::by_certificate()));
        let one = log_in(&nameless);
        assert_eq!(one, one.clone());
        assert_ne!(one, log_in(&nameless));
        assert!(!one.is_named() && one.to_string().parse::<AccountId>().is_err());
        let named = Home {
            name: Some("jane".into()),
            ..nameless
        };
        assert_eq!(log_in(&named), log_in(&named));
        // A line that an older version stored is read, and is of no login.
        let old: AccountId = "imap://;AUTH=EXTERNAL@host:993".parse().unwrap();
        assert_eq!(old.to_string(), "imap://;AUTH=EXTERNAL@host:993");
        assert_ne!(old, *one);
    }

    /// The texts of older versions have to be readable forever: do not change these.
    #[test]
    fn fault_01_the_text_form_is_settled() {
        for (identity, text) in [
            (Identity::user("jane"), "imap://jane@imap.example.com:993"),
            (
                Identity::user("a@b;/").acting_as("ü"),
                "imap://a%40b%3B%2F;AUTHZID=%C3%BC@imap.example.com:993",
            ),
            (
                Identity::anonymous(),
                "imap://;AUTH=ANONYMOUS@imap.example.com:993",
            ),
        ] {
            let account = home("imap.example.com", 993).account(Some(identity));
            assert_eq!(account.to_string(), text);
            assert_eq!(text.parse(), Ok((*account).clone()));
        }
        let v6 = home("::1", 1430).account(Some(Identity::user("jane")));
        assert_eq!(v6.to_string(), "imap://jane@%3A%3A1:1430");
        for text in [
            "",
            "imap://",
            "imap://@host:993",
            "imap://jane@host",
            "imap://jane@host:",
            "imap://jane@host:+9",
            "imap://jane@host:65536",
            "imap://jane@:993",
            "imap://ja ne@host:993",
            "imap://jane;AUTHZID=@host:993",
            "imap://;AUTH=EXTERNAL;CERT=00@host:993",
            "imap://;LOGIN=0@host:993",
            "imaps://jane@host:993",
        ] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_account_comes_back(user in ".{1,12}", authzid in ".{0,12}", host in "\\PC{1,20}", port: u16) {
            let identity = Identity::user(user).acting_as(authzid);
            let account = home(&host, port).account(Some(identity));
            if !host.trim_end_matches('.').is_empty() {
                prop_assert_eq!(account.to_string().parse(), Ok((*account).clone()));
            }
        }

        #[test]
        fn no_text_panics(text in "imap://.{0,20}@.{0,20}|.{0,40}") {
            if let Ok(account) = text.parse::<AccountId>() {
                prop_assert_eq!(account.to_string().parse(), Ok(account));
            }
        }
    }
}
