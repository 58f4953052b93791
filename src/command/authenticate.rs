//! AUTHENTICATE (RFC 9051 section 6.2.2): the exchange of a SASL mechanism.

use crate::client::{Client, LoginError};
use crate::connection::answer::{Challenge, leave};
use crate::error::{CloseReason, Effect, Error, LoginAborted, Result};
use crate::limits::{Limit, LimitExceeded};
use crate::sasl::login_choice::{LoginChoice, Unsuitable};
use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_context::MechanismContext;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::secret::Secret;
use crate::session::Session;
use crate::types::capability::{Capabilities, Capability};

/// Room for the rest of a line, besides the mechanism and its first message.
const REST_OF_LINE: usize = 64;

impl Client {
    /// Logs in by a SASL mechanism (AUTHENTICATE, RFC 9051 section 6.2.2).
    ///
    /// The first message is sent with the command if the server has SASL-IR (RFC 4959).
    ///
    /// # Errors
    ///
    /// As for [`login`](Self::login); [`Error::Login`] also if the server does not offer the
    /// mechanism, if the mechanism aborts the exchange, and if the exchange ends before the
    /// mechanism is complete. The error of the mechanism is returned whatever the server answers to
    /// the abort; if it answers OK, the connection is closed.
    #[doc(alias = "AUTHENTICATE")]
    #[doc(alias = "SASL")]
    pub fn authenticate(
        mut self,
        mut mechanism: impl Mechanism,
    ) -> std::result::Result<Session, LoginError> {
        self.connection.begin_login();
        match self.try_authenticate(&mut mechanism) {
            Ok(()) => Ok(self.into_session()),
            Err(error) => Err(LoginError::new(error, self)),
        }
    }

    /// Logs in by the strongest method that the server offers and `choice` allows.
    ///
    /// Sends AUTHENTICATE, or LOGIN if the server offers no suitable mechanism. Requests the
    /// capabilities first if the server has not reported them. Only one method is tried, never a
    /// second after a refusal.
    ///
    /// # Errors
    ///
    /// As for [`authenticate`](Self::authenticate). Before anything of the login is sent:
    /// [`Error::Login`] if the server offers no method that the choice allows.
    ///
    /// ```
    /// use latchbox::Client;
    /// use latchbox::sasl::LoginChoice;
    ///
    /// # let server = latchbox_testkit::Server::start()?;
    /// # let client = Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
    /// #     .danger_cleartext_login().connect()?;
    /// let session = client
    ///     .authenticate_with(&LoginChoice::password("jane@example.com", "correct-horse"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "AUTHENTICATE")]
    #[doc(alias = "SASL")]
    #[doc(alias = "OAuth")]
    pub fn authenticate_with(
        mut self,
        choice: &LoginChoice,
    ) -> std::result::Result<Session, LoginError> {
        self.connection.begin_login();
        match self.try_choice(choice) {
            Ok(()) => Ok(self.into_session()),
            Err(error) => Err(LoginError::new(error, self)),
        }
    }

    fn try_choice(&mut self, choice: &LoginChoice) -> Result<()> {
        if self.is_preauthenticated {
            return Err(Error::Login(LoginAborted::AlreadyAuthenticated));
        }
        let may_show_secret = self.check_may_show_secret().is_ok();
        let bindings = self.connection.channel_bindings();
        let capabilities = self.connection.capabilities()?;
        let channel = MechanismContext {
            offered: capabilities.mechanisms().collect(),
            bindings: &bindings,
        };
        let login_disabled = capabilities.contains(&Capability::LoginDisabled);
        let best = choice.best(&channel, login_disabled, may_show_secret);
        let method = best.map_err(|unsuitable| {
            Error::Login(match unsuitable {
                Unsuitable::Cleartext => LoginAborted::Cleartext,
                Unsuitable::LoginDisabled => LoginAborted::LoginDisabled,
                Unsuitable::Nothing => LoginAborted::NothingSuitable {
                    offered: channel.offered.join(" ").into(),
                },
            })
        })?;
        match choice.mechanism(method) {
            Some(mut mechanism) => self.try_authenticate(&mut mechanism),
            None => self.try_login(choice.user(), choice.secret()),
        }
    }

