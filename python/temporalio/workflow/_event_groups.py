"""The ``event_groups`` option, which public signatures have and which cannot be used yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from temporalio._typing import Never

# There is nothing to put in. Not Sequence[Any]: an Any within ActivityConfig makes mypy take the
# result of a call with ``**config`` for Any.
EventGroups: TypeAlias = Sequence[Never]


def refuse_event_groups(event_groups: Sequence[Any] | None) -> None:
    """Refuse to drop event groups silently.

    Raises:
        NotImplementedError: Any were given.
    """
    if event_groups:
        raise NotImplementedError("event groups are not supported: leave event_groups unset")
