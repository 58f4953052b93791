//! `imap://` and `imaps://` URLs that name a server (RFC 5092).

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::types::percent;

/// A server, and optionally a user: `imaps://user;AUTH=mechanism@host:port` (RFC 5092).
///
/// `imaps://` is implicit TLS (RFC 8314), `imap://` is STARTTLS, which is then required. The user
/// is percent-encoded. A password in a URL is an error, whose text does not contain it; so is a
/// mailbox or a message.
///
/// `Display` writes the URL in a form that `FromStr` reads as an equal value; it contains no
/// secret.
///
/// ```
/// use latchbox::types::ServerUrl;
///
/// let url: ServerUrl = "imaps://jane%40example.com@imap.example.com".parse()?;
/// assert_eq!((url.user(), url.host()), (Some("jane@example.com"), "imap.example.com"));
/// assert_eq!(url.to_string(), "imaps://jane%40example.com@imap.example.com");
/// let builder = latchbox::ClientBuilder::from_url(&url);
///
/// let error = "imaps://jane:secret@host".parse::<ServerUrl>().unwrap_err();
/// assert!(!error.to_string().contains("secret"));
/// # Ok::<(), latchbox::types::InvalidServerUrl>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerUrl {
    start_tls: bool,
    user: Option<String>,
    mechanism: Option<String>,
    host: String,
    port: Option<u16>,
}

/// An error: an invalid server URL; its text has no part of the URL, which may contain a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidServerUrl(&'static str);

impl InvalidServerUrl {
    /// A login needs a user.
    pub(crate) const NO_USER: Self = Self("the user is missing");
    /// No login is possible with an unknown mechanism.
    pub(crate) const UNKNOWN_MECHANISM: Self = Self("the mechanism is not known");
}

impl ServerUrl {
    /// Whether TLS starts with STARTTLS (`imap://`), and is not implicit TLS (`imaps://`).
    #[must_use]
    pub fn is_start_tls(&self) -> bool {
        self.start_tls
    }

    /// The user, decoded.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The SASL mechanism that `;AUTH=` names; `None` for `*`, which leaves the choice.
    #[must_use]
    pub fn mechanism(&self) -> Option<&str> {
        self.mechanism.as_deref()
    }

    /// The host, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; `None` if the URL has none.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl FromStr for ServerUrl {
    type Err = InvalidServerUrl;

    fn from_str(url: &str) -> Result<Self, InvalidServerUrl> {
        let (scheme, rest) = url
            .split_once("://")
            .ok_or(InvalidServerUrl("`://` is missing"))?;
        let start_tls = match scheme.to_ascii_lowercase().as_str() {
            "imaps" => false,
            "imap" => true,
            _ => {
                return Err(InvalidServerUrl(
                    "the scheme is neither imaps:// nor imap://",
                ));
            }
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return Err(InvalidServerUrl("nothing can follow host and port"));
        }
        let (who, place) = match rest.rsplit_once('@') {
            Some((who, place)) => (Some(who), place),
            None => (None, rest),
        };
        let (user, mechanism) = who.map_or(Ok((None, None)), who_logs_in)?;
        let (host, port) = split_place(place)?;
        Ok(Self {
            start_tls,
            user,
            mechanism,
            host: host.to_owned(),
            port,
        })
    }
}

/// `user`, `user;AUTH=mechanism` or `;AUTH=mechanism`.
fn who_logs_in(who: &str) -> Result<(Option<String>, Option<String>), InvalidServerUrl> {
    let (user, parameter) = match who.split_once(';') {
        Some((user, parameter)) => (user, Some(parameter)),
        None => (who, None),
    };
    if who.contains(':') {
        return Err(InvalidServerUrl("a password is not allowed"));
    }
    if who.is_empty() {
        return Err(InvalidServerUrl("the user is empty"));
    }
    let user = match user {
        "" => None,
        user => Some(percent_decoded(user)?),
    };
    let Some(parameter) = parameter else {
        return Ok((user, None));
    };
    let name = parameter
        .split_once('=')
        .filter(|(name, _)| name.eq_ignore_ascii_case("AUTH"))
        .map(|(_, mechanism)| mechanism)
        .ok_or(InvalidServerUrl("only ;AUTH= can follow the user"))?;
    let is_word = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    match name {
        "*" => Ok((user, None)),
        name if !name.is_empty() && name.bytes().all(is_word) => {
            Ok((user, Some(name.to_ascii_uppercase())))
        }
        _ => Err(InvalidServerUrl("the name of the mechanism is invalid")),
    }
}

