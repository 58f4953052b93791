//! A server inside a transport that knows every way to log in, and fails at one step of it.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::sasl::ChannelBinding;
use latchbox::transport::Transport;
#[cfg(feature = "scram")]
use latchbox_testkit::scram::{Exchange, Hash};

use super::failures::Failure;
use super::ways::{SECOND, Way};

/// What TLS would bind a login to.
const END_POINT: &[u8] = b"the hash of a certificate";

/// What the server has heard.
#[derive(Clone, Default)]
pub(super) struct Heard(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Lines and literals.
    pieces: Vec<Vec<u8>>,
    /// Those of them that were messages of an exchange, in base64.
    messages: Vec<String>,
    has_failed: bool,
}

impl Heard {
    pub(super) fn has_failed(&self) -> bool {
        self.0.lock().unwrap().has_failed
    }

    /// What nobody may come to see of it.
    pub(super) fn secrets(&self, secret: &str) -> Vec<String> {
        let mut secrets = ["pa55", "w0rd", "w\\0rd", "t0k3n"]
            .map(str::to_owned)
            .to_vec();
        secrets.push(secret.escape_default().to_string());
        for secret in [secret, SECOND] {
            let encoded = BASE64_STANDARD.encode(secret);
            secrets.push(encoded.trim_end_matches('=').to_owned());
        }
        for message in &self.0.lock().unwrap().messages {
            // Its end may be missing.
            let encoded = message.trim_end_matches('=');
            secrets.push(encoded[..encoded.len().saturating_sub(2)].to_owned());
            let decoded = BASE64_STANDARD.decode(message).unwrap_or_default();
            let decoded = String::from_utf8_lossy(&decoded);
            if let Some((_, proof)) = decoded.rsplit_once(",p=") {
                secrets.push(proof.trim_end_matches('=').to_owned());
            }
            let hash = decoded.rsplit(' ').next().unwrap_or_default();
            if hash.len() == 32 {
                secrets.push(hash.to_owned());
            }
        }
        secrets.retain(|secret| secret.len() >= 4);
        secrets
    }

    /// The nonces that the client made for SCRAM.
    pub(super) fn nonces(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        let nonce = |message: &String| {
            let decoded = BASE64_STANDARD.decode(message).ok()?;
            let decoded = String::from_utf8(decoded).ok()?;
            let (_, nonce) = decoded.split_once(",r=")?;
            let nonce = nonce.split(',').next()?.to_owned();
            (nonce.len() >= 16).then_some(nonce)
        };
        state.messages.iter().filter_map(nonce).collect()
    }

    /// All of it as one text: as it was, in capitals, and decoded.
    fn echo(&self, secret: &str) -> String {
        let state = self.0.lock().unwrap();
        let mut echo = String::new();
        for piece in &state.pieces {
            let piece = String::from_utf8_lossy(piece);
            echo.push_str(&format!(" {piece} {}", piece.to_ascii_uppercase()));
        }
        for message in &state.messages {
            let decoded = BASE64_STANDARD.decode(message).unwrap_or_default();
            let decoded = String::from_utf8_lossy(&decoded);
            let proof = decoded.rsplit(",p=").next().unwrap();
            let hash = decoded.rsplit(' ').next().filter(|hash| hash.len() == 32);
            let hash = hash.unwrap_or_default();
            echo.push_str(&format!(" {decoded} {proof} {hash}"));
        }
        if echo.contains(secret) {
            echo = format!("{secret} {}{echo}", secret.to_ascii_uppercase());
        }
        let words = echo.split(char::is_control);
        words.collect::<Vec<_>>().join(" ")
    }
}

enum Talk {
    Commands,
    /// So many messages of an exchange have come.
    Exchange(usize),
}