    pub(crate) fn try_authenticate(&mut self, mechanism: &mut dyn Mechanism) -> Result<()> {
        if self.is_preauthenticated {
            return Err(Error::Login(LoginAborted::AlreadyAuthenticated));
        }
        let at_once = self.prepare(mechanism)?;
        self.prepare_login()?;
        let heard = self.connection.state.capabilities_heard();
        let exchanged = self.exchange(mechanism, at_once);
        let exchanged = exchanged.map_err(|error| self.explained(error, mechanism));
        self.connection.wipe_login();
        exchanged?;
        self.note_login(mechanism.identity());
        self.settle_in(heard)
    }

    /// Gives the mechanism its context; whether its first message may be sent with the command.
    fn prepare(&mut self, mechanism: &mut dyn Mechanism) -> Result<bool> {
        if mechanism.exposes_secret() {
            self.check_may_show_secret()?;
        }
        let bindings = self.connection.channel_bindings();
        let capabilities = self.connection.capabilities()?;
        let channel = MechanismContext {
            offered: capabilities.mechanisms().collect(),
            bindings: &bindings,
        };
        mechanism.begin(&channel).map_err(refused)?;
        if !channel.offers(mechanism.name()) {
            let name = mechanism.name();
            return Err(Error::Login(LoginAborted::MechanismNotOffered(name)));
        }
        Ok(capabilities.supports(&Capability::SaslIr))
    }

    /// Adds to the error what the server reported about the token during the exchange: a rejected
    /// token stays rejected, however the server then ended the exchange.
    fn explained(&self, mut error: Error, mechanism: &mut dyn Mechanism) -> Error {
        let reason = match &error {
            Error::Refused(_) | Error::Throttled(_) => mechanism.reason(),
            Error::Login(LoginAborted::Mechanism(MechanismError::Incomplete)) => mechanism.reason(),
            Error::Closed(closed) if !closed.is_cancelled() => mechanism.reason(),
            _ => None,
        };
        let Some(reason) = reason else {
            return error;
        };
        let redaction = &self.connection.redaction;
        let clean = |text: String| redaction.cleaned(text.into()).into_owned();
        let reason = Box::new(reason.cleaned(clean));
        match &mut error {
            Error::Refused(refused) => refused.oauth = Some(reason),
            Error::Throttled(throttled) => throttled.refused.oauth = Some(reason),
            _ => error = Error::Login(LoginAborted::Token(reason)),
        }
        error
    }

    fn exchange(&mut self, mechanism: &mut dyn Mechanism, at_once: bool) -> Result<()> {
        let mut initial = mechanism.initial().map_err(refused)?;
        let known = initial.as_ref().map(Secret::expose).unwrap_or_default();
        let redaction = &mut self.connection.redaction;
        redaction.hide_message(known, mechanism.secrets());
        let at_once = at_once && self.fits_into_a_line(mechanism.name(), known);
        let first = if at_once { initial.take() } else { None };
        self.connection.start("AUTHENTICATE", |encoder| {
            encoder.raw("AUTHENTICATE ").raw(mechanism.name());
            match &first {
                Some(first) if first.expose().is_empty() => _ = encoder.raw(" ="),
                Some(first) => _ = encoder.sp().base64(first.expose()),
                None => {}
            }
            Ok(())
        })?;
        let limits = *self.connection.session_limits();
        for _ in 0..limits.rounds {
            let challenge = match self.connection.receive_challenge("AUTHENTICATE")? {
                Challenge::Done if initial.is_none() && mechanism.is_complete() => return Ok(()),
                Challenge::Done => return Err(self.close_incomplete(mechanism)),
                Challenge::More(challenge) => challenge,
            };
            if challenge.len() > limits.challenge {
                let exceeded = LimitExceeded::new(Limit::Challenge, limits.challenge);
                return Err(self.give_up(LoginAborted::Limit(exceeded)));
            }
            let answer = match (initial.take(), decoded(&challenge)) {
                // The first message answers no challenge, so the content of this one does not
                // matter.
                (Some(initial), _) => Ok(initial),
                (None, Some(challenge)) => self.step(mechanism, &challenge)?,
                (None, None) => Err(MechanismError::Rejected("a challenge that is not base64")),
            };
            match answer {
                Ok(answer) => {
                    let redaction = &mut self.connection.redaction;
                    redaction.hide_message(answer.expose(), mechanism.secrets());
                    self.connection
                        .send_base64("AUTHENTICATE", answer.expose())?;
                }
                Err(error) => return Err(self.give_up(LoginAborted::Mechanism(error))),
            }
        }
        let exceeded = LimitExceeded::new(Limit::Rounds, limits.rounds);
        Err(self.give_up(LoginAborted::Limit(exceeded)))
    }

