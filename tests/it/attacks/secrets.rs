//! No password and no token in the log, in an error, or in what `Debug` shows: every mechanism and
//! every way to fail, in a process of its own whose log is kept at the finest level.

use std::fmt::Debug;
use std::process::Command;
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::sasl::{Choice, Login, Mechanism, OAuthBearer, Plain, Secret, XOAuth2};
use latchbox::{Account, Client, Credentials, Error, Session};
use log::{LevelFilter, Log, Metadata, Record};

use crate::scripted::plain;
use crate::support::script::{Script, script};

const CHILD: &str = "LATCHBOX_KEEPS_ITS_LOG";
const USER: &str = "ann@example.com";
const TOKEN: &str = "ya29.t0k3n-0f-ann";

/// In the forms that LOGIN has for them: quoted, quoted with escapes, a literal.
const PASSWORDS: [&str; 4] = ["pa55w0rd", "pa55 \"w\\0rd", "pa55wörd", "pa55\r\nw0rd"];

struct Kept(Mutex<Vec<String>>);

static KEPT: Kept = Kept(Mutex::new(Vec::new()));

impl Log for Kept {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}", record.level(), record.args());
        self.0.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

/// Shows what a person may come to see.
fn note(shown: impl Debug) {
    let mut kept = KEPT.0.lock().unwrap();
    kept.push(format!("{shown:?}"));
    kept.push(format!("{shown:#?}"));
}

fn note_all(result: Result<Session, (Error, Client)>) {
    match result {
        Ok(session) => note(session),
        Err((error, client)) => {
            note(error.to_string());
            note(error);
            note(client);
        }
    }
}

#[test]
fn attack_045_no_secret_in_the_log_or_in_what_is_shown() {
    if std::env::var_os(CHILD).is_none() {
        let name = "attacks::secrets::attack_045_no_secret_in_the_log_or_in_what_is_shown";
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stderr);
        let told = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{told}{said}");
        assert!(told.contains("1 passed"), "the child ran nothing: {told}");
        return;
    }
    log::set_logger(&KEPT).unwrap();
    log::set_max_level(LevelFilter::Trace);
    for password in PASSWORDS {
        by_login(password);
        by_mechanism(password, || Plain::new(USER, password));
        by_mechanism(password, || Login::new(USER, password));
        let choice = Choice::password(USER, password);
        note(&choice);
        note(Credentials::from(choice));
        note(Credentials::login(USER, password));
        note(Credentials::sasl(Plain::new(USER, password)));
        note(Secret::from(password));
        #[cfg(feature = "scram")]
        {
            by_mechanism(password, || latchbox::sasl::Scram::sha_256(USER, password));
            by_mechanism(password, || latchbox::sasl::CramMd5::new(USER, password));
        }
    }
    by_mechanism(TOKEN, || XOAuth2::new(USER, TOKEN));
    by_mechanism(TOKEN, || OAuthBearer::new(USER, TOKEN));
    by_account();
    check(&KEPT.0.lock().unwrap());
}

/// None of the secrets in any form in which they travel, and the log was not empty.
fn check(lines: &[String]) {
    let mut secrets: Vec<String> = vec![TOKEN.into(), "t0k3n".into(), "pa55".into()];
    for secret in PASSWORDS.iter().chain(&[TOKEN]) {
        secrets.push(BASE64_STANDARD.encode(secret));
        secrets.push(BASE64_STANDARD.encode(format!("\0{USER}\0{secret}")));
        secrets.push(secret.escape_default().to_string());
    }
    for message in [
        format!("user={USER}\x01auth=Bearer {TOKEN}\x01\x01"),
        format!("n,a={USER},\x01auth=Bearer {TOKEN}\x01\x01"),
    ] {
        secrets.push(BASE64_STANDARD.encode(message));
    }
    for line in lines {
        for secret in &secrets {
            assert!(!line.contains(secret.as_str()), "{secret} in: {line}");
        }
    }
    let sent = lines.iter().any(|line| line.contains("AUTHENTICATE"));
    let heard = lines.iter().any(|line| line.contains("S: "));
    assert!(sent && heard, "the wire is not in the log: {lines:?}");
}

