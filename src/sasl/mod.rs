//! SASL mechanisms (RFC 4422), to log in to a server.
//!
//! [The manual](crate::manual::logging_in) describes when to use which.

pub(crate) mod anonymous;
pub(crate) mod mechanism_context;
pub(crate) mod login_choice;
#[cfg(feature = "scram")]
pub(crate) mod cram_md5;
pub(crate) mod external;
pub(crate) mod login;
pub(crate) mod mechanism;
pub(crate) mod mechanism_error;
pub(crate) mod login_method;
pub(crate) mod oauth_bearer;
pub(crate) mod oauth_error;
pub(crate) mod plain;
#[cfg(feature = "scram")]
pub(crate) mod scram;
#[cfg(feature = "scram")]
mod scram_hash;
#[cfg(feature = "scram")]
mod scram_message;
pub(crate) mod secret;
mod token;
pub(crate) mod xoauth2;

pub use self::anonymous::Anonymous;
#[cfg(feature = "scram")]
pub use self::cram_md5::CramMd5;
pub use self::external::External;
pub use self::login::Login;
pub use self::login_choice::LoginChoice;
pub use self::login_method::LoginMethod;
pub use self::mechanism::Mechanism;
pub use self::mechanism_context::MechanismContext;
pub use self::mechanism_error::MechanismError;
pub use self::oauth_bearer::OAuthBearer;
pub use self::oauth_error::OAuthError;
pub use self::plain::Plain;
#[cfg(feature = "scram")]
pub use self::scram::Scram;
pub use self::secret::Secret;
pub use self::xoauth2::XOAuth2;
pub use crate::transport::channel_binding::ChannelBinding;
pub use crate::types::account_id::Identity;
