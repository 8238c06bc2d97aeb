//! Which answers are worth being compressed.
//!
//! A server compresses all answers to calls that name an encoding, and most answers to a worker are so
//! short that this takes both sides longer than it takes the network to carry what is saved. So is what
//! a client waits for: the end of a workflow, where its result is short.

use std::sync::atomic::{AtomicUsize, Ordering};

use http::uri::PathAndQuery;

/// Calls that every workflow and activity makes, and whose answers are a few bytes.
const ALWAYS_SHORT: [&str; 8] = [
    "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution",
    "/temporal.api.workflowservice.v1.WorkflowService/SignalWorkflowExecution",
    "/temporal.api.workflowservice.v1.WorkflowService/SignalWithStartWorkflowExecution",
    "/temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCompleted",
    "/temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskFailed",
    "/temporal.api.workflowservice.v1.WorkflowService/RespondActivityTaskCanceled",
    "/temporal.api.workflowservice.v1.WorkflowService/RecordActivityTaskHeartbeat",
    "/temporal.api.workflowservice.v1.WorkflowService/RespondQueryTaskCompleted",
];

/// Calls that come again and again, with answers as long as the user's payloads and histories are.
const LEARNED: [&str; 4] = [
    "/temporal.api.workflowservice.v1.WorkflowService/PollWorkflowTaskQueue",
    "/temporal.api.workflowservice.v1.WorkflowService/RespondWorkflowTaskCompleted",
    "/temporal.api.workflowservice.v1.WorkflowService/PollActivityTaskQueue",
    "/temporal.api.workflowservice.v1.WorkflowService/GetWorkflowExecutionHistory",
];

/// From this length on, an answer is better compressed.
const LONG: usize = 4096;

/// How much the last answer counts among those before it: one part in so many.
const WEIGHT: usize = 8;

/// How long the answers to these calls have been of late.
#[derive(Default)]
pub(super) struct AnswerLengths {
    /// In the order of the calls. Two threads at once may lose a length, which the next one makes up for.
    average: [AtomicUsize; LEARNED.len()],
}

impl AnswerLengths {
    /// Whether the answer to such a call should be compressed.
    pub(super) fn expects_long(&self, method: &PathAndQuery) -> bool {
        match self.average_of(method) {
            Some(average) => average.load(Ordering::Relaxed) >= LONG,
            None => !ALWAYS_SHORT.contains(&method.as_str()),
        }
    }

    /// Takes into account how long an answer was, or would have been without compression.
    pub(super) fn note(&self, method: &PathAndQuery, length: usize) {
        if let Some(average) = self.average_of(method) {
            let before = average.load(Ordering::Relaxed);
            let after = before - before / WEIGHT + length / WEIGHT;
            average.store(after, Ordering::Relaxed);
        }
    }

    fn average_of(&self, method: &PathAndQuery) -> Option<&AtomicUsize> {
        let calls = LEARNED.iter().zip(&self.average);
        let mut found = calls.filter(|(call, _)| **call == method.as_str());
        found.next().map(|(_, average)| average)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(name: &str) -> PathAndQuery {
        let path = format!("/temporal.api.workflowservice.v1.WorkflowService/{name}");
        path.try_into().expect("it is a path")
    }

    #[test]
    fn tasks_are_expected_to_be_as_long_as_those_before() {
        let lengths = AnswerLengths::default();
        let poll = method("PollWorkflowTaskQueue");
        let expects_after = |length: usize| {
            lengths.note(&poll, length);
            lengths.expects_long(&poll)
        };
        assert!(!lengths.expects_long(&poll));
        assert!((0..100).all(|_| !expects_after(LONG - 1)));
        // One that is long pays for a hundred that are not.
        assert!(expects_after(1024 * 1024));
        let shorts = (0..1000).take_while(|_| expects_after(500)).count();
        assert!((20..100).contains(&shorts), "{shorts}");
        let tasks_of_activities = method("PollActivityTaskQueue");
        lengths.note(&tasks_of_activities, 10 * LONG);
        assert!(lengths.expects_long(&tasks_of_activities));
        assert!(!lengths.expects_long(&poll));
    }

    #[test]
    fn answers_to_other_calls_are_expected_to_be_long_unless_they_never_are() {
        let lengths = AnswerLengths::default();
        for (name, is_long) in [
            ("DescribeWorkflowExecution", true),
            ("ListWorkflowExecutions", true),
            ("StartWorkflowExecution", false),
            ("RespondActivityTaskCompleted", false),
        ] {
            lengths.note(&method(name), LONG - 1);
            assert_eq!(lengths.expects_long(&method(name)), is_long, "{name}");
        }
    }
}
