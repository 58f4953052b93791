//! Tests of all the responses together.

mod known;
mod properties;
