//! The login methods that a choice can use, in order of strength.

use std::fmt;

/// A login method, for [`LoginChoice`](crate::sasl::LoginChoice); ordered by strength.
///
/// The weakest method is the least. Those of SCRAM and CRAM-MD5 exist only with the feature
/// `scram`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LoginMethod {
    /// AUTHENTICATE LOGIN: sends the password itself, in reply to two prompts.
    Login,
    /// The LOGIN command (RFC 9051 section 6.2.3): sends the password itself.
    LoginCommand,
    /// PLAIN (RFC 4616): sends the password itself.
    Plain,
    /// XOAUTH2: sends the token itself.
    XOAuth2,
    /// OAUTHBEARER (RFC 7628): sends the token itself.
    OAuthBearer,
    /// CRAM-MD5 (RFC 2195): sends a weak hash; the server does not authenticate itself.
    #[cfg(feature = "scram")]
    CramMd5,
    /// SCRAM-SHA-1 (RFC 5802): client and server prove to each other that they know the password.
    #[cfg(feature = "scram")]
    ScramSha1,
    /// SCRAM-SHA-256 (RFC 7677).
    #[cfg(feature = "scram")]
    ScramSha256,
    /// SCRAM-SHA-512.
    #[cfg(feature = "scram")]
    ScramSha512,
    /// SCRAM-SHA-1-PLUS: like SCRAM-SHA-1, and the login is bound to the TLS connection.
    #[cfg(feature = "scram")]
    ScramSha1Plus,
    /// SCRAM-SHA-256-PLUS.
    #[cfg(feature = "scram")]
    ScramSha256Plus,
    /// SCRAM-SHA-512-PLUS.
    #[cfg(feature = "scram")]
    ScramSha512Plus,
}

impl LoginMethod {
    /// The methods that take a password, the strongest first.
    pub(crate) const BY_PASSWORD: &'static [Self] = &[
        #[cfg(feature = "scram")]
        Self::ScramSha512Plus,
        #[cfg(feature = "scram")]
        Self::ScramSha256Plus,
        #[cfg(feature = "scram")]
        Self::ScramSha1Plus,
        #[cfg(feature = "scram")]
        Self::ScramSha512,
        #[cfg(feature = "scram")]
        Self::ScramSha256,
        #[cfg(feature = "scram")]
        Self::ScramSha1,
        #[cfg(feature = "scram")]
        Self::CramMd5,
        Self::Plain,
        Self::LoginCommand,
        Self::Login,
    ];

    /// The methods that take a token, the strongest first.
    pub(crate) const BY_TOKEN: &'static [Self] = &[Self::OAuthBearer, Self::XOAuth2];

    /// The name after `AUTH=`; `None` for the LOGIN command.
    pub(crate) fn mechanism(self) -> Option<&'static str> {
        Some(match self {
            Self::LoginCommand => return None,
            Self::Login => "LOGIN",
            Self::Plain => "PLAIN",
            Self::XOAuth2 => "XOAUTH2",
            Self::OAuthBearer => "OAUTHBEARER",
            #[cfg(feature = "scram")]
            Self::CramMd5 => "CRAM-MD5",
            #[cfg(feature = "scram")]
            Self::ScramSha1 => "SCRAM-SHA-1",
            #[cfg(feature = "scram")]
            Self::ScramSha256 => "SCRAM-SHA-256",
            #[cfg(feature = "scram")]
            Self::ScramSha512 => "SCRAM-SHA-512",
            #[cfg(feature = "scram")]
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            #[cfg(feature = "scram")]
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
            #[cfg(feature = "scram")]
            Self::ScramSha512Plus => "SCRAM-SHA-512-PLUS",
        })
    }

    /// Whether an eavesdropper learns the secret.
    pub(crate) fn exposes_secret(self) -> bool {
        self <= Self::OAuthBearer
    }

    /// Whether it is used only if it is named.
    pub(crate) fn has_to_be_named(self) -> bool {
        #[cfg(feature = "scram")]
        return self == Self::CramMd5;
        #[cfg(not(feature = "scram"))]
        return false;
    }

    /// Whether it uses channel binding, so that it needs TLS that has one.
    pub(crate) fn binds(self) -> bool {
        self.mechanism().is_some_and(|name| name.ends_with("-PLUS"))
    }

    /// Whether it can log in as one user and act as another.
    pub(crate) fn can_act_as_another(self) -> bool {
        let name = self.mechanism().unwrap_or_default();
        name == "PLAIN" || name.starts_with("SCRAM-")
    }
}

/// The name of the mechanism.
impl fmt::Display for LoginMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mechanism().unwrap_or("the LOGIN command"))
    }
}
