//! No octets that a server can send make the wire panic, whatever is asked of them afterwards.

use proptest::prelude::*;

use crate::limits::Limits;
use crate::wire::response::encoded_word;
use crate::wire::testing::{Received, exercise, receive};

/// A stream made of what means something to a parser.
fn tokens() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static [u8]> = vec![
        b"* ",
        b"A1 ",
        b"+ ",
        b"OK ",
        b"1 ",
        b"0 ",
        b"4294967296 ",
        b"FETCH (",
        b"(",
        b")",
        b"((",
        b"))",
        b" ",
        b"  ",
        b"\r\n",
        b"\n",
        b"\r",
        b"\"",
        b"\\",
        b"\"a\" ",
        b"\"\" ",
        b"NIL ",
        b"{3}\r\n",
        b"{0}\r\n",
        b"~{2}\r\n",
        b"{",
        b"}",
        b"[",
        b"]",
        b"<",
        b">",
        b"*",
        b",",
        b":",
        b"\0",
        b"\xff",
        b"UID ",
        b"FLAGS ",
        b"ENVELOPE (",
        b"BODYSTRUCTURE (",
        b"BODY[",
        b"BODY[]<3> ",
        b"BODY[HEADER.FIELDS (A)] ",
        b"\"TEXT\" ",
        b"\"MESSAGE\" \"RFC822\" ",
        b"\"MIXED\" ",
        b"INTERNALDATE ",
        b"\"17-Jul-1996 02:44:25 -0700\" ",
        b"MODSEQ (",
        b"EMAILID (",
        b"SAVEDATE ",
        b"PREVIEW ",
        b"X-GM-LABELS (",
        b"X-GM-MSGID ",
        b"LIST ",
        b"STATUS ",
        b"SEARCH ",
        b"ESEARCH (TAG \"a\") ",
        b"VANISHED ",
        b"NAMESPACE ",
        b"[COPYUID 1 ",
        b"[PERMANENTFLAGS (",
        b"=?utf-8?q?=41?= ",
        b"=?utf-8?b?",
        b"\"filename*0*\" ",
        b"ID (",
    ];
    prop::collection::vec(prop::sample::select(words), 0..60).prop_map(|words| words.concat())
}

/// A good answer with some octets changed, taken out or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let row: &[u8] = b"* 12 FETCH (UID 7 FLAGS (\\Seen $Work) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" \
        RFC822.SIZE 42 ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700\" \"=?utf-8?q?=C3=A4?=\" ((\"T\" NIL \"a\" \
        \"b\")) NIL NIL ((NIL NIL \"g\" NIL)(NIL NIL {1}\r\nx \"y\")(NIL NIL NIL NIL)) NIL NIL NIL \"<id>\") \
        BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" 5 1 NIL (\"inline\" \
        (\"filename*\" \"utf-8''%C3%A4\")) (\"en\") \"x\")(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9 (NIL \
        NIL NIL NIL NIL NIL NIL NIL NIL NIL) (\"A\" \"B\" NIL NIL NIL \"8BIT\" 2) 3) \"MIXED\" (\"b\" \"c\") NIL \
        NIL) BODY[1.2.MIME]<3> {4}\r\nab\r\n MODSEQ (5) BINARY[1] ~{1}\r\n\0)\r\n";
    let change = (any::<prop::sample::Index>(), 0..3u8, any::<u8>());
    prop::collection::vec(change, 0..6).prop_map(move |changes| {
        let mut row = row.to_vec();
        for (at, how, octet) in changes {
            let at = at.index(row.len());
            match how {
                0 => row[at] = octet,
                1 => drop(row.remove(at)),
                _ => row.insert(at, octet),
            }
        }
        row.extend_from_slice(b"A1 OK\r\n");
        row
    })
}

fn survives(stream: &[u8]) -> Result<(), TestCaseError> {
    for inline_literal in [0, usize::MAX] {
        let whole = receive(stream, usize::MAX, inline_literal, &Limits::DEFAULT);
        let by_octet = receive(stream, 1, inline_literal, &Limits::DEFAULT);
        prop_assert_eq!(&whole, &by_octet);
        whole
            .unwrap_or_default()
            .iter()
            .for_each(|received| exercise(received, &Limits::DEFAULT));
    }
    // Also what was never framed.
    exercise(
        &Received {
            row: stream.to_vec(),
            literals: Vec::new(),
        },
        &Limits::DEFAULT,
    );
    let mut row = b"* 1 FETCH (".to_vec();
    row.extend_from_slice(stream);
    exercise(
        &Received {
            row,
            literals: Vec::new(),
        },
        &Limits::DEFAULT,
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn random_octets(stream in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&stream)?;
        let _ = encoded_word::decode(stream.into());
    }

    #[test]
    fn random_tokens(stream in tokens()) {
        survives(&stream)?;
        let _ = encoded_word::decode(stream.into());
    }

    #[test]
    fn damaged_answers(stream in damaged()) {
        survives(&stream)?;
    }
}
