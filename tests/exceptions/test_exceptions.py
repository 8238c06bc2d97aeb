"""What counts as a cancellation, how errors read, and what they keep."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from temporalio import exceptions
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    NexusOperationError,
    TemporalError,
    is_cancelled_exception,
)


def activity_error(cause: BaseException | None) -> ActivityError:
    error = ActivityError(
        "activity failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="i",
        activity_type="t",
        activity_id="3",
        retry_state=None,
    )
    error.__cause__ = cause
    return error


def child_error(cause: BaseException | None) -> ChildWorkflowError:
    error = ChildWorkflowError(
        "child failed",
        namespace="n",
        workflow_id="w",
        run_id="r",
        workflow_type="t",
        initiated_event_id=1,
        started_event_id=2,
        retry_state=None,
    )
    error.__cause__ = cause
    return error


def nexus_error(cause: BaseException | None) -> NexusOperationError:
    error = NexusOperationError(
        "operation failed",
        scheduled_event_id=1,
        endpoint="e",
        service="s",
        operation="o",
        operation_token="t",
    )
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "cancelled"),
    [
        (asyncio.CancelledError(), True),
        (CancelledError(), True),
        (activity_error(CancelledError()), True),
        (child_error(CancelledError()), True),
        (nexus_error(CancelledError()), True),
        (activity_error(None), False),
        (activity_error(asyncio.CancelledError()), False),
        (child_error(activity_error(CancelledError())), False),
        (ApplicationError("x"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_cancellations(error: BaseException, cancelled: bool) -> None:
    assert is_cancelled_exception(error) is cancelled


def test_the_tree_at_the_top_of_the_file_is_the_tree() -> None:
    drawn = {
        line.split()[1]: line.index("─ ") // 4
        for line in (exceptions.__doc__ or "").splitlines()
        if "── " in line
    }
    actual: dict[str, int] = {}

    def visit(cls: type, depth: int) -> None:
        actual[cls.__name__] = depth
        for child in cls.__subclasses__():
            if child.__module__ == exceptions.__name__:
                visit(child, depth + 1)

    visit(TemporalError, 1)
    assert drawn == actual


def test_text_and_type() -> None:
    assert str(ApplicationError("message", type="Kind")) == "Kind: message"
    assert ApplicationError("message", type="Kind").message == "message"
    assert str(ApplicationError("message")) == "message"
    assert str(CancelledError()) == "Cancelled"


def test_cause_is_the_cause_of_python() -> None:
    try:
        try:
            raise ValueError("inner")
        except ValueError as inner:
            raise FailureError("outer") from inner
    except FailureError as outer:
        assert outer.cause is outer.__cause__
        assert isinstance(outer.cause, ValueError)
    assert FailureError("alone").cause is None
    assert FailureError("alone").failure is None


@pytest.mark.parametrize(
    "error",
    [
        ApplicationError("m", 1, "two", type="T", non_retryable=True),
        CancelledError("m", 1),
        FailureError("m"),
        exceptions.ServerError("m", non_retryable=True),
    ],
)
def test_pickling_keeps_everything(error: Any) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.args, vars(copy)) == (type(error), error.args, vars(error))
