//! A server that logs in by SCRAM only, and can misbehave at each step.
//!
//! The in-process server of the examples keeps to the protocol; this one says what a test tells it
//! to say instead.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::sasl::ChannelBinding;
use latchbox_testkit::scram::{Exchange, Hash};

use super::certificates::certificates;

/// The user's password.
pub(crate) const PASSWORD: &str = "pencil";

/// What the server is about to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    First,
    Last,
}

/// What it says.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// This challenge.
    Challenge(String),
    /// This line, with `{tag}` for the tag.
    Line(String),
}

/// How the server is set up.
pub(crate) struct Setup {
    /// The mechanisms in the greeting, such as `AUTH=SCRAM-SHA-256`.
    pub(crate) advertised: &'static str,
    /// Whether it has -PLUS, whatever the greeting says.
    pub(crate) has_plus: bool,
    pub(crate) tls: bool,
    /// TLS by rustls, which gives `tls-exporter`: whether by TLS 1.3.
    #[cfg(feature = "rustls")]
    pub(crate) rustls: Option<bool>,
    /// The channel bindings that it supports.
    pub(crate) bindings: &'static [ChannelBinding],
    /// A man in the middle: the server's own certificate and connection are others.
    pub(crate) between: bool,
    /// Changes what is said.
    pub(crate) twist: Box<dyn Fn(Step, String) -> Say + Send>,
    /// What it answers to `*`, with `{tag}` for the tag; the end of the connection if it is empty.
    pub(crate) cancelled: &'static str,
}

impl Setup {
    pub(crate) fn new(advertised: &'static str) -> Self {
        Self {
            advertised,
            has_plus: advertised.contains("-PLUS"),
            tls: false,
            #[cfg(feature = "rustls")]
            rustls: None,
            bindings: &[
                ChannelBinding::TlsServerEndPoint,
                ChannelBinding::TlsExporter,
            ],
            between: false,
            twist: Box::new(|_, text| Say::Challenge(text)),
            cancelled: "{tag} BAD cancelled",
        }
    }

    /// Changes what is said at this step.
    pub(crate) fn saying(mut self, at: Step, twist: fn(String) -> Say) -> Self {
        self.twist = Box::new(move |step, text| match step == at {
            true => twist(text),
            false => Say::Challenge(text),
        });
        self
    }

