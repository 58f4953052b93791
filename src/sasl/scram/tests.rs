//! SCRAM: the examples of the RFCs, and servers that say what they must not.

use super::*;

/// An exchange whose nonce and answers are known.
struct Known {
    hash: ScramHash,
    nonce: &'static str,
    server_first: &'static str,
    client_last: &'static str,
    server_last: &'static str,
}

/// RFC 5802 section 5.
const SHA_1: Known = Known {
    hash: ScramHash::Sha1,
    nonce: "fyko+d2lbbFgONRv9qkxdawL",
    server_first: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    client_last: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
        p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    server_last: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
};

/// RFC 7677 section 3.
const SHA_256: Known = Known {
    hash: ScramHash::Sha256,
    nonce: "rOprNGfwEbeRWgbNEkqO",
    server_first: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    client_last: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    server_last: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

/// The same with SHA-512, computed by Python's `hashlib`.
const SHA_512: Known = Known {
    hash: ScramHash::Sha512,
    client_last: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
    server_last: "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2\
        rR7N7Zw==",
    ..SHA_256
};

/// The same with -PLUS and the octets 0 to 31 as the end point, computed by Python's `hashlib`.
const PLUS: Known = Known {
    client_last: "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,\
        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        p=nY1Wus9a+gM2DrbQ1msXFgyhW6KM5ktOxWiU+/P/EGY=",
    server_last: "v=RwppMGddhz/J0lFYaRReBjXcQeNUFP5Qc76Lo5Exrig=",
    ..SHA_256
};

/// That value by `tls-exporter`, with these octets, computed by Python's `hashlib`.
const EXPORTER: Known = Known {
    client_last: "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,\
        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        p=QC6CS20quADQRb3mT99YUH+n3VJxUvzuK0K0E1Vrs2M=",
    server_last: "v=2GiAgapEppLVlUXbxUDksL3VgYHzuqiK5tR4mhJGgvs=",
    ..SHA_256
};

impl Known {
    fn begun(&self) -> Scram {
        let mut scram = Scram::new(self.hash, "user".into(), "pencil".into());
        let first = scram.first_message(self.nonce.to_owned()).unwrap();
        let expected = format!("n,,n=user,r={}", self.nonce);
        assert_eq!(first.expose(), expected.as_bytes());
        scram
    }
}

fn said(secret: &Secret) -> &str {
    std::str::from_utf8(secret.expose()).unwrap()
}

fn channel<'a>(
    offered: &[&'a str],
    bindings: &'a [(ChannelBinding, Vec<u8>)],
) -> MechanismContext<'a> {
    MechanismContext {
        offered: offered.to_vec(),
        bindings,
    }
}

#[test]
fn the_exchanges_of_the_rfcs() {
    for known in [SHA_1, SHA_256, SHA_512] {
        let mut scram = known.begun();
        let last = scram.step(known.server_first.as_bytes()).unwrap();
        assert_eq!(said(&last), known.client_last);
        assert!(!scram.is_complete());
        let nothing = scram.step(known.server_last.as_bytes()).unwrap();
        assert_eq!(said(&nothing), "");
        assert!(scram.is_complete());
        let more = scram.step(b"v=AAAA").unwrap_err();
        assert_eq!(more, MechanismError::UnexpectedChallenge);
        assert!(!scram.is_complete());
    }
}

#[test]
fn a_binding_is_in_the_first_and_the_last_message() {
    let value: Vec<u8> = (0..32).collect();
    let end_point = (ChannelBinding::TlsServerEndPoint, value.clone());
    let exporter = (ChannelBinding::TlsExporter, value);
    let offered = ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
    for (binding, name, known) in [
        (end_point, "tls-server-end-point", PLUS),
        (exporter, "tls-exporter", EXPORTER),
    ] {
        let mut scram = Scram::sha_256("user", "pencil");
        scram.begin(&channel(&offered, &[binding])).unwrap();
        assert_eq!(scram.name(), "SCRAM-SHA-256-PLUS");
        let first = scram.first_message(known.nonce.to_owned()).unwrap();
        assert_eq!(said(&first), format!("p={name},,n=user,r={}", known.nonce));
        let last = scram.step(known.server_first.as_bytes()).unwrap();
        assert_eq!(said(&last), known.client_last);
        scram.step(known.server_last.as_bytes()).unwrap();
        assert!(scram.is_complete());
    }
}

