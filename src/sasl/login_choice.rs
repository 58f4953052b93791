//! Selects the mechanism: the strongest that the server offers and the caller allows.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::sasl::login::Login;
use crate::sasl::login_method::LoginMethod;
use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_context::MechanismContext;
use crate::sasl::oauth_bearer::OAuthBearer;
use crate::sasl::plain::Plain;
use crate::sasl::secret::Secret;
use crate::sasl::xoauth2::XOAuth2;
#[cfg(feature = "scram")]
use crate::sasl::{cram_md5::CramMd5, scram::Scram};
use crate::transport::channel_binding::ChannelBinding;

/// A user with a password or a token, and the login methods that may be used.
///
/// The strongest method that the server offers is used, and only that one is tried, because servers
/// lock accounts after several attempts with a wrong password. For a password the order is SCRAM
/// with `-PLUS`, SCRAM (SHA-512, SHA-256, SHA-1), PLAIN, the LOGIN command, and the LOGIN
/// mechanism; for a token OAUTHBEARER, then XOAUTH2. CRAM-MD5 is used only if [`only`](Self::only)
/// names it: with TLS it is no better than PLAIN and requires the server to store the password
/// itself, and without TLS an eavesdropper can test guesses of the password.
///
/// Without TLS, methods that expose the password or token are not used, unless
/// [`danger_cleartext_login`](crate::ClientBuilder::danger_cleartext_login) allows it. Without the
/// feature `scram`, SCRAM is not available.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::{LoginChoice, LoginMethod};
///
/// # let server = latchbox_testkit::Server::builder().with("AUTH=SCRAM-SHA-256").start()?;
/// # let client = || Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect();
/// let jane = LoginChoice::password("jane@example.com", "correct-horse");
/// let session = client()?.authenticate_with(&jane)?;
///
/// // This account of an old server takes the password by LOGIN only.
/// let old = jane.clone().exclude([LoginMethod::Plain]);
/// let session = client()?.authenticate_with(&old)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct LoginChoice {
    user: String,
    secret: Secret,
    of: &'static [LoginMethod],
    only: Option<Vec<LoginMethod>>,
    barred: Vec<LoginMethod>,
    least: Option<LoginMethod>,
    binding: Option<ChannelBinding>,
    authzid: Option<String>,
}

/// The reason why no offered method can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsuitable {
    /// The methods that could be used would expose the secret to an eavesdropper.
    Cleartext,
    /// The caller allows only the LOGIN command, and the server disables it.
    LoginDisabled,
    /// The server offers no method that the caller allows.
    Nothing,
}

impl LoginChoice {
    /// Credentials of a user: the name and the password.
    pub fn password(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::new(user.into(), password.into(), LoginMethod::BY_PASSWORD)
    }

    /// A user and an OAuth 2.0 access token, without the prefix `Bearer`.
    pub fn token(user: impl Into<String>, token: impl Into<Secret>) -> Self {
        Self::new(user.into(), token.into(), LoginMethod::BY_TOKEN)
    }

    fn new(user: String, secret: Secret, of: &'static [LoginMethod]) -> Self {
        Self {
            user,
            secret,
            of,
            only: None,
            barred: Vec::new(),
            least: None,
            binding: None,
            authzid: None,
        }
    }

    /// A user, and a password or a token, for the mechanism of this name.
    ///
    /// `None` if the mechanism takes other credentials, or is unknown.
    pub(crate) fn named(user: &str, secret: Secret, mechanism: &str) -> Option<Self> {
        let is_it = |method: &&LoginMethod| {
            let name = method.mechanism().unwrap_or_default();
            name.eq_ignore_ascii_case(mechanism)
        };
        for methods in [LoginMethod::BY_PASSWORD, LoginMethod::BY_TOKEN] {
            if let Some(method) = methods.iter().find(is_it) {
                return Some(Self::new(user.to_owned(), secret, methods).only([*method]));
            }
        }
        None
    }

    /// Uses these methods only; the strongest of them first, whatever their order here.
    #[must_use]
    pub fn only(mut self, methods: impl IntoIterator<Item = LoginMethod>) -> Self {
        self.only = Some(methods.into_iter().collect());
        self
    }

    /// Does not use these methods, say because they do not work on a server that offers them.
    #[must_use]
    pub fn exclude(mut self, methods: impl IntoIterator<Item = LoginMethod>) -> Self {
        self.barred.extend(methods);
        self
    }

    /// Uses no method that is weaker than this one.
    ///
    /// If a server offers only weaker ones, or an attacker changed its offer in transit, the login
    /// fails before anything is sent.
    #[must_use]
    pub fn at_least(mut self, method: LoginMethod) -> Self {
        self.least = Some(method);
        self
    }

    /// Uses this channel binding only, in the methods with `-PLUS`.
    ///
    /// It is for servers that do not support the strongest one, as `sasl::Scram::channel_binding`
    /// describes. If the connection does not have it, those methods are not used.
    #[must_use]
    pub fn channel_binding(mut self, binding: ChannelBinding) -> Self {
        self.binding = Some(binding);
        self
    }

