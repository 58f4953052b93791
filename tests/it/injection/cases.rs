//! A case for each parameter of a public method by which a caller's text comes in.

use std::io::Cursor;
use std::time::Duration;

use latchbox::acl::MyRights;
use latchbox::acl::{AclIdentifier, Rights, RightsChange};
use latchbox::command::{
    Append, CopyMessages, Create, FetchMessages, List, MoveMessages, RawCommand, Search, Sort,
    Status, Store,
};
use latchbox::gmail::Label;
use latchbox::metadata::GetMetadata;
use latchbox::metadata::{MetadataName, MetadataScope};
use latchbox::notify::{NotifyEvent, NotifyRequest};
use latchbox::quota::QuotaResource;
use latchbox::sasl::{
    Anonymous, External, Login, LoginChoice, OAuthBearer, Plain, Secret, XOAuth2,
};
use latchbox::sync::FetchChanges;
use latchbox::types::{
    Capability, CatenatePart, ExtensionName, FetchItem, Flag, Keyword, MailboxName, MailboxPattern,
    MailboxScope, MessageUrl, NewMessage, SearchKey, SearchReturn, Section, SortKey, StatusItem,
    StoreAction, StoredUids, ThreadAlgorithm, Uid, UidSet, UidValidity,
};
use latchbox::{
    Client, ClientBuilder, Credentials, Error, LoginError, MailboxGuard, Pool, Session,
};

pub(super) type Done = Result<(), Error>;

