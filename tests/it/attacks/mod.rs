//! Hostile servers and hostile inputs, each test named after its number in the list of attacks:
//! what the client must answer, what it must not send, and what can be done next.

mod framing;
mod greeting;
mod injection;
mod limits;
mod literal8;
mod literals;
mod login;
mod names;
mod numbers;
mod raw;
mod sasl;
#[cfg(feature = "scram")]
mod scram;
mod secrets;
mod selection;
mod sets;
mod start_tls;
mod streams;
mod tags;
mod values;
