//! A source file as far as the house is concerned: its imports, functions and lines.

use std::collections::BTreeSet;

/// What modules are called that only tests have: those of a file, and what several share.
const TESTS: [&str; 2] = ["tests", "testing"];

/// One file of `src`.
pub(super) struct Source {
    /// Its path from the package's root.
    pub(super) name: String,
    /// Its path as a module: empty for lib.rs.
    pub(super) module: Vec<String>,
    pub(super) text: String,
    /// The text with comments and strings blanked out; every byte at its place.
    code: String,
    /// Modules with a body in this file: where it begins and ends, and its name.
    inner: Vec<(usize, usize, String)>,
}

/// A path that this file names, as an absolute module path with the item at its end.
pub(super) struct Import {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    pub(super) in_tests: bool,
}

/// A function with a body.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) lines: usize,
    pub(super) in_tests: bool,
}

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let path = name.trim_start_matches("src/").trim_end_matches(".rs");
        let path = path.trim_end_matches("/mod");
        let module = match path {
            "lib" => Vec::new(),
            path => path.split('/').map(str::to_owned).collect(),
        };
        let code = blank_out(text);
        let inner = inner_modules(&code);
        Self {
            name: name.to_owned(),
            module,
            text: text.to_owned(),
            code,
            inner,
        }
    }

    pub(super) fn is_face(&self) -> bool {
        self.module.is_empty()
    }

    pub(super) fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    /// Every path that begins with `crate`, `super` or `self`, and every `use` of a child.
    pub(super) fn imports(&self, modules: &BTreeSet<Vec<String>>) -> Vec<Import> {
        let mut imports = Vec::new();
        for (at, word) in words(&self.code) {
            let before = self.code[..at].trim_end();
            if before.ends_with("::") || before.ends_with("(in") {
                continue;
            }
            let after = &self.code[at + word.len()..];
            let is_path = after.trim_start().starts_with("::");
            let mut base = self.module_at(at);
            match word {
                "crate" if is_path => base.clear(),
                "self" if is_path => {}
                "super" if is_path => drop(base.pop()),
                child if is_path && before.ends_with("use") => {
                    base.push(child.to_owned());
                    if !modules.contains(&base) {
                        continue;
                    }
                }
                _ => continue,
            }
            let in_tests = self.in_tests(at);
            let mut tree = Tree {
                code: &self.code,
                at: at + word.len(),
                found: Vec::new(),
            };
            tree.after(&base);
            // A room's door shows what its files hold; that alone is no knowledge of them.
            if word == "self" && before.ends_with("pub use") {
                tree.found
                    .retain(|(path, _)| self.is_used_by_its_name(path));
            }
            imports.extend(tree.found.into_iter().map(|(path, at)| Import {
                path,
                line: self.line_of(at),
                in_tests,
            }));
        }
        imports
    }

    /// Whether the item at the end of a path that this file names is named elsewhere in it too.
    fn is_used_by_its_name(&self, path: &[String]) -> bool {
        let name = path.last().map(String::as_str);
        let named = words(&self.code).filter(|(_, word)| Some(*word) == name);
        named.count() > 1
    }

    /// Every function that has a body.
    pub(super) fn functions(&self) -> Vec<Function> {
        let bodies = words(&self.code)
            .filter(|(_, word)| *word == "fn")
            .filter_map(|(at, _)| {
                let (_, name) = words(&self.code[at + 2..]).next()?;
                let start = at + self.code[at..].find(['{', ';'].as_slice())?;
                let start = self.skip_types(at, start)?;
                let end = closing(&self.code, start)?;
                let (line, last) = (self.line_of(at), self.line_of(end));
                let in_tests = self.in_tests(at);
                Some(Function {
                    name: name.to_owned(),
                    line,
                    lines: last - line + 1,
                    in_tests,
                })
            });
        bodies.collect()
    }

    /// The brace that opens a function's body, past the `;` of array types.
    fn skip_types(&self, from: usize, first: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, letter) in self.code[from..]
            .char_indices()
            .map(|(at, c)| (from + at, c))
        {
            match letter {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                '{' if depth == 0 && at >= first => return Some(at),
                ';' if depth == 0 => return None,
                _ => {}
            }
        }
        None
    }

    /// The lines on which the code says this.
    pub(super) fn lines_with(&self, words: &str) -> impl Iterator<Item = usize> {
        let code = self.code.lines().enumerate();
        code.filter(move |(_, line)| line.contains(words))
            .map(|(index, _)| index + 1)
    }

    /// How many lines are no unit test.
    pub(super) fn lines_beside_tests(&self) -> usize {
        if self
            .module
            .iter()
            .any(|name| TESTS.contains(&name.as_str()))
        {
            return 0;
        }
        let tests = self.inner.iter().filter(|(_, _, name)| name == "tests");
        let lines = |(start, end, _): &(usize, usize, String)| {
            // The attribute above and the line of `mod tests {` go with them.
            self.line_of(*end) - self.line_of(*start) + 2
        };
        self.text.lines().count() - tests.map(lines).sum::<usize>()
    }

    fn module_at(&self, at: usize) -> Vec<String> {
        let inside = self
            .inner
            .iter()
            .filter(|(start, end, _)| (*start..*end).contains(&at));
        self.module
            .iter()
            .chain(inside.map(|(_, _, name)| name))
            .cloned()
            .collect()
    }

    fn in_tests(&self, at: usize) -> bool {
        self.module_at(at)
            .iter()
            .any(|name| TESTS.contains(&name.as_str()))
    }

    fn line_of(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }
}

