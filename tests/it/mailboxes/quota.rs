//! QUOTA: what servers of RFC 2087 and RFC 9208 answer, and what is not sent.

use latchbox::Error;
use latchbox::quota::QuotaResource;
use latchbox::types::Capability;

use super::{assert_unsupported, server};

#[test]
fn a_mailbox_under_several_roots() {
    let (server, session) = server(
        "IMAP4rev1 QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE",
        r#"
        C: {a} GETQUOTAROOT "Entw&APw-rfe"
        S: * QUOTAROOT "Entw&APw-rfe" "" "%user/ann" "none"
        S: * QUOTA "" (STORAGE 10 512)
        S: * 5 EXISTS
        S: * QUOTA "%user/ann" (STORAGE 9 1000 MESSAGE 3 100)
        S: * QUOTA "none" ()
        S: {a} OK done
        C: {b} GETQUOTA "%user/ann"
        S: * QUOTA "" (STORAGE 1 1)
        S: * QUOTA "%user/ann" (MESSAGE 3 100)
        S: {b} OK done
        "#,
    );
    let quotas = session.quota().roots("Entwürfe").unwrap();
    assert_eq!(*quotas.mailbox(), "Entwürfe");
    assert_eq!(quotas.roots(), ["", "%user/ann", "none"]);
    let storage: Vec<_> = quotas
        .resource(&QuotaResource::Storage)
        .map(|usage| (usage.usage_octets(), usage.limit_octets()))
        .collect();
    let octets = |units: u64| Some(units * 1024);
    assert_eq!(
        storage,
        [(octets(10), octets(512)), (octets(9), octets(1000))]
    );
    assert!(quotas.quotas()[2].resources().is_empty());
    // What was told unasked for is of another root.
    let quota = session.quota().get("%user/ann").unwrap();
    assert_eq!(quota.to_string(), "quota \"%user/ann\": MESSAGE 3 of 100");
    drop(session);
    server.finish();
}

/// Courier tells of a root without limits, and Gmail of one whose name is empty.
#[test]
fn q80_roots_without_a_list_and_limits_beyond_32_bits() {
    let (server, session) = server(
        "IMAP4rev1 QUOTA",
        r#"
        C: {a} GETQUOTAROOT "INBOX"
        S: * QUOTAROOT "INBOX" "ROOT"
        S: * QUOTA "ROOT"
        S: {a} OK done
        C: {b} GETQUOTA ""
        S: * QUOTA "" (STORAGE 4294967296 18014398509481984)
        S: {b} OK done
        C: {c} GETQUOTAROOT "INBOX"
        S: * QUOTAROOT INBOX
        S: {c} OK done
        C: {d} GETQUOTA "gone"
        S: {d} OK nothing to tell
        C: {e} GETQUOTA "alice"
        S: {e} NO Permission denied
        "#,
    );
    let quotas = session.quota().roots("INBOX").unwrap();
    assert_eq!(quotas.roots(), ["ROOT"]);
    assert!(quotas.quotas()[0].resources().is_empty());
    let quota = session.quota().get("").unwrap();
    let storage = quota.resource(&QuotaResource::Storage).unwrap();
    assert_eq!(storage.limit_octets(), Some(u64::MAX));
    assert!(session.quota().roots("INBOX").unwrap().roots().is_empty());
    assert!(matches!(
        session.quota().get("gone"),
        Err(Error::MissingData(_))
    ));
    assert!(matches!(
        session.quota().get("alice"),
        Err(Error::Refused(_))
    ));
    drop(session);
    server.finish();
}

