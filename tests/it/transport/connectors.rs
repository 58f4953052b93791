//! What a TLS library makes of settings is made once for all clones of a builder, and the system's
//! store is read then, and only then.

use std::fs;
use std::process::Command;

use latchbox::error::ConnectErrorKind;
use latchbox::transport::{TlsBackend, TlsErrorKind};
use latchbox::{Account, Client, ClientBuilder, Credentials};
use latchbox_testkit::{PASSWORD, Server, USER};

use crate::scripted::problem;
use crate::support::certificates::certificates;

/// The file of the system's authorities, as far as the child is concerned.
const STORE: &str = "SSL_CERT_FILE";

/// Says to the child that it is one.
const CHILD: &str = "LATCHBOX_HAS_ITS_STORE";

const NAME: &str = "transport::connectors::fault_74_the_systems_store_is_read_once_for_a_builder";

/// The environment of a process is for all of its threads, so that this one is a process by itself.
#[test]
fn fault_74_the_systems_store_is_read_once_for_a_builder() {
    if std::env::var_os(CHILD).is_some() {
        for backend in [TlsBackend::NativeTls, TlsBackend::Rustls] {
            store_is_read_once(backend);
        }
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(CHILD, "1")
        .env(STORE, directory.path().join("store.pem"))
        .env("SSL_CERT_DIR", directory.path())
        .output()
        .unwrap();
    let [said, told] = [child.stderr, child.stdout];
    let [said, told] = [said, told].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(
        child.status.success() && told.contains("1 passed"),
        "{told}{said}"
    );
}

fn set_store(pem: &[u8]) {
    fs::write(std::env::var_os(STORE).unwrap(), pem).unwrap();
}

fn assert_unknown(builder: ClientBuilder) {
    let error = builder.connect().unwrap_err();
    match problem(&error) {
        ConnectErrorKind::Tls(error) => assert_eq!(error.kind(), TlsErrorKind::UnknownIssuer),
        other => panic!("{other:?}"),
    }
}

fn store_is_read_once(backend: TlsBackend) {
    let ours = certificates();
    let server = Server::builder().tls(&ours.server.certificate, &ours.server.key);
    let server = server.start().unwrap();
    let new = || {
        let builder = Client::builder("127.0.0.1").port(server.port());
        builder.tls_backend(backend)
    };
    set_store(&ours.authority);
    let builder = new();
    builder.clone().connect().unwrap();
    let account = |builder| Account::new(builder, |_reason| Ok(Credentials::login(USER, PASSWORD)));
    let account_of_builder = account(builder.clone());
    let own_account = account(new());
    own_account.open().unwrap();

    // Another authority takes its place: whoever has read the store does not read it again.
    set_store(&ours.self_signed.certificate);
    builder.clone().connect().unwrap();
    builder
        .clone()
        .port(server.port())
        .server_name("localhost")
        .connect()
        .unwrap();
    account_of_builder.open().unwrap();
    own_account.clone().open().unwrap();
    // The next builder sees the change, and so do settings that are others.
    assert_unknown(new());
    assert_unknown(
        builder
            .clone()
            .root_certificates_pem(ours.self_signed.certificate.clone()),
    );
    assert!(account(new()).open().is_err());
    // What was changed has left the builder as it was.
    builder.connect().unwrap();

    // Nobody asks for a store that is of no use.
    let given = new()
        .only_given_roots()
        .root_certificates_pem(ours.authority.clone());
    given.connect().unwrap();
    set_store(&ours.authority);
    new().connect().unwrap();
}
