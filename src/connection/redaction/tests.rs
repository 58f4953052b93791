//! Secrets in every form in which a server can repeat them.

use super::*;

fn cleaned(secret: &[u8], text: &str) -> String {
    let mut redaction = Redaction::default();
    redaction.hide_message(secret, None);
    redaction.cleaned(text.into()).into_owned()
}

#[test]
fn secrets_are_hidden_in_every_form_and_case() {
    for (message, text, expected) in [
        ("pa55", "no: pa55!", "no: ***!"),
        ("pa55", "no: PA55 and pa55", "no: *** and ***"),
        (
            "pa\"55",
            r#"LOGIN "a" "pa\"55" is"#,
            "LOGIN \"a\" \"***\" is",
        ),
        ("\0ann\0pa55", "pa55 AGFubgBwYTU1 is", "*** *** is"),
        ("\0ann\0pa55x", "AGFubgBwYTU1eA== AGFubgBwYTU1eA", "*** ***"),
        (
            "user=ann\x01auth=Bearer t0k3n\x01\x01",
            "T0K3N is old",
            "*** is old",
        ),
        (
            "c=biws,r=abc,p=cHJvb2Y=",
            "proof cHJvb2Y= is",
            "proof *** is",
        ),
        (
            "tim 0123456789abcdef0123456789abcdef",
            "0123456789ABCDEF0123456789abcdef?",
            "***?",
        ),
    ] {
        assert_eq!(cleaned(message.as_bytes(), text), expected, "{message:?}");
    }
    let latin = b"\0ann\0p\xe4ss";
    let text = String::from_utf8_lossy(b"p\xe4ss is wrong");
    assert_eq!(cleaned(latin, &text), "*** is wrong");
}

#[test]
fn what_breaks_off_in_the_middle_of_a_secret_is_hidden_too() {
    assert_eq!(cleaned(b"correct-horse", "LOGIN ann corr"), "LOGIN ann ***");
    assert_eq!(
        cleaned(b"correct-horse", "LOGIN ann correct-hors"),
        "LOGIN ann ***"
    );
    assert_eq!(cleaned(b"correct-horse", "not corrected"), "not corrected");
    assert_eq!(cleaned("gehööim".as_bytes(), "war gehö"), "war ***");
}

#[test]
fn fault_13_what_is_shortened_in_the_middle_of_a_text_is_hidden_too() {
    for (text, expected) in [
        ("correct-horse-batt... is wrong", "***... is wrong"),
        (
            "got \"correct-horse-batt\" from ann",
            "got \"***\" from ann",
        ),
        ("<CORRECT-HORSE-B> is wrong", "<***> is wrong"),
        ("correct-hor\u{2026} is wrong", "***\u{2026} is wrong"),
        ("correct... is wrong", "correct... is wrong"),
        ("correct-horse is wrong", "correct-horse is wrong"),
    ] {
        let mut redaction = Redaction::default();
        redaction.begin(b"correct-horse-battery");
        assert_eq!(redaction.cleaned(text.into()), expected);
    }
    // The first word of a secret is a word of many texts.
    let mut redaction = Redaction::default();
    redaction.begin(b"password123");
    let text = "wrong password for ann";
    assert_eq!(redaction.cleaned(text.into()), text);
}

#[test]
fn one_login_after_another_is_remembered_until_one_succeeds() {
    let mut redaction = Redaction::default();
    redaction.begin(b"first");
    assert!(!redaction.is_harmless(b"anything"));
    redaction.end();
    redaction.begin(b"second");
    redaction.end();
    assert!(redaction.is_harmless(b"A1 OK welcome"));
    assert!(!redaction.is_harmless(b"A2 NO not SECOND"));
    assert_eq!(redaction.cleaned("first, second".into()), "***, ***");
    redaction.clear();
    assert_eq!(redaction.cleaned("first".into()), "first");
}

