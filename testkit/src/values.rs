//! The values of a command as octets: lists, strings, literals and atoms.

/// What an atom, a quoted string or a literal stands for.
pub(crate) fn text_of(word: &[u8]) -> Option<Vec<u8>> {
    match word.first()? {
        b'"' => {
            let quoted = word.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            let mut escaped = false;
            let kept = quoted.iter().filter(|byte| {
                escaped = !escaped && **byte == b'\\';
                !escaped
            });
            Some(kept.copied().collect())
        }
        b'{' => word
            .get(word.iter().position(|byte| *byte == b'\n')? + 1..)
            .map(<[u8]>::to_vec),
        _ => Some(word.to_vec()),
    }
}

/// The words in a parenthesized list, in capital letters.
pub(crate) fn words_in(list: &[u8]) -> Option<Vec<String>> {
    Some(values_in(list)?.into_iter().map(upper).collect())
}

/// The values in a parenthesized list.
pub(crate) fn values_in(list: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = list.strip_prefix(b"(")?.strip_suffix(b")")?;
    let mut values = Vec::new();
    while !rest.is_empty() {
        let (one, after) = value(rest)?;
        values.push(one);
        rest = match after.strip_prefix(b" ") {
            Some(after) => after,
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(values)
}

/// One value (list, string or atom) at the front, and what follows it.
pub(crate) fn value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    let mut open = 0_usize;
    loop {
        let rest = bytes.get(at..)?;
        match rest.first() {
            Some(b'"') => at += quoted_len(rest)?,
            Some(b'{') => at += literal_len(rest)?,
            Some(b'~') if rest.starts_with(b"~{") => at += 1 + literal_len(rest.get(1..)?)?,
            Some(b'(') => {
                open += 1;
                at += 1;
            }
            Some(b')') if open > 0 => {
                open -= 1;
                at += 1;
            }
            Some(b' ') if open > 0 => at += 1,
            None | Some(b' ' | b')') => break,
            Some(_) => {
                let ends = |byte: &u8| matches!(byte, b' ' | b'(' | b')' | b'"');
                at += rest.iter().position(ends).unwrap_or(rest.len());
            }
        }
        if open == 0 {
            break;
        }
    }
    (at > 0 && open == 0).then(|| bytes.split_at_checked(at))?
}

fn quoted_len(bytes: &[u8]) -> Option<usize> {
    let mut escaped = true;
    let end = bytes.iter().position(|byte| {
        let ends = !escaped && *byte == b'"';
        escaped = !escaped && *byte == b'\\';
        ends
    })?;
    Some(end + 1)
}

pub(crate) fn literal_len(bytes: &[u8]) -> Option<usize> {
    let close = bytes.iter().position(|byte| *byte == b'}')?;
    let number = std::str::from_utf8(bytes.get(1..close)?).ok()?;
    let octets: usize = number.trim_end_matches('+').parse().ok()?;
    close.checked_add(b"}\r\n".len())?.checked_add(octets)
}

/// Whether this word stands at the front, in whatever case.
pub(crate) fn starts_with(bytes: &[u8], word: &[u8]) -> bool {
    bytes
        .get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

pub(crate) fn upper(word: &[u8]) -> String {
    String::from_utf8_lossy(word).to_ascii_uppercase()
}
