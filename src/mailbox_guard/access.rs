//! The access of a guard, and whether it stays on its thread: the parameter of its type.

use std::marker::PhantomData;

/// Access that may change the mailbox, which is selected by SELECT.
///
/// A guard with it borrows its session and stays on its thread; see [`Owned`].
#[derive(Clone, Copy, Debug)]
pub struct ReadWrite([*const StaysOnItsThread; 0]);

/// Access that cannot change the mailbox, which is selected by EXAMINE.
///
/// A guard with it borrows its session and stays on its thread; see [`Owned`].
#[derive(Clone, Copy, Debug)]
pub struct ReadOnly([*const StaysOnItsThread; 0]);

/// The access `A` of a guard that shares its session and can move to another thread or into a struct.
#[derive(Clone, Copy, Debug)]
pub struct Owned<A = ReadWrite>(PhantomData<fn() -> A>);

/// The type that the compiler names if a guard that borrows its session is sent to another thread:
/// the queue identifies its holder by the thread. [`lock_owned`](crate::LockRequest::lock_owned)
/// returns a guard that can be sent.
///
/// An array of no pointers takes no room and is not `Send`. Unlike `PhantomData`, it lets the
/// compiler's message name types of this crate only.
pub(crate) enum StaysOnItsThread {}

/// The access of a guard: [`ReadWrite`] or [`ReadOnly`], or [`Owned`] of one.
///
/// No other type can implement it. A function for any guard takes
/// `&mut MailboxGuard<'_, impl Access>`; one that changes the mailbox, `impl WriteAccess`.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{Flag, SearchKey, StoreAction};
/// use latchbox::MailboxGuard;
/// use latchbox::guard::{Access, WriteAccess};
///
/// fn unread(guard: &mut MailboxGuard<'_, impl Access>) -> latchbox::Result<u64> {
///     Ok(guard.search(SearchKey::Unseen)?.len())
/// }
///
/// fn mark_all_seen(guard: &mut MailboxGuard<'_, impl WriteAccess>) -> latchbox::Result<()> {
///     let unseen = guard.search(SearchKey::Unseen)?;
///     guard.store(&unseen, StoreAction::Add, [Flag::Seen])?;
///     Ok(())
/// }
///
/// mark_all_seen(&mut session.lock_mailbox("INBOX")?)?;
/// assert_eq!(unread(&mut session.mailbox("INBOX").read_only().lock_owned()?)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Access: sealed::Access {}

impl Access for ReadWrite {}
impl Access for ReadOnly {}
impl<A: Access> Access for Owned<A> {}

/// Access that may change the mailbox: [`ReadWrite`], or [`Owned`] of it.
///
/// No other type can implement it.
#[diagnostic::on_unimplemented(
    message = "this guard is read-only; lock it with `lock_mailbox`",
    label = "read-only",
    note = "a `LockRequest` is read-write unless `read_only` was called"
)]
pub trait WriteAccess: Access {}

impl WriteAccess for ReadWrite {}
impl<A: WriteAccess> WriteAccess for Owned<A> {}

pub(crate) mod sealed {
    /// Whether the mailbox is selected by EXAMINE.
    pub trait Access {
        const READ_ONLY: bool;
    }

    impl Access for super::ReadWrite {
        const READ_ONLY: bool = false;
    }

    impl Access for super::ReadOnly {
        const READ_ONLY: bool = true;
    }

    impl<A: super::Access> Access for super::Owned<A> {
        const READ_ONLY: bool = A::READ_ONLY;
    }
}
