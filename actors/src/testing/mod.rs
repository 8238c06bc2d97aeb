//! What the tests of actors share.

#[cfg(test)]
mod kit_tests;
mod world;

pub(crate) use world::{Inbox, World, inbox};
