//! Platforms: where it runs, how that is known, and what is different there.
//!
//! | platform | how it is known |
//! |---|---|
//! | Linux, x86-64 | all tests run there, also those on real servers |
//! | Windows | compiles for `x86_64-pc-windows-gnu` with all features; its tests pass under wine (below) |
//! | macOS, iOS | compile without a warning for `aarch64-apple-darwin` and `aarch64-apple-ios`, with native-tls and all features except `rustls` |
//! | Android | compiles without a warning for `aarch64-linux-android`, with all features except `native-tls` |
//! | FreeBSD, Linux with musl | compile without a warning for `x86_64-unknown-freebsd` and `x86_64-unknown-linux-musl`, without a TLS library, which needs a C compiler for the platform |
//!
//! Rust 1.85 or later, on all of them. The crate itself has no `unsafe` code and calls the system through the
//! standard library and `rustix`.
//!
//! Under wine 8.0 (Debian 12), built by Rust 1.95 and the linker of mingw-w64 12, all tests pass that are built for
//! Windows: the 774 unit tests of the crate, 1,326 integration tests, among them those of TLS by `rustls`, and all
//! tests of `latchbox-testkit`; and the example `two_threads` runs. A step of `tests/run --long` runs them, and lists
//! those that only run on Unix; another step checks the other rows of the table.
//!
//! Left out on Windows, each with its reason beside the test: what needs Unix sockets, child processes or `/proc`;
//! servers of the tests whose threads are ended by shutting their sockets down; a test of how long starting and
//! stopping the test kit takes.
//! Wine is not Windows. No test of SChannel runs: that of wine reads no PKCS #8 key, which the servers of the tests
//! have, and accepts expired certificates. So the tests are built with `rustls` alone, and the test kit's server
//! uses it on Windows. Wine's certificate verifier takes no further authorities beside the system's, so the tests
//! use [`only_given_roots`] there.
//! No test has run on macOS, iOS, FreeBSD, Android or with musl.
//!
//! # TLS
//!
//! | platform | `native-tls` | `rustls` |
//! |---|---|---|
//! | Linux, the BSDs | OpenSSL; needs its headers to build (Debian: `libssl-dev`) | the system's certificates; needs a C compiler to build |
//! | Windows | SChannel | the system's verifier |
//! | macOS, iOS | Secure Transport, which Apple has deprecated: TLS 1.2 at most | the system's verifier |
//! | Android | OpenSSL, which the program has to bring | the system's verifier, which needs the JVM; [`only_given_roots`] does without it |
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
//! On Android with `rustls`, the program calls `latchbox::transport::init_android_verifier` with its JVM and context
//! before it connects; the function exists on Android only. Until it is called, connecting is an error before the
//! handshake, where the verifier itself would panic. So is a further certificate authority without
//! [`only_given_roots`], because Android's verifier takes none.
//!
//! # What is different
//!
//! - *Sockets.* Deadlines and waits poll the socket: `poll` on Unix, `WSAPoll` on Windows. No wait uses short
//!   timeouts in a loop. [`Watches`] wait by `epoll` on Linux and Android, and are one descriptor for [an event
//!   loop](super::watch#in-an-event-loop) there; elsewhere they have a list of descriptors.
//! - *Keepalive.* TCP keepalive is on everywhere. After two minutes of silence on Linux, Android, macOS and
//!   Windows (1709 and later); after the system's interval elsewhere.
//! - *Unix sockets, and programs as a transport.* [`connect_unix`] and [`ChildProcess`] exist on Unix only.
//! - *Closing from another thread.* A [`CloseHandle`] ends a read or write in progress on all platforms. On Unix
//!   shutting the socket down does that. On Windows it need not, so the socket is nonblocking there, and reads and
//!   writes that wait poll it together with a pair of loopback sockets that the handle writes to: a connection has
//!   three sockets.
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
