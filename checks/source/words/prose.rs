//! The prose of a page or a source file, in pieces that a phrase does not cross.

/// A paragraph, an item of a list, a row of a table, or a comment of a code block.
#[derive(Default)]
pub(super) struct Piece {
    pub(super) words: Vec<Word>,
    /// It begins the docs of an item that may be public.
    pub(super) is_summary: bool,
}

/// A word in lower case, and its line, from 1.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) line: usize,
}

/// The prose of a file with this name: all of a page, and the doc comments of a source file.
pub(super) fn of(name: &str, text: &str) -> Vec<Piece> {
    let mut reader = Reader::default();
    let is_source = name.ends_with(".rs");
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if !is_source {
            reader.line(at + 1, line, false);
            continue;
        }
        let line = line.trim_start();
        let next = lines.get(at + 1).copied().unwrap_or_default();
        if line == "#[cfg(test)]" && next.starts_with("mod ") && next.ends_with('{') {
            break;
        }
        match doc(line) {
            Some((text, is_of_item)) => {
                let begins_summary =
                    is_of_item && !reader.is_in_docs && may_be_public(&lines[at..]);
                reader.line(at + 1, text, begins_summary);
            }
            // A line of the docs that stands in another file.
            None if line.starts_with("#[doc") || line.starts_with("#![doc") => {}
            None => reader.end_docs(),
        }
    }
    reader.end_piece();
    reader.pieces
}

/// The text of a doc comment, and whether it is that of an item.
fn doc(line: &str) -> Option<(&str, bool)> {
    let of_item = line
        .strip_prefix("///")
        .filter(|text| !text.starts_with('/'));
    let of_item = of_item.map(|text| (text, true));
    of_item.or_else(|| Some((line.strip_prefix("//!")?, false)))
}

/// Whether the item below these docs and attributes may be public. Private methods and fields are
/// known by their first word, and so a public trait's methods are taken for private.
fn may_be_public(lines: &[&str]) -> bool {
    const PRIVATE: [&str; 11] = [
        "pub(",
        "fn ",
        "const ",
        "static ",
        "struct ",
        "enum ",
        "type ",
        "trait ",
        "mod ",
        "impl",
        "macro_rules!",
    ];
    let mut is_in_attribute = false;
    let item = lines.iter().map(|line| line.trim()).find(|line| {
        let is_attribute = is_in_attribute || line.starts_with("#[");
        is_in_attribute = is_attribute && !line.ends_with(']');
        !is_attribute && !line.starts_with("//")
    });
    let item = item.unwrap_or_default();
    let is_private_field = item.starts_with(|c: char| c.is_lowercase()) && {
        let name = item
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        name.is_some_and(|name| item[name.len()..].starts_with(':'))
    };
    !is_private_field && !PRIVATE.iter().any(|word| item.starts_with(word))
}

#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    piece: Piece,
    is_in_docs: bool,
    is_in_code: bool,
    is_in_span: bool,
}

impl Reader {
    fn line(&mut self, line: usize, text: &str, begins_summary: bool) {
        let text = text.trim();
        self.is_in_docs = true;
        if text.starts_with("```") {
            self.end_piece();
            self.is_in_code = !self.is_in_code;
        } else if self.is_in_code {
            self.end_piece();
            let comment = text.split_once("// ").map_or("", |(_, comment)| comment);
            self.words(line, comment);
            self.end_piece();
        } else {
            let is_of_its_own = text.starts_with(['|', '#', '-']) || text.contains("]: ");
            if text.is_empty() || is_of_its_own {
                self.end_piece();
            }
            self.piece.is_summary |= begins_summary;
            self.words(line, text);
        }
    }

    /// Takes the words outside of code spans.
    fn words(&mut self, line: usize, text: &str) {
        for (at, part) in text.split('`').enumerate() {
            if at > 0 {
                self.is_in_span = !self.is_in_span;
            }
            if self.is_in_span {
                // A word that no phrase has, so that none goes across it.
                self.word(line, "`");
                continue;
            }
            let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'');
            let words = part
                .split(|c| !is_of_word(c))
                .filter(|word| !word.is_empty());
            for word in words {
                self.word(line, &word.to_lowercase());
            }
        }
    }

    fn word(&mut self, line: usize, text: &str) {
        let text = text.to_owned();
        self.piece.words.push(Word { text, line });
    }

    fn end_piece(&mut self) {
        self.is_in_span = false;
        self.pieces.push(std::mem::take(&mut self.piece));
    }

    fn end_docs(&mut self) {
        self.end_piece();
        self.is_in_docs = false;
        self.is_in_code = false;
    }
}
