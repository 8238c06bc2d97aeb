"""Run workflows and activities: :py:class:`Worker` takes their tasks from a task queue."""

from ..common import WorkerDeploymentVersion
from ._interceptor import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)
from ._options import WorkerConfig
from ._tuning import (
    FixedSizeSlotSupplier,
    PollerBehavior,
    PollerBehaviorAutoscaling,
    PollerBehaviorSimpleMaximum,
    WorkerTuner,
)
from ._worker import Worker
from ._workflow_details import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)

__all__ = [
    "ActivityInboundInterceptor",
    "ActivityOutboundInterceptor",
    "ExecuteActivityInput",
    "FixedSizeSlotSupplier",
    "Interceptor",
    "PollerBehavior",
    "PollerBehaviorAutoscaling",
    "PollerBehaviorSimpleMaximum",
    "UnsandboxedWorkflowRunner",
    "Worker",
    "WorkerConfig",
    "WorkerDeploymentVersion",
    "WorkerTuner",
    "WorkflowInstance",
    "WorkflowInstanceDetails",
    "WorkflowRunner",
]
