//! A workflow task's completion on its way to the server: checked, and whole or in pages.
//!
//! gRPC takes no message above 4 MiB. Where the namespace takes pages, the commands of a larger
//! completion go ahead of it: pages of commands alone, several at a time, and when all are there a
//! last page with everything else. A server that has lost a page wants them all again.

use std::{sync::Arc, time::Duration};

use callboard_protos::google::rpc::Status as RichStatus;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use prost::Message as _;
use tonic::{Code, Status};

use crate::{
    connection::{Call, WorkerService},
    protos::{
        command::v1::Command,
        enums::v1::WorkflowTaskFailedCause,
        workflowservice::v1::{
            RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskCompletedResponse,
        },
    },
    workflow::ActivationFailure,
};

use super::{namespace::NamespaceFacts, payload_limits, run_answers::unsendable};

/// Leaves half a MiB of what gRPC takes for the rest of the request.
const PAGE_LIMIT: usize = 7 * 512 * 1024;
const PAGES_AT_A_TIME: usize = 3;
const BUFFER_LOST: &str = "temporal.api.errordetails.v1.WorkflowTaskCompletionBufferLostFailure";
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The requests that one completion is made of.
#[derive(Debug, PartialEq)]
pub(super) struct Pages {
    /// Commands only, in order; none for a completion that goes whole.
    ahead: Vec<RespondWorkflowTaskCompletedRequest>,
    last: RespondWorkflowTaskCompletedRequest,
}

impl Pages {
    /// Cuts the request where it is too long. One that the server would refuse fails the task.
    pub(super) fn of(
        request: RespondWorkflowTaskCompletedRequest,
        facts: &NamespaceFacts,
    ) -> Result<Self, Box<ActivationFailure>> {
        payload_limits::check(&request, facts)?;
        let whole = |last| Self {
            ahead: Vec::new(),
            last,
        };
        if !facts.takes_pages {
            return Ok(whole(request));
        }
        let length = request.encoded_len();
        if length <= PAGE_LIMIT || request.commands.iter().any(|one| size(one) > PAGE_LIMIT) {
            return Ok(whole(request));
        }
        if facts.completion_limit.is_some_and(|limit| length > limit) {
            return Err(unsendable(
                WorkflowTaskFailedCause::RequestTooLarge,
                "Workflow task completion exceeds the namespace size limit",
            ));
        }
        Ok(Self::cut(request))
    }

    fn cut(mut last: RespondWorkflowTaskCompletedRequest) -> Self {
        let mut ahead: Vec<RespondWorkflowTaskCompletedRequest> = Vec::new();
        let mut room = 0;
        for command in std::mem::take(&mut last.commands) {
            let size = size(&command);
            match ahead.last_mut() {
                Some(page) if size <= room => page.commands.push(command),
                _ => {
                    room = PAGE_LIMIT;
                    ahead.push(RespondWorkflowTaskCompletedRequest {
                        task_token: last.task_token.clone(),
                        identity: last.identity.clone(),
                        namespace: last.namespace.clone(),
                        commands: vec![command],
                        page_number: page_number(ahead.len()),
                        intermediate_page: true,
                        ..RespondWorkflowTaskCompletedRequest::default()
                    });
                }
            }
            room -= size;
        }
        last.page_number = page_number(ahead.len());
        Self { ahead, last }
    }

    /// Sends them; the server's word on the last page is its word on the completion.
    pub(super) fn send(
        self,
        service: Arc<dyn WorkerService>,
    ) -> Call<RespondWorkflowTaskCompletedResponse> {
        if self.ahead.is_empty() {
            return service.complete_workflow_task(self.last);
        }
        Box::pin(self.send_with(move |page| service.complete_workflow_task(page)))
    }

