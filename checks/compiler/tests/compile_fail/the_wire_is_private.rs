pub use latchbox::wire;

fn main() {}
