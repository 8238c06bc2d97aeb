"""What the workflow's logger adds to a line, and when it keeps quiet."""

from __future__ import annotations

import contextvars
import logging
import threading
from typing import Any

import pytest

from temporalio import workflow
from temporalio.worker import _workflow_event_loop

from .fake_run import FakeRun

DETAILS = {
    "attempt": 2,
    "namespace": "a namespace",
    "run_id": "a run",
    "task_queue": "a queue",
    "workflow_id": "an id",
    "workflow_type": "a type",
}
UPDATE_DETAILS = {"update_id": "of update", "update_name": "update"}


@pytest.fixture
def logger(caplog: pytest.LogCaptureFixture) -> workflow.LoggerAdapter:
    caplog.set_level(logging.INFO)
    return workflow.LoggerAdapter(logging.getLogger("tests.workflow"), None)


def test_defaults() -> None:
    assert workflow.logger.base_logger.name == "temporalio.workflow"
    assert workflow.logger.workflow_info_on_message
    assert workflow.logger.workflow_info_on_extra
    assert not workflow.logger.full_workflow_info_on_extra
    assert not workflow.logger.log_during_replay
    assert not workflow.logger.disable_sandbox


async def test_workflow_on_message_and_record(
    logger: workflow.LoggerAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeRun().running() as run:
        logger.info("a %s", "line")
        logger.info("another")
    first, second = caplog.records
    assert first.getMessage() == f"a line ({DETAILS})"
    assert first.__dict__["temporal_workflow"] == DETAILS
    assert "workflow_info" not in first.__dict__
    # Each record may be changed by a handler without touching the next.
    assert second.__dict__["temporal_workflow"] is not first.__dict__["temporal_workflow"]
    assert run.infos_made == 1


def in_update(function: Any) -> None:
    def call() -> None:
        workflow._set_current_update_info(workflow.UpdateInfo(id="of update", name="update"))
        function()

    # Runs in a copy, so that the mark does not stay with the test.
    contextvars.copy_context().run(call)


async def test_update_on_message_and_record(
    logger: workflow.LoggerAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeRun().running():
        in_update(lambda: logger.info("a line"))
        logger.info("a line")
    inside, outside = caplog.records
    assert inside.getMessage() == f"a line ({ {**DETAILS, **UPDATE_DETAILS} })"
    assert inside.__dict__["temporal_workflow"] == {**DETAILS, **UPDATE_DETAILS}
    assert outside.__dict__["temporal_workflow"] == DETAILS


@pytest.mark.parametrize("on_message", [True, False])
@pytest.mark.parametrize("on_extra", [True, False])
@pytest.mark.parametrize("full", [True, False])
async def test_options(
    logger: workflow.LoggerAdapter,
    caplog: pytest.LogCaptureFixture,
    on_message: bool,
    on_extra: bool,
    full: bool,
) -> None:
    logger.workflow_info_on_message = on_message
    logger.workflow_info_on_extra = on_extra
    logger.full_workflow_info_on_extra = full
    with FakeRun().running() as run:
        logger.info("a line")
    (record,) = caplog.records
    assert record.getMessage() == (f"a line ({DETAILS})" if on_message else "a line")
    assert record.__dict__.get("temporal_workflow") == (DETAILS if on_extra else None)
    assert record.__dict__.get("workflow_info") is (run.info if full else None)


async def test_extra_of_the_call_wins(
    logger: workflow.LoggerAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeRun().running():
        logger.info("a line", extra={"mine": 1})
        logger.info("a line", extra={"temporal_workflow": "mine"})
    first, second = caplog.records
    assert first.__dict__["mine"] == 1
    assert first.__dict__["temporal_workflow"] == DETAILS
    assert second.__dict__["temporal_workflow"] == "mine"


async def test_quiet_in_replay(
    logger: workflow.LoggerAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeRun().running() as run:
        run.replaying_history_events = True
        assert not logger.isEnabledFor(logging.ERROR)
        logger.error("dropped")
        logger.log_during_replay = True
        logger.error("kept")
        logger.log_during_replay = False
        run.replaying_history_events = False
        # A query of a replaying workflow is live.
        run.replaying = True
        assert logger.isEnabledFor(logging.ERROR)
        logger.error("live")
    assert [record.msg.split(" ")[0] for record in caplog.records] == ["kept", "live"]


async def test_level_of_the_base_logger_counts(
    logger: workflow.LoggerAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeRun().running() as run:
        logger.debug("dropped")
        assert not logger.isEnabledFor(logging.DEBUG)
    assert caplog.records == []
    # A line that is not logged costs nothing.
    assert run.infos_made == 0


async def test_outside_of_a_workflow(
    logger: workflow.LoggerAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(workflow._NotInWorkflowEventLoopError):
        logger.info("a line")
    logger.log_during_replay = True
    logger.info("a line", extra={"mine": 1})
    (record,) = caplog.records
    assert record.getMessage() == "a line"
    assert record.__dict__["mine"] == 1
    assert "temporal_workflow" not in record.__dict__


async def test_line_of_the_caller(
    logger: workflow.LoggerAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    def helper() -> None:
        logger.info("helper's own")
        logger.log(logging.INFO, "helper's own")
        logger.warning("helper's caller", stacklevel=2)
        try:
            raise KeyError
        except KeyError:
            logger.exception("helper's own")

    with FakeRun().running():
        helper()
    assert [record.funcName for record in caplog.records] == [
        "helper",
        "helper",
        "test_line_of_the_caller",
        "helper",
    ]
    assert caplog.records[-1].exc_info is not None


class _Watching(logging.Handler):
    """Notes what the sandbox would allow while it handles a record."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[bool, bool]] = []

    def emit(self, record: logging.LogRecord) -> None:
        unsafe = workflow.unsafe
        self.seen.append((unsafe.is_sandbox_unrestricted(), unsafe.is_imports_passed_through()))


async def test_handlers_outside_of_the_sandbox(logger: workflow.LoggerAdapter) -> None:
    handler = _Watching()
    logger.base_logger.addHandler(handler)
    try:
        with FakeRun().running():
            logger.info("inside")
            logger.unsafe_disable_sandbox()
            logger.info("outside")
            logger.unsafe_disable_sandbox(False)
            logger.info("inside")
    finally:
        logger.base_logger.removeHandler(handler)
    assert handler.seen == [(False, False), (True, True), (False, False)]


def test_unsafe_is_a_name_space() -> None:
    with pytest.raises(NotImplementedError):
        workflow.unsafe()


def test_marks_for_the_sandbox() -> None:
    unsafe = workflow.unsafe
    assert not unsafe.in_sandbox()
    assert not unsafe.is_sandbox_unrestricted()
    assert not unsafe.is_imports_passed_through()
    with unsafe.sandbox_unrestricted():
        with unsafe.sandbox_unrestricted():
            assert unsafe.is_sandbox_unrestricted()
        assert unsafe.is_sandbox_unrestricted()
        assert not unsafe.is_imports_passed_through()
        with unsafe.imports_passed_through():
            assert unsafe.is_imports_passed_through()
    assert not unsafe.is_sandbox_unrestricted()
    assert not unsafe.is_imports_passed_through()


def test_marks_end_with_an_exception() -> None:
    with pytest.raises(KeyError), workflow.unsafe.imports_passed_through():
        raise KeyError
    assert not workflow.unsafe.is_imports_passed_through()


def test_imports_pass_through_without_a_sandbox() -> None:
    with workflow.unsafe.imports_passed_through():
        import json
    assert json.loads("1") == 1


def test_marks_belong_to_one_thread() -> None:
    seen: list[bool] = []
    with workflow.unsafe.sandbox_unrestricted():
        thread = threading.Thread(
            target=lambda: seen.append(workflow.unsafe.is_sandbox_unrestricted())
        )
        thread.start()
        thread.join()
    assert seen == [False]


def test_marks_as_decorators() -> None:
    @workflow.unsafe.imports_passed_through()
    def function() -> bool:
        return workflow.unsafe.is_imports_passed_through()

    assert function()
    assert not workflow.unsafe.is_imports_passed_through()


def test_import_notification_policy() -> None:
    unsafe = workflow.unsafe
    policy = workflow.SandboxImportNotificationPolicy
    assert unsafe.current_import_notification_policy_override() is None
    with unsafe.sandbox_import_notification_policy(policy.SILENT):
        with unsafe.sandbox_import_notification_policy(policy.WARN_ON_DYNAMIC_IMPORT):
            assert (
                unsafe.current_import_notification_policy_override()
                == policy.WARN_ON_DYNAMIC_IMPORT
            )
        assert unsafe.current_import_notification_policy_override() == policy.SILENT
    assert unsafe.current_import_notification_policy_override() is None


async def test_replaying_and_read_only() -> None:
    unsafe = workflow.unsafe
    with FakeRun().running() as run:
        assert not unsafe.is_replaying()
        assert not unsafe.is_replaying_history_events()
        assert not unsafe.is_read_only()
        run.replaying = run.replaying_history_events = run.read_only = True
        assert unsafe.is_replaying()
        assert unsafe.is_replaying_history_events()
        assert unsafe.is_read_only()


def test_errors_that_nobody_awaits_are_logged_under_the_known_name() -> None:
    assert _workflow_event_loop.logger.name == "temporalio.worker._workflow_instance"
