//! Recorded histories, and workflow code in Rust behind a host that answers by itself.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod plans;
mod replays;
