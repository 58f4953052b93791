//! Every integration test of the crate, a module a subject.
