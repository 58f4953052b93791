//! Sets of numbers, against a model that has every number by itself.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use crate::fuzzing::input::Input;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::partial_range::PartialRange;
use crate::types::stored_uids::StoredUids;
use crate::types::uid_set::UidSet;

/// Numbers from 1 to this are in the model.
const MOST: u32 = 400;

/// Two sets made in steps, then a text that may be a set.
pub fn sets(data: &[u8]) {
    let mut input = Input::new(data);
    let (one, other) = (made(&mut input), made(&mut input));
    laws(&one, &other);
    let page = page(&mut input);
    parts(&one, &other, input.octet(), page);
    text(&input.text());
}

struct Made {
    set: NumberSet,
    model: BTreeSet<u32>,
    /// All numbers behind the model's are in the set too.
    is_open: bool,
}

fn made(input: &mut Input<'_>) -> Made {
    let mut builder = NumberSetBuilder::default();
    let mut inserted = NumberSet::new();
    let mut model = BTreeSet::new();
    let mut is_open = false;
    for _ in 0..input.octet() % 16 {
        let (how, a, b) = (input.octet(), input.octet(), input.octet());
        let (a, b) = (u32::from(a) % MOST, u32::from(b) + u32::from(how & 0x40));
        match how & 7 {
            0 => {
                builder.push(a);
                model.extend((a > 0).then_some(a));
            }
            1..=3 => {
                builder.push_range(a, b);
                // 0 is no number, and no end of a range.
                if a > 0 && b > 0 {
                    model.extend(a.min(b)..=a.max(b));
                }
            }
            4 => {
                let number = NonZeroU32::new(a + 1).unwrap();
                inserted.insert(number);
                model.insert(a + 1);
            }
            5 => {
                builder.push_set(&NumberSet::between(
                    NonZeroU32::new(a + 1).unwrap(),
                    NonZeroU32::new(b + 1).unwrap(),
                ));
                model.extend(a + 1..=b + 1);
            }
            6 if how & 0x80 > 0 => {
                builder.push_set(&NumberSet::starting_at(NonZeroU32::new(a + 1).unwrap()));
                model.extend(a + 1..=MOST);
                is_open = true;
            }
            _ => {
                let parsed = NumberSet::parse(format!("{},{}:{}", a + 1, a + 3, b + 1).as_bytes());
                builder.push_set(&parsed.unwrap());
                model.insert(a + 1);
                model.extend((a + 3).min(b + 1)..=(a + 3).max(b + 1));
            }
        }
    }
    let set = builder.finish().union(&inserted);
    let made = Made {
        set,
        model,
        is_open,
    };
    check(&made.set, &made.model, made.is_open);
    made
}

/// The set has what the model has, in the shortest form.
fn check(set: &NumberSet, model: &BTreeSet<u32>, is_open: bool) {
    for number in 1..=MOST {
        let number = NonZeroU32::new(number).unwrap();
        assert_eq!(
            set.contains(number),
            model.contains(&number.get()),
            "{number} in {set:?}"
        );
    }
    assert_eq!(set.is_open(), is_open);
    assert_eq!(set.contains(NonZeroU32::MAX), is_open);
    assert_eq!(set.is_empty(), model.is_empty() && !is_open);
    assert_eq!(set.first().map(NonZeroU32::get), model.first().copied());
    if is_open {
        assert_eq!((set.len(), set.last()), (None, None));
    } else {
        assert_eq!(set.len(), Some(model.len() as u64));
        assert!(set.numbers().map(NonZeroU32::get).eq(model.iter().copied()));
        assert!(
            set.numbers()
                .rev()
                .map(NonZeroU32::get)
                .eq(model.iter().rev().copied())
        );
        assert_eq!(set.last().map(NonZeroU32::get), model.last().copied());
    }
    let written = set.to_string();
    if !set.is_empty() {
        assert_eq!(
            &NumberSet::parse(written.as_bytes()).unwrap(),
            set,
            "{written}"
        );
    }
    let gaps = model
        .iter()
        .zip(model.iter().skip(1))
        .filter(|(a, b)| *a + 1 < **b);
    assert_eq!(
        set.pieces().count(),
        gaps.count() + usize::from(!model.is_empty())
    );
}

/// Union, intersection and difference are those of the model.
fn laws(one: &Made, other: &Made) {
    let (a, b) = (&one.set, &other.set);
    let [either, both] = [one.is_open || other.is_open, one.is_open && other.is_open];
    let union = a.union(b);
    check(&union, &(&one.model | &other.model), either);
    assert_eq!(union, b.union(a));
    let common = a.intersection(b);
    check(&common, &(&one.model & &other.model), both);
    assert_eq!(common, b.intersection(a));
    let rest = a.difference(b);
    for number in 1..=MOST {
        let expected = one.model.contains(&number) && !other.model.contains(&number);
        assert_eq!(
            rest.contains(NonZeroU32::new(number).unwrap()),
            expected,
            "{number}"
        );
    }
    assert!(rest.intersection(b).is_empty());
    if !one.is_open {
        assert_eq!(rest.union(&common), *a);
    }
    assert!(a.difference(a).is_empty());
}

/// Chunks are the whole again, and a page is where it is in the list.
fn parts(one: &Made, other: &Made, longest: u8, page: Option<PartialRange>) {
    let longest = usize::from(longest).max(21);
    let mut whole = NumberSet::new();
    for chunk in one.set.split_by_length(longest) {
        assert!(
            chunk.to_string().len() <= longest,
            "{chunk} is over {longest}"
        );
        assert!(!chunk.is_empty());
        assert!(whole.intersection(&chunk).is_empty());
        whole = whole.union(&chunk);
    }
    assert_eq!(whole, one.set);
    let Some(page) = page.filter(|_| !one.is_open) else {
        return;
    };
    let all: Vec<u32> = one.model.iter().copied().collect();
    let picked = page.pick(&one.set);
    assert!(
        picked
            .numbers()
            .map(NonZeroU32::get)
            .eq(page.slice(&all).iter().copied())
    );
    let _ = (
        page.to_string(),
        page.count(),
        page.next_page(),
        other.set.places(0, u64::MAX),
    );
}

fn page(input: &mut Input<'_>) -> Option<PartialRange> {
    let one = NonZeroU32::new(input.octet().into())?;
    let other = NonZeroU32::new(input.octet().into())?;
    Some(match input.octet() & 1 {
        0 => PartialRange::from_start(one, other),
        _ => PartialRange::from_end(one, other),
    })
}

/// What is a set is the same set once written and read again.
fn text(text: &str) {
    if let Ok(set) = NumberSet::parse(text.as_bytes()) {
        let written = set.to_string();
        assert_eq!(
            NumberSet::parse(written.as_bytes()).as_ref(),
            Ok(&set),
            "{written}"
        );
        let _ = (
            set.len(),
            set.first(),
            set.last(),
            set.contains(NonZeroU32::MIN),
        );
        let _ = (set.numbers().next(), set.numbers().next_back());
        for longest in [0, 1, 30] {
            let chunks = set.split_by_length(longest);
            assert_eq!(
                chunks.fold(NumberSet::new(), |all, chunk| all.union(&chunk)),
                set
            );
        }
        assert_eq!(set.union(&set), set);
        assert_eq!(text.parse::<UidSet>().unwrap().to_string(), written);
    }
    let _ = NumberSet::parse_in_order(text.as_bytes());
    if let Ok(stored) = text.parse::<StoredUids>() {
        assert_eq!(
            stored.to_string().parse::<StoredUids>().as_ref(),
            Ok(&stored)
        );
    }
}
