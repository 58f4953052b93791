//! What a search returns: from servers with ESEARCH, without, and with one of their own.

use std::num::NonZeroU32;

use latchbox::command::{Search, SearchResult};
use latchbox::types::{ModSeq, PartialRange, SearchKey, SearchReturn, Uid};
use latchbox::{Error, Result};

use super::on;

const EVERYTHING: SearchReturn = SearchReturn::new().min().max().count().all();

fn find(capabilities: &str, script: &str, returns: SearchReturn) -> Result<SearchResult> {
    on(capabilities, script, |inbox| {
        inbox.run(Search::new(SearchKey::Seen).returning(returns))
    })
}

#[track_caller]
fn assert_is(result: &SearchResult, min: u32, max: u32, count: u32, all: &str) {
    assert_eq!((result.min(), result.max()), (Uid::new(min), Uid::new(max)));
    assert_eq!(result.count(), Some(count));
    let found = result.all().unwrap();
    assert_eq!(found.to_string(), all);
    assert_eq!(found.origin().unwrap().mailbox().as_str(), "INBOX");
}

fn page(returns: SearchReturn) -> SearchReturn {
    let two = NonZeroU32::new(2).unwrap();
    returns.partial(PartialRange::last(two))
}

#[test]
fn without_esearch_all_of_it_is_computed() {
    let script = "
        C: {a} UID SEARCH SEEN
        S: * SEARCH 9 2 3
        S: {a} OK done
    ";
    let result = find("IMAP4rev1", script, page(EVERYTHING)).unwrap();
    assert_is(&result, 2, 9, 3, "2:3,9");
    assert_eq!(result.partial().unwrap().to_string(), "3,9");
}

#[test]
fn q87_no_answer_is_no_hits() {
    for answer in ["", "S: * SEARCH", "S: * SEARCH ", "S: * SEARCH (MODSEQ 5)"] {
        let script = format!("C: {{a}} UID SEARCH SEEN\n{answer}\nS: {{a}} OK done\n");
        let result = find("IMAP4rev1", &script, page(EVERYTHING)).unwrap();
        assert_is(&result, 0, 0, 0, "");
        assert!(result.partial().unwrap().is_empty());
    }
}

#[test]
fn q83_search_instead_of_esearch_is_understood() {
    let script = "
        C: {a} UID SEARCH RETURN (MIN COUNT) SEEN
        S: * SEARCH 2 3 9
        S: {a} OK done
    ";
    let returns = SearchReturn::new().min().count();
    let result = find("IMAP4rev1 ESEARCH", script, returns).unwrap();
    assert_eq!((result.min(), result.max()), (Uid::new(2), None));
    assert_eq!((result.count(), result.all()), (Some(3), None));
}

