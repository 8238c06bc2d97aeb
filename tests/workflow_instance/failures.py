"""Failures as a server makes them, for runs without one. They are the same on any package."""

from __future__ import annotations

from temporalio.api.common.v1 import WorkflowExecution, WorkflowType
from temporalio.api.failure.v1 import (
    ApplicationFailureInfo,
    CanceledFailureInfo,
    ChildWorkflowExecutionFailureInfo,
    Failure,
)


def cancelled_failure() -> Failure:
    """Something was cancelled."""
    return Failure(message="cancelled", canceled_failure_info=CanceledFailureInfo())


def unknown_workflow() -> Failure:
    """There is no such workflow to send anything to."""
    return Failure(
        message="not there",
        application_failure_info=ApplicationFailureInfo(type="ExternalWorkflowNotFound"),
    )


def child_failure(how: str) -> Failure:
    """A child has ended without a result: it ``failed`` or was ``cancelled``."""
    cause = Failure(
        message="no luck", application_failure_info=ApplicationFailureInfo(type="Unlucky")
    )
    return Failure(
        message="Child Workflow execution failed",
        cause=cancelled_failure() if how == "cancelled" else cause,
        child_workflow_execution_failure_info=ChildWorkflowExecutionFailureInfo(
            namespace="default",
            workflow_execution=WorkflowExecution(workflow_id="child", run_id="run of child"),
            workflow_type=WorkflowType(name="Child"),
        ),
    )
