//! Capabilities: the features that a server advertises (RFC 9051 section 7.2.2).

use std::collections::BTreeSet;
use std::collections::btree_set;
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::types::atom::is_atom;

/// Writes the enum and the table of its words, so that a capability is named in one place.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A capability that a server can advertise; words are compared without regard to case.
        ///
        /// ```
        /// use latchbox::types::Capability;
        ///
        /// assert_eq!("idle".parse::<Capability>()?, Capability::Idle);
        /// assert_eq!(Capability::Auth("PLAIN".into()).to_string(), "AUTH=PLAIN");
        /// # Ok::<(), latchbox::types::InvalidCapability>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[$doc])* $name,)*
            /// `APPENDLIMIT`: the maximum size of a message for APPEND, in octets (RFC 7889).
            ///
            /// Without a number, each mailbox has its own limit.
            AppendLimit(Option<u64>),
            /// `AUTH=`: a SASL mechanism for AUTHENTICATE, in capitals (RFC 9051 section 7.2.2).
            Auth(Box<str>),
            /// `COMPRESS=`: a method for COMPRESS, in capitals (RFC 4978).
            Compress(Box<str>),
            /// `I18NLEVEL=`: the level of text comparison (RFC 5255).
            I18nLevel(u8),
            /// `MESSAGELIMIT=`: the maximum number of messages for one command (RFC 9738).
            MessageLimit(u32),
            /// `QUOTA=RES-`: a kind of resource that quotas count, in capitals (RFC 9208).
            QuotaResource(Box<str>),
            /// `RIGHTS=`: the rights of an ACL beyond the base ones (RFC 4314).
            Rights(Box<str>),
            /// `SAVELIMIT=`: the maximum number of messages that one COPY or APPEND stores (RFC
            /// 9738).
            SaveLimit(u32),
            /// `THREAD=`: an algorithm for THREAD, in capitals (RFC 5256).
            Thread(Box<str>),
            /// A capability that this crate does not know; its name in capitals, the part after `=`
            /// as sent.
            Other(Box<str>),
        }

        const WORDS: &[(&str, Capability)] = &[$(($word, Capability::$name),)*];
    };
}