const NO_TLS: &[(ChannelBinding, Vec<u8>)] = &[];
const END_POINT: &[(ChannelBinding, Vec<u8>)] = &[(ChannelBinding::TlsServerEndPoint, Vec::new())];
const BOTH: &[(ChannelBinding, Vec<u8>)] = &[
    (ChannelBinding::TlsServerEndPoint, Vec::new()),
    (ChannelBinding::TlsExporter, Vec::new()),
];

#[test]
fn the_flag_tells_what_the_client_could_and_the_server_seems_to() {
    let (scram, plus) = ("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS");
    let both = [scram, plus];
    let of_another = ["SCRAM-SHA-256", "SCRAM-SHA-1-PLUS"];
    let (by_end_point, by_exporter) = ("p=tls-server-end-point,,", "p=tls-exporter,,");
    for (offered, bindings, wish, flag, name) in [
        (&[scram][..], NO_TLS, Wish::WherePossible, "n,,", scram),
        (&both, NO_TLS, Wish::WherePossible, "n,,", scram),
        (&[scram], END_POINT, Wish::WherePossible, "y,,", scram),
        (&of_another, END_POINT, Wish::WherePossible, "y,,", scram),
        (&both, END_POINT, Wish::WherePossible, by_end_point, plus),
        (&both, END_POINT, Wish::Required, by_end_point, plus),
        (&both, END_POINT, Wish::Never, "n,,", scram),
        (&both, BOTH, Wish::WherePossible, by_exporter, plus),
        (&both, BOTH, Wish::Required, by_exporter, plus),
        (&both, BOTH, Wish::Never, "n,,", scram),
        (&[scram], BOTH, Wish::WherePossible, "y,,", scram),
    ] {
        let mut mechanism = Scram::sha_256("user", "pencil");
        mechanism.wish = wish;
        mechanism.begin(&channel(offered, bindings)).unwrap();
        assert_eq!((&*mechanism.header(), mechanism.name()), (flag, name));
    }
    for (offered, bindings) in [(&both[..], NO_TLS), (&[scram], END_POINT), (&[scram], BOTH)] {
        let mut mechanism = Scram::sha_256("user", "pencil").require_channel_binding();
        let error = mechanism.begin(&channel(offered, bindings)).unwrap_err();
        assert_eq!(error, MechanismError::NoChannelBinding);
    }
}