    pub(crate) fn start(self) -> ScramServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = thread::spawn(move || self.serve(&listener));
        ScramServer { port, thread }
    }

    /// One connection; what was heard on it.
    fn serve(self, listener: &TcpListener) -> Vec<String> {
        let (socket, _) = listener.accept().unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        if !self.tls {
            let reader = BufReader::new(socket.try_clone().unwrap());
            return self.converse(reader, socket, None, None);
        }
        // Under wine the system's library reads no PKCS #8 key.
        #[cfg(feature = "rustls")]
        if let Some(is_new) = self.rustls.or(cfg!(windows).then_some(false)) {
            return self.serve_by_rustls(socket, is_new);
        }
        let identity = certificates().server.identity();
        let acceptor = native_tls::TlsAcceptor::new(identity).unwrap();
        let stream = acceptor.accept(socket).unwrap();
        let server_end_point = stream.tls_server_end_point().unwrap();
        self.converse_inside(stream, server_end_point, None)
    }

    /// One connection inside TLS by rustls.
    #[cfg(feature = "rustls")]
    fn serve_by_rustls(&self, mut socket: TcpStream, is_new: bool) -> Vec<String> {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        use rustls::{ServerConfig, ServerConnection, StreamOwned, version};
        let own = &certificates().server;
        let chain = CertificateDer::pem_slice_iter(&own.certificate);
        let chain: Vec<_> = chain.map(Result::unwrap).collect();
        // The certificate is signed by way of SHA-256.
        let server_end_point = hmac_sha256::Hash::hash(&chain[0]).to_vec();
        let key = PrivateKeyDer::from_pem_slice(&own.key).unwrap();
        let version = if is_new {
            &version::TLS13
        } else {
            &version::TLS12
        };
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let mut tls = ServerConnection::new(std::sync::Arc::new(config)).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut socket).unwrap();
        }
        let label = b"EXPORTER-Channel-Binding";
        let exporter = tls.export_keying_material([0; 32], label, Some(b""));
        let exporter = Some(exporter.unwrap().to_vec());
        let stream = StreamOwned::new(tls, socket);
        self.converse_inside(stream, Some(server_end_point), exporter)
    }

    fn converse_inside(
        &self,
        stream: impl Read + Write,
        server_end_point: Option<Vec<u8>>,
        tls_exporter: Option<Vec<u8>>,
    ) -> Vec<String> {
        let both = Both(std::sync::Arc::new(std::sync::Mutex::new(stream)));
        let reader = BufReader::new(both.clone());
        let supported = |binding, value: Option<Vec<u8>>| {
            let value = value.filter(|_| self.bindings.contains(&binding));
            value.map(|value| match self.between {
                true => b"of another connection".to_vec(),
                false => value,
            })
        };
        let server_end_point = supported(ChannelBinding::TlsServerEndPoint, server_end_point);
        let tls_exporter = supported(ChannelBinding::TlsExporter, tls_exporter);
        self.converse(reader, both, server_end_point, tls_exporter)
    }

    fn converse(
        &self,
        mut reader: impl BufRead,
        mut writer: impl Write,
        server_end_point: Option<Vec<u8>>,
        tls_exporter: Option<Vec<u8>>,
    ) -> Vec<String> {
        let advertised = self.advertised;
        let greeting = format!("* OK [CAPABILITY IMAP4rev1 SASL-IR {advertised}] ready");
        let mut heard = Vec::new();
        let mut exchange = None;
        let mut tag = String::new();
        let mut steps = 0;
        let mut say = |line: String| writer.write_all(format!("{line}\r\n").as_bytes());
        say(greeting).unwrap();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return heard;
            }
            let line = line.trim_end().to_owned();
            heard.push(line.clone());
            let words: Vec<&str> = line.split(' ').collect();
            let answer = if let [new_tag, "AUTHENTICATE", name, initial] = words[..] {
                let (hash, plus) = Hash::of_mechanism(name).unwrap();
                let mut begun = Exchange::new(hash, plus);
                begun.offers_plus = self.has_plus;
                begun.server_end_point.clone_from(&server_end_point);
                begun.tls_exporter.clone_from(&tls_exporter);
                tag = new_tag.to_owned();
                steps = 1;
                let first = begun.first(&BASE64_STANDARD.decode(initial).unwrap());
                exchange = Some(begun);
                first.map(|text| (self.twist)(Step::First, text))
            } else if line == "*" && self.cancelled.is_empty() {
                return heard;
            } else if line == "*" {
                Ok(Say::Line(self.cancelled.into()))
            } else if steps == 1 {
                steps = 2;
                let message = BASE64_STANDARD.decode(&line).unwrap();
                let last = exchange.as_mut().unwrap().last(&message, PASSWORD);
                last.map(|text| (self.twist)(Step::Last, text))
            } else {
                Ok(Say::Line("{tag} OK [CAPABILITY IMAP4rev1] in".into()))
            };
            let line = match answer {
                Ok(Say::Challenge(text)) => format!("+ {}", BASE64_STANDARD.encode(text)),
                Ok(Say::Line(line)) => line.replace("{tag}", &tag),
                Err(reason) => format!("{tag} NO [AUTHENTICATIONFAILED] {reason}"),
            };
            if say(line).is_err() {
                return heard;
            }
        }
    }
}

/// A running server.
pub(crate) struct ScramServer {
    port: u16,
    thread: JoinHandle<Vec<String>>,
}

impl ScramServer {
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What the client sent, once it has gone.
    pub(crate) fn finish(self) -> Vec<String> {
        if !self.thread.is_finished() {
            // For a client that never came.
            let _ = TcpStream::connect(("127.0.0.1", self.port))
                .and_then(|stream| stream.shutdown(Shutdown::Both));
        }
        self.thread.join().unwrap()
    }
}

/// One stream with two owners, who take turns.
struct Both<S>(std::sync::Arc<std::sync::Mutex<S>>);

impl<S> Clone for Both<S> {
    fn clone(&self) -> Self {
        Self(std::sync::Arc::clone(&self.0))
    }
}

impl<S: Read> Read for Both<S> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().read(buffer)
    }
}

impl<S: Write> Write for Both<S> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap().flush()
    }
}