pub(super) struct Hostile {
    heard: Heard,
    /// The name after `AUTH=`, and whether the first message may go along.
    mechanism: Option<(&'static str, bool)>,
    secret: &'static str,
    failure: Failure,
    fails_at: usize,
    /// Answers until now.
    at: usize,
    talk: Talk,
    /// What is left of a literal.
    literal: usize,
    command: Vec<u8>,
    line: Vec<u8>,
    ready: Vec<u8>,
    tag: String,
    /// What a read gives when nothing is ready.
    end: Option<io::ErrorKind>,
    takes_nothing: bool,
    #[cfg(feature = "scram")]
    exchange: Option<Exchange>,
}

impl Hostile {
    pub(super) fn new(way: &Way, failure: Failure, fails_at: usize, heard: Heard) -> Self {
        let mut hostile = Self {
            heard,
            mechanism: way.mechanism,
            secret: way.secret,
            failure,
            fails_at,
            at: 0,
            talk: Talk::Commands,
            literal: 0,
            command: Vec::new(),
            line: Vec::new(),
            ready: Vec::new(),
            tag: "A1".into(),
            end: Some(io::ErrorKind::TimedOut),
            takes_nothing: false,
            #[cfg(feature = "scram")]
            exchange: None,
        };
        let greeting = format!("* OK [CAPABILITY {}] ready", hostile.capabilities());
        hostile.answer(&greeting);
        hostile
    }

    pub(super) fn heard(&self) -> Heard {
        self.heard.clone()
    }

    fn capabilities(&self) -> String {
        let mut capabilities = "IMAP4rev1 ID ENABLE UTF8=ACCEPT".to_owned();
        if let Some((name, at_once)) = self.mechanism {
            capabilities.push_str(&format!(" AUTH={name}"));
            if at_once {
                capabilities.push_str(" SASL-IR");
            }
        }
        capabilities
    }

    /// Says this, or fails.
    fn answer(&mut self, text: &str) {
        let is_now = self.at == self.fails_at;
        self.at += 1;
        if !is_now {
            // Whoever has failed once is no better afterwards.
            let has_failed = self.heard.has_failed() && self.talk_is_over();
            return match has_failed && text.contains("OK") {
                true => self.say("{tag} NO {echo}"),
                false => self.say(text),
            };
        }
        self.heard.0.lock().unwrap().has_failed = true;
        match self.failure {
            Failure::Says(failure) => {
                if failure.contains("{tag}") {
                    self.talk = Talk::Commands;
                    self.literal = 0;
                    self.command.clear();
                }
                self.say(failure);
            }
            Failure::SaysFirst(first) => {
                self.say(first);
                self.say(text);
            }
            Failure::SaysAfter(after) => {
                self.say(text);
                self.say(after);
            }
            Failure::Closes => self.end = None,
            Failure::Resets => self.end = Some(io::ErrorKind::ConnectionReset),
            Failure::IsSilent => self.end = Some(io::ErrorKind::TimedOut),
            Failure::TakesNothing => {
                self.say(text);
                self.takes_nothing = true;
            }
        }
    }

    fn talk_is_over(&self) -> bool {
        matches!(self.failure, Failure::Says(_)) && matches!(self.talk, Talk::Commands)
    }

    fn say(&mut self, text: &str) {
        let echo = self.heard.echo(self.secret);
        let mut text = text.replace("{tag}", &self.tag);
        if text.contains("{long}") {
            let times = 300_000 / echo.len().max(1) + 1;
            text = text.replace("{long}", &echo.repeat(times));
        }
        if text.contains("{json}") {
            let echo = echo.replace('\\', "\\\\").replace('"', "\\\"");
            let json = format!(r#"{{"status":"{echo}","scope":"{echo}"}}"#);
            text = text.replace("{json}", &BASE64_STANDARD.encode(json));
        }
        let last = echo.trim_end().trim_end_matches('=');
        let cut = last
            .char_indices()
            .nth_back(1)
            .map_or(last, |(at, _)| &last[..at]);
        text = text.replace("{cut}", cut).replace("{echo}", &echo);
        self.ready.extend_from_slice(text.as_bytes());
        self.ready.extend_from_slice(b"\r\n");
    }

    fn heard_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let is_message = matches!(self.talk, Talk::Exchange(_));
        let mut heard = self.heard.0.lock().unwrap();
        heard.pieces.push(line);
        if is_message && text != "*" {
            heard.messages.push(text.clone());
        }
        drop(heard);
        if is_message {
            return self.heard_message(&text);
        }
        self.command.extend_from_slice(text.as_bytes());
        if let Some(open) = text.strip_suffix('}').and_then(|text| text.rfind('{')) {
            if let Ok(length) = text[open + 1..text.len() - 1].parse() {
                self.literal = length;
                return self.answer("+ go on");
            }
        }
        let command = String::from_utf8_lossy(&std::mem::take(&mut self.command)).into_owned();
        self.heard_command(&command);
    }

