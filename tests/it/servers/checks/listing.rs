//! Mailboxes: their names, and what is told of them.

use latchbox::types::{Capability, StatusItem};
use latchbox::{Result, Session};

use super::{Check, MESSAGE, check, with_messages};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("LIST, LSUB, STATUS", &[], lists),
    check("NAMESPACE", &[Capability::Namespace], namespace),
    check("CREATE, RENAME, DELETE, SUBSCRIBE", &[], mailboxes),
    check("mailbox names in any language", &[], names),
    check("mailbox names with emoji", &[], emoji),
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
