//! SCRAM against servers that do not know the password, ask for too much, or are not the one that
//! was connected to.

use latchbox::sasl::{Choice, MechanismError, Method, Scram};
use latchbox::{Client, ClientBuilder, Error, LoginRefusal, Session};

use crate::scripted::assert_protocol_broken;
use crate::support::certificates::certificates;
use crate::support::scram::{PASSWORD, Say, ScramServer, Setup, Step};

const SCRAM: &str = "AUTH=PLAIN AUTH=SCRAM-SHA-256";
const PLUS: &str = "AUTH=PLAIN AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS";

fn builder(server: &ScramServer) -> ClientBuilder {
    let builder = Client::builder("127.0.0.1").port(server.port());
    builder
        .root_certificates_pem(certificates().authority.clone())
        .only_given_roots()
}

/// Logs in; what the server heard, and how it went. No password is ever sent in cleartext.
#[track_caller]
fn log_in(setup: Setup, scram: Scram) -> (Vec<String>, Result<Session, Error>) {
    let tls = setup.tls;
    let server = setup.start();
    let mut builder = builder(&server);
    if !tls {
        builder = builder.danger_plaintext();
    }
    let result = builder.connect().unwrap().authenticate(scram);
    let result = result.map_err(|(error, _client)| error);
    // The session is dropped before the server is asked what it heard.
    let result = result.map(drop);
    let heard = server.finish();
    (heard, result.map(|()| unreachable_session()))
}

fn unreachable_session() -> Session {
    unreachable!()
}