capabilities! {
    /// IMAP4rev1 (RFC 3501).
    Imap4Rev1 = "IMAP4rev1",
    /// IMAP4rev2 (RFC 9051).
    Imap4Rev2 = "IMAP4rev2",
    /// Access control lists (RFC 4314).
    Acl = "ACL",
    /// Annotations of messages (RFC 5257).
    Annotate = "ANNOTATE-EXPERIMENT-1",
    /// FETCH of decoded parts, and APPEND of binary messages (RFC 3516).
    Binary = "BINARY",
    /// APPEND of a message that the server assembles from parts (RFC 4469).
    Catenate = "CATENATE",
    /// LIST reports whether there are children (RFC 3348).
    Children = "CHILDREN",
    /// Conditional STORE and mod-sequences (RFC 7162).
    CondStore = "CONDSTORE",
    /// Searches that are kept current (RFC 5267).
    ContextSearch = "CONTEXT=SEARCH",
    /// Sorted searches that are kept current (RFC 5267).
    ContextSort = "CONTEXT=SORT",
    /// Conversion of parts (RFC 5259).
    Convert = "CONVERT",
    /// CREATE with a special use (RFC 6154).
    CreateSpecialUse = "CREATE-SPECIAL-USE",
    /// ENABLE (RFC 5161).
    Enable = "ENABLE",
    /// SEARCH with RETURN (RFC 4731).
    Esearch = "ESEARCH",
    /// SORT with RETURN (RFC 5267).
    Esort = "ESORT",
    /// Named searches (RFC 5466).
    Filters = "FILTERS",
    /// ID (RFC 2971).
    Id = "ID",
    /// IDLE (RFC 2177).
    Idle = "IDLE",
    /// Progress of long commands (RFC 9585).
    InProgress = "INPROGRESS",
    /// The account is also accessible by JMAP (RFC 9698).
    JmapAccess = "JMAPACCESS",
    /// The language of human-readable texts (RFC 5255).
    Language = "LANGUAGE",
    /// LIST with selection and return options (RFC 5258).
    ListExtended = "LIST-EXTENDED",
    /// LIST that returns metadata (RFC 9590).
    ListMetadata = "LIST-METADATA",
    /// LIST that returns rights (RFC 8440).
    ListMyRights = "LIST-MYRIGHTS",
    /// LIST that returns STATUS (RFC 5819).
    ListStatus = "LIST-STATUS",
    /// Literals without waiting for a continuation request, up to 4,096 octets (RFC 7888).
    LiteralMinus = "LITERAL-",
    /// Literals without waiting for a continuation request (RFC 7888).
    LiteralPlus = "LITERAL+",
    /// LOGIN may refer to another server (RFC 2221).
    LoginReferrals = "LOGIN-REFERRALS",
    /// LOGIN is refused at present (RFC 9051 section 6.2.3).
    LoginDisabled = "LOGINDISABLED",
    /// Mailboxes may be on other servers (RFC 2193).
    MailboxReferrals = "MAILBOX-REFERRALS",
    /// Metadata of mailboxes and of the server (RFC 5464).
    Metadata = "METADATA",
    /// Metadata of the server (RFC 5464).
    MetadataServer = "METADATA-SERVER",
    /// MOVE (RFC 6851).
    Move = "MOVE",
    /// APPEND of several messages (RFC 3502).
    MultiAppend = "MULTIAPPEND",
    /// SEARCH over several mailboxes (RFC 7377).
    MultiSearch = "MULTISEARCH",
    /// NAMESPACE (RFC 2342).
    Namespace = "NAMESPACE",
    /// NOTIFY (RFC 5465).
    Notify = "NOTIFY",
    /// Persistent ids of mailboxes, messages and threads (RFC 8474).
    ObjectId = "OBJECTID",
    /// SEARCH and FETCH of a part of the results (RFC 9394).
    Partial = "PARTIAL",
    /// FETCH of the start of the text (RFC 8970).
    Preview = "PREVIEW",
    /// Quick resynchronization (RFC 7162).
    Qresync = "QRESYNC",
    /// Quotas (RFC 9208).
    Quota = "QUOTA",
    /// Quotas can be set (RFC 9208).
    QuotaSet = "QUOTASET",
    /// REPLACE (RFC 8508).
    Replace = "REPLACE",
    /// AUTHENTICATE with its first message in the command (RFC 4959).
    SaslIr = "SASL-IR",
    /// The date at which a message was saved (RFC 8514).
    SaveDate = "SAVEDATE",
    /// Approximate searches (RFC 6203).
    SearchFuzzy = "SEARCH=FUZZY",
    /// The result of a SEARCH as `$` (RFC 5182).
    SearchRes = "SEARCHRES",
    /// SORT (RFC 5256).
    Sort = "SORT",
    /// SORT by display names (RFC 5957).
    SortDisplay = "SORT=DISPLAY",
    /// Mailboxes with a special use: drafts, sent mail and so on (RFC 6154).
    SpecialUse = "SPECIAL-USE",
    /// STARTTLS (RFC 9051 section 6.2.1).
    StartTls = "STARTTLS",
    /// STATUS reports the size (RFC 8438).
    StatusSize = "STATUS=SIZE",
    /// Ranges of UIDs that hold about equally many messages (RFC 10022).
    UidBatches = "UIDBATCHES",
    /// Sequence numbers can be switched off (RFC 9586).
    UidOnly = "UIDONLY",
    /// APPEND and COPY report UIDs; UID EXPUNGE (RFC 4315).
    UidPlus = "UIDPLUS",
    /// UNAUTHENTICATE (RFC 8437).
    Unauthenticate = "UNAUTHENTICATE",
    /// UNSELECT (RFC 3691).
    Unselect = "UNSELECT",
    /// Parts of messages by URL (RFC 5550).
    UrlPartial = "URL-PARTIAL",
    /// URLs that contain their own authorization (RFC 4467).
    UrlAuth = "URLAUTH",
    /// UTF-8 can be enabled (RFC 6855).
    Utf8Accept = "UTF8=ACCEPT",
    /// UTF-8 must be enabled (RFC 6855).
    Utf8Only = "UTF8=ONLY",
    /// SEARCH by age (RFC 5032).
    Within = "WITHIN",
    /// Gmail's extensions.
    Gmail = "X-GM-EXT-1",
    /// XLIST, the predecessor of SPECIAL-USE.
    Xlist = "XLIST",
}

