//! What imap-codec makes of a command.

use imap_codec::CommandCodec;
use imap_codec::decode::Decoder;
use imap_codec::imap_types::command::CommandBody;
use imap_codec::imap_types::core::AString;
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItemName, Section};
use imap_codec::imap_types::mailbox::ListMailbox;
use imap_codec::imap_types::search::SearchKey;

use super::shown::{name, nshown8, plain, shown, their_nstring};

/// What a command says, of those that are looked at.
pub(crate) fn command(octets: &[u8]) -> Option<String> {
    let Ok((b"", command)) = CommandCodec::default().decode(octets) else {
        return None;
    };
    let string = |string: &AString<'_>| shown(string.as_ref());
    Some(match &command.body {
        CommandBody::Login { username, password } => {
            format!(
                "LOGIN {} {}",
                string(username),
                string(password.declassify())
            )
        }
        CommandBody::Create { mailbox } => format!("CREATE {}", name(mailbox)),
        CommandBody::Delete { mailbox } => format!("DELETE {}", name(mailbox)),
        CommandBody::Subscribe { mailbox } => format!("SUBSCRIBE {}", name(mailbox)),
        CommandBody::Rename { from, to } => format!("RENAME {} {}", name(from), name(to)),
        CommandBody::List {
            reference,
            mailbox_wildcard,
        } => {
            let pattern = match mailbox_wildcard {
                ListMailbox::Token(token) => shown(token.as_ref()),
                ListMailbox::String(string) => shown(string.as_ref()),
            };
            format!("LIST {} {pattern}", name(reference))
        }
        CommandBody::Id { parameters } => {
            let pairs = parameters.iter().flatten();
            let pairs = pairs.map(|(field, value)| {
                format!("{} {}", shown(field.as_ref()), their_nstring(value))
            });
            format!("ID {}", pairs.collect::<Vec<_>>().join(" "))
        }
        CommandBody::GetQuota { root } => format!("GETQUOTA {}", string(root)),
        CommandBody::GetQuotaRoot { mailbox } => format!("GETQUOTAROOT {}", name(mailbox)),
        CommandBody::Append {
            mailbox,
            flags,
            message,
            ..
        } => {
            let flags: Vec<_> = flags
                .iter()
                .map(|flag| flag.to_string().to_lowercase())
                .collect();
            let message = match message {
                LiteralOrLiteral8::Literal(literal) => literal.data(),
                LiteralOrLiteral8::Literal8(literal) => literal.data.as_ref(),
            };
            format!("APPEND {} {flags:?} {}", name(mailbox), shown(message))
        }
        CommandBody::SetMetadata {
            mailbox,
            entry_values,
        } => {
            let entries = entry_values.as_ref().iter();
            let entries = entries
                .map(|pair| format!("{} {}", string(pair.entry.inner()), nshown8(&pair.value)));
            let entries: Vec<_> = entries.collect();
            format!("SETMETADATA {} {}", name(mailbox), entries.join(" "))
        }
        other => return of_mailbox(other),
    })
}

/// What a command says of the mailbox that is selected.
fn of_mailbox(command: &CommandBody<'_>) -> Option<String> {
    let string = |string: &AString<'_>| shown(string.as_ref());
    Some(match command {
        CommandBody::Copy {
            sequence_set,
            mailbox,
            uid: true,
        } => format!("COPY {} {}", plain(sequence_set), name(mailbox)),
        CommandBody::Store {
            sequence_set,
            flags,
            uid: true,
            ..
        } => {
            let flags: Vec<_> = flags
                .iter()
                .map(|flag| flag.to_string().to_lowercase())
                .collect();
            format!("STORE {} {flags:?}", plain(sequence_set))
        }
        CommandBody::Fetch {
            sequence_set,
            macro_or_item_names: MacroOrMessageDataItemNames::MessageDataItemNames(items),
            uid: true,
            ..
        } => {
            let mut fields = String::new();
            for item in items {
                if let MessageDataItemName::BodyExt {
                    section: Some(Section::HeaderFields(None, names)),
                    ..
                } = item
                {
                    names
                        .as_ref()
                        .iter()
                        .for_each(|name| fields.push_str(&string(name)));
                }
            }
            format!("FETCH {} {fields}", plain(sequence_set))
        }
        CommandBody::Search {
            criteria,
            uid: true,
            ..
        } => {
            let keys: Vec<_> = criteria.as_ref().iter().map(search_key).collect();
            format!("SEARCH {}", keys.join(" "))
        }
        _ => return None,
    })
}

fn search_key(key: &SearchKey<'_>) -> String {
    let with = |word: &str, string: &AString<'_>| format!("{word} {}", shown(string.as_ref()));
    match key {
        SearchKey::Not(key) => format!("NOT {}", search_key(key)),
        SearchKey::Or(one, other) => format!("OR {} {}", search_key(one), search_key(other)),
        SearchKey::Text(text) => with("TEXT", text),
        SearchKey::From(text) => with("FROM", text),
        SearchKey::Body(text) => with("BODY", text),
        SearchKey::Subject(text) => with("SUBJECT", text),
        SearchKey::Header(name, text) => with(&with("HEADER", name), text),
        other => format!("{other:?}"),
    }
}
