"""Changing what the server shows of the running workflow: search attributes and memo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import temporalio.common

from ._event_groups import EventGroups, refuse_event_groups
from ._runtime import _Runtime

__all__ = ["upsert_memo", "upsert_search_attributes"]


def upsert_search_attributes(
    attributes: temporalio.common.SearchAttributes
    | Sequence[temporalio.common.SearchAttributeUpdate[Any]],
    *,
    event_groups: EventGroups | None = None,
) -> None:
    """Set or remove some of the workflow's search attributes, and leave the others alone.

    :py:func:`info` shows the change at once.

    Args:
        attributes: What ``value_set`` and ``value_unset`` of search attribute keys return. Without
            any, nothing happens. The dictionary form, in which an empty list removes an attribute,
            is deprecated: it knows no types.
        event_groups: Not supported; leave it unset.

    Raises:
        TypeError: A value is not of its key's type.
        ValueError: A time has no time zone.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    if not attributes:
        return
    temporalio.common._warn_on_deprecated_search_attributes(attributes)
    _Runtime.current().workflow_upsert_search_attributes(attributes)


def upsert_memo(updates: Mapping[str, Any], *, event_groups: EventGroups | None = None) -> None:
    """Set or remove some values of the workflow's memo, and leave the others alone.

    :py:func:`memo` and :py:func:`memo_value` show the change at once.

    Args:
        updates: New values by name; None removes a value, whether or not there is one. Without any,
            nothing happens.
        event_groups: Not supported; leave it unset.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    _Runtime.current().workflow_upsert_memo(updates)
