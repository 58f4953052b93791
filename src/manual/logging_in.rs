//! Logging in: what there is, what is chosen, and what a person can do when it fails.
//!
//! # Which way
//!
//! | a program has | it calls |
//! |---|---|
//! | a user and a password | [`Client::authenticate_with`] and [`LoginChoice::password`], or [`Client::login`] |
//! | a user and an OAuth 2.0 token | [`Client::authenticate_with`] and [`LoginChoice::token`] |
//! | a certificate of its own | [`Client::authenticate`] and [`External`] |
//! | nothing, because everybody may | [`Client::authenticate`] and [`Anonymous`] |
//! | a mechanism of its own | [`Client::authenticate`] and an own [`Mechanism`] |
//! | a server that takes it as logged in (PREAUTH) | [`Client::into_preauthenticated`] |
//!
//! Each consumes the client and gives a session, or gives the client back with the error, for
//! another try. An [`Account`] asks its provider for [`Credentials`] at each login, so that tokens
//! are fresh when a session reconnects, and tells it why ([`LoginReason`]): after a refusal, a cache
//! drops the token that it has. What the server has refused is not sent again: if the provider gives
//! the same, the [remembered](crate::error::Refused::is_remembered) refusal is the error at once, until
//! [`Account::try_again`]. Refusals for a time are not remembered.
//!
//! [`Client::login`] sends the command LOGIN. [`LoginChoice`] takes the strongest that the server
//! offers:
//!
//! ```
//! # let server = latchbox_testkit::Server::builder().with("AUTH=SCRAM-SHA-256").start()?;
//! # let builder = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login();
//! use latchbox::sasl::{LoginChoice, LoginMethod};
//!
//! let jane = LoginChoice::password("jane@example.com", "correct-horse")
//!     .exclude([LoginMethod::LoginCommand, LoginMethod::Login]); // PLAIN, or better
//! let session = builder.connect()?.authenticate_with(&jane).map_err(|(error, _)| error)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The mechanisms
//!
//! From the strongest to the weakest. "Shows" is what somebody learns who reads the line, so that
//! it is sent inside TLS only, unless [`danger_cleartext_login`] allows it.
//!
//! | mechanism | shows | the server proves itself | for |
//! |---|---|---|---|
//! | SCRAM-SHA-512-PLUS, -256-PLUS, -1-PLUS | nothing | yes, and that it holds the certificate | feature `scram`, inside TLS |
//! | SCRAM-SHA-512, -256, -1 | nothing | yes | feature `scram` |
//! | [`OAuthBearer`] (RFC 7628), [`XOAuth2`] | the token | no | Gmail, Microsoft 365, Yahoo, ... |
//! | [`Plain`] (RFC 4616) | the password | no | nearly every server |
//! | the command LOGIN | the password | no | nearly every server |
//! | [`Login`] | the password, by two prompts | no | old servers |
//! | CRAM-MD5 (RFC 2195) | a hash that can be tried out | no | feature `scram`; only by name |
//! | [`External`] | nothing | no | a client's certificate |
//! | [`Anonymous`] | nothing | no | public mailboxes |
//!
//! [`Plain`], SCRAM and [`External`] can log in as one user in order to act as another
//! (`acting_as`).
//!
//! ## SCRAM
//!
//! With the feature `scram`, a password need not be sent at all, and a server that does not know
//! it gets no session, whatever it answers:
//!
//! ```
//! # #[cfg(feature = "scram")]
//! # {
//! # let server = latchbox_testkit::Server::builder().with("AUTH=SCRAM-SHA-256").start()?;
//! # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .connect()?;
//! use latchbox::sasl::{LoginChoice, LoginMethod};
//!
//! let jane = LoginChoice::password("jane@example.com", "correct-horse")
//!     .at_least(LoginMethod::ScramSha256); // never the password itself, whatever is offered
//! let session = client.authenticate_with(&jane).map_err(|(error, _)| error)?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server that asks for fewer than 4096 or more than a million rounds of hashing is refused; both
//! limits are options of the mechanism. Deadlines hold and a [`CloseHandle`](crate::CloseHandle) works while it
//! hashes. With `-PLUS` the login is tied to the TLS connection, so that a man in the middle gets no
//! session: by `tls-exporter` (RFC 9266) over TLS 1.3 with rustls, otherwise by the server's
//! certificate (`tls-server-end-point`).
//! Where the server does not offer that, it is told that the client could have, so that a server
//! whose offer was cut out on the way refuses.
//!
//! Some servers offer `-PLUS` and support another channel binding only. They refuse the login. There is
//! no silent fallback, because a man in the middle could cause the same refusal: name the binding for
//! such a server ([`LoginChoice::channel_binding`](crate::sasl::LoginChoice::channel_binding)), or bar the
//! methods with `-PLUS` if it supports neither: Cyrus wants `tls-unique`.
//!
//! ## OAuth 2.0
//!
//! How a token comes about is the affair of the program or of a library for OAuth. It goes into a
//! provider, which is asked at each login:
//!
//! ```
//! # let server = latchbox_testkit::Server::builder().with("AUTH=XOAUTH2").start()?;
//! # let builder = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login();
//! # fn fresh_token() -> Result<String, std::io::Error> { Ok(latchbox_testkit::TOKEN.into()) }
//! use latchbox::{Account, Credentials};
//!
//! let account = Account::new(builder, |_reason| {
//!     Ok(Credentials::token("jane@example.com", fresh_token()?)) // OAUTHBEARER or XOAUTH2
//! });
//! let session = account.open()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server that does not take a token says why inside the exchange; [`Error::oauth`] has that:
//!
//! ```
//! # let server = latchbox_testkit::Server::builder().with("AUTH=OAUTHBEARER").start()?;
//! # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login().connect()?;
//! use latchbox::sasl::LoginChoice;
//!
//! let old = LoginChoice::token("jane@example.com", "an-old-one");
//! let (error, _client) = client.authenticate_with(&old).unwrap_err();
//! let oauth = error.oauth().unwrap();
//! assert_eq!((oauth.status(), oauth.scope()), (Some("invalid_token"), Some("mail")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## One of your own
//!
//! [`Mechanism`] is the whole of it: what to say first, and what to answer to a challenge. A library
//! for SASL fits, because it has the same shape, a step from challenge to answer; the example
//! `examples/rsasl.rs` is such an adapter for the crate `rsasl`:
//!
//! ```
//! use latchbox::sasl::{Mechanism, MechanismError, Secret};
//!
//! /// Any exchange that is a function from challenge to answer.
//! struct Adapter<F> {
//!     name: &'static str,
//!     step: F,
//!     is_finished: bool,
//! }
//!
//! /// What a library's step gives: the answer, and whether it has nothing more to say.
//! type Step = Result<(Vec<u8>, bool), Box<dyn std::error::Error>>;
//!
//! impl<F: FnMut(Option<&[u8]>) -> Step> Adapter<F> {
//!     fn run(&mut self, challenge: Option<&[u8]>) -> Result<Secret, MechanismError> {
//!         let failed = |_| MechanismError::Rejected("the library cannot go on");
//!         let (answer, is_finished) = (self.step)(challenge).map_err(failed)?;
//!         self.is_finished = is_finished;
//!         Ok(Secret::new(answer))
//!     }
//! }
//!
//! impl<F: FnMut(Option<&[u8]>) -> Step> Mechanism for Adapter<F> {
//!     fn name(&self) -> &'static str {
//!         self.name
//!     }
//!     fn exposes_secret(&self) -> bool {
//!         true
//!     }
//!     fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
//!         self.run(None).map(Some)
//!     }
//!     fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
//!         self.run(Some(challenge))
//!     }
//!     fn is_complete(&self) -> bool {
//!         self.is_finished
//!     }
//! }
//!
//! # let server = latchbox_testkit::Server::start()?;
//! # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login().connect()?;
//! let plain = |_: Option<&[u8]>| -> Step {
//!     Ok((b"\0jane@example.com\0correct-horse".to_vec(), true))
//! };
//! let adapter = Adapter { name: "PLAIN", step: plain, is_finished: false };
//! let session = client.authenticate(adapter).map_err(|(error, _)| error)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Four more methods have defaults, and are worth writing: `identity` (who is logged in, so that UIDs
//! are known to be of the same account in another session), `fingerprint` (so that an [`Account`] knows
//! other credentials from refused ones), `secrets` (so that only they are hidden), and `step_while` if a
//! step computes for long. A login that names no user can be given a name by [`account_name`].
//!
//! # What is sent besides
//!
//! What the server can do is asked for before the login where it has not said, and after the login
//! unless it says so along with its OK. Who the program is ([`identify`]) is said right after the
//! login, before anything else, because some providers let nobody read who has not said so;
//! [`identify_before_login`] says it before, too. A refusal of any of these after the login fails no
//! login.
//!
//! # When it fails
//!
//! [`is_auth`] tells that it was about the login. The variants say how far it came:
//!
//! | error | what happened |
//! |---|---|
//! | [`Error::Login`] | nothing secret was sent: no TLS, LOGINDISABLED, nothing suitable is offered; or the mechanism rejected what the server said, whatever followed |
//! | [`Error::Refused`] | the server said no; its code and text are in it |
//! | [`Error::Throttled`] | later, it said |
//! | [`Error::Credentials`] | the provider of an [`Account`] failed |
//! | [`Error::Closed`] | the connection ended meanwhile |
//!
//! Show the server's text to the person, and beside it [`login_hint`], which knows what providers
//! write:
//!
//! | what the server says | [`LoginHint`] | what the person can do |
//! |---|---|---|
//! | Gmail: `[ALERT] Application-specific password required` | [`UseAppPassword`] | make an app password in the account's settings |
//! | Gmail: `[AUTHENTICATIONFAILED] Invalid credentials` | [`CheckPassword`] | check the password; Gmail takes no account's password, only app passwords and tokens |
//! | Gmail: `[ALERT] Your account is not enabled for IMAP use` | [`EnableImap`] | switch IMAP on in the settings |
//! | Gmail: `[ALERT] Please log in via your web browser`, `[WEBALERT ...] Web login required` | [`LogInByBrowser`] | log in there once |
//! | Gmail: `[ALERT] Too many simultaneous connections` | [`TryLater`] | use fewer connections |
//! | Microsoft: `LOGIN failed`, `AUTHENTICATE failed` | none | Microsoft takes no passwords; check the token's scope and the user's name |
//! | Microsoft: `BAD User is authenticated but not connected` | [`AskAdministrator`] | the token is for another mailbox, or IMAP is off for this one |
//! | Yahoo, AOL: `[AUTHENTICATIONFAILED]` | [`CheckPassword`] | make an app password: the account's password is not taken |
//! | NetEase: `Unsafe Login. Please contact kefu@188.com` | [`Identify`] | the program must say who it is |
//! | a token that is not taken | [`RenewToken`] | get a fresh one |
//! | `[EXPIRED]` | [`RenewPassword`] | change the password |
//! | `[UNAVAILABLE]`, `[LIMIT]` | [`TryLater`] | wait |
//!
//! Microsoft's "authenticated but not connected" comes with the first command after a login that
//! seemed to succeed, so it may come from a lock; [`is_authenticated_but_not_connected`] tells it.
//!
//! ```
//! # let server = latchbox_testkit::Server::start()?;
//! # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login().connect()?;
//! use latchbox::error::LoginHint;
//!
//! match client.login("jane@example.com", "wrong") {
//!     Ok(session) => drop(session),
//!     Err((error, client)) => {
//!         println!("{error}");
//!         if let Some(hint) = error.login_hint() {
//!             println!("You can {hint}.");
//!         }
//!         assert_eq!(error.login_hint(), Some(LoginHint::CheckPassword));
//!         // The client is still connected: ask for the password and try again.
//!         drop(client.login("jane@example.com", "correct-horse"));
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is never shown
//!
//! A [`Secret`] does not print and is wiped when it is dropped. While a login goes on, the log has
//! `***` in the place of what is sent and heard. A server that repeats a password, a token, or what a
//! mechanism computed from them does not get it into an error, an event or the log until the login has
//! succeeded: then it is wiped here and no longer known. Names are no secrets, and what the server's
//! words mean ([`Error::login_hint`](crate::Error::login_hint), the response code, the time to wait)
//! is read before anything is hidden. A mechanism of your own names its secrets in
//! [`Mechanism::secrets`].
//!
//! [`Account`]: crate::Account
//! [`Account::try_again`]: crate::Account::try_again
//! [`account_name`]: crate::ClientBuilder::account_name
//! [`Anonymous`]: crate::sasl::Anonymous
//! [`AskAdministrator`]: crate::error::LoginHint::AskAdministrator
//! [`CheckPassword`]: crate::error::LoginHint::CheckPassword
//! [`LoginChoice`]: crate::sasl::LoginChoice
//! [`LoginChoice::password`]: crate::sasl::LoginChoice::password
//! [`LoginChoice::token`]: crate::sasl::LoginChoice::token
//! [`Client::authenticate`]: crate::Client::authenticate
//! [`Client::authenticate_with`]: crate::Client::authenticate_with
//! [`Client::into_preauthenticated`]: crate::Client::into_preauthenticated
//! [`Client::login`]: crate::Client::login
//! [`Credentials`]: crate::Credentials
//! [`EnableImap`]: crate::error::LoginHint::EnableImap
//! [`Error::Closed`]: crate::Error::Closed
//! [`Error::Credentials`]: crate::Error::Credentials
//! [`Error::Login`]: crate::Error::Login
//! [`Error::Refused`]: crate::Error::Refused
//! [`Error::Throttled`]: crate::Error::Throttled
//! [`Error::oauth`]: crate::Error::oauth
//! [`External`]: crate::sasl::External
//! [`Identify`]: crate::error::LoginHint::Identify
//! [`LogInByBrowser`]: crate::error::LoginHint::LogInByBrowser
//! [`LoginReason`]: crate::LoginReason
//! [`Login`]: crate::sasl::Login
//! [`LoginHint`]: crate::error::LoginHint
//! [`Mechanism`]: crate::sasl::Mechanism
//! [`Mechanism::secrets`]: crate::sasl::Mechanism::secrets
//! [`OAuthBearer`]: crate::sasl::OAuthBearer
//! [`Plain`]: crate::sasl::Plain
//! [`RenewPassword`]: crate::error::LoginHint::RenewPassword
//! [`RenewToken`]: crate::error::LoginHint::RenewToken
//! [`Secret`]: crate::sasl::Secret
//! [`TryLater`]: crate::error::LoginHint::TryLater
//! [`UseAppPassword`]: crate::error::LoginHint::UseAppPassword
//! [`XOAuth2`]: crate::sasl::XOAuth2
//! [`danger_cleartext_login`]: crate::ClientBuilder::danger_cleartext_login
//! [`identify`]: crate::ClientBuilder::identify
//! [`identify_before_login`]: crate::ClientBuilder::identify_before_login
//! [`is_auth`]: crate::Error::is_auth
//! [`is_authenticated_but_not_connected`]: crate::Error::is_authenticated_but_not_connected
//! [`login_hint`]: crate::Error::login_hint
