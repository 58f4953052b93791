//! Sets against a model: what they mean for a mailbox whose highest number is known.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

/// Numbers stay below this in the model, so that ranges overlap and touch often.
const HIGHEST: u32 = 24;

/// A range as it is written; 0 stands for `*`.
type Written = (u32, u32);

fn number(written: u32) -> String {
    if written == 0 {
        "*".into()
    } else {
        written.to_string()
    }
}

fn text(pieces: &[Written]) -> String {
    let range = |(one, other): &Written| match one == other {
        true => number(*one),
        false => format!("{}:{}", number(*one), number(*other)),
    };
    pieces.iter().map(range).collect::<Vec<_>>().join(",")
}

fn set(pieces: &[Written]) -> NumberSet {
    if pieces.is_empty() {
        return NumberSet::new();
    }
    NumberSet::parse(text(pieces).as_bytes()).unwrap()
}

/// The numbers of the ranges if `star` is the highest number in use.
fn meaning(pieces: &[Written], star: u32) -> BTreeSet<u32> {
    let end = |written: u32| if written == 0 { star } else { written };
    let numbers = |(one, other): &Written| {
        let (one, other) = (end(*one), end(*other));
        one.min(other)..=one.max(other).min(star)
    };
    pieces
        .iter()
        .flat_map(numbers)
        .filter(|number| *number <= star)
        .collect()
}

fn meaning_of(set: &NumberSet, star: u32) -> BTreeSet<u32> {
    let written = |end: Option<NonZeroU32>| end.map_or(0, NonZeroU32::get);
    let pieces: Vec<Written> = set
        .pieces()
        .map(|piece| (written(piece.first), written(piece.last)))
        .collect();
    meaning(&pieces, star)
}

fn closed() -> impl Strategy<Value = Vec<Written>> {
    vec(
        (1..=HIGHEST, 1..=HIGHEST).prop_map(|(one, step)| (one, (one + step % 4).min(HIGHEST))),
        0..8,
    )
}

fn any_set() -> impl Strategy<Value = Vec<Written>> {
    let open = option::weighted(0.4, (0..=HIGHEST).prop_map(|first| (first, 0)));
    let swapped = any::<bool>();
    (closed(), open, swapped).prop_map(|(mut pieces, open, swapped)| {
        let open = open.map(|(one, other)| if swapped { (other, one) } else { (one, other) });
        let at = pieces.len() / 2;
        open.into_iter().for_each(|open| pieces.insert(at, open));
        pieces
    })
}

/// Ascending and not adjacent, with an open range at the end.
fn assert_canonical(set: &NumberSet) {
    for pair in set.spans.windows(2) {
        assert!(pair[0].last.get() + 1 < pair[1].first.get(), "{set}");
    }
    assert!(
        set.spans.iter().all(|span| span.first <= span.last),
        "{set}"
    );
    if let (Open::From(first), Some(last)) = (set.open, set.spans.last()) {
        assert!(last.last.get() + 1 < first.get(), "{set}");
    }
}

/// The first number of the open range: below it, `*` may be any of the numbers before.
fn open_from(set: &NumberSet) -> u32 {
    match set.open {
        Open::From(first) => first.get(),
        Open::Not | Open::Last | Open::Saved => 1,
    }
}

