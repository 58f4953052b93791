//! Which public types a program can print for people: each has `Display`, or a reason why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const HANDLE: &str = "something that acts, not a value";
const SETTINGS: &str = "settings or a command, not an answer";
const MARKER: &str = "a type parameter without a value";
const BY_MACRO: &str = "has `Display` by a macro";
const ITERATOR: &str = "an iterator: its items are shown";
const PARTS: &str = "its parts are shown one by one";
const SECRET: &str = "holds a secret, or is a login";

/// The public types without an `impl Display for` of their own, and why.
const REASONS: [(&str, &[&str]); 7] = [
    (
        HANDLE,
        &[
            "Account",
            "AclCommands",
            "Append",
            "AppendEach",
            "Batches",
            "Changes",
            "ChildProcess",
            "Client",
            "CloseHandle",
            "CopyMessages",
            "Decoded",
            "Descriptors",
            "Download",
            "Downloads",
            "FetchChanges",
            "FetchMessages",
            "Idle",
            "MailboxGuard",
            "Messages",
            "MetadataCommands",
            "Notifications",
            "NotifyCommands",
            "Numbered",
            "OwnedMessages",
            "Pool",
            "PooledSession",
            "QuotaCommands",
            "SavedSearch",
            "Session",
            "Socket",
            "StopHandle",
            "Watch",
            "Watches",
        ],
    ),
    (
        SETTINGS,
        &[
            "Backoff",
            "CatenatePart",
            "ClientBuilder",
            "Create",
            "DeleteMessages",
            "EntryType",
            "Expunge",
            "GetMetadata",
            "IdleOptions",
            "List",
            "LockRequest",
            "MailboxScope",
            "MechanismContext",
            "MoveMessages",
            "MoveToTrash",
            "MyRights",
            "NewMessage",
            "Noop",
            "NotifyRequest",
            "Partial",
            "PoolOptions",
            "Proxy",
            "RawCommand",
            "Search",
            "SearchReturn",
            "Sort",
            "Status",
            "Store",
            "TlsBackend",
            "WatchRequest",
            "WatchSource",
        ],
    ),
    (
        MARKER,
        &[
            "AuthenticatedState",
            "NumberedState",
            "Owned",
            "ReadOnly",
            "ReadWrite",
            "SavedResult",
            "SavedState",
            "SelectedState",
        ],
    ),
    (BY_MACRO, &["SequenceSet", "UidSet"]),
    (
        ITERATOR,
        &[
            "AddedMessages",
            "AddressListItems",
            "HeaderFields",
            "IdleEvents",
            "Labels",
            "Parameters",
            "ThreadIter",
        ],
    ),
    (
        PARTS,
        &[
            "BodyStructure",
            "ChangedMessage",
            "Charset",
            "Created",
            "Fetch",
            "FlagTable",
            "HeaderField",
            "Identity",
            "ItemErrorKind",
            "Pairing",
            "Part",
            "Parts",
            "RawAnswer",
            "RawResponse",
            "RawToken",
            "RawTokens",
            "Right",
            "SortResult",
            "Stored",
            "Thread",
            "Threads",
        ],
    ),
    (
        SECRET,
        &[
            "Anonymous",
            "CramMd5",
            "Credentials",
            "External",
            "Login",
            "LoginChoice",
            "OAuthBearer",
            "Plain",
            "Scram",
            "Secret",
            "XOAuth2",
        ],
    ),
];

#[test]
fn every_public_type_is_shown_or_has_a_reason() {
    let mut files = Vec::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src"),
        &mut files,
    );
    let public = exported(&files);
    assert!(public.len() > 100, "{public:?}");
    let shown: BTreeSet<&str> = files.iter().flat_map(|file| displayed(file)).collect();
    let types: BTreeSet<&str> = files.iter().flat_map(|file| defined(file)).collect();
    let mut reasons: BTreeMap<&str, &str> = BTreeMap::new();
    for (reason, names) in REASONS {
        for name in names {
            assert_eq!(reasons.insert(name, reason), None, "{name} is listed twice");
        }
    }
    let without: Vec<_> = public
        .iter()
        .filter(|name| types.contains(name.as_str()))
        .filter(|name| !shown.contains(name.as_str()) && !reasons.contains_key(name.as_str()))
        .collect();
    assert!(
        without.is_empty(),
        "neither `Display` nor a reason in REASONS: {without:?}"
    );
    let needless: Vec<_> = reasons
        .keys()
        .filter(|name| shown.contains(*name) || !public.contains(**name))
        .collect();
    assert!(
        needless.is_empty(),
        "REASONS names what is shown, or is not public: {needless:?}"
    );
}

fn read(directory: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("fuzzing") {
            read(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// The capitalized names at the end of each `pub use`.
fn exported(files: &[String]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files {
        let uses = file.split("pub use ").skip(1);
        for path in uses.filter_map(|rest| rest.split(';').next()) {
            let last = path.rsplit("::").next().unwrap_or_default();
            let words = last.split(|c: char| !c.is_alphanumeric() && c != '_');
            let is_name = |word: &&str| word.starts_with(|c: char| c.is_ascii_uppercase());
            names.extend(words.filter(is_name).map(str::to_owned));
        }
    }
    names
}

/// The types that a file implements `Display` for.
fn displayed(file: &str) -> impl Iterator<Item = &str> {
    let impls = file.split("Display for ").skip(1);
    impls.map(|rest| {
        let path = rest.split([' ', '<']).next().unwrap_or_default();
        path.rsplit("::").next().unwrap_or_default()
    })
}

/// The types that a file defines.
fn defined(file: &str) -> impl Iterator<Item = &str> {
    let by_line = file.lines().map(str::trim_start);
    by_line.filter_map(|line| {
        let is_struct = line.strip_prefix("pub struct ");
        let rest = is_struct.or_else(|| line.strip_prefix("pub enum "))?;
        rest.split(|c: char| !c.is_alphanumeric()).next()
    })
}
