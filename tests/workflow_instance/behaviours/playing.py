"""How behaviours are played and observed, on any package with this API."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    WorkflowInboundInterceptor,
)

from ..simulation import SECOND, Job, Run

_TIMEOUT = timedelta(seconds=30)


@dataclass
class Behaviour:
    """Jobs given in advance, one list for each activation, and how the worker is set up."""

    name: str
    workflow: type
    activations: list[list[Job]]
    args: list[Any] = field(default_factory=list)
    interceptors: list[type[WorkflowInboundInterceptor]] = field(default_factory=list)
    failure_types: list[type[BaseException]] = field(default_factory=list)
    patch_callback: Callable[[Any], Any] | None = None
    replaying: tuple[int, ...] = ()
    """Numbers of the activations that are replayed, from 0."""
    flags: tuple[int, ...] = ()
    """Behaviours that history has on record."""
    default_flags: tuple[int, ...] = ()
    """Behaviours that new tasks use unasked."""

    def play(self, run: Run) -> list[Any]:
        """Return what each activation led to, up to the first failed task."""
        played: list[Any] = []
        with Observed() as observed:
            for number, jobs in enumerate(self.activations):
                commands, flags = run.activate(
                    jobs,
                    time_ns=(1_700_000_000 + number) * SECOND,
                    replaying=number in self.replaying,
                    flags=list(self.flags),
                )
                played.append([commands, flags, observed.take()])
                if commands and commands[0][0] == "task_failed":
                    break
        return played


class Observed(logging.Handler):
    """Collects log lines of the package and warnings, without the words that are each one's own."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._lines: list[list[Any]] = []

    def __enter__(self) -> Observed:
        self._catcher = warnings.catch_warnings(record=True)
        self._warnings: list[Any] = self._catcher.__enter__() or []
        warnings.simplefilter("always")
        logger = logging.getLogger("temporalio")
        self._level = logger.level
        logger.setLevel(logging.INFO)
        logger.addHandler(self)
        return self

    def __exit__(self, *args: Any) -> None:
        logger = logging.getLogger("temporalio")
        logger.removeHandler(self)
        logger.setLevel(self._level)
        self._catcher.__exit__(*args)

    def emit(self, record: logging.LogRecord) -> None:
        details = getattr(record, "temporal_workflow", None)
        kind = getattr(record, "__temporal_error_identifier", None)
        raised = record.exc_info[1] if record.exc_info else None
        message = record.getMessage()
        if "Exception in callback" in message or "never retrieved" in message:
            # The rest is where things stand in memory and on disk.
            message = message.split("\n")[0].split(" at ")[0]
        if "was destroyed but it is pending" in message:
            # The official package tells of a task that it refused to start.
            return
        self._lines.append(
            [
                "log",
                record.name,
                record.levelname,
                message,
                details and dict(details),
                kind,
                raised and [type(raised).__name__, str(raised)],
            ]
        )

    def take(self) -> list[Any]:
        """Return what was observed since the last time."""
        lines, self._lines = self._lines, []
        for warning in self._warnings:
            text = str(warning.message)
            # The advice is in each package's own words, the code and the handlers are not.
            named = "[{" in text and text[text.index("[{") :]
            code = text.startswith("[TMPRL") and text.split("]")[0] + "]"
            said = [code, named] if code else text
            lines.append(["warning", warning.category.__name__, said])
        self._warnings.clear()
        return lines


def start(name: str, *args: Any, **options: Any) -> workflow.ActivityHandle[Any]:
    """Start an activity that none of these tests runs."""
    return workflow.start_activity(name, args=args, start_to_close_timeout=_TIMEOUT, **options)


def attempt(action: Callable[[], Any]) -> str:
    """Return in a word what an action raises."""
    try:
        return f"fine: {action()}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