    async fn send_with(
        self,
        send: impl Fn(RespondWorkflowTaskCompletedRequest) -> Call<RespondWorkflowTaskCompletedResponse>,
    ) -> Result<RespondWorkflowTaskCompletedResponse, Status> {
        let mut wait = FIRST_WAIT;
        loop {
            let calls: Vec<_> = self.ahead.iter().cloned().map(&send).collect();
            let sent = stream::iter(calls)
                .buffer_unordered(PAGES_AT_A_TIME)
                .try_for_each(|_| std::future::ready(Ok(())))
                .await;
            let answer = match sent {
                Ok(()) => send(self.last.clone()).await,
                Err(status) => Err(status),
            };
            match answer {
                Err(status) if is_buffer_lost(&status) => {
                    tracing::debug!(%status, ?wait, "all pages of a completion go again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                answer => return answer,
            }
        }
    }
}

fn page_number(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

/// The bytes that a command takes in a request: itself, its length and its tag.
fn size(command: &Command) -> usize {
    let length = command.encoded_len();
    1 + prost::length_delimiter_len(length) + length
}

/// True when the server no longer has a page that it had taken.
fn is_buffer_lost(status: &Status) -> bool {
    if status.code() != Code::FailedPrecondition {
        return false;
    }
    RichStatus::decode(status.details()).is_ok_and(|rich| {
        rich.details
            .iter()
            .any(|detail| detail.type_url.rsplit('/').next() == Some(BUFFER_LOST))
    })
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use parking_lot::Mutex;
    use prost_types::Any;

    use super::*;
    use crate::protos::{
        command::v1::{CompleteWorkflowExecutionCommandAttributes, command::Attributes},
        common::v1::{Payload, Payloads},
    };

    const FACTS: NamespaceFacts = NamespaceFacts {
        ends_polls: false,
        takes_pages: true,
        suggests_polls: false,
        blob_limit: None,
        memo_limit: None,
        completion_limit: None,
    };

    fn request(sizes: &[usize]) -> RespondWorkflowTaskCompletedRequest {
        let command = |size: &usize| Command {
            attributes: Some(Attributes::CompleteWorkflowExecutionCommandAttributes(
                Box::new(CompleteWorkflowExecutionCommandAttributes {
                    result: Some(Payloads {
                        payloads: vec![Payload {
                            data: vec![0; *size].into(),
                            ..Payload::default()
                        }],
                    }),
                }),
            )),
            ..Command::default()
        };
        RespondWorkflowTaskCompletedRequest {
            task_token: "token".into(),
            identity: "worker".into(),
            namespace: "default".into(),
            resource_id: "with the last page".into(),
            commands: sizes.iter().map(command).collect(),
            ..RespondWorkflowTaskCompletedRequest::default()
        }
    }

    fn counts(pages: &Pages) -> Vec<usize> {
        pages.ahead.iter().map(|page| page.commands.len()).collect()
    }

    /// Recorded on the official package: 20 commands of half a MiB are pages of 6, 6, 6 and 2.
    #[test]
    fn commands_go_ahead_in_order_and_the_rest_comes_last() {
        const HALF: usize = 1 << 19;
        let whole = request(&[HALF; 20]);
        let pages = Pages::of(whole.clone(), &FACTS).expect("there is no limit");
        assert_eq!(counts(&pages), [6, 6, 6, 2]);
        let mut joined = pages.last.clone();
        assert_eq!((joined.page_number, joined.intermediate_page), (4, false));
        assert!(joined.commands.is_empty());
        for (number, page) in (0..).zip(&pages.ahead) {
            assert_eq!((page.page_number, page.intermediate_page), (number, true));
            assert_eq!(page.task_token, whole.task_token);
            assert!(page.resource_id.is_empty());
            assert!(page.encoded_len() < 4 << 20);
            joined.commands.extend(page.commands.clone());
        }
        joined.page_number = 0;
        assert_eq!(joined, whole);
    }

    #[test]
    fn what_cannot_or_need_not_be_cut_goes_whole() {
        let no_pages = NamespaceFacts {
            takes_pages: false,
            ..FACTS
        };
        for (sizes, facts) in [
            (&[1000, 1000][..], FACTS),
            (&[5 << 20, 10], FACTS),
            (&[1 << 19; 20], no_pages),
        ] {
            let whole = request(sizes);
            let pages = Pages::of(whole.clone(), &facts).expect("there is no limit");
            assert_eq!((counts(&pages), pages.last), (Vec::new(), whole));
        }
    }

    #[test]
    fn the_limit_of_the_namespace_is_for_all_pages_together() {
        let facts = NamespaceFacts {
            completion_limit: Some(5 << 20),
            ..FACTS
        };
        assert!(Pages::of(request(&[1 << 20; 4]), &facts).is_ok());
        let failed = Pages::of(request(&[1 << 20; 6]), &facts).expect_err("6 MiB are too many");
        assert_eq!(failed.cause, WorkflowTaskFailedCause::RequestTooLarge);
    }

    /// Takes pages; says that it has lost them as often as it is told.
    #[derive(Default)]
    struct Buffer {
        taken: Mutex<Vec<i32>>,
        at_a_time: AtomicUsize,
        most: AtomicUsize,
        losses: AtomicUsize,
    }

    impl Buffer {
        async fn take(
            self: Arc<Self>,
            page: RespondWorkflowTaskCompletedRequest,
        ) -> Result<RespondWorkflowTaskCompletedResponse, Status> {
            let now = 1 + self.at_a_time.fetch_add(1, Ordering::SeqCst);
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(10)).await;
            self.at_a_time.fetch_sub(1, Ordering::SeqCst);
            self.taken.lock().push(page.page_number);
            let lost = !page.intermediate_page
                && self
                    .losses
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                        left.checked_sub(1)
                    })
                    .is_ok();
            if lost {
                return Err(buffer_lost());
            }
            Ok(RespondWorkflowTaskCompletedResponse::default())
        }
    }

    fn buffer_lost() -> Status {
        let rich = RichStatus {
            details: vec![Any {
                type_url: format!("type.googleapis.com/{BUFFER_LOST}"),
                value: Vec::new(),
            }],
            ..RichStatus::default()
        };
        let details = rich.encode_to_vec().into();
        Status::with_details(Code::FailedPrecondition, "lost", details)
    }

    #[tokio::test(start_paused = true)]
    async fn pages_that_are_lost_go_again_after_a_wait() {
        let buffer = Arc::new(Buffer {
            losses: AtomicUsize::new(2),
            ..Buffer::default()
        });
        let pages = Pages::of(request(&[1 << 20; 12]), &FACTS).expect("there is no limit");
        let began = tokio::time::Instant::now();
        let taker = buffer.clone();
        let send = move |page| -> Call<_> { Box::pin(taker.clone().take(page)) };
        pages.send_with(send).await.expect("the third time is good");
        let taken = std::mem::take(&mut *buffer.taken.lock());
        let rounds: Vec<&[i32]> = taken.chunks(5).collect();
        assert_eq!(rounds.len(), 3);
        for round in rounds {
            assert_eq!(round[4], 4, "the last page comes last");
        }
        assert_eq!(buffer.most.load(Ordering::SeqCst), PAGES_AT_A_TIME);
        assert!(began.elapsed() >= FIRST_WAIT * 3, "100 ms, then 200 ms");
    }

    #[tokio::test(start_paused = true)]
    async fn another_error_ends_it() {
        let pages = Pages::of(request(&[1 << 20; 12]), &FACTS).expect("there is no limit");
        let send = |_| -> Call<_> { Box::pin(async { Err(Status::not_found("gone")) }) };
        let error = pages.send_with(send).await.expect_err("the task is gone");
        assert_eq!(error.code(), Code::NotFound);
    }
}
