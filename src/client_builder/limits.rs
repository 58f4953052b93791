//! The options for the limits on what a server may send, or make the client hold or do; `limits.rs`
//! has the reason for each default.

use crate::client_builder::ClientBuilder;

impl ClientBuilder {
    /// Limit on a line of a response, without its literals, in octets; 16 MiB by default.
    ///
    /// A longer line closes the connection.
    pub fn line_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.line = octets;
        self
    }

    /// Limit on a literal that is held in memory, in octets; 64 MiB by default.
    ///
    /// A longer literal closes the connection. A [`Download`](crate::command::Download) holds none, and
    /// has [`download_limit`](Self::download_limit).
    pub fn literal_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.literal = octets;
        self
    }

    /// Limit on a single response with all its literals, in octets; 128 MiB by default.
    ///
    /// A longer response closes the connection.
    pub fn response_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.response = octets;
        self
    }

    /// Limit on a collected answer, all responses to one command, in octets; 256 MiB by default.
    ///
    /// A longer answer closes the connection. In a stream, the limit is on what the server sends
    /// between two messages, and in an IDLE, between two events. Of a table of flags, what it keeps
    /// counts and not what was sent: 16 octets for each message.
    pub fn answer_limit(mut self, octets: u64) -> Self {
        self.bounds.session.answer = octets;
        self
    }

    /// Limit on the greeting, in octets; 64 KiB by default.
    ///
    /// With a longer greeting, connecting fails.
    pub fn greeting_limit(mut self, octets: usize) -> Self {
        self.bounds.session.greeting = octets;
        self
    }

    /// Limit on the elements of a list, and on the responses of an answer; 1,000,000 by default.
    ///
    /// The elements are flags, capabilities, quota roots; the responses are those of a collected
    /// answer, such as the mailboxes of a LIST.
    ///
    /// A longer list makes its command fail with [`Error::Unparsable`](crate::Error::Unparsable);
    /// more responses close the connection.
    pub fn list_limit(mut self, elements: usize) -> Self {
        self.bounds.limits.list = elements;
        self
    }

    /// Limit on the nesting of parentheses in a value, and of parts, in levels; 64 by default.
    ///
    /// The parts are those of a body structure.
    ///
    /// A deeper value is an error of that item alone.
    pub fn depth_limit(mut self, levels: usize) -> Self {
        self.bounds.limits.depth = levels;
        self
    }

    /// Limit on the nesting of branches in the answer to THREAD, in levels; 4096 by default.
    ///
    /// A deeper answer is [`Error::Unparsable`](crate::Error::Unparsable).
    pub fn thread_depth_limit(mut self, levels: usize) -> Self {
        self.bounds.limits.thread_depth = levels;
        self
    }

    /// Limit on the parts of a body structure; 10,000 by default.
    ///
    /// A structure with more parts is an error of that item alone.
    pub fn parts_limit(mut self, parts: usize) -> Self {
        self.bounds.limits.parts = parts;
        self
    }

    /// Limit on the items of one message in an answer to FETCH; 4096 by default.
    ///
    /// More items are an error of that message.
    pub fn items_limit(mut self, items: usize) -> Self {
        self.bounds.limits.items = items;
        self
    }

    /// Limit on the rows of an answer to FETCH for each requested message, on average; 64 by
    /// default.
    ///
    /// With more, the connection is closed. A set that is larger than the mailbox counts as the
    /// number of messages in the mailbox. Unsolicited rows do not count.
    pub fn rows_limit(mut self, rows: u64) -> Self {
        self.bounds.session.rows = rows;
        self
    }

    /// Limit on the literal of a [`Download`](crate::command::Download), in octets; 4 GiB by default.
    ///
    /// The exact value is 4294967295, the longest literal of RFC 3501.
    /// If the server announces a longer literal, the connection is closed before any of it is read.
    pub fn download_limit(mut self, octets: u64) -> Self {
        self.bounds.session.download = octets;
        self
    }

    /// Limit on the octets drained from an abandoned answer; 8 MiB by default.
    ///
    /// An answer is abandoned if, say, its stream is dropped early. With more octets, the
    /// connection is closed instead. See also [`drain_timeout`](Self::drain_timeout).
    pub fn drain_limit(mut self, octets: u64) -> Self {
        self.bounds.session.drain = octets;
        self
    }

    /// Limit on continuation requests that are ignored during one command; 8 by default.
    ///
    /// One more closes the connection.
    pub fn continuations_limit(mut self, requests: usize) -> Self {
        self.bounds.session.continuations = requests;
        self
    }

    /// Limit on the rounds of a login by SASL; 16 by default.
    ///
    /// With more, the exchange is aborted.
    pub fn sasl_rounds_limit(mut self, rounds: usize) -> Self {
        self.bounds.session.rounds = rounds;
        self
    }

    /// Limit on a challenge in a login by SASL, in octets of base64; 64 KiB by default.
    ///
    /// At a longer challenge, the exchange is aborted.
    pub fn sasl_challenge_limit(mut self, octets: usize) -> Self {
        self.bounds.session.challenge = octets;
        self
    }

    /// Limit on the events in an event queue; 1024 by default.
    ///
    /// If one more comes, the oldest is discarded, and an event reports how many were discarded.
    pub fn events_limit(mut self, events: usize) -> Self {
        self.bounds.session.events = events;
        self
    }

    /// Limit on the server's octets that an event queue holds; 16 MiB by default.
    ///
    /// Beyond it the oldest events are discarded, and an event reports how many were discarded.
    pub fn event_octets_limit(mut self, octets: usize) -> Self {
        self.bounds.session.event_octets = octets;
        self
    }
}
