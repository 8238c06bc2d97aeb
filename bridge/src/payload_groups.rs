//! Which payloads of commands and jobs a codec has to see.
//!
//! Search attributes are not among them: the server reads those. Headers are where a client says so.

use std::collections::HashMap;

use callboard_actors::{
    protos::{
        common::v1::{Payload, Payloads},
        failure::v1::{Failure, failure::FailureInfo},
    },
    workflow::{
        ActivityResolution, ChildWorkflowResolution, ChildWorkflowStart, Command, Job,
        UpdateResponse,
    },
};
use callboard_protos::temporal::api::sdk::v1::UserMetadata;
use pyo3::{exceptions::PyValueError, prelude::*};

use crate::wire::{self, Wire};

/// Payloads that are encoded in one call of the codec.
pub(crate) enum Group<'a> {
    One(&'a mut Payload),
    Many(&'a mut Vec<Payload>),
}

impl Group<'_> {
    pub(crate) fn wrapped(&self) -> Vec<Wire<Payload>> {
        match self {
            Self::One(payload) => vec![Wire((**payload).clone())],
            Self::Many(payloads) => wire::wrap((**payloads).clone()),
        }
    }

    fn replace(self, mut encoded: Vec<Wire<Payload>>) -> PyResult<()> {
        match self {
            Self::Many(payloads) => *payloads = wire::unwrap(encoded),
            Self::One(payload) => {
                let count = encoded.len();
                let (Some(only), true) = (encoded.pop(), count == 1) else {
                    return Err(PyValueError::new_err(format!(
                        "payload codec must return 1 payload here, got {count}"
                    )));
                };
                *payload = only.0;
            }
        }
        Ok(())
    }
}

pub(crate) type Visit<'v> = dyn FnMut(Group<'_>) + 'v;

