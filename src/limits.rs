//! Every bound on what a server may send, or make the client hold or do: its default, its reason,
//! and the option that changes it.
//!
//! Bounds of time are in `client_builder/bounds.rs`. Sizes of single reads or writes are no limits
//! and are defined where they are used.

use std::fmt;

/// A bound on what a server may send, or make the client hold or do; each is an option.
///
/// It is in the errors that report it exceeded: [`CloseReason::Limit`], [`Unparsable`],
/// [`ItemErrorKind::Limit`], [`LoginAborted::Limit`], and the `Limit` of `ProxyError`.
///
/// ```
/// use latchbox::error::Limit;
///
/// for limit in Limit::ALL {
///     println!("{limit:?}, in {}, is changed by {}", limit.unit(), limit.option());
/// }
/// assert_eq!(Limit::Literal.option(), "ClientBuilder::literal_limit");
/// ```
///
/// [`CloseReason::Limit`]: crate::error::CloseReason::Limit
/// [`Unparsable`]: crate::error::Unparsable
/// [`ItemErrorKind::Limit`]: crate::message::ItemErrorKind::Limit
/// [`LoginAborted::Limit`]: crate::error::LoginAborted::Limit
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// A line, without the literals in it: [`line_limit`](crate::ClientBuilder::line_limit).
    Line,
    /// A literal that is held in memory: [`literal_limit`](crate::ClientBuilder::literal_limit).
    Literal,
    /// A response with all its lines and literals:
    /// [`response_limit`](crate::ClientBuilder::response_limit).
    Response,
    /// All responses to one command: [`answer_limit`](crate::ClientBuilder::answer_limit).
    ///
    /// In a stream, it is the octets between two messages; in an IDLE, between two events.
    Answer,
    /// The greeting: [`greeting_limit`](crate::ClientBuilder::greeting_limit).
    Greeting,
    /// Elements of a list, and responses of a collected answer:
    /// [`list_limit`](crate::ClientBuilder::list_limit).
    List,
    /// Nested parentheses: [`depth_limit`](crate::ClientBuilder::depth_limit).
    Depth,
    /// Nested branches of a THREAD:
    /// [`thread_depth_limit`](crate::ClientBuilder::thread_depth_limit).
    ThreadDepth,
    /// Parts of one message: [`parts_limit`](crate::ClientBuilder::parts_limit).
    Parts,
    /// Items of one message in an answer to FETCH:
    /// [`items_limit`](crate::ClientBuilder::items_limit).
    Items,
    /// Rows of an answer to FETCH for each requested message:
    /// [`rows_limit`](crate::ClientBuilder::rows_limit).
    Rows,
    /// A literal that is downloaded: [`download_limit`](crate::ClientBuilder::download_limit).
    Download,
    /// Octets drained of an abandoned answer: [`drain_limit`](crate::ClientBuilder::drain_limit).
    Drain,
    /// Continuation requests that no command waits for:
    /// [`continuations_limit`](crate::ClientBuilder::continuations_limit).
    Continuations,
    /// Rounds of a login by SASL: [`sasl_rounds_limit`](crate::ClientBuilder::sasl_rounds_limit).
    Rounds,
    /// A challenge of a login by SASL:
    /// [`sasl_challenge_limit`](crate::ClientBuilder::sasl_challenge_limit).
    Challenge,
    /// The answers of a proxy: `Proxy::answer_limit`, with the feature `proxy`.
    ProxyAnswer,
}

impl Limit {
    /// All limits.
    pub const ALL: [Limit; 17] = [
        Self::Line,
        Self::Literal,
        Self::Response,
        Self::Answer,
        Self::Greeting,
        Self::List,
        Self::Depth,
        Self::ThreadDepth,
        Self::Parts,
        Self::Items,
        Self::Rows,
        Self::Download,
        Self::Drain,
        Self::Continuations,
        Self::Rounds,
        Self::Challenge,
        Self::ProxyAnswer,
    ];

