//! TLS and transports: how a connection is encrypted, what it trusts, and what it can run on.
//!
//! # When TLS starts
//!
//! TLS starts with the connection, by STARTTLS, or not at all:
//!
//! | method | port | what it does |
//! |---|---|---|
//! | [`Client::connect`] | 993 | implicit TLS (RFC 8314); the default |
//! | [`start_tls`] | 143 | cleartext, then STARTTLS, which is required |
//! | [`danger_plaintext`] | 143 | no TLS |
//!
//! STARTTLS is never opportunistic: if the server lacks it or refuses it, connecting fails and no
//! credential is sent. What was received in cleartext is discarded. Without TLS, a login that
//! exposes the password is rejected before it is sent, unless [`danger_cleartext_login`] allows it.
//!
//! # TLS libraries
//!
//! TLS is done by one of two libraries:
//!
//! | [`TlsBackend`] | feature | library |
//! |---|---|---|
//! | `NativeTls` | `native-tls`, on by default | OpenSSL on Linux, Secure Transport on macOS, SChannel on Windows |
//! | `Rustls` | `rustls` | rustls with ring, and the platform's verifier |
//!
//! Both take the same settings, verify against the system's certificate authorities, and pass the
//! same tests. If both are built in, native-tls is used unless [`tls_backend`] selects rustls, so a
//! feature that another crate of the program turns on changes nothing. To build without OpenSSL,
//! turn the default features off and `rustls` on.
//!
//! # What is verified
//!
//! By default, the certificate must be valid for the host name and issued by an authority that the
//! system trusts, and the TLS version must be 1.2 or later. The builder has options to require
//! more, or to trust other authorities:
//!
//! ```
//! use latchbox::Client;
//! use latchbox::transport::TlsVersion;
//!
//! let builder = Client::builder("imap.example.com")
//!     .minimum_tls_version(TlsVersion::Tls13)   // TLS 1.2 by default
//!     .pin_public_key_sha256([7; 32]);          // besides the verification
//! # let _ = builder;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - Own authorities: [`root_certificates_pem`], [`root_certificate_der`]; with
//!   [`only_given_roots`] no others are trusted.
//! - A client certificate: [`client_certificate_pem`].
//! - Pins: [`pin_certificate_sha256`], [`pin_public_key_sha256`]. They are checked in addition to
//!   the certificate's chain and name. For a self-signed certificate, add
//!   [`danger_accept_invalid_certificates`]: then only the pin is checked.
//!
//! The system's authorities are read at the first connection with TLS, once for a builder and its
//! clones, and once for an [`Account`](crate::Account). A program that runs for long creates a new
//! builder or account to see changes.
//!
//! The name to verify is ASCII; write an internationalized name as A-labels (`xn--...`). A dot at
//! its end and the zone of an IPv6 address are ignored. The certificate must have the name in its
//! subjectAltName. Both libraries follow these rules.
//!
//! # When connecting fails
//!
//! [`ConnectErrorKind`](crate::error::ConnectErrorKind) is the step that failed, and
//! [`TlsErrorKind`](crate::transport::TlsErrorKind) is what is wrong with TLS:
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
//! If the server is one for another protocol, the error names it ("this is a server for POP3"),
//! with or without TLS. If a connection ends without TLS's closure alert in the middle of an
//! answer, that is an error, never a shorter message; after BYE it is an ordinary end.
//!
//! # Other streams
//!
//! A session can run on any stream:
//!
//! - A Unix socket: [`connect_unix`](crate::ClientBuilder::connect_unix), on Unix only.
//! - A socket that the program connected: [`Socket`](crate::transport::Socket), for
//!   [`connect_transport`](crate::ClientBuilder::connect_transport).
//! - A program, such as `ssh host /usr/lib/dovecot/imap`, on Unix only:
//!   [`ChildProcess`](crate::transport::ChildProcess). Its user is usually logged in already (PREAUTH),
//!   which [`accept_preauth`](crate::ClientBuilder::accept_preauth) allows.
//! - A proxy, SOCKS 5 or HTTP: `ClientBuilder::proxy` (feature `proxy`). The proxy resolves the
//!   host name. TLS runs through the proxy and is verified for the server's name. No octet after
//!   the proxy's reply is read with it, so nothing of the greeting is lost.
//! - Anything that implements `Read` and `Write`:
//!   [`connect_stream`](crate::ClientBuilder::connect_stream). Deadlines are then checked only
//!   between reads, and IDLE polls by NOOP. [`Transport`](crate::transport::Transport) has methods
//!   by which a stream lifts both restrictions.
//!
//! # Compression
//!
//! `Session::compress` and `ClientBuilder::compress` (feature `compress`) compress what follows the
//! login (COMPRESS=DEFLATE, RFC 4978); it is off by default. Limits count octets after
//! decompression.
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