/// The capabilities that a server advertised, at one point of the session.
///
/// ```
/// use latchbox::types::{Capabilities, Capability};
///
/// let capabilities: Capabilities = "IMAP4rev1 LITERAL+ AUTH=PLAIN".parse()?;
/// assert!(capabilities.contains(&Capability::LiteralPlus));
/// assert!(capabilities.offers_mechanism("plain"));
/// assert!(!capabilities.supports(&Capability::Idle));
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Capabilities {
    /// Shared by the copies that a connection, its statistics and its users have.
    set: Arc<BTreeSet<Capability>>,
}

/// An invalid capability: the text is empty, or is not one atom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCapability {
    text: Box<str>,
}

/// Extensions that IMAP4rev2 includes (RFC 9051 appendix E).
const IN_REV2: [Capability; 13] = [
    Capability::Enable,
    Capability::Esearch,
    Capability::Idle,
    Capability::ListExtended,
    Capability::ListStatus,
    Capability::LiteralMinus,
    Capability::Move,
    Capability::Namespace,
    Capability::SaslIr,
    Capability::SearchRes,
    Capability::StatusSize,
    Capability::UidPlus,
    Capability::Unselect,
];

/// The largest literal that LITERAL- allows without waiting, in octets (RFC 7888).
const LITERAL_MINUS_LIMIT: u64 = 4096;

impl Capabilities {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the server advertised this capability.
    pub fn contains(&self, capability: &Capability) -> bool {
        self.set.contains(capability)
    }

