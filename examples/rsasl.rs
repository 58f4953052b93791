//! Logs in with a mechanism of the crate `rsasl`: an adapter between a SASL library, which has the
//! exchange, and latchbox, which has the connection.
//!
//! ```text
//! LATCHBOX_URL=imaps://user@host cargo run --example rsasl --features rsasl
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use latchbox::ClientBuilder;
use latchbox::sasl::{Mechanism, MechanismContext, MechanismError, Secret};
use latchbox::types::ServerUrl;
use rsasl::mechname::Mechname;
use rsasl::prelude::{SASLClient, SASLConfig, Session};

/// The mechanisms that `rsasl` is built with here, the strongest first.
const KNOWN: [&str; 2] = ["SCRAM-SHA-256", "PLAIN"];

/// An exchange of `rsasl`'s.
struct Rsasl {
    config: Arc<SASLConfig>,
    name: &'static str,
    session: Option<Session>,
    is_finished: bool,
}

impl Rsasl {
    fn new(user: &str, password: &str) -> Result<Self, Box<dyn Error>> {
        let config = SASLConfig::with_credentials(None, user.to_owned(), password.to_owned())
            .map_err(|error| error.to_string())?;
        Ok(Self {
            config,
            name: "",
            session: None,
            is_finished: false,
        })
    }

    fn run(&mut self, challenge: Option<&[u8]>) -> Result<Secret, MechanismError> {
        let failed = MechanismError::Rejected("rsasl cannot go on");
        let session = self.session.as_mut().ok_or_else(|| failed.clone())?;
        let mut answer = Vec::new();
        let state = session.step(challenge, &mut answer).map_err(|_| failed)?;
        self.is_finished = state.is_finished();
        Ok(Secret::new(answer))
    }
}

impl Mechanism for Rsasl {
    /// Chooses among what the server offers.
    fn begin(&mut self, channel: &MechanismContext<'_>) -> Result<(), MechanismError> {
        let nothing = MechanismError::Rejected("nothing that rsasl knows is offered");
        let offered = KNOWN.into_iter().find(|name| channel.offers(name));
        self.name = offered.ok_or_else(|| nothing.clone())?;
        let name = Mechname::parse(self.name.as_bytes()).map_err(|_| nothing.clone())?;
        let session = SASLClient::new(Arc::clone(&self.config)).start_suggested(&[name]);
        self.session = Some(session.map_err(|_| nothing)?);
        Ok(())
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn exposes_secret(&self) -> bool {
        self.name == "PLAIN"
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        match self.session.as_ref().map(Session::are_we_first) {
            Some(true) => self.run(None).map(Some),
            _ => Ok(None),
        }
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
        if self.is_finished {
            return Err(MechanismError::UnexpectedChallenge);
        }
        self.run(Some(challenge))
    }

    fn is_complete(&self) -> bool {
        self.is_finished
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let url = env::var("LATCHBOX_URL").map_err(|_| "set LATCHBOX_URL to imaps://user@host")?;
    let url: ServerUrl = url.parse()?;
    let user = url.user().ok_or("there is no user in LATCHBOX_URL")?;
    let typed = |_| rpassword::prompt_password("Password: ");
    let password = env::var("LATCHBOX_PASSWORD").or_else(typed)?;

    let client = ClientBuilder::from_url(&url).connect()?;
    let session = client.authenticate(Rsasl::new(user, &password)?)?;
    println!(
        "rsasl has logged in: there are {} mailboxes.",
        session.list("*")?.len()
    );
    Ok(())
}
