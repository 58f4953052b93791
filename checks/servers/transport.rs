//! TLS, compression and child processes with servers of other people's.

use latchbox::transport::{ChildProcess, TlsBackend};
use latchbox::types::{Capability, FetchItem, MailboxEvent, SearchKey, Section};
use latchbox::{Client, ClientBuilder, Error, Session};

use crate::sessions::LONG;
use crate::sessions::{plaintext, plaintext_stream};
use crate::support::certificates::certificates;
use crate::support::dovecot::{Dovecot, dovecot};

fn with_dovecot(builder: impl Fn(&Dovecot) -> ClientBuilder) {
    let server = Dovecot::start("protocol imap {\n  mail_plugins = imap_zlib\n}").unwrap();
    let user = server.user();
    user.fill("INBOX", 300);
    let client = builder(&server).connect().unwrap();
    let session = client.login(user.name(), user.password());
    let session = session.unwrap();
    let deflate = Capability::Compress("DEFLATE".into());
    assert!(session.capabilities().unwrap().contains(&deflate));
    session.compress().unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    let items = [FetchItem::Envelope, FetchItem::BodyPeek(Section::whole())];
    let mut count = 0;
    let mut messages = inbox.fetch(&all, items).unwrap();
    while let Some(message) = messages.next().unwrap() {
        message.envelope().unwrap();
        count += 1;
    }
    assert_eq!(count, 300);
    let much = "Subject: much\r\n\r\n".to_owned() + &"0123456789abcdef\r\n".repeat(40_000);
    session.append("INBOX", much.as_bytes()).unwrap();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 301);
    drop(inbox);
    session.logout().unwrap();
}

#[test]
fn dovecot_compresses() {
    with_dovecot(|server| plaintext(server.port()));
}

#[test]
fn dovecot_compresses_inside_tls() {
    with_dovecot(|server| {
        Client::builder("localhost")
            .port(server.tls_port())
            .root_certificates_pem(certificates().authority.clone())
    });
}

fn preauthenticated(builder: ClientBuilder, process: ChildProcess) -> Session {
    crate::sessions::preauthenticated(builder.accept_preauth().connect_transport(process).unwrap())
}

#[test]
fn dovecot_is_spoken_to_as_a_child_process() {
    let server = dovecot();
    let user = server.user();
    user.fill("INBOX", 20);
    let mut command = server.preauthenticated(&user);
    let session = preauthenticated(
        plaintext_stream(),
        ChildProcess::spawn(&mut command).unwrap(),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 20);
    let mut idle = inbox.idle().unwrap();
    user.deliver("INBOX", b"Subject: new\r\n\r\nHi\r\n", "");
    loop {
        match idle.next_timeout(LONG).unwrap() {
            Some(MailboxEvent::Exists(21)) => break,
            Some(_) => {}
            None => panic!("nothing was told of the new message"),
        }
    }
    idle.done().unwrap();
    drop(inbox);
    session.logout().unwrap();
}

fn trusting(port: u16, backend: TlsBackend) -> ClientBuilder {
    Client::builder("localhost")
        .port(port)
        .tls_backend(backend)
        .root_certificates_pem(certificates().authority.clone())
}

fn a_client_certificate_is_shown(backend: TlsBackend) {
    let server = Dovecot::start(
        "ssl_ca = <@DIR@/tls/ca.pem\n\
         ssl_require_crl = no\n\
         ssl_verify_client_cert = yes\n\
         auth_ssl_require_client_cert = yes",
    );
    let server = server.unwrap();
    let user = server.user();
    let log_in = |builder: ClientBuilder| {
        let client = builder.connect()?;
        let session = client.login(user.name(), user.password());
        session.map_err(latchbox::Error::from)
    };
    let builder = trusting(server.tls_port(), backend);
    let error = log_in(builder.clone()).unwrap_err();
    assert!(!matches!(error, Error::Connect(_)), "{error:?}");
    let client = &certificates().client;
    log_in(builder.client_certificate_pem(&client.certificate, client.key.clone())).unwrap();
}

#[test]
fn a_client_certificate_is_shown_by_native_tls() {
    a_client_certificate_is_shown(TlsBackend::NativeTls);
}

#[test]
fn a_client_certificate_is_shown_by_rustls() {
    a_client_certificate_is_shown(TlsBackend::Rustls);
}