/// Reads what follows the beginning of a path: `::a::b`, `::{a, b::c}`, `::*`.
struct Tree<'c> {
    code: &'c str,
    at: usize,
    found: Vec<(Vec<String>, usize)>,
}

impl<'c> Tree<'c> {
    fn after(&mut self, base: &[String]) {
        let mut path = base.to_vec();
        let mut at = self.at;
        while self.skip("::") {
            self.blank();
            at = self.at;
            if self.skip("{") {
                self.list(&path);
                return;
            }
            match self.word() {
                Some("super") => drop(path.pop()),
                Some("self") => {}
                Some(word) => path.push(word.to_owned()),
                // A glob or the generics of a turbofish: the path is whole.
                None => break,
            }
        }
        self.found.push((path, at));
    }

    fn list(&mut self, base: &[String]) {
        loop {
            self.blank();
            let at = self.at;
            match self.word() {
                Some("self") => self.found.push((base.to_vec(), at)),
                Some(word) => {
                    let path: Vec<_> = base.iter().cloned().chain([word.to_owned()]).collect();
                    let first = self.found.len();
                    self.after(&path);
                    // One name alone stands where it is written.
                    if let [(found, place)] = &mut self.found[first..] {
                        if *found == path {
                            *place = at;
                        }
                    }
                }
                None if self.skip("*") => self.found.push((base.to_vec(), at)),
                None => {}
            }
            if self.skip_word("as") {
                self.word();
            }
            if !self.skip(",") {
                self.skip("}");
                return;
            }
        }
    }

    fn blank(&mut self) {
        let rest = &self.code[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn skip(&mut self, text: &str) -> bool {
        self.blank();
        let is_next = self.code[self.at..].starts_with(text);
        if is_next {
            self.at += text.len();
        }
        is_next
    }

    fn skip_word(&mut self, wanted: &str) -> bool {
        self.blank();
        let start = self.at;
        let found = self.word() == Some(wanted);
        if !found {
            self.at = start;
        }
        found
    }

    fn word(&mut self) -> Option<&'c str> {
        self.blank();
        let rest = &self.code[self.at..];
        let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + code[at..].find(is_word)?;
        let end = code[start..]
            .find(|letter| !is_word(letter))
            .map_or(code.len(), |n| start + n);
        at = end;
        Some((start, &code[start..end]))
    })
}

fn inner_modules(code: &str) -> Vec<(usize, usize, String)> {
    let modules = words(code)
        .filter(|(_, word)| *word == "mod")
        .filter_map(|(at, _)| {
            let (name_at, name) = words(&code[at + 3..]).next()?;
            let after = at + 3 + name_at + name.len();
            let rest = code[after..].trim_start();
            let open = code.len() - rest.len();
            rest.starts_with('{')
                .then(|| closing(code, open))
                .flatten()?;
            Some((open, closing(code, open)?, name.to_owned()))
        });
    modules.collect()
}

/// Where the brace that opens at `open` is closed.
fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in code[open..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1)?,
            _ => continue,
        }
        if depth == 0 {
            return Some(open + at);
        }
    }
    None
}

/// The code without what only looks like code: comments, strings and characters become blanks.
fn blank_out(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (length, is_code) = token(rest, code.chars().next_back());
        let (token, after) = rest.split_at(length);
        if is_code {
            code.push_str(token);
        } else {
            code.extend(
                token
                    .bytes()
                    .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
            );
        }
        rest = after;
    }
    code
}

/// How long the comment, literal or other piece at the beginning is, and whether it is code.
fn token(text: &str, before: Option<char>) -> (usize, bool) {
    let whole = text.len();
    if text.starts_with("//") {
        return (text.find('\n').unwrap_or(whole), false);
    }
    if text.starts_with("/*") {
        return (block_comment(text), false);
    }
    if text.starts_with('"') {
        return (quoted(text, '"'), false);
    }
    if let Some(inside) = text.strip_prefix('\'') {
        let mut letters = inside.chars();
        let first = letters.next();
        let is_character = first == Some('\\') || letters.next() == Some('\'');
        return if is_character {
            (quoted(text, '\''), false)
        } else {
            (1, true)
        };
    }
    if text.starts_with('r') && !before.is_some_and(|before| is_word(before) && before != 'b') {
        let hashes = text[1..].len() - text[1..].trim_start_matches('#').len();
        if text[1 + hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = hashes + 2;
            return (
                text[start..]
                    .find(&end)
                    .map_or(whole, |at| start + at + end.len()),
                false,
            );
        }
    }
    (text.chars().next().map_or(0, char::len_utf8), true)
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
        } else {
            at += 1;
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}
