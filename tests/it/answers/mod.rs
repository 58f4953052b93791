//! Whether an answer is the one to the question: by the name of its mailbox, by its tag, by what the
//! server says it did; and what is remembered of a refusal.

mod batches;
mod decoding;
mod doubts;
mod forms;
mod framing;
mod habits;
mod limits;
mod lost;
mod names;
mod numbers;
mod removed;
mod sets;
mod sorting;
mod tags;
mod values;
