//! Watching mailboxes: what has changed since a checkpoint, then each change as it happens, across
//! reconnections; one watch, or many on one thread.

mod failure;
mod item;
mod listening;
mod many;
mod others;
mod pace;
mod request;
mod runner;
mod settings;
mod single;
mod source;
mod state;
mod watched;
mod watcher;

pub use item::WatchItem;
pub use many::{WatchId, Watches};
pub use request::WatchRequest;
pub use single::Watch;
pub use source::WatchSource;
pub use state::{Activity, Others, WatchState};
