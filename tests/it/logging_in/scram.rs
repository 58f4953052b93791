//! SCRAM against servers that do not know the password, ask for too much, or are not the one that
//! was connected to.

use latchbox::error::LoginAborted;
use latchbox::sasl::{LoginChoice, LoginMethod, MechanismError, Scram};
use latchbox::{Client, ClientBuilder, Error};

use crate::pieces::Connect;
use crate::sessions::TrustTheKit;
use crate::sessions::plaintext;
use crate::support::scram::{PASSWORD, Say, ScramServer, Setup, Step};
use crate::support::script::script;

const SCRAM: &str = "AUTH=PLAIN AUTH=SCRAM-SHA-256";
const PLUS: &str = "AUTH=PLAIN AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS";

fn scram() -> Scram {
    Scram::sha_256("ann", PASSWORD)
}

fn builder(server: &ScramServer, tls: bool) -> ClientBuilder {
    let builder = Client::builder("127.0.0.1").port(server.port());
    match tls {
        true => builder.trust_the_kit().only_given_roots(),
        false => builder.danger_plaintext(),
    }
}

/// What the server heard, and how the login went. Cleartext passwords are not allowed.
fn log_in(setup: Setup, scram: Scram) -> (Vec<String>, Result<(), Error>) {
    let tls = setup.tls;
    let server = setup.start();
    let client = builder(&server, tls).connect_in_pieces().unwrap();
    let result = client.authenticate(scram);
    let result = result.map(drop).map_err(latchbox::Error::from);
    (server.finish(), result)
}

fn with_tls(advertised: &'static str) -> Setup {
    Setup {
        tls: true,
        ..Setup::new(advertised)
    }
}

#[track_caller]
fn problem(error: &Error) -> &MechanismError {
    match error {
        Error::Login(LoginAborted::Mechanism(problem)) => problem,
        other => panic!("not the mechanism's: {other:?}"),
    }
}

/// The client breaks off and is not logged in.
#[track_caller]
fn breaks_off(setup: Setup, scram: Scram) -> MechanismError {
    let (heard, result) = log_in(setup, scram);
    assert_eq!(heard.last().unwrap(), "*", "{heard:?}");
    let error = result.unwrap_err();
    assert!(error.is_auth(), "{error:?}");
    problem(&error).clone()
}

#[test]
fn a_server_that_knows_the_password_gives_a_session() {
    for advertised in [SCRAM, "AUTH=SCRAM-SHA-1", "AUTH=SCRAM-SHA-512"] {
        let scram = match advertised {
            SCRAM => scram(),
            "AUTH=SCRAM-SHA-1" => Scram::sha_1("ann", PASSWORD),
            _ => Scram::sha_512("ann", PASSWORD),
        };
        let (heard, result) = log_in(Setup::new(advertised), scram);
        result.unwrap();
        assert_eq!(heard.len(), 3, "{heard:?}");
        assert_eq!(heard[2], "", "the server's proof is answered by nothing");
        assert!(!heard.concat().contains(PASSWORD));
    }
}

