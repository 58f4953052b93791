//! CREATE with a special use, and what it came to.

use latchbox::Error;
use latchbox::command::Create;
use latchbox::types::{Capability, ResponseCode, SpecialUse};

use crate::scripted::logged_in_with;

const CAPABILITIES: &str = "IMAP4rev1 LIST-EXTENDED SPECIAL-USE CREATE-SPECIAL-USE";

#[test]
fn a_use_that_is_given_and_one_that_is_not_are_told_apart() {
    for (attributes, expected) in [("\\Archive", vec![SpecialUse::Archive]), ("", vec![])] {
        let (server, session) = logged_in_with(
            CAPABILITIES,
            &format!(
                r#"
                C: {{a}} CREATE "Kept" (USE (\Archive \Junk))
                S: {{a}} OK [MAILBOXID (F7)] done
                C: {{b}} LIST "" "Kept" RETURN (SPECIAL-USE)
                S: * LIST ({attributes}) "/" Kept
                S: {{b}} OK done
                "#
            ),
            |builder| builder,
        );
        let created = session
            .run(
                Create::new("Kept")
                    .unwrap()
                    .special_use(SpecialUse::Archive)
                    .special_use(SpecialUse::Junk),
            )
            .unwrap();
        assert_eq!(created.special_uses(), Some(&expected[..]));
        assert_eq!(created.mailbox_id(), Some("F7"));
        drop(session);
        server.finish();
    }
}

#[test]
fn a_created_mailbox_is_no_error_when_the_question_after_it_fails() {
    let (server, session) = logged_in_with(
        CAPABILITIES,
        r#"
        C: {a} CREATE "Kept" (USE (\Archive))
        S: {a} OK done
        C: {b} LIST "" "Kept" RETURN (SPECIAL-USE)
        S: {b} NO not now
        C: {c} CREATE "Sent" (USE (\Sent))
        S: {c} NO [USEATTR] there is one
        "#,
        |builder| builder,
    );
    let created = session
        .run(
            Create::new("Kept")
                .unwrap()
                .special_use(SpecialUse::Archive),
        )
        .unwrap();
    assert_eq!(created.special_uses(), None);
    let refused = session
        .run(Create::new("Sent").unwrap().special_use(SpecialUse::Sent))
        .unwrap_err();
    assert_eq!(refused.response_code(), Some(&ResponseCode::UseAttr));
    drop(session);
    server.finish();
}

#[test]
fn without_the_extension_a_use_is_refused_and_a_plain_create_is_not() {
    let (server, session) = logged_in_with(
        "IMAP4rev1",
        r#"
        C: {a} CREATE "Kept"
        S: {a} OK done
        "#,
        |builder| builder,
    );
    match session.run(
        Create::new("Kept")
            .unwrap()
            .special_use(SpecialUse::Archive),
    ) {
        Err(Error::Unsupported(missing)) => {
            assert_eq!(*missing.capability(), Capability::CreateSpecialUse);
        }
        other => panic!("{other:?}"),
    }
    let created = session.run(Create::new("Kept").unwrap()).unwrap();
    assert_eq!((created.special_uses(), created.mailbox_id()), (None, None));
    drop(session);
    server.finish();
}
