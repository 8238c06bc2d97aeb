"""The logger that knows which activity is running."""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from ._context import _Context, _current_context

if TYPE_CHECKING:
    _Adapter = logging.LoggerAdapter[logging.Logger]
else:
    # Not subscriptable before Python 3.11.
    _Adapter = logging.LoggerAdapter


class LoggerAdapter(_Adapter):
    """Adds what identifies the running activity to each record. Outside of activities it adds nothing.

    Attributes:
        activity_info_on_message: Append the details to the message. On by default.
        activity_info_on_extra: Put the details under ``temporal_activity`` of the record. On by default.
        full_activity_info_on_extra: Put the whole :py:class:`Info` under ``activity_info`` of the record.
            Off by default.
    """

    activity_info_on_message: bool = True
    activity_info_on_extra: bool = True
    full_activity_info_on_extra: bool = False

    def __init__(self, logger: logging.Logger, extra: Mapping[str, Any] | None) -> None:
        """Wrap a logger.

        Args:
            logger: Where the records go.
            extra: Kept as the base class keeps it.
        """
        super().__init__(logger, {} if extra is None else dict(extra))

    def process(
        self,
        msg: Any,
        kwargs: MutableMapping[str, Any],
    ) -> tuple[Any, MutableMapping[str, Any]]:
        """Add the details of the activity; called by the base class for each record."""
        context = _current_context.get(None)
        if context is None:
            return msg, kwargs
        additions = self._additions(context)
        if additions:
            # The caller's own dictionary stays as it is.
            kwargs["extra"] = {**(kwargs.get("extra") or {}), **additions}
        if self.activity_info_on_message:
            msg = f"{msg} ({context.logger_details})"
        return msg, kwargs

    def _additions(self, context: _Context) -> dict[str, Any]:
        additions: dict[str, Any] = {}
        if self.activity_info_on_extra:
            additions["temporal_activity"] = context.logger_details
        if self.full_activity_info_on_extra:
            additions["activity_info"] = context.info()
        return additions

    @property
    def base_logger(self) -> logging.Logger:
        """The wrapped logger, for adding handlers and formatters."""
        return self.logger


logger = LoggerAdapter(logging.getLogger("temporalio.activity"), None)
