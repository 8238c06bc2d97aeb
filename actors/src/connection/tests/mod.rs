//! The connection against a server in this process.