#[test]
fn a_code_with_a_secret_in_it_is_none() {
    let mut redaction = Redaction::default();
    redaction.begin(br#"pa"55"#);
    for (text, is_kept) in [
        (r#"pa"55"#, false),
        (r#"pa\"55"#, false),
        (r#"PA\\\"55"#, false),
        ("pa", true),
    ] {
        let code = ResponseCode::Other {
            name: "X-ECHO".into(),
            text: Some(text.into()),
        };
        assert_eq!(!redaction.is_in_code(&code), is_kept, "{text}");
    }
}

/// What is hidden of the text after a login by this mechanism.
fn said_after(mechanism: &mut dyn crate::sasl::mechanism::Mechanism, text: &str) -> String {
    let mut redaction = Redaction::default();
    if let Some(message) = mechanism.initial().unwrap() {
        redaction.hide_message(message.expose(), mechanism.secrets());
    }
    for _ in 0..2 {
        let Ok(message) = mechanism.step(b"go on") else {
            break;
        };
        redaction.hide_message(message.expose(), mechanism.secrets());
    }
    redaction.cleaned(text.into()).into_owned()
}

#[test]
fn fault_13_names_are_no_secrets() {
    use crate::sasl::{Anonymous, External, Login, OAuthBearer, Plain, XOAuth2};
    let text = "alice@example.com acts as team@example.com at imap.example.com, port 993";
    let names = ("alice@example.com", "team@example.com");
    let plain = Plain::new(names.0, "pa55w0rd").acting_as(names.1);
    let bearer = OAuthBearer::new(names.0, "t0k3n-0f-alice").at("imap.example.com", 993);
    let mut mechanisms: Vec<Box<dyn crate::sasl::mechanism::Mechanism>> = vec![
        Box::new(plain),
        Box::new(Login::new(names.0, "pa55w0rd")),
        Box::new(bearer),
        Box::new(XOAuth2::new(names.0, "t0k3n-0f-alice")),
        Box::new(External::new().acting_as(names.1)),
        Box::new(Anonymous::tracing(names.0)),
    ];
    #[cfg(feature = "scram")]
    mechanisms.extend([
        Box::new(crate::sasl::CramMd5::new(names.0, "pa55w0rd")) as _,
        Box::new(crate::sasl::Scram::sha_256(names.0, "pa55w0rd").acting_as(names.1)) as _,
    ]);
    for mut mechanism in mechanisms {
        let mechanism = &mut *mechanism;
        assert_eq!(said_after(mechanism, text), text, "{}", mechanism.name());
    }
}

#[test]
fn fault_13_secrets_in_every_encoding() {
    for (secret, text, expected) in [
        // The case of letters that are not ASCII.
        ("gehöims4che", "GEHÖIMS4CHE ist falsch", "*** ist falsch"),
        ("straßenb4hn", "STRASSENB4HN", "***"),
        ("λόγος-λόγος", "ΛΌΓΟΣ-ΛΌΓΟΣ", "***"),
        // Percent-encoded, in part or wholly.
        (
            "pa%55 w+rd",
            "imap://ann:pa%2555%20w%2Brd@host",
            "imap://ann:***@host",
        ),
        ("pa55wörd", "x=p%61%355w%C3%B6rd&y=1", "x=***&y=1"),
        ("pa55 w0rd", "p=pa55+w0rd", "p=***"),
        // Quoted, once and twice.
        (r#"pa"5\5w"#, r#"LOGIN "pa\"5\\5w" no"#, r#"LOGIN "***" no"#),
        (
            r#"pa"5\5w"#,
            r#"got \"pa\\\"5\\\\5w\" no"#,
            r#"got \"***" no"#,
        ),
        // In the base64 of something else, whatever stands before it, in either alphabet.
        ("pa55w0rd", "is cGE1NXcwcmQ= so", "is *** so"),
        ("pa55w0rd", "is eHBhNTV3MHJkeA== so", "is *** so"),
        ("pa55w0rd", "is eHhwYTU1dzByZHh4 so", "is *** so"),
        ("\u{3ff}\u{3ff}\u{3ff}", "is x8-_z7_Pvw so", "is *** so"),
        ("~~~~???~~~", "is fn5-fj8_P35-fg so", "is *** so"),
        // Percent-encoded with a `+` that is one, and in quotes that are escaped and encoded.
        ("pa+55/w0rd=x", "p=pa+55%2Fw0rd%3Dx", "p=***"),
        (r#"pa"55/w0rd"#, r"is pa%5C%2255%5C/w0rd so", "is *** so"),
        // Base64 that is encoded, escaped, broken by blanks, or cut off.
        (
            "pa55>>>w0rd??",
            "is cGE1NT4%2BPncwcmQ%2FPw%3D%3D so",
            "is *** so",
        ),
        ("pa55???w0rd", r"is eHBhNTU\/Pz93MHJkeA== so", "is *** so"),
        (
            "pa55???w0rd",
            "is eHBhNTU%2FPz93MHJkeA%3D%3D so",
            "is *** so",
        ),
        (
            "pa55w0rd-long",
            "is eHhwYTU1 dzByZC1sb25neA== so",
            "is *** so",
        ),
        ("pa55w0rd-long", "is eHhwYTU1dzByZC1s... so", "is ***... so"),
        ("pa55w0rd-long", "is eHhwYTU1dz", "is ***"),
        // Of a LOGIN with the password in quotes.
        (
            r#"pa"55\w0rd"#,
            "is TE9HSU4gYW5uICJwYVwiNTVcXHcwcmQi so",
            "is *** so",
        ),
    ] {
        let mut redaction = Redaction::default();
        redaction.begin(secret.as_bytes());
        assert_eq!(redaction.cleaned(text.into()), expected, "{secret}");
    }
}

#[test]
fn fault_13_short_secrets_leave_ordinary_words_alone() {
    for (secret, text, expected) in [
        ("pass", "wrong password: pass", "wrong password: ***"),
        (
            "1",
            "try again in 10 seconds, not 1",
            "try again in 10 seconds, not ***",
        ),
        ("a", "a wrong name", "*** wrong name"),
        ("in", "login is wrong within", "login is wrong within"),
        ("12345678", "id 0123456789", "id 0***9"),
    ] {
        let mut redaction = Redaction::default();
        redaction.begin(secret.as_bytes());
        assert_eq!(redaction.cleaned(text.into()), expected, "{secret}");
    }
}

#[test]
fn fault_13_codes_are_never_mangled() {
    for secret in [
        "a",
        "1",
        "imap",
        "text",
        "authenticationfailed",
        "UIDNEXT",
        "some",
        "9",
    ] {
        let mut redaction = Redaction::default();
        redaction.begin(secret.as_bytes());
        for code in [
            ResponseCode::AuthenticationFailed,
            ResponseCode::Unavailable,
            ResponseCode::WebAlert("https://provider.example.com/4711".into()),
            ResponseCode::Referral(vec!["imaps://ann@elsewhere.example.com/".into()]),
            ResponseCode::MaxConvertMessages(9),
        ] {
            assert!(!redaction.is_in_code(&code), "{secret} in {code}");
        }
    }
    let mut redaction = Redaction::default();
    redaction.begin(b"pa55");
    let code = ResponseCode::Referral(vec!["imap://ann:pa55@elsewhere.example.com/".into()]);
    assert!(redaction.is_in_code(&code));
}
