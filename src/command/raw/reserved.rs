//! The commands that cannot be raw, and those that need a mailbox, as far as their names are known.

/// Commands that change the state of the connection or the selection, and the method to use.
const RESERVED: [(&str, &str); 19] = [
    ("AUTHENTICATE", "Client::authenticate"),
    ("CLOSE", "MailboxGuard::close_and_expunge"),
    ("COMPRESS", "Session::compress"),
    ("DELETE", "Session::delete"),
    ("DONE", "Idle::done"),
    ("ENABLE", "Session::enable"),
    ("EXAMINE", "Session::lock_mailbox_read_only"),
    ("IDLE", "MailboxGuard::idle"),
    ("LOGIN", "Client::login"),
    ("LOGOUT", "Session::logout"),
    ("NOTIFY", "Session::notify"),
    ("PROXYAUTH", "Client::authenticate"),
    ("RENAME", "Session::rename"),
    ("SELECT", "Session::lock_mailbox"),
    ("STARTTLS", "ClientBuilder::start_tls"),
    ("UID", "RawCommand::uid"),
    ("UNAUTHENTICATE", "Session::unauthenticate"),
    ("UNSELECT", "MailboxGuard::unselect"),
    ("X-UNAUTHENTICATE", "Session::unauthenticate"),
];

/// Commands of the selected state.
const SELECTED: [&str; 14] = [
    "CANCELUPDATE",
    "CHECK",
    "CONVERT",
    "COPY",
    "ESEARCH",
    "EXPUNGE",
    "FETCH",
    "MOVE",
    "REPLACE",
    "SEARCH",
    "SORT",
    "STORE",
    "THREAD",
    "XMOVE",
];

/// Commands that change messages, or their mailboxes.
const CHANGING: [&str; 11] = [
    "APPEND",
    "COPY",
    "CREATE",
    "EXPUNGE",
    "MOVE",
    "REPLACE",
    "SETACL",
    "SETMETADATA",
    "SETQUOTA",
    "STORE",
    "XMOVE",
];

/// The method to use instead of this command.
pub(super) fn method_for(name: &str) -> Option<&'static str> {
    let mut all = RESERVED.iter();
    let found = all.find(|(reserved, _)| reserved.eq_ignore_ascii_case(name));
    found.map(|(_, method)| *method)
}

/// Whether it acts on the selected mailbox.
pub(super) fn needs_mailbox(name: &str) -> bool {
    is_one_of(&SELECTED, name)
}

/// Whether it is known to change something.
pub(super) fn changes_messages(name: &str) -> bool {
    is_one_of(&CHANGING, name)
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
