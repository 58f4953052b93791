//! Decoding of commands: by `imap-codec`, and by hand for the little that it does not know.

mod fetch;
mod list;
pub(crate) mod objects;

use imap_codec::CommandCodec;
use imap_codec::decode::Decoder as _;
use imap_codec::imap_types::IntoStatic as _;
use imap_codec::imap_types::command::{Command, CommandBody};
use imap_codec::imap_types::status::StatusDataItemName;

use self::fetch::fetch;
use self::list::{list, status};
use crate::extra::Extra;
use crate::names;
use crate::notify::request::Request;
use crate::values::{starts_with, text_of, upper, value, values_in, words_in};

/// A command's bytes as `imap-codec` knows them, and what was taken out of them.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) bytes: Vec<u8>,
    pub(crate) extension: Extension,
}

/// Arguments that `imap-codec` does not know.
#[derive(Debug, Default)]
pub(crate) struct Extension {
    /// `SEARCH RETURN (..)` (RFC 4731).
    pub(crate) search: Option<SearchReturn>,
    /// `LIST (..) "" (..) RETURN (..)` (RFC 5258).
    pub(crate) list: Option<ListOptions>,
    /// The messages of an APPEND after the first, each as a command of its own (RFC 3502).
    pub(crate) append: Vec<CommandBody<'static>>,
    /// `STORE .. X-GM-LABELS (..)`, as UTF-8.
    pub(crate) labels: Option<Vec<String>>,
    /// `CREATE .. (USE (..))` (RFC 6154).
    pub(crate) uses: Vec<String>,
    /// Items of a FETCH.
    pub(crate) items: Vec<Extra>,
    /// The page of a FETCH (RFC 9394).
    pub(crate) partial: Option<Page>,
    /// MAILBOXID among the items of a STATUS (RFC 8474).
    pub(crate) mailbox_id: MailboxId,
    /// EMAILID or THREADID among the keys of a SEARCH (RFC 8474).
    pub(crate) objects: bool,
    /// A command of RFC 4314, in whose place `imap-codec` is shown LIST.
    pub(crate) acl: Option<Acl>,
    /// A NOTIFY (RFC 5465), in whose place `imap-codec` is shown LIST.
    pub(crate) notify: Option<Request>,
    /// A UIDBATCHES (RFC 10022), in whose place `imap-codec` is shown CHECK.
    pub(crate) batches: Option<Batches>,
}

/// A page, from its near end to its far end (RFC 9394).
pub(crate) type Page = (i64, i64);

/// Whether MAILBOXID is asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum MailboxId {
    #[default]
    Unasked,
    /// With other items.
    Too,
    /// And nothing else.
    Alone,
}

/// How many messages a batch shall have, and which batches are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Batches {
    pub(crate) size: u32,
    pub(crate) range: Option<(u32, u32)>,
}

/// A command of RFC 4314.
#[derive(Debug)]
pub(crate) struct Acl {
    pub(crate) verb: String,
    pub(crate) mailbox: String,
    pub(crate) identifier: Option<String>,
    pub(crate) change: Option<String>,
}

/// What a SEARCH shall return.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SearchReturn {
    pub(crate) min: bool,
    pub(crate) max: bool,
    pub(crate) count: bool,
    pub(crate) all: bool,
    /// The result is to be kept (RFC 5182).
    pub(crate) save: bool,
    /// A page of the result.
    pub(crate) partial: Option<Page>,
}

/// What an extended LIST selects and returns.
#[derive(Debug, Default)]
pub(crate) struct ListOptions {
    pub(crate) select: Vec<String>,
    pub(crate) returns: Vec<String>,
    pub(crate) status: Vec<StatusDataItemName>,
    pub(crate) mailbox_id: MailboxId,
    /// Names of metadata, in small letters (RFC 9590).
    pub(crate) metadata: Vec<String>,
    /// The patterns after the first, each as a LIST command of its own.
    pub(crate) more: Vec<CommandBody<'static>>,
}

