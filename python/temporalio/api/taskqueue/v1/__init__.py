from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        BuildIdAssignmentRule,
        BuildIdReachability,
        CompatibleBuildIdRedirectRule,
        CompatibleVersionSet,
        ConfigMetadata,
        PollerGroupInfo,
        PollerGroupsInfo,
        PollerInfo,
        PollerScalingDecision,
        RampByPercentage,
        RateLimit,
        RateLimitConfig,
        StickyExecutionAttributes,
        TaskIdBlock,
        TaskQueue,
        TaskQueueConfig,
        TaskQueueMetadata,
        TaskQueuePartitionMetadata,
        TaskQueueReachability,
        TaskQueueStats,
        TaskQueueStatus,
        TaskQueueTypeInfo,
        TaskQueueVersionInfo,
        TaskQueueVersionSelection,
        TaskQueueVersioningInfo,
        TimestampedBuildIdAssignmentRule,
        TimestampedCompatibleBuildIdRedirectRule,
    )

__all__ = [
    "BuildIdAssignmentRule",
    "BuildIdReachability",
    "CompatibleBuildIdRedirectRule",
    "CompatibleVersionSet",
    "ConfigMetadata",
    "PollerGroupInfo",
    "PollerGroupsInfo",
    "PollerInfo",
    "PollerScalingDecision",
    "RampByPercentage",
    "RateLimit",
    "RateLimitConfig",
    "StickyExecutionAttributes",
    "TaskIdBlock",
    "TaskQueue",
    "TaskQueueConfig",
    "TaskQueueMetadata",
    "TaskQueuePartitionMetadata",
    "TaskQueueReachability",
    "TaskQueueStats",
    "TaskQueueStatus",
    "TaskQueueTypeInfo",
    "TaskQueueVersionInfo",
    "TaskQueueVersionSelection",
    "TaskQueueVersioningInfo",
    "TimestampedBuildIdAssignmentRule",
    "TimestampedCompatibleBuildIdRedirectRule",
]

_modules = {
    "message_pb2": "BuildIdAssignmentRule BuildIdReachability CompatibleBuildIdRedirectRule CompatibleVersionSet ConfigMetadata PollerGroupInfo PollerGroupsInfo PollerInfo PollerScalingDecision RampByPercentage RateLimit RateLimitConfig StickyExecutionAttributes TaskIdBlock TaskQueue TaskQueueConfig TaskQueueMetadata TaskQueuePartitionMetadata TaskQueueReachability TaskQueueStats TaskQueueStatus TaskQueueTypeInfo TaskQueueVersionInfo TaskQueueVersionSelection TaskQueueVersioningInfo TimestampedBuildIdAssignmentRule TimestampedCompatibleBuildIdRedirectRule".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