    /// The method that changes it, such as `ClientBuilder::line_limit`.
    #[must_use]
    pub fn option(self) -> &'static str {
        self.words().2
    }

    /// The unit of the limit, such as `octets`.
    #[must_use]
    pub fn unit(self) -> &'static str {
        self.words().1
    }

    /// The thing that is bounded, the unit, and the option.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Line => ("a line", "octets", "ClientBuilder::line_limit"),
            Self::Literal => ("a literal", "octets", "ClientBuilder::literal_limit"),
            Self::Response => ("a response", "octets", "ClientBuilder::response_limit"),
            Self::Answer => ("an answer", "octets", "ClientBuilder::answer_limit"),
            Self::Greeting => ("the greeting", "octets", "ClientBuilder::greeting_limit"),
            Self::List => ("a list", "elements", "ClientBuilder::list_limit"),
            Self::Depth => ("a value", "levels", "ClientBuilder::depth_limit"),
            Self::ThreadDepth => ("a thread", "levels", "ClientBuilder::thread_depth_limit"),
            Self::Parts => ("a message", "parts", "ClientBuilder::parts_limit"),
            Self::Items => ("a row of FETCH", "items", "ClientBuilder::items_limit"),
            Self::Rows => (
                "an answer to FETCH",
                "rows for each message",
                "ClientBuilder::rows_limit",
            ),
            Self::Download => ("a download", "octets", "ClientBuilder::download_limit"),
            Self::Drain => (
                "the rest of an abandoned answer",
                "octets",
                "ClientBuilder::drain_limit",
            ),
            Self::Continuations => (
                "a series of unsolicited continuation requests",
                "requests",
                "ClientBuilder::continuations_limit",
            ),
            Self::Rounds => ("a login", "rounds", "ClientBuilder::sasl_rounds_limit"),
            Self::Challenge => (
                "a challenge",
                "octets",
                "ClientBuilder::sasl_challenge_limit",
            ),
            Self::ProxyAnswer => ("the proxy's answer", "octets", "Proxy::answer_limit"),
        }
    }
}

/// The thing that is bounded, such as "a line".
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

/// A [`Limit`] that was exceeded, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LimitExceeded {
    limit: Limit,
    allowed: u64,
}

impl LimitExceeded {
    pub(crate) fn new(limit: Limit, allowed: impl TryInto<u64>) -> Self {
        let allowed = allowed.try_into().unwrap_or(u64::MAX);
        Self { limit, allowed }
    }

    /// The limit.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// The value of the limit, in its [unit](Limit::unit).
    #[must_use]
    pub fn allowed(&self) -> u64 {
        self.allowed
    }

    /// The method that changes it, such as `ClientBuilder::line_limit`.
    #[must_use]
    pub fn option(&self) -> &'static str {
        self.limit.option()
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, allowed } = self;
        let (unit, option) = (limit.unit(), limit.option());
        write!(
            f,
            "{limit} has more than the {allowed} {unit} that {option} allows"
        )
    }
}

/// Bounds on a single response.
///
/// A response that exceeds one of the first three closes the connection, because its end cannot be
/// found; the others make only a single value fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// A SEARCH answer of a million messages is one line of 8 MB.
    pub(crate) line: usize,
    /// Twice the largest message that the largest providers accept, and more in base64 (50 MB).
    pub(crate) literal: usize,
    /// A message of the largest kind, requested twice: as a whole and in parts.
    pub(crate) response: usize,
    /// Real mail is nested 3 to 10 deep, and a list of mailing list digests 20. The reader is not
    /// recursive, so this only rejects nonsense.
    pub(crate) depth: usize,
    /// The largest account that is known has some 100,000 mailboxes. A million elements of the
    /// smallest kind are about 100 MB.
    pub(crate) list: usize,
    /// Each part costs 76 octets for as few as two of the server's; no real mail has as many.
    pub(crate) parts: usize,
    /// No command requests as many about one message.
    pub(crate) items: usize,
    /// Each level is a branch that branches again, which nothing bounds but the people who reply to
    /// each other; no reader of it is recursive, so this is far above `depth`.
    pub(crate) thread_depth: usize,
}

impl Limits {
    pub(crate) const DEFAULT: Limits = Limits {
        line: 16 << 20,
        literal: 64 << 20,
        response: 128 << 20,
        depth: 64,
        list: 1_000_000,
        parts: 10_000,
        items: 4096,
        thread_depth: 4096,
    };