    fn heard_command(&mut self, command: &str) {
        // What is left of an exchange that the server has ended.
        let Some((tag, command)) = command.split_once(' ') else {
            return;
        };
        self.tag = tag.to_owned();
        let mut words = command.split(' ');
        match (words.next().unwrap(), words.next()) {
            ("AUTHENTICATE", Some(name)) => {
                self.talk = Talk::Exchange(0);
                #[cfg(feature = "scram")]
                self.begin(name);
                match words.next() {
                    Some(initial) => {
                        let mut heard = self.heard.0.lock().unwrap();
                        heard.messages.push(initial.to_owned());
                        drop(heard);
                        self.heard_message(initial);
                    }
                    None => self.ask_first(name),
                }
            }
            ("CAPABILITY", _) => {
                let capabilities = self.capabilities();
                self.answer(&format!("* CAPABILITY {capabilities}\r\n{{tag}} OK done"));
            }
            _ => self.answer("{tag} OK done"),
        }
    }

    #[cfg(feature = "scram")]
    fn begin(&mut self, name: &str) {
        self.exchange = Hash::of_mechanism(name).map(|(hash, plus)| {
            let mut exchange = Exchange::new(hash, plus);
            exchange.server_end_point = Some(END_POINT.to_vec());
            exchange.iterations = 2;
            exchange
        });
    }

    /// What comes before the first message where that did not go along.
    fn ask_first(&mut self, name: &str) {
        match name {
            "LOGIN" => self.answer("+ VXNlcm5hbWU6"),
            "CRAM-MD5" => self.answer("+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2U+"),
            _ => self.answer("+ "),
        }
    }

    fn heard_message(&mut self, message: &str) {
        let Talk::Exchange(before) = self.talk else {
            unreachable!()
        };
        if message == "*" {
            self.talk = Talk::Commands;
            return self.answer("{tag} BAD cancelled");
        }
        self.talk = Talk::Exchange(before + 1);
        let decoded = BASE64_STANDARD.decode(message.trim_start_matches('='));
        let answer = decoded.unwrap();
        #[cfg(not(feature = "scram"))]
        let _ = answer;
        let next = match (self.mechanism.unwrap().0, before) {
            ("LOGIN", 0) => Some("UGFzc3dvcmQ6".to_owned()),
            #[cfg(feature = "scram")]
            (name, 0) if name.starts_with("SCRAM") => {
                let exchange = self.exchange.as_mut().unwrap();
                Some(BASE64_STANDARD.encode(exchange.first(&answer).unwrap()))
            }
            #[cfg(feature = "scram")]
            (name, 1) if name.starts_with("SCRAM") => {
                let exchange = self.exchange.as_mut().unwrap();
                let last = exchange.last(&answer, self.secret);
                Some(BASE64_STANDARD.encode(last.unwrap()))
            }
            _ => None,
        };
        match next {
            Some(challenge) => self.answer(&format!("+ {challenge}")),
            None => {
                let at = self.at;
                self.answer("{tag} OK in");
                // One more challenge in the place of the answer is answered.
                let asks = matches!(self.failure, Failure::Says(text) if text.starts_with('+'));
                if !(asks && at == self.fails_at) {
                    self.talk = Talk::Commands;
                }
            }
        }
    }
}

impl Read for Hostile {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            return self.end.map_or(Ok(0), |kind| Err(kind.into()));
        }
        let count = self.ready.len().min(place.len());
        place[..count].copy_from_slice(&self.ready[..count]);
        self.ready.drain(..count);
        Ok(count)
    }
}

impl Write for Hostile {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.takes_nothing {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        for octet in octets {
            if self.literal > 0 {
                self.literal -= 1;
                self.line.push(*octet);
                self.command.push(*octet);
                if self.literal == 0 {
                    let literal = std::mem::take(&mut self.line);
                    self.heard.0.lock().unwrap().pieces.push(literal);
                }
                continue;
            }
            self.line.push(*octet);
            if *octet == b'\n' {
                self.heard_line();
            }
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Hostile {
    fn channel_binding(&self, binding: ChannelBinding) -> Option<Vec<u8>> {
        (binding == ChannelBinding::TlsServerEndPoint).then(|| END_POINT.to_vec())
    }
}