fn nz(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

proptest! {
    #[test]
    fn a_set_means_what_its_ranges_mean(pieces in any_set(), star in 1..=HIGHEST) {
        let set = set(&pieces);
        assert_canonical(&set);
        prop_assert_eq!(meaning_of(&set, star), meaning(&pieces, star));
    }

    #[test]
    fn what_is_written_is_read_again(pieces in any_set()) {
        let set = set(&pieces);
        if !set.is_empty() {
            prop_assert_eq!(NumberSet::parse(set.to_string().as_bytes()).unwrap(), set);
        }
    }

    #[test]
    fn reading_never_panics(text in "[0-9:*, ]{0,20}") {
        if let Ok(set) = NumberSet::parse(text.as_bytes()) {
            assert_canonical(&set);
        }
        let _ = NumberSet::parse_in_order(text.as_bytes());
    }

    #[test]
    fn numbers_are_those_of_the_model(numbers in vec(1..=HIGHEST, 0..40)) {
        let set: NumberSet = numbers.iter().map(|number| nz(*number)).collect();
        let model: BTreeSet<u32> = numbers.iter().copied().collect();
        assert_canonical(&set);
        prop_assert_eq!(set.len(), Some(model.len() as u64));
        prop_assert_eq!(set.first().map(NonZeroU32::get), model.first().copied());
        prop_assert_eq!(set.last().map(NonZeroU32::get), model.last().copied());
        prop_assert!(set.numbers().map(NonZeroU32::get).eq(model.iter().copied()));
        prop_assert!(set.numbers().rev().map(NonZeroU32::get).eq(model.iter().rev().copied()));
        for number in 1..=HIGHEST + 1 {
            prop_assert_eq!(set.contains(nz(number)), model.contains(&number));
        }
    }

    #[test]
    fn both_ends_together_yield_each_number_once(
        pieces in closed(),
        front in vec(any::<bool>(), 0..80),
    ) {
        let set = set(&pieces);
        let mut numbers = set.numbers();
        let mut seen = BTreeSet::new();
        let mut turns = front.into_iter().chain(std::iter::repeat(true));
        while let Some(number) = if turns.next() == Some(true) { numbers.next() } else { numbers.next_back() } {
            prop_assert!(seen.insert(number.get()));
        }
        prop_assert_eq!(seen, meaning(&pieces, HIGHEST));
    }

    #[test]
    fn inserting_is_the_union_with_one(pieces in any_set(), number in 1..=HIGHEST) {
        let mut inserted = set(&pieces);
        inserted.insert(nz(number));
        assert_canonical(&inserted);
        prop_assert_eq!(inserted, set(&pieces).union(&set(&[(number, number)])));
    }

    #[test]
    fn a_union_is_what_is_in_either(a in any_set(), b in any_set(), star in 1..=HIGHEST) {
        let union = set(&a).union(&set(&b));
        assert_canonical(&union);
        let model = &meaning(&a, star) | &meaning(&b, star);
        prop_assert_eq!(meaning_of(&union, star), model);
    }

    #[test]
    fn an_intersection_names_nothing_that_is_not_in_both(
        a in any_set(),
        b in any_set(),
        star in 1..=HIGHEST,
    ) {
        let (a_set, b_set) = (set(&a), set(&b));
        let intersection = a_set.intersection(&b_set);
        assert_canonical(&intersection);
        prop_assert_eq!(&intersection, &b_set.intersection(&a_set));
        let model = &meaning(&a, star) & &meaning(&b, star);
        let found = meaning_of(&intersection, star);
        prop_assert!(found.is_subset(&model), "{} & {}", a_set, b_set);
        if a_set.is_open() == b_set.is_open() {
            prop_assert_eq!(found, model);
        }
    }

    #[test]
    fn a_difference_names_nothing_that_was_taken_away(
        a in any_set(),
        b in any_set(),
        star in 1..=HIGHEST,
    ) {
        let (a_set, b_set) = (set(&a), set(&b));
        let difference = a_set.difference(&b_set);
        assert_canonical(&difference);
        prop_assume!(star >= open_from(&b_set));
        let model = &meaning(&a, star) - &meaning(&b, star);
        let found = meaning_of(&difference, star);
        prop_assert!(found.is_subset(&model), "{} - {}", a_set, b_set);
        let exact = star >= open_from(&a_set) && a_set.open != Open::Last;
        if exact && b_set.open != Open::Last {
            prop_assert_eq!(found, model);
        }
    }

    #[test]
    fn chunks_cover_the_set_and_keep_to_their_length(pieces in any_set(), longest in 0..40_usize) {
        let set = set(&pieces);
        let mut covered = NumberSet::new();
        let mut written = Vec::new();
        for chunk in set.split_by_length(longest) {
            assert_canonical(&chunk);
            let wire = chunk.to_string();
            prop_assert!(wire.len() <= longest || chunk.pieces().count() == 1, "{}", wire);
            written.push(wire);
            covered = covered.union(&chunk);
        }
        prop_assert_eq!(written.join(","), set.to_string());
        prop_assert_eq!(covered, set);
    }

    #[test]
    fn chunks_are_as_few_as_their_order_allows(pieces in any_set(), longest in 0..40_usize) {
        let chunks: Vec<NumberSet> = set(&pieces).split_by_length(longest).collect();
        for pair in chunks.windows(2) {
            let next = pair[1].pieces().next().unwrap().to_string();
            prop_assert!(pair[0].to_string().len() + 1 + next.len() > longest);
        }
    }

    #[test]
    fn lengths_are_those_of_what_is_written(one in 1..=u32::MAX, other in 1..=u32::MAX) {
        for set in [set(&[(one, other)]), set(&[(one, 0)]), set(&[(0, 0)]), set(&[(one, one)])] {
            let piece = set.pieces().next().unwrap();
            prop_assert_eq!(piece.wire_len(), piece.to_string().len());
        }
    }
}

#[test]
fn the_largest_number_is_not_the_star() {
    let both = NumberSet::parse(b"4294967295,*").unwrap();
    assert_eq!(both.to_string(), "4294967295,*");
    assert!(NumberSet::parse(b"*").unwrap().first().is_none());
    assert!(!NumberSet::parse(b"*").unwrap().contains(NonZeroU32::MAX));
    assert_eq!(NumberSet::parse(b"4294967295").unwrap().len(), Some(1));
}

#[test]
fn the_whole_range_is_kept_as_one() {
    let all = NumberSet::parse(b"1:4294967295").unwrap();
    assert_eq!(all.spans.len(), 1);
    assert_eq!(all.len(), Some(u64::from(u32::MAX)));
    assert_eq!(all.numbers().next_back(), Some(NonZeroU32::MAX));
    assert_eq!(all.numbers().next(), Some(NonZeroU32::MIN));
    let mut numbers = NumberSet::parse(b"4294967294:4294967295").unwrap();
    numbers.insert(NonZeroU32::MAX);
    numbers.insert(NonZeroU32::MIN);
    assert_eq!(numbers.to_string(), "1,4294967294:4294967295");
    assert_eq!(all.difference(&numbers).to_string(), "2:4294967293");
}

#[test]
fn all_but_what_the_server_alone_knows_is_nothing_for_sure() {
    let difference = |a: &[u8], b: &[u8]| {
        NumberSet::parse(a)
            .unwrap()
            .difference(&NumberSet::parse(b).unwrap())
            .to_string()
    };
    assert_eq!(difference(b"1:*", b"*"), "");
    assert_eq!(difference(b"1:*", b"5"), "1:4,6:4294967295");
    assert_eq!(difference(b"1:9", b"6:*"), "1:5");
    assert_eq!(difference(b"1:*", b"1:*"), "");
}

#[test]
fn what_the_grammar_does_not_have_is_refused() {
    for text in [
        "",
        ",",
        "1,",
        ",1",
        "1,,2",
        "1::3",
        "1:",
        ":1",
        "1:2:3",
        "0",
        "0:5",
        "+1",
        "-1",
        "1 ",
        "1-5",
        "4294967296",
        "99999999999999999999",
        "**",
        "*1",
        "a",
        "$",
    ] {
        assert!(NumberSet::parse(text.as_bytes()).is_err(), "{text:?}");
    }
}

#[test]
fn ranges_are_read_in_either_direction() {
    assert_eq!(NumberSet::parse(b"9:1").unwrap().to_string(), "1:9");
    assert_eq!(NumberSet::parse(b"*:7").unwrap().to_string(), "7:*");
    assert_eq!(NumberSet::parse(b"*:*").unwrap().to_string(), "*");
    assert_eq!(NumberSet::parse(b"012").unwrap().to_string(), "12");
}

#[test]
fn a_refusal_stays_short() {
    let refused = NumberSet::parse("1".repeat(100_000).as_bytes()).unwrap_err();
    assert!(refused.to_string().len() < 200);
}

#[test]
fn zero_is_left_out_by_the_builder() {
    let mut builder = NumberSetBuilder::default();
    builder.push(0);
    builder.push_range(0, 5);
    builder.push(3);
    builder.push_range(9, 7);
    assert_eq!(builder.finish().to_string(), "3,7:9");
}

/// Insertion one by one would move 10^11 octets here.
#[test]
fn a_million_numbers_in_no_order_are_sorted_once() {
    let mut builder = NumberSetBuilder::default();
    for at in 0..1_000_000_u64 {
        let scattered = (at * 7_919 % 1_000_003) * 2 + 1;
        builder.push(u32::try_from(scattered).unwrap());
    }
    let set = builder.finish();
    assert_eq!(set.len(), Some(1_000_000));
    assert_eq!(size_of::<Span>(), 8);
}

#[test]
fn ascending_numbers_make_one_range() {
    let mut builder = NumberSetBuilder::default();
    (1..=100_000).for_each(|number| builder.push(number));
    let set = builder.finish();
    assert_eq!(set.spans.len(), 1);
    assert_eq!(set.spans.capacity(), 4, "nothing is kept for each number");
}

/// A union for each would copy 10^11 octets here.
#[test]
fn many_small_sets_are_put_together_at_once() {
    let mut builder = NumberSetBuilder::default();
    for number in (1..=300_000_u32).rev() {
        builder.push_set(&NumberSet::between(nz(number * 2), nz(number * 2)));
    }
    builder.push_set(&NumberSet::starting_at(nz(600_000)));
    let set = builder.finish();
    assert_canonical(&set);
    assert_eq!(set.numbers().count(), 299_999);
    assert!(set.to_string().ends_with(",599998,600000:*"));
}
