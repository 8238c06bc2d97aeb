//! Whether payloads are of a size that the namespace takes.
//!
//! A server fails the whole workflow for a payload that is too large. Found before it is sent, it
//! fails the workflow task alone, and the workflow goes on when its code is mended; and an attempt of an
//! activity, of which there may be another one. What is measured, and how, is what the server does: a
//! list of payloads, a failure, a memo or the body of a message as it is encoded; names and data of
//! search attributes; names and payloads of a marker's details.

use std::{collections::HashMap, fmt::Display};

use prost::Message as _;

use crate::{
    protos::{
        command::v1::{Command, command::Attributes},
        common::v1::{Memo, Payload, Payloads, SearchAttributes},
        enums::v1::WorkflowTaskFailedCause,
        failure::v1::Failure,
        workflowservice::v1::RespondWorkflowTaskCompletedRequest,
    },
    workflow::ActivationFailure,
};

use super::{namespace::NamespaceFacts, run_answers::unsendable};

/// Above these sizes a warning is logged.
const PAYLOADS_WARNING: usize = 512 * 1024;
const MEMO_WARNING: usize = 2 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Payloads,
    Memo,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Payloads => "payloads",
            Self::Memo => "memo",
        }
    }
}

/// Logs every field that is too large; if the server would refuse one, says how the task fails.
pub(super) fn check(
    request: &RespondWorkflowTaskCompletedRequest,
    facts: &NamespaceFacts,
) -> Result<(), Box<ActivationFailure>> {
    let mut refused = None;
    for (index, command) in request.commands.iter().enumerate() {
        measure(command, |kind, field, size| {
            if is_refused(
                kind,
                &format_args!("commands[{index}].{field}"),
                size,
                facts,
            ) {
                refused.get_or_insert(kind);
            }
        });
    }
    for (index, message) in request.messages.iter().enumerate() {
        if let Some(body) = &message.body {
            let name = format_args!("messages[{index}].body");
            if is_refused(Kind::Payloads, &name, body.encoded_len(), facts) {
                refused.get_or_insert(Kind::Payloads);
            }
        }
    }
    match refused {
        None => Ok(()),
        Some(kind) => Err(unsendable(
            WorkflowTaskFailedCause::PayloadsTooLarge,
            &error_message(kind),
        )),
    }
}

/// The failure of an attempt whose payloads the server would refuse, and end the activity for good.
/// Another attempt may do better.
pub(super) fn failure_for(
    field: &str,
    payloads: &Payloads,
    facts: &NamespaceFacts,
) -> Option<Failure> {
    is_refused(Kind::Payloads, &field, payloads.encoded_len(), facts).then(|| {
        unsendable(
            WorkflowTaskFailedCause::PayloadsTooLarge,
            &error_message(Kind::Payloads),
        )
        .failure
    })
}

fn error_message(kind: Kind) -> String {
    format!(
        "[TMPRL1103] Attempted to upload {} with size that exceeded the error limit.",
        kind.name()
    )
}

fn is_refused(kind: Kind, field: &dyn Display, size: usize, facts: &NamespaceFacts) -> bool {
    let (limit, warning) = match kind {
        Kind::Payloads => (facts.blob_limit, PAYLOADS_WARNING),
        Kind::Memo => (facts.memo_limit, MEMO_WARNING),
    };
    let what = kind.name();
    if let Some(limit) = limit
        && size > limit
    {
        tracing::error!(
            %field,
            size,
            limit,
            "[TMPRL1103] Attempted to upload {what} with size that exceeded the error limit."
        );
        return true;
    }
    if size > warning {
        tracing::warn!(
            %field,
            size,
            limit = warning,
            "[TMPRL1103] Attempted to upload {what} with size that exceeded the warning limit."
        );
    }
    false
}

/// Shows the fields of a command that count, each with its size.
fn measure(command: &Command, mut visit: impl FnMut(Kind, &'static str, usize)) {
    use Attributes as A;
    let visit = &mut visit;
    match &command.attributes {
        Some(A::ScheduleActivityTaskCommandAttributes(activity)) => {
            encoded("input", activity.input.as_ref(), visit);
        }
        Some(A::CompleteWorkflowExecutionCommandAttributes(end)) => {
            encoded("result", end.result.as_ref(), visit);
        }
        Some(A::FailWorkflowExecutionCommandAttributes(end)) => {
            encoded("failure", end.failure.as_ref(), visit);
        }
        Some(A::CancelWorkflowExecutionCommandAttributes(end)) => {
            encoded("details", end.details.as_ref(), visit);
        }
        Some(A::RecordMarkerCommandAttributes(marker)) => {
            details(&marker.details, visit);
            encoded("failure", marker.failure.as_ref(), visit);
        }
        Some(A::ContinueAsNewWorkflowExecutionCommandAttributes(next)) => {
            let last_result = next.last_completion_result.as_ref();
            encoded("input", next.input.as_ref(), visit);
            encoded("last_completion_result", last_result, visit);
            encoded("failure", next.failure.as_ref(), visit);
            memo(next.memo.as_ref(), visit);
            attributes(next.search_attributes.as_ref(), visit);
        }
        Some(A::StartChildWorkflowExecutionCommandAttributes(child)) => {
            encoded("input", child.input.as_ref(), visit);
            memo(child.memo.as_ref(), visit);
            attributes(child.search_attributes.as_ref(), visit);
        }
        Some(A::SignalExternalWorkflowExecutionCommandAttributes(signal)) => {
            encoded("input", signal.input.as_ref(), visit);
        }
        Some(A::UpsertWorkflowSearchAttributesCommandAttributes(upsert)) => {
            attributes(upsert.search_attributes.as_ref(), visit);
        }
        _ => {}
    }
}

type Visit<'a> = dyn FnMut(Kind, &'static str, usize) + 'a;

