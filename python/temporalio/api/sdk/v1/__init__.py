from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
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

_modules = {
    "enhanced_stack_trace_pb2": "EnhancedStackTrace StackTrace StackTraceFileLocation StackTraceFileSlice StackTraceSDKInfo".split(),
    "event_group_marker_pb2": "EventGroupMarker".split(),
    "task_complete_metadata_pb2": "WorkflowTaskCompletedMetadata".split(),
    "user_metadata_pb2": "UserMetadata".split(),
    "worker_config_pb2": "WorkerConfig".split(),
    "workflow_metadata_pb2": "WorkflowDefinition WorkflowInteractionDefinition WorkflowMetadata".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
