//! Updates: requests that workflow code validates, accepts and answers.
//!
//! | state | answer | next state |
//! |---|---|---|
//! | requested | rejected: message only | gone |
//! | requested | accepted: message and command | accepted |
//! | accepted | completed, failed: message and command | gone |
//!
//! In replay the same commands are issued, to be matched with history.

use std::collections::{HashMap, HashSet};

use prost::Message as _;
use prost_types::Any;

use crate::{
    protos::{
        command::v1::{ProtocolMessageCommandAttributes, command},
        common::v1::{Payload, Payloads},
        enums::v1::CommandType,
        failure::v1::Failure,
        protocol::v1::{Message, message::SequencingId},
        update::v1::{Acceptance, Input, Meta, Outcome, Rejection, Request, Response, outcome},
    },
    workflow::{
        activation::Job,
        command::UpdateResponse,
        commands::{CommandQueue, Issue, Issuer},
        failure::TaskError,
    },
};

const REQUEST_TYPE: &str = "temporal.api.update.v1.Request";

/// A request, as a message brings it or as history remembers it.
#[derive(Debug)]
pub(crate) struct UpdateRequest {
    pub(crate) protocol_instance_id: String,
    pub(crate) message_id: String,
    /// The request comes after this event.
    pub(crate) sequencing_event_id: i64,
    pub(crate) request: Request,
    /// False for one that history says was accepted.
    pub(crate) is_new: bool,
}

/// An update that a reset carried over and that nobody has answered. Its event is the request: the
/// server sends no message.
pub(crate) fn admitted_request(admitted_event_id: i64, request: Request) -> UpdateRequest {
    let update_id = request.meta.clone().unwrap_or_default().update_id;
    UpdateRequest {
        message_id: format!("{update_id}/request"),
        protocol_instance_id: update_id,
        sequencing_event_id: admitted_event_id,
        request,
        is_new: true,
    }
}

/// Reads an update request from a protocol message.
pub(crate) fn read_request(message: Message) -> Result<UpdateRequest, TaskError> {
    let body = message.body.unwrap_or_default();
    if body.type_url.rsplit('/').next() != Some(REQUEST_TYPE) {
        return Err(TaskError::invalid(format!(
            "message '{}' has a body of type '{}', expected {REQUEST_TYPE}",
            message.id, body.type_url
        )));
    }
    let request = Request::decode(body.value.as_slice()).map_err(|error| {
        TaskError::invalid(format!(
            "the update request of message '{}' cannot be read: {error}",
            message.id
        ))
    })?;
    Ok(UpdateRequest {
        protocol_instance_id: message.protocol_instance_id,
        message_id: message.id,
        sequencing_event_id: sequencing_event_id(message.sequencing_id.as_ref()),
        request,
        is_new: true,
    })
}

/// The event after which a message stands; one that names none comes last.
pub(crate) fn sequencing_event_id(id: Option<&SequencingId>) -> i64 {
    match id {
        Some(SequencingId::EventId(event_id)) => *event_id,
        Some(SequencingId::CommandIndex(_)) | None => i64::MAX,
    }
}

#[derive(Debug)]
struct Update {
    message_id: String,
    sequencing_event_id: i64,
    meta: Option<Meta>,
    /// Kept for the answer to a new request.
    request: Option<Request>,
    accepted: bool,
}

/// The open updates of a run.
#[derive(Debug, Default)]
pub(crate) struct Updates {
    open: HashMap<String, Update>,
    /// Requests that history admitted ahead of their acceptance, by update id.
    admitted: HashMap<String, Request>,
    /// Answered, and not to be run again if the server repeats the request.
    answered: HashSet<String>,
}

impl Updates {
    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn admit(&mut self, request: Request) {
        if let Some(meta) = &request.meta {
            self.admitted.insert(meta.update_id.clone(), request);
        }
    }

    /// The request of an acceptance in history that does not hold it.
    pub(crate) fn take_admitted(&mut self, update_id: &str) -> Option<Request> {
        self.admitted.remove(update_id)
    }

    /// Returns None for a request that workflow code has already.
    pub(crate) fn request(&mut self, update: UpdateRequest) -> Option<Job> {
        let instance = update.protocol_instance_id;
        if self.open.contains_key(&instance) || self.answered.contains(&instance) {
            return None;
        }
        let meta = update.request.meta.clone();
        let (kept, input) = if update.is_new {
            let input = update.request.input.clone();
            (Some(update.request), input)
        } else {
            (None, update.request.input)
        };
        let Input { header, name, args } = input.unwrap_or_default();
        let (id, identity) = meta.clone().map_or_else(
            || (instance.clone(), String::new()),
            |meta| (meta.update_id, meta.identity),
        );
        self.open.insert(
            instance.clone(),
            Update {
                message_id: update.message_id,
                sequencing_event_id: update.sequencing_event_id,
                meta,
                request: kept,
                accepted: false,
            },
        );
        Some(Job::DoUpdate {
            id,
            protocol_instance_id: instance,
            name,
            input: args.map(|args| args.payloads).unwrap_or_default(),
            headers: header.map(|header| header.fields).unwrap_or_default(),
            identity,
            run_validator: update.is_new,
        })
    }

