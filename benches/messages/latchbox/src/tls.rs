//! latchbox inside TLS.

mod work;

fn main() {
    work::run(|builder, job| {
        let root = job.root.as_str();
        builder.root_certificates_pem(root).only_given_roots()
    });
}
