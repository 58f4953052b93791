//! An allocator that counts for each thread by itself, so that tests can run side by side.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator with counters.
pub struct Counting;

/// What allocations have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How many there were; growing counts as one.
    pub allocations: u64,
    /// How many octets they asked for.
    pub octets: u64,
    /// The most octets that were held at a time, beyond what was held before.
    pub peak: u64,
    /// The octets that are held afterwards, beyond what was held before.
    pub kept: i64,
}

#[derive(Clone, Copy)]
struct Counters {
    allocations: u64,
    octets: u64,
    held: i64,
    peak: i64,
}

thread_local! {
    static COUNTERS: Cell<Counters> = const {
        Cell::new(Counters { allocations: 0, octets: 0, held: 0, peak: 0 })
    };
}

/// What the allocations of this thread cost while `run` runs, and what it returns.
pub fn cost<T>(run: impl FnOnce() -> T) -> (Cost, T) {
    let before = COUNTERS.with(|counters| {
        let mut now = counters.get();
        now.peak = now.held;
        counters.set(now);
        now
    });
    let returned = run();
    let after = COUNTERS.with(Cell::get);
    let cost = Cost {
        allocations: after.allocations - before.allocations,
        octets: after.octets - before.octets,
        peak: (after.peak - before.held).max(0) as u64,
        kept: after.held - before.held,
    };
    (cost, returned)
}

fn change(taken: usize, given: usize) {
    // Nothing is counted while a thread ends.
    let _ = COUNTERS.try_with(|counters| {
        let mut now = counters.get();
        if taken > 0 {
            now.allocations += 1;
            now.octets += taken as u64;
        }
        now.held += taken as i64 - given as i64;
        now.peak = now.peak.max(now.held);
        counters.set(now);
    });
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        change(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        change(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        change(0, layout.size());
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        change(size, layout.size());
        unsafe { System.realloc(place, layout, size) }
    }
}
