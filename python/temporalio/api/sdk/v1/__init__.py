from .enhanced_stack_trace_pb2 import (
    EnhancedStackTrace,
    StackTrace,
    StackTraceFileLocation,
    StackTraceFileSlice,
    StackTraceSDKInfo,
)
from .event_group_marker_pb2 import (
    EventGroupMarker,
)
from .task_complete_metadata_pb2 import (
    WorkflowTaskCompletedMetadata,
)
from .user_metadata_pb2 import (
    UserMetadata,
)
from .worker_config_pb2 import (
    WorkerConfig,
)
from .workflow_metadata_pb2 import (
    WorkflowDefinition,
    WorkflowInteractionDefinition,
    WorkflowMetadata,
)

__all__ = [
    "EnhancedStackTrace",
    "EventGroupMarker",
    "StackTrace",
    "StackTraceFileLocation",
    "StackTraceFileSlice",
    "StackTraceSDKInfo",
    "UserMetadata",
    "WorkerConfig",
    "WorkflowDefinition",
    "WorkflowInteractionDefinition",
    "WorkflowMetadata",
    "WorkflowTaskCompletedMetadata",
]
