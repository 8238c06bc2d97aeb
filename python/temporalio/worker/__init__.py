"""Run workflows and activities: :py:class:`Worker` takes their tasks from a task queue.

:py:class:`Replayer` runs workflows against histories instead, to see whether their code still fits.
"""

from ..common import WorkerDeploymentVersion
from ._deployment import WorkerDeploymentConfig
from ._interceptor import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)
from ._options import WorkerConfig
from ._replayer import Replayer, ReplayerConfig, WorkflowReplayResult, WorkflowReplayResults
from ._snapshot import (
    ActorSnapshot,
    CacheSnapshot,
    PollsSnapshot,
    SlotsSnapshot,
    WorkerSnapshot,
)
from ._tuning import (
    FixedSizeSlotSupplier,
    PollerBehavior,
    PollerBehaviorAutoscaling,
    PollerBehaviorSimpleMaximum,
    WorkerTuner,
)
from ._worker import Worker
from ._workflow_calls import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    SignalChildWorkflowInput,
    SignalExternalWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    StartLocalActivityInput,
)
from ._workflow_details import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from ._workflow_interceptor import (
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from ._workflow_patches import PatchActivationInput

__all__ = [
    "ActivityInboundInterceptor",
    "ActivityOutboundInterceptor",
    "ActorSnapshot",
    "CacheSnapshot",
    "ContinueAsNewInput",
    "ExecuteActivityInput",
    "ExecuteWorkflowInput",
    "FixedSizeSlotSupplier",
    "HandleQueryInput",
    "HandleSignalInput",
    "HandleUpdateInput",
    "Interceptor",
    "PatchActivationInput",
    "PollerBehavior",
    "PollerBehaviorAutoscaling",
    "PollerBehaviorSimpleMaximum",
    "PollsSnapshot",
    "Replayer",
    "ReplayerConfig",
    "SignalChildWorkflowInput",
    "SignalExternalWorkflowInput",
    "SlotsSnapshot",
    "StartActivityInput",
    "StartChildWorkflowInput",
    "StartLocalActivityInput",
    "UnsandboxedWorkflowRunner",
    "Worker",
    "WorkerConfig",
    "WorkerDeploymentConfig",
    "WorkerDeploymentVersion",
    "WorkerSnapshot",
    "WorkerTuner",
    "WorkflowInboundInterceptor",
    "WorkflowInstance",
    "WorkflowInstanceDetails",
    "WorkflowInterceptorClassInput",
    "WorkflowOutboundInterceptor",
    "WorkflowReplayResult",
    "WorkflowReplayResults",
    "WorkflowRunner",
]
