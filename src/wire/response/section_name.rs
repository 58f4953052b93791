//! The section that an item's name means, such as `BODY[1.HEADER.FIELDS (Subject)]<0>`.

use std::num::NonZeroU32;

use crate::types::section::Section;
use crate::wire::cursor::Cursor;

/// The section of a name, of which `len` octets were received.
///
/// `None` for a name that this crate could not have requested.
pub(crate) fn section(mut name: Cursor<'_>, len: usize) -> Option<Section> {
    let word = name.run(|byte| byte != b'[').to_ascii_uppercase();
    if !name.try_byte(b'[') {
        return match word.as_slice() {
            b"RFC822" => Some(Section::whole()),
            b"RFC822.HEADER" => Some(Section::whole().header()),
            b"RFC822.TEXT" => Some(Section::whole().text()),
            _ => None,
        };
    }
    name.skip_blank();
    let part = name.run(|byte| byte.is_ascii_digit() || byte == b'.');
    let part = std::str::from_utf8(part).ok()?;
    let number = part.strip_suffix('.').unwrap_or(part);
    let section = text(&mut name)?;
    name.skip_blank();
    if !name.try_byte(b']') {
        return None;
    }
    let section = match number {
        "" => section,
        number => section.in_part(number).ok()?,
    };
    if !name.try_byte(b'<') {
        return Some(section);
    }
    let first = name.run(|byte| byte.is_ascii_digit());
    let first = std::str::from_utf8(first).ok()?.parse().ok()?;
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    Some(section.partial(first, NonZeroU32::new(len).unwrap_or(NonZeroU32::MIN)))
}

/// `section-text`, of the whole message.
fn text(name: &mut Cursor<'_>) -> Option<Section> {
    let word = name.run(|byte| !matches!(byte, b' ' | b'(' | b']'));
    let word = word.to_ascii_uppercase();
    name.skip_blank();
    Some(match word.as_slice() {
        b"" => Section::whole(),
        b"HEADER" => Section::whole().header(),
        b"TEXT" => Section::whole().text(),
        b"MIME" => Section::whole().mime(),
        b"HEADER.FIELDS" => Section::header_fields(fields(name)?).ok()?,
        b"HEADER.FIELDS.NOT" => Section::header_fields_not(fields(name)?).ok()?,
        _ => return None,
    })
}

/// `header-list`.
fn fields(list: &mut Cursor<'_>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    if !list.try_byte(b'(') {
        return None;
    }
    loop {
        list.skip_blank();
        if list.try_byte(b')') {
            return Some(names);
        }
        names.push(String::from_utf8(list.astring().ok()?.into_owned()).ok()?);
    }
}

#[cfg(test)]
mod tests {
    use crate::types::section::Section;
    use crate::wire::testing::fetch;

    #[test]
    fn each_section_that_came_is_listed_and_read() {
        let row = fetch(
            b"* 1 FETCH (UID 5 BODY[] \"a\" BODY[HEADER] \"b\" BODY[1.2] {1}\r\nc RFC822.TEXT \"d\" \
              BODY[2.MIME] \"e\" BODY[3.HEADER.FIELDS (\"List-Id\" To)] \"f\" BODY[HEADER.FIELDS.NOT (X)] \"g\" \
              BODY[TEXT]<10> \"hij\" BODY[4] NIL BINARY[1] ~{2}\r\nkl FLAGS () BODY (\"TEXT\" \"PLAIN\" NIL \
              NIL NIL \"7BIT\" 1 1) X-A[1] 3)\r\n",
        );
        let found: Vec<_> = row
            .sections()
            .map(|it| {
                format!(
                    "{it} {}",
                    row.body(&it)
                        .map_or("NIL".into(), |it| it.escape_ascii().to_string())
                )
            })
            .collect();
        let expected = [
            "[] a",
            "[HEADER] b",
            "[1.2] c",
            "[TEXT] d",
            "[2.MIME] e",
            "[3.HEADER.FIELDS (List-Id To)] f",
            "[HEADER.FIELDS.NOT (X)] g",
            "[TEXT]<10.3> hij",
            "[4] NIL",
        ];
        assert_eq!(found, expected);
        let decoded: Vec<_> = row.binary_sections().collect();
        assert_eq!(decoded, [Section::part("1").unwrap()]);
        assert_eq!(row.binary(&decoded[0]), Some(&b"kl"[..]));
    }

    #[test]
    fn a_name_that_could_not_be_asked_for_is_no_section() {
        for name in [
            "BODY[HEADER.FIELDS ()]",
            "BODY[HEADER.FIELDS (a:b)]",
            "BODY[1..2]",
            "BODY[NEW]",
            "BODY[0]",
            "BODY[TEXT]<99999999999>",
        ] {
            let row = fetch(format!("* 1 FETCH (UID 5 {name} \"a\")\r\n").as_bytes());
            assert_eq!(row.sections().count(), 0, "{name}");
        }
    }
}
