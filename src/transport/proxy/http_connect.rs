//! CONNECT of HTTP (RFC 9110 section 9.3.6).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::limits::{Limit, LimitExceeded};
use crate::transport::Transport;
use crate::transport::proxy::ProxyError;

/// The maximum number of characters of the proxy's text that is shown.
const LONGEST_SHOWN: usize = 200;

/// Requests a connection.
///
/// The proxy's answers end in an empty line; they are read octet by octet, so that no octet after
/// them is.
pub(crate) fn connect(
    proxy: &mut dyn Transport,
    host: &str,
    port: u16,
    credentials: Option<(&str, &str)>,
    most: usize,
) -> Result<(), ProxyError> {
    let request = request(host, port, credentials)?;
    proxy.write_all(request.as_bytes())?;
    proxy.flush()?;
    let mut left = most;
    loop {
        let Some(answer) = answer(proxy, left)? else {
            let exceeded = LimitExceeded::new(Limit::ProxyAnswer, most);
            return Err(ProxyError::Limit(exceeded));
        };
        left -= answer.len();
        let (code, text) = status(&answer)?;
        match code {
            100..=199 => {}
            200..=299 => return Ok(()),
            407 => return Err(ProxyError::Credentials),
            code => {
                let text = match credentials.is_some_and(|who| repeats(&text, who)) {
                    true => "***".to_owned(),
                    false => text.chars().take(LONGEST_SHOWN).collect(),
                };
                return Err(ProxyError::Refused { code, text });
            }
        }
    }
}

fn request(
    host: &str,
    port: u16,
    credentials: Option<(&str, &str)>,
) -> Result<Zeroizing<String>, ProxyError> {
    if host.is_empty() || !host.bytes().all(|octet| octet.is_ascii_graphic()) {
        let problem = "a host name is printable ASCII without spaces";
        return Err(ProxyError::Settings(problem));
    }
    let target = match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    };
    let authorization = match credentials {
        None => Zeroizing::new(String::new()),
        Some((user, _)) if user.contains(':') => {
            return Err(ProxyError::Settings("a user name has no colon"));
        }
        Some((user, password)) => {
            let both = Zeroizing::new(format!("{user}:{password}"));
            let both = Zeroizing::new(BASE64_STANDARD.encode(both.as_bytes()));
            Zeroizing::new(format!("Proxy-Authorization: Basic {}\r\n", *both))
        }
    };
    let head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    Ok(Zeroizing::new(format!("{head}{}\r\n", *authorization)))
}

/// One answer up to its empty line; `None` if it has more than `most` octets.
fn answer(proxy: &mut dyn Transport, most: usize) -> Result<Option<Vec<u8>>, ProxyError> {
    const NO_HTTP: ProxyError = ProxyError::Protocol("its answer is not HTTP");
    let mut answer = Vec::new();
    while !(answer.ends_with(b"\r\n\r\n") || answer.ends_with(b"\n\n")) {
        if answer.len() >= most {
            return Ok(None);
        }
        let mut octet = [0];
        proxy.read_exact(&mut octet)?;
        answer.extend_from_slice(&octet);
        let compared = answer.len().min(b"HTTP/1.".len());
        if answer.get(..compared) != b"HTTP/1.".get(..compared) {
            return Err(NO_HTTP);
        }
    }
    Ok(Some(answer))
}

fn is_status(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|octet| octet.is_ascii_digit())
}

/// The status code and its text.
fn status(answer: &[u8]) -> Result<(u16, String), ProxyError> {
    let answer = String::from_utf8_lossy(answer);
    let line = answer.lines().next().unwrap_or_default();
    let mut words = line.splitn(3, ' ');
    let code = words.nth(1).filter(|word| is_status(word));
    let code = code.and_then(|word| word.parse().ok());
    let code = code.ok_or(ProxyError::Protocol("its answer has no status code"))?;
    let text = words.next().unwrap_or_default();
    Ok((code, text.trim().to_owned()))
}

/// Whether the proxy's text contains the password, in any form in which it was sent.
fn repeats(text: &str, (user, password): (&str, &str)) -> bool {
    let small = |text: &str| Zeroizing::new(text.to_ascii_lowercase());
    let both = Zeroizing::new(format!("{user}:{password}"));
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(both.as_bytes()));
    let text = small(text);
    [password, encoded.trim_end_matches('=')]
        .iter()
        .any(|form| !form.is_empty() && text.contains(&**small(form)))
}