/// Takes out of a command what `imap-codec` does not know; `None` when that is not well formed.
pub(crate) fn prepare(bytes: Vec<u8>) -> Option<Prepared> {
    let mut words = bytes.split(|byte| matches!(byte, b' ' | b'\r')).skip(1);
    let verb = words.find(|word| !word.eq_ignore_ascii_case(b"UID"));
    let searches = ["SEARCH", "SORT", "THREAD"].contains(&upper(verb.unwrap_or_default()).as_str());
    match searches.then(|| objects::as_keywords(&bytes)).flatten() {
        Some(bytes) => {
            let mut prepared = prepare_rest(bytes)?;
            prepared.extension.objects = true;
            Some(prepared)
        }
        None => prepare_rest(bytes),
    }
}

fn prepare_rest(bytes: Vec<u8>) -> Option<Prepared> {
    let plain = |bytes| {
        Some(Prepared {
            bytes,
            extension: Extension::default(),
        })
    };
    let mut words = bytes.splitn(4, |byte| *byte == b' ');
    let (tag, verb, next) = (
        words.next()?,
        words.next().unwrap_or_default(),
        words.next(),
    );
    let uid = verb.eq_ignore_ascii_case(b"UID");
    let verb = if uid { next.unwrap_or_default() } else { verb };
    let start = tag.len() + 1 + if uid { 4 } else { 0 } + verb.len() + 1;
    let Some(arguments) = bytes.get(start..) else {
        return plain(bytes);
    };
    if verb.eq_ignore_ascii_case(b"SEARCH") && starts_with(arguments, b"RETURN ") {
        search(&bytes, start)
    } else if verb.eq_ignore_ascii_case(b"LIST") && !uid {
        list(tag, arguments).or_else(|| plain(bytes.clone()))
    } else if verb.eq_ignore_ascii_case(b"APPEND") && !uid {
        append(tag, arguments).or_else(|| plain(bytes.clone()))
    } else if verb.eq_ignore_ascii_case(b"STORE") {
        labels(&bytes).or_else(|| plain(bytes.clone()))
    } else if verb.eq_ignore_ascii_case(b"FETCH") {
        fetch(&bytes, start).or_else(|| plain(bytes.clone()))
    } else if verb.eq_ignore_ascii_case(b"CREATE") && !uid {
        create(tag, arguments).or_else(|| plain(bytes.clone()))
    } else if verb.eq_ignore_ascii_case(b"STATUS") && !uid {
        status(tag, arguments).or_else(|| plain(bytes.clone()))
    } else if verb.eq_ignore_ascii_case(b"NOTIFY") && !uid {
        let notify = Some(Request::parse(arguments.strip_suffix(b"\r\n")?)?);
        let bytes = [tag, b" LIST \"\" \"\"\r\n"].concat();
        let extension = Extension {
            notify,
            ..Extension::default()
        };
        Some(Prepared { bytes, extension })
    } else if verb.eq_ignore_ascii_case(b"UIDBATCHES") && !uid {
        let batches = Some(batches(arguments)?);
        let bytes = [tag, b" CHECK\r\n"].concat();
        let extension = Extension {
            batches,
            ..Extension::default()
        };
        Some(Prepared { bytes, extension })
    } else if let Some(count) = arguments_of_acl(verb).filter(|_| !uid) {
        acl(tag, verb, arguments)
            .filter(|command| command.1 == count)
            .map(|command| command.0)
    } else {
        plain(bytes)
    }
}

/// Decodes a prepared command; `None` when the grammar refuses it.
pub(crate) fn decode(bytes: &[u8]) -> Option<Command<'_>> {
    let (rest, command) = CommandCodec::default().decode(bytes).ok()?;
    rest.is_empty().then_some(command)
}

fn search(bytes: &[u8], start: usize) -> Option<Prepared> {
    let (before, arguments) = bytes.split_at_checked(start)?;
    let after = arguments.get(b"RETURN ".len()..)?;
    let (options, rest) = value(after)?;
    let mut search = SearchReturn::default();
    let mut words = words_in(options)?.into_iter();
    while let Some(option) = words.next() {
        match option.as_str() {
            "MIN" => search.min = true,
            "MAX" => search.max = true,
            "COUNT" => search.count = true,
            "ALL" => search.all = true,
            "SAVE" => search.save = true,
            "PARTIAL" => search.partial = Some(page(&words.next()?)?),
            _ => return None,
        }
    }
    if search.all && search.partial.is_some() {
        return None;
    }
    let is_part = search.partial.is_some() || search.save;
    if !(search.min || search.max || search.count || is_part) {
        search.all = true;
    }
    let bytes = [before, rest.strip_prefix(b" ")?].concat();
    let extension = Extension {
        search: Some(search),
        ..Extension::default()
    };
    Some(Prepared { bytes, extension })
}

