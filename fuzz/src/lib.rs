//! What the targets share: the bound on memory, and the other implementation.

#[path = "../../src/fuzzing/oracle/theirs/mod.rs"]
mod theirs;

use latchbox_counting::{Counting, cost};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Memory that a run may take whatever its input.
const ANYWAY: u64 = 8 << 20;

/// And for each octet of its input.
const PER_OCTET: u64 = 4096;

/// Runs a target and panics if it held too much memory at a time.
pub fn within_bounds(data: &[u8], target: fn(&[u8])) {
    let (cost, ()) = cost(|| target(data));
    let bound = ANYWAY + PER_OCTET * data.len() as u64;
    let (peak, len) = (cost.peak, data.len());
    assert!(peak <= bound, "{peak} octets held for {len} of input");
}

/// What is sent, as the other implementation reads it.
pub fn encoder(data: &[u8]) {
    latchbox::fuzzing::encoder(data, theirs::command);
}

/// What the other implementation accepts, as a response and as a greeting.
pub fn oracle(data: &[u8]) {
    latchbox::fuzzing::oracle(data, theirs::response);
    latchbox::fuzzing::oracle(data, theirs::greeting);
}