pub(super) enum Run {
    Session(fn(&Session, &str) -> Done),
    Guard(fn(&mut MailboxGuard<'_>, &str) -> Done),
    Pool(fn(&Pool, &str) -> Done),
    /// On a client of a server with this mechanism.
    Client(&'static str, fn(Client, &str) -> Done),
    Builder(fn(ClientBuilder, &str) -> ClientBuilder),
    Octets(fn(&Session, &[u8]) -> Done),
    /// Nothing of it is sent, for this reason.
    Nothing(&'static str),
}

use Run::{Builder, Guard, Nothing, Octets, Pool as OnPool, Session as On};

pub(super) struct Case {
    pub(super) method: &'static str,
    pub(super) run: Run,
}

fn ok<T>(result: Result<T, impl Into<Error>>) -> Done {
    result.map(drop).map_err(Into::into)
}

fn made<T>(result: Result<T, impl Into<Error>>) -> Result<T, Error> {
    result.map_err(Into::into)
}

fn one() -> UidSet {
    "1".parse().unwrap()
}

fn uid() -> Uid {
    Uid::new(1).unwrap()
}

fn flags(name: &str) -> Result<[Flag; 1], Error> {
    Ok([made(Flag::keyword(name))?])
}

fn section(name: &str) -> Result<Section, Error> {
    made(Section::header_fields([name]))
}

fn item(name: &str) -> Result<[FetchItem; 1], Error> {
    Ok([FetchItem::BodyPeek(section(name)?)])
}

fn subject(text: &str) -> SearchKey {
    SearchKey::Subject(text.to_owned())
}

fn read(messages: Result<latchbox::command::Messages<'_>, Error>) -> Done {
    messages?.into_iter().try_for_each(ok)
}

fn other_key(name: ExtensionName, argument: &str) -> SearchKey {
    let arguments = vec![argument.to_owned()];
    SearchKey::Other { name, arguments }
}

fn search(guard: &mut MailboxGuard<'_>, key: SearchKey) -> Done {
    ok(guard.search(key))
}

const DURATION: Duration = Duration::from_secs(1);

fn case(method: &'static str, run: Run) -> Case {
    Case { method, run }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = mailboxes();
    cases.extend(messages());
    cases.extend(searches());
    cases.extend(values());
    cases.extend(raw());
    cases.extend(stored());
    cases.extend(logins());
    cases.extend(nothing());
    cases
}

/// Commands of the session that name a mailbox.
fn mailboxes() -> Vec<Case> {
    vec![
        case("Session::create", On(|s, t| s.create(t))),
        case("Create::new", On(|s, t| ok(s.run(Create::new(t)?)))),
        case("Session::delete", On(|s, t| s.delete(t))),
        case("Session::rename", On(|s, t| s.rename(t, "x"))),
        case("Session::rename", On(|s, t| s.rename("x", t))),
        case("Session::subscribe", On(|s, t| s.subscribe(t))),
        case("Session::unsubscribe", On(|s, t| s.unsubscribe(t))),
        case(
            "Session::status",
            On(|s, t| ok(s.status(t, [StatusItem::Messages]))),
        ),
        case(
            "Session::status_many",
            On(|s, t| {
                let outcomes = s.status_many([t], [StatusItem::Messages])?;
                outcomes.into_iter().try_for_each(ok)
            }),
        ),
        case("Session::list", On(|s, t| ok(s.list(t)))),
        case("Session::lsub", On(|s, t| ok(s.lsub(t)))),
        case(
            "List::new",
            On(|s, t| ok(s.run(List::new(t)?.return_children()))),
        ),
        case(
            "List::or_pattern",
            On(|s, t| {
                let pattern = made(MailboxPattern::new(t))?;
                ok(s.run(List::new("a")?.or_pattern(pattern)))
            }),
        ),
        case(
            "List::return_metadata",
            On(|s, t| {
                let name = made(MetadataName::new(t))?;
                ok(s.run(List::new("a")?.return_metadata([name])))
            }),
        ),
        case("Session::lock_mailbox", On(|s, t| ok(s.lock_mailbox(t)))),
        case(
            "Session::lock_mailbox_read_only",
            On(|s, t| ok(s.lock_mailbox_read_only(t))),
        ),
        case(
            "Session::try_lock_mailbox",
            On(|s, t| ok(s.try_lock_mailbox(t))),
        ),
        case("Session::mailbox", On(|s, t| ok(s.mailbox(t).lock()))),
        case("Session::mailbox", On(|s, t| ok(s.mailbox(t).try_lock()))),
        case(
            "Session::mailbox",
            On(|s, t| ok(s.mailbox(t).read_only().timeout(DURATION).lock())),
        ),
        case("Session::mailbox", On(|s, t| ok(s.mailbox(t).lock_owned()))),
        case(
            "Session::mailbox",
            On(|s, t| ok(s.mailbox(t).try_lock_owned())),
        ),
        case("Pool::lock_mailbox", OnPool(|p, t| ok(p.lock_mailbox(t)))),
        case(
            "Pool::lock_mailbox_read_only",
            OnPool(|p, t| ok(p.lock_mailbox_read_only(t))),
        ),
        case(
            "Pool::try_lock_mailbox",
            OnPool(|p, t| ok(p.try_lock_mailbox(t))),
        ),
        case(
            "Pool::mailbox",
            OnPool(|p, t| ok(p.mailbox(t).timeout(DURATION).lock_owned())),
        ),
        case(
            "MailboxGuard::switch_to",
            On(|s, t| ok(s.lock_mailbox("INBOX")?.switch_to(t))),
        ),
        case("Session::acl", On(|s, t| ok(s.acl(t).get()))),
        case("Session::acl", On(|s, t| ok(s.acl(t).my_rights()))),
        case(
            "MyRights::new",
            On(|s, t| {
                let [outcome] = s.pipeline([made(MyRights::new(t))?])?;
                ok(outcome)
            }),
        ),
        case(
            "AclCommands::set",
            On(|s, t| s.acl(t).set("x", RightsChange::Replace(Rights::read()))),
        ),
        case(
            "AclCommands::set",
            On(|s, t| s.acl("x").set(t, RightsChange::Replace(Rights::read()))),
        ),
        case("AclCommands::delete", On(|s, t| s.acl(t).delete("x"))),
        case("AclCommands::delete", On(|s, t| s.acl("x").delete(t))),
        case(
            "AclCommands::list_rights",
            On(|s, t| ok(s.acl(t).list_rights("x"))),
        ),
        case(
            "AclCommands::list_rights",
            On(|s, t| ok(s.acl("x").list_rights(t))),
        ),
        case(
            "AclIdentifier::new",
            On(|s, t| s.acl("x").delete(made(AclIdentifier::new(t))?)),
        ),
        case(
            "AclIdentifier::from_str",
            On(|s, t| s.acl("x").delete(made(t.parse::<AclIdentifier>())?)),
        ),
        case(
            "Rights::from_str",
            On(|s, t| s.acl("x").set("y", RightsChange::Replace(made(t.parse())?))),
        ),
        case("QuotaCommands::get", On(|s, t| ok(s.quota().get(t)))),
        case("QuotaCommands::roots", On(|s, t| ok(s.quota().roots(t)))),
        case(
            "QuotaCommands::set",
            On(|s, t| ok(s.quota().set(t, [(QuotaResource::Storage, 1)]))),
        ),
        case(
            "QuotaCommands::set",
            On(|s, t| ok(s.quota().set("", [(QuotaResource::other(t), 1)]))),
        ),
        case(
            "QuotaResource::other",
            On(|s, t| ok(s.quota().set("", [(QuotaResource::other(t), 1)]))),
        ),
        case(
            "QuotaResource::Other",
            On(|s, t| ok(s.quota().set("", [(QuotaResource::Other(t.into()), 1)]))),
        ),
        case(
            "Session::metadata",
            On(|s, t| ok(s.metadata(t).get(["/private/comment"]))),
        ),
        case(
            "MetadataCommands::get",
            On(|s, t| ok(s.metadata("x").get([t]))),
        ),
        case(
            "GetMetadata::new",
            On(|s, t| {
                let get = GetMetadata::new(t, ["/private/comment"])?;
                let [outcome] = s.pipeline([get])?;
                ok(outcome)
            }),
        ),
        case(
            "GetMetadata::new",
            On(|s, t| {
                let get = GetMetadata::new("x", [t])?;
                let [outcome] = s.pipeline([get])?;
                ok(outcome)
            }),
        ),
        case(
            "MetadataCommands::set",
            On(|s, t| s.metadata(t).set([("/private/comment", Some("x"))])),
        ),
        case(
            "MetadataCommands::set",
            On(|s, t| s.metadata("x").set([(t, Some("x"))])),
        ),
        case(
            "MetadataCommands::set",
            Octets(|s, o| s.metadata("x").set([("/private/comment", Some(o))])),
        ),
        case(
            "MetadataCommands::set",
            On(|s, t| s.metadata("x").set([("/private/comment", Some(t))])),
        ),
        case(
            "MetadataName::new",
            On(|s, t| ok(s.metadata("x").get([made(MetadataName::new(t))?]))),
        ),
        case(
            "MetadataName::from_str",
            On(|s, t| ok(s.metadata("x").get([made(t.parse::<MetadataName>())?]))),
        ),
        case(
            "MetadataScope::Mailbox",
            On(|s, t| {
                let scope = MetadataScope::Mailbox(made(MailboxName::new(t))?);
                ok(s.metadata(scope).get(["/private/comment"]))
            }),
        ),
        case(
            "Status::new",
            On(|s, t| {
                let [outcome] = s.pipeline([Status::new(t, [StatusItem::Messages])?])?;
                ok(outcome)
            }),
        ),
        case(
            "MailboxName::new",
            On(|s, t| s.create(made(MailboxName::new(t))?)),
        ),
        case(
            "MailboxName::from_str",
            On(|s, t| s.create(made(t.parse::<MailboxName>())?)),
        ),
        case(
            "MailboxPattern::new",
            On(|s, t| ok(s.list(made(MailboxPattern::new(t))?))),
        ),
        case(
            "MailboxPattern::from_str",
            On(|s, t| ok(s.list(made(t.parse::<MailboxPattern>())?))),
        ),
        case("Session::id", On(|s, t| ok(s.id(&[(t, "x")])))),
        case("Session::id", On(|s, t| ok(s.id(&[("x", t)])))),
        case(
            "Session::enable",
            On(|s, t| ok(s.enable(&[Capability::Other(t.into())]))),
        ),
        case(
            "Capability::Other",
            On(|s, t| ok(s.enable(&[Capability::Other(t.into())]))),
        ),
        case(
            "Capability::Auth",
            On(|s, t| ok(s.enable(&[Capability::Auth(t.into())]))),
        ),
        case(
            "Capability::Compress",
            On(|s, t| ok(s.enable(&[Capability::Compress(t.into())]))),
        ),
        case(
            "Capability::QuotaResource",
            On(|s, t| ok(s.enable(&[Capability::QuotaResource(t.into())]))),
        ),
        case(
            "Capability::Rights",
            On(|s, t| ok(s.enable(&[Capability::Rights(t.into())]))),
        ),
        case(
            "Capability::Thread",
            On(|s, t| ok(s.enable(&[Capability::Thread(t.into())]))),
        ),
        case(
            "Capability::from_str",
            On(|s, t| ok(s.enable(&[made(t.parse::<Capability>())?]))),
        ),
        case(
            "MailboxScope::Mailboxes",
            On(|s, t| {
                multi(
                    s,
                    MailboxScope::Mailboxes(vec![made(MailboxName::new(t))?]),
                    subject("x"),
                )
            }),
        ),
        case(
            "MailboxScope::Subtree",
            On(|s, t| {
                multi(
                    s,
                    MailboxScope::Subtree(vec![made(MailboxName::new(t))?]),
                    subject("x"),
                )
            }),
        ),
        case(
            "MailboxScope::SubtreeOne",
            On(|s, t| {
                multi(
                    s,
                    MailboxScope::SubtreeOne(vec![made(MailboxName::new(t))?]),
                    subject("x"),
                )
            }),
        ),
        case(
            "Session::search_mailboxes",
            On(|s, t| {
                multi(
                    s,
                    MailboxScope::Mailboxes(vec![made(MailboxName::new(t))?]),
                    subject("x"),
                )
            }),
        ),
        case(
            "Session::search_mailboxes",
            On(|s, t| multi(s, MailboxScope::Personal, subject(t))),
        ),
        case(
            "NotifyRequest::mailboxes",
            On(|s, t| {
                let scope = MailboxScope::Mailboxes(vec![made(MailboxName::new(t))?]);
                s.notify()
                    .set(&NotifyRequest::new().mailboxes(scope, [NotifyEvent::MailboxName]))
            }),
        ),
        case(
            "NotifyEvent::MessageNew",
            On(|s, t| {
                let new = NotifyEvent::MessageNew(item(t)?.to_vec());
                s.notify()
                    .set(&NotifyRequest::new().selected([new, NotifyEvent::MessageExpunge]))
            }),
        ),
    ]
}

fn multi(session: &Session, scope: MailboxScope, key: SearchKey) -> Done {
    ok(session.search_mailboxes(&[scope], key, SearchReturn::new()))
}

/// Commands of the guard.
fn messages() -> Vec<Case> {
    vec![
        case("MailboxGuard::copy", Guard(|g, t| ok(g.copy(&one(), t)))),
        case(
            "MailboxGuard::move_to",
            Guard(|g, t| ok(g.move_to(&one(), t))),
        ),
        case(
            "MoveMessages::new",
            Guard(|g, t| ok(g.run(MoveMessages::new(&one(), t)?))),
        ),
        case(
            "Numbered::copy",
            Guard(|g, t| {
                let numbered = g.numbered();
                let set = numbered.last(1);
                ok(numbered.copy(&set, t))
            }),
        ),
        case(
            "Numbered::move_to",
            Guard(|g, t| {
                let numbered = g.numbered();
                let set = numbered.last(1);
                ok(numbered.move_to(&set, t))
            }),
        ),
        case(
            "SavedSearch::copy",
            Guard(|g, t| ok(g.search_saved(SearchKey::All)?.copy(t))),
        ),
        case(
            "SavedSearch::move_to",
            Guard(|g, t| ok(g.search_saved(SearchKey::All)?.move_to(t))),
        ),
        case(
            "CopyMessages::new",
            Guard(|g, t| {
                let uids = one();
                let [outcome] = g.pipeline([CopyMessages::new(&uids, t)?])?;
                ok(outcome)
            }),
        ),
        case(
            "MailboxGuard::store",
            Guard(|g, t| ok(g.store(&one(), StoreAction::Add, flags(t)?))),
        ),
        case(
            "Store::add",
            Guard(|g, t| ok(g.run(Store::add(&one(), &flags(t)?)))),
        ),
        case(
            "Numbered::store",
            Guard(|g, t| {
                let mut numbered = g.numbered();
                let set = numbered.last(1);
                ok(numbered.store(&set, StoreAction::Add, flags(t)?))
            }),
        ),
        case(
            "SavedSearch::store",
            Guard(|g, t| {
                ok(g.search_saved(SearchKey::All)?
                    .store(StoreAction::Add, flags(t)?))
            }),
        ),
        case(
            "Store::remove",
            Guard(|g, t| ok(g.run(Store::remove(&one(), &flags(t)?)))),
        ),
        case(
            "Store::replace",
            Guard(|g, t| ok(g.run(Store::replace(&one(), &flags(t)?)))),
        ),
        case(
            "Store::new",
            Guard(|g, t| {
                let (uids, flags) = (one(), flags(t)?);
                let [outcome] = g.pipeline([Store::new(&uids, StoreAction::Add, &flags)])?;
                ok(outcome)
            }),
        ),
        case(
            "Label::new",
            Guard(|g, t| {
                ok(g.run(Store::labels(
                    &one(),
                    StoreAction::Add,
                    &[made(Label::new(t))?],
                )))
            }),
        ),
        case(
            "Label::from_str",
            Guard(|g, t| {
                ok(g.run(Store::labels(
                    &one(),
                    StoreAction::Add,
                    &[made(t.parse::<Label>())?],
                )))
            }),
        ),
        case(
            "Flag::keyword",
            Guard(|g, t| ok(g.store(&one(), StoreAction::Add, flags(t)?))),
        ),
        case(
            "Flag::from_str",
            Guard(|g, t| ok(g.store(&one(), StoreAction::Add, [made(t.parse::<Flag>())?]))),
        ),
        case(
            "Flag::Keyword",
            Guard(|g, t| {
                ok(g.store(
                    &one(),
                    StoreAction::Add,
                    [Flag::Keyword(made(Keyword::new(t))?)],
                ))
            }),
        ),
        case(
            "Flag::Extension",
            Guard(|g, t| {
                ok(g.store(
                    &one(),
                    StoreAction::Add,
                    [Flag::Extension(made(Keyword::new(t))?)],
                ))
            }),
        ),
        case(
            "Keyword::new",
            Guard(|g, t| search(g, SearchKey::Keyword(made(Keyword::new(t))?))),
        ),
        case(
            "MailboxGuard::fetch",
            Guard(|g, t| read(g.fetch(&one(), item(t)?))),
        ),
        case(
            "FetchMessages::new",
            Guard(|g, t| read(g.stream(FetchMessages::new(&one(), &item(t)?)))),
        ),
        case(
            "FetchMessages::new",
            Guard(|g, t| {
                let uids = one();
                let [outcome] = g.pipeline([FetchMessages::new(&uids, &item(t)?)])?;
                ok(outcome)
            }),
        ),
        case(
            "Numbered::fetch",
            Guard(|g, t| {
                let mut numbered = g.numbered();
                let set = numbered.last(1);
                read(numbered.fetch(&set, item(t)?))
            }),
        ),
        case(
            "FetchMessages::new",
            Guard(|g, t| {
                let mut numbered = g.numbered();
                let set = numbered.last(1);
                read(numbered.stream(FetchMessages::new(&set, &item(t)?)))
            }),
        ),
        case(
            "SavedSearch::fetch",
            Guard(|g, t| read(g.search_saved(SearchKey::All)?.fetch(item(t)?))),
        ),
        case(
            "ExtensionName::new",
            Guard(|g, t| read(g.fetch(&one(), [FetchItem::Other(made(ExtensionName::new(t))?)]))),
        ),
        case(
            "ExtensionName::from_str",
            On(|s, t| ok(s.status("x", [StatusItem::Other(made(t.parse())?)]))),
        ),
        case(
            "FetchItem::Other",
            Guard(|g, t| read(g.fetch(&one(), [FetchItem::Other(made(ExtensionName::new(t))?)]))),
        ),
        case(
            "StatusItem::Other",
            On(|s, t| ok(s.status("x", [StatusItem::Other(made(ExtensionName::new(t))?)]))),
        ),
        case(
            "SortKey::Other",
            Guard(|g, t| {
                let key = SortKey::Other(made(ExtensionName::new(t))?);
                ok(g.sort([key], SearchKey::All))
            }),
        ),
        case(
            "SearchKey::Other",
            Guard(|g, t| search(g, other_key(made(ExtensionName::new(t))?, "x"))),
        ),
        case(
            "SearchKey::Other",
            Guard(|g, t| search(g, other_key(made(ExtensionName::new("X-NEW"))?, t))),
        ),
        case(
            "SpecialUse::from_str",
            Nothing("it is one of the known names"),
        ),
        case(
            "SearchKey::from_str",
            Guard(|g, t| search(g, made(format!("SUBJECT {t:?}").parse::<SearchKey>())?)),
        ),
        case(
            "MailboxStatus::raw_item",
            Nothing("it is looked up in what the server sent"),
        ),
        case(
            "MailboxGuard::fetch_one",
            Guard(|g, t| ok(g.fetch_one(uid(), item(t)?))),
        ),
        case(
            "FetchChanges::items",
            Guard(|g, t| {
                let items = item(t)?;
                let mut changes = g.changes(FetchChanges::since(None).items(&items))?;
                ok(changes.next())
            }),
        ),
        case(
            "MailboxGuard::batches",
            Guard(|g, t| {
                let mut batches = g.batches(&one(), item(t)?, 10)?;
                ok(batches.next(g))
            }),
        ),
        case(
            "MailboxGuard::download",
            Guard(|g, t| ok(g.download(uid(), &section(t)?))),
        ),
        case(
            "MailboxGuard::download_and_mark_seen",
            Guard(|g, t| ok(g.download_and_mark_seen(uid(), &section(t)?))),
        ),
        case(
            "MailboxGuard::download_each",
            Guard(|g, t| ok(g.download_each(&one(), &section(t)?)?.next())),
        ),
        case(
            "FetchItem::BodyAndMarkSeen",
            Guard(|g, t| read(g.fetch(&one(), [FetchItem::BodyAndMarkSeen(section(t)?)]))),
        ),
        case(
            "FetchItem::BodyPeek",
            Guard(|g, t| read(g.fetch(&one(), [FetchItem::BodyPeek(section(t)?)]))),
        ),
        case(
            "FetchItem::BinaryAndMarkSeen",
            Guard(|g, t| {
                read(g.fetch(
                    &one(),
                    [FetchItem::BinaryAndMarkSeen(made(Section::part(t))?)],
                ))
            }),
        ),
        case(
            "FetchItem::BinaryPeek",
            Guard(|g, t| read(g.fetch(&one(), [FetchItem::BinaryPeek(made(Section::part(t))?)]))),
        ),
        case(
            "FetchItem::BinarySize",
            Guard(|g, t| read(g.fetch(&one(), [FetchItem::BinarySize(made(Section::part(t))?)]))),
        ),
        case(
            "Section::header_fields",
            Guard(|g, t| read(g.fetch(&one(), item(t)?))),
        ),
        case(
            "Section::header_fields_not",
            Guard(|g, t| {
                read(g.fetch(
                    &one(),
                    [FetchItem::BodyPeek(made(Section::header_fields_not([t]))?)],
                ))
            }),
        ),
        case(
            "Section::part",
            Guard(|g, t| read(g.fetch(&one(), [FetchItem::BodyPeek(made(Section::part(t))?)]))),
        ),
        case(
            "Section::in_part",
            Guard(|g, t| {
                read(g.fetch(
                    &one(),
                    [FetchItem::BodyPeek(made(Section::whole().in_part(t))?)],
                ))
            }),
        ),
        case(
            "UidSet::from_str",
            Guard(|g, t| read(g.fetch(&made(t.parse::<UidSet>())?, [FetchItem::Flags]))),
        ),
        case(
            "Numbered::parse",
            Guard(|g, t| {
                let mut numbered = g.numbered();
                let set = made(numbered.parse(t))?;
                read(numbered.fetch(&set, [FetchItem::Flags]))
            }),
        ),
    ]
}

fn searches() -> Vec<Case> {
    vec![
        case(
            "Search::new",
            Guard(|g, t| {
                let [outcome] = g.pipeline([Search::new(subject(t))])?;
                ok(outcome)
            }),
        ),
        case(
            "Store::labels",
            Guard(|g, t| {
                let (uids, labels) = (one(), [made(Label::new(t))?]);
                let [outcome] = g.pipeline([Store::labels(&uids, StoreAction::Add, &labels)])?;
                ok(outcome)
            }),
        ),
        case("Session::set_language", On(|s, t| ok(s.set_language(&[t])))),
        case("MailboxGuard::search", Guard(|g, t| search(g, subject(t)))),
        case(
            "MailboxGuard::search_saved",
            Guard(|g, t| ok(g.search_saved(subject(t)))),
        ),
        case(
            "SavedSearch::search",
            Guard(|g, t| ok(g.search_saved(SearchKey::All)?.search(subject(t)))),
        ),
        case(
            "SavedSearch::narrow",
            Guard(|g, t| ok(g.search_saved(SearchKey::All)?.narrow(subject(t)))),
        ),
        case(
            "Numbered::search",
            Guard(|g, t| ok(g.numbered().search(subject(t)))),
        ),
        case(
            "MailboxGuard::sort",
            Guard(|g, t| ok(g.sort([SortKey::Date], subject(t)))),
        ),
        case(
            "Sort::new",
            Guard(|g, t| ok(g.run(Sort::new([SortKey::Date], subject(t))))),
        ),
        case(
            "MailboxGuard::thread",
            Guard(|g, t| ok(g.thread(ThreadAlgorithm::References, subject(t)))),
        ),
        case(
            "MailboxGuard::thread",
            Guard(|g, t| ok(g.thread(ThreadAlgorithm::Other(t.into()), SearchKey::All))),
        ),
        case(
            "ThreadAlgorithm::Other",
            Guard(|g, t| ok(g.thread(ThreadAlgorithm::Other(t.into()), SearchKey::All))),
        ),
        case(
            "SearchKey::header",
            Guard(|g, t| search(g, SearchKey::header(t, "x"))),
        ),
        case(
            "SearchKey::header",
            Guard(|g, t| search(g, SearchKey::header("x", t))),
        ),
        case(
            "SearchKey::Header",
            Guard(|g, t| {
                search(
                    g,
                    SearchKey::Header {
                        name: t.into(),
                        value: "x".into(),
                    },
                )
            }),
        ),
        case(
            "SearchKey::Header",
            Guard(|g, t| {
                search(
                    g,
                    SearchKey::Header {
                        name: "x".into(),
                        value: t.into(),
                    },
                )
            }),
        ),
        case(
            "SearchKey::Bcc",
            Guard(|g, t| search(g, SearchKey::Bcc(t.into()))),
        ),
        case(
            "SearchKey::Body",
            Guard(|g, t| search(g, SearchKey::Body(t.into()))),
        ),
        case(
            "SearchKey::Cc",
            Guard(|g, t| search(g, SearchKey::Cc(t.into()))),
        ),
        case(
            "SearchKey::From",
            Guard(|g, t| search(g, SearchKey::From(t.into()))),
        ),
        case("SearchKey::Subject", Guard(|g, t| search(g, !subject(t)))),
        case(
            "SearchKey::Text",
            Guard(|g, t| search(g, SearchKey::Text(t.into()).or(SearchKey::Seen))),
        ),
        case(
            "SearchKey::To",
            Guard(|g, t| search(g, SearchKey::To(t.into()).and(SearchKey::Seen))),
        ),
        case(
            "SearchKey::Keyword",
            Guard(|g, t| search(g, SearchKey::Keyword(made(Keyword::new(t))?))),
        ),
        case(
            "SearchKey::Unkeyword",
            Guard(|g, t| search(g, SearchKey::Unkeyword(made(Keyword::new(t))?))),
        ),
        case(
            "SearchKey::ModSeqOf",
            Guard(|g, t| {
                search(
                    g,
                    SearchKey::ModSeqOf {
                        flag: made(Flag::keyword(t))?,
                        entry_type: latchbox::types::EntryType::All,
                        mod_seq: "1".parse().unwrap(),
                    },
                )
            }),
        ),
        case(
            "SearchKey::EmailId",
            Guard(|g, t| search(g, SearchKey::EmailId(t.into()))),
        ),
        case(
            "SearchKey::ThreadId",
            Guard(|g, t| search(g, SearchKey::ThreadId(t.into()))),
        ),
        case(
            "SearchKey::Filter",
            Guard(|g, t| search(g, SearchKey::Filter(t.into()))),
        ),
        case(
            "SearchKey::GmailRaw",
            Guard(|g, t| search(g, SearchKey::GmailRaw(t.into()))),
        ),
        case(
            "SearchKey::GmailLabel",
            Guard(|g, t| search(g, SearchKey::GmailLabel(made(Label::new(t))?))),
        ),
    ]
}

/// What is made of text and kept.
fn values() -> Vec<Case> {
    vec![
        case(
            "StoredUids::from_str",
            Guard(|g, t| {
                let stored = made(
                    format!("INBOX;UIDVALIDITY=7/;UID={t}")
                        .parse::<StoredUids>()
                        .map_err(|_| refused()),
                )?;
                read(g.fetch(stored.uids(), [FetchItem::Flags]))
            }),
        ),
        case(
            "StoredUids::new",
            On(|s, t| {
                let name = made(MailboxName::new(t))?;
                let stored = StoredUids::new(name, UidValidity::new(7).unwrap(), one());
                let stored = stored.map_err(|_| refused())?;
                // Kept as text, read again, and used.
                let text = stored.to_string();
                let again: StoredUids = text.parse().map_err(|_| refused())?;
                read(
                    s.lock_mailbox(again.mailbox().clone())?
                        .fetch(again.uids(), [FetchItem::Flags]),
                )
            }),
        ),
        case(
            "MessageUrl::new",
            On(|s, t| catenate(s, MessageUrl::new(made(MailboxName::new(t))?, uid()))),
        ),
        case(
            "MessageUrl::section",
            On(|s, t| {
                let url = MessageUrl::new("x".parse().unwrap(), uid()).section(section(t)?);
                catenate(s, url)
            }),
        ),
        case(
            "CatenatePart::Url",
            On(|s, t| catenate(s, MessageUrl::new(made(MailboxName::new(t))?, uid()))),
        ),
        case(
            "CatenatePart::Text",
            Octets(|s, o| {
                let part = CatenatePart::Text(o);
                ok(s.append_atomic("x", [NewMessage::of_parts([part])]))
            }),
        ),
        case(
            "NewMessage::of_parts",
            Octets(|s, o| {
                let parts = [CatenatePart::Text(b"a: b\r\n"), CatenatePart::Text(o)];
                ok(s.append("x", NewMessage::of_parts(parts)))
            }),
        ),
    ]
}

fn refused() -> Error {
    ok(MailboxName::new("")).unwrap_err()
}

fn catenate(session: &Session, url: MessageUrl) -> Done {
    let parts = [CatenatePart::Text(b"a: b\r\n\r\n"), CatenatePart::Url(url)];
    ok(session.append("x", NewMessage::of_parts(parts)))
}

fn raw() -> Vec<Case> {
    vec![
        case(
            "RawCommand::new",
            On(|s, t| ok(s.raw(&RawCommand::new(t)?))),
        ),
        case(
            "RawCommand::uid",
            Guard(|g, t| ok(g.raw(&RawCommand::uid(t)?))),
        ),
        case("RawCommand::atom", On(|s, t| ok(s.raw(&xfoo().atom(t)?)))),
        case(
            "RawCommand::string",
            On(|s, t| ok(s.raw(&xfoo().string(t)))),
        ),
        case(
            "RawCommand::mailbox",
            On(|s, t| ok(s.raw(&xfoo().mailbox(t)?))),
        ),
        case(
            "RawCommand::pattern",
            On(|s, t| ok(s.raw(&xfoo().pattern(made(MailboxPattern::new(t))?)))),
        ),
        case(
            "RawCommand::flag",
            On(|s, t| ok(s.raw(&xfoo().flag(made(Flag::keyword(t))?)))),
        ),
        case(
            "RawCommand::literal",
            Octets(|s, o| ok(s.raw(&xfoo().literal(o)))),
        ),
        case(
            "RawCommand::literal8",
            Octets(|s, o| ok(s.raw(&xfoo().literal8(o)))),
        ),
    ]
}

fn xfoo() -> RawCommand {
    RawCommand::new("XFOO").unwrap()
}

fn stored() -> Vec<Case> {
    const MAIL: &[u8] = b"a: b\r\n\r\nc\r\n";
    vec![
        case("Session::append", On(|s, t| ok(s.append(t, MAIL)))),
        case("Session::append", Octets(|s, o| ok(s.append("x", o)))),
        case(
            "Session::append_limit",
            On(|s, t| {
                ok(s.append_limit(t)
                    .and_then(|_| s.status(t, [StatusItem::Messages])))
            }),
        ),
        case(
            "Session::append_atomic",
            On(|s, t| ok(s.append_atomic(t, [MAIL, MAIL]))),
        ),
        case(
            "Session::append_atomic",
            Octets(|s, o| ok(s.append_atomic("x", [MAIL, o]))),
        ),
        case(
            "Session::append_each",
            On(|s, t| s.append_each(t, [MAIL])?.try_for_each(ok)),
        ),
        case(
            "Session::append_each",
            Octets(|s, o| s.append_each("x", [o])?.try_for_each(ok)),
        ),
        case(
            "Append::new",
            On(|s, t| {
                let [outcome] = s.pipeline([Append::new(t, MAIL)?])?;
                ok(outcome)
            }),
        ),
        case(
            "Append::new",
            Octets(|s, o| {
                let [outcome] = s.pipeline([Append::new("x", o)?])?;
                ok(outcome)
            }),
        ),
        case(
            "MailboxGuard::append",
            Octets(|s, o| ok(s.lock_mailbox("INBOX")?.append(o))),
        ),
        case(
            "MailboxGuard::replace",
            Guard(|g, t| ok(g.replace(&one(), t, MAIL))),
        ),
        case(
            "MailboxGuard::replace",
            Octets(|s, o| ok(s.lock_mailbox("INBOX")?.replace(&one(), "x", o))),
        ),
        case(
            "NewMessage::flags",
            On(|s, t| ok(s.append("x", NewMessage::new(MAIL).flags(flags(t)?)))),
        ),
        case(
            "NewMessage::new",
            Octets(|s, o| ok(s.append("x", NewMessage::new(o)))),
        ),
        case(
            "NewMessage::flags",
            On(|s, t| ok(s.append("x", NewMessage::new(MAIL).flags(flags(t)?)))),
        ),
        case(
            "NewMessage::from_reader",
            Octets(|s, o| {
                ok(s.append("x", NewMessage::from_reader(Cursor::new(o), o.len() as u64)))
            }),
        ),
    ]
}

fn by(result: Result<Session, LoginError>) -> Done {
    result.map(drop).map_err(latchbox::Error::from)
}

fn opened(builder: Client, credentials: Credentials) -> Done {
    match credentials {
        Credentials::Login { user, password } => by(builder.login(&user, password)),
        Credentials::Choice(choice) => by(builder.authenticate_with(&choice)),
        _ => unreachable!(),
    }
}

fn logins() -> Vec<Case> {
    let client = Run::Client;
    #[allow(unused_mut)]
    let mut cases = vec![
        case("Client::login", client("", |c, t| by(c.login(t, "x")))),
        case("Client::login", client("", |c, t| by(c.login("x", t)))),
        case(
            "Credentials::login",
            client("", |c, t| opened(c, Credentials::login(t, "x"))),
        ),
        case(
            "Credentials::login",
            client("", |c, t| opened(c, Credentials::login("x", t))),
        ),
        case(
            "Credentials::Login",
            client("", |c, t| {
                opened(
                    c,
                    Credentials::Login {
                        user: t.into(),
                        password: "x".into(),
                    },
                )
            }),
        ),
        case(
            "Credentials::Login",
            client("", |c, t| {
                opened(
                    c,
                    Credentials::Login {
                        user: "x".into(),
                        password: t.into(),
                    },
                )
            }),
        ),
        case(
            "Credentials::password",
            client("AUTH=PLAIN", |c, t| {
                opened(c, Credentials::password(t, "x"))
            }),
        ),
        case(
            "Credentials::password",
            client("AUTH=PLAIN SASL-IR", |c, t| {
                opened(c, Credentials::password("x", t))
            }),
        ),
        case(
            "Credentials::for_url",
            client("AUTH=PLAIN", |c, t| {
                let url = "imap://x;AUTH=PLAIN@host".parse().unwrap();
                opened(c, Credentials::for_url(&url, t).unwrap())
            }),
        ),
        case(
            "Credentials::token",
            client("AUTH=XOAUTH2", |c, t| opened(c, Credentials::token(t, "x"))),
        ),
        case(
            "Credentials::token",
            client("AUTH=XOAUTH2 SASL-IR", |c, t| {
                opened(c, Credentials::token("x", t))
            }),
        ),
        case(
            "LoginChoice::password",
            client("", |c, t| {
                by(c.authenticate_with(&LoginChoice::password(t, "x")))
            }),
        ),
        case(
            "LoginChoice::password",
            client("", |c, t| {
                by(c.authenticate_with(&LoginChoice::password("x", t)))
            }),
        ),
        case(
            "LoginChoice::token",
            client("AUTH=OAUTHBEARER", |c, t| {
                by(c.authenticate_with(&LoginChoice::token(t, "x")))
            }),
        ),
        case(
            "LoginChoice::token",
            client("AUTH=OAUTHBEARER", |c, t| {
                by(c.authenticate_with(&LoginChoice::token("x", t)))
            }),
        ),
        case(
            "LoginChoice::acting_as",
            client("AUTH=PLAIN", |c, t| {
                by(c.authenticate_with(&LoginChoice::password("x", "y").acting_as(t)))
            }),
        ),
        case(
            "Plain::new",
            client("AUTH=PLAIN SASL-IR", |c, t| {
                by(c.authenticate(Plain::new(t, "x")))
            }),
        ),
        case(
            "Plain::new",
            client("AUTH=PLAIN", |c, t| by(c.authenticate(Plain::new("x", t)))),
        ),
        case(
            "Plain::acting_as",
            client("AUTH=PLAIN", |c, t| {
                by(c.authenticate(Plain::new("x", "y").acting_as(t)))
            }),
        ),
        case(
            "Secret::new",
            client("AUTH=PLAIN", |c, t| {
                by(c.authenticate(Plain::new("x", Secret::new(t.into()))))
            }),
        ),
        case(
            "Login::new",
            client("AUTH=LOGIN", |c, t| by(c.authenticate(Login::new(t, "x")))),
        ),
        case(
            "Login::new",
            client("AUTH=LOGIN", |c, t| by(c.authenticate(Login::new("x", t)))),
        ),
        case(
            "XOAuth2::new",
            client("AUTH=XOAUTH2", |c, t| {
                by(c.authenticate(XOAuth2::new(t, "x")))
            }),
        ),
        case(
            "XOAuth2::new",
            client("AUTH=XOAUTH2", |c, t| {
                by(c.authenticate(XOAuth2::new("x", t)))
            }),
        ),
        case(
            "OAuthBearer::new",
            client("AUTH=OAUTHBEARER", |c, t| {
                by(c.authenticate(OAuthBearer::new(t, "x")))
            }),
        ),
        case(
            "OAuthBearer::new",
            client("AUTH=OAUTHBEARER", |c, t| {
                by(c.authenticate(OAuthBearer::new("x", t)))
            }),
        ),
        case(
            "OAuthBearer::at",
            client("AUTH=OAUTHBEARER", |c, t| {
                by(c.authenticate(OAuthBearer::new("x", "y").at(t, 1)))
            }),
        ),
        case(
            "External::acting_as",
            client("AUTH=EXTERNAL", |c, t| {
                by(c.authenticate(External::new().acting_as(t)))
            }),
        ),
        case(
            "Anonymous::tracing",
            client("AUTH=ANONYMOUS", |c, t| {
                by(c.authenticate(Anonymous::tracing(t)))
            }),
        ),
        case(
            "ClientBuilder::identify",
            Builder(|b, t| b.identify([(t, "x")])),
        ),
        case(
            "ClientBuilder::identify",
            Builder(|b, t| b.identify([("x", t)]).identify_before_login()),
        ),
    ];
    #[cfg(feature = "scram")]
    cases.extend(hashing());
    cases
}

#[cfg(feature = "scram")]
fn hashing() -> Vec<Case> {
    use latchbox::sasl::{CramMd5, Scram};
    const ONE: &str = "AUTH=SCRAM-SHA-1";
    const TWO: &str = "AUTH=SCRAM-SHA-256";
    const FIVE: &str = "AUTH=SCRAM-SHA-512 SASL-IR";
    let client = Run::Client;
    vec![
        case(
            "CramMd5::new",
            client("AUTH=CRAM-MD5", |c, t| {
                by(c.authenticate(CramMd5::new(t, "x")))
            }),
        ),
        case(
            "CramMd5::new",
            client("AUTH=CRAM-MD5", |c, t| {
                by(c.authenticate(CramMd5::new("x", t)))
            }),
        ),
        case(
            "Scram::sha_1",
            client(ONE, |c, t| by(c.authenticate(Scram::sha_1(t, "x")))),
        ),
        case(
            "Scram::sha_1",
            client(ONE, |c, t| by(c.authenticate(Scram::sha_1("x", t)))),
        ),
        case(
            "Scram::sha_256",
            client(TWO, |c, t| by(c.authenticate(Scram::sha_256(t, "x")))),
        ),
        case(
            "Scram::sha_256",
            client(TWO, |c, t| by(c.authenticate(Scram::sha_256("x", t)))),
        ),
        case(
            "Scram::sha_512",
            client(FIVE, |c, t| by(c.authenticate(Scram::sha_512(t, "x")))),
        ),
        case(
            "Scram::sha_512",
            client(FIVE, |c, t| by(c.authenticate(Scram::sha_512("x", t)))),
        ),
        case(
            "Scram::acting_as",
            client(TWO, |c, t| {
                by(c.authenticate(Scram::sha_256("x", "y").acting_as(t)))
            }),
        ),
    ]
}

/// Of these nothing is sent as IMAP.
fn nothing() -> Vec<Case> {
    const ASKS: &str = "it looks something up in what is there";
    const LOCAL: &str = "it stays in this process";
    const TLS: &str = "it is for TLS or the name service";
    const PROXY: &str = "what a proxy is told has its own tests";
    const COLOR: &str = "a colour is one of seven";
    const WATCH: &str = "it goes where `Session::mailbox` and `FetchChanges::items` take one";
    let table: [(&'static str, &'static str); 44] = [
        ("WatchRequest::items", WATCH),
        ("WatchRequest::mailbox", WATCH),
        (
            "Account::from_url",
            "its secret goes where `Credentials::for_url` takes one",
        ),
        ("AccountCheckpoint::from_str", LOCAL),
        ("AccountCheckpoint::mailbox", ASKS),
        ("AccountCheckpoint::report_again", ASKS),
        ("AccountId::from_str", LOCAL),
        ("Acl::rights_of", ASKS),
        ("Capabilities::contains", ASKS),
        ("Capabilities::supports", ASKS),
        ("Capabilities::offers_mechanism", ASKS),
        ("Capabilities::from_str", ASKS),
        ("Checkpoint::from_str", LOCAL),
        ("MechanismContext::offers", ASKS),
        ("FlagColor::of", ASKS),
        ("FlagTable::with_flag", ASKS),
        ("FlagTable::without_flag", ASKS),
        ("MailboxTree::get", ASKS),
        ("Metadata::text", ASKS),
        ("Metadata::value", ASKS),
        ("PermanentFlags::keeps", ASKS),
        ("Quota::resource", ASKS),
        ("QuotaRoots::resource", ASKS),
        ("Identity::acting_as", LOCAL),
        ("Identity::user", LOCAL),
        ("LockRequest::label", LOCAL),
        ("ModSeq::from_str", "it is a number"),
        ("Date::from_str", "it is numbers"),
        ("DateTime::from_str", "it is numbers"),
        ("LocalDateTime::from_str", "it is numbers"),
        ("ServerUrl::from_str", TLS),
        ("Client::builder", TLS),
        ("Client::connect", TLS),
        ("ClientBuilder::account_name", LOCAL),
        ("ClientBuilder::client_certificate_pem", TLS),
        ("ClientBuilder::root_certificate_der", TLS),
        ("ClientBuilder::root_certificates_pem", TLS),
        ("ClientBuilder::server_name", TLS),
        (
            "ClientBuilder::enable",
            "only what the server has told by the same name is enabled",
        ),
        ("ClientBuilder::connect_stream", "it is the connection"),
        ("MailboxGuard::set_flag_color", COLOR),
        (
            "MailboxGuard::fetch_flags_into",
            "what it has in it is UIDs and flags of the server",
        ),
        (
            "ServerId::field",
            "it is looked for in what the server sent",
        ),
        ("Proxy::credentials", PROXY),
    ];
    let more = [("Proxy::http", PROXY), ("Proxy::socks5", PROXY)];
    let all = table.into_iter().chain(more);
    all.map(|(method, why)| case(method, Nothing(why)))
        .collect()
}
