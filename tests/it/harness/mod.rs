//! Tests of the support itself.

mod fault_proxy;
mod script;

use native_tls::TlsConnector;

use crate::support::certificates::certificates;

fn trusting() -> TlsConnector {
    TlsConnector::builder()
        .add_root_certificate(certificates().root())
        .build()
        .unwrap()
}
