"""Shared state that a manager of ``multiprocessing`` holds in its own process.

There is no queue. The newest details of each attempt stand in a dictionary there, which the activity
overwrites; an event tells the worker to look. So no sender ever waits for a reader, nothing piles up, and
an activity that sends without pause has no more of the reader's time than one that sends rarely. What a
killed process has left half done ends with its connection, on a thread of the manager's process.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import pickle
import threading
from collections.abc import Callable
from functools import lru_cache
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any, TypeAlias

from ..activity import ActivityCancellationDetails
from ._daemon_thread import _DaemonThread
from ._shared_state import SharedHeartbeatSender, SharedStateManager

if TYPE_CHECKING:
    from multiprocessing.managers import DictProxy, SyncManager

    # Newest details by task token; why attempts are cancelled; set after each heartbeat.
    _Shared: TypeAlias = tuple[
        DictProxy[bytes, bytes], DictProxy[bytes, ActivityCancellationDetails], threading.Event
    ]

logger = logging.getLogger("temporalio.worker")

# How long the manager's process may take to answer, before a worker goes on without.
_ANSWER_SECONDS = 10.0


class _MultiprocessingStateManager(SharedStateManager):
    def __init__(
        self, mgr: SyncManager, poller_executor: concurrent.futures.Executor | None
    ) -> None:
        self._mgr = mgr
        self._shared: _Shared = (mgr.dict(), mgr.dict(), mgr.Event())
        self._reference = bytes(ForkingPickler.dumps(self._shared))
        self._has_own_poller = poller_executor is None
        self._poller = poller_executor or _DaemonThread("temporal_heartbeat_poller")
        # For calls into the manager's process that the event loop must not wait for.
        self._courier = _DaemonThread("temporal_shared_state")
        self._lock = threading.Lock()
        # These three under the lock.
        self._mailboxes: dict[bytes, _Mailbox] = {}
        self._workers = 0
        self._polling: concurrent.futures.Future[None] | None = None

    def new_event(self) -> threading.Event:
        return self._mgr.Event()

    async def register_heartbeater(
        self, task_token: bytes, heartbeat: Callable[..., None]
    ) -> SharedHeartbeatSender:
        with self._lock:
            if self._polling is None or self._polling.done():
                self._polling = self._poller.submit(self._poll)
            self._mailboxes[task_token] = _Mailbox(task_token, heartbeat)
        return _MultiprocessingHeartbeatSender(self._reference)

    async def unregister_heartbeater(self, task_token: bytes) -> None:
        """See the base class.

        Raises:
            KeyError: There is no such attempt.
        """
        mailbox = self._mailboxes[task_token]
        await self._have_done(
            self._settle, mailbox, otherwise="The last heartbeat of an activity may be missing"
        )
        with self._lock:
            unused = not self._workers and not self._mailboxes
        if unused:
            self._courier.shutdown(wait=False)
            if self._has_own_poller:
                self._poller.shutdown(wait=False)

    async def _have_done(self, call: Callable[..., None], *args: Any, otherwise: str) -> None:
        """Make a call into the manager's process, and say what follows if it is not answered."""
        done = asyncio.get_running_loop().run_in_executor(self._courier, call, *args)
        await asyncio.wait([done], timeout=_ANSWER_SECONDS)
        if not done.done():
            logger.warning(
                "%s: the multiprocessing manager has not answered in %g s",
                otherwise,
                _ANSWER_SECONDS,
            )
        elif (error := done.exception()) is not None:
            logger.warning(
                "%s: the multiprocessing manager cannot be reached", otherwise, exc_info=error
            )

    def _settle(self, mailbox: _Mailbox) -> None:
        """Hand over what an attempt has left, and forget it."""
        latest, reasons, changed = self._shared
        try:
            mailbox.empty(latest)
            if mailbox.cancelled:
                reasons.pop(mailbox.task_token, None)
        finally:
            with self._lock:
                del self._mailboxes[mailbox.task_token]
                needed = self._is_poller_needed()
        if not needed:
            changed.set()

    def _is_poller_needed(self) -> bool:
        # A thread that users lend is given back whenever nothing can come.
        return bool(self._mailboxes) or (self._has_own_poller and self._workers > 0)

    def _poll(self) -> None:
        """Hand heartbeats over until nobody can send any."""
        latest, _, changed = self._shared
        try:
            while self._goes_on():
                changed.wait()
                # Before looking: whoever sends from here on sets it again.
                changed.clear()
                for task_token in latest.keys():
                    self._hand_over(task_token)
        except Exception:
            with self._lock:
                self._polling = None
            logger.exception(
                "No more heartbeats of activities in other processes: the multiprocessing manager "
                "cannot be reached"
            )

    def _goes_on(self) -> bool:
        with self._lock:
            if self._is_poller_needed():
                return True
            # In the same step as the decision: who registers from here on starts a new one.
            self._polling = None
            return False

    def _hand_over(self, task_token: bytes) -> None:
        latest = self._shared[0]
        mailbox = self._mailboxes.get(task_token)
        if mailbox is None:
            # From something that an activity has left behind.
            latest.pop(task_token, None)
        else:
            mailbox.empty(latest)

    def _enter(self) -> None:
        with self._lock:
            self._workers += 1

    async def _leave(self) -> None:
        with self._lock:
            self._workers -= 1
            polling = self._polling
            if self._workers or self._mailboxes:
                return
        if polling is not None:
            await self._have_done(
                self._shared[2].set, otherwise="A thread that waits for heartbeats is left behind"
            )
            await asyncio.wait([asyncio.wrap_future(polling)], timeout=_ANSWER_SECONDS)
        if self._has_own_poller:
            self._poller.shutdown(wait=polling is None or polling.done())
        await self._courier.finish(_ANSWER_SECONDS)

    def _cancellation_details_of(self, task_token: bytes) -> _SharedCancellationDetails:
        return _SharedCancellationDetails(self._reference, task_token)

    def _share_cancellation_details(
        self, task_token: bytes, details: ActivityCancellationDetails | None
    ) -> None:
        mailbox = self._mailboxes.get(task_token)
        if mailbox is not None and details is not None:
            mailbox.cancelled = True
            self._shared[1][task_token] = details


