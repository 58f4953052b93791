//! Which public methods take text or octets of the caller's, as the source says it.

use std::collections::BTreeMap;

use crate::support::sources::sources;

/// What a parameter's type has in it when a caller's text can come in by it: as it is, or inside a
/// value that was made of it.
const TEXT: [&str; 28] = [
    "ExtensionName",
    "&str",
    "String",
    "Box<str>",
    "Keyword",
    "[u8]",
    "Vec<u8>",
    "Secret",
    "AsRef<str>",
    "TryInto<",
    "Read",
    "SearchKey",
    "FetchItem",
    "Section",
    "Flag",
    "Label",
    "Capability",
    "MailboxPattern",
    "MailboxName",
    "MailboxScope",
    "MetadataName",
    "QuotaResource",
    "NewMessage",
    "CatenatePart",
    "MessageUrl",
    "MailboxScope",
    "MetadataScope",
    "ThreadAlgorithm",
];

/// What a caller makes by naming a variant.
const ENUMS: [&str; 13] = [
    "SortKey",
    "StatusItem",
    "SearchKey",
    "ThreadAlgorithm",
    "QuotaResource",
    "Capability",
    "MailboxScope",
    "MetadataScope",
    "FetchItem",
    "Flag",
    "CatenatePart",
    "NotifyEvent",
    "Credentials",
];

/// Each such method as `Type::method`, with how many of its parameters are of that kind; `from_str`
/// for what is made of text by `parse`.
pub(super) fn methods() -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (path, text) in sources() {
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let is_test = path.contains("tests") || path.contains("model");
        // What is heard is not asked for by the caller's words.
        if is_test || path.starts_with("wire/") || path.starts_with("error/") {
            continue;
        }
        for_each_method(text, &mut found);
        for_each_variant(text, &mut found);
    }
    found
}

fn for_each_method(text: &str, found: &mut BTreeMap<String, usize>) {
    let mut of = String::new();
    let mut rest = text;
    while let Some(end) = rest.find('\n') {
        let line = &rest[..end];
        if line.starts_with("impl") {
            let head = rest[..rest.find('{').unwrap_or(end)].replace('\n', " ");
            of = name_of_impl(&head);
            if head.contains("FromStr for") {
                found.insert(format!("{of}::from_str"), 1);
            }
        }
        let is_method = line.starts_with("    pub fn ") || line.starts_with("    pub const fn ");
        if is_method {
            let signature = &rest[..rest.find('{').unwrap()];
            let (name, count) = parse(signature);
            if count > 0 && !of.is_empty() {
                *found.entry(format!("{of}::{name}")).or_default() += count;
            }
        }
        rest = &rest[end + 1..];
    }
}

/// Variants with text in them, and no search key or item, which are counted by themselves.
fn for_each_variant(text: &str, found: &mut BTreeMap<String, usize>) {
    for name in ENUMS {
        let Some((_, body)) = text.split_once(&format!("pub enum {name}")) else {
            continue;
        };
        let open = body.find('{').unwrap();
        let body = &body[open..];
        let body = &body[1..body.find("\n}").unwrap_or(body.len())];
        let code: String = body
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("//") && !line.starts_with("#["))
            .collect::<Vec<_>>()
            .join(" ");
        for variant in split_braces(&code) {
            let end = variant.find(|c: char| !c.is_alphanumeric());
            let (variant, holds) = variant.split_at(end.unwrap_or(variant.len()));
            let count = split_braces(holds.trim_matches([' ', '(', ')', '{', '}']))
                .iter()
                .filter(|field| TEXT.iter().any(|text| field.contains(text)))
                .filter(|field| !field.contains("<SearchKey>"))
                .count();
            if count > 0 && !variant.is_empty() {
                found.insert(format!("{name}::{variant}"), count);
            }
        }
    }
}

fn split_braces(list: &str) -> Vec<String> {
    let list = list.replace('{', "({").replace('}', "})");
    let parts = split(&list).into_iter();
    let parts = parts.map(|part| part.replace("({", "{").replace("})", "}").trim().to_owned());
    parts.collect()
}

/// `impl<A> Trait for Type<A>` and `impl<A> Type<A>` are of `Type`.
fn name_of_impl(head: &str) -> String {
    let head = head.strip_prefix("impl").unwrap();
    let head = match head.starts_with('<') {
        true => &head[closing(head) + 1..],
        false => head,
    };
    let name = head.split(" for ").last().unwrap().trim();
    let end = name.find(['<', ' ']).unwrap_or(name.len());
    name[..end].trim_start_matches('&').to_owned()
}

/// Where the bracket that the text begins with is closed.
fn closing(text: &str) -> usize {
    let mut depth = 0_i32;
    for (at, letter) in text.char_indices() {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' if text[..at].ends_with('-') || text[..at].ends_with('=') => {}
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    panic!("never closed: {text}");
}

/// The name, and how many parameters take text.
fn parse(signature: &str) -> (String, usize) {
    let signature = signature.split_whitespace().collect::<Vec<_>>().join(" ");
    let after = signature.split_once("fn ").unwrap().1;
    let end = after.find(['<', '(']).unwrap();
    let (name, after) = after.split_at(end);
    let (generics, after) = match after.starts_with('<') {
        true => after.split_at(closing(after) + 1),
        false => ("", after),
    };
    let (parameters, after) = after.split_at(closing(after) + 1);
    let bounds = format!("{} {after}", &generics[generics.len().min(1)..]);
    let parameters = split(&parameters[1..parameters.len() - 1]);
    let takes_text = |parameter: &&String| {
        let Some((_, of)) = parameter.split_once(": ") else {
            return false;
        };
        TEXT.iter().any(|text| of.contains(text))
            || of
                .split(|letter: char| !letter.is_alphanumeric())
                .filter(|word| word.len() == 1)
                .any(|generic| bound_has_text(&bounds, generic))
    };
    let count = parameters.iter().filter(takes_text).count();
    (name.to_owned(), count)
}

/// Whether what is said of this generic type is that it becomes text.
fn bound_has_text(bounds: &str, generic: &str) -> bool {
    let said = bounds.split(&format!("{generic}: ")).nth(1);
    said.is_some_and(|said| {
        let end = split(said).first().map_or(0, String::len);
        TEXT.iter().any(|text| said[..end].contains(text))
    })
}

/// At its outermost commas.
fn split(list: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for letter in list.chars() {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            letter => parts.last_mut().unwrap().push(letter),
        }
    }
    parts
}
