"""A workflow run on a plain asyncio loop, for what this package does before it reaches a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import (
    MetricMeter,
    Priority,
    SearchAttributes,
    SearchAttributeUpdate,
    TypedSearchAttributes,
    WorkerDeploymentVersion,
)

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def make_info(**changes: Any) -> workflow.Info:
    """Return the info of a run in which every fact is told apart from the others."""
    facts: dict[str, Any] = {
        "attempt": 2,
        "continued_run_id": None,
        "cron_schedule": None,
        "execution_timeout": None,
        "first_execution_run_id": "first",
        "headers": {},
        "namespace": "a namespace",
        "original_execution_run_id": "original",
        "parent": workflow.ParentInfo(namespace="of parent", run_id="r", workflow_id="parent"),
        "root": workflow.RootInfo(run_id="r", workflow_id="root"),
        "priority": Priority.default,
        "raw_memo": {},
        "retry_policy": None,
        "run_id": "a run",
        "run_timeout": None,
        "search_attributes": {},
        "start_time": EPOCH,
        "task_queue": "a queue",
        "task_timeout": timedelta(seconds=10),
        "typed_search_attributes": TypedSearchAttributes.empty,
        "workflow_id": "an id",
        "workflow_start_time": EPOCH,
        "workflow_type": "a type",
    }
    return workflow.Info(**{**facts, **changes})


class ContinuedAsNew(workflow.ContinueAsNewError):
    """What a worker would raise."""


class FakeRun(workflow._Runtime):
    """Answers with its attributes, and keeps the calls that would become commands."""

    def __init__(self) -> None:
        super().__init__()
        self.info = make_info()
        self.infos_made = 0
        self.instance = object()
        self.nanoseconds = 1_700_000_000_123_456_789
        self.seed = 42
        self.generator = Random(42)
        self.seed_callbacks: list[Callable[[int], None]] = []
        self.replaying = False
        self.replaying_history_events = False
        self.read_only = False
        self.details = ""
        self.memo: dict[str, Any] = {}
        self.handlers: dict[tuple[str, str | None], Any] = {}
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    @contextmanager
    def running(self) -> Iterator[FakeRun]:
        """Make this the run of the running loop."""
        loop = asyncio.get_running_loop()
        workflow._Runtime.set_on_loop(loop, self)
        try:
            yield self
        finally:
            workflow._Runtime.set_on_loop(loop, None)

    def reseed(self, seed: int) -> None:
        self.seed = seed
        self.generator.seed(seed)
        for callback in self.seed_callbacks:
            callback(seed)

    def _called(self, name: str, *args: Any, **options: Any) -> None:
        self.calls.append((name, args, options))

    def workflow_info(self) -> workflow.Info:
        self.infos_made += 1
        return self.info

    def workflow_instance(self) -> Any:
        return self.instance

    def workflow_extern_functions(self) -> Mapping[str, Callable[..., Any]]:
        return {"double": lambda value: value * 2}

    def workflow_time_ns(self) -> int:
        return self.nanoseconds

    def workflow_is_replaying(self) -> bool:
        return self.replaying

    def workflow_is_replaying_history_events(self) -> bool:
        return self.replaying_history_events

    def workflow_is_read_only(self) -> bool:
        return self.read_only

    def workflow_get_current_build_id(self) -> str:
        return "build"

    def workflow_get_current_deployment_version(self) -> WorkerDeploymentVersion | None:
        return WorkerDeploymentVersion(deployment_name="deployment", build_id="build")

    def workflow_get_current_history_length(self) -> int:
        return 17

    def workflow_get_current_history_size(self) -> int:
        return 1700

    def workflow_is_continue_as_new_suggested(self) -> bool:
        return True

    def workflow_is_target_worker_deployment_version_changed(self) -> bool:
        return True

    def workflow_random(self) -> Random:
        return self.generator

    def workflow_random_seed(self) -> int:
        return self.seed

    def workflow_register_random_seed_callback(self, callback: Callable[[int], None]) -> None:
        self.seed_callbacks.append(callback)

    def workflow_payload_converter(self) -> Any:
        return "a converter"

    def workflow_metric_meter(self) -> MetricMeter:
        return MetricMeter.noop

    def workflow_memo(self) -> Mapping[str, Any]:
        return self.memo

    def workflow_memo_value(self, key: str, default: Any, *, type_hint: type[Any] | None) -> Any:
        self._called("memo_value", key, default, type_hint=type_hint)
        return self.memo.get(key, default)

    def workflow_get_current_details(self) -> str:
        return self.details

    def workflow_set_current_details(self, details: str) -> None:
        self.details = details

    def workflow_has_last_completion_result(self) -> bool:
        return True

    def workflow_last_completion_result(self, type_hint: type[Any] | None) -> Any | None:
        return ("the last result", type_hint)

    def workflow_last_failure(self) -> BaseException | None:
        return KeyError("the last failure")

    def workflow_cancellation_reason(self) -> str | None:
        return "no longer needed"

    def workflow_is_failure_exception(self, err: BaseException) -> bool:
        return isinstance(err, KeyError)

    def workflow_get_signal_handler(self, name: str | None) -> Callable[..., Any] | None:
        return self.handlers.get(("signal", name))

    def workflow_set_signal_handler(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> None:
        self.handlers["signal", name] = handler

    def workflow_get_query_handler(self, name: str | None) -> Callable[..., Any] | None:
        return self.handlers.get(("query", name))

    def workflow_set_query_handler(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> None:
        self.handlers["query", name] = handler

    def workflow_get_update_handler(self, name: str | None) -> Callable[..., Any] | None:
        return self.handlers.get(("update", name))

    def workflow_get_update_validator(self, name: str | None) -> Callable[..., Any] | None:
        return self.handlers.get(("validator", name))

    def workflow_set_update_handler(
        self,
        name: str | None,
        handler: Callable[..., Any] | None,
        validator: Callable[..., Any] | None,
    ) -> None:
        self.handlers["update", name] = handler
        self.handlers["validator", name] = validator

    def workflow_all_handlers_finished(self) -> bool:
        return False

    def workflow_patch(self, id: str, *, deprecated: bool) -> bool:
        self._called("patch", id, deprecated=deprecated)
        return True

    async def workflow_sleep(self, duration: float, **options: Any) -> None:
        self._called("sleep", duration, **options)

    async def workflow_wait_condition(self, fn: Callable[[], bool], **options: Any) -> None:
        self._called("wait_condition", fn, **options)

    def workflow_start_activity(
        self, activity: Any, *args: Any, **options: Any
    ) -> workflow.ActivityHandle[Any]:
        self._called("start_activity", activity, *args, **options)
        return workflow.ActivityHandle(self._result())

    def workflow_start_local_activity(
        self, activity: Any, *args: Any, **options: Any
    ) -> workflow.ActivityHandle[Any]:
        self._called("start_local_activity", activity, *args, **options)
        return workflow.ActivityHandle(self._result())

    async def _result(self) -> str:
        return "the result"

    async def workflow_start_child_workflow(
        self, workflow_type: Any, *args: Any, **options: Any
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        self._called("start_child_workflow", workflow_type, *args, **options)

        async def result() -> str:
            return "the result"

        return workflow.ChildWorkflowHandle(result())

    def workflow_get_external_workflow_handle(
        self, id: str, *, run_id: str | None
    ) -> workflow.ExternalWorkflowHandle[Any]:
        self._called("get_external_workflow_handle", id, run_id=run_id)
        return workflow.ExternalWorkflowHandle()

    def workflow_upsert_search_attributes(
        self, attributes: SearchAttributes | Sequence[SearchAttributeUpdate[Any]]
    ) -> None:
        self._called("upsert_search_attributes", attributes)

    def workflow_upsert_memo(self, updates: Mapping[str, Any]) -> None:
        self._called("upsert_memo", updates)

    def workflow_continue_as_new(
        self,
        *args: Any,
        search_attributes: SearchAttributes | TypedSearchAttributes | None,
        **options: Any,
    ) -> NoReturn:
        self._called("continue_as_new", *args, search_attributes=search_attributes, **options)
        raise ContinuedAsNew
