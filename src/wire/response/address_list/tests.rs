//! Lists of addresses as people and programs write them.

use std::borrow::Cow;

use super::*;

#[test]
fn fault_64_lists_of_addresses() {
    for (text, expected) in [
        ("ann@example.com", "ann@example.com"),
        ("<ann@example.com>", "ann@example.com"),
        ("Ann <ann@example.com>", "Ann <ann@example.com>"),
        (
            "\"Smith, Ann\" <ann@example.com>, Bob <bob@b>",
            "Smith, Ann <ann@example.com>|Bob <bob@b>",
        ),
        ("\"a \\\"b\\\" \\\\\" <x@y>", "a \"b\" \\ <x@y>"),
        (
            "ann@example.com (Ann (the first))",
            "Ann (the first) <ann@example.com>",
        ),
        ("Ann (the first) <ann@example.com>", "Ann <ann@example.com>"),
        ("Ann Smith ann@example.com", "Ann Smith <ann@example.com>"),
        ("ann @ example.com", "ann@example.com"),
        ("<@a,@b:ann@c>", "ann@c"),
        ("\"a b\"@example.com", "a b@example.com"),
        ("<\"a b>\"@example.com>", "a b>@example.com"),
        ("< ann @ example.com >", "ann@example.com"),
        ("=?utf-8?q?M=C3=BCller,_Ann?= <a@b>", "Müller, Ann <a@b>"),
        (
            "=?utf-8?q?M=C3=BC?= =?utf-8?q?ller?=\r\n <a@b>",
            "Müller <a@b>",
        ),
        ("\"=?utf-8?q?M=C3=BC?=\" <a@b>", "Mü <a@b>"),
        ("Grüße <a@b>;c@d", "Grüße <a@b>|c@d"),
        ("undisclosed-recipients:;", ""),
        ("Friends: a@b, C <c@d>; e@f", "a@b|C <c@d>|e@f"),
        ("root", "root"),
        ("a@b,,c@d,", "a@b|c@d"),
        ("Ann <ann@example.com", "Ann <ann@example.com>"),
        ("Ann <ann@a> <b@c>", "Ann <ann@a>|b@c"),
        ("mailto:ann@a", "ann@a"),
        ("", ""),
        ("(", ""),
        ("\"", ""),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
    let groups: Vec<_> = parse(b"=?utf-8?q?k=C3=B6?=: a@b; c@d")
        .map(|address| address.group().map(Cow::into_owned))
        .collect();
    assert_eq!(groups, [Some("kö".to_owned()), None]);
}

/// An email is never that of another person than the name beside it.
#[test]
fn fault_64_comments_blanks_and_lost_signs() {
    for (text, expected) in [
        // Comments and blanks are no part of an address (RFC 5322 appendix A.5 and A.6.3).
        (
            "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
            "Pete <pete@silly.test>",
        ),
        (
            "Chris Jones <c@(Chris's host.)public.example>",
            "Chris Jones <c@public.example>",
        ),
        ("jdoe@test  . example", "jdoe@test.example"),
        (
            "Joe Q. Public <john . q(x).public @ a . b>",
            "Joe Q. Public <john.q.public@a.b>",
        ),
        ("ann@x(c).org", "c <ann@x.org>"),
        (
            "Muhammed.(the greatest) Ali @(the) Vegas.WBA",
            "the <Muhammed.Ali@Vegas.WBA>",
        ),
        ("Ann Jr. ann@x.org", "Ann Jr. <ann@x.org>"),
        ("g: a@x.org; (the end)", "a@x.org"),
        ("(nobody), (else)", ""),
        // Two addresses without a comma.
        (
            "Ann <ann@x.org> Bob <bob@x.org>",
            "Ann <ann@x.org>|Bob <bob@x.org>",
        ),
        ("<ann@x.org><bob@x.org>", "ann@x.org|bob@x.org"),
        ("ann@x.org bob@x.org", "ann@x.org|bob@x.org"),
        ("<ann@x.org bob@x.org>", "ann@x.org|bob@x.org"),
        ("Ann <ann@x.org> bob@x.org", "Ann <ann@x.org>|bob@x.org"),
        ("Ann <ann@x.org <bob@x.org>", "Ann <ann@x.org>|bob@x.org"),
        (
            "ann@x.org (Ann) Bob bob@x.org (Carl)",
            "Ann <ann@x.org>|Bob <bob@x.org>",
        ),
        ("(Ann) ann@x.org (Bob) <bob@x.org>", "ann@x.org <bob@x.org>"),
        (
            "<ann@x.org> (Ann) <bob@x.org> (Bob)",
            "Ann <ann@x.org>|Bob <bob@x.org>",
        ),
        (
            "<ann@x.org(Ann) bob@x.org(Bob)>",
            "Ann <ann@x.org>|Bob <bob@x.org>",
        ),
        (
            "ann@x.org (Ann) bob@x.org (Bob)",
            "Ann <ann@x.org>|Bob <bob@x.org>",
        ),
        ("Ann <a@x.org,b@x.org>", "Ann <a@x.org>|b@x.org"),
        ("Ann <a@x.org; b@x.org>", "Ann <a@x.org>|b@x.org"),
        // One address, and its name.
        ("ann@x.org <ann@x.org>", "ann@x.org <ann@x.org>"),
        ("Ann ann@x.org <ann@x.org>", "Ann ann@x.org <ann@x.org>"),
        ("Ann @ Work <ann@x.org>", "Ann @ Work <ann@x.org>"),
        ("Ann <Sales> <ann@x.org>", "Ann Sales <ann@x.org>"),
        ("Ann <Sales <ann@x.org>", "Ann Sales <ann@x.org>"),
        ("Ann <ann@x.org> Smith", "Ann <ann@x.org>"),
        ("<ann@x.org> Ann", "Ann <ann@x.org>"),
        ("\"Ann\" ann@x.org", "Ann <ann@x.org>"),
        ("\"Ann\"ann@x.org", "Ann <ann@x.org>"),
        ("\"Smith, Ann\" ann@x.org", "Smith, Ann <ann@x.org>"),
        ("ann@x.org Ann", "Ann <ann@x.org>"),
        ("root (Charlie)", "Charlie <root>"),
        // Signs too many.
        ("Ann ann@x.org>", "Ann <ann@x.org>"),
        ("Ann <<ann@x.org>>", "Ann <ann@x.org>"),
        ("Ann [mailto:ann@x.org]", "Ann <ann@x.org>"),
        ("Ann <MailTo:ann@x.org>", "Ann <ann@x.org>"),
        (
            "Ann [Sales] <ann@[IPv6:2001:db8::1]>",
            "Ann [Sales] <ann@[IPv6:2001:db8::1]>",
        ),
        ("ann@[192.0.2.1], \"[a@b\"@c", "ann@[192.0.2.1]|[a@b@c"),
        ("<@a,@b.c:ann@x.org>", "ann@x.org"),
        ("Ann <>, <>, Bob <@x.org>", "Ann|Bob"),
        // No address is made of what is none.
        ("<ann smith@x.org>", "ann smith@x.org"),
        ("<ann@x .org y>", "ann@x.org y"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

fn shown(text: &str) -> String {
    let shown: Vec<_> = parse(text.as_bytes()).map(|one| one.to_string()).collect();
    shown.join("|")
}

#[test]
fn fault_64_long_lists_take_linear_time() {
    for start in [
        "(", "\"", "<", "a@", "=?", "=?a?q?", "\\", ":", "a:", "(\\", "a b ", "[:", "a@b ",
        "<a@b ", "<a> ", "a . ", "a=", "<@a,", ">", "@[",
    ] {
        let _ = parse(start.repeat(1 << 17).as_bytes()).count();
    }
    assert_eq!(parse("a@b,".repeat(1000).as_bytes()).count(), 1000);
}

#[test]
fn fault_05_addresses_share_the_name_of_their_group() {
    let text = format!("{}: {}", "G".repeat(1 << 16), "a@b,".repeat(1 << 14));
    let addresses: Vec<_> = parse(text.as_bytes()).collect();
    assert_eq!(addresses.len(), 1 << 14);
    let name = addresses[0].group_raw().unwrap().as_ptr();
    let same = |address: &Address<'_>| address.group_raw().unwrap().as_ptr() == name;
    assert!(addresses.iter().all(same));
    assert_eq!(addresses[0].group().unwrap().len(), 1 << 16);
}

#[test]
fn fault_05_a_list_ends_with_the_last_whole_address_of_a_mebibyte() {
    let text = format!("a@b, {}", "ann@example.com, ".repeat(1 << 16));
    let addresses: Vec<_> = parse(text.as_bytes()).map(|one| one.to_string()).collect();
    assert_eq!(addresses.len(), 1 + (DECODED_FIELD - 5) / 17);
    assert!(addresses[1..].iter().all(|one| one == "ann@example.com"));
}