    /// Workflow code answers. `queue` is None when it takes no more commands.
    pub(crate) fn respond(
        &mut self,
        instance: String,
        response: UpdateResponse,
        queue: Option<&mut CommandQueue>,
    ) -> Result<(), TaskError> {
        let Some(update) = self.open.get_mut(&instance) else {
            return Err(TaskError::invalid(format!(
                "update '{instance}' was answered but is not open"
            )));
        };
        match (update.accepted, response) {
            (false, UpdateResponse::Accepted) => {
                update.accepted = true;
                if let Some(queue) = queue {
                    queue.issue(update.acceptance(instance));
                }
                return Ok(());
            }
            (false, UpdateResponse::Rejected(failure)) => {
                if let Some(queue) = queue
                    && update.request.is_some()
                {
                    queue.send_message(update.rejection(&instance, failure));
                }
                // A rejection leaves no trace: the same id may be asked for again.
                self.open.remove(&instance);
                return Ok(());
            }
            (true, UpdateResponse::Completed(result)) => {
                let success = Payloads {
                    payloads: result.into_iter().collect::<Vec<Payload>>(),
                };
                update.complete(&instance, outcome::Value::Success(success), queue);
            }
            (true, UpdateResponse::Failed(failure)) => {
                update.complete(&instance, outcome::Value::Failure(*failure), queue);
            }
            (false, _) => return Err(out_of_order(&instance, "completed before it was accepted")),
            (true, _) => return Err(out_of_order(&instance, "accepted or rejected twice")),
        }
        self.open.remove(&instance);
        self.answered.insert(instance);
        Ok(())
    }
}

fn out_of_order(instance: &str, what: &str) -> TaskError {
    TaskError::invalid(format!("update '{instance}' was {what}"))
}

impl Update {
    fn acceptance(&mut self, instance: String) -> Issue {
        let message = self.request.take().map(|request| {
            let body = Acceptance {
                accepted_request_message_id: self.message_id.clone(),
                accepted_request_sequencing_event_id: self.wire_sequencing_id(),
                accepted_request: Some(request),
            };
            self.message(&instance, "accept", "Acceptance", body.encode_to_vec())
        });
        self.command("accept", Issuer::UpdateAcceptance(instance), message)
    }

    fn rejection(&mut self, instance: &str, failure: Box<Failure>) -> Message {
        let body = Rejection {
            rejected_request_message_id: self.message_id.clone(),
            rejected_request_sequencing_event_id: self.wire_sequencing_id(),
            rejected_request: self.request.take(),
            failure: Some(*failure),
        };
        self.message(instance, "reject", "Rejection", body.encode_to_vec())
    }

    fn complete(
        &mut self,
        instance: &str,
        value: outcome::Value,
        queue: Option<&mut CommandQueue>,
    ) {
        let Some(queue) = queue else {
            return;
        };
        let meta = self.meta.take();
        let update_id = meta
            .as_ref()
            .map_or(instance, |meta| &meta.update_id)
            .to_owned();
        let body = Response {
            meta,
            outcome: Some(Outcome { value: Some(value) }),
        };
        let message = self.message(instance, "complete", "Response", body.encode_to_vec());
        let issuer = Issuer::UpdateCompletion(update_id);
        queue.issue(self.command("complete", issuer, Some(message)));
    }

    fn wire_sequencing_id(&self) -> i64 {
        if self.sequencing_event_id == i64::MAX {
            0
        } else {
            self.sequencing_event_id
        }
    }

    fn message_id(&self, suffix: &str) -> String {
        format!("{}/{suffix}", self.message_id)
    }

    fn message(&self, instance: &str, suffix: &str, kind: &str, value: Vec<u8>) -> Message {
        Message {
            id: self.message_id(suffix),
            protocol_instance_id: instance.to_owned(),
            body: Some(Any {
                type_url: format!("type.googleapis.com/temporal.api.update.v1.{kind}"),
                value,
            }),
            sequencing_id: None,
        }
    }

    fn command(&self, suffix: &str, issuer: Issuer, message: Option<Message>) -> Issue {
        Issue {
            issuer,
            kind: CommandType::ProtocolMessage,
            attributes: command::Attributes::ProtocolMessageCommandAttributes(Box::new(
                ProtocolMessageCommandAttributes {
                    message_id: self.message_id(suffix),
                },
            )),
            user_metadata: None,
            message,
        }
    }
}
