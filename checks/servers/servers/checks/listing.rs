//! Mailboxes: their names, and what is told of them.

use latchbox::acl::{Right, Rights, RightsChange};
use latchbox::command::{Create, List, Noop, Status};
use latchbox::metadata::MetadataName;
use latchbox::quota::Quota;
use latchbox::types::{
    Capability, FetchItem, ListEntry, MailboxAttribute, ResponseCode, SearchKey, Section,
    SpecialUse, StatusItem,
};
use latchbox::{Result, Session};

use super::{Check, MESSAGE, check, with_messages};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("LIST, LSUB, STATUS", &[], lists),
    check("STATUS of many mailboxes, pipelined", &[], status_of_many),
    check("STATUS SIZE", &["STATUS=SIZE"], size),
    check("LIST-STATUS", &["LIST-STATUS"], list_status),
    check(
        "LIST-EXTENDED: subscribed, children",
        &["LIST-EXTENDED"],
        list_extended,
    ),
    check("special use", &["SPECIAL-USE"], special_use),
    check(
        "CREATE-SPECIAL-USE",
        &["CREATE-SPECIAL-USE"],
        create_special_use,
    ),
    check("MAILBOXID (OBJECTID)", &["OBJECTID"], mailbox_id),
    check("NAMESPACE", &["NAMESPACE"], namespace),
    check("UNSELECT", &["UNSELECT"], unselect),
    check("CREATE, RENAME, DELETE, SUBSCRIBE", &[], mailboxes),
    check("mailbox names in any language", &[], names),
    check("mailbox names with emoji", &[], emoji),
    check(
        "names and texts in UTF-8 (UTF8=ACCEPT)",
        &["UTF8=ACCEPT"],
        utf8,
    ),
    check("QUOTA", &["QUOTA"], quota),
    check("ACL", &["ACL"], acl),
    check("METADATA", &["METADATA"], metadata),
    check("LIST with rights", &["LIST-MYRIGHTS"], list_rights),
    check("LIST with metadata", &["LIST-METADATA"], list_metadata),
];

fn is_there(session: &Session, name: &str) -> Result<bool> {
    Ok(session.list("*")?.iter().any(|entry| entry.name() == name))
}

fn lists(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let archive = user.archive(&session)?;
    assert!(is_there(&session, "INBOX")? && is_there(&session, &archive)?);
    session.subscribe(archive.as_str())?;
    assert_eq!(session.lsub(archive.as_str())?.len(), 1);
    let items = [
        StatusItem::Messages,
        StatusItem::Unseen,
        StatusItem::UidNext,
    ];
    let status = session.status("INBOX", items)?;
    assert_eq!((status.messages(), status.unseen()), (Some(2), Some(2)));
    assert!(status.uid_next().is_some_and(|next| next.value() >= 3));
    Ok(())
}

fn mailboxes(user: &User) -> Result<()> {
    let session = user.session()?;
    let [one, two] = [user.mailbox("One"), user.mailbox("Two")];
    session.create(one.as_str())?;
    session.subscribe(one.as_str())?;
    session.unsubscribe(one.as_str())?;
    assert!(session.lsub(one.as_str())?.is_empty());
    session.rename(one.as_str(), two.as_str())?;
    assert!(!is_there(&session, &one)? && is_there(&session, &two)?);
    session.delete(two.as_str())?;
    assert!(!is_there(&session, &two)?);
    Ok(())
}

fn names(user: &User) -> Result<()> {
    let session = user.session()?;
    ["Entwürfe", "R&D", "受信箱"]
        .into_iter()
        .try_for_each(|name| {
            let name = user.mailbox(name);
            works_as_a_name(&session, &name)
        })
}

fn emoji(user: &User) -> Result<()> {
    works_as_a_name(&user.session()?, &user.mailbox("🎉 party"))
}

fn works_as_a_name(session: &Session, name: &str) -> Result<()> {
    session.create(name)?;
    assert!(is_there(session, name)?, "{name}");
    session.append(name, MESSAGE.as_bytes())?;
    assert_eq!(session.lock_mailbox(name)?.exists(), 1, "{name}");
    Ok(())
}

