//! Tests of the servers that the checks run on.

mod dovecot;
mod servers;

use native_tls::TlsConnector;

use crate::support::certificates::certificates;

fn trusting() -> TlsConnector {
    TlsConnector::builder()
        .add_root_certificate(certificates().root())
        .build()
        .unwrap()
}
