//! The options for what a server may send, or have the client hold or do. Why each is as it is
//! stands in `limits.rs`.

use crate::client_builder::ClientBuilder;

impl ClientBuilder {
    /// The longest line of an answer, literals not counted, in octets; 16 MiB unless set. A longer
    /// one ends the connection.
    pub fn line_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.line = octets;
        self
    }

    /// The longest literal that is kept in memory, in octets; 64 MiB unless set. A longer one ends
    /// the connection. A [`Download`](crate::command::Download) keeps none.
    pub fn literal_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.literal = octets;
        self
    }

    /// The longest single response with all its literals, in octets; 128 MiB unless set. A longer
    /// one ends the connection.
    pub fn response_limit(mut self, octets: usize) -> Self {
        self.bounds.limits.response = octets;
        self
    }

    /// How much one command may be answered with in all, in octets, when the answer is collected
    /// and not streamed; 256 MiB unless set. More ends the connection.
    ///
    /// It also holds for what the server sends between two messages of a stream, and between two
    /// events in an IDLE.
    pub fn answer_limit(mut self, octets: u64) -> Self {
        self.bounds.session.answer = octets;
        self
    }

    /// The longest greeting, in octets; 64 KiB unless set. With a longer one there is no connection.
    pub fn greeting_limit(mut self, octets: usize) -> Self {
        self.bounds.session.greeting = octets;
        self
    }

    /// The longest list in an answer (flags, capabilities, quota roots), in elements, and the most
    /// responses of an answer that is gathered (mailboxes of a LIST); one million unless set.
    ///
    /// A longer list makes its command fail with [`Error::Unparsable`](crate::Error::Unparsable);
    /// more responses end the connection.
    pub fn list_limit(mut self, elements: usize) -> Self {
        self.bounds.limits.list = elements;
        self
    }

    /// The deepest nesting of parentheses in a value, and of parts in a body structure, in levels; 64
    /// unless set. A value that goes deeper is an error of that item alone.
    pub fn depth_limit(mut self, levels: usize) -> Self {
        self.bounds.limits.depth = levels;
        self
    }

    /// How deep the branches of a THREAD may stand in each other, in levels; 4096 unless set. A
    /// deeper one is [`Error::Unparsable`](crate::Error::Unparsable).
    pub fn thread_depth_limit(mut self, levels: usize) -> Self {
        self.bounds.limits.thread_depth = levels;
        self
    }

    /// How many parts a body structure may have; 10,000 unless set. A structure of more is an error
    /// of that item alone.
    pub fn parts_limit(mut self, parts: usize) -> Self {
        self.bounds.limits.parts = parts;
        self
    }

    /// How many items an answer to FETCH may hold of one message; 4096 unless set. Those beyond are
    /// an error of that message.
    pub fn items_limit(mut self, items: usize) -> Self {
        self.bounds.limits.items = items;
        self
    }

    /// The most rows of an answer to FETCH for each message that was asked for, on average; 64 by
    /// default. With more, the connection is closed.
    ///
    /// A set that is larger than the mailbox counts as many messages as that has. Rows that the
    /// server sends unasked do not count.
    pub fn rows_limit(mut self, rows: u64) -> Self {
        self.bounds.session.rows = rows;
        self
    }

    /// The longest literal of a [`Download`](crate::command::Download), in octets; 4 GiB by default.
    /// A server that announces a longer one has the connection closed before any of it is read.
    pub fn download_limit(mut self, octets: u64) -> Self {
        self.bounds.session.download = octets;
        self
    }

    /// How much is read of an answer that nobody wants any more, say of a stream that was dropped
    /// early, in octets, before closing the connection is the better choice; 8 MiB unless set. See
    /// also [`drain_timeout`](Self::drain_timeout).
    pub fn drain_limit(mut self, octets: u64) -> Self {
        self.bounds.session.drain = octets;
        self
    }

    /// How many continuation requests that nobody waits for are passed over during one command; 8
    /// unless set. One more ends the connection.
    pub fn continuations_limit(mut self, requests: usize) -> Self {
        self.bounds.session.continuations = requests;
        self
    }

    /// How many rounds a login by SASL may take; 16 unless set. With more the exchange is broken
    /// off.
    pub fn sasl_rounds_limit(mut self, rounds: usize) -> Self {
        self.bounds.session.rounds = rounds;
        self
    }

    /// The longest challenge of a login by SASL, in octets of base64; 64 KiB unless set. At a longer
    /// one the exchange is broken off.
    pub fn sasl_challenge_limit(mut self, octets: usize) -> Self {
        self.bounds.session.challenge = octets;
        self
    }

    /// How many events wait in a queue until somebody asks for them; 1024 unless set. When one more
    /// comes the oldest goes, and the queue tells how many went.
    pub fn events_limit(mut self, events: usize) -> Self {
        self.bounds.session.events = events;
        self
    }

    /// How much of what a server wrote the waiting events of a queue hold, in octets; 16 MiB unless
    /// set. Beyond that the oldest go, and the queue tells how many went.
    pub fn event_octets_limit(mut self, octets: usize) -> Self {
        self.bounds.session.event_octets = octets;
        self
    }
}
