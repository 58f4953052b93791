//! The README of the kit shows these tests as they are.

#[test]
fn the_readme_shows_the_tests() {
    let readme = include_str!("../../README.md");
    assert!(readme.contains(include_str!("first.rs")));
    let gmail = include_str!("gmail.rs");
    let begin = gmail.find("use latchbox_testkit").unwrap();
    let end = gmail.find("#[test]\nfn gmail_stores").unwrap();
    assert!(readme.contains(gmail[begin..end].trim_end()));
    let latchbox = include_str!("latchbox.rs");
    let begin = latchbox.find("/// Connects").unwrap();
    let end = latchbox.find("#[test]").unwrap();
    assert!(readme.contains(latchbox[begin..end].trim_end()));
}
