//! The ways to log in, each with the secret that it must not show.

use std::fmt::Debug;

use latchbox::sasl::{
    Login, LoginChoice, LoginMethod, Mechanism, MechanismError, OAuthBearer, Plain, Secret, XOAuth2,
};
use latchbox::{Client, LoginError, Session};

pub(super) const USER: &str = "ann@example.com";
pub(super) const TOKEN: &str = "ya29.t0k3n-0f-ann";

/// The password of the second login.
pub(super) const SECOND: &str = "an0ther-pa55";

/// In the forms that LOGIN has for them: quoted, quoted with escapes, a literal.
const PASSWORDS: [&str; 5] = [
    "pa55w0rd",
    "pa55 \"w\\0rd",
    "pa55wörd",
    "pa55\r\nw0rd",
    "{pa55}",
];

type LogIn = Box<dyn Fn(Client) -> Result<Session, LoginError>>;

pub(super) struct Way {
    pub(super) name: String,
    /// The name after `AUTH=`, and whether the first message may go along; LOGIN has none.
    pub(super) mechanism: Option<(&'static str, bool)>,
    pub(super) secret: &'static str,
    pub(super) log_in: LogIn,
    /// What `Debug` shows of it.
    pub(super) shown: Box<dyn Fn() -> String>,
    pub(super) utf8_is_off: bool,
}

impl Way {
    fn new(
        name: &str,
        secret: &'static str,
        log_in: impl Fn(Client) -> Result<Session, LoginError> + 'static,
    ) -> Self {
        Self {
            name: name.to_owned(),
            mechanism: None,
            secret,
            log_in: Box::new(log_in),
            shown: Box::new(String::new),
            utf8_is_off: false,
        }
    }

    /// With the first message along with the command, and without.
    fn by<M: Mechanism + Debug>(
        secret: &'static str,
        name: &'static str,
        make: impl Fn() -> M + Clone + 'static,
    ) -> [Self; 2] {
        [true, false].map(|at_once| {
            let (log_in, shown) = (make.clone(), make.clone());
            let way = Self::new(name, secret, move |client| client.authenticate(log_in()));
            Self {
                name: format!("{name}, at once: {at_once}"),
                mechanism: Some((name, at_once)),
                shown: Box::new(move || format!("{:?}", shown())),
                ..way
            }
        })
    }
}

/// A mechanism of the caller's own.
#[derive(Debug)]
struct Ticket(Secret);

impl Mechanism for Ticket {
    fn name(&self) -> &'static str {
        "X-TICKET"
    }

    fn exposes_secret(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        Ok(Some(self.0.clone()))
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
        Ok(Secret::from("another-pa55"))
    }
}

pub(super) fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for secret in PASSWORDS {
        ways.push(Way::new("LOGIN", secret, move |client| {
            client.login(USER, secret)
        }));
        ways.extend(Way::by(secret, "PLAIN", move || Plain::new(USER, secret)));
        ways.extend(Way::by(secret, "PLAIN", move || {
            Plain::new(USER, secret).acting_as("joe")
        }));
        ways.extend(Way::by(secret, "LOGIN", move || Login::new(USER, secret)));
    }
    ways.push(Way {
        utf8_is_off: true,
        ..Way::new("LOGIN without UTF-8", PASSWORDS[2], |client| {
            client.login(USER, PASSWORDS[2])
        })
    });
    ways.push(chosen("PLAIN", PASSWORDS[0], || {
        LoginChoice::password(USER, PASSWORDS[0])
    }));
    ways.push(chosen("OAUTHBEARER", TOKEN, || {
        LoginChoice::token(USER, TOKEN)
    }));
    ways.push(chosen("XOAUTH2", TOKEN, || {
        LoginChoice::token(USER, TOKEN).only([LoginMethod::XOAuth2])
    }));
    ways.extend(Way::by(TOKEN, "XOAUTH2", || XOAuth2::new(USER, TOKEN)));
    ways.extend(Way::by(TOKEN, "OAUTHBEARER", || {
        OAuthBearer::new(USER, TOKEN)
    }));
    ways.extend(Way::by(TOKEN, "X-TICKET", || Ticket(Secret::from(TOKEN))));
    #[cfg(feature = "scram")]
    hashing(&mut ways);
    ways
}

fn chosen(
    name: &'static str,
    secret: &'static str,
    make: impl Fn() -> LoginChoice + Clone + 'static,
) -> Way {
    let shown = make.clone();
    let way = Way::new(name, secret, move |client| {
        client.authenticate_with(&make())
    });
    Way {
        name: format!("{name} by choice"),
        mechanism: Some((name, true)),
        shown: Box::new(move || format!("{:?}", shown())),
        ..way
    }
}

#[cfg(feature = "scram")]
fn hashing(ways: &mut Vec<Way>) {
    use latchbox::sasl::{CramMd5, Scram};
    const SECRET: &str = PASSWORDS[0];
    ways.extend(Way::by(SECRET, "CRAM-MD5", || CramMd5::new(USER, SECRET)));
    let few = |scram: Scram| scram.min_iterations(1);
    for (name, sha_1) in [
        ("SCRAM-SHA-1", true),
        ("SCRAM-SHA-1-PLUS", true),
        ("SCRAM-SHA-256", false),
    ] {
        ways.extend(Way::by(SECRET, name, move || match sha_1 {
            true => few(Scram::sha_1(USER, SECRET)),
            false => few(Scram::sha_256(USER, SECRET)),
        }));
    }
    for name in ["SCRAM-SHA-512", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS"] {
        ways.extend(Way::by(SECRET, name, move || {
            let scram = match name.contains("512") {
                true => Scram::sha_512(USER, SECRET),
                false => Scram::sha_256(USER, SECRET),
            };
            few(scram).acting_as("joe")
        }));
    }
}
