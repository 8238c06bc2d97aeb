"""Logging from workflows: no line twice, and each with what it belongs to."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from ._info import Info, current_update_info
from ._runtime import _Runtime
from ._sandbox import unsafe

__all__ = ["LoggerAdapter", "logger"]

if TYPE_CHECKING:
    _Adapter = logging.LoggerAdapter[logging.Logger]
else:
    # Not subscriptable before Python 3.11.
    _Adapter = logging.LoggerAdapter


def _build_log_context(
    workflow_details: Mapping[str, Any] | None,
    update_details: Mapping[str, Any] | None = None,
    *,
    workflow_info_on_message: bool = True,
    workflow_info_on_extra: bool = True,
    full_workflow_info: Info | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what to append to a line's message, and what to add to its ``extra``."""
    details = {**(workflow_details or {}), **(update_details or {})}
    known = workflow_details is not None or update_details is not None
    extra: dict[str, Any] = {}
    if known and workflow_info_on_extra:
        extra["temporal_workflow"] = dict(details)
    if full_workflow_info is not None:
        extra["workflow_info"] = full_workflow_info
    return details if workflow_info_on_message else {}, extra


class LoggerAdapter(_Adapter):
    """Logger for workflow code: silent in replay, and adding what each line belongs to.

    The ``extra`` of a logging call is kept, and wins over what is added here.

    Attributes:
        workflow_info_on_message: Append a dictionary with the workflow's id, run, type and so on,
            and with the update's id and name in its handler, to each message. True by default.
        workflow_info_on_extra: Put the same dictionary on each record as ``temporal_workflow``.
            True by default.
        full_workflow_info_on_extra: Put the whole :py:class:`Info` on each record as
            ``workflow_info``. False by default.
        log_during_replay: Log in replay, too, and outside of workflows. False by default.
        disable_sandbox: Lift the sandbox's restrictions while handlers and formatters run. False by
            default.
    """

    def __init__(self, logger: logging.Logger, extra: Mapping[str, Any] | None) -> None:
        """Wrap a logger.

        Args:
            logger: Where the lines go.
            extra: Kept as :py:attr:`logging.LoggerAdapter.extra`.
        """
        super().__init__(logger, extra or {})
        self.log_during_replay = False
        self.disable_sandbox = False
        self.workflow_info_on_message = True
        self.workflow_info_on_extra = True
        self.full_workflow_info_on_extra = False

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        """Add the workflow and the update, as the attributes say.

        Args:
            msg: Message of the call.
            kwargs: Keyword arguments of the call. Its ``extra`` is replaced.

        Returns:
            The message and the keyword arguments to log with.
        """
        runtime = _Runtime.maybe_current()
        update = current_update_info()
        whole = runtime is not None and self.full_workflow_info_on_extra
        on_message, on_extra = _build_log_context(
            runtime.logger_details if runtime is not None else None,
            update._logger_details if update is not None else None,
            workflow_info_on_message=self.workflow_info_on_message,
            workflow_info_on_extra=self.workflow_info_on_extra,
            full_workflow_info=runtime.workflow_info() if runtime and whole else None,
        )
        kwargs["extra"] = {**on_extra, **(kwargs.get("extra") or {})}
        return f"{msg} ({on_message})" if on_message else msg, kwargs

    def log(self, level: int, msg: object, *args: Any, stacklevel: int = 1, **kwargs: Any) -> None:
        """Log one line, outside of the sandbox where :py:attr:`disable_sandbox` says so.

        Args:
            level: Level of the line, such as ``logging.INFO``.
            msg: Message, with ``%`` placeholders for ``args``.
            args: Values of the placeholders.
            stacklevel: Which caller the line names: 1, the default, is the direct one.
            kwargs: ``exc_info``, ``stack_info`` and ``extra``, as in :py:mod:`logging`.

        Raises:
            temporalio.exceptions.TemporalError: Called outside of a workflow, where there is no
                telling whether it replays, without :py:attr:`log_during_replay`.
        """
        # This method is a caller too, to be passed over. Python 3.10 counts the frames of the
        # logging package as well, unless it has already reached the user's.
        stacklevel += 1
        if sys.version_info < (3, 11):
            stacklevel = max(stacklevel, 3)
        with ExitStack() as lifted:
            if self.disable_sandbox:
                lifted.enter_context(unsafe.sandbox_unrestricted())
                lifted.enter_context(unsafe.imports_passed_through())
            super().log(level, msg, *args, stacklevel=stacklevel, **kwargs)

    def isEnabledFor(self, level: int) -> bool:
        """Return whether a line of this level would be logged now; False in replay.

        Args:
            level: Level of the line, such as ``logging.INFO``.

        Raises:
            temporalio.exceptions.TemporalError: Called outside of a workflow without
                :py:attr:`log_during_replay`.
        """
        if not self.log_during_replay and unsafe.is_replaying_history_events():
            return False
        return super().isEnabledFor(level)

    @property
    def base_logger(self) -> logging.Logger:
        """The wrapped logger, on which handlers, levels and filters are set."""
        return self.logger

    def unsafe_disable_sandbox(self, value: bool = True) -> None:
        """Set :py:attr:`disable_sandbox`.

        Args:
            value: Whether to lift the restrictions. True by default.
        """
        self.disable_sandbox = value


logger = LoggerAdapter(logging.getLogger("temporalio.workflow"), None)
"""The logger for workflow code: silent in replay, and adding what each line belongs to."""
