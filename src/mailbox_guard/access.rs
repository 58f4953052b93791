//! What a guard may do, and how it keeps its session: the parameters of its type.

/// Access that may change the mailbox: it was opened by SELECT.
#[derive(Clone, Copy, Debug)]
pub enum ReadWrite {}

/// Access that cannot change the mailbox: it was opened by EXAMINE.
#[derive(Clone, Copy, Debug)]
pub enum ReadOnly {}

/// What a guard may do: [`ReadWrite`] or [`ReadOnly`]. Nothing else can be one.
pub trait Access: sealed::Access {}

impl Access for ReadWrite {}
impl Access for ReadOnly {}

/// A guard that borrows its session and belongs to the thread that made it.
///
/// The array has no element: it takes no room, and makes the type not `Send`. Unlike `PhantomData`,
/// it lets the compiler's message name types of this crate only.
#[derive(Debug)]
pub struct Scoped([*const StaysOnItsThread; 0]);

/// What the compiler names where a scoped guard is sent to another thread;
/// [`lock_owned`](crate::LockRequest::lock_owned) gives one that can be.
enum StaysOnItsThread {}

/// A guard that shares its session and can move to another thread or into a struct.
#[derive(Debug)]
pub struct Owned(());

/// How a guard keeps its session: [`Scoped`] or [`Owned`]. Nothing else can be one.
pub trait Keeping: sealed::Keeping {}

impl Keeping for Scoped {}
impl Keeping for Owned {}

pub(crate) mod sealed {
    /// Whether the mailbox is opened by EXAMINE.
    pub trait Access {
        const READ_ONLY: bool;
    }

    impl Access for super::ReadWrite {
        const READ_ONLY: bool = false;
    }

    impl Access for super::ReadOnly {
        const READ_ONLY: bool = true;
    }

    /// Whether the turn belongs to a thread.
    pub trait Keeping {
        const BY_THREAD: bool;
    }

    impl Keeping for super::Scoped {
        const BY_THREAD: bool = true;
    }

    impl Keeping for super::Owned {
        const BY_THREAD: bool = false;
    }
}
