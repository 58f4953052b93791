//! Tests of all the responses together.

mod known;
mod oracle;
mod properties;
