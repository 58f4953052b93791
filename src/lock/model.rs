//! The threads and locks of a model checker in the place of the real ones.