fn namespace(user: &User) -> Result<()> {
    let namespaces = user.session()?.namespace()?;
    assert!(!namespaces.personal().is_empty());
    Ok(())
}

fn status_of_many(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let archive = user.archive(&session)?;
    let names = ["INBOX", archive.as_str()];
    let messages = session.status_many(names, [StatusItem::Messages])?;
    let mut counts = Vec::new();
    for status in messages {
        counts.push(status?.messages());
    }
    assert_eq!(counts, [Some(2), Some(0)]);
    let status = Status::new("INBOX", [StatusItem::Unseen])?;
    let (status, noop) = session.pipeline((status, Noop))?;
    assert_eq!(status?.unseen(), Some(2));
    noop
}

fn size(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let status = session.status("INBOX", [StatusItem::Size])?;
    let expected = u64::try_from(2 * MESSAGE.len()).unwrap();
    assert!(status.size().unwrap() >= expected);
    Ok(())
}

fn list_status(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let archive = user.archive(&session)?;
    let listed = session.run(
        List::new("*")
            .unwrap()
            .return_status([StatusItem::Messages, StatusItem::UidNext]),
    )?;
    for (name, count) in [("INBOX", 2), (archive.as_str(), 0)] {
        let entry = listed.iter().find(|entry| entry.name() == name).unwrap();
        assert_eq!(entry.status().unwrap().messages(), Some(count), "{name}");
    }
    Ok(())
}

fn list_extended(user: &User) -> Result<()> {
    let session = user.session()?;
    let listed = user.mailbox("Listed");
    session.create(listed.as_str())?;
    session.subscribe(listed.as_str())?;
    let entries = session.run(
        List::new("*")
            .unwrap()
            .return_subscribed()
            .return_children(),
    )?;
    let entry = entries.iter().find(|entry| entry.name() == listed.as_str());
    let entry = entry.unwrap();
    assert!(entry.has(&MailboxAttribute::Subscribed));
    assert_ne!(entry.has_children(), Some(true));
    let subscribed = session.run(List::new("*")?.select_subscribed())?;
    let mut names = subscribed.iter().map(|entry| entry.name().as_str());
    assert!(names.any(|name| name == listed));
    Ok(())
}

fn special_use(user: &User) -> Result<()> {
    let session = user.session()?;
    let name = user.mailbox("Trash");
    let has_trash = session
        .special_mailboxes()?
        .get(SpecialUse::Trash)
        .is_some();
    if !has_trash {
        session.create(name.as_str())?;
    }
    let mailboxes = session.special_mailboxes()?;
    let trash = mailboxes.get(SpecialUse::Trash).unwrap();
    assert!(trash.mailbox().is_selectable());
    Ok(())
}

fn create_special_use(user: &User) -> Result<()> {
    let session = user.session()?;
    let name = user.mailbox("Weighty");
    let create = |special_use| -> Result<()> {
        let created = session.run(Create::new(name.as_str()).unwrap().special_use(special_use))?;
        assert_eq!(created.special_uses(), Some(&[special_use][..]));
        Ok(())
    };
    // Some have one archive at most, some know no other use that could be free.
    match create(SpecialUse::Important) {
        Err(error) if error.response_code() == Some(&ResponseCode::UseAttr) => {
            create(SpecialUse::Archive)
        }
        created => created,
    }
}

fn mailbox_id(user: &User) -> Result<()> {
    let session = user.session()?;
    let status = session.status("INBOX", [StatusItem::MailboxId])?;
    let inbox = session.lock_mailbox("INBOX")?;
    let selected = inbox.mailbox()?;
    assert_eq!(status.mailbox_id().unwrap(), selected.mailbox_id().unwrap());
    Ok(())
}

fn unselect(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    session.lock_mailbox("INBOX")?.unselect()?;
    assert_eq!(session.lock_mailbox("INBOX")?.exists(), 1);
    Ok(())
}