    /// One step of the mechanism, which may take long: the deadline and the connection are checked
    /// meanwhile, and their end is the outer error.
    fn step(
        &mut self,
        mechanism: &mut dyn Mechanism,
        challenge: &[u8],
    ) -> Result<std::result::Result<Secret, MechanismError>> {
        let mut ended = None;
        let answer = mechanism.step_while(challenge, &mut || {
            ended = self.connection.check_awaited("AUTHENTICATE").err();
            ended.is_none()
        });
        match ended {
            None => Ok(answer),
            Some(error) => Err(error),
        }
    }

    /// Whether the command with its first message fits into a line that the server accepts; a
    /// longer message is sent after it, where no such limit holds.
    fn fits_into_a_line(&self, name: &str, first: &[u8]) -> bool {
        let capabilities = self.connection.state.capabilities();
        let longest = capabilities.map_or(Capabilities::LONGEST_LINE, Capabilities::longest_line);
        let base64 = first.len().div_ceil(3).saturating_mul(4);
        base64.saturating_add(name.len() + REST_OF_LINE) <= longest
    }

    /// Aborts the exchange, to which the server has to answer NO or BAD. The reason of the abort is
    /// returned, whatever the server answers, and if the connection ends meanwhile.
    fn give_up(&mut self, refusal: LoginAborted) -> Error {
        let ended = match self.connection.send_line("AUTHENTICATE", b"*") {
            Ok(()) => self.connection.finish(leave),
            Err(error) => Err(error),
        };
        match ended {
            Err(Error::Closed(closed)) if closed.is_cancelled() => return Error::Closed(closed),
            Err(_) => {}
            Ok(_) => drop(self.close_premature()),
        }
        Error::Login(refusal)
    }

    /// A server that answers OK before it has proved itself is not trusted. The mechanism names
    /// what was missing: an OK may come in place of an empty challenge.
    fn close_incomplete(&mut self, mechanism: &mut dyn Mechanism) -> Error {
        drop(self.close_premature());
        let verdict = mechanism.step(b"").err();
        let is_known = |verdict: &MechanismError| *verdict == MechanismError::ServerNotProved;
        refused(
            verdict
                .filter(is_known)
                .unwrap_or(MechanismError::Incomplete),
        )
    }

    fn close_premature(&mut self) -> Error {
        let problem = "it ended the authentication before it was complete";
        let reason = CloseReason::Protocol(problem.into());
        self.connection.close("AUTHENTICATE", Effect::None, reason)
    }
}

fn refused(error: MechanismError) -> Error {
    Error::Login(LoginAborted::Mechanism(error))
}

/// Decodes base64 as servers send it, padded or not.
fn decoded(challenge: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine;
    use base64::alphabet::STANDARD;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&STANDARD, CONFIG)
        .decode(challenge.trim_ascii())
        .ok()
}
