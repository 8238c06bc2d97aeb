"""Changing the code of workflows that are running."""

from __future__ import annotations

from ._event_groups import EventGroups, refuse_event_groups
from ._runtime import _Runtime

__all__ = ["deprecate_patch", "patched"]


def patched(id: str, *, event_groups: EventGroups | None = None) -> bool:
    """Tell whether the workflow may take a way that its code did not have before.

    The first answer for an id holds for the rest of the run. Where it is True, a marker in the
    history says so, and the search attribute ``TemporalChangeVersion`` gets the id.

    Args:
        id: Name of the change. One change may be asked for in several places.
        event_groups: Not supported; leave it unset.

    Returns:
        True in a new place of a run, and in replay where history holds the marker. False in replay
        of what ran before the change, and where the worker's ``patch_activation_callback`` says so.

    Raises:
        temporalio.workflow.ReadOnlyContextError: Called in a query, a validator or the like.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    return _Runtime.current().workflow_patch(id, deprecated=False)


def deprecate_patch(id: str, *, event_groups: EventGroups | None = None) -> None:
    """Say that a change is everywhere, and that the old way is gone from the code.

    It stands where :py:func:`patched` stood, until no history with that marker will be replayed
    any more; then it can go as well.

    Args:
        id: Name of the change.
        event_groups: Not supported; leave it unset.

    Raises:
        temporalio.workflow.ReadOnlyContextError: Called in a query, a validator or the like.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    _Runtime.current().workflow_patch(id, deprecated=True)
