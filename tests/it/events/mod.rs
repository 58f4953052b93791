//! What a server tells unasked: to whom, in which order, and how much of it is kept.

mod access;
mod alerts;
mod in_progress;
mod notify;
mod progress;
mod reconnected;
