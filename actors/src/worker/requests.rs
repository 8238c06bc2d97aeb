//! Every request of a worker, with what the worker itself adds: identity, queues, version.

use std::time::Duration;

use crate::{
    connection::ServerCapabilities,
    protos::{
        common::v1::{
            MeteringMetadata, Payloads, WorkerVersionCapabilities, WorkerVersionStamp,
            WorkflowExecution,
        },
        deployment::v1::WorkerDeploymentOptions,
        enums::v1::{TaskQueueKind, TaskQueueType, VersioningBehavior, WorkerVersioningMode},
        failure::v1::Failure,
        taskqueue::v1::{StickyExecutionAttributes, TaskQueue, TaskQueueMetadata},
        workflowservice::v1::{self as api, respond_workflow_task_completed_request::Capabilities},
    },
    workflow::TaskCompletion,
};

use super::{
    config::{Deployment, WorkerConfig},
    poll_balance::QueueKind,
};

/// Builds requests for one worker.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    namespace: String,
    identity: String,
    task_queue: String,
    /// Empty when the worker keeps no runs.
    sticky_queue: String,
    sticky_timeout: Duration,
    build_id: String,
    deployment: Option<Deployment>,
    /// Tells this worker from every other, also from those with the same identity.
    instance_key: String,
    max_task_queue_activities_per_second: Option<f64>,
    knows_build_ids: bool,
    uses_build_ids: bool,
    types: Vec<i32>,
}

impl Requests {
    pub(super) fn new(config: &WorkerConfig, capabilities: ServerCapabilities) -> Self {
        let instance_key = uuid::Uuid::new_v4().simple().to_string();
        let keeps_runs = config.task_types.workflows && config.max_cached_workflows > 0;
        let mut types = Vec::new();
        if config.task_types.workflows {
            types.push(TaskQueueType::Workflow as i32);
        }
        if config.task_types.activities {
            types.push(TaskQueueType::Activity as i32);
        }
        Self {
            namespace: config.namespace.clone(),
            identity: config.identity.clone(),
            task_queue: config.task_queue.clone(),
            sticky_queue: if keeps_runs {
                format!("{}-{instance_key}", config.identity)
            } else {
                String::new()
            },
            sticky_timeout: config.sticky_queue_schedule_to_start_timeout,
            build_id: config.build_id.clone(),
            deployment: config.deployment.clone(),
            instance_key,
            max_task_queue_activities_per_second: config.max_task_queue_activities_per_second,
            knows_build_ids: capabilities.build_id_based_versioning,
            uses_build_ids: config.use_build_id_versioning,
            types,
        }
    }

    pub(super) fn has_sticky_queue(&self) -> bool {
        !self.sticky_queue.is_empty()
    }

    pub(super) fn describe_namespace(&self) -> api::DescribeNamespaceRequest {
        api::DescribeNamespaceRequest {
            namespace: self.namespace.clone(),
            ..Default::default()
        }
    }

    pub(super) fn shutdown_worker(&self) -> api::ShutdownWorkerRequest {
        api::ShutdownWorkerRequest {
            namespace: self.namespace.clone(),
            identity: self.identity.clone(),
            sticky_task_queue: self.sticky_queue.clone(),
            reason: "graceful shutdown".into(),
            worker_instance_key: self.instance_key.clone(),
            task_queue: self.task_queue.clone(),
            task_queue_types: self.types.clone(),
            ..Default::default()
        }
    }

