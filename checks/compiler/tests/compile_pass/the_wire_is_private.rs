pub use latchbox::types;

fn main() {}