    /// Whether the server advertised this capability, or one that includes it.
    ///
    /// IMAP4rev2 includes extensions (RFC 9051 appendix E), QRESYNC includes CONDSTORE (RFC 7162
    /// section 3.2), and UTF8=ONLY includes UTF8=ACCEPT (RFC 6855 section 6).
    ///
    /// IMAP4rev2 includes only a part of BINARY and SPECIAL-USE: parts are fetched decoded, and
    /// mailboxes are listed with their special use. It does not count as support of these two.
    ///
    /// ```
    /// use latchbox::types::{Capabilities, Capability};
    ///
    /// let capabilities: Capabilities = "IMAP4rev2".parse()?;
    /// assert!(capabilities.supports(&Capability::Move));
    /// assert!(!capabilities.contains(&Capability::Move));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn supports(&self, capability: &Capability) -> bool {
        let part_of_rev2 = || self.contains(&Capability::Imap4Rev2) && IN_REV2.contains(capability);
        let part_of_qresync =
            || *capability == Capability::CondStore && self.contains(&Capability::Qresync);
        let part_of_utf8_only =
            || *capability == Capability::Utf8Accept && self.contains(&Capability::Utf8Only);
        self.contains(capability) || part_of_rev2() || part_of_qresync() || part_of_utf8_only()
    }

    /// Whether AUTHENTICATE accepts this SASL mechanism; the case does not matter.
    pub fn offers_mechanism(&self, mechanism: &str) -> bool {
        self.mechanisms()
            .any(|offered| offered.eq_ignore_ascii_case(mechanism))
    }

    /// The SASL mechanisms that AUTHENTICATE accepts, in capitals.
    pub fn mechanisms(&self) -> impl Iterator<Item = &str> {
        self.set.iter().filter_map(|capability| match capability {
            Capability::Auth(mechanism) => Some(&**mechanism),
            _ => None,
        })
    }

    /// Whether a literal of any length may be sent without waiting for the server (LITERAL+).
    pub fn allows_literal_plus(&self) -> bool {
        self.contains(&Capability::LiteralPlus)
    }

    /// Whether a literal of this many octets may be sent without waiting for the server.
    ///
    /// With LITERAL+ any literal may, with LITERAL- one of at most 4,096 octets (RFC 7888).
    pub fn allows_literal_at_once(&self, octets: u64) -> bool {
        let short = octets <= LITERAL_MINUS_LIMIT;
        self.allows_literal_plus() || (short && self.supports(&Capability::LiteralMinus))
    }

    /// The maximum size of a message for APPEND in any mailbox, in octets, if it was advertised.
    pub fn append_limit(&self) -> Option<u64> {
        // Only these are read, because the limit is needed for every message.
        let (least, most) = (None, Some(u64::MAX));
        let limits = Capability::AppendLimit(least)..=Capability::AppendLimit(most);
        self.set.range(limits).find_map(|limit| match limit {
            Capability::AppendLimit(limit) => *limit,
            _ => None,
        })
    }

    /// The longest command line that servers are known to accept, with [a few
    /// exceptions](Self::longest_line), in octets; the standard asks for 8,192.
    pub(crate) const LONGEST_LINE: usize = 8_000;

    /// The longest command line that all servers are known to accept, in octets.
    pub(crate) const SHORTEST_LINE: usize = 1_000;

    /// The longest command line that this server accepts, in octets. Yahoo, which has a capability
    /// of its own, and UW, the only server with SCAN, accept no more than 1,000.
    pub(crate) fn longest_line(&self) -> usize {
        let is_short = |capability: &Capability| match capability {
            Capability::Other(name) => matches!(&**name, "XYMHIGHESTMODSEQ" | "SCAN"),
            _ => false,
        };
        match self.iter().any(is_short) {
            true => Self::SHORTEST_LINE,
            false => Self::LONGEST_LINE,
        }
    }

    /// The maximum number of messages for one command, if the server advertised it (RFC 9738).
    pub fn message_limit(&self) -> Option<u32> {
        self.set.iter().find_map(|capability| match capability {
            Capability::MessageLimit(limit) => Some(*limit),
            _ => None,
        })
    }

    /// The maximum number of messages that one COPY or APPEND stores, if advertised (RFC 9738).
    pub fn save_limit(&self) -> Option<u32> {
        let limit = self.set.iter().find_map(|capability| match capability {
            Capability::SaveLimit(limit) => Some(*limit),
            _ => None,
        });
        limit.into_iter().chain(self.message_limit()).min()
    }

    /// The missing capability if no limit of APPEND is advertised.
    pub(crate) fn lacks_append_limit(&self) -> Option<Capability> {
        let mut all = self.set.iter();
        let has_any = all.any(|capability| match capability {
            Capability::AppendLimit(_) => true,
            // With a number that cannot be read.
            Capability::Other(name) => name.starts_with("APPENDLIMIT="),
            _ => false,
        });
        (!has_any).then_some(Capability::AppendLimit(None))
    }

    /// The number of capabilities.
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether there are no capabilities.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// All capabilities, known ones first.
    pub fn iter(&self) -> btree_set::Iter<'_, Capability> {
        self.set.iter()
    }

    /// Reads the text after the word CAPABILITY. A word that is no atom is skipped, and so is the
    /// word CAPABILITY itself if a server repeats it.
    pub(crate) fn from_server(text: &[u8]) -> Self {
        let words = text.split(u8::is_ascii_whitespace);
        words.filter_map(Capability::from_server).collect()
    }
}

impl FromStr for Capabilities {
    type Err = std::convert::Infallible;

    /// Reads words between spaces, as a server would send them; an invalid word is skipped.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from_server(text.as_bytes()))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        Self {
            set: Arc::new(capabilities.into_iter().collect()),
        }
    }
}

impl Extend<Capability> for Capabilities {
    fn extend<I: IntoIterator<Item = Capability>>(&mut self, capabilities: I) {
        Arc::make_mut(&mut self.set).extend(capabilities);
    }
}

impl<'a> IntoIterator for &'a Capabilities {
    type Item = &'a Capability;
    type IntoIter = btree_set::Iter<'a, Capability>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, capability) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            capability.fmt(f)?;
        }
        Ok(())
    }
}