    #[allow(
        deprecated,
        reason = "servers before deployments know a worker's version by these"
    )]
    pub(super) fn poll_workflow_task(&self, queue: QueueKind) -> api::PollWorkflowTaskQueueRequest {
        api::PollWorkflowTaskQueueRequest {
            namespace: self.namespace.clone(),
            task_queue: Some(match queue {
                QueueKind::Normal => self.normal_queue(),
                QueueKind::Sticky => self.sticky_queue(),
            }),
            identity: self.identity.clone(),
            worker_instance_key: self.instance_key.clone(),
            binary_checksum: self.binary_checksum(),
            worker_version_capabilities: self.version_capabilities(),
            deployment_options: self.deployment_options(),
            ..Default::default()
        }
    }

    #[allow(
        deprecated,
        reason = "servers before deployments know a worker's version by these"
    )]
    pub(super) fn poll_activity_task(&self) -> api::PollActivityTaskQueueRequest {
        api::PollActivityTaskQueueRequest {
            namespace: self.namespace.clone(),
            task_queue: Some(self.normal_queue()),
            identity: self.identity.clone(),
            worker_instance_key: self.instance_key.clone(),
            task_queue_metadata: self.max_task_queue_activities_per_second.map(|limit| {
                TaskQueueMetadata {
                    max_tasks_per_second: Some(limit),
                }
            }),
            worker_version_capabilities: self.version_capabilities(),
            deployment_options: self.deployment_options(),
            ..Default::default()
        }
    }

    /// `is_last` worker tasks go back to the normal queue, and ask for no further one.
    #[allow(
        deprecated,
        reason = "servers before deployments know a worker's version by these"
    )]
    pub(super) fn complete_workflow_task(
        &self,
        completion: TaskCompletion,
        is_last: bool,
    ) -> api::RespondWorkflowTaskCompletedRequest {
        let sticky = self.has_sticky_queue() && !is_last;
        // A heartbeat brings its task along even where runs are not cached: replay takes the two for
        // one, so nothing may happen between them that the run would hear of later than its start.
        let heartbeats = completion.force_new_task && !is_last;
        let brings_next = (sticky || heartbeats) && !completion.ends_workflow;
        api::RespondWorkflowTaskCompletedRequest {
            task_token: completion.task_token,
            commands: completion.commands,
            messages: completion.messages,
            query_results: completion.query_results,
            sdk_metadata: completion.sdk_metadata,
            metering_metadata: Some(MeteringMetadata::default()),
            capabilities: Some(Capabilities {
                discard_speculative_workflow_task_with_events: true,
            }),
            versioning_behavior: self
                .versioning_behavior(completion.versioning_behavior)
                .into(),
            force_create_new_workflow_task: completion.force_new_task,
            return_new_workflow_task: brings_next,
            sticky_attributes: sticky.then(|| self.sticky_attributes()),
            namespace: self.namespace.clone(),
            identity: self.identity.clone(),
            worker_instance_key: self.instance_key.clone(),
            binary_checksum: self.binary_checksum(),
            worker_version_stamp: self.version_stamp(),
            deployment_options: self.deployment_options(),
            ..Default::default()
        }
    }

    #[allow(
        deprecated,
        reason = "servers before deployments know a worker's version by these"
    )]
    pub(super) fn fail_workflow_task(
        &self,
        task_token: bytes::Bytes,
        cause: crate::protos::enums::v1::WorkflowTaskFailedCause,
        failure: Failure,
    ) -> api::RespondWorkflowTaskFailedRequest {
        api::RespondWorkflowTaskFailedRequest {
            task_token,
            cause: cause.into(),
            failure: Some(failure),
            namespace: self.namespace.clone(),
            identity: self.identity.clone(),
            binary_checksum: self.binary_checksum(),
            worker_version: self.version_stamp(),
            deployment_options: self.deployment_options(),
            ..Default::default()
        }
    }

    pub(super) fn respond_query(
        &self,
        task_token: bytes::Bytes,
    ) -> api::RespondQueryTaskCompletedRequest {
        api::RespondQueryTaskCompletedRequest {
            task_token,
            namespace: self.namespace.clone(),
            ..Default::default()
        }
    }

    pub(super) fn get_history(
        &self,
        workflow_id: String,
        run_id: &str,
        next_page_token: bytes::Bytes,
    ) -> api::GetWorkflowExecutionHistoryRequest {
        api::GetWorkflowExecutionHistoryRequest {
            namespace: self.namespace.clone(),
            execution: Some(WorkflowExecution {
                workflow_id,
                run_id: run_id.to_owned(),
            }),
            next_page_token,
            ..Default::default()
        }
    }

    #[allow(
        deprecated,
        reason = "servers before deployments know a worker's version by these"
    )]
    pub(super) fn complete_activity(
        &self,
        task_token: bytes::Bytes,
        result: Option<Payloads>,
    ) -> api::RespondActivityTaskCompletedRequest {
        api::RespondActivityTaskCompletedRequest {
            task_token,
            result,
            namespace: self.namespace.clone(),
            identity: self.identity.clone(),
            worker_version: self.version_stamp(),
            deployment_options: self.deployment_options(),
            ..Default::default()
        }
    }

    #[allow(
        deprecated,
        reason = "servers before deployments know a worker's version by these"
    )]
    pub(super) fn fail_activity(
        &self,
        task_token: bytes::Bytes,
        failure: Failure,
        last_heartbeat_details: Option<Payloads>,
    ) -> api::RespondActivityTaskFailedRequest {
        api::RespondActivityTaskFailedRequest {
            task_token,
            failure: Some(failure),
            last_heartbeat_details,
            namespace: self.namespace.clone(),
            identity: self.identity.clone(),
            worker_version: self.version_stamp(),
            deployment_options: self.deployment_options(),
            ..Default::default()
        }
    }

    #[allow(
        deprecated,
        reason = "servers before deployments know a worker's version by these"
    )]
    pub(super) fn cancel_activity(
        &self,
        task_token: bytes::Bytes,
        details: Option<Payloads>,
    ) -> api::RespondActivityTaskCanceledRequest {
        api::RespondActivityTaskCanceledRequest {
            task_token,
            details,
            namespace: self.namespace.clone(),
            identity: self.identity.clone(),
            worker_version: self.version_stamp(),
            deployment_options: self.deployment_options(),
            ..Default::default()
        }
    }

    pub(super) fn heartbeat(
        &self,
        task_token: bytes::Bytes,
        details: Payloads,
    ) -> api::RecordActivityTaskHeartbeatRequest {
        api::RecordActivityTaskHeartbeatRequest {
            task_token,
            details: Some(details),
            namespace: self.namespace.clone(),
            identity: self.identity.clone(),
            ..Default::default()
        }
    }

    fn normal_queue(&self) -> TaskQueue {
        TaskQueue {
            name: self.task_queue.clone(),
            kind: TaskQueueKind::Normal.into(),
            normal_name: String::new(),
        }
    }

    fn sticky_queue(&self) -> TaskQueue {
        TaskQueue {
            name: self.sticky_queue.clone(),
            kind: TaskQueueKind::Sticky.into(),
            normal_name: self.task_queue.clone(),
        }
    }

    fn sticky_attributes(&self) -> StickyExecutionAttributes {
        StickyExecutionAttributes {
            worker_task_queue: Some(self.sticky_queue()),
            schedule_to_start_timeout: prost_types::Duration::try_from(self.sticky_timeout).ok(),
        }
    }

    pub(super) fn deployment_options(&self) -> Option<WorkerDeploymentOptions> {
        let deployment = self.deployment.as_ref()?;
        let mode = if deployment.is_versioned {
            WorkerVersioningMode::Versioned
        } else {
            WorkerVersioningMode::Unversioned
        };
        Some(WorkerDeploymentOptions {
            deployment_name: deployment.name.clone(),
            build_id: self.build_id.clone(),
            worker_versioning_mode: mode.into(),
        })
    }

    /// What a completion says. From a worker without versions a server takes no behaviour at all.
    fn versioning_behavior(&self, of_workflow: VersioningBehavior) -> VersioningBehavior {
        match &self.deployment {
            Some(deployment) if deployment.is_versioned => match of_workflow {
                VersioningBehavior::Unspecified => deployment.default_behavior,
                stated => stated,
            },
            _ => VersioningBehavior::Unspecified,
        }
    }

    /// The oldest way to tell a worker's version, for servers that know no other.
    fn binary_checksum(&self) -> String {
        if self.knows_build_ids {
            String::new()
        } else {
            self.build_id.clone()
        }
    }

    fn version_capabilities(&self) -> Option<WorkerVersionCapabilities> {
        self.knows_build_ids.then(|| WorkerVersionCapabilities {
            build_id: self.build_id.clone(),
            use_versioning: self.uses_build_ids,
            deployment_series_name: String::new(),
        })
    }

    fn version_stamp(&self) -> Option<WorkerVersionStamp> {
        Some(WorkerVersionStamp {
            build_id: self.build_id.clone(),
            use_versioning: self.uses_build_ids,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protos::enums::v1::VersioningBehavior;

    fn completed(
        config: &WorkerConfig,
        is_last: bool,
        completion: TaskCompletion,
    ) -> api::RespondWorkflowTaskCompletedRequest {
        Requests::new(config, ServerCapabilities::default())
            .complete_workflow_task(completion, is_last)
    }

    /// N40: a workflow's own behaviour goes before the worker's; without versions there is none.
    #[test]
    fn versioning_behaviors_are_those_of_versioned_workers() {
        use VersioningBehavior::{AutoUpgrade, Pinned, Unspecified};
        let versioned = |is_versioned| Deployment {
            name: "deployment".into(),
            is_versioned,
            default_behavior: AutoUpgrade,
        };
        for (deployment, stated, sent) in [
            (None, Pinned, Unspecified),
            (Some(versioned(false)), Pinned, Unspecified),
            (Some(versioned(true)), Unspecified, AutoUpgrade),
            (Some(versioned(true)), Pinned, Pinned),
        ] {
            let config = WorkerConfig {
                deployment,
                ..WorkerConfig::new("default", "queue")
            };
            let completion = TaskCompletion {
                versioning_behavior: stated,
                ..TaskCompletion::default()
            };
            let request = completed(&config, false, completion);
            assert_eq!(request.versioning_behavior(), sent);
        }
    }

    /// Heartbeats bring their next task along where nothing else does.
    #[test]
    fn a_heartbeat_brings_its_next_task_without_a_cache_too() {
        let config = WorkerConfig {
            max_cached_workflows: 0,
            ..WorkerConfig::new("default", "queue")
        };
        for (is_last, force_new_task, returns) in [
            (false, true, true),
            (false, false, false),
            (true, true, false),
        ] {
            let completion = TaskCompletion {
                force_new_task,
                ..TaskCompletion::default()
            };
            let request = completed(&config, is_last, completion);
            assert_eq!(request.sticky_attributes, None);
            assert_eq!(request.return_new_workflow_task, returns);
        }
    }

    /// N1, N20: sticky attributes go with each completion of a worker that keeps runs.
    #[test]
    fn a_next_task_is_asked_for_while_there_may_be_one() {
        for (is_last, ends_workflow, sticky, returns) in [
            (false, false, true, true),
            (false, true, true, false),
            (true, false, false, false),
        ] {
            let completion = TaskCompletion {
                ends_workflow,
                ..TaskCompletion::default()
            };
            let request = completed(&WorkerConfig::new("default", "queue"), is_last, completion);
            assert_eq!(request.sticky_attributes.is_some(), sticky);
            assert_eq!(request.return_new_workflow_task, returns);
            let capabilities = request.capabilities.expect("they are always told");
            assert!(capabilities.discard_speculative_workflow_task_with_events);
        }
    }
}
