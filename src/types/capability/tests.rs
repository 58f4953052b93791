//! Capabilities by their names, and what follows from them.

use super::*;

fn read(text: &str) -> Capabilities {
    Capabilities::from_server(text.as_bytes())
}

#[test]
fn every_word_is_read_as_it_is_written_in_any_case() {
    for (word, capability) in WORDS {
        assert_eq!(capability.to_string(), *word);
        assert_eq!(word.to_lowercase().parse().as_ref(), Ok(capability));
    }
}

#[test]
fn words_with_values_are_read_as_they_are_written() {
    let cases = [
        ("APPENDLIMIT", Capability::AppendLimit(None)),
        (
            "APPENDLIMIT=35651584",
            Capability::AppendLimit(Some(35_651_584)),
        ),
        (
            "AUTH=SCRAM-SHA-256",
            Capability::Auth("SCRAM-SHA-256".into()),
        ),
        ("COMPRESS=DEFLATE", Capability::Compress("DEFLATE".into())),
        ("I18NLEVEL=1", Capability::I18nLevel(1)),
        ("MESSAGELIMIT=1000", Capability::MessageLimit(1000)),
        (
            "QUOTA=RES-STORAGE",
            Capability::QuotaResource("STORAGE".into()),
        ),
        ("RIGHTS=texk", Capability::Rights("texk".into())),
        ("SAVELIMIT=1000", Capability::SaveLimit(1000)),
        ("THREAD=REFERENCES", Capability::Thread("REFERENCES".into())),
        ("X-NEW", Capability::Other("X-NEW".into())),
        ("X-NEW=Value=2", Capability::Other("X-NEW=Value=2".into())),
        ("X-NEW=", Capability::Other("X-NEW=".into())),
        (
            "APPENDLIMIT=9e6",
            Capability::Other("APPENDLIMIT=9e6".into()),
        ),
    ];
    for (word, capability) in cases {
        assert_eq!(word.parse(), Ok(capability.clone()), "{word}");
        assert_eq!(capability.to_string(), word);
    }
    assert_eq!("auth=plain".parse(), Ok(Capability::Auth("PLAIN".into())));
    assert_eq!("x-new".parse(), "X-NEW".parse::<Capability>());
}

#[test]
fn q12_to_q14_odd_lists_are_read() {
    let odd = read(" imap4REV1  Idle  LITERAL + * CAPABILITY auth=Plain (x) \"y\" \r\n");
    assert!(odd.contains(&Capability::Imap4Rev1) && odd.contains(&Capability::Idle));
    assert!(odd.offers_mechanism("PLAIN"));
    assert!(!odd.allows_literal_plus(), "a lone + promises nothing");
    assert_eq!(odd.to_string(), "IMAP4rev1 IDLE AUTH=PLAIN LITERAL");
    assert!(read("").is_empty());
    assert!(read("\u{fc} \u{0}").is_empty());
}

#[test]
fn literals_go_at_once_as_far_as_the_server_said() {
    assert!(!read("IMAP4rev1").allows_literal_at_once(0));
    assert!(read("LITERAL-").allows_literal_at_once(4096));
    assert!(!read("LITERAL-").allows_literal_at_once(4097));
    assert!(read("IMAP4rev2").allows_literal_at_once(4096));
    assert!(read("LITERAL+").allows_literal_at_once(u64::MAX));
}

#[test]
fn case_103_a_capability_that_the_caller_made_is_checked() {
    assert!(Capability::Other("X\r\nA1 LOGOUT".into()).check().is_err());
    assert!(Capability::Auth("A B".into()).check().is_err());
    assert!(Capability::Other("".into()).check().is_err());
    assert!(Capability::CondStore.check().is_ok());
    assert!("A B".parse::<Capability>().is_err());
}

#[test]
fn the_limit_for_append_is_found() {
    assert_eq!(read("IDLE APPENDLIMIT=100").append_limit(), Some(100));
    assert_eq!(read("IDLE APPENDLIMIT").append_limit(), None);
}

/// A list without doubles that was searched from its start would take minutes here.
#[test]
fn many_unknown_words_are_read_in_time() {
    let words: Vec<String> = (0..50_000).map(|at| format!("X-{at}")).collect();
    assert_eq!(read(&words.join(" ")).len(), 50_000);
}
