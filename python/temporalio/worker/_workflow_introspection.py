"""The queries that every run answers: what its tasks wait for, and what it can be asked."""

from __future__ import annotations

import asyncio
import os.path
import traceback
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

import temporalio.api
import temporalio.service
import temporalio.workflow
from temporalio.workflow._handler_definitions import (
    _QueryDefinition,
    _SignalDefinition,
    _UpdateDefinition,
)

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl

_OWN_CODE = os.path.dirname(__file__)

_Place = tuple[CodeType, int]


class Introspection:
    """Tells those who look at a run from outside what is going on in it."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Tell of ``run``."""
        self._run = run

    @classmethod
    def queries(cls, run: _WorkflowInstanceImpl) -> Iterator[_QueryDefinition]:
        """Return the queries of a run, as handlers like any other: workflow code may replace them."""
        self = cls(run)
        yield self._query("__stack_trace", self.stack_trace, str)
        yield self._query(
            "__enhanced_stack_trace",
            self.enhanced_stack_trace,
            temporalio.api.sdk.v1.EnhancedStackTrace,
        )
        yield self._query(
            "__temporal_workflow_metadata", self.metadata, temporalio.api.sdk.v1.WorkflowMetadata
        )

    @staticmethod
    def _query(name: str, answer: Any, kind: type) -> _QueryDefinition:
        return _QueryDefinition(name=name, fn=answer, is_method=False, arg_types=[], ret_type=kind)

    def stack_trace(self) -> str:
        """Return where each task stands, outermost call first."""
        return "\n\n".join(
            f"Stack for {task!r} (most recent call last):\n" + "\n".join(_written(_stack(task)))
            for task in list(self._run.event_loop.tasks)
        )

    def enhanced_stack_trace(self) -> temporalio.api.sdk.v1.EnhancedStackTrace:
        """Return where each task stands, with the source files."""
        version = temporalio.service.__version__
        trace = temporalio.api.sdk.v1.EnhancedStackTrace(
            sdk=temporalio.api.sdk.v1.StackTraceSDKInfo(name="sdk-python", version=version)
        )
        # Reading files is nothing that a sandbox lets workflow code do.
        with temporalio.workflow.unsafe.sandbox_unrestricted():
            for task in list(self._run.event_loop.tasks):
                places = list(_stack(task))
                trace.stacks.append(
                    temporalio.api.sdk.v1.StackTrace(
                        locations=[_location(place) for place in places]
                    )
                )
                for code, _ in places:
                    if code.co_filename not in trace.sources:
                        trace.sources[code.co_filename].CopyFrom(_source(code.co_filename))
        return trace

    def metadata(self) -> temporalio.api.sdk.v1.WorkflowMetadata:
        """Return the handlers that there are now, and what the workflow says about itself."""
        handlers = self._run.handlers
        definition = temporalio.api.sdk.v1.WorkflowDefinition(
            type=self._run.info.workflow_type,
            query_definitions=_described(handlers.queries.values()),
            signal_definitions=_described(handlers.signals.values()),
            update_definitions=_described(handlers.updates.values()),
        )
        details = self._run.runtime.workflow_get_current_details()
        return temporalio.api.sdk.v1.WorkflowMetadata(
            definition=definition, current_details=details
        )


def _described(
    handlers: Iterable[_QueryDefinition | _SignalDefinition | _UpdateDefinition],
) -> list[temporalio.api.sdk.v1.WorkflowInteractionDefinition]:
    """Return name and description of each handler by name; the dynamic one has an empty name."""
    described = [
        temporalio.api.sdk.v1.WorkflowInteractionDefinition(
            name=one.name or "", description=one.description or ""
        )
        for one in handlers
    ]
    return sorted(described, key=lambda one: one.name)


def _stack(task: asyncio.Task[Any]) -> list[_Place]:
    """Return where a task stands, without the worker's own code around that of the workflow."""
    stack = list(_places(task.get_coro()))
    users = [place for place in stack if not place[0].co_filename.startswith(_OWN_CODE)]
    return users or stack


def _places(awaited: Any) -> Iterator[_Place]:
    """Follow a coroutine to what it awaits, and on: asyncio shows the outermost one only."""
    while awaited is not None:
        for kind in ("cr", "gi", "ag"):
            frame: FrameType | None = getattr(awaited, f"{kind}_frame", None)
            if frame is not None:
                yield frame.f_code, frame.f_lineno
                awaited = getattr(awaited, f"{kind}_await", None) or getattr(
                    awaited, f"{kind}_yieldfrom", None
                )
                break
        else:
            return


def _written(stack: list[_Place]) -> list[str]:
    return traceback.format_list(
        [
            traceback.FrameSummary(code.co_filename, line_number, code.co_name)
            for code, line_number in stack
        ]
    )


def _location(place: _Place) -> temporalio.api.sdk.v1.StackTraceFileLocation:
    code, line_number = place
    return temporalio.api.sdk.v1.StackTraceFileLocation(
        file_path=code.co_filename, line=line_number, column=-1, function_name=code.co_name
    )


def _source(path: str) -> temporalio.api.sdk.v1.StackTraceFileSlice:
    try:
        with open(path) as file:
            content = file.read()
    except OSError as error:
        content = f"Cannot access code.\n---\n{error.strerror}"
    except UnicodeDecodeError as error:
        content = f"Cannot decode code.\n---\n{error}"
    return temporalio.api.sdk.v1.StackTraceFileSlice(line_offset=0, content=content)