fn split_place(place: &str) -> Result<(&str, Option<u16>), InvalidServerUrl> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let missing = InvalidServerUrl("a `]` is missing");
            let (host, rest) = rest.split_once(']').ok_or(missing)?;
            match rest.strip_prefix(':') {
                None if !rest.is_empty() => {
                    return Err(InvalidServerUrl("a `:` is missing after `]`"));
                }
                port => (host, port),
            }
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    if port.is_some_and(|port| port.contains(':')) {
        return Err(InvalidServerUrl("an IPv6 address needs brackets"));
    }
    if host.is_empty() {
        return Err(InvalidServerUrl("the host is empty"));
    }
    if host.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(InvalidServerUrl("the host contains spaces or controls"));
    }
    Ok((host, port.map(read_port).transpose()?))
}

fn read_port(port: &str) -> Result<u16, InvalidServerUrl> {
    let is_number = port.bytes().all(|octet| octet.is_ascii_digit());
    match port.parse() {
        Ok(port) if port > 0 && is_number => Ok(port),
        _ => Err(InvalidServerUrl("the port is no number from 1 to 65535")),
    }
}

fn percent_decoded(text: &str) -> Result<String, InvalidServerUrl> {
    let problem = "a `%` is not followed by two hexadecimal digits";
    let decoded = percent::decode(text, |_| true).ok_or(InvalidServerUrl(problem))?;
    String::from_utf8(decoded).map_err(|_| InvalidServerUrl("the user is not UTF-8"))
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.start_tls {
            "imap://"
        } else {
            "imaps://"
        })?;
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
        percent::encode(self.user().unwrap_or_default().as_bytes(), is_plain, f)?;
        if let Some(mechanism) = &self.mechanism {
            write!(f, ";AUTH={mechanism}")?;
        }
        if self.user.is_some() || self.mechanism.is_some() {
            f.write_str("@")?;
        }
        // Only an IPv6 address contains a colon.
        match self.host.contains(':') || self.host.starts_with('[') {
            true => write!(f, "[{}]", self.host)?,
            false => f.write_str(&self.host)?,
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for InvalidServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a server URL: {}", self.0)
    }
}

impl Error for InvalidServerUrl {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_name_user_mechanism_host_and_port() {
        for (url, start_tls, user, mechanism, host, port) in [
            ("imaps://host", false, None, None, "host", None),
            ("IMAP://host:1143/", true, None, None, "host", Some(1143)),
            ("imaps://jane@host", false, Some("jane"), None, "host", None),
            (
                "imaps://a%40b@[::1]:993",
                false,
                Some("a@b"),
                None,
                "::1",
                Some(993),
            ),
            (
                "imaps://M%C3%BCller%2f@h",
                false,
                Some("Müller/"),
                None,
                "h",
                None,
            ),
            (
                "imap://jane;AUTH=*@host",
                true,
                Some("jane"),
                None,
                "host",
                None,
            ),
            (
                "imaps://;auth=external@h",
                false,
                None,
                Some("EXTERNAL"),
                "h",
                None,
            ),
        ] {
            let read: ServerUrl = url.parse().unwrap();
            let (read_user, read_mechanism) = (read.user(), read.mechanism());
            assert_eq!((read_user, read_mechanism), (user, mechanism), "{url}");
            assert_eq!((read.host(), read.port()), (host, port), "{url}");
            assert_eq!(read.is_start_tls(), start_tls, "{url}");
            assert_eq!(read.to_string().parse(), Ok(read), "{url}");
        }
    }

    #[test]
    fn what_is_none_is_refused_without_repeating_it() {
        for url in [
            "",
            "host",
            "https://host",
            "imaps://",
            "imaps://@host",
            "imaps://jane:geheim@host",
            "imaps://jane;AUTH=@host",
            "imaps://jane;AUTH=A B@host",
            "imaps://jane;X=geheim@host",
            "imaps://host:0",
            "imaps://host:+1",
            "imaps://host:65536",
            "imaps://host\r\nX: y",
            "imaps://ho st",
            "imaps://host\0",
            "imaps://::1",
            "imaps://[::1",
            "imaps://[::1]993",
            "imaps://host/INBOX",
            "imaps://jane%4@host",
            "imaps://jane%4g@host",
            "imaps://%FF@host",
        ] {
            let error = url.parse::<ServerUrl>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("geheim"), "{url}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_alike(
            scheme in "imaps?",
            who in "|[^/?#:;@]{1,6}@|[a-z%41]{0,6}(;AUTH=[A-Za-z*-]{1,5})?@",
            host in "[a-z.]{1,8}|[^/?#@]{1,6}|\\[[0-9a-f:.\\[]{1,8}\\]",
            port in "(:[0-9]{1,5})?",
        ) {
            if let Ok(url) = format!("{scheme}://{who}{host}{port}").parse::<ServerUrl>() {
                prop_assert_eq!(url.to_string().parse(), Ok(url));
            }
        }
    }
}
