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

use crate::raw_payload::{self, Carried};

/// Kind and sequence number of what payloads belong to; None for the run itself.
pub(crate) type Owner = Option<(&'static str, u32)>;

const ACTIVITY: &str = "activity";
const CHILD_WORKFLOW: &str = "child_workflow";
const EXTERNAL_SIGNAL: &str = "external_signal";

/// Payloads that are encoded in one call of the codec.
pub(crate) enum Group<'a> {
    One(&'a mut Payload),
    Many(&'a mut Vec<Payload>),
}

impl Group<'_> {
    pub(crate) fn wrapped(&self) -> Vec<Carried> {
        match self {
            Self::One(payload) => vec![Carried((**payload).clone())],
            Self::Many(payloads) => raw_payload::wrap((**payloads).clone()),
        }
    }

    fn replace(self, mut encoded: Vec<Carried>) -> PyResult<()> {
        match self {
            Self::Many(payloads) => *payloads = raw_payload::unwrap(encoded),
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

pub(crate) type Visit<'v> = dyn FnMut(Owner, Group<'_>) + 'v;

type Walk<'v> = dyn FnMut(Group<'_>) + 'v;

/// Puts one list in the place of each group that `walk` passes by.
pub(crate) fn replace(
    groups: Vec<Vec<Carried>>,
    walk: impl FnOnce(&mut Visit<'_>),
) -> PyResult<()> {
    let expected = groups.len();
    let mut groups = groups.into_iter();
    let mut visited = 0;
    let mut outcome = Ok(());
    walk(&mut |_, group| {
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
    let owner = match command {
        Command::ScheduleActivity(activity) => Some((ACTIVITY, activity.sequence)),
        Command::ScheduleLocalActivity(activity) => Some((ACTIVITY, activity.sequence)),
        Command::StartChildWorkflow(child) => Some((CHILD_WORKFLOW, child.sequence)),
        Command::SignalExternalWorkflow(signal) => Some((EXTERNAL_SIGNAL, signal.sequence)),
        _ => None,
    };
    if with_headers && let Some(headers) = headers_of_command(command) {
        walk_map(headers, &mut |group| visit(owner, group));
    }
    walk_command(command, &mut |group| visit(owner, group));
    // Tools that show the run read these, so they are the run's own.
    if let Some(metadata) = metadata_of(command) {
        walk_optional(&mut metadata.summary, &mut |group| visit(None, group));
        walk_optional(&mut metadata.details, &mut |group| visit(None, group));
    }
}

/// Visits a job's payloads, those of its headers only `with_headers`.
pub(crate) fn visit_job(job: &mut Job, with_headers: bool, visit: &mut Visit<'_>) {
    let owner = match job {
        Job::ResolveActivity { sequence, .. } => Some((ACTIVITY, *sequence)),
        Job::ResolveChildWorkflowStart { sequence, .. }
        | Job::ResolveChildWorkflow { sequence, .. } => Some((CHILD_WORKFLOW, *sequence)),
        Job::ResolveSignalExternalWorkflow { sequence, .. } => Some((EXTERNAL_SIGNAL, *sequence)),
        _ => None,
    };
    if with_headers && let Some(headers) = headers_of_job(job) {
        walk_map(headers, &mut |group| visit(owner, group));
    }
    walk_job(job, &mut |group| visit(owner, group));
}

fn metadata_of(command: &mut Command) -> Option<&mut UserMetadata> {
    let metadata = match command {
        Command::StartTimer { user_metadata, .. } => user_metadata,
        Command::ScheduleActivity(activity) => &mut activity.user_metadata,
        Command::ScheduleLocalActivity(activity) => &mut activity.user_metadata,
        Command::StartChildWorkflow(child) => &mut child.user_metadata,
        Command::SignalExternalWorkflow(signal) => &mut signal.user_metadata,
        _ => return None,
    };
    metadata.as_mut()
}

fn walk_command(command: &mut Command, walk: &mut Walk<'_>) {
    match command {
        Command::ScheduleActivity(activity) => {
            walk_list(&mut activity.arguments, walk);
        }
        Command::CompleteWorkflow { result } => walk_optional(result, walk),
        Command::FailWorkflow { failure } => walk_failure(failure, walk),
        Command::ContinueAsNew(next) => {
            walk_list(&mut next.arguments, walk);
            if let Some(memo) = &mut next.memo {
                walk_map(&mut memo.fields, walk);
            }
        }
        Command::RespondToQuery { result, .. } => match result {
            Ok(result) => walk_optional(result, walk),
            Err(failure) => walk_failure(failure, walk),
        },
        Command::RespondToUpdate { response, .. } => match response {
            UpdateResponse::Accepted => {}
            UpdateResponse::Completed(result) => walk_optional(result, walk),
            UpdateResponse::Rejected(failure) | UpdateResponse::Failed(failure) => {
                walk_failure(failure, walk);
            }
        },
        Command::ScheduleLocalActivity(activity) => {
            walk_list(&mut activity.arguments, walk);
        }
        Command::StartChildWorkflow(child) => {
            walk_list(&mut child.arguments, walk);
            walk_map(&mut child.memo, walk);
        }
        Command::SignalExternalWorkflow(signal) => {
            walk_list(&mut signal.arguments, walk);
        }
        // The server knows by a null that a key is to go, so a null must stay one.
        Command::UpsertMemo(memo) => {
            walk_fields(
                memo.fields.iter_mut().filter(|(_, value)| !is_null(value)),
                walk,
            );
        }
        Command::StartTimer { .. }
        | Command::CancelTimer { .. }
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

fn walk_job(job: &mut Job, walk: &mut Walk<'_>) {
    match job {
        Job::Initialize(initialize) => {
            let started = &mut initialize.started;
            walk_payloads(&mut started.input, walk);
            walk_payloads(&mut started.last_completion_result, walk);
            if let Some(failure) = &mut started.continued_failure {
                walk_failure(failure, walk);
            }
            if let Some(memo) = &mut started.memo {
                walk_map(&mut memo.fields, walk);
            }
        }
        Job::SignalWorkflow { input, .. } | Job::DoUpdate { input, .. } => walk_list(input, walk),
        Job::QueryWorkflow { arguments, .. } => walk_list(arguments, walk),
        Job::ResolveActivity { resolution, .. } => match resolution {
            ActivityResolution::Completed(result) => walk_optional(result, walk),
            ActivityResolution::Failed(failure) | ActivityResolution::Cancelled(failure) => {
                walk_failure(failure, walk);
            }
            ActivityResolution::Backoff(_) => {}
        },
        Job::ResolveChildWorkflowStart { resolution, .. } => match resolution {
            ChildWorkflowStart::Cancelled(failure) => walk_failure(failure, walk),
            ChildWorkflowStart::Started { .. } | ChildWorkflowStart::Failed { .. } => {}
        },
        Job::ResolveChildWorkflow { resolution, .. } => match resolution {
            ChildWorkflowResolution::Completed(result) => walk_optional(result, walk),
            ChildWorkflowResolution::Failed(failure)
            | ChildWorkflowResolution::Cancelled(failure) => walk_failure(failure, walk),
        },
        Job::ResolveSignalExternalWorkflow { failure, .. }
        | Job::ResolveCancelExternalWorkflow { failure, .. } => {
            if let Some(failure) = failure {
                walk_failure(failure, walk);
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

fn walk_failure(failure: &mut Failure, walk: &mut Walk<'_>) {
    walk_optional(&mut failure.encoded_attributes, walk);
    match &mut failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => walk_payloads(&mut info.details, walk),
        Some(FailureInfo::TimeoutFailureInfo(info)) => {
            walk_payloads(&mut info.last_heartbeat_details, walk);
        }
        Some(FailureInfo::CanceledFailureInfo(info)) => walk_payloads(&mut info.details, walk),
        Some(FailureInfo::ResetWorkflowFailureInfo(info)) => {
            walk_payloads(&mut info.last_heartbeat_details, walk);
        }
        _ => {}
    }
    if let Some(cause) = &mut failure.cause {
        walk_failure(cause, walk);
    }
}

/// A map has no order of its own: the walk must meet the same one each time.
fn walk_map(fields: &mut HashMap<String, Payload>, walk: &mut Walk<'_>) {
    walk_fields(fields.iter_mut(), walk);
}

fn walk_fields<'a>(
    fields: impl Iterator<Item = (&'a String, &'a mut Payload)>,
    walk: &mut Walk<'_>,
) {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by(|left, right| left.0.cmp(right.0));
    for (_, payload) in fields {
        walk(Group::One(payload));
    }
}

fn is_null(payload: &Payload) -> bool {
    payload
        .metadata
        .get("encoding")
        .is_some_and(|encoding| encoding == "binary/null")
}

fn walk_optional(payload: &mut Option<Payload>, walk: &mut Walk<'_>) {
    if let Some(payload) = payload {
        walk(Group::One(payload));
    }
}

fn walk_payloads(payloads: &mut Option<Payloads>, walk: &mut Walk<'_>) {
    if let Some(payloads) = payloads {
        walk_list(&mut payloads.payloads, walk);
    }
}

fn walk_list(payloads: &mut Vec<Payload>, walk: &mut Walk<'_>) {
    if !payloads.is_empty() {
        walk(Group::Many(payloads));
    }
}