    /// Logs in with this user's password, but acts as another user (the authorization identity).
    ///
    /// Only PLAIN and SCRAM support this; no other method is used then.
    #[must_use]
    pub fn acting_as(mut self, authzid: impl Into<String>) -> Self {
        self.authzid = Some(authzid.into());
        self
    }

    /// Writes the credentials and the options to a keyed hash.
    pub(crate) fn fingerprint(&self, mut hasher: &mut dyn Hasher) {
        let how = (self.of, &self.only, &self.barred, self.least, self.binding);
        (&self.user, self.secret.expose(), how, &self.authzid).hash(&mut hasher);
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    fn allows(&self, method: LoginMethod) -> bool {
        let is_named = match &self.only {
            Some(only) => only.contains(&method),
            None => !method.has_to_be_named(),
        };
        let is_strong = self.least.is_none_or(|least| method >= least);
        let is_able = self.authzid.is_none() || method.can_act_as_another();
        is_named && is_strong && is_able && !self.barred.contains(&method)
    }

    /// The strongest method that the server offers and the caller allows.
    pub(crate) fn best(
        &self,
        channel: &MechanismContext<'_>,
        login_disabled: bool,
        may_show_secret: bool,
    ) -> Result<LoginMethod, Unsuitable> {
        let is_offered = |method: LoginMethod| match method.mechanism() {
            None => !login_disabled,
            Some(_) if method.binds() && channel.strongest_binding(self.binding).is_none() => false,
            Some(name) => channel.offers(name),
        };
        let allowed = self.of.iter().filter(|method| self.allows(**method));
        let mut offered = allowed.clone().filter(|method| is_offered(**method));
        let best = offered
            .clone()
            .find(|method| may_show_secret || !method.exposes_secret());
        match best {
            Some(best) => Ok(*best),
            None if offered.next().is_some() => Err(Unsuitable::Cleartext),
            None if login_disabled && allowed.eq(&[LoginMethod::LoginCommand]) => {
                Err(Unsuitable::LoginDisabled)
            }
            None => Err(Unsuitable::Nothing),
        }
    }

    /// The mechanism of this method; `None` for the LOGIN command.
    pub(crate) fn mechanism(&self, method: LoginMethod) -> Option<Box<dyn Mechanism + Send>> {
        let (user, secret) = (self.user.clone(), self.secret.clone());
        Some(match method {
            LoginMethod::LoginCommand => return None,
            LoginMethod::Login => Box::new(Login::new(user, secret)),
            LoginMethod::Plain => {
                let plain = Plain::new(user, secret);
                Box::new(plain.acting_as(self.authzid.clone().unwrap_or_default()))
            }
            LoginMethod::XOAuth2 => Box::new(XOAuth2::new(user, secret)),
            LoginMethod::OAuthBearer => Box::new(OAuthBearer::new(user, secret)),
            #[cfg(feature = "scram")]
            LoginMethod::CramMd5 => Box::new(CramMd5::new(user, secret)),
            #[cfg(feature = "scram")]
            scram => Box::new(self.scram(scram, user, secret)),
        })
    }

    #[cfg(feature = "scram")]
    fn scram(&self, method: LoginMethod, user: String, secret: Secret) -> Scram {
        let (scram, plus) = match method {
            LoginMethod::ScramSha512 | LoginMethod::ScramSha512Plus => {
                (Scram::sha_512(user, secret), LoginMethod::ScramSha512Plus)
            }
            LoginMethod::ScramSha256 | LoginMethod::ScramSha256Plus => {
                (Scram::sha_256(user, secret), LoginMethod::ScramSha256Plus)
            }
            _ => (Scram::sha_1(user, secret), LoginMethod::ScramSha1Plus),
        };
        let scram = scram.acting_as(self.authzid.clone().unwrap_or_default());
        let scram = match self.binding {
            Some(binding) => scram.channel_binding(binding),
            None => scram,
        };
        match method {
            bound if bound.binds() => scram.require_channel_binding(),
            // The caller excluded `-PLUS`, so the server is not sent the flag that the client
            // supports it.
            _ if self.barred.contains(&plus) => scram.without_channel_binding(),
            _ => scram,
        }
    }
}

impl fmt::Debug for LoginChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginChoice")
            .field("user", &self.user)
            .field("only", &self.only)
            .field("barred", &self.barred)
            .field("least", &self.least)
            .field("binding", &self.binding)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jane() -> LoginChoice {
        LoginChoice::password("jane", "secret")
    }

    #[track_caller]
    fn best(choice: &LoginChoice, offered: &str, tls: bool) -> Result<LoginMethod, Unsuitable> {
        let mut offered: Vec<&str> = offered.split_whitespace().collect();
        let login_disabled = offered.contains(&"LOGINDISABLED");
        offered.retain(|name| *name != "LOGINDISABLED");
        let bindings = [(ChannelBinding::TlsServerEndPoint, b"hash".to_vec())];
        let bindings = if tls { bindings.as_slice() } else { &[] };
        choice.best(&MechanismContext { offered, bindings }, login_disabled, tls)
    }

