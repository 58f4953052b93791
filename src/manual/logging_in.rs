//! Logging in: the methods, how one is chosen, and what a user can do if it fails.
//!
//! # Which method
//!
//! A new connection is not authenticated; one of these calls logs in:
//!
//! | the program has | it calls |
//! |---|---|
//! | a user and a password | [`Client::authenticate_with`] and [`LoginChoice::password`], or [`Client::login`] |
//! | a user and an OAuth 2.0 token | [`Client::authenticate_with`] and [`LoginChoice::token`] |
//! | a client certificate | [`Client::authenticate`] and [`External`] |
//! | no credentials, for public mailboxes | [`Client::authenticate`] and [`Anonymous`] |
//! | its own mechanism | [`Client::authenticate`] and its [`Mechanism`] |
//! | a connection that is already authenticated (PREAUTH) | [`ClientBuilder::accept_preauth`] before connecting, then [`Client::into_preauthenticated`] |
//!
//! Each consumes the client and returns a session. If it fails, [`LoginError`] contains the error,
//! and gives the client back for another try.
//!
//! [`Client::login`] sends the command LOGIN. [`Client::authenticate_with`] takes a [`LoginChoice`]
//! and uses the strongest method that the server offers and the choice allows:
//!
//! ```
//! # let server = latchbox_testkit::Server::builder().with("AUTH=SCRAM-SHA-256").start()?;
//! # let builder = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login();
//! use latchbox::sasl::{LoginChoice, LoginMethod};
//!
//! let jane = LoginChoice::password("jane@example.com", "correct-horse")
//!     .exclude([LoginMethod::LoginCommand, LoginMethod::Login]); // PLAIN, or better
//! let session = builder.connect()?.authenticate_with(&jane)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The methods
//!
//! The table goes from the strongest to the weakest. "Exposes" is what an eavesdropper on a
//! connection without TLS would learn. A method that exposes a secret is used inside TLS only,
//! unless [`danger_cleartext_login`] allows it.
//!
//! | method | exposes | the server proves itself | for |
//! |---|---|---|---|
//! | SCRAM-SHA-512-PLUS, -256-PLUS, -1-PLUS | nothing | yes, and that it has the certificate | feature `scram`, inside TLS |
//! | SCRAM-SHA-512, -256, -1 | nothing | yes | feature `scram` |
//! | [`OAuthBearer`] (RFC 7628), [`XOAuth2`] | the token | no | Gmail, Microsoft 365, Yahoo, ... |
//! | [`Plain`] (RFC 4616) | the password | no | nearly every server |
//! | the command LOGIN | the password | no | nearly every server |
//! | [`Login`] | the password, at two prompts | no | old servers |
//! | CRAM-MD5 (RFC 2195) | a hash that allows guessing | no | feature `scram`; never chosen, only by name |
//! | [`External`] | nothing | no | a client certificate |
//! | [`Anonymous`] | nothing | no | public mailboxes |
//!
//! [`Plain`], SCRAM and [`External`] can log in as one user to act as another (`acting_as`).
//!
//! ## SCRAM
//!
//! With SCRAM (feature `scram`), the password is not sent, and a server that does not know it gets
//! no session, whatever it answers:
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
//! let session = client.authenticate_with(&jane)?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server that requests fewer than 4096 or more than a million iterations of the hash is
//! rejected; both limits are options of the mechanism. Deadlines and a
//! [`CloseHandle`](crate::CloseHandle) also work while it hashes.
//!
//! With `-PLUS`, the login is bound to the TLS connection, so that a man in the middle is detected: by
//! `tls-exporter` (RFC 9266) over TLS 1.3 with rustls, otherwise by the server's certificate
//! (`tls-server-end-point`). If the server does not offer `-PLUS`, the client reports that it could
//! have used it, so that a server whose offer was removed in transit refuses the login.
//!
//! Some servers offer `-PLUS` and accept another channel binding only. They refuse the login. The
//! crate does not fall back, because a man in the middle could force that: name the binding for such
//! a server ([`LoginChoice::channel_binding`](crate::sasl::LoginChoice::channel_binding)), or exclude
//! the methods with `-PLUS` if it supports neither (Cyrus requires `tls-unique`).
//!
//! ## OAuth 2.0
//!
//! The program, or an OAuth library, obtains the token. An [`Account`] requests it from a provider
//! at each login:
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
//! A server that rejects a token reports the reason inside the exchange; [`Error::oauth`] has it:
//!
//! ```
//! # let server = latchbox_testkit::Server::builder().with("AUTH=OAUTHBEARER").start()?;
//! # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login().connect()?;
//! use latchbox::sasl::LoginChoice;
//!
//! let old = LoginChoice::token("jane@example.com", "an-old-one");
//! let error = latchbox::Error::from(client.authenticate_with(&old).unwrap_err());
//! let oauth = error.oauth().unwrap();
//! assert_eq!((oauth.status(), oauth.scope()), (Some("invalid_token"), Some("mail")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Your own mechanism
//!
//! [`Mechanism`] is a trait with a step from each challenge to its response. A SASL library fits,
//! because it has such a step too; `examples/rsasl.rs` is an adapter for the crate `rsasl`:
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
//! let session = client.authenticate(adapter)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Four more methods have defaults and are worth writing:
//!
//! - `identity`: the user that is logged in, so that UIDs of the account are accepted in another
//!   session.
//! - `fingerprint`: so that an [`Account`] can distinguish other credentials from refused ones.
//! - `secrets`: so that only the secrets are hidden in errors and in the log.
//! - `step_while`: for a step that computes for long.
//!
//! A login that names no user can be given a name by [`account_name`].
//!
//! # Accounts
//!
//! An [`Account`] requests [`Credentials`] from its provider at each login, so that a token is
//! fresh when a session reconnects. The provider receives the reason ([`LoginReason`]): after a
//! refusal, it drops a cached token. Credentials that the server refused are not sent again: if the
//! provider returns them again, the [remembered](crate::error::Refused::is_remembered) refusal is
//! the error at once, until [`Account::try_again`] is called. Temporary refusals are not
//! remembered; a text about wrong credentials ("too many failed logins, try again later") is not
//! one. A BYE is a refusal if its code or its text is about the credentials. If the connection ends
//! without an answer to the login, a lock or command logs in once more, and not as often as the
//! backoff allows: the server may be restarting, or answer a wrong password so.
//!
//! # What else is sent
//!
//! Before the login, CAPABILITY is sent unless the greeting contained the capabilities. After the
//! login, it is sent unless the OK contained them. Right after the login, and before any mailbox
//! command, comes what the builder requests, such as ID ([`identify`]): some providers let no
//! client read mail that did not send ID. [`identify_before_login`] sends ID before the login too.
//! If the server refuses one of these after the login, the login still succeeds.
//!
//! # When it fails
//!
//! [`is_auth`] is `true` if the cause is the credentials, or that they could not be sent safely.
//! The variant is the step that failed:
//!
//! | error | what happened |
//! |---|---|
//! | [`Error::Login`] | the login was not tried: no TLS, LOGINDISABLED, or no suitable method is offered; or it was aborted in the middle, because the mechanism rejected the server or a limit was exceeded |
//! | [`Error::Refused`] | the server answered NO or BAD; the error has its code and text |
//! | [`Error::Throttled`] | the server refuses logins for now |
//! | [`Error::Credentials`] | the provider of an [`Account`] failed |
//! | [`Error::Closed`] | the connection closed during the login |
//!
//! Show the user the server's text, and beside it [`login_hint`], which knows the texts of the
//! providers:
//!
//! | what the server sends | [`LoginHint`] | what the user can do |
//! |---|---|---|
//! | Gmail: `[ALERT] Application-specific password required` | [`UseAppPassword`] | create an app password in the account's settings |
//! | Gmail: `[AUTHENTICATIONFAILED] Invalid credentials` | [`CheckPassword`] | check the password; Gmail accepts only app passwords and tokens, not the account's password |
//! | Gmail: `[ALERT] Your account is not enabled for IMAP use` | [`EnableImap`] | enable IMAP in the settings |
//! | Gmail: `[ALERT] Please log in via your web browser`, `[WEBALERT ...] Web login required` | [`LogInByBrowser`] | log in there once |
//! | Gmail: `[ALERT] Too many simultaneous connections` | [`TryLater`] | use fewer connections |
//! | Microsoft: `LOGIN failed`, `AUTHENTICATE failed` | none | Microsoft accepts no passwords; check the token's scope and the user's name |
//! | Microsoft: `BAD User is authenticated but not connected` | [`AskAdministrator`] | the token is for another mailbox, or IMAP is off for this one |
//! | Yahoo, AOL: `[AUTHENTICATIONFAILED]` | [`CheckPassword`] | create an app password: the account's password is not accepted |
//! | NetEase: `Unsafe Login. Please contact kefu@188.com` | [`Identify`] | the program must send ID |
//! | a refusal of a token | [`RenewToken`] | get a new one |
//! | `[EXPIRED]` | [`RenewPassword`] | change the password |
//! | `[AUTHORIZATIONFAILED]`, `[CONTACTADMIN]` | [`AskAdministrator`] | ask the administrator |
//! | `BasicAuthBlocked`, `basic auth is disabled` | [`UseOAuth`] | use OAuth 2.0: passwords are not accepted |
//! | `[PRIVACYREQUIRED]`, LOGINDISABLED; or nothing was sent, because there is no TLS | [`UseTls`] | use TLS |
//! | `[UNAVAILABLE]`, `[LIMIT]`, `[INUSE]` | [`TryLater`] | wait |
//!
//! Microsoft sends "authenticated but not connected" with the first command after a login that
//! seemed to succeed, so a lock may return it; [`is_authenticated_but_not_connected`] detects it.
//!
//! ```
//! # let server = latchbox_testkit::Server::start()?;
//! # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
//! #     .danger_cleartext_login().connect()?;
//! use latchbox::error::LoginHint;
//!
//! match client.login("jane@example.com", "wrong") {
//!     Ok(session) => drop(session),
//!     Err(error) => {
//!         println!("{error}");
//!         if let Some(hint) = error.login_hint() {
//!             println!("You can {hint}.");
//!         }
//!         assert_eq!(error.login_hint(), Some(LoginHint::CheckPassword));
//!         // The client is still connected: ask for the password and try again.
//!         drop(error.into_client().login("jane@example.com", "correct-horse"));
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is never shown
//!
//! A [`Secret`] is not printed, and is wiped when it is dropped. During a login, the log shows
//! `***` in place of what is sent and received. If the server repeats a password, a token, or what
//! a mechanism computed from them, it is hidden in errors, events and the log until the login has
//! succeeded: then the crate has wiped the secret, and cannot recognize it. The greeting of a
//! connection of an [`Account`] is cleaned too. User names are not secrets. What the server's text
//! means ([`Error::login_hint`](crate::Error::login_hint), the response code, the time to wait) is
//! read before anything is hidden. [`Mechanism::secrets`] names the secrets of your own mechanism.
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
//! [`ClientBuilder::accept_preauth`]: crate::ClientBuilder::accept_preauth
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
//! [`UseOAuth`]: crate::error::LoginHint::UseOAuth
//! [`UseTls`]: crate::error::LoginHint::UseTls
//! [`XOAuth2`]: crate::sasl::XOAuth2
//! [`danger_cleartext_login`]: crate::ClientBuilder::danger_cleartext_login
//! [`identify`]: crate::ClientBuilder::identify
//! [`identify_before_login`]: crate::ClientBuilder::identify_before_login
//! [`is_auth`]: crate::Error::is_auth
//! [`is_authenticated_but_not_connected`]: crate::Error::is_authenticated_but_not_connected
//! [`login_hint`]: crate::Error::login_hint
//! [`LoginError`]: crate::LoginError
