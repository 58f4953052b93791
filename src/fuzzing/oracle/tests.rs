//! Responses that are made to be accepted by both.

use proptest::prelude::*;

use crate::fuzzing::oracle::{agree, theirs};

#[test]
fn lists_and_counters() {
    for response in [
        "* LIST () \"/\" blurdybloop\r\n",
        "* LIST (\\Noselect \\Foo) NIL INBOX\r\n",
        "* LIST (\\NOINFERIORS \\marked) \".\" \"a \\\"b\\\\c\"\r\n",
        "* LIST (\\Unmarked) \"\\\\\" {4}\r\na)\"b\r\n",
        "* LSUB () \"\\\"\" iNbOx\r\n",
        "* LIST () \"/\" \"&AOQ-\"\r\n",
        "* STATUS a (MESSAGES 1 UIDNEXT 2)\r\n",
        "* STATUS \"a (b)\" (RECENT 0 UNSEEN 4294967295 UIDVALIDITY 1 DELETED 3)\r\n",
        "* STATUS {3}\r\n(a) ()\r\n",
        "* SEARCH\r\n",
        "* SEARCH 2 84 882\r\n",
        "* SEARCH 9 8 8 4294967295 1\r\n",
    ] {
        assert!(agree(response.as_bytes(), theirs::response), "{response}");
    }
}

fn boxed(text: impl Into<String>) -> BoxedStrategy<String> {
    Just(text.into()).boxed()
}

/// `string`, in either form.
fn string() -> impl Strategy<Value = String> {
    let text = r#"[a-zA-Z0-9 ()\[\]{}<>=?_.*%"\\,;:/-]{0,12}"#;
    (text, any::<bool>()).prop_map(|(text, quote)| {
        if quote {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        } else {
            format!("{{{}}}\r\n{text}", text.len())
        }
    })
}

fn nstring() -> impl Strategy<Value = String> {
    prop_oneof![boxed("NIL"), string().boxed()]
}

fn address() -> impl Strategy<Value = String> {
    [nstring(), nstring(), nstring(), nstring()].prop_map(|parts| format!("({})", parts.join(" ")))
}

fn addresses() -> BoxedStrategy<String> {
    let list =
        prop::collection::vec(address(), 1..4).prop_map(|list| format!("({})", list.concat()));
    prop_oneof![boxed("NIL"), list.boxed()].boxed()
}

fn envelope() -> impl Strategy<Value = String> {
    let lists = [
        addresses(),
        addresses(),
        addresses(),
        addresses(),
        addresses(),
        addresses(),
    ];
    let strings = [nstring(), nstring(), nstring(), nstring()];
    (strings, lists).prop_map(|([date, subject, reply, id], lists)| {
        format!("({date} {subject} {} {reply} {id})", lists.join(" "))
    })
}

fn parameters() -> BoxedStrategy<String> {
    let pair = (string(), string()).prop_map(|(name, value)| format!("{name} {value}"));
    let list = prop::collection::vec(pair, 1..3).prop_map(|list| format!("({})", list.join(" ")));
    prop_oneof![boxed("NIL"), list.boxed()].boxed()
}

/// Extension data behind the first field of it.
fn tail() -> BoxedStrategy<String> {
    let kind = prop::sample::select(vec!["\"inline\"", "\"ATTACHMENT\"", "{5}\r\nx-foo"]);
    let disposition = (kind, parameters()).prop_map(|(kind, list)| format!("({kind} {list})"));
    let disposition = prop_oneof![boxed("NIL"), disposition.boxed()];
    let language = prop::sample::select(vec!["NIL", "\"en\"", "(\"en\" \"de\")"]);
    let more = prop::sample::select(vec!["", " NIL", " 5 (\"a\" NIL (3))"]);
    (disposition, language, nstring(), more, 0..4usize)
        .prop_map(
            |(disposition, language, location, more, fields)| match fields {
                0 => String::new(),
                1 => format!(" {disposition}"),
                2 => format!(" {disposition} {language}"),
                _ => format!(" {disposition} {language} {location}{more}"),
            },
        )
        .boxed()
}

