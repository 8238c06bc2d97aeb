//! Temporal's wire contract: generated messages, clients and servers, and nothing else.
//!
//! The modules follow the proto packages, so `temporal.api.common.v1.Payload` is
//! [`temporal::api::common::v1::Payload`].

#![allow(missing_docs, clippy::all, unreachable_pub)]

include!(concat!(env!("OUT_DIR"), "/packages.rs"));
