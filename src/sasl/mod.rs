//! SASL mechanisms (RFC 4422): what each has to say to a server, a file each.

pub(crate) mod mechanism;
pub(crate) mod plain;
pub(crate) mod secret;

pub use self::mechanism::{Mechanism, MechanismError};
pub use self::plain::Plain;
pub use self::secret::Secret;
