//! What a server says that was built without what it shall do.

use std::io::ErrorKind;

use latchbox_testkit::Server;

#[test]
fn what_needs_a_feature_does_not_start_without_it() {
    let advertised = [
        ("AUTH=CRAM-MD5", cfg!(feature = "scram")),
        ("AUTH=SCRAM-SHA-256", cfg!(feature = "scram")),
        ("COMPRESS=DEFLATE", cfg!(feature = "deflate")),
        ("AUTH=PLAIN", true),
    ];
    for (name, is_there) in advertised {
        let kind = Server::builder().with(name).start().map_err(|e| e.kind());
        let expected = if is_there {
            None
        } else {
            Some(ErrorKind::Unsupported)
        };
        assert_eq!(kind.err(), expected, "{name}");
    }
    if cfg!(not(feature = "tls")) {
        let kind = Server::builder()
            .tls(b"", b"")
            .start()
            .map_err(|e| e.kind());
        assert_eq!(kind.err(), Some(ErrorKind::Unsupported));
    }
}