impl Capability {
    /// A word of a server's list; `None` if it is no capability.
    pub(crate) fn from_server(word: &[u8]) -> Option<Self> {
        let word = std::str::from_utf8(word)
            .ok()
            .filter(|word| is_atom(word))?;
        let upper = word.to_ascii_uppercase();
        let is_noise = matches!(upper.as_str(), "CAPABILITY" | "+" | "-");
        (!is_noise).then(|| Self::known(&upper).unwrap_or_else(|| Self::with_value(word, &upper)))
    }

    /// Whether it may be sent: a caller can build the variants that hold text.
    pub(crate) fn check(&self) -> Result<(), InvalidCapability> {
        let text = self.to_string();
        if is_atom(&text) {
            Ok(())
        } else {
            Err(InvalidCapability { text: text.into() })
        }
    }

    /// Whether it concerns the login, so that it means nothing after a login.
    pub(crate) fn concerns_login(&self) -> bool {
        matches!(
            self,
            Self::Auth(_) | Self::SaslIr | Self::StartTls | Self::LoginDisabled
        )
    }

    fn known(upper: &str) -> Option<Self> {
        let found = WORDS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(upper));
        found.map(|(_, capability)| capability.clone())
    }

    fn with_value(word: &str, upper: &str) -> Self {
        let (name, value) = upper.split_once('=').unwrap_or((upper, ""));
        let sent = word.split_once('=').map_or("", |(_, value)| value);
        let known = match name {
            "APPENDLIMIT" if upper == name => Some(Self::AppendLimit(None)),
            "APPENDLIMIT" => number(value).map(|limit| Self::AppendLimit(Some(limit))),
            "AUTH" if !value.is_empty() => Some(Self::Auth(value.into())),
            "COMPRESS" if !value.is_empty() => Some(Self::Compress(value.into())),
            "I18NLEVEL" => number(value).map(Self::I18nLevel),
            "MESSAGELIMIT" => number(value).map(Self::MessageLimit),
            "QUOTA" => value
                .strip_prefix("RES-")
                .map(|kind| Self::QuotaResource(kind.into())),
            "RIGHTS" => Some(Self::Rights(sent.into())),
            "SAVELIMIT" => number(value).map(Self::SaveLimit),
            "THREAD" if !value.is_empty() => Some(Self::Thread(value.into())),
            _ => None,
        };
        known.unwrap_or_else(|| Self::other(name, upper, sent))
    }

    fn other(name: &str, upper: &str, sent: &str) -> Self {
        if upper.contains('=') {
            return Self::Other(format!("{name}={sent}").into());
        }
        Self::Other(name.into())
    }

    fn word(&self) -> &'static str {
        WORDS
            .iter()
            .find(|(_, capability)| capability == self)
            .map_or("", |(word, _)| word)
    }
}

impl FromStr for Capability {
    type Err = InvalidCapability;

    fn from_str(text: &str) -> Result<Self, InvalidCapability> {
        Self::from_server(text.as_bytes()).ok_or_else(|| InvalidCapability { text: text.into() })
    }
}

/// A number of digits only: `+7` is none.
fn number<T: FromStr>(value: &str) -> Option<T> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|_| is_number)
}

/// The wire form.
impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AppendLimit(None) => f.write_str("APPENDLIMIT"),
            Self::AppendLimit(Some(octets)) => write!(f, "APPENDLIMIT={octets}"),
            Self::Auth(mechanism) => write!(f, "AUTH={mechanism}"),
            Self::Compress(method) => write!(f, "COMPRESS={method}"),
            Self::I18nLevel(level) => write!(f, "I18NLEVEL={level}"),
            Self::MessageLimit(messages) => write!(f, "MESSAGELIMIT={messages}"),
            Self::QuotaResource(kind) => write!(f, "QUOTA=RES-{kind}"),
            Self::Rights(rights) => write!(f, "RIGHTS={rights}"),
            Self::SaveLimit(messages) => write!(f, "SAVELIMIT={messages}"),
            Self::Thread(algorithm) => write!(f, "THREAD={algorithm}"),
            Self::Other(text) => f.write_str(text),
            known => f.write_str(known.word()),
        }
    }
}

impl fmt::Display for InvalidCapability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a capability: {:?}; it is one word of printable ASCII",
            self.text
        )
    }
}

impl Error for InvalidCapability {}

#[cfg(test)]
mod tests;
