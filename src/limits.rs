//! Every bound on what a server may send, or have us hold or do: its default, why it is there, and
//! the option that changes it.
//!
//! Bounds of time stand in `client_builder/bounds.rs`. What only says how much is read or written
//! at once is no limit and stands where it is used.

use std::fmt;

/// A bound on what a server may send, or have the client hold or do; each is an option.
///
/// It comes with the errors of what goes beyond it: [`CloseReason::Limit`], [`Unparsable`],
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
    /// All responses to one command that is not read as a stream; what is sent between two
    /// messages of a stream, or between two events in an IDLE:
    /// [`answer_limit`](crate::ClientBuilder::answer_limit).
    Answer,
    /// The greeting: [`greeting_limit`](crate::ClientBuilder::greeting_limit).
    Greeting,
    /// Elements of a list, and responses of an answer that is gathered:
    /// [`list_limit`](crate::ClientBuilder::list_limit).
    List,
    /// Parentheses in each other: [`depth_limit`](crate::ClientBuilder::depth_limit).
    Depth,
    /// Branches within branches of a THREAD:
    /// [`thread_depth_limit`](crate::ClientBuilder::thread_depth_limit).
    ThreadDepth,
    /// Parts of one message: [`parts_limit`](crate::ClientBuilder::parts_limit).
    Parts,
    /// Items of one message in an answer to FETCH:
    /// [`items_limit`](crate::ClientBuilder::items_limit).
    Items,
    /// Rows of an answer to FETCH for each message that was asked for:
    /// [`rows_limit`](crate::ClientBuilder::rows_limit).
    Rows,
    /// A literal that is downloaded: [`download_limit`](crate::ClientBuilder::download_limit).
    Download,
    /// What is read of an answer that nobody wants any more:
    /// [`drain_limit`](crate::ClientBuilder::drain_limit).
    Drain,
    /// Continuation requests that nobody waits for:
    /// [`continuations_limit`](crate::ClientBuilder::continuations_limit).
    Continuations,
    /// Rounds of a login by SASL: [`sasl_rounds_limit`](crate::ClientBuilder::sasl_rounds_limit).
    Rounds,
    /// A challenge of a login by SASL:
    /// [`sasl_challenge_limit`](crate::ClientBuilder::sasl_challenge_limit).
    Challenge,
    /// What a proxy answers: `Proxy::answer_limit`, with the feature `proxy`.
    ProxyAnswer,
}

impl Limit {
    /// All of them.
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

