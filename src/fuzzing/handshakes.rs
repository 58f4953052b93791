//! What is said before IMAP is: mechanisms, proxies, compression, certificates.

use std::sync::{Arc, Mutex};

use crate::fuzzing::input::{Input, Pieces};
use crate::fuzzing::stream::Canned;
use crate::sasl::{
    Anonymous, CramMd5, External, Login, Mechanism, MechanismContext, OAuthBearer, OAuthError,
    Plain, Scram, XOAuth2,
};
use crate::transport::channel_binding::ChannelBinding;
use crate::transport::der;

/// The password and the token: no error shows them.
const SECRET: &str = "hunter2-hunter2";

/// The first octet chooses who is spoken to; the rest is what the other side says.
pub fn handshakes(data: &[u8]) {
    let mut input = Input::new(data);
    match input.octet() % 8 {
        0 => certificate(input.rest()),
        1 => oauth_error(input.rest()),
        2 => proxy(input),
        3 => inflate(input),
        4 => deflate(input),
        _ => mechanism(input),
    }
}

/// What was found lies in the certificate.
fn certificate(der: &[u8]) {
    let inside = |part: &[u8]| part.is_empty() || der.windows(part.len()).any(|w| w == part);
    assert!(der::public_key(der).is_none_or(inside));
    assert!(der::signature_algorithm(der).is_none_or(inside));
    // Any answer will do: it is given without a panic.
    let _ = der::has_dns_name(der);
}

fn oauth_error(json: &[u8]) {
    let error = OAuthError::parse(json);
    let parts = [error.status(), error.scope(), error.openid_configuration()];
    let held: usize = parts.into_iter().flatten().map(str::len).sum();
    assert!(held <= 3 * json.len());
    let _ = format!("{error} {error:?}");
}

/// A mechanism answers whatever it is asked, or says why not.
fn mechanism(mut input: Input<'_>) {
    let bindings = ChannelBinding::BY_STRENGTH.map(|binding| (binding, vec![7; 32]));
    let has = usize::from(input.octet() & 3).min(bindings.len());
    let channel = MechanismContext {
        offered: vec!["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"],
        bindings: bindings.get(..has).unwrap_or_default(),
    };
    let scram = |scram: Scram| Box::new(scram.max_iterations(5000)) as Box<dyn Mechanism>;
    let mut mechanism: Box<dyn Mechanism> = match input.octet() % 10 {
        0 => scram(Scram::sha_1("jane", SECRET)),
        1 => scram(Scram::sha_256("jane", SECRET)),
        2 => scram(Scram::sha_512("jane", SECRET).require_channel_binding()),
        3 => Box::new(CramMd5::new("jane", SECRET)),
        4 => Box::new(XOAuth2::new("jane", SECRET)),
        5 => Box::new(OAuthBearer::new("jane", SECRET).at("host", 993)),
        6 => Box::new(Login::new("jane", SECRET)),
        7 => Box::new(Plain::new("jane", SECRET).acting_as("ann")),
        8 => Box::new(External::new().acting_as("jane")),
        _ => Box::new(Anonymous::tracing("jane")),
    };
    for _ in 0..2 {
        let Ok(()) = mechanism.begin(&channel) else {
            return;
        };
        let initial = mechanism.initial().expect("no server has spoken");
        let said = initial.map_or(Vec::new(), |secret| secret.expose().to_vec());
        let nonce = said
            .rsplit(|octet| *octet == b'=')
            .next()
            .unwrap_or_default();
        for _ in 0..4 {
            let challenge = with_nonce(input.field(), nonce);
            let text = match mechanism.step(&challenge) {
                Ok(_) => String::new(),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!text.contains(SECRET), "{text}");
        }
        let _ = (
            mechanism.is_complete(),
            mechanism.reason(),
            mechanism.exposes_secret(),
        );
    }
}

/// The challenge with the client's own nonce for `N`, which a server repeats.
fn with_nonce(challenge: &[u8], nonce: &[u8]) -> Vec<u8> {
    let octets = challenge.iter().flat_map(|octet| match octet {
        b'N' => nonce,
        _ => std::slice::from_ref(octet),
    });
    octets.copied().collect()
}

/// A proxy is read as far as its answer, and not for ever.
fn proxy(mut input: Input<'_>) {
    use crate::transport::proxy::Proxy;

    let proxy = match input.octet() & 1 {
        0 => Proxy::socks5("proxy", 1080),
        _ => Proxy::http("proxy", 3128),
    };
    let has_secret = input.octet() & 1 == 1;
    let proxy = match has_secret {
        false => proxy,
        true => proxy.credentials("jane", SECRET),
    };
    let pieces = Pieces::new(input.octet());
    let mut stream = Canned::new(input.rest(), pieces);
    let asked = proxy.connect(&mut stream, "mail.example.com", 993);
    if let Err(error) = asked {
        let text = format!("{error} {error:?} {proxy:?}");
        // What is no secret of ours the proxy may say.
        let is_told = has_secret && text.contains(SECRET);
        assert!(!is_told && text.len() < 10_000, "{text}");
    }
    assert!(stream.given() <= 80 << 10, "{} octets read", stream.given());
}

/// Whatever is no compressed data is an error, and memory does not grow by what is in it.
fn inflate(mut input: Input<'_>) {
    use crate::transport::deflate::Deflate;
    use std::io::Read;

    let pieces = Pieces::new(input.octet());
    let (arrived, later) = input.rest().split_at(0);
    let stream = Canned::new(later, pieces);
    let mut layer = Deflate::new(Box::new(stream), arrived.to_vec());
    let mut place = [0; 4096];
    let mut read = 0;
    while let Ok(count) = layer.read(&mut place) {
        read += count;
        if count == 0 {
            break;
        }
    }
    // RFC 1951: no more than 258 octets of two bits.
    assert!(
        read <= 1040 * later.len() + 4096,
        "{read} of {}",
        later.len()
    );
}

/// What is compressed is the same when it is read.
fn deflate(mut input: Input<'_>) {
    use crate::transport::deflate::Deflate;
    use std::io::{Read, Write};

    let mut pieces = Pieces::new(input.octet());
    let sent = Arc::new(Mutex::new(Vec::new()));
    let stream = Canned::new(&[], pieces.clone()).recording(&sent);
    let mut writer = Deflate::new(Box::new(stream), Vec::new());
    let octets = input.rest();
    let mut rest = octets;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(pieces.next().min(rest.len()));
        writer.write_all(now).expect("memory");
        if now.len() == 1 {
            writer.flush().expect("memory");
        }
        rest = later;
    }
    writer.flush().expect("memory");
    let compressed = std::mem::take(&mut *sent.lock().expect("one thread"));
    let mut reader = Deflate::new(Box::new(Canned::new(&compressed, pieces)), Vec::new());
    let mut place = vec![0; octets.len()];
    reader.read_exact(&mut place).expect("all that was written");
    assert_eq!(place, octets);
}
