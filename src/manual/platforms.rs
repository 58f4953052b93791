//! Platforms: where it runs, how that is known, and what is different there.
//!
//! | platform | how it is known |
//! |---|---|
//! | Linux, x86-64 | all tests run there, also those on real servers |
//! | Windows | compiles without a warning for `x86_64-pc-windows-gnu`, with native-tls and all features except `rustls`; most tests pass under wine (below) |
//! | macOS, iOS | compile without a warning for `aarch64-apple-darwin` and `aarch64-apple-ios`, with native-tls and all features except `rustls` |
//! | FreeBSD, Android, Linux with musl | compile without a warning for `x86_64-unknown-freebsd`, `aarch64-linux-android` and `x86_64-unknown-linux-musl`, without a TLS library, which needs a C compiler for the platform |
//!
//! Rust 1.85 or later, on all of them. The crate itself has no `unsafe` code and calls the system through the
//! standard library and `rustix`.
//!
//! Under wine 8.0 (Debian 12), built by Rust 1.95 and the linker of mingw-w64 10, these have passed: the unit tests
//! of the crate and of `latchbox-testkit`, 1214 of the 1332 integration tests, and the example `two_threads`. Left
//! out were the tests of TLS, and a few that take long or whose server waits for its client.
//! In one run, a unit test failed: a wait was ended by a signal that an earlier wait had been sent. These runs were made
//! by hand; `tests/run --long` checks only that the crate compiles for the platforms of the table.
//! Wine is not Windows, and no TLS is tried there: no test has made a handshake by SChannel or `rustls` on Windows.
//! No test has run on macOS, iOS, FreeBSD, Android or with musl.
//!
//! # TLS
//!
//! | platform | `native-tls` | `rustls` |
//! |---|---|---|
//! | Linux, the BSDs | OpenSSL; needs its headers to build (Debian: `libssl-dev`) | the system's certificates; needs a C compiler to build |
//! | Windows | SChannel | the system's verifier |
//! | macOS, iOS | Secure Transport, which Apple has deprecated: TLS 1.2 at most | the system's verifier |
//! | Android | OpenSSL, which the program has to bring | the system's verifier, which has to be given the JVM first; [`only_given_roots`] does without it |
//!
//! On Apple's systems use `rustls`: Secure Transport has no TLS 1.3. With `native-tls`, requiring TLS 1.3 and,
//! on iOS, certificates in PEM are errors before the handshake.
//!
//! ```toml
//! latchbox = { version = "0.1", default-features = false, features = ["rustls"] }
//! ```
//!
//! A program that is linked statically (musl) also uses `rustls`.
//!
//! # What is different
//!
//! - *Sockets.* Deadlines and waits poll the socket: `poll` on Unix, `WSAPoll` on Windows. No wait uses short
//!   timeouts in a loop. [`Watches`] wait by `epoll` on Linux and Android, and are one descriptor for [an event
//!   loop](super::watch#in-an-event-loop) there; elsewhere they have a list of descriptors.
//! - *Keepalive.* TCP keepalive is on everywhere. After two minutes of silence on Linux, Android, macOS and
//!   Windows (1709 and later); after the system's interval elsewhere.
//! - *Unix sockets, and programs as a transport.* [`connect_unix`] and [`ChildProcess`] exist on Unix only.
//! - *Closing from another thread.* On Windows a [`CloseHandle`] need not interrupt a read (under wine it does not):
//!   the command that waits ends when the server closes its side, or at its deadline.
//! - *Dates.* On Windows a `SystemTime` begins in 1601; an earlier [`DateTime`] becomes its first moment.
//! - *File names.* [`safe_file_name`] returns a name that is valid on all platforms, whichever the program
//!   runs on.
//! - *Sleep.* After a laptop wakes, the first command notices a connection that was lost, within its deadline;
//!   an [`idle`] sends a probe.
//!
//! [`Watches`]: crate::watch::Watches
//! [`only_given_roots`]: crate::ClientBuilder::only_given_roots
//! [`connect_unix`]: crate::ClientBuilder#method.connect_unix
//! [`ChildProcess`]: crate::transport::ChildProcess
//! [`CloseHandle`]: crate::CloseHandle
//! [`DateTime`]: crate::types::DateTime
//! [`safe_file_name`]: crate::message::FileName::safe_file_name
//! [`idle`]: crate::MailboxGuard::idle
