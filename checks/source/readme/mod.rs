//! What CONTRIBUTING.md says of the house is so: each module stands where it is drawn.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::house::FLOORS;

#[test]
fn the_floors_are_drawn_as_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let face = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let page = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let mut drawn = BTreeMap::new();
    for line in page.lines().skip_while(|line| *line != "## The house") {
        let (floor, rest) = line.trim_start().split_once(' ').unwrap_or_default();
        let (Ok(floor), Some((rooms, _))) = (floor.parse(), rest.trim_start().split_once("  "))
        else {
            continue;
        };
        for room in rooms.split(", ") {
            drawn.insert(room, floor);
        }
    }
    let modules = face
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "));
    let modules = modules.filter_map(|line| line.strip_suffix(';'));
    let floor_of = |room: &str| FLOORS.iter().find(|(name, _)| *name == room).unwrap().1;
    let floors: BTreeMap<&str, u8> = modules
        .chain(["lib"])
        .map(|room| (room, floor_of(room)))
        .collect();
    assert_eq!(drawn, floors);
}