/// Puts one list in the place of each group that `walk` passes by.
pub(crate) fn replace(
    groups: Vec<Vec<Wire<Payload>>>,
    walk: impl FnOnce(&mut Visit<'_>),
) -> PyResult<()> {
    let expected = groups.len();
    let mut groups = groups.into_iter();
    let mut visited = 0;
    let mut outcome = Ok(());
    walk(&mut |group| {
        visited += 1;
        if let (Some(encoded), Ok(())) = (groups.next(), &outcome) {
            outcome = group.replace(encoded);
        }
    });
    if visited != expected {
        return Err(PyValueError::new_err(format!(
            "expected {visited} groups of payloads, got {expected}"
        )));
    }
    outcome
}

/// Visits a command's payloads, those of its headers only `with_headers`.
pub(crate) fn visit_command(command: &mut Command, with_headers: bool, visit: &mut Visit<'_>) {
    if with_headers && let Some(headers) = headers_of_command(command) {
        visit_map(headers, visit);
    }
    match command {
        Command::StartTimer { user_metadata, .. } => visit_metadata(user_metadata, visit),
        Command::ScheduleActivity(activity) => {
            visit_list(&mut activity.arguments, visit);
            visit_metadata(&mut activity.user_metadata, visit);
        }
        Command::CompleteWorkflow { result } => visit_optional(result, visit),
        Command::FailWorkflow { failure } => visit_failure(failure, visit),
        Command::ContinueAsNew(next) => {
            visit_list(&mut next.arguments, visit);
            if let Some(memo) = &mut next.memo {
                visit_map(&mut memo.fields, visit);
            }
        }
        Command::RespondToQuery { result, .. } => match result {
            Ok(result) => visit_optional(result, visit),
            Err(failure) => visit_failure(failure, visit),
        },
        Command::RespondToUpdate { response, .. } => match response {
            UpdateResponse::Accepted => {}
            UpdateResponse::Completed(result) => visit_optional(result, visit),
            UpdateResponse::Rejected(failure) | UpdateResponse::Failed(failure) => {
                visit_failure(failure, visit);
            }
        },
        Command::ScheduleLocalActivity(activity) => {
            visit_list(&mut activity.arguments, visit);
            visit_metadata(&mut activity.user_metadata, visit);
        }
        Command::StartChildWorkflow(child) => {
            visit_list(&mut child.arguments, visit);
            visit_map(&mut child.memo, visit);
            visit_metadata(&mut child.user_metadata, visit);
        }
        Command::SignalExternalWorkflow(signal) => {
            visit_list(&mut signal.arguments, visit);
            visit_metadata(&mut signal.user_metadata, visit);
        }
        Command::UpsertMemo(memo) => visit_map(&mut memo.fields, visit),
        Command::CancelTimer { .. }
        | Command::RequestCancelActivity { .. }
        | Command::RequestCancelLocalActivity { .. }
        | Command::CancelChildWorkflow { .. }
        | Command::CancelSignalWorkflow { .. }
        | Command::RequestCancelExternalWorkflow { .. }
        | Command::SetPatchMarker { .. }
        | Command::UpsertSearchAttributes(_)
        | Command::CancelWorkflow => {}
    }
}

/// Visits a job's payloads, those of its headers only `with_headers`.
pub(crate) fn visit_job(job: &mut Job, with_headers: bool, visit: &mut Visit<'_>) {
    if with_headers && let Some(headers) = headers_of_job(job) {
        visit_map(headers, visit);
    }
    match job {
        Job::Initialize(initialize) => {
            let started = &mut initialize.started;
            visit_payloads(&mut started.input, visit);
            visit_payloads(&mut started.last_completion_result, visit);
            if let Some(failure) = &mut started.continued_failure {
                visit_failure(failure, visit);
            }
            if let Some(memo) = &mut started.memo {
                visit_map(&mut memo.fields, visit);
            }
        }
        Job::SignalWorkflow { input, .. } | Job::DoUpdate { input, .. } => visit_list(input, visit),
        Job::QueryWorkflow { arguments, .. } => visit_list(arguments, visit),
        Job::ResolveActivity { resolution, .. } => match resolution {
            ActivityResolution::Completed(result) => visit_optional(result, visit),
            ActivityResolution::Failed(failure) | ActivityResolution::Cancelled(failure) => {
                visit_failure(failure, visit);
            }
            ActivityResolution::Backoff(_) => {}
        },
        Job::ResolveChildWorkflowStart { resolution, .. } => match resolution {
            ChildWorkflowStart::Cancelled(failure) => visit_failure(failure, visit),
            ChildWorkflowStart::Started { .. } | ChildWorkflowStart::Failed { .. } => {}
        },
        Job::ResolveChildWorkflow { resolution, .. } => match resolution {
            ChildWorkflowResolution::Completed(result) => visit_optional(result, visit),
            ChildWorkflowResolution::Failed(failure)
            | ChildWorkflowResolution::Cancelled(failure) => visit_failure(failure, visit),
        },
        Job::ResolveSignalExternalWorkflow { failure, .. }
        | Job::ResolveCancelExternalWorkflow { failure, .. } => {
            if let Some(failure) = failure {
                visit_failure(failure, visit);
            }
        }
        Job::NotifyHasPatch { .. }
        | Job::UpdateRandomSeed { .. }
        | Job::FireTimer { .. }
        | Job::CancelWorkflow { .. }
        | Job::RemoveFromCache { .. } => {}
    }
}

fn headers_of_command(command: &mut Command) -> Option<&mut HashMap<String, Payload>> {
    match command {
        Command::ScheduleActivity(activity) => Some(&mut activity.headers),
        Command::ScheduleLocalActivity(activity) => Some(&mut activity.headers),
        Command::StartChildWorkflow(child) => Some(&mut child.headers),
        Command::SignalExternalWorkflow(signal) => Some(&mut signal.headers),
        Command::ContinueAsNew(next) => Some(&mut next.headers),
        _ => None,
    }
}

fn headers_of_job(job: &mut Job) -> Option<&mut HashMap<String, Payload>> {
    match job {
        Job::Initialize(initialize) => {
            let header = initialize.started.header.as_mut();
            header.map(|header| &mut header.fields)
        }
        Job::SignalWorkflow { headers, .. }
        | Job::DoUpdate { headers, .. }
        | Job::QueryWorkflow { headers, .. } => Some(headers),
        _ => None,
    }
}

fn visit_failure(failure: &mut Failure, visit: &mut Visit<'_>) {
    visit_optional(&mut failure.encoded_attributes, visit);
    match &mut failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => visit_payloads(&mut info.details, visit),
        Some(FailureInfo::TimeoutFailureInfo(info)) => {
            visit_payloads(&mut info.last_heartbeat_details, visit);
        }
        Some(FailureInfo::CanceledFailureInfo(info)) => visit_payloads(&mut info.details, visit),
        Some(FailureInfo::ResetWorkflowFailureInfo(info)) => {
            visit_payloads(&mut info.last_heartbeat_details, visit);
        }
        _ => {}
    }
    if let Some(cause) = &mut failure.cause {
        visit_failure(cause, visit);
    }
}

/// A map has no order of its own: the walk must meet the same one each time.
fn visit_map(fields: &mut HashMap<String, Payload>, visit: &mut Visit<'_>) {
    let mut fields: Vec<_> = fields.iter_mut().collect();
    fields.sort_by(|left, right| left.0.cmp(right.0));
    for (_, payload) in fields {
        visit(Group::One(payload));
    }
}

fn visit_metadata(metadata: &mut Option<UserMetadata>, visit: &mut Visit<'_>) {
    if let Some(metadata) = metadata {
        visit_optional(&mut metadata.summary, visit);
        visit_optional(&mut metadata.details, visit);
    }
}

fn visit_optional(payload: &mut Option<Payload>, visit: &mut Visit<'_>) {
    if let Some(payload) = payload {
        visit(Group::One(payload));
    }
}

fn visit_payloads(payloads: &mut Option<Payloads>, visit: &mut Visit<'_>) {
    if let Some(payloads) = payloads {
        visit_list(&mut payloads.payloads, visit);
    }
}

fn visit_list(payloads: &mut Vec<Payload>, visit: &mut Visit<'_>) {
    if !payloads.is_empty() {
        visit(Group::Many(payloads));
    }
}
