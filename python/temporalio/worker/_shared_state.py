"""What a worker shares with activities that run in other processes."""

from __future__ import annotations

import concurrent.futures
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..activity import (
    ActivityCancellationDetails,
    _ActivityCancellationDetailsHolder,
    _CancellationDetailsSource,
)

if TYPE_CHECKING:
    import multiprocessing.managers


class _WorkerSide:
    """What a worker asks of a manager beyond the public methods.

    Managers of users know nothing of it: their activities do not learn why they are cancelled.
    """

    def _enter(self) -> None:
        """A worker begins to use this manager."""

    async def _leave(self) -> None:
        """A worker that has entered is done."""

    def _cancellation_details_of(self, task_token: bytes) -> _CancellationDetailsSource:
        """Give what tells an attempt why it is cancelled; it can be pickled."""
        return _ActivityCancellationDetailsHolder()

    def _share_cancellation_details(
        self, task_token: bytes, details: ActivityCancellationDetails | None
    ) -> None:
        """Have the source for this attempt give these details. Called on a thread of the worker's."""


class SharedStateManager(_WorkerSide, ABC):
    """Makes what reaches from a worker into other processes, in which its activities run.

    One manager can serve any number of workers. :py:meth:`create_from_multiprocessing` gives one that is
    made of the standard library's means.
    """

    @staticmethod
    def create_from_multiprocessing(
        mgr: multiprocessing.managers.SyncManager,
        queue_poller_executor: concurrent.futures.Executor | None = None,
    ) -> SharedStateManager:
        """Make a manager whose events and heartbeats go through a manager of ``multiprocessing``.

        Args:
            mgr: A running manager, as :py:func:`multiprocessing.Manager` returns it. It must run for as
                long as workers use it, and is not shut down here.
            queue_poller_executor: Where the one call runs that waits for heartbeats while there are
                activities that may send some. It needs a thread of its own in there, so this should be
                a ``ThreadPoolExecutor`` with one to spare. By default a thread is started for it, which
                ends with the last worker.

        Returns:
            The manager, for ``shared_state_manager`` of :py:class:`Worker`.
        """
        from ._shared_state_multiprocessing import _MultiprocessingStateManager

        return _MultiprocessingStateManager(mgr, queue_poller_executor)

    @abstractmethod
    def new_event(self) -> threading.Event:
        """Make an event that can be pickled, and set, read and awaited in any process.

        A worker calls this, and ``set`` of what it returns, on a thread of its own.
        """
        raise NotImplementedError

    @abstractmethod
    async def register_heartbeater(
        self, task_token: bytes, heartbeat: Callable[..., None]
    ) -> SharedHeartbeatSender:
        """Begin to take the heartbeats of one attempt.

        Args:
            task_token: Identifies the attempt; no other one has it.
            heartbeat: To be called with the details of each heartbeat, from any thread. Returns at once.

        Returns:
            What sends heartbeats of this attempt; it can be pickled.
        """
        raise NotImplementedError

    @abstractmethod
    async def unregister_heartbeater(self, task_token: bytes) -> None:
        """End what :py:meth:`register_heartbeater` has begun.

        Heartbeats that were sent before are handed over before this returns.

        Args:
            task_token: Identifies the attempt.
        """
        raise NotImplementedError


class SharedHeartbeatSender(ABC):
    """Sends heartbeats from another process. Can be pickled."""

    @abstractmethod
    def send_heartbeat(self, task_token: bytes, *details: Any) -> None:
        """Send a heartbeat.

        Args:
            task_token: Identifies the attempt.
            details: What the activity has given.
        """
        raise NotImplementedError
