//! The base subject: a subject without the "Re:" and "Fwd:" around it (RFC 5256 section 2.1).

use std::borrow::Cow;

/// The base subject of a decoded subject. Takes time in proportion to its length.
pub(crate) fn base_subject(subject: &str) -> String {
    let subject = collapse(subject);
    let mut rest = &*subject;
    loop {
        rest = without_trailers(rest);
        rest = without_leaders(rest);
        match inside_forward(rest) {
            Some(inside) => rest = inside,
            None => return rest.to_owned(),
        }
    }
}

/// Step 1: every run of white space is one space.
fn collapse(subject: &str) -> Cow<'_, str> {
    let is_plain = !subject.contains(['\t', '\r', '\n']) && !subject.contains("  ");
    if is_plain {
        return Cow::Borrowed(subject);
    }
    let mut collapsed = String::with_capacity(subject.len());
    for character in subject.chars() {
        match character {
            ' ' | '\t' | '\r' | '\n' if collapsed.ends_with(' ') => {}
            ' ' | '\t' | '\r' | '\n' => collapsed.push(' '),
            other => collapsed.push(other),
        }
    }
    Cow::Owned(collapsed)
}

/// Step 2: `*subj-trailer` is removed from the end.
fn without_trailers(mut subject: &str) -> &str {
    loop {
        let before = subject.trim_end_matches(' ');
        let shorter = before.len().checked_sub("(fwd)".len());
        match shorter.and_then(|at| before.split_at_checked(at)) {
            Some((rest, trailer)) if trailer.eq_ignore_ascii_case("(fwd)") => subject = rest,
            _ => return before,
        }
    }
}

/// Steps 3 to 5: `*subj-leader` and `*subj-blob` are removed from the beginning, except a blob that
/// nothing follows.
fn without_leaders(mut subject: &str) -> &str {
    loop {
        subject = subject.trim_start_matches(' ');
        let (behind, last) = without_blobs(subject);
        if let Some(rest) = without_refwd(behind) {
            subject = rest;
        } else if behind.is_empty() {
            return last;
        } else if behind.len() < subject.len() {
            subject = behind;
        } else {
            return subject;
        }
    }
}

/// The text after `*subj-blob`, and the text from the last blob on.
fn without_blobs(mut subject: &str) -> (&str, &str) {
    let mut last = subject;
    while let Some(rest) = without_blob(subject) {
        (last, subject) = (subject, rest);
    }
    (subject, last)
}

/// `subj-blob = "[" *BLOBCHAR "]" *WSP`.
fn without_blob(subject: &str) -> Option<&str> {
    let inside = subject.strip_prefix('[')?;
    let end = inside.find(['[', ']'])?;
    let rest = inside.get(end..)?.strip_prefix(']')?;
    Some(rest.trim_start_matches(' '))
}

/// `subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"`.
fn without_refwd(subject: &str) -> Option<&str> {
    let rest = ["re", "fwd", "fw"]
        .iter()
        .find_map(|word| without_word(subject, word))?;
    let rest = rest.trim_start_matches(' ');
    without_blob(rest).unwrap_or(rest).strip_prefix(':')
}

fn without_word<'s>(subject: &'s str, word: &str) -> Option<&'s str> {
    let (start, rest) = subject.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}

/// Step 6: `subj-fwd = subj-fwd-hdr subject subj-fwd-trl`.
fn inside_forward(subject: &str) -> Option<&str> {
    without_word(subject, "[fwd:")?.strip_suffix(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_answer_and_forward_is_one_subject() {
        for (subject, expected) in [
            ("plain", "plain"),
            ("", ""),
            (" Re: plain ", "plain"),
            ("RE:Re: rE : plain", "plain"),
            ("Fwd: plain (fwd)", "plain"),
            ("fw: plain (FWD) (fwd) ", "plain"),
            ("Re[2]: plain", "plain"),
            ("re [a] : plain", "plain"),
            ("[list] Re: [list] plain", "plain"),
            ("[a][b] [c] plain", "plain"),
            ("[a] [b]", "[b]"),
            ("Re: [b]", "[b]"),
            ("[fwd: plain]", "plain"),
            ("Re: [Fwd: Re: [x] plain (fwd)] (fwd)", "plain"),
            ("[fwd: [fwd: plain]]", "plain"),
            ("[fwd: that is a blob] x", "x"),
            ("a\tb\r\n  c", "a b c"),
            ("regard: plain", "regard: plain"),
            ("re plain", "re plain"),
            ("[open plain", "[open plain"),
            ("Re:", ""),
            ("(fwd)", ""),
            ("\u{e9}: x", "\u{e9}: x"),
        ] {
            assert_eq!(base_subject(subject), expected, "{subject:?}");
        }
    }

    #[test]
    fn attack_a_subject_of_blobs_takes_no_time() {
        for piece in ["[a]", "[", "re:", "[fwd:", "(fwd)", "re[", " ", "[a] re"] {
            let long = piece.repeat((1 << 20) / piece.len());
            base_subject(&long);
            base_subject(&format!("{long}x{long}"));
            base_subject(&format!("{long}{}", "]".repeat(1 << 18)));
        }
    }
}