#[test]
fn a_binding_that_is_named_is_the_only_one() {
    let both = channel(&["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], BOTH);
    let end_point = channel(&["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], END_POINT);
    let named = |binding| Scram::sha_256("user", "pencil").channel_binding(binding);
    let mut scram = named(ChannelBinding::TlsServerEndPoint);
    scram.begin(&both).unwrap();
    assert_eq!(scram.header(), "p=tls-server-end-point,,");
    let mut scram = named(ChannelBinding::TlsExporter);
    scram.begin(&end_point).unwrap();
    assert_eq!((&*scram.header(), scram.name()), ("n,,", "SCRAM-SHA-256"));
    let mut scram = scram.require_channel_binding();
    let error = scram.begin(&end_point).unwrap_err();
    assert_eq!(error, MechanismError::NoChannelBinding);
}

#[test]
fn names_are_prepared_and_cannot_end_a_field() {
    for (user, acting_as, expected) in [
        ("a,b=c", "", "n,,n=a=2Cb=3Dc,r=nonce"),
        ("I\u{ad}X", "", "n,,n=IX,r=nonce"),
        ("\u{aa}", "", "n,,n=a,r=nonce"),
        ("🔑", "", "n,,n=🔑,r=nonce"),
        ("user", "x,y", "n,a=x=2Cy,n=user,r=nonce"),
    ] {
        let mut scram = Scram::sha_256(user, "pencil").acting_as(acting_as);
        let first = scram.first_message("nonce".into()).unwrap();
        assert_eq!(said(&first), expected);
    }
    for scram in [
        Scram::sha_256("a\0b", "pencil"),
        Scram::sha_256("user", "pen\0cil"),
        Scram::sha_256("user", "pencil").acting_as("a\0b"),
    ] {
        assert!(scram.clone().initial().is_err());
    }
}

#[test]
fn a_password_is_prepared_too() {
    let proof = |password: &str| {
        let mut scram = Scram::sha_256("user", password);
        scram.first_message(SHA_256.nonce.into()).unwrap();
        scram.step(SHA_256.server_first.as_bytes()).unwrap()
    };
    let (decomposed, composed) = (proof("pa\u{308}sse"), proof("p\u{e4}sse"));
    assert_eq!(said(&decomposed), said(&composed));
    assert_ne!(said(&composed), said(&proof("passe")));
    // No form in Unicode 3.2, and a login all the same.
    assert_ne!(said(&proof("🔑")), said(&proof("🗝")));
}

#[test]
fn what_a_server_must_not_say_first() {
    let rejected = |message: &str| {
        let mut scram = SHA_256.begun();
        scram.step(message.as_bytes()).map(drop).unwrap_err()
    };
    let nonce = "rOprNGfwEbeRWgbNEkqO%x";
    for message in [
        "".to_owned(),
        "r=".to_owned(),
        "s=W22Z,i=4096".to_owned(),
        "r=someone-elses,s=W22Z,i=4096".to_owned(),
        // Nothing of its own.
        "r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096".to_owned(),
        format!("m=ext,r={nonce},s=W22Z,i=4096"),
        format!("r={nonce},m=ext,s=W22Z,i=4096"),
        format!("r={nonce},i=4096"),
        format!("r={nonce},s=W22Z"),
        format!("r={nonce},s=,i=4096"),
        format!("r={nonce},s=W2*Z,i=4096"),
        format!("r={nonce},s=W22Z,i="),
        format!("r={nonce},s=W22Z,i=-4096"),
        format!("r={nonce},s=W22Z,i=+4096"),
        format!("r={nonce},s=W22Z,i=4096 "),
        SHA_256.server_last.to_owned(),
    ] {
        let error = rejected(&message);
        assert!(
            matches!(error, MechanismError::Rejected(_)),
            "{message}: {error}"
        );
    }
    let not_utf8 = SHA_256.begun().step(b"r=\xff").unwrap_err();
    assert!(matches!(not_utf8, MechanismError::Rejected(_)));
    let error = rejected("e=unknown-user,x=1");
    assert_eq!(error, MechanismError::Refused("unknown-user"));
    let error = rejected("e=<made up>");
    assert_eq!(error, MechanismError::Refused("other-error"));
}

#[test]
fn iterations_have_a_least_and_a_most() {
    let step = |scram: Scram, rounds: &str| {
        let mut scram = scram;
        scram.first_message("nonce".into()).unwrap();
        let message = format!("r=nonce+,s=W22Z,i={rounds}");
        scram.step(message.as_bytes()).map(drop)
    };
    let scram = || Scram::sha_256("user", "pencil");
    let refused = |asked| Err(MechanismError::Iterations { asked });
    assert_eq!(step(scram(), "4095"), refused(4095));
    assert_eq!(step(scram(), "0"), refused(0));
    assert_eq!(step(scram(), "1000001"), refused(1_000_001));
    assert_eq!(step(scram(), "2147483648"), refused(1 << 31));
    assert_eq!(step(scram(), &"9".repeat(1000)), refused(u32::MAX));
    assert_eq!(step(scram(), "4096"), Ok(()));
    assert_eq!(step(scram().min_iterations(10), "10"), Ok(()));
    assert_eq!(step(scram().max_iterations(5000), "5001"), refused(5001));
}

#[test]
fn a_server_that_proves_nothing_is_told_from_one_that_does() {
    let last = |message: &str| {
        let mut scram = SHA_256.begun();
        scram.step(SHA_256.server_first.as_bytes()).unwrap();
        let answer = scram.step(message.as_bytes()).map(drop);
        assert!(!scram.is_complete());
        answer.unwrap_err()
    };
    let wrong = SHA_256.server_last.replace("6r", "6s");
    assert_eq!(last(&wrong), MechanismError::ServerNotProved);
    assert_eq!(last("v=6rri"), MechanismError::ServerNotProved);
    assert_eq!(last(""), MechanismError::ServerNotProved);
    let error = last("e=invalid-proof");
    assert_eq!(error, MechanismError::Refused("invalid-proof"));
    for message in ["v=", "v=*", "x=6rri", "m=x,v=6rri", SHA_256.server_first] {
        let error = last(message);
        assert!(
            matches!(error, MechanismError::Rejected(_)),
            "{message}: {error}"
        );
    }
}

#[test]
fn a_second_exchange_has_another_nonce() {
    let mut scram = Scram::sha_256("user", "pencil");
    let one = scram.initial().unwrap().unwrap();
    let other = scram.initial().unwrap().unwrap();
    assert_ne!(one.expose(), other.expose());
    assert!(one.expose().len() >= "n,,n=user,r=".len() + 24);
}

/// The vectors of RFC 6070 and of draft-josefsson-scrypt-kdf; the last is of Python's `hashlib`.
#[test]
fn fault_15_the_rounds_in_pieces_are_pbkdf2() {
    for (hash, password, salt, iterations, expected) in [
        (
            ScramHash::Sha1,
            "password",
            "salt",
            1,
            "0c60c80f961f0e71f3a9b524af6012062fe037a6",
        ),
        (
            ScramHash::Sha1,
            "password",
            "salt",
            4096,
            "4b007901b765489abead49d926f721d065a429c1",
        ),
        (
            ScramHash::Sha256,
            "password",
            "salt",
            4096,
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a",
        ),
    ] {
        for iterations in [iterations, 2048, 2049, 5000] {
            let salted = hash.salted(
                password.as_bytes(),
                salt.as_bytes(),
                iterations,
                &mut || true,
            );
            assert_eq!(*salted.unwrap(), plainly(hash, password, salt, iterations));
        }
        let salted = hash.salted(
            password.as_bytes(),
            salt.as_bytes(),
            iterations,
            &mut || true,
        );
        let salted: String = salted
            .unwrap()
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect();
        assert_eq!(salted, expected);
    }
}

/// As the RFC describes it.
fn plainly(hash: ScramHash, password: &str, salt: &str, iterations: u32) -> Vec<u8> {
    let mut last = hash.hmac(
        password.as_bytes(),
        &[salt.as_bytes(), &[0, 0, 0, 1]].concat(),
    );
    let mut all = last.to_vec();
    for _ in 1..iterations {
        last = hash.hmac(password.as_bytes(), &last);
        all.iter_mut()
            .zip(last.iter())
            .for_each(|(sum, octet)| *sum ^= octet);
    }
    all
}

#[test]
fn fault_15_hashing_ends_once_it_is_not_wanted() {
    let mut asked = 0;
    let mut scram = SHA_256.begun().max_iterations(u32::MAX);
    let first = SHA_256.server_first.replace("i=4096", "i=4294967295");
    let ended = scram.step_while(first.as_bytes(), &mut || {
        asked += 1;
        asked < 3
    });
    assert_eq!(ended.unwrap_err(), MechanismError::Interrupted);
    assert_eq!(asked, 3);
    assert!(!scram.is_complete());
}