    /// The value of a limit on one response.
    pub(crate) fn exceeded(&self, limit: Limit) -> LimitExceeded {
        let allowed = match limit {
            Limit::Line => self.line,
            Limit::Literal => self.literal,
            Limit::Response => self.response,
            Limit::Depth => self.depth,
            Limit::Parts => self.parts,
            Limit::Items => self.items,
            Limit::ThreadDepth => self.thread_depth,
            _ => self.list,
        };
        LimitExceeded::new(limit, allowed)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Bounds on what a session holds and tolerates, beyond one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionLimits {
    /// Two responses of the largest kind.
    pub(crate) answer: u64,
    /// Greetings of real servers have some hundred octets. The user is not logged in yet, so a
    /// server that sends more is not the intended one.
    pub(crate) greeting: usize,
    /// A server may send each item of a message in a row of its own, and a message again if it
    /// changes meanwhile; no command requests so many items. Without the bound, a server could
    /// answer the FETCH of one message forever.
    pub(crate) rows: u64,
    /// The longest literal of RFC 3501 (section 4.3 and `number` of section 9): 4 GiB less one octet.
    pub(crate) download: u64,
    /// To read this much takes about as long as a new connection with its login.
    pub(crate) drain: u64,
    /// Some servers send a continuation request for a literal that needs none; each command may
    /// meet some of them.
    pub(crate) continuations: usize,
    /// SCRAM needs two, the longest mechanism in use four.
    pub(crate) rounds: usize,
    /// Kerberos tickets are the largest in use, with up to 64 KiB.
    pub(crate) challenge: usize,
    /// About a burst of mail. The oldest events are discarded beyond it, which an event reports.
    pub(crate) events: usize,
    /// The most octets of the server that the queued events hold: an event can be a line long.
    pub(crate) event_octets: usize,
}

impl SessionLimits {
    pub(crate) const DEFAULT: SessionLimits = SessionLimits {
        answer: 256 << 20,
        greeting: 64 << 10,
        rows: 64,
        download: u32::MAX as u64,
        drain: 8 << 20,
        continuations: 8,
        rounds: 16,
        challenge: 64 << 10,
        events: 1024,
        event_octets: 16 << 20,
    };
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The octets read of a proxy's answers, all together: no proxy sends more before the connection is
/// made.
#[cfg(feature = "proxy")]
pub(crate) const PROXY_ANSWER: usize = 16 << 10;

/// Rounds of hashing of SCRAM: the least that RFC 7677 allows, and as many as take about a second.
/// The options are `Scram::min_iterations` and `Scram::max_iterations`.
#[cfg(feature = "scram")]
pub(crate) const ITERATIONS: std::ops::RangeInclusive<u32> = 4096..=1_000_000;

// What exceeds these is truncated or skipped, without an error: no information that a program needs
// is lost.

/// Octets of a header field that are decoded; the raw field is always available.
pub(crate) const DECODED_FIELD: usize = 1 << 20;

/// Levels of a mailbox's name in a tree. The rest of the name is one level.
pub(crate) const TREE_LEVELS: usize = 256;

/// Charsets that are tried of those that a server names.
pub(crate) const CHARSETS: usize = 8;

/// Characters that are kept of the reason why a server rejected a token.
pub(crate) const OAUTH_REASON: usize = 1000;

/// Items that the answers to one FETCH may have together that are merged into one message:
/// merging compares each with each. A row that does not fit is a message of its own.
pub(crate) const MERGED_ITEMS: usize = 256;

/// Octets of a text that are compared if the server cannot sort.
pub(crate) const COMPARED_TEXT: usize = 1024;

/// Letters of base64 that may be text behind the content: of more, they are content.
pub(crate) const FURTHER_PIECE: usize = 1024;

/// Octets before the `begin` of a uuencoded file that may turn out to be all there is.
pub(crate) const BEFORE_BEGIN: usize = 64 << 10;

/// Octets of a uuencoded line that are examined: it has at most 61 letters and a checksum.
pub(crate) const UU_LINE: usize = 1024;

/// Blanks at the end of a quoted-printable line that may turn out to be content.
pub(crate) const TRAILING_BLANKS: usize = 1024;

/// Flush blocks without content in a row that are inflated before other work is done.
#[cfg(feature = "compress")]
pub(crate) const EMPTY_BLOCKS: usize = 64;

/// Responses without an event that a wait for events reads in a row before it checks its deadline.
pub(crate) const WITHOUT_EVENTS: u32 = 10_000;

/// Characters of what a server sent before a deadline that the deadline's error repeats.
pub(crate) const WARNING: usize = 300;

/// Octets of a line that are shown in the log.
pub(crate) const SHOWN_LINE: usize = 200;
