from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .activity_pb2 import (
        ActivityExecutionStatus,
        ActivityIdConflictPolicy,
        ActivityIdReusePolicy,
    )
    from .batch_operation_pb2 import (
        BatchOperationState,
        BatchOperationType,
    )
    from .command_type_pb2 import (
        CommandType,
    )
    from .common_pb2 import (
        ApplicationErrorCategory,
        CallbackState,
        EncodingType,
        ExecutionType,
        IndexedValueType,
        NexusOperationCancellationState,
        PendingNexusOperationState,
        Severity,
        WorkerStatus,
        WorkflowRuleActionScope,
    )
    from .deployment_pb2 import (
        DeploymentReachability,
        VersionDrainageStatus,
        WorkerDeploymentVersionStatus,
        WorkerVersioningMode,
    )
    from .event_type_pb2 import (
        EventType,
    )
    from .failed_cause_pb2 import (
        ActivityTaskFailedCause,
        CancelExternalWorkflowExecutionFailedCause,
        ResourceExhaustedCause,
        ResourceExhaustedScope,
        SignalExternalWorkflowExecutionFailedCause,
        StartChildWorkflowExecutionFailedCause,
        WorkflowTaskFailedCause,
    )
    from .namespace_pb2 import (
        ArchivalState,
        NamespaceState,
        ReplicationState,
    )
    from .nexus_pb2 import (
        NexusHandlerErrorRetryBehavior,
        NexusOperationExecutionStatus,
        NexusOperationIdConflictPolicy,
        NexusOperationIdReusePolicy,
        NexusOperationWaitStage,
    )
    from .query_pb2 import (
        QueryRejectCondition,
        QueryResultType,
    )
    from .reset_pb2 import (
        ResetReapplyExcludeType,
        ResetReapplyType,
        ResetType,
    )
    from .schedule_pb2 import (
        ScheduleOverlapPolicy,
    )
    from .task_queue_pb2 import (
        BuildIdTaskReachability,
        DescribeTaskQueueMode,
        RateLimitSource,
        RoutingConfigUpdateState,
        TaskQueueKind,
        TaskQueueType,
        TaskReachability,
    )
    from .time_skipping_pb2 import (
        FastForwardPollingResult,
    )
    from .update_pb2 import (
        UpdateAdmittedEventOrigin,
        UpdateWorkflowExecutionLifecycleStage,
    )
    from .workflow_pb2 import (
        ContinueAsNewInitiator,
        ContinueAsNewVersioningBehavior,
        HistoryEventFilterType,
        ParentClosePolicy,
        PendingActivityState,
        PendingWorkflowTaskState,
        RetryState,
        SuggestContinueAsNewReason,
        TimeoutType,
        VersioningBehavior,
        WorkflowExecutionStatus,
        WorkflowIdConflictPolicy,
        WorkflowIdReusePolicy,
    )

__all__ = [
    "ActivityExecutionStatus",
    "ActivityIdConflictPolicy",
    "ActivityIdReusePolicy",
    "ActivityTaskFailedCause",
    "ApplicationErrorCategory",
    "ArchivalState",
    "BatchOperationState",
    "BatchOperationType",
    "BuildIdTaskReachability",
    "CallbackState",
    "CancelExternalWorkflowExecutionFailedCause",
    "CommandType",
    "ContinueAsNewInitiator",
    "ContinueAsNewVersioningBehavior",
    "DeploymentReachability",
    "DescribeTaskQueueMode",
    "EncodingType",
    "EventType",
    "ExecutionType",
    "FastForwardPollingResult",
    "HistoryEventFilterType",
    "IndexedValueType",
    "NamespaceState",
    "NexusHandlerErrorRetryBehavior",
    "NexusOperationCancellationState",
    "NexusOperationExecutionStatus",
    "NexusOperationIdConflictPolicy",
    "NexusOperationIdReusePolicy",
    "NexusOperationWaitStage",
    "ParentClosePolicy",
    "PendingActivityState",
    "PendingNexusOperationState",
    "PendingWorkflowTaskState",
    "QueryRejectCondition",
    "QueryResultType",
    "RateLimitSource",
    "ReplicationState",
    "ResetReapplyExcludeType",
    "ResetReapplyType",
    "ResetType",
    "ResourceExhaustedCause",
    "ResourceExhaustedScope",
    "RetryState",
    "RoutingConfigUpdateState",
    "ScheduleOverlapPolicy",
    "Severity",
    "SignalExternalWorkflowExecutionFailedCause",
    "StartChildWorkflowExecutionFailedCause",
    "SuggestContinueAsNewReason",
    "TaskQueueKind",
    "TaskQueueType",
    "TaskReachability",
    "TimeoutType",
    "UpdateAdmittedEventOrigin",
    "UpdateWorkflowExecutionLifecycleStage",
    "VersionDrainageStatus",
    "VersioningBehavior",
    "WorkerDeploymentVersionStatus",
    "WorkerStatus",
    "WorkerVersioningMode",
    "WorkflowExecutionStatus",
    "WorkflowIdConflictPolicy",
    "WorkflowIdReusePolicy",
    "WorkflowRuleActionScope",
    "WorkflowTaskFailedCause",
]

_modules = {
    "activity_pb2": "ActivityExecutionStatus ActivityIdConflictPolicy ActivityIdReusePolicy".split(),
    "batch_operation_pb2": "BatchOperationState BatchOperationType".split(),
    "command_type_pb2": "CommandType".split(),
    "common_pb2": "ApplicationErrorCategory CallbackState EncodingType ExecutionType IndexedValueType NexusOperationCancellationState PendingNexusOperationState Severity WorkerStatus WorkflowRuleActionScope".split(),
    "deployment_pb2": "DeploymentReachability VersionDrainageStatus WorkerDeploymentVersionStatus WorkerVersioningMode".split(),
    "event_type_pb2": "EventType".split(),
    "failed_cause_pb2": "ActivityTaskFailedCause CancelExternalWorkflowExecutionFailedCause ResourceExhaustedCause ResourceExhaustedScope SignalExternalWorkflowExecutionFailedCause StartChildWorkflowExecutionFailedCause WorkflowTaskFailedCause".split(),
    "namespace_pb2": "ArchivalState NamespaceState ReplicationState".split(),
    "nexus_pb2": "NexusHandlerErrorRetryBehavior NexusOperationExecutionStatus NexusOperationIdConflictPolicy NexusOperationIdReusePolicy NexusOperationWaitStage".split(),
    "query_pb2": "QueryRejectCondition QueryResultType".split(),
    "reset_pb2": "ResetReapplyExcludeType ResetReapplyType ResetType".split(),
    "schedule_pb2": "ScheduleOverlapPolicy".split(),
    "task_queue_pb2": "BuildIdTaskReachability DescribeTaskQueueMode RateLimitSource RoutingConfigUpdateState TaskQueueKind TaskQueueType TaskReachability".split(),
    "time_skipping_pb2": "FastForwardPollingResult".split(),
    "update_pb2": "UpdateAdmittedEventOrigin UpdateWorkflowExecutionLifecycleStage".split(),
    "workflow_pb2": "ContinueAsNewInitiator ContinueAsNewVersioningBehavior HistoryEventFilterType ParentClosePolicy PendingActivityState PendingWorkflowTaskState RetryState SuggestContinueAsNewReason TimeoutType VersioningBehavior WorkflowExecutionStatus WorkflowIdConflictPolicy WorkflowIdReusePolicy".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