/// Where the server has it, the login has enabled it.
fn utf8(user: &User) -> Result<()> {
    let session = user.session()?;
    let name = user.mailbox("Entwürfe & Ä");
    session.create(&name)?;
    session.append(&name, "Subject: Grüße\r\n\r\nan alle\r\n".as_bytes())?;
    // Others may change what is not ASCII in a header.
    if session.capabilities()?.supports(&Capability::Utf8Accept) {
        let mut mailbox = session.lock_mailbox(&name)?;
        let found = mailbox.search(SearchKey::Subject("Grüße".into()))?;
        assert_eq!(found.len(), 1);
        let header = Section::header_fields(["Subject"]).unwrap();
        let item = [FetchItem::BodyPeek(header.clone())];
        let message = mailbox.fetch(&found, item)?.into_iter().next().unwrap()?;
        let header = String::from_utf8_lossy(message.body(&header).unwrap());
        assert!(header.contains("Grüße"), "{header}");
    }
    assert!(is_there(&session, &name)?);
    session.delete(&name)?;
    Ok(())
}

fn quota(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let quotas = session.quota().roots("INBOX")?;
    assert!(*quotas.mailbox() == "INBOX" && !quotas.roots().is_empty());
    for usage in quotas.quotas().iter().flat_map(Quota::resources) {
        assert!(usage.limit() > usage.usage(), "{usage}");
    }
    Ok(())
}

fn acl(user: &User) -> Result<()> {
    let session = user.session()?;
    let archive = user.archive(&session)?;
    let mailbox = archive.as_str();
    assert!(session.acl(mailbox).my_rights()?.has_all(Rights::read()));
    let had = session.acl(mailbox).get()?.entries().len();
    let other = "user99";
    session
        .acl(mailbox)
        .set(other, RightsChange::Replace(Rights::read()))?;
    session
        .acl(mailbox)
        .set(other, RightsChange::Add(Right::Insert.into()))?;
    session
        .acl(mailbox)
        .set(other, RightsChange::Remove(Right::Seen.into()))?;
    let acl = session.acl(mailbox).get()?;
    assert_eq!(acl.rights_of(other), "lri".parse().ok());
    let listed = session.acl(mailbox).list_rights(other)?;
    assert!(!listed.optional().is_empty());
    session.acl(mailbox).delete(other)?;
    assert_eq!(session.acl(mailbox).get()?.entries().len(), had);
    Ok(())
}

fn metadata(user: &User) -> Result<()> {
    let session = user.session()?;
    let name = "/private/comment";
    for value in [&b"plain"[..], "Gr\u{fc}\u{df}e\r\n".as_bytes()] {
        session.metadata("INBOX").set([(name, Some(value))])?;
        assert_eq!(
            session.metadata("INBOX").get([name])?.value(name),
            Some(value)
        );
    }
    session.metadata("INBOX").set([(name, None::<&str>)])?;
    assert_eq!(session.metadata("INBOX").get([name])?.value(name), None);
    Ok(())
}

fn list_rights(user: &User) -> Result<()> {
    let session = user.session()?;
    let listed = session.run(List::new("*")?.return_my_rights())?;
    let inbox = listed.iter().find(|mailbox| mailbox.name().is_inbox());
    let rights = inbox.and_then(ListEntry::my_rights);
    assert!(rights.is_some_and(|rights| rights.has_all(Rights::read())));
    Ok(())
}

fn list_metadata(user: &User) -> Result<()> {
    let session = user.session()?;
    let name: MetadataName = "/private/comment".parse()?;
    // What cannot be had is known before anything is set.
    session.run(List::new("INBOX")?.return_metadata([name.clone()]))?;
    session
        .metadata("INBOX")
        .set([("/private/comment", Some("mine"))])?;
    let listed = session.run(List::new("*")?.return_metadata([name]))?;
    for mailbox in &listed {
        let told = mailbox.metadata().first().and_then(|entry| entry.text());
        assert_eq!(
            told,
            mailbox.name().is_inbox().then_some("mine"),
            "{mailbox}"
        );
    }
    Ok(())
}
