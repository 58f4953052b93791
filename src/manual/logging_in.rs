//! Logging in: what there is, what is chosen, and what to do when it fails.