class _Mailbox:
    """Where the heartbeats of one attempt arrive."""

    def __init__(self, task_token: bytes, heartbeat: Callable[..., None]) -> None:
        self.task_token = task_token
        self.cancelled = False
        self._heartbeat = heartbeat
        # From the taking to the handing over, so that no older heartbeat comes after a newer one.
        self._lock = threading.Lock()

    def empty(self, latest: DictProxy[bytes, bytes]) -> None:
        """Hand over the newest details, if there are any."""
        with self._lock:
            pickled = latest.pop(self.task_token, None)
            if pickled is None:
                return
            try:
                self._heartbeat(*pickle.loads(pickled))
            except Exception:
                # The heartbeats of the others go on.
                logger.exception("Failed recording a heartbeat of an activity in another process")


class _MultiprocessingHeartbeatSender(SharedHeartbeatSender):
    def __init__(self, reference: bytes) -> None:
        self._reference = reference

    def send_heartbeat(self, task_token: bytes, *details: Any) -> None:
        # Pickled here, so that the manager's process need not know the classes.
        pickled = bytes(ForkingPickler.dumps(details))
        latest, _, changed = _shared_of(self._reference)
        latest[task_token] = pickled
        changed.set()


class _SharedCancellationDetails:
    """Looks the details up when somebody asks."""

    def __init__(self, reference: bytes, task_token: bytes) -> None:
        self._reference = reference
        self._task_token = task_token

    @property
    def details(self) -> ActivityCancellationDetails | None:
        return _shared_of(self._reference)[1].get(self._task_token)


@lru_cache(maxsize=8)
def _shared_of(reference: bytes) -> _Shared:
    # Unpickling connects to the manager, so this is done once in a process, and only when it is asked for.
    shared: _Shared = pickle.loads(reference)
    return shared