fn encoded(field: &'static str, message: Option<&impl prost::Message>, visit: &mut Visit<'_>) {
    if let Some(message) = message {
        visit(Kind::Payloads, field, message.encoded_len());
    }
}

fn memo(memo: Option<&Memo>, visit: &mut Visit<'_>) {
    if let Some(memo) = memo {
        visit(Kind::Memo, "memo", memo.encoded_len());
    }
}

fn attributes(attributes: Option<&SearchAttributes>, visit: &mut Visit<'_>) {
    let size = |(key, value): (&String, &Payload)| key.len() + value.data.len();
    if let Some(found) = attributes {
        let total = found.indexed_fields.iter().map(size).sum();
        visit(Kind::Payloads, "search_attributes", total);
    }
}

fn details(details: &HashMap<String, Payloads>, visit: &mut Visit<'_>) {
    let size = |(key, value): (&String, &Payloads)| key.len() + value.encoded_len();
    if !details.is_empty() {
        visit(Kind::Payloads, "details", details.iter().map(size).sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protos::{
            command::v1::{
                CompleteWorkflowExecutionCommandAttributes,
                ModifyWorkflowPropertiesCommandAttributes, RecordMarkerCommandAttributes,
                StartChildWorkflowExecutionCommandAttributes,
                UpsertWorkflowSearchAttributesCommandAttributes,
            },
            protocol::v1::Message,
        },
        workflow::testing::json_payload,
    };

    const FACTS: NamespaceFacts = NamespaceFacts {
        ends_polls: false,
        takes_pages: false,
        suggests_polls: false,
        blob_limit: Some(1000),
        memo_limit: Some(500),
        completion_limit: None,
    };

    fn message_of(request: &RespondWorkflowTaskCompletedRequest) -> Option<String> {
        let failed = check(request, &FACTS).err()?;
        assert_eq!(failed.cause, WorkflowTaskFailedCause::PayloadsTooLarge);
        Some(failed.failure.message)
    }

    fn with(attributes: Attributes) -> RespondWorkflowTaskCompletedRequest {
        RespondWorkflowTaskCompletedRequest {
            commands: vec![Command {
                attributes: Some(attributes),
                ..Command::default()
            }],
            ..RespondWorkflowTaskCompletedRequest::default()
        }
    }

    fn text(length: usize) -> Payload {
        json_payload(&format!("\"{}\"", "x".repeat(length)))
    }

    fn result(length: usize) -> Attributes {
        Attributes::CompleteWorkflowExecutionCommandAttributes(Box::new(
            CompleteWorkflowExecutionCommandAttributes {
                result: Some(Payloads {
                    payloads: vec![text(length)],
                }),
            },
        ))
    }

    /// Measured on the official package: a result of 968 characters is 1,000 bytes.
    #[test]
    fn the_limit_itself_is_allowed() {
        assert_eq!(message_of(&with(result(968))), None);
        assert_eq!(
            message_of(&with(result(969))).as_deref(),
            Some(
                "[TMPRL1103] Attempted to upload payloads with size that exceeded the error limit."
            )
        );
    }

    /// As measured on the official package: a child's memo counts, an upserted one does not.
    #[test]
    fn what_counts_and_what_does_not() {
        let memo = |length| Memo {
            fields: HashMap::from([("a".into(), text(length))]),
        };
        let child = Attributes::StartChildWorkflowExecutionCommandAttributes(Box::new(
            StartChildWorkflowExecutionCommandAttributes {
                memo: Some(memo(600)),
                ..StartChildWorkflowExecutionCommandAttributes::default()
            },
        ));
        let refused = message_of(&with(child)).expect("the memo is too large");
        assert!(refused.contains("upload memo"), "{refused}");
        let upsert = Attributes::ModifyWorkflowPropertiesCommandAttributes(Box::new(
            ModifyWorkflowPropertiesCommandAttributes {
                upserted_memo: Some(memo(600)),
            },
        ));
        assert_eq!(message_of(&with(upsert)), None);
        let attribute = |length| {
            Attributes::UpsertWorkflowSearchAttributesCommandAttributes(Box::new(
                UpsertWorkflowSearchAttributesCommandAttributes {
                    search_attributes: Some(SearchAttributes {
                        indexed_fields: HashMap::from([("t".into(), text(length))]),
                    }),
                },
            ))
        };
        assert_eq!(message_of(&with(attribute(997))), None);
        assert!(message_of(&with(attribute(998))).is_some());
        let marker =
            Attributes::RecordMarkerCommandAttributes(Box::new(RecordMarkerCommandAttributes {
                details: HashMap::from([(
                    "patch-data".into(),
                    Payloads {
                        payloads: vec![text(960)],
                    },
                )]),
                ..RecordMarkerCommandAttributes::default()
            }));
        assert!(message_of(&with(marker)).is_some());
    }

    #[test]
    fn bodies_of_messages_count() {
        let request = |length: usize| RespondWorkflowTaskCompletedRequest {
            messages: vec![Message {
                body: Some(prost_types::Any {
                    type_url: String::new(),
                    value: vec![0; length],
                }),
                ..Message::default()
            }],
            ..RespondWorkflowTaskCompletedRequest::default()
        };
        assert_eq!(message_of(&request(997)), None);
        assert!(message_of(&request(998)).is_some());
    }

    #[test]
    fn without_limits_everything_goes() {
        assert!(check(&with(result(10_000_000)), &NamespaceFacts::default()).is_ok());
    }
}
