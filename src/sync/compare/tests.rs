//! Histories of an account: what is said of each mailbox, by ids and by numbers.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn states(text: &str) -> Vec<MailboxState> {
    let states = text.split_whitespace().map(MailboxState::from_stored);
    states.collect::<Option<_>>().unwrap()
}

/// The changes as text, and what is kept. An arrival has the id that the new state has.
fn compared(old: &str, new: &str) -> (Vec<String>, Vec<MailboxState>) {
    let (old, new) = (states(old), states(new));
    let found = new.iter().map(|state| {
        let bare = MailboxState {
            mailbox_id: None,
            ..state.clone()
        };
        (state.name.clone(), Ok(bare))
    });
    let mut comparison = Comparison::new(&old, found.collect());
    let arrivals: Vec<_> = comparison.arrivals().cloned().collect();
    let id = |name: &MailboxName| {
        let state = new.iter().find(|state| state.name == *name);
        state.unwrap().mailbox_id().map(str::to_owned)
    };
    comparison.set_ids(arrivals.iter().map(id));
    let (kept, changes) = comparison.finish();
    (changes.iter().map(shown).collect(), kept)
}

fn shown(change: &MailboxChange) -> String {
    let name = change.name();
    match change.kind() {
        MailboxChangeKind::New => format!("{name} new"),
        MailboxChangeKind::Gone => format!("{name} gone"),
        MailboxChangeKind::Recreated => format!("{name} recreated"),
        MailboxChangeKind::Changed => format!("{name} changed"),
        MailboxChangeKind::MayHaveChanged => format!("{name} may"),
        MailboxChangeKind::Failed(error) => format!("{name} failed: {error}"),
        MailboxChangeKind::Renamed {
            from,
            is_guess,
            may_have_changed,
        } => {
            let guess = if *is_guess { " by guess" } else { "" };
            let may = if *may_have_changed { ", may" } else { "" };
            format!("{from} to {name}{guess}{may}")
        }
    }
}

#[track_caller]
fn assert_changes(old: &str, new: &str, expected: &[&str]) {
    let (changes, kept) = compared(old, new);
    assert_eq!(changes, expected, "{old} -> {new}");
    assert_eq!(kept, states(new), "{old} -> {new}");
}

#[test]
fn what_is_under_the_same_name_is_compared_by_its_numbers() {
    let old = "a:v7:n31:m30:u2:h5 b:v7:n1:m0:u0:h1";
    assert_changes("", "", &[]);
    assert_changes("", old, &["a new", "b new"]);
    assert_changes(old, "", &["a gone", "b gone"]);
    assert_changes(old, old, &[]);
    let other = "b:v7:n1:m0:u0:h1";
    for (a, said) in [
        ("a:v7:n31:m30:u2:h6", "a changed"),
        ("a:v7:n31:m30:u1:h5", "a changed"),
        ("a:v7:n30:m30:u2:h5", "a recreated"),
        ("a:v6:n31:m30:u2:h5", "a recreated"),
        ("a:v7:n31:m30:u2", "a changed"),
    ] {
        assert_changes(old, &format!("{a} {other}"), &[said]);
    }
}

#[test]
fn without_mod_sequences_every_mailbox_with_messages_may_have_changed() {
    let old = "a:v7:n31:m30:u2 b:v7:n9:m0:u0 c d:v7:m3";
    assert_changes(old, old, &["a may", "c may", "d may"]);
}

#[test]
fn what_is_due_is_reported_again() {
    let (changes, kept) = compared("a:v7:n31:m30:u2:h5:d", "a:v7:n31:m30:u2:h5");
    assert_eq!(changes, ["a changed"]);
    assert!(!kept[0].is_due);
}