fn connect(text: &str) -> (Script, Client) {
    let server = script(text);
    let client = plain(&server).connect().unwrap();
    (server, client)
}

/// What a hostile server answers to the command, with what it has heard in it.
fn answers(echo: &str) -> Vec<String> {
    vec![
        format!("S: {{a}} NO [AUTHENTICATIONFAILED] {echo}"),
        format!("S: {{a}} BAD {echo}"),
        format!("S: * OK [ALERT] {echo}\nS: * BYE {echo}"),
        format!("S: * NO {echo}\nS: {{a}} NO no"),
        format!("S: zz9 {echo} is no answer"),
        "cut".into(),
    ]
}

/// The secret as it was sent, and in base64; what takes two lines cannot be echoed.
fn forms(secret: &str) -> String {
    let encoded = BASE64_STANDARD.encode(secret);
    let escaped = secret.replace('\\', "\\\\").replace('"', "\\\"");
    match secret.contains(['\r', '\n']) {
        true => encoded,
        false => format!("{secret} {escaped} {encoded}"),
    }
}

fn by_login(password: &str) {
    for answer in answers(&forms(password)) {
        let rest = password.len() + 2;
        let command = match password.contains(['\r', 'ö']) {
            true => format!(
                "C: {{a}} LOGIN \"{USER}\" {{{}}}\nS: + go on\nC-literal: {rest}",
                rest - 2
            ),
            false => format!("C-start: {{a}} LOGIN \"{USER}\" \"pa55"),
        };
        let text = format!("S: * OK [CAPABILITY IMAP4rev1] ready\n{command}\n{answer}\n");
        let (server, client) = connect(&text);
        note_all(client.login(USER, password));
        server.finish();
    }
}

/// The exchange ends at its first message or later, with and without SASL-IR. What has been sent
/// until then comes back.
fn by_mechanism<M: Mechanism + Debug>(secret: &str, make: impl Fn() -> M) {
    note(make());
    let name = make().name();
    let initial = make().initial().unwrap();
    let plain = BASE64_STANDARD.encode(initial.as_ref().map_or(&b""[..], Secret::expose));
    let echo = match make().shows_secret() {
        true => format!("{} {plain}", forms(secret)),
        false => plain,
    };
    let prompt = format!(
        "S: + {}\nC-start: \n",
        BASE64_STANDARD.encode(r#"{"status":"401"}"#)
    );
    for ir in ["SASL-IR ", ""] {
        let greeting = format!("S: * OK [CAPABILITY IMAP4rev1 {ir}AUTH={name}] ready");
        let asked = match (ir, &initial) {
            ("", Some(_)) => "S: + \nC-start: \n".to_owned(),
            (_, Some(_)) => String::new(),
            // Name and password; a hash.
            (_, None) if name == "LOGIN" => prompt.repeat(2),
            (_, None) => prompt.clone(),
        };
        let begun = format!("{greeting}\nC-start: {{a}} AUTHENTICATE {name}\n{asked}");
        for answer in answers(&echo) {
            let (server, client) = connect(&format!("{begun}{answer}\n"));
            note_all(client.authenticate(make()));
            server.finish();
            // Once more, after one more challenge: answered, or by a `*`.
            let end = "S: {a} NO no\n";
            let (server, client) = connect(&format!("{begun}{prompt}{end}"));
            note_all(client.authenticate(make()));
            server.finish();
        }
    }
}

fn by_account() {
    let server = script("S: * OK [CAPABILITY IMAP4rev1] ready\nC-start: {a} LOGIN\nS: {a} NO no\n");
    let account = Account::new(plain(&server), || Ok(Credentials::login(USER, "pa55w0rd")));
    note(&account);
    let error = account.open().map(drop).unwrap_err();
    note(error);
    server.finish();
}
