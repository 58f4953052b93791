//! TLS and transports: what a connection runs on, whom it believes, and what it says otherwise.
//!
//! # When TLS begins
//!
//! | how | port | what |
//! |---|---|---|
//! | [`Client::connect`] | 993 | TLS from the first byte; the default |
//! | [`start_tls`] | 143 | cleartext at first, then STARTTLS, required |
//! | [`danger_plaintext`] | 143 | no TLS at all |
//!
//! STARTTLS is never opportunistic: where the server cannot or will not, connecting fails and no
//! credential is sent. What was heard in cleartext is forgotten. Without TLS, a login that shows the
//! password is refused before it is sent, unless [`danger_cleartext_login`] allows it.
//!
//! # Who does it
//!
//! | [`TlsBackend`] | feature | what it is |
//! |---|---|---|
//! | `NativeTls` | `native-tls`, on unless switched off | OpenSSL on Linux, Secure Transport on macOS, SChannel on Windows |
//! | `Rustls` | `rustls` | rustls with ring, and the platform's verifier |
//!
//! Both take the same settings, verify against the system's authorities, and pass the same tests.
//! Where both are built in, native-tls is used unless [`tls_backend`] says otherwise: a feature that
//! is switched on somewhere else in a program changes nothing. With
//! `default-features = false, features = ["rustls"]` no OpenSSL is needed to build.
//!
//! ```
//! use latchbox::Client;
//! use latchbox::transport::TlsVersion;
//!
//! let builder = Client::builder("imap.example.com")
//!     .minimum_tls_version(TlsVersion::Tls13)   // TLS 1.2 unless set
//!     .pin_public_key_sha256([7; 32]);          // besides what is verified anyway
//! # let _ = builder;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - Own authorities: [`root_certificates_pem`], [`root_certificate_der`]; [`only_given_roots`]
//!   trusts no others.
//! - A client certificate: [`client_certificate_pem`].
//! - Pins: [`pin_certificate_sha256`], [`pin_public_key_sha256`]. They come on top. For a server that
//!   signed its own certificate, add [`danger_accept_invalid_certificates`]: the pin decides alone.
//!
//! The system's authorities are read once for a builder with all its clones, and once for an
//! [`Account`](crate::Account), at the first connection with TLS. A program that runs for long and is
//! to see a change of them makes a new one.
//!
//! The name to verify is ASCII: an internationalized one is written as A-labels (`xn--...`). A dot at
//! its end, and the zone of an IPv6 address, count for nothing. A certificate has to have the name in
//! its subjectAltName. Both libraries keep to this.
//!
//! # What is wrong
//!
//! [`ConnectErrorKind`](crate::error::ConnectErrorKind) says how far connecting came, and
//! [`TlsErrorKind`](crate::transport::TlsErrorKind) what is wrong with TLS:
//!
//! ```
//! # let server = latchbox_testkit::Server::start()?;
//! # let port = server.port();
//! use latchbox::{Client, Error};
//! use latchbox::error::ConnectErrorKind;
//! use latchbox::transport::TlsErrorKind;
//!
//! let error = Client::builder("127.0.0.1").port(port).connect().unwrap_err(); // cleartext there
//! let Error::Connect(error) = error else { unreachable!() };
//! match error.kind() {
//!     ConnectErrorKind::Tls(tls) => assert_eq!(tls.kind(), TlsErrorKind::NotTls),
//!     other => panic!("{other}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server for another protocol is named ("this is a server for POP3"), with or without TLS. A
//! connection that TLS did not end in order is an error in the middle of an answer, never a shorter
//! message; after BYE it is the end.
//!
//! # Other streams
//!
//! - A Unix socket: [`connect_unix`](crate::ClientBuilder::connect_unix).
//! - A socket that was connected elsewhere: [`Socket`](crate::transport::Socket), for
//!   [`connect_transport`](crate::ClientBuilder::connect_transport).
//! - A program, such as `ssh host /usr/lib/dovecot/imap`: [`ChildProcess`](crate::transport::ChildProcess).
//! - A proxy, SOCKS 5 or HTTP: `ClientBuilder::proxy` (feature `proxy`). The proxy looks the name
//!   up. TLS goes through it and is verified for the server's name. Its answers are read to the
//!   octet, so that nothing of the greeting is lost.
//! - Anything that reads and writes: [`connect_stream`](crate::ClientBuilder::connect_stream). Then
//!   deadlines hold between reads only, and IDLE polls by NOOP.
//!   [`Transport`](crate::transport::Transport) is how a stream tells more.
//!
//! # Compression
//!
//! `Session::compress` and `ClientBuilder::compress` (feature `compress`) compress what follows the
//! login (COMPRESS=DEFLATE, RFC 4978). Off unless asked for. Limits count what is inflated.
//!
//! [`Client::connect`]: crate::Client::connect
//! [`start_tls`]: crate::ClientBuilder::start_tls
//! [`danger_plaintext`]: crate::ClientBuilder::danger_plaintext
//! [`danger_cleartext_login`]: crate::ClientBuilder::danger_cleartext_login
//! [`TlsBackend`]: crate::transport::TlsBackend
//! [`tls_backend`]: crate::ClientBuilder::tls_backend
//! [`root_certificates_pem`]: crate::ClientBuilder::root_certificates_pem
//! [`root_certificate_der`]: crate::ClientBuilder::root_certificate_der
//! [`only_given_roots`]: crate::ClientBuilder::only_given_roots
//! [`client_certificate_pem`]: crate::ClientBuilder::client_certificate_pem
//! [`pin_certificate_sha256`]: crate::ClientBuilder::pin_certificate_sha256
//! [`pin_public_key_sha256`]: crate::ClientBuilder::pin_public_key_sha256
//! [`danger_accept_invalid_certificates`]: crate::ClientBuilder::danger_accept_invalid_certificates