#[test]
fn an_id_recognizes_a_renamed_mailbox() {
    assert_changes("a:v7:n2:m1:u0:h5:iA", "b:v7:n2:m1:u0:h5:iA", &["a to b"]);
    // It has its UIDs, its numbers are others.
    assert_changes("a:v7:n2:m1:h5:iA", "b:v7:n3:m2:h6:iA", &["a to b, may"]);
    assert_changes("a:v7:n2:m1:iA", "b:v7:n2:m1:iA", &["a to b, may"]);
    // Numbers that are equal by chance do not count beside ids.
    assert_changes("a:v7:n2:m1:h5:iA", "b:v7:n2:m1:h5:iB", &["a gone", "b new"]);
    // The mailbox with new UIDs is the one that it was, by name.
    assert_changes("a:v7:n2:m1:h5:iA", "a:v8:n2:m1:h5:iA", &["a recreated"]);
    assert_changes("a:v7:n2:m1:h5:iA", "a:v8:n2:m1:h5:iB", &["a recreated"]);
    // Ids that a server gives twice mean nothing.
    assert_changes(
        "a:v7:n2:m1:h5:iA",
        "b:v8:n2:m1:h5:iA c:v9:n2:m1:h5:iA",
        &["a gone", "b new", "c new"],
    );
    assert_changes(
        "a:v7:n2:m1:h5:iA b:v8:n2:m1:h5:iA",
        "c:v8:n2:m1:h5:iA",
        &["a gone", "b gone", "c new"],
    );
}

#[test]
fn renames_come_in_an_order_in_which_they_can_be_applied() {
    // A new mailbox has the name of the renamed one.
    assert_changes(
        "a:v1:n2:m1:h1:iA",
        "a:v2:n2:m1:h1:iX b:v1:n2:m1:h1:iA",
        &["a to b", "a new"],
    );
    // The renamed one has the name of one that is gone.
    assert_changes(
        "a:v1:n2:m1:h1:iA b:v2:n2:m1:h1:iB",
        "b:v1:n2:m1:h1:iA",
        &["b gone", "a to b"],
    );
    assert_changes(
        "a:v1:n2:m1:h1:iA b:v2:n2:m1:h1:iB c:v3:n2:m1:h1:iC",
        "b:v1:n2:m1:h1:iA c:v2:n2:m1:h1:iB d:v3:n2:m1:h1:iC",
        &["c to d", "b to c", "a to b"],
    );
    // Names that were swapped.
    assert_changes(
        "a:v1:n2:m1:h1:iA b:v2:n2:m1:h1:iB",
        "a:v2:n2:m1:h1:iB b:v1:n2:m1:h1:iA",
        &["a to b", "b to a"],
    );
}

#[test]
fn without_ids_a_rename_is_a_guess_by_numbers_that_are_unique() {
    assert_changes("a:v7:n2:m1:h5", "b:v7:n2:m1:h6", &["a to b by guess, may"]);
    assert_changes("a:v7:n2:m1:h5", "b:v7:n2:m1:h5", &["a to b by guess"]);
    for (old, new) in [
        ("a:v7:n2:m1:h5", "b:v8:n2:m1:h5"),
        ("a:v7:n2:m1:h5", "b:v7:n3:m1:h5"),
        ("a:v7:n2:m1:h5", "b:v7:n2:m2:h5"),
        ("a:v7:n1:m0:h1", "b:v7:n1:m0:h1"),
        ("a:n2:m1", "b:n2:m1"),
    ] {
        assert_changes(old, new, &["a gone", "b new"]);
    }
    assert_changes(
        "a:v7:n2:m1",
        "b:v7:n2:m1 c:v7:n2:m1",
        &["a gone", "b new", "c new"],
    );
    assert_changes(
        "a:v7:n2:m1 b:v7:n2:m1",
        "c:v7:n2:m1",
        &["a gone", "b gone", "c new"],
    );
    // One that is recreated is neither.
    assert_changes(
        "a:v6:n2:m1 b:v7:n2:m1",
        "a:v7:n2:m1",
        &["b gone", "a recreated"],
    );
}