/// `1:50` or `-1:-50`.
fn page(range: &str) -> Option<Page> {
    let (near, far) = range.split_once(':')?;
    let (near, far): (i64, i64) = (near.parse().ok()?, far.parse().ok()?);
    (near.signum() * far.signum() == 1).then_some((near, far))
}

/// The labels of a STORE, in whose place `imap-codec` is shown flags.
fn labels(bytes: &[u8]) -> Option<Prepared> {
    const NAME: &[u8] = b"X-GM-LABELS";
    let at = bytes
        .windows(NAME.len())
        .position(|here| starts_with(here, NAME))?;
    let (before, after) = (bytes.get(..at)?, bytes.get(at + NAME.len()..)?);
    let list = after.iter().position(|byte| *byte == b' ')? + 1;
    let (silent, list) = after.split_at_checked(list)?;
    let labels = values_in(list.strip_suffix(b"\r\n")?)?
        .into_iter()
        .map(|label| names::decode(&text_of(label)?))
        .collect::<Option<_>>()?;
    Some(Prepared {
        bytes: [before, b"FLAGS", silent, b"(\\Seen)\r\n"].concat(),
        extension: Extension {
            labels: Some(labels),
            ..Extension::default()
        },
    })
}

/// `2000` or `2000 1:4`.
fn batches(arguments: &[u8]) -> Option<Batches> {
    let text = std::str::from_utf8(arguments.strip_suffix(b"\r\n")?).ok()?;
    let (size, range) = match text.split_once(' ') {
        Some((size, range)) => (size, Some(range)),
        None => (text, None),
    };
    let range = match range {
        Some(range) => {
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            Some((first.min(last), first.max(last))).filter(|(first, _)| *first > 0)
        }
        None => return size.parse().ok().map(|size| Batches { size, range: None }),
    };
    Some(Batches {
        size: size.parse().ok()?,
        range: Some(range?),
    })
}

fn create(tag: &[u8], arguments: &[u8]) -> Option<Prepared> {
    let (name, after) = value(arguments.strip_suffix(b"\r\n")?)?;
    let parameters = values_in(after.strip_prefix(b" ")?)?;
    let [word, uses] = parameters.as_slice() else {
        return None;
    };
    let uses = values_in(uses).filter(|_| word.eq_ignore_ascii_case(b"USE"))?;
    let text = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    Some(Prepared {
        bytes: [tag, b" CREATE ", name, b"\r\n"].concat(),
        extension: Extension {
            uses: uses.into_iter().map(text).collect(),
            ..Extension::default()
        },
    })
}

/// How many arguments a command of RFC 4314 has.
fn arguments_of_acl(verb: &[u8]) -> Option<usize> {
    match upper(verb).as_str() {
        "GETACL" | "MYRIGHTS" => Some(1),
        "DELETEACL" | "LISTRIGHTS" => Some(2),
        "SETACL" => Some(3),
        _ => None,
    }
}

/// A command of RFC 4314, and how many arguments it has.
fn acl(tag: &[u8], verb: &[u8], arguments: &[u8]) -> Option<(Prepared, usize)> {
    let list = [b"(", arguments.strip_suffix(b"\r\n")?, b")"].concat();
    let words = values_in(&list)?.into_iter().map(text_of);
    let words = words.collect::<Option<Vec<_>>>()?;
    let text = |at: usize| {
        let word = words.get(at)?;
        Some(String::from_utf8_lossy(word).into_owned())
    };
    let acl = Acl {
        verb: upper(verb),
        mailbox: names::canonical(&names::decode_either(words.first()?)?),
        identifier: text(1),
        change: text(2),
    };
    let prepared = Prepared {
        bytes: [tag, b" LIST \"\" \"\"\r\n"].concat(),
        extension: Extension {
            acl: Some(acl),
            ..Extension::default()
        },
    };
    Some((prepared, words.len()))
}