    /// What it is counted in, such as `octets`.
    #[must_use]
    pub fn unit(self) -> &'static str {
        self.words().1
    }

    /// What is bounded, in what unit, and by which option.
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
                "what was left of an answer",
                "octets",
                "ClientBuilder::drain_limit",
            ),
            Self::Continuations => (
                "a row of continuation requests that nobody waits for",
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

/// What was bounded, such as "a line".
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

/// Something went beyond a [`Limit`]: which, and how much was allowed.
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

    /// Which limit.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// How much was allowed, in the [unit](Limit::unit) of the limit.
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

/// Bounds on what one response may take.
///
/// A response that goes beyond one of the first three ends the connection, because what follows
/// it cannot be found; the others spoil a single value only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// A SEARCH answer of a million messages is one line of 8 MB.
    pub(crate) line: usize,
    /// Twice what the largest providers take as a message, and more in base64 (50 MB).
    pub(crate) literal: usize,
    /// A message of the largest kind, asked for twice: as a whole and in parts.
    pub(crate) response: usize,
    /// Mail of people goes 3 to 10 deep, and a list of mailing list digests 20. What reads them
    /// keeps no stack, so that this only keeps nonsense out.
    pub(crate) depth: usize,
    /// The largest account that is known has some 100,000 mailboxes. A million elements of the
    /// smallest kind are about 100 MB.
    pub(crate) list: usize,
    /// Each part costs 76 octets for as little as two of the server's; no mail of people has as
    /// many.
    pub(crate) parts: usize,
    /// No command asks for as many about one message.
    pub(crate) items: usize,
    /// Each level is a branch that branches again, which nothing but the people who answer each
    /// other bounds; nothing that reads it calls itself, so that this is far beyond `depth`.
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

    /// What such a limit of one response is.
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

/// Bounds on what a session holds and puts up with, beyond one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionLimits {
    /// Two responses of the largest kind.
    pub(crate) answer: u64,
    /// Greetings of real servers have some hundred octets. Nobody is logged in yet, so that
    /// whoever sends more is not the server that was meant.
    pub(crate) greeting: usize,
    /// A server may send each item of a message in a row of its own, and a message again when it
    /// changes meanwhile; no command asks for so many items. Without the bound, a server could answer
    /// the FETCH of one message for ever.
    pub(crate) rows: u64,
    /// What a literal of RFC 3501 may have (section 4.3 and `number` of section 9): 4 GiB.
    pub(crate) download: u64,
    /// Reading so much takes about as long as a new connection with its login.
    pub(crate) drain: u64,
    /// Servers are known that ask once for a literal that was not to be waited for; each command
    /// may meet some of them.
    pub(crate) continuations: usize,
    /// SCRAM takes two, the longest mechanism in use four.
    pub(crate) rounds: usize,
    /// Kerberos tickets are the largest in use, with up to 64 KiB.
    pub(crate) challenge: usize,
    /// About a burst of mail. Events that nobody asks for give way, and that is told.
    pub(crate) events: usize,
    /// What the waiting events hold of the server's, at most: an event can be a line long.
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

/// What is read of a proxy's answers, all together: nobody has more to say before the connection
/// is made.
#[cfg(feature = "proxy")]
pub(crate) const PROXY_ANSWER: usize = 16 << 10;

/// Rounds of hashing of SCRAM: the least that RFC 7677 allows, and what takes about a second. The
/// options are `Scram::min_iterations` and `Scram::max_iterations`.
#[cfg(feature = "scram")]
pub(crate) const ITERATIONS: std::ops::RangeInclusive<u32> = 4096..=1_000_000;

// What follows is cut off or passed over, and no error: nothing is lost that anybody needs.

/// Octets of a header field that are decoded; the raw field stays to be had.
pub(crate) const DECODED_FIELD: usize = 1 << 20;

/// Levels of a mailbox's name in a tree. What follows is one level.
pub(crate) const TREE_LEVELS: usize = 256;

/// Charsets that are tried of those that a server names.
pub(crate) const CHARSETS: usize = 8;

/// Characters that are kept of why a server refused a token.
pub(crate) const OAUTH_REASON: usize = 1000;

/// Items that the answers to one FETCH may have together that are merged into one message:
/// merging compares each with each. A row that does not fit is a message of its own.
pub(crate) const MERGED_ITEMS: usize = 256;

/// Octets of a text that sorting compares where the server cannot sort.
pub(crate) const COMPARED_TEXT: usize = 1024;

/// Letters behind the padding of base64 that are looked at before they are taken for another piece.
pub(crate) const FURTHER_PIECE: usize = 1024;

/// Octets before the `begin` of a uuencoded file that may turn out to be all there is.
pub(crate) const BEFORE_BEGIN: usize = 64 << 10;

/// Octets of a uuencoded line that are looked at: it has at most 61 letters and a checksum.
pub(crate) const UU_LINE: usize = 1024;

/// Blanks at the end of a quoted-printable line that may turn out to be content.
pub(crate) const TRAILING_BLANKS: usize = 1024;

/// Flush blocks without content in a row that are inflated before others get their turn.
#[cfg(feature = "compress")]
pub(crate) const EMPTY_BLOCKS: usize = 64;

/// Responses without an event that a wait for events reads in a row before it looks at the time.
pub(crate) const WITHOUT_EVENTS: u32 = 10_000;

/// Characters of what a server sent before a deadline that the deadline's error repeats.
pub(crate) const WARNING: usize = 300;

/// Octets of a line that are shown in the log.
pub(crate) const SHOWN_LINE: usize = 200;
