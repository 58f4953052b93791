//! The methods that send commands: a file for each command and its relatives, in the order in which
//! a reader meets them, and after those of a state what is made of several of its commands. SELECT is in
//! `connection::selection`, LOGOUT in `session`, STARTTLS in `connect`.

// The not authenticated state.
pub(crate) mod authenticate;
pub(crate) mod login;

// Any state, and the authenticated state.
pub(crate) mod capability;
pub(crate) mod enable;
pub(crate) mod noop;
pub(crate) mod id;
pub(crate) mod namespace;
pub(crate) mod list;
pub(crate) mod status;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod rename;
pub(crate) mod subscribe;
pub(crate) mod append;
pub(crate) mod acl;
pub(crate) mod quota;
pub(crate) mod metadata;
pub(crate) mod multi_search;
pub(crate) mod notify;
#[cfg(feature = "compress")]
pub(crate) mod compress;
pub(crate) mod jmap_access;
pub(crate) mod language;
pub(crate) mod raw;
pub(crate) mod unauthenticate;

// Made of them, or of what they left.
pub(crate) mod events;
pub(crate) mod special_mailboxes;

// The selected state.
pub(crate) mod search;
pub(crate) mod sort;
pub(crate) mod thread;
pub(crate) mod fetch;
pub(crate) mod download;
pub(crate) mod store;
pub(crate) mod copy;
pub(crate) mod r#move;
pub(crate) mod expunge;
pub(crate) mod replace;
pub(crate) mod run;
pub(crate) mod idle;
pub(crate) mod close;

// Made of them.
pub(crate) mod batches;
pub(crate) mod uid_batches;
pub(crate) mod flags;
pub(crate) mod flag_color;
pub(crate) mod trash;

pub use self::append::Append;
pub use self::append::each::AppendEach;
pub use self::batches::Batches;
pub use self::copy::CopyMessages;
pub use self::create::Create;
pub use self::download::{Download, Downloads};
pub use self::expunge::{DeleteMessages, Expunge};
pub use self::fetch::{Messages, OwnedMessages};
pub use self::idle::{Idle, IdleEvents};
pub use self::r#move::MoveMessages;
pub use self::multi_search::MailboxSearchResult;
pub use self::noop::Noop;
pub use self::raw::RawCommand;
pub use self::raw::answer::{RawAnswer, RawResponse, RawToken, RawTokens};
pub use self::replace::Replaced;
pub use self::sort::Sort;
pub use self::status::Status;
pub use self::store::{ChangedMessage, Store, Stored};
pub use self::trash::{MoveToTrash, Trashed};
pub use crate::exchange::{AuthenticatedState, Command};
pub use crate::idle_options::{IdleEnd, IdleOptions};
pub use crate::mailbox_guard::lease::SelectedState;
pub use crate::mailbox_guard::numbered::NumberedState;
pub use crate::mailbox_guard::saved_search::SavedState;
pub use crate::mailbox_guard::search::Search;
pub use crate::pipeline::Batch;
pub use crate::session::unauthenticate_error::UnauthenticateError;
pub use crate::types::appended::Appended;
pub use crate::types::copied::{Copied, Pairing};
pub use crate::types::created::Created;
pub use crate::types::expunged::Expunged;
pub use crate::types::fetch_messages::FetchMessages;
pub use crate::types::flag_table::{FlagTable, MessageFlags};
pub use crate::types::list_mailboxes::List;
pub use crate::types::search_return::SearchResult;
