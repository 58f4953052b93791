//! Faults as values: what breaks a connection, and when.

mod engine;
mod lane;
mod plan;

pub(crate) use engine::{Engine, Faults};
pub(crate) use lane::{Step, announced};
pub(crate) use plan::verb;
pub use plan::{Fault, FaultPlan, Trigger, Way};
