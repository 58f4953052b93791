//! Logins by SCRAM that are tied to one TLS connection (`tls-exporter`, RFC 9266).

use latchbox::sasl::{ChannelBinding, LoginChoice, Scram};
use latchbox::transport::TlsBackend;
use latchbox::{Client, Error};

use crate::pieces::Connect;
use crate::sessions::TrustTheKit;
use crate::support::scram::{PASSWORD, Setup};

const PLUS: &str = "AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS";

const END_POINT: &[ChannelBinding] = &[ChannelBinding::TlsServerEndPoint];

/// By rustls on both sides.
fn setup() -> Setup {
    Setup {
        tls: true,
        rustls: Some(true),
        ..Setup::new(PLUS)
    }
}

fn connect(port: u16) -> Client {
    let builder = Client::builder("127.0.0.1")
        .port(port)
        .tls_backend(TlsBackend::Rustls)
        .trust_the_kit()
        .only_given_roots();
    builder.connect_in_pieces().unwrap()
}

/// The channel binding flag of the first message, and how the login went.
fn log_in(setup: Setup, scram: Scram) -> (String, Result<(), Error>) {
    let server = setup.start();
    let result = connect(server.port()).authenticate(scram);
    let result = result.map(drop).map_err(Error::from);
    (flag(&server.finish()), result)
}

fn flag(heard: &[String]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine};
    let (_, first) = heard[0].rsplit_once(' ').unwrap();
    let first = String::from_utf8(BASE64_STANDARD.decode(first).unwrap()).unwrap();
    first.split(',').next().unwrap().to_owned()
}

fn scram() -> Scram {
    Scram::sha_256("ann", PASSWORD).require_channel_binding()
}

#[test]
fn over_tls_1_3_the_exporter_is_what_a_login_is_tied_to() {
    let (flag, result) = log_in(setup(), scram());
    result.unwrap();
    assert_eq!(flag, "p=tls-exporter");
}

#[test]
fn over_tls_1_2_the_certificate_takes_its_place() {
    let old = Setup {
        rustls: Some(false),
        ..setup()
    };
    let (flag, result) = log_in(old, scram());
    result.unwrap();
    assert_eq!(flag, "p=tls-server-end-point");
}

#[test]
fn attack_038_a_man_in_the_middle_has_another_connection() {
    let between = Setup {
        between: true,
        ..setup()
    };
    let (flag, result) = log_in(between, scram());
    assert_eq!(flag, "p=tls-exporter");
    let error = result.unwrap_err().to_string();
    assert!(error.contains("channel-bindings-dont-match"), "{error}");
}

#[test]
fn for_a_server_that_lacks_it_another_binding_is_named() {
    let only_end_point = || Setup {
        bindings: END_POINT,
        ..setup()
    };
    let (_, result) = log_in(only_end_point(), scram());
    let error = result.unwrap_err().to_string();
    let reason = "unsupported-channel-binding-type";
    assert!(error.contains(reason), "{error}");
    let named = scram().channel_binding(ChannelBinding::TlsServerEndPoint);
    let (flag, result) = log_in(only_end_point(), named);
    result.unwrap();
    assert_eq!(flag, "p=tls-server-end-point");
}

#[test]
fn a_choice_passes_the_binding_on() {
    let choice = LoginChoice::password("ann", PASSWORD);
    let named = choice
        .clone()
        .channel_binding(ChannelBinding::TlsServerEndPoint);
    for (choice, expected) in [
        (choice, "p=tls-exporter"),
        (named, "p=tls-server-end-point"),
    ] {
        let server = setup().start();
        let session = connect(server.port()).authenticate_with(&choice);
        drop(session.unwrap());
        assert_eq!(flag(&server.finish()), expected);
    }
}
