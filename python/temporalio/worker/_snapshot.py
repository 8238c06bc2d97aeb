"""A worker as it is at one moment, as plain data."""

from __future__ import annotations

from temporalio._typing import TypedDict


class SlotsSnapshot(TypedDict):
    """Slots of one kind of task."""

    size: int | None
    """How many there are; None where a supplier does not say."""
    used: int
    """How many tasks hold."""
    polling: int
    """How many are held by polls, or for activities that may start eagerly."""
    free: int | None
    """How many nobody holds, if it is known how many there are."""


class PollsSnapshot(TypedDict):
    """Polls that are open for one kind of task."""

    normal: int
    """On the task queue."""
    sticky: int
    """On the worker's own queue, for the runs that it has in its cache."""


class CacheSnapshot(TypedDict):
    """The cache of runs."""

    runs: int
    """Runs that are live."""
    idle_runs: int
    """Runs among them that have no task in hand."""
    waiting_tasks: int
    """Tasks that wait for a place in the cache."""
    evicted: int
    """Runs that have left since the start."""
    abandoned: int
    """Runs whose code could not be ended."""


class ActorSnapshot(TypedDict):
    """One actor of the runtime."""

    name: str
    """What it is. Every worker has each actor once; runs are not listed."""
    state: str
    """``alive`` or ``ended``."""
    waiting: int
    """Messages in its mailbox."""
    handled: int
    """Messages that it was given since the start."""
    restarts: int
    """How often it was made anew after a panic."""


class WorkerSnapshot(TypedDict):
    """A worker as :py:meth:`Worker.snapshot` describes it."""

    state: str
    """``running``, ``draining`` or ``stopped``; also ``running`` before its start."""
    slots: dict[str, SlotsSnapshot]
    """By kind of task: ``workflow``, ``activity``, ``local_activity``."""
    polls: dict[str, PollsSnapshot]
    """By kind of task: ``workflow``, ``activity``."""
    cache: CacheSnapshot
    """The cache of runs."""
    activities_in_flight: int
    """Activities that run, or whose end is being reported."""
    local_activities_queued: int
    """Local activities that wait for a slot."""
    local_activities_backing_off: int
    """Local activities that wait for their next attempt."""
    actors: list[ActorSnapshot]
    """The worker's actors; empty before its start."""


def line_of(snapshot: WorkerSnapshot) -> str:
    """Return the snapshot as one line of text.

    Args:
        snapshot: A snapshot.
    """
    slots = " ".join(
        f"{kind}={counts['used']}/{counts['size'] or '-'}"
        for kind, counts in snapshot["slots"].items()
    )
    polls = " ".join(
        f"{kind}={counts['normal']}+{counts['sticky']}"
        for kind, counts in snapshot["polls"].items()
    )
    cache = snapshot["cache"]
    actors = " ".join(_brief(actor) for actor in snapshot["actors"])
    return (
        f"{snapshot['state']}; slots {slots}; polls {polls}; "
        f"cache runs={cache['runs']} idle={cache['idle_runs']} waiting={cache['waiting_tasks']} "
        f"evicted={cache['evicted']} abandoned={cache['abandoned']}; "
        f"activities {snapshot['activities_in_flight']} in flight, "
        f"{snapshot['local_activities_queued']} local queued, "
        f"{snapshot['local_activities_backing_off']} local backing off; actors {actors or 'none'}"
    )


def _brief(actor: ActorSnapshot) -> str:
    name = actor["name"].replace(" ", "-")
    text = f"{name}={actor['waiting']}/{actor['handled']}"
    if actor["restarts"]:
        text += f"(restarts={actor['restarts']})"
    return text if actor["state"] == "alive" else text + "(ended)"