#[test]
fn q84_q86_esearch_without_uid_and_in_parentheses_is_that_of_the_command() {
    let script = "
        C: {a} UID SEARCH RETURN (MIN MAX COUNT ALL) SEEN
        S: * ESEARCH (TAG \"{a}\") (MIN 2 MAX 9 COUNT 3 ALL 2:3,9)
        S: {a} OK done
    ";
    let result = find("IMAP4rev1 ESEARCH", script, EVERYTHING).unwrap();
    assert_is(&result, 2, 9, 3, "2:3,9");
}

#[test]
fn rev2_has_esearch_without_naming_it() {
    let script = "
        C: {a} UID SEARCH RETURN (COUNT) SEEN
        S: * ESEARCH (TAG \"{a}\") UID COUNT 7
        S: {a} OK done
    ";
    let result = find("IMAP4rev2", script, SearchReturn::new().count()).unwrap();
    assert_eq!(result.count(), Some(7));
}

#[test]
fn attack_089_the_answer_to_another_search_is_none() {
    let script = "
        C: {a} UID SEARCH RETURN (MIN MAX COUNT ALL) SEEN
        S: * ESEARCH (TAG \"other\") UID MIN 1 MAX 99 COUNT 99 ALL 1:99
        S: * ESEARCH (TAG \"{a}\") UID MIN 2 MAX 9 COUNT 3 ALL 2:3,9
        S: {a} OK done
    ";
    let result = find("IMAP4rev1 ESEARCH", script, EVERYTHING).unwrap();
    assert_is(&result, 2, 9, 3, "2:3,9");
}

#[test]
fn what_is_left_out_is_no_zero() {
    for (answer, returns) in [
        (
            "S: * ESEARCH (TAG \"{a}\") UID",
            SearchReturn::new().count(),
        ),
        ("", SearchReturn::new().count()),
        (
            "S: * ESEARCH (TAG \"{a}\") UID MIN 2",
            page(SearchReturn::new().min()),
        ),
    ] {
        let asked = match returns == SearchReturn::new().count() {
            true => "COUNT",
            false => "MIN PARTIAL -1:-2",
        };
        let script =
            format!("C: {{a}} UID SEARCH RETURN ({asked}) SEEN\n{answer}\nS: {{a}} OK done\n");
        let error = find("IMAP4rev1 ESEARCH PARTIAL", &script, returns).unwrap_err();
        assert!(
            matches!(error, Error::MissingData(_)),
            "{answer}: {error:?}"
        );
    }
}

#[test]
fn a_page_of_nothing_is_empty() {
    for answer in [
        "PARTIAL (-1:-2 NIL)",
        "COUNT 0",
        "PARTIAL (-1:-2 NIL) COUNT 0",
    ] {
        let script = format!(
            "
            C: {{a}} UID SEARCH RETURN (COUNT PARTIAL -1:-2) SEEN
            S: * ESEARCH (TAG \"{{a}}\") UID COUNT 0 {answer}
            S: {{a}} OK done
            "
        );
        let returns = page(SearchReturn::new().count());
        let result = find("IMAP4rev1 ESEARCH PARTIAL", &script, returns).unwrap();
        assert!(result.partial().unwrap().is_empty());
    }
}

#[test]
fn the_mod_sequence_comes_in_either_form() {
    let three = ModSeq::new(3);
    for (capabilities, asked, answer) in [
        ("IMAP4rev1 CONDSTORE", "", "* SEARCH 2 (MODSEQ 3)"),
        (
            "IMAP4rev1 CONDSTORE ESEARCH",
            "RETURN (ALL) ",
            "* ESEARCH (TAG \"{a}\") UID ALL 2 MODSEQ 3",
        ),
    ] {
        let script =
            format!("C: {{a}} UID SEARCH {asked}MODSEQ 2\nS: {answer}\nS: {{a}} OK done\n");
        let key = SearchKey::ModSeq(ModSeq::new(2).unwrap());
        let result = on(capabilities, &script, |inbox| {
            inbox.run(Search::new(&key).returning(SearchReturn::new()))
        });
        let result = result.unwrap();
        assert_eq!(result.mod_seq(), three);
        assert_eq!(result.all().unwrap().to_string(), "2");
    }
}

#[test]
fn hazard_h15_an_answer_that_cannot_be_read_is_not_no_hits() {
    for answer in [
        "* ESEARCH (TAG \"{a}\") UID ALL 1,x",
        "* SEARCH 1 x",
        "* ESEARCH (TAG \"{a}\") UID COUNT many",
    ] {
        let script = format!(
            "C: {{a}} UID SEARCH RETURN (MIN MAX COUNT ALL) SEEN\nS: {answer}\nS: {{a}} OK done\n"
        );
        let error = find("IMAP4rev1 ESEARCH", &script, EVERYTHING).unwrap_err();
        assert!(matches!(error, Error::Unparsable(_)), "{answer}: {error:?}");
    }
}

#[test]
fn sequence_numbers_are_returned_as_such() {
    let script = "
        C: {a} SEARCH RETURN (MIN ALL) SEEN
        S: * ESEARCH (TAG \"{a}\") MIN 2 ALL 2:3
        S: {a} OK done
        C: {b} FETCH 2:3 (UID FLAGS)
        S: * 2 FETCH (UID 5 FLAGS ())
        S: {b} OK done
    ";
    on("IMAP4rev1 ESEARCH", script, |inbox| {
        let mut numbered = inbox.numbered();
        let returns = SearchReturn::new().min().all();
        let found = numbered.run(Search::new(SearchKey::Seen).returning(returns))?;
        assert_eq!(found.min().unwrap().value(), 2);
        let items = [latchbox::types::FetchItem::Flags];
        let messages = numbered.fetch(found.all().unwrap(), items)?;
        assert_eq!(messages.into_iter().count(), 1);
        Ok(())
    })
    .unwrap();
}
