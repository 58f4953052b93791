//! The forms of a search that a server has shown to accept: none of this is known before.

/// The facts that are kept for as long as the connection lasts.
#[derive(Default)]
pub(crate) struct SearchHabits {
    /// It accepted this charset after it had refused another.
    pub(crate) charset: Option<String>,
    /// It accepted these without RETURN after it had answered BAD to the same with it.
    without_return: Vec<(Returning, bool)>,
    /// It answered a search with RETURN by a response that does not name the search.
    pub(crate) names_no_search: bool,
}

/// The values that a command is to return by RETURN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returning {
    /// It has no RETURN.
    No,
    /// SEARCH with the options of RFC 4731.
    Found,
    /// SEARCH with options of other extensions too: SAVE, PARTIAL.
    FoundAndMore,
    /// SORT with the options of RFC 5267.
    Order,
    /// SORT with PARTIAL too.
    OrderAndPage,
}

impl Returning {
    /// The form with fewer options; a server that does not support the fewer does not support the
    /// more.
    fn simpler(self) -> Option<Self> {
        match self {
            Self::FoundAndMore => Some(Self::Found),
            Self::OrderAndPage => Some(Self::Order),
            Self::No | Self::Found | Self::Order => None,
        }
    }
}

impl SearchHabits {
    /// Whether RETURN is to be sent with these options, by a command that names a charset or not.
    pub(crate) fn may_return(&self, returning: Returning, has_charset: bool) -> bool {
        let is_refused = |form: Returning| {
            let mut refused = self.without_return.iter();
            refused.any(|(of, charset)| *of == form && (has_charset || !charset))
        };
        let simpler = returning.simpler();
        returning != Returning::No && !is_refused(returning) && !simpler.is_some_and(is_refused)
    }

    /// The server answered BAD to RETURN, and accepted the same command without.
    pub(crate) fn note_without_return(&mut self, returning: Returning, has_charset: bool) {
        let form = (returning, has_charset);
        if !self.without_return.contains(&form) {
            self.without_return.push(form);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_33_a_refusal_switches_off_no_simpler_form() {
        let mut habits = SearchHabits::default();
        habits.note_without_return(Returning::FoundAndMore, true);
        assert!(!habits.may_return(Returning::FoundAndMore, true));
        assert!(habits.may_return(Returning::FoundAndMore, false));
        assert!(habits.may_return(Returning::Found, true));
        habits.note_without_return(Returning::Found, false);
        for form in [Returning::Found, Returning::FoundAndMore] {
            assert!(!habits.may_return(form, true) && !habits.may_return(form, false));
        }
        assert!(
            habits.may_return(Returning::Order, true),
            "SORT is another command"
        );
    }
}