#[test]
fn fault_11_the_quota_of_another_root_is_not_the_answer() {
    let (server, session) = server(
        "IMAP4rev1 QUOTA",
        r#"
        C: {a} GETQUOTA "user/ann"
        S: * QUOTA "user/bob" (STORAGE 1 2)
        S: {a} OK done
        C: {b} SETQUOTA "user/ann" (STORAGE 5)
        S: * QUOTA "user/bob" (STORAGE 1 2)
        S: {b} OK done
        C: {c} GETQUOTA "user/ann"
        S: * QUOTA "User/Ann" (STORAGE 3 4)
        S: * QUOTA "user/bob" (STORAGE 1 2)
        S: {c} OK done
        C: {d} GETQUOTA "user/ann"
        S: * QUOTA "User/Ann" (STORAGE 3 4)
        S: * QUOTA "USER/ANN" (STORAGE 5 6)
        S: {d} OK done
        "#,
    );
    let quota = session.quota();
    assert!(matches!(
        quota.get("user/ann"),
        Err(Error::MissingData("GETQUOTA"))
    ));
    let limits = [(QuotaResource::Storage, 5)];
    assert_eq!(quota.set("user/ann", limits).unwrap(), None);
    assert_eq!(quota.get("user/ann").unwrap().root(), "User/Ann");
    // Which of the two is meant, is not known.
    assert!(matches!(
        quota.get("user/ann"),
        Err(Error::MissingData("GETQUOTA"))
    ));
    drop(session);
    server.finish();
}

/// Cyrus refuses, and takes what is left of the line for another command.
#[test]
fn q80_a_refused_change_of_limits_leaves_the_connection_in_step() {
    let (server, session) = server(
        "IMAP4rev1 QUOTA",
        r#"
        C: {a} SETQUOTA "user/ann" (STORAGE 500 X-NUM-FOLDERS 7)
        S: {a} NO Permission denied
        S: * BAD Invalid tag
        C: {b} SETQUOTA "" ()
        S: {b} OK done
        C: {c} SETQUOTA "" (MESSAGE 5)
        S: * QUOTA "" (MESSAGE 7 5)
        S: {c} OK done
        "#,
    );
    let limits = [
        (QuotaResource::Storage, 500),
        (QuotaResource::other("x-num-folders"), 7),
    ];
    let refused = session.quota().set("user/ann", limits).unwrap_err();
    assert!(matches!(refused, Error::Refused(_)));
    assert_eq!(session.quota().set("", []).unwrap(), None);
    let quota = session.quota().set("", [(QuotaResource::Message, 5)]);
    let quota = quota.unwrap().unwrap();
    assert_eq!(quota.resources()[0].remaining(), 0);
    drop(session);
    server.finish();
}

#[test]
fn nothing_is_sent_without_the_capability() {
    let (script, session) = server("IMAP4rev1", "");
    assert_unsupported(session.quota().get(""), &Capability::Quota);
    assert_unsupported(session.quota().roots("INBOX"), &Capability::Quota);
    assert_unsupported(session.quota().set("", []), &Capability::Quota);
    drop(session);
    script.finish();
    // A server of RFC 9208 says so where limits can be set.
    let (script, session) = server("IMAP4rev1 QUOTA QUOTA=RES-STORAGE", "");
    assert_unsupported(session.quota().set("", []), &Capability::QuotaSet);
    drop(session);
    script.finish();
}

/// A server that says it has it, and has not.
#[test]
fn a_command_that_is_refused_is_an_error_and_no_end() {
    let (server, session) = server(
        "IMAP4rev1 QUOTA",
        r#"
        C: {a} GETQUOTAROOT "INBOX"
        S: {a} BAD unknown command
        C: {b} NOOP
        S: {b} OK done
        "#,
    );
    let refused = session.quota().roots("INBOX").unwrap_err();
    assert!(matches!(refused, Error::Refused(_)) && !refused.is_closed());
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_103_names_of_roots_and_resources() {
    let (server, session) = server(
        "IMAP4rev1 QUOTA LITERAL+",
        r#"
        C: {a} GETQUOTA {10+}
        C: a
        C: A9 NOOP
        S: {a} NO there is none
        "#,
    );
    for name in ["a b", "", "a\r\nb", "(", "a\"", "\u{e4}", "{5}"] {
        let limits = [(QuotaResource::Other(name.into()), 1)];
        let refused = session.quota().set("", limits).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{name}");
    }
    let refused = session.quota().get("a\0b").unwrap_err();
    assert!(matches!(refused, Error::Argument(_)));
    assert!(session.quota().get("a\r\nA9 NOOP").is_err());
    drop(session);
    server.finish();
}
