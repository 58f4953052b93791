//! Header fields and the parameters in them.

/// A field: its whole lines, its name, and its value with the folds still in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) raw: &'a [u8],
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// Lines with their line ends.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// The header with the empty line that ends it, and the body.
pub(crate) fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in lines(bytes) {
        at += line.len();
        if matches!(line, b"\r\n" | b"\n") {
            break;
        }
    }
    bytes.split_at_checked(at).unwrap_or((bytes, b""))
}

/// The fields of a header, in their order; lines that are no field are left out.
pub(crate) fn fields(header: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut rest = header;
    std::iter::from_fn(move || {
        loop {
            let mut len = 0;
            for (number, line) in lines(rest).enumerate() {
                let folded = line
                    .first()
                    .is_some_and(|byte| matches!(byte, b' ' | b'\t'));
                if number > 0 && !folded {
                    break;
                }
                len += line.len();
            }
            let (raw, after) = rest
                .split_at_checked(len)
                .filter(|(raw, _)| !raw.is_empty())?;
            rest = after;
            if let Some(colon) = raw.iter().position(|byte| *byte == b':') {
                let (name, value) = raw.split_at_checked(colon)?;
                let value = value.get(1..).unwrap_or_default();
                return Some(Field {
                    raw,
                    name: name.trim_ascii(),
                    value,
                });
            }
        }
    })
}

/// The value of the first field of this name, unfolded and trimmed.
pub(crate) fn value(header: &[u8], name: &str) -> Option<Vec<u8>> {
    let field = fields(header).find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))?;
    Some(unfold(field.value))
}

/// A value without its line ends and the space around it.
pub(crate) fn unfold(value: &[u8]) -> Vec<u8> {
    let bytes = value.trim_ascii().iter().copied();
    bytes
        .filter(|byte| !matches!(byte, b'\r' | b'\n' | 0))
        .collect()
}

/// A value with parameters, such as that of Content-Type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameterized {
    pub(crate) value: String,
    pub(crate) parameters: Vec<(String, Vec<u8>)>,
}

impl Parameterized {
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut pieces = split_unquoted(text, b';').into_iter();
        let value = pieces.next().unwrap_or_default();
        let parameters = pieces
            .filter_map(|piece| {
                let equals = piece.iter().position(|byte| *byte == b'=')?;
                let (name, value) = piece.split_at_checked(equals)?;
                let name = String::from_utf8_lossy(name.trim_ascii()).to_ascii_uppercase();
                Some((name, unquote(value.get(1..)?.trim_ascii())))
            })
            .collect();
        let value = String::from_utf8_lossy(value.trim_ascii()).to_ascii_uppercase();
        Self { value, parameters }
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&[u8]> {
        let found = self.parameters.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_slice())
    }
}

/// Splits where the separator stands outside of quotes.
pub(crate) fn split_unquoted(text: &[u8], separator: u8) -> Vec<&[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|byte| {
        let here = *byte == separator && !quoted;
        if !escaped && *byte == b'"' {
            quoted = !quoted;
        }
        escaped = quoted && !escaped && *byte == b'\\';
        here
    })
    .collect()
}

/// A quoted string without its quotes; other text as it is.
pub(crate) fn unquote(text: &[u8]) -> Vec<u8> {
    let inner = text
        .strip_prefix(b"\"")
        .map(|text| text.strip_suffix(b"\"").unwrap_or(text));
    let Some(inner) = inner else {
        return text.to_vec();
    };
    let mut escaped = false;
    let mut plain = inner.to_vec();
    plain.retain(|byte| {
        escaped = !escaped && *byte == b'\\';
        !escaped
    });
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_folds() {
        let header = b"Subject: one\r\n two\r\nX:\r\nnonsense\r\nY: 3\r\n\r\n";
        let raw: Vec<_> = fields(header).map(|field| field.raw).collect();
        assert_eq!(
            raw,
            [&b"Subject: one\r\n two\r\n"[..], b"X:\r\n", b"Y: 3\r\n"]
        );
        assert_eq!(value(header, "SUBJECT").as_deref(), Some(&b"one two"[..]));
    }

    #[test]
    fn parameters_may_be_quoted() {
        let parsed = Parameterized::parse(b"text/plain; charset=utf-8; name=\"a;\\\"b\"");
        assert_eq!(parsed.value, "TEXT/PLAIN");
        assert_eq!(parsed.parameter("CHARSET"), Some(&b"utf-8"[..]));
        assert_eq!(parsed.parameter("NAME"), Some(&b"a;\"b"[..]));
    }
}
