//! Tests of the support itself.

mod dovecot;
mod fault_proxy;
mod run;
mod script;
mod servers;

use native_tls::TlsConnector;

use crate::support::certificates::certificates;

fn trusting() -> TlsConnector {
    TlsConnector::builder()
        .add_root_certificate(certificates().root())
        .build()
        .unwrap()
}
