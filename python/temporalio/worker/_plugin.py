"""What a plugin of workers and replayers can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import WorkflowHistory
    from ._options import WorkerConfig
    from ._replayer import Replayer, ReplayerConfig, WorkflowReplayResult
    from ._worker import Worker


class Plugin(ABC):
    """Changes how workers and replayers are made and wraps what they do.

    One that is a :py:class:`temporalio.client.Plugin` as well is given to the client only: workers of
    that client apply it by themselves.
    """

    def name(self) -> str:
        """What to call the plugin in messages; by default its class with its module."""
        return f"{type(self).__module__}.{type(self).__qualname__}"

    @abstractmethod
    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Return the configuration of a worker that is being made.

        Called once for each worker, plugin after plugin in their order, before anything is checked.

        Args:
            config: All arguments of the worker, as the plugins before have left them. It may be
                changed in place and returned. What is left out of the answer has its default.
        """

    @abstractmethod
    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        """Run a worker from its first call of the server to its end.

        Args:
            worker: The worker.
            next: Runs the worker by way of the plugins that stand later in the list. Returns when the
                worker has stopped, and raises what has stopped it.
        """

    @abstractmethod
    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        """Return the configuration of a replayer that is being made.

        Should bring about for workflows what :py:meth:`configure_worker` and a client plugin do.

        Args:
            config: All arguments of the replayer but its plugins, to be treated likewise.
        """

    @abstractmethod
    def run_replayer(
        self,
        replayer: Replayer,
        histories: AsyncIterator[WorkflowHistory],
        next: Callable[
            [Replayer, AsyncIterator[WorkflowHistory]],
            AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]],
        ],
    ) -> AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]:
        """Replay histories. All methods of a replayer come by here.

        Args:
            replayer: The replayer.
            histories: The histories, asked for one by one.
            next: Replays by way of the plugins that stand later in the list.

        Returns:
            A context manager around an iterator over the results, such as ``next`` returns.
        """
