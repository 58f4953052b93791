//! Every SASL mechanism that Dovecot has, tokens included, against one that has all of them on.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use latchbox::Client;
use latchbox::error::LoginHint;
use latchbox::sasl::{
    Anonymous, External, Login, LoginChoice, LoginMethod, Mechanism, OAuthBearer, Plain, XOAuth2,
};
use latchbox_testkit::scram::Hash;

use super::plaintext;
use crate::support::certificates::certificates;
use crate::support::dovecot::{Dovecot, PLUGINS};

const KEY: &[u8] = b"a key of at least thirty-two octets";

/// How tokens are checked, without asking anybody.
const OAUTH: &str = "introspection_mode = local
local_validation_key_dict = fs:posix:prefix=@DIR@/keys/
username_attribute = email
username_format = %Ln
";

/// A server with every mechanism, and what its tokens are checked by.
pub(crate) fn server() -> &'static Dovecot {
    static SERVER: OnceLock<Dovecot> = OnceLock::new();
    SERVER.get_or_init(|| {
        let more = [include_str!("../support/dovecot/mechanisms.conf"), PLUGINS].concat();
        let key = BASE64_STANDARD.encode(KEY);
        let files: [(&str, &[u8]); 3] = [
            ("authority.pem", &certificates().authority),
            ("keys/default/HS256/default", key.as_bytes()),
            ("oauth2.conf", OAUTH.as_bytes()),
        ];
        Dovecot::start_with(&more, &files).unwrap()
    })
}

/// A token (RFC 7519) for this user, good for so many seconds.
pub(crate) fn token(user: &str, lifetime: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let encode = |text: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(text);
    let head = encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let body = format!(
        r#"{{"email":"{user}@example.com","sub":"{user}","iss":"https://issuer.test","scope":"mail","iat":{now},"nbf":{},"exp":{}}}"#,
        now - 5000,
        now + lifetime,
    );
    let signed = format!("{head}.{}", encode(body.as_bytes()));
    let signature = Hash::Sha256.hmac(KEY, signed.as_bytes());
    format!("{signed}.{}", encode(&signature))
}

#[track_caller]
fn logs_in(mechanism: impl Mechanism) {
    let client = plaintext(server()).connect().unwrap();
    let session = client.authenticate(mechanism);
    let session = session.unwrap();
    drop(session.lock_mailbox("INBOX").unwrap());
}

#[track_caller]
fn is_refused(mechanism: impl Mechanism) -> latchbox::Error {
    let client = plaintext(server()).connect().unwrap();
    let refused = client.authenticate(mechanism).map(drop);
    let (error, client) = refused.unwrap_err().into_parts();
    assert!(error.is_auth() && !error.is_closed(), "{error}");
    // The client is as good as before.
    let user = server().user();
    client.login(user.name(), user.password()).unwrap();
    error
}

#[test]
fn plain_and_login() {
    let user = server().user();
    logs_in(Plain::new(user.name(), user.password()));
    logs_in(Login::new(user.name(), user.password()));
    let error = is_refused(Login::new(user.name(), "wrong"));
    assert_eq!(error.login_hint(), Some(LoginHint::CheckPassword));
}

#[test]
fn anonymous() {
    logs_in(Anonymous::new());
    logs_in(Anonymous::tracing("visitor@example.com"));
}

#[test]
fn xoauth2_and_oauthbearer() {
    let user = server().user();
    let good = token(user.name(), 3600);
    logs_in(XOAuth2::new(user.name(), good.clone()));
    logs_in(OAuthBearer::new(user.name(), good.clone()));
    logs_in(OAuthBearer::new(user.name(), good).at("localhost", server().port()));
    for token in [token(user.name(), -60), "garbage".to_owned()] {
        let error = is_refused(XOAuth2::new(user.name(), token.clone()));
        let oauth = error.oauth().unwrap();
        assert_eq!(oauth.status(), Some("401"));
        assert_eq!(oauth.scope(), Some("mail"));
        assert_eq!(error.login_hint(), Some(LoginHint::RenewToken));
        let error = is_refused(OAuthBearer::new(user.name(), token));
        assert_eq!(error.oauth().unwrap().status(), Some("invalid_token"));
    }
}

#[test]
fn external_by_the_clients_certificate() {
    let leaf = &certificates().client;
    let builder = Client::builder("127.0.0.1")
        .port(server().tls_port())
        .root_certificates_pem(certificates().authority.clone())
        .only_given_roots()
        .client_certificate_pem(leaf.certificate.clone(), leaf.key.clone());
    let client = builder.connect().unwrap();
    let session = client.authenticate(External::new());
    let session = session.unwrap();
    drop(session.lock_mailbox("INBOX").unwrap());
}

#[test]
fn a_choice_of_a_password_and_of_a_token() {
    let user = server().user();
    let good = token(user.name(), 3600);
    for choice in [
        LoginChoice::password(user.name(), user.password()),
        LoginChoice::password(user.name(), user.password()).only([LoginMethod::Login]),
        LoginChoice::token(user.name(), good.clone()),
        LoginChoice::token(user.name(), good).only([LoginMethod::XOAuth2]),
    ] {
        let client = plaintext(server()).connect().unwrap();
        let session = client.authenticate_with(&choice);
        drop(session.unwrap());
    }
}
#[test]
fn scram_and_cram_md5() {
    use latchbox::sasl::{CramMd5, Scram};
    for password in ["secret", "a,b=c d", "p\u{e4}ssw\u{f6}rd"] {
        let user = server().user_with(password, "");
        logs_in(Scram::sha_1(user.name(), password));
        logs_in(Scram::sha_256(user.name(), password));
        logs_in(CramMd5::new(user.name(), password));
    }
    let user = server().user();
    is_refused(Scram::sha_1(user.name(), "wrong"));
    is_refused(Scram::sha_256(user.name(), "wrong"));
    is_refused(Scram::sha_256("nobody", "wrong"));
    is_refused(CramMd5::new(user.name(), "wrong"));
    // It asks for 4096 rounds.
    is_refused(Scram::sha_256(user.name(), user.password()).min_iterations(4097));
}
#[test]
fn scram_is_chosen_first_and_needs_no_leave_for_cleartext() {
    let user = server().user();
    let client = Client::builder("127.0.0.1")
        .port(server().port())
        .danger_plaintext()
        .connect()
        .unwrap();
    let choice = LoginChoice::password(user.name(), user.password());
    let session = client.authenticate_with(&choice);
    drop(session.unwrap());
    assert!(server().log().contains("method=SCRAM-SHA-256"));
}
#[test]
fn scram_over_tls_without_plus_on_offer() {
    let user = server().user();
    let client = Client::builder("127.0.0.1")
        .port(server().tls_port())
        .root_certificates_pem(certificates().authority.clone())
        .only_given_roots()
        .connect()
        .unwrap();
    // The flag is `y` here, and Dovecot takes it.
    let session = client.authenticate(latchbox::sasl::Scram::sha_256(user.name(), user.password()));
    drop(session.unwrap());
}
