//! Every seed goes through its target in the normal run of the tests.

use std::fs;
use std::path::Path;

use crate::fuzzing::oracle::theirs;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 9] = [
    ("encoder", |data| super::encoder(data, theirs::command)),
    ("framing", super::framing),
    ("handshakes", super::handshakes),
    ("mailbox_names", super::mailbox_names),
    ("oracle", oracle),
    ("responses", super::responses),
    ("session", super::session),
    ("sets", super::sets),
    ("texts", super::texts),
];

fn seeds() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut seeds = Vec::new();
    for target in fs::read_dir(root).unwrap() {
        let target = target.unwrap();
        for seed in fs::read_dir(target.path()).unwrap() {
            let seed = seed.unwrap().path();
            let name = target.file_name().into_string().unwrap();
            seeds.push((name, fs::read(seed).unwrap()));
        }
    }
    seeds
}

#[test]
fn every_seed_passes_its_target() {
    let seeds = seeds();
    for (name, target) in TARGETS {
        let own = seeds.iter().filter(|(other, _)| other == name);
        let run = own.map(|(_, seed)| target(seed)).count();
        assert!(run >= 5, "{name} has {run} seeds");
    }
    let known = |name: &String| TARGETS.iter().any(|(target, _)| target == name);
    assert!(seeds.iter().all(|(name, _)| known(name)));
}

fn oracle(data: &[u8]) {
    super::oracle(data, theirs::response);
    super::oracle(data, theirs::greeting);
}