#[test]
fn attack_034_no_cleartext_password_in_the_place_of_scram() {
    let server = script("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=CRAM-MD5] ready\n");
    let choice = LoginChoice::password("ann", "secret").at_least(LoginMethod::ScramSha1);
    let refused = plaintext(server.port())
        .connect_in_pieces()
        .unwrap()
        .authenticate_with(&choice);
    let (error, client) = refused.map(drop).unwrap_err().into_parts();
    let nothing = matches!(error, Error::Login(LoginAborted::NothingSuitable { .. }));
    assert!(nothing, "{error:?}");
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_035_iterations_beyond_the_limits() {
    for (replaced, asked) in [
        ("i=2147483648", 1 << 31),
        ("i=99999999999999999999", u32::MAX),
        ("i=1000001", 1_000_001),
        ("i=4095", 4095),
        ("i=0", 0),
    ] {
        let mut setup = Setup::new(SCRAM);
        setup.twist = Box::new(move |_, text| Say::Challenge(text.replace("i=4096", replaced)));
        let refused = MechanismError::Iterations { asked };
        assert_eq!(breaks_off(setup, scram()), refused);
    }
    let (_, result) = log_in(Setup::new(SCRAM), scram().max_iterations(4096));
    result.unwrap();
}

#[test]
fn attack_036_a_first_message_that_makes_no_sense() {
    let twists: [fn(String) -> Say; 7] = [
        |_| Say::Challenge(String::new()),
        |text| Say::Challenge(text.replacen("r=", "r=x", 1)),
        |text| Say::Challenge(format!("m=whatever,{text}")),
        |text| Say::Challenge(text.replace(",s=", ",m=whatever,s=")),
        |text| Say::Challenge(text.replace(",s=", ",s=*")),
        |text| Say::Challenge(text.replace(",i=", ",x=")),
        |text| Say::Challenge(text.split(",s=").next().unwrap().to_owned()),
    ];
    for twist in twists {
        let setup = Setup::new(SCRAM).saying(Step::First, twist);
        let problem = breaks_off(setup, scram());
        assert!(
            matches!(problem, MechanismError::Rejected(_)),
            "{problem:?}"
        );
    }
    let setup = Setup::new(SCRAM).saying(Step::First, |_| Say::Line("+ !!!!".into()));
    let problem = breaks_off(setup, scram());
    assert!(
        matches!(problem, MechanismError::Rejected(_)),
        "{problem:?}"
    );
}

#[test]
fn attack_036_an_error_of_the_servers_is_told_by_its_name() {
    let refused: fn(String) -> Say = |_| Say::Challenge("e=no-resources".into());
    for at in [Step::First, Step::Last] {
        let setup = Setup::new(SCRAM).saying(at, refused);
        let expected = MechanismError::Refused("no-resources");
        assert_eq!(breaks_off(setup, scram()), expected);
    }
}

#[test]
fn attack_037_a_server_that_proves_nothing_gives_no_session() {
    let wrong: fn(String) -> Say = |_| Say::Challenge("v=AAAA".into());
    let setup = Setup::new(SCRAM).saying(Step::Last, wrong);
    let problem = breaks_off(setup, scram());
    assert_eq!(problem, MechanismError::ServerNotProved);

    // A proof of another exchange, of the right length.
    let other: fn(String) -> Say =
        |_| Say::Challenge("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".into());
    let setup = Setup::new(SCRAM).saying(Step::Last, other);
    let problem = breaks_off(setup, scram());
    assert_eq!(problem, MechanismError::ServerNotProved);

    let content: fn(String) -> Say = |_| Say::Line("{tag} OK [CAPABILITY IMAP4rev1] in".into());
    for (at, expected) in [
        (Step::First, MechanismError::Incomplete),
        (Step::Last, MechanismError::ServerNotProved),
    ] {
        let (_, result) = log_in(Setup::new(SCRAM).saying(at, content), scram());
        assert_eq!(*self::problem(&result.unwrap_err()), expected);
    }
}

#[test]
fn attack_037_a_wrong_password_is_refused_by_the_server() {
    let (_, result) = log_in(Setup::new(SCRAM), Scram::sha_256("ann", "pen"));
    let error = result.unwrap_err();
    assert!(
        matches!(error, Error::Refused(_)) && error.is_auth(),
        "{error:?}"
    );
}

fn header(heard: &[String]) -> (String, String) {
    use base64::Engine;
    let words: Vec<&str> = heard[0].split(' ').collect();
    let message = base64::prelude::BASE64_STANDARD.decode(words[3]).unwrap();
    let message = String::from_utf8(message).unwrap();
    let flag = message.split(',').next().unwrap().to_owned();
    (words[2].to_owned(), flag)
}

#[test]
fn attack_038_with_tls_the_login_is_tied_to_the_certificate() {
    let (heard, result) = log_in(with_tls(PLUS), scram());
    result.unwrap();
    let expected = ("SCRAM-SHA-256-PLUS", "p=tls-server-end-point");
    let (name, flag) = header(&heard);
    assert_eq!((&*name, &*flag), expected);

    // Without TLS there is nothing to tie it to, and where it is not offered that is told.
    let (heard, result) = log_in(Setup::new(SCRAM), scram());
    result.unwrap();
    assert_eq!(header(&heard), ("SCRAM-SHA-256".into(), "n".into()));
    let (heard, result) = log_in(with_tls(SCRAM), scram());
    result.unwrap();
    assert_eq!(header(&heard), ("SCRAM-SHA-256".into(), "y".into()));
}

#[test]
fn attack_038_an_offer_that_was_cut_out_on_the_way_is_noticed() {
    let stripped = Setup {
        has_plus: true,
        ..with_tls(SCRAM)
    };
    let (_, result) = log_in(stripped, scram());
    let error = result.unwrap_err();
    let text = "server-does-support-channel-binding";
    assert!(error.to_string().contains(text), "{error}");

    let (heard, result) = log_in(with_tls(SCRAM), scram().require_channel_binding());
    let error = result.unwrap_err();
    assert_eq!(*problem(&error), MechanismError::NoChannelBinding);
    assert!(heard.is_empty(), "{heard:?}");
}

#[test]
fn attack_038_whoever_stands_between_gets_no_session() {
    let between = Setup {
        between: true,
        ..with_tls(PLUS)
    };
    let (_, result) = log_in(between, scram());
    let error = result.unwrap_err().to_string();
    assert!(error.contains("channel-bindings-dont-match"), "{error}");
}

#[test]
fn attack_038_a_choice_binds_where_it_can_and_not_where_that_is_barred() {
    for (choice, expected) in [
        (
            LoginChoice::password("ann", PASSWORD),
            ("SCRAM-SHA-256-PLUS", "p=tls-server-end-point"),
        ),
        (
            LoginChoice::password("ann", PASSWORD).exclude([LoginMethod::ScramSha256Plus]),
            ("SCRAM-SHA-256", "n"),
        ),
    ] {
        let server = with_tls(PLUS).start();
        let client = builder(&server, true).connect_in_pieces().unwrap();
        let session = client.authenticate_with(&choice);
        drop(session.unwrap());
        let (name, flag) = header(&server.finish());
        assert_eq!((&*name, &*flag), expected);
    }
}
