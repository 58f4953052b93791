//! SOCKS version 5 (RFC 1928), with username and password (RFC 1929).

use std::net::IpAddr;

use zeroize::Zeroizing;

use crate::transport::Transport;
use crate::transport::proxy::ProxyError;

const VERSION: u8 = 5;
const CONNECT: u8 = 1;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NOTHING_ACCEPTABLE: u8 = 0xff;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// The meanings of the reply field (RFC 1928 section 6).
const REPLIES: [&str; 8] = [
    "general failure",
    "not allowed by its rule set",
    "network unreachable",
    "host unreachable",
    "connection refused",
    "TTL expired",
    "command not supported",
    "address type not supported",
];

/// Requests a connection. Each reply contains its length, so not an octet more is read.
pub(crate) fn connect(
    proxy: &mut dyn Transport,
    host: &str,
    port: u16,
    credentials: Option<(&str, &str)>,
) -> Result<(), ProxyError> {
    let request = request(host, port)?;
    let login = credentials.map(login).transpose()?;
    let offer: &[u8] = match login {
        None => &[VERSION, 1, NO_AUTHENTICATION],
        Some(_) => &[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD],
    };
    send(proxy, offer)?;
    match (receive(proxy)?, login) {
        ([VERSION, NO_AUTHENTICATION], _) => {}
        ([VERSION, USER_AND_PASSWORD], Some(login)) => log_in(proxy, &login)?,
        ([VERSION, NOTHING_ACCEPTABLE], _) => return Err(ProxyError::Credentials),
        ([VERSION, _], _) => {
            return Err(ProxyError::Protocol(
                "it chose a method that was not offered",
            ));
        }
        _ => return Err(ProxyError::Protocol("its reply is not SOCKS 5")),
    }
    send(proxy, &request)?;
    hear_reply(proxy)
}

fn request(host: &str, port: u16) -> Result<Vec<u8>, ProxyError> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let bare = bare.unwrap_or(host);
    let mut request = vec![VERSION, CONNECT, 0];
    match bare.parse() {
        Ok(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend_from_slice(&address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend_from_slice(&address.octets());
        }
        Err(_) => {
            request.push(NAME);
            push_counted(&mut request, bare, "a host name has 1 to 255 octets")?;
        }
    }
    request.extend_from_slice(&port.to_be_bytes());
    Ok(request)
}

fn login((user, password): (&str, &str)) -> Result<Zeroizing<Vec<u8>>, ProxyError> {
    let mut login = Zeroizing::new(Vec::with_capacity(3 + 2 * 255));
    login.push(1);
    push_counted(&mut login, user, "a user name has 1 to 255 octets")?;
    push_counted(&mut login, password, "a password has 1 to 255 octets")?;
    Ok(login)
}

fn push_counted(to: &mut Vec<u8>, text: &str, problem: &'static str) -> Result<(), ProxyError> {
    match u8::try_from(text.len()) {
        Ok(0) | Err(_) => Err(ProxyError::Settings(problem)),
        Ok(length) => {
            to.push(length);
            to.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
}

fn log_in(proxy: &mut dyn Transport, login: &[u8]) -> Result<(), ProxyError> {
    send(proxy, login)?;
    match receive(proxy)? {
        // RFC 1929 requires 1; some proxies send the version of SOCKS.
        [1 | VERSION, 0] => Ok(()),
        [1 | VERSION, _] => Err(ProxyError::Credentials),
        _ => Err(ProxyError::Protocol("its reply to the login is invalid")),
    }
}

fn hear_reply(proxy: &mut dyn Transport) -> Result<(), ProxyError> {
    let [version, reply, _, kind] = receive(proxy)?;
    if version != VERSION {
        return Err(ProxyError::Protocol("its reply has another version"));
    }
    if reply != 0 {
        let text = REPLIES.get(usize::from(reply) - 1);
        let text = text.copied().unwrap_or("unassigned code");
        return Err(ProxyError::Refused {
            code: reply.into(),
            text: text.to_owned(),
        });
    }
    // The address and port that the proxy is bound to are not used.
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => {
            let [length] = receive(proxy)?;
            usize::from(length)
        }
        _ => {
            return Err(ProxyError::Protocol(
                "its reply has an unknown address type",
            ));
        }
    };
    for _ in 0..length + 2 {
        let [_] = receive(proxy)?;
    }
    Ok(())
}

fn send(proxy: &mut dyn Transport, octets: &[u8]) -> Result<(), ProxyError> {
    proxy.write_all(octets)?;
    Ok(proxy.flush()?)
}

fn receive<const COUNT: usize>(proxy: &mut dyn Transport) -> Result<[u8; COUNT], ProxyError> {
    let mut octets = [0; COUNT];
    proxy.read_exact(&mut octets)?;
    Ok(octets)
}