/// Several messages; `None` for one.
fn append(tag: &[u8], arguments: &[u8]) -> Option<Prepared> {
    let (name, mut rest) = value(arguments.strip_suffix(b"\r\n")?)?;
    let mut commands = Vec::new();
    while !rest.is_empty() {
        let mut len = 0;
        loop {
            let argument = rest.get(len..)?.strip_prefix(b" ")?;
            len += 1 + value(argument)?.0.len();
            if argument.starts_with(b"{") || argument.starts_with(b"~{") {
                break;
            }
        }
        let (message, after) = rest.split_at_checked(len)?;
        commands.push([tag, b" APPEND ", name, message, b"\r\n"].concat());
        rest = after;
    }
    let (first, more) = commands
        .split_first()
        .filter(|(_, more)| !more.is_empty())?;
    let mut append = Vec::new();
    for command in more {
        append.push(decode(command)?.body.into_static());
    }
    let extension = Extension {
        append,
        ..Extension::default()
    };
    Some(Prepared {
        bytes: first.clone(),
        extension,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(command: &str) -> Option<(String, Extension)> {
        let prepared = prepare(command.as_bytes().to_vec())?;
        Some((
            String::from_utf8(prepared.bytes).unwrap(),
            prepared.extension,
        ))
    }

    #[test]
    fn search_options_are_taken_out() {
        let (bytes, extension) = prepared("a UID SEARCH RETURN (MIN COUNT) 1:* SEEN\r\n").unwrap();
        assert_eq!(bytes, "a UID SEARCH 1:* SEEN\r\n");
        let search = extension.search.unwrap();
        assert!(search.min && search.count && !search.max && !search.all);
        assert!(
            prepared("a SEARCH RETURN () ALL\r\n")
                .unwrap()
                .1
                .search
                .unwrap()
                .all
        );
        let command = "a SEARCH RETURN (SAVE COUNT PARTIAL -1:-50) ALL\r\n";
        let search = prepared(command).unwrap().1.search.unwrap();
        assert!(search.save && search.count && !search.all);
        assert_eq!(search.partial, Some((-1, -50)));
        for wrong in [
            "OTHER",
            "PARTIAL",
            "PARTIAL 1:-5",
            "PARTIAL 0:5",
            "ALL PARTIAL 1:5",
        ] {
            let command = format!("a SEARCH RETURN ({wrong}) ALL\r\n");
            assert!(prepared(&command).is_none(), "{wrong}");
        }
    }

    #[test]
    fn list_options_are_taken_out() {
        let command =
            "a LIST (SUBSCRIBED) \"\" (\"a b\" {1}\r\n%) RETURN (CHILDREN STATUS (UNSEEN))\r\n";
        let (bytes, extension) = prepared(command).unwrap();
        assert_eq!(bytes, "a LIST \"\" \"a b\"\r\n");
        let list = extension.list.unwrap();
        assert_eq!(list.select, ["SUBSCRIBED"]);
        assert_eq!(list.returns, ["CHILDREN", "STATUS"]);
        assert_eq!(list.status, [StatusDataItemName::Unseen]);
        assert_eq!(list.more.len(), 1);
    }

    #[test]
    fn messages_after_the_first_are_taken_out() {
        let command = "a APPEND \"b c\" (\\Seen) {1+}\r\nx ~{2+}\r\n\r\n \" 3-Feb-2001 04:05:06 +0000\" {1}\r\ny\r\n";
        let (bytes, extension) = prepared(command).unwrap();
        assert_eq!(bytes, "a APPEND \"b c\" (\\Seen) {1+}\r\nx\r\n");
        assert_eq!(extension.append.len(), 2);
    }

    #[test]
    fn items_of_extensions_are_taken_out() {
        let command = "a UID FETCH 1:* (FLAGS EMAILID BODY[HEADER.FIELDS (To Cc)] PREVIEW (LAZY)) \
                       (CHANGEDSINCE 5)\r\n";
        let (bytes, extension) = prepared(command).unwrap();
        assert_eq!(
            bytes,
            "a UID FETCH 1:* (FLAGS BODY[HEADER.FIELDS (To Cc)]) (CHANGEDSINCE 5)\r\n"
        );
        assert_eq!(extension.items, [Extra::EmailId, Extra::Preview]);
        let (bytes, extension) = prepared("a FETCH 1 x-gm-labels\r\n").unwrap();
        assert_eq!(bytes, "a FETCH 1 (UID)\r\n");
        assert_eq!(extension.items, [Extra::GmailLabels]);
        let plain = "a FETCH 1 (FLAGS BODY[])\r\n";
        assert_eq!(prepared(plain).unwrap().0, plain);
    }

    #[test]
    fn pages_and_identifiers_are_taken_out() {
        let command = "a UID FETCH 1:* (FLAGS) (PARTIAL -1:-30 CHANGEDSINCE 5)\r\n";
        let (bytes, extension) = prepared(command).unwrap();
        assert_eq!(bytes, "a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5)\r\n");
        assert_eq!(extension.partial, Some((-1, -30)));
        let (bytes, extension) = prepared("a UID FETCH 1 ALL (partial 1:2)\r\n").unwrap();
        assert_eq!(
            (bytes.as_str(), extension.partial),
            ("a UID FETCH 1 ALL\r\n", Some((1, 2)))
        );
        let wrong = "a UID FETCH 1 ALL (PARTIAL 1:-2)\r\n";
        assert_eq!(prepared(wrong).unwrap().0, wrong);
        let (bytes, extension) = prepared("a STATUS b (MAILBOXID MESSAGES)\r\n").unwrap();
        assert_eq!(bytes, "a STATUS b (MESSAGES)\r\n");
        assert_eq!(extension.mailbox_id, MailboxId::Too);
        let (_, extension) = prepared("a LIST \"\" * RETURN (STATUS (MAILBOXID))\r\n").unwrap();
        let list = extension.list.unwrap();
        assert_eq!(list.mailbox_id, MailboxId::Alone);
        let batches = |text: &str| prepared(text)?.1.batches;
        let (size, range) = (500, Some((2, 4)));
        assert_eq!(
            batches("a UIDBATCHES 500 4:2\r\n"),
            Some(Batches { size, range })
        );
        assert_eq!(
            batches("a UIDBATCHES 500\r\n"),
            Some(Batches { size, range: None })
        );
        for wrong in ["x", "500 0:1", "500 1:*", "500 ", ""] {
            assert_eq!(
                batches(&format!("a UIDBATCHES {wrong}\r\n")),
                None,
                "{wrong}"
            );
        }
    }

    #[test]
    fn labels_are_taken_out() {
        let command = "a UID STORE 1 +X-GM-LABELS.SILENT (\\Inbox \"a \\\\b\" {1}\r\nc)\r\n";
        let (bytes, extension) = prepared(command).unwrap();
        assert_eq!(bytes, "a UID STORE 1 +FLAGS.SILENT (\\Seen)\r\n");
        assert_eq!(extension.labels.unwrap(), ["\\Inbox", "a \\b", "c"]);
    }

    #[test]
    fn special_uses_are_taken_out() {
        let (bytes, extension) = prepared("a CREATE \"a b\" (USE (\\Sent \\X))\r\n").unwrap();
        assert_eq!(bytes, "a CREATE \"a b\"\r\n");
        assert_eq!(extension.uses, ["\\Sent", "\\X"]);
    }

    #[test]
    fn commands_of_acls_are_taken_out() {
        let (bytes, extension) = prepared("a setacl inbox \"-b c\" +lr\r\n").unwrap();
        let acl = extension.acl.unwrap();
        assert_eq!(
            (bytes.as_str(), acl.verb.as_str()),
            ("a LIST \"\" \"\"\r\n", "SETACL")
        );
        assert_eq!(
            (acl.mailbox.as_str(), acl.identifier.as_deref()),
            ("INBOX", Some("-b c"))
        );
        assert_eq!(acl.change.as_deref(), Some("+lr"));
        for wrong in ["a GETACL b c\r\n", "a SETACL b c\r\n", "a MYRIGHTS b c\r\n"] {
            assert!(prepared(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn other_commands_stay_as_they_are() {
        for command in [
            "a NOOP\r\n",
            "a",
            "",
            "a SEARCH ALL\r\n",
            "a LIST \"\" \"\\\"x\" y\r\n",
        ] {
            assert_eq!(prepared(command).unwrap().0, command);
        }
    }
}
