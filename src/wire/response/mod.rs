//! What a server says: one closed enum, a file for each kind of answer.
