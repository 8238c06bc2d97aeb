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
