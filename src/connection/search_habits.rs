//! What a server has shown of the forms in which it takes a search: none of it is known before.

/// What is kept of it for as long as the connection lasts.
#[derive(Default)]
pub(crate) struct SearchHabits {
    /// It took this charset when it had refused another.
    pub(crate) charset: Option<String>,
    /// It took a search without RETURN when it had answered BAD to the same with it.
    pub(crate) without_return: bool,
}
