//! The same over TLS.

mod row;
mod wire;

use native_tls::{Certificate, TlsConnector};

fn main() {
    shared::run(|job| {
        let root = Certificate::from_pem(job.root.as_bytes()).unwrap();
        let connector = TlsConnector::builder()
            .disable_built_in_roots(true)
            .add_root_certificate(root)
            .build()
            .unwrap();
        let stream = connector.connect("127.0.0.1", job.connect()).unwrap();
        wire::client(job, stream)
    });
}