#[test]
fn what_failed_keeps_its_numbers() {
    let old = states("a:v7:n2:m1:h5:iA:d");
    let failed = |name| {
        let name = MailboxName::new(name).unwrap();
        (name, Err(Error::MissingData("STATUS")))
    };
    let comparison = Comparison::new(&old, vec![failed("a"), failed("b")]);
    assert_eq!(comparison.arrivals().count(), 0);
    let (kept, changes) = comparison.finish();
    assert_eq!(kept, old);
    let names: Vec<_> = changes
        .iter()
        .map(|change| change.name().as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(
        (changes[0].messages(), changes[1].messages()),
        (Some(1), None)
    );
    assert!(changes.iter().all(|change| !change.has_to_be_read()));
}

/// An account then and now: each mailbox has a name then, now, or both, and an id of its own.
fn histories() -> impl Strategy<Value = (Vec<MailboxState>, Vec<MailboxState>)> {
    let name = || prop::option::weighted(0.85, "[a-f]");
    let one = (
        name(),
        name(),
        1_u32..3,
        0_u32..2,
        0_u32..2,
        prop::bool::weighted(0.2),
    );
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
        for (id, (then, now, next, messages, more, is_same_name)) in all.into_iter().enumerate() {
            let rest = |more| {
                format!(
                    "v{}:n{}:m{messages}:h{}:iI{id}",
                    id + 1,
                    next + more,
                    1 + more
                )
            };
            let now = if is_same_name { then.clone() } else { now };
            if let Some(name) = then {
                let text = format!("{name}:{}", rest(0));
                old.entry(name).or_insert(states(&text).remove(0));
            }
            if let Some(name) = now {
                let text = format!("{name}:{}", rest(more));
                new.entry(name).or_insert(states(&text).remove(0));
            }
        }
        (old.into_values().collect(), new.into_values().collect())
    })
}

proptest! {
    /// A copy that a program keeps, by name, is the account when the changes were applied one by one.
    #[test]
    fn a_copy_that_applies_the_changes_is_the_account(
        (old, new) in histories(),
        has_ids in any::<bool>(),
    ) {
        let with_ids = |states: Vec<MailboxState>| -> Vec<MailboxState> {
            let bare = |state| MailboxState { mailbox_id: None, ..state };
            match has_ids {
                true => states,
                false => states.into_iter().map(bare).collect(),
            }
        };
        let (old, new) = (with_ids(old), with_ids(new));
        let found = new.iter().map(|state| (state.name.clone(), Ok(state.clone())));
        let mut comparison = Comparison::new(&old, found.collect());
        let ids: HashMap<_, _> = new.iter().map(|state| (&state.name, &state.mailbox_id)).collect();
        let arrivals: Vec<_> = comparison.arrivals().cloned().collect();
        let id = |name| ids.get(name)?.as_deref().map(str::to_owned);
        comparison.set_ids(arrivals.iter().map(id));
        let (kept, changes) = comparison.finish();
        let mut copy: HashMap<MailboxName, MailboxState> = HashMap::new();
        copy.extend(old.iter().map(|state| (state.name.clone(), state.clone())));
        let sources = changes.iter().filter(|change| {
            matches!(change.kind(), MailboxChangeKind::Renamed { .. })
        });
        let is_circle = sources.clone().any(|change| {
            // A circle has no first rename: follow the names.
            let mut name = change.name().clone();
            for _ in 0..changes.len() {
                let next = sources.clone().find(|other| {
                    matches!(other.kind(), MailboxChangeKind::Renamed { from, .. } if *from == name)
                });
                match next {
                    Some(next) => name = next.name().clone(),
                    None => return false,
                }
            }
            true
        });
        prop_assume!(!is_circle);
        for change in &changes {
            let state = change.state().clone();
            match change.kind() {
                MailboxChangeKind::Gone => prop_assert!(copy.remove(change.name()).is_some()),
                MailboxChangeKind::Renamed { from, .. } => {
                    prop_assert!(copy.remove(from).is_some());
                    prop_assert!(copy.insert(change.name().clone(), state).is_none());
                }
                MailboxChangeKind::New => {
                    prop_assert!(copy.insert(change.name().clone(), state).is_none());
                }
                _ => prop_assert!(copy.insert(change.name().clone(), state).is_some()),
            }
        }
        let mut copy: Vec<_> = copy.into_values().collect();
        copy.sort_by(|one, other| one.name.cmp(&other.name));
        for (copied, kept) in copy.iter_mut().zip(&kept) {
            // The id of a mailbox that did not change is not asked for again.
            copied.mailbox_id.clone_from(&kept.mailbox_id);
        }
        prop_assert_eq!(&copy, &kept);
    }
}
