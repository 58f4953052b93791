//! A real account as `LATCHBOX_URL` names it: `imaps://user@host[:port]`.

use std::env;

/// Where the mail is, and whose.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// TLS begins with STARTTLS (`imap://`), not with the first byte (`imaps://`).
    pub(crate) start_tls: bool,
    pub(crate) user: String,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl Account {
    /// The account of `LATCHBOX_URL`; none when that is not set.
    pub(crate) fn from_environment() -> Result<Option<Self>, String> {
        match env::var("LATCHBOX_URL") {
            Ok(url) => Self::parse(&url).map(Some).map_err(|problem| {
                format!("LATCHBOX_URL has to be imaps://user@host[:port]: {problem}")
            }),
            Err(env::VarError::NotPresent) => Ok(None),
            Err(env::VarError::NotUnicode(_)) => Err("LATCHBOX_URL is not UTF-8".to_owned()),
        }
    }

    /// Takes a URL apart. What is wrong with it is told without repeating it, for there may be a
    /// password in it.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("there is no `://` in it")?;
        let start_tls = match scheme.to_ascii_lowercase().as_str() {
            "imaps" => false,
            "imap" => true,
            _ => return Err("it does not begin with imaps:// or imap://".to_owned()),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return Err("nothing can stand behind the host and port".to_owned());
        }
        let (user, place) = rest.rsplit_once('@').ok_or("there is no user in it")?;
        let (host, port) = split_place(place)?;
        Ok(Self {
            start_tls,
            user: read_user(user)?,
            host: host.to_owned(),
            port: port.map(read_port).transpose()?,
        })
    }
}

fn read_user(user: &str) -> Result<String, String> {
    if user.is_empty() {
        return Err("the user is empty".to_owned());
    }
    if user.contains(':') {
        return Err("a password does not belong there: set LATCHBOX_PASSWORD".to_owned());
    }
    if user.contains(';') {
        return Err("the mechanism cannot be chosen there; write a `;` as %3B".to_owned());
    }
    percent_decoded(user)
}

/// The host without the brackets of an IPv6 address, and what stands behind its colon.
fn split_place(place: &str) -> Result<(&str, Option<&str>), String> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or("a `]` is missing")?;
            match rest.strip_prefix(':') {
                None if !rest.is_empty() => return Err("a `:` is missing behind `]`".to_owned()),
                port => (host, port),
            }
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    if port.is_some_and(|port| port.contains(':')) {
        return Err("an IPv6 address stands in brackets".to_owned());
    }
    if host.is_empty() {
        return Err("the host is empty".to_owned());
    }
    Ok((host, port))
}

fn read_port(port: &str) -> Result<u16, String> {
    match port.parse() {
        Ok(0) | Err(_) => Err("the port is not a number from 1 to 65535".to_owned()),
        Ok(port) => Ok(port),
    }
}

fn percent_decoded(text: &str) -> Result<String, String> {
    let mut decoded = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => match (hex_digit(bytes.next()), hex_digit(bytes.next())) {
                (Some(high), Some(low)) => high * 16 + low,
                _ => return Err("a `%` is not followed by two hexadecimal digits".to_owned()),
            },
            byte => byte,
        });
    }
    String::from_utf8(decoded).map_err(|_| "the user is not UTF-8".to_owned())
}

fn hex_digit(byte: Option<u8>) -> Option<u8> {
    let digit = char::from(byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}