    #[test]
    fn the_strongest_that_is_offered() {
        for (offered, expected) in [
            ("LOGIN PLAIN", LoginMethod::Plain),
            ("LOGIN", LoginMethod::LoginCommand),
            ("", LoginMethod::LoginCommand),
            ("LOGIN LOGINDISABLED", LoginMethod::Login),
            ("CRAM-MD5 GSSAPI", LoginMethod::LoginCommand),
            ("XOAUTH2 PLAIN", LoginMethod::Plain),
        ] {
            assert_eq!(best(&jane(), offered, true), Ok(expected), "{offered}");
        }
        let token = LoginChoice::token("jane", "token");
        assert_eq!(
            best(&token, "XOAUTH2 PLAIN OAUTHBEARER", true),
            Ok(LoginMethod::OAuthBearer)
        );
        assert_eq!(
            best(&token, "XOAUTH2 PLAIN", true),
            Ok(LoginMethod::XOAuth2)
        );
        assert_eq!(best(&token, "PLAIN", true), Err(Unsuitable::Nothing));
    }

    #[cfg(feature = "scram")]
    #[test]
    fn scram_comes_first_and_cram_md5_only_by_name() {
        let all = "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512";
        assert_eq!(best(&jane(), all, true), Ok(LoginMethod::ScramSha512));
        assert_eq!(best(&jane(), all, false), Ok(LoginMethod::ScramSha512));
        let plus = format!("{all} SCRAM-SHA-1-PLUS");
        assert_eq!(best(&jane(), &plus, true), Ok(LoginMethod::ScramSha1Plus));
        assert_eq!(
            best(&jane(), &plus, false),
            Ok(LoginMethod::ScramSha512),
            "nothing to bind to"
        );
        assert_eq!(
            best(&jane(), "CRAM-MD5 LOGINDISABLED", true),
            Err(Unsuitable::Nothing)
        );
        let bound = jane().channel_binding(ChannelBinding::TlsServerEndPoint);
        assert_eq!(best(&bound, &plus, true), Ok(LoginMethod::ScramSha1Plus));
        let bound = jane().channel_binding(ChannelBinding::TlsExporter);
        assert_eq!(
            best(&bound, &plus, true),
            Ok(LoginMethod::ScramSha512),
            "not the one to bind to"
        );
        let named = jane().only([LoginMethod::CramMd5]);
        assert_eq!(best(&named, all, false), Ok(LoginMethod::CramMd5));
        let strong = jane().at_least(LoginMethod::ScramSha256);
        let weak = "PLAIN SCRAM-SHA-1";
        assert_eq!(best(&strong, weak, true), Err(Unsuitable::Nothing));
    }

    #[test]
    fn methods_are_ordered_by_strength() {
        assert!(
            LoginMethod::Login < LoginMethod::LoginCommand
                && LoginMethod::LoginCommand < LoginMethod::Plain
        );
        let by_password = LoginMethod::BY_PASSWORD;
        assert!(
            by_password.is_sorted_by(|one, other| one > other),
            "{by_password:?}"
        );
        assert!(LoginMethod::BY_TOKEN.is_sorted_by(|one, other| one > other));
    }

    #[test]
    fn what_the_caller_says() {
        let choice = jane().exclude([LoginMethod::Plain]);
        assert_eq!(
            best(&choice, "PLAIN LOGIN", true),
            Ok(LoginMethod::LoginCommand)
        );
        let choice = jane().only([LoginMethod::Login, LoginMethod::Plain]);
        assert_eq!(best(&choice, "LOGIN", true), Ok(LoginMethod::Login));
        assert_eq!(best(&choice, "XOAUTH2", true), Err(Unsuitable::Nothing));
        let choice = jane().acting_as("joe");
        assert_eq!(best(&choice, "PLAIN", true), Ok(LoginMethod::Plain));
        assert_eq!(best(&choice, "LOGIN", true), Err(Unsuitable::Nothing));
        let choice = jane().only([LoginMethod::LoginCommand]);
        assert_eq!(
            best(&choice, "LOGINDISABLED", true),
            Err(Unsuitable::LoginDisabled)
        );
    }

    #[test]
    fn nothing_shows_the_password_without_tls() {
        assert_eq!(
            best(&jane(), "PLAIN LOGIN", false),
            Err(Unsuitable::Cleartext)
        );
        assert_eq!(best(&jane(), "", false), Err(Unsuitable::Cleartext));
        let token = LoginChoice::token("jane", "token");
        assert_eq!(best(&token, "XOAUTH2", false), Err(Unsuitable::Cleartext));
        assert!(!format!("{:?}", jane()).contains("secret"));
    }
}
