//! Responses as a server would send them.