fn extension(first: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let some = (first, tail()).prop_map(|(first, tail)| format!(" {first}{tail}"));
    prop_oneof![boxed(""), some.boxed()].boxed()
}

fn structure() -> impl Strategy<Value = String> {
    let encoding = prop::sample::select(vec!["\"7BIT\"", "\"base64\"", "{4}\r\n8bit"]);
    let basic = (parameters(), nstring(), nstring(), encoding, any::<u32>()).prop_map(
        |(list, id, description, encoding, size)| {
            format!("{list} {id} {description} {encoding} {size}")
        },
    );
    let basic = basic.boxed();
    let md5 = || extension(nstring().boxed());
    let text = (basic.clone(), any::<u32>(), md5())
        .prop_map(|(basic, lines, more)| format!("(\"Text\" \"plain\" {basic} {lines}{more})"));
    let kind = prop::sample::select(vec![
        "\"IMAGE\" \"GIF\"",
        "\"message\" \"partial\"",
        "\"x\" {1}\r\n)",
    ]);
    let other = (kind, basic.clone(), md5())
        .prop_map(|(kind, basic, more)| format!("({kind} {basic}{more})"));
    prop_oneof![text, other].prop_recursive(4, 12, 3, move |inner| {
        let message = (
            basic.clone(),
            envelope(),
            inner.clone(),
            any::<u32>(),
            md5(),
        )
            .prop_map(|(basic, envelope, inner, lines, more)| {
                format!("(\"MESSAGE\" \"RFC822\" {basic} {envelope} {inner} {lines}{more})")
            });
        let kind = prop::sample::select(vec!["\"MIXED\"", "\"alternative\"", "\"x-y\""]);
        let more = extension(parameters());
        let multi = (prop::collection::vec(inner, 1..4), kind, more)
            .prop_map(|(parts, kind, more)| format!("({} {kind}{more})", parts.concat()));
        prop_oneof![message, multi]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn generated_envelopes(envelope in envelope(), uid in 1..u32::MAX) {
        let response = format!("* 7 FETCH (ENVELOPE {envelope} UID {uid})\r\n");
        prop_assert!(agree(response.as_bytes(), theirs::response), "{}", response);
    }

    #[test]
    fn generated_structures(structure in structure(), size in any::<u32>()) {
        let response = format!("* 7 FETCH (BODYSTRUCTURE {structure} RFC822.SIZE {size})\r\n");
        prop_assert!(agree(response.as_bytes(), theirs::response), "{}", response);
    }

    #[test]
    fn generated_rows(uid in 1..u32::MAX, size in any::<u32>(), body in nstring(), day in 1..29u32) {
        let response = format!(
            "* 7 FETCH (FLAGS (\\Seen $a \\X) UID {uid} INTERNALDATE \"{day:2}-Feb-1994 21:52:25 -0800\" \
             RFC822.SIZE {size} BODY[] {body})\r\n",
        );
        prop_assert!(agree(response.as_bytes(), theirs::response), "{}", response);
    }

    #[test]
    fn generated_lists(
        name in string(),
        attributes in prop::collection::vec(r"\\[A-Za-z]{1,8}", 0..4),
        numbers in prop::collection::vec(1..u32::MAX, 1..20),
    ) {
        let list = format!("* LIST ({}) \"/\" {name}\r\n", attributes.join(" "));
        prop_assert!(agree(list.as_bytes(), theirs::response), "{}", list);
        let status = format!("* STATUS {name} (MESSAGES {} UIDNEXT {})\r\n", numbers[0], numbers[0]);
        prop_assert!(agree(status.as_bytes(), theirs::response), "{}", status);
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        let search = format!("* SEARCH {}\r\n", numbers.join(" "));
        prop_assert!(agree(search.as_bytes(), theirs::response), "{}", search);
    }
}
