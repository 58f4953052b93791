//! Results that the server keeps, and what takes their place where it does not.

use latchbox::Error;
use latchbox::types::{FetchItem, Flag, ResponseCode, SearchKey, StoreAction};

use super::on;

#[test]
fn without_searchres_the_uids_are_named() {
    for (capabilities, returns) in [
        ("IMAP4rev1 UIDPLUS MOVE", ""),
        ("IMAP4rev1 UIDPLUS MOVE SEARCHRES", ""),
        ("IMAP4rev1 UIDPLUS MOVE ESEARCH", "RETURN (ALL) "),
    ] {
        let script = format!(
            "
            C: {{a}} UID SEARCH {returns}SEEN
            S: * SEARCH 2 3 9
            S: {{a}} OK done
            C: {{b}} UID SEARCH {returns}UID 2:3,9 DRAFT
            S: * SEARCH 9
            S: {{b}} OK done
            C: {{c}} UID COPY 9 \"Box\"
            S: {{c}} OK done
            C: {{d}} UID MOVE 9 \"Box\"
            S: {{d}} OK done
            "
        );
        on(capabilities, &script, |inbox| {
            let mut seen = inbox.search_saved(SearchKey::Seen)?;
            assert_eq!((seen.count(), seen.is_on_server()), (3, false));
            assert_eq!(seen.uids()?.to_string(), "2:3,9");
            let mut drafts = seen.narrow(SearchKey::Draft)?;
            assert_eq!(drafts.count(), 1);
            drafts.copy("Box")?;
            drafts.move_to("Box")
        })
        .unwrap();
    }
}

const SAVING: &str = "IMAP4rev1 ESEARCH SEARCHRES UIDPLUS";

#[test]
fn what_is_removed_is_removed_by_uid() {
    let script = "
        C: {a} UID SEARCH RETURN (SAVE COUNT) SEEN
        S: * ESEARCH (TAG \"{a}\") UID COUNT 2
        S: {a} OK done
        C: {b} UID SEARCH RETURN (ALL) $
        S: * ESEARCH (TAG \"{b}\") UID ALL 2:3
        S: {b} OK done
        C: {c} UID STORE 2:3 +FLAGS.SILENT (\\Deleted)
        S: {c} OK done
        C: {d} UID EXPUNGE 2:3
        S: {d} OK done
    ";
    on(SAVING, script, |inbox| {
        inbox.search_saved(SearchKey::Seen)?.delete()
    })
    .unwrap();
}

#[test]
fn a_result_that_cannot_be_kept_is_no_view() {
    let script = "
        C: {a} UID SEARCH RETURN (SAVE COUNT) SEEN
        S: {a} NO [NOTSAVED] too many
        C: {b} UID SEARCH RETURN (SAVE COUNT) SEEN
        S: {b} OK and not a word of how many
        C: {c} UID SEARCH RETURN (SAVE COUNT) SEEN
        S: * ESEARCH (TAG \"{c}\") UID COUNT 3
        S: {c} OK done
        C: {d} UID SEARCH RETURN (SAVE COUNT) $ DRAFT
        S: {d} NO [NOTSAVED] too many
    ";
    on(SAVING, script, |inbox| {
        let refused = inbox.search_saved(SearchKey::Seen).unwrap_err();
        let code = refused.response_code().map(ResponseCode::name);
        assert_eq!(code, Some("NOTSAVED"));
        let silent = inbox.search_saved(SearchKey::Seen).unwrap_err();
        assert!(matches!(silent, Error::MissingData(_)), "{silent:?}");
        let seen = inbox.search_saved(SearchKey::Seen)?;
        assert!(seen.narrow(SearchKey::Draft).is_err());
        Ok(())
    })
    .unwrap();
}

/// By RFC 5182 the code comes with NO. Beside an OK it means the same: `$` is another result.
#[test]
fn fault_03_a_result_that_was_not_kept_is_no_view_whatever_the_status() {
    for answer in [
        "S: {t} OK [NOTSAVED] too many",
        "S: * OK [NOTSAVED] too many\nS: {t} OK done",
        "S: * NO [NOTSAVED] too many\nS: {t} OK done",
    ] {
        let answer = |tag: &str| answer.replace("{t}", &format!("{{{tag}}}"));
        let script = format!(
            "
            C: {{a}} UID SEARCH RETURN (SAVE COUNT) SEEN
            S: * ESEARCH (TAG \"{{a}}\") UID COUNT 2
            {}
            C: {{b}} UID SEARCH RETURN (SAVE COUNT) SEEN
            S: * ESEARCH (TAG \"{{b}}\") UID COUNT 2
            S: {{b}} OK done
            C: {{c}} UID SEARCH RETURN (SAVE COUNT) $ DRAFT
            S: * ESEARCH (TAG \"{{c}}\") UID COUNT 1
            {}
            ",
            answer("a"),
            answer("c"),
        );
        on(SAVING, &script, |inbox| {
            let unsaved = inbox.search_saved(SearchKey::Seen).unwrap_err();
            assert!(matches!(unsaved, Error::MissingData(_)), "{unsaved:?}");
            let seen = inbox.search_saved(SearchKey::Seen)?;
            assert!(seen.narrow(SearchKey::Draft).is_err());
            Ok(())
        })
        .unwrap();
    }
}

/// A server that answers as if SAVE had not been said has told the UIDs.
#[test]
fn q83_a_plain_answer_to_save_is_taken_by_its_uids() {
    let script = "
        C: {a} UID SEARCH RETURN (SAVE COUNT) SEEN
        S: * SEARCH 2 3
        S: {a} OK done
        C: {b} UID STORE 2:3 +FLAGS (\\Flagged)
        S: {b} OK done
    ";
    on(SAVING, script, |inbox| {
        let mut seen = inbox.search_saved(SearchKey::Seen)?;
        assert_eq!((seen.count(), seen.is_on_server()), (2, false));
        seen.store(StoreAction::Add, [Flag::Flagged])
    })
    .unwrap();
}

#[test]
fn what_the_server_answers_for_the_kept_result_belongs_to_it() {
    let script = "
        C: {a} UID SEARCH RETURN (SAVE COUNT) SEEN
        S: * ESEARCH (TAG \"{a}\") UID COUNT 2
        S: {a} OK done
        C: {b} UID FETCH $ (UID FLAGS)
        S: * 1 FETCH (UID 2 FLAGS (\\Seen))
        S: * 3 FETCH (UID 9 FLAGS (\\Seen))
        S: {b} OK done
        C: {c} UID STORE $ -FLAGS (\\Seen)
        S: * 1 FETCH (UID 2 FLAGS ())
        S: {c} OK done
    ";
    on(SAVING, script, |inbox| {
        let mut seen = inbox.search_saved(SearchKey::Seen)?;
        let messages = seen.fetch([FetchItem::Uid, FetchItem::Flags])?;
        assert_eq!(messages.into_iter().count(), 2);
        let stored = seen.store(StoreAction::Remove, [Flag::Seen])?;
        assert_eq!(stored.changed().len(), 1);
        Ok(())
    })
    .unwrap();
}
