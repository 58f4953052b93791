//! Tests of the support itself.

mod fault_proxy;
mod script;

#[cfg(not(windows))]
use native_tls::TlsConnector;

#[cfg(not(windows))]
use crate::support::certificates::certificates;

#[cfg(not(windows))]
fn trusting() -> TlsConnector {
    TlsConnector::builder()
        .add_root_certificate(certificates().root())
        .build()
        .unwrap()
}
