//! Starts TLS with the selected library.

use crate::transport::Transport;
#[cfg(feature = "native-tls")]
use crate::transport::native_tls::NativeTls;
use crate::transport::read_ahead::ReadAhead;
#[cfg(feature = "rustls")]
use crate::transport::rustls::Rustls;
use crate::transport::tls::{Refusal, TlsBackend, TlsSettings};

/// Does the TLS handshake over `transport`, within its deadlines; `host` is the name to verify.
pub(crate) fn begin(
    transport: Box<dyn Transport>,
    host: &str,
    settings: &TlsSettings,
) -> Result<Box<dyn Transport>, Refusal> {
    let below = ReadAhead::new(transport);
    let first = below.first();
    let name = settings.name(host)?;
    let begun: Result<Box<dyn Transport>, Refusal> = match settings.backend.or(TlsBackend::USUAL) {
        #[cfg(feature = "native-tls")]
        Some(TlsBackend::NativeTls) => match NativeTls::handshake(below, name, settings) {
            Ok(tls) => Ok(Box::new(tls)),
            Err(refusal) => Err(refusal),
        },
        #[cfg(feature = "rustls")]
        Some(TlsBackend::Rustls) => match Rustls::handshake(below, name, settings) {
            Ok(tls) => Ok(Box::new(tls)),
            Err(refusal) => Err(refusal),
        },
        None => {
            let _ = (below, name);
            let problem = "TLS was not built in: features `native-tls` and `rustls` are off";
            Err(Refusal::Settings(problem.into()))
        }
    };
    match (begun, first.get()) {
        (Err(Refusal::Handshake(_) | Refusal::Timeout), Some(first)) if !is_tls(first) => {
            Err(Refusal::NotTls(first.clone()))
        }
        (begun, _) => begun,
    }
}

/// Whether this is the start of a TLS record (RFC 8446 section 5.1), or empty.
fn is_tls(first: &[u8]) -> bool {
    matches!(first, [] | [0x14..=0x17] | [0x14..=0x17, 3, ..])
}
