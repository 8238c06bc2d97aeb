"""Plugins for what most plugins need: :py:class:`SimplePlugin` takes it as arguments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, TypeAlias, TypeVar, cast

import temporalio.client
import temporalio.converter
import temporalio.worker
from temporalio.client import ClientConfig, WorkflowHistory
from temporalio.service import ConnectConfig, ServiceClient
from temporalio.worker import (
    Replayer,
    ReplayerConfig,
    Worker,
    WorkerConfig,
    WorkflowReplayResult,
    WorkflowRunner,
)

T = TypeVar("T")

PluginParameter: TypeAlias = None | T | Callable[[T | None], T]
"""Nothing, a value, or a function that makes the value from the one that is there."""


class SimplePlugin(temporalio.client.Plugin, temporalio.worker.Plugin):
    """Adds to clients, workers and replayers what it was made with.

    Give it to the client: the client's workers apply it by themselves. A replayer takes it directly.
    """

    def __init__(
        self,
        name: str,
        *,
        data_converter: PluginParameter[temporalio.converter.DataConverter] = None,
        interceptors: (
            Sequence[temporalio.client.Interceptor | temporalio.worker.Interceptor] | None
        ) = None,
        activities: PluginParameter[Sequence[Callable[..., Any]]] = None,
        nexus_service_handlers: PluginParameter[Sequence[Any]] = None,
        workflows: PluginParameter[Sequence[type]] = None,
        workflow_runner: PluginParameter[WorkflowRunner] = None,
        workflow_failure_exception_types: PluginParameter[Sequence[type[BaseException]]] = None,
        run_context: Callable[[], AbstractAsyncContextManager[None]] | None = None,
    ) -> None:
        """Make a plugin of its parts.

        Where one of them is a function, it is called with what is there, or with None, and its answer
        counts. Other values replace what is there, and sequences are appended to it.

        Args:
            name: What to call the plugin.
            data_converter: For clients and replayers.
            interceptors: To append. Each goes where it fits: to clients, to workers and replayers, or
                to both. A worker does not get again what it has from its client.
            activities: For workers.
            nexus_service_handlers: For workers.
            workflows: For workers and replayers.
            workflow_runner: For workers and replayers.
            workflow_failure_exception_types: For workers and replayers.
            run_context: Called for each run of a worker and each replay; it happens within the context
                manager that comes back.
        """
        self._name = name
        self.activities = activities
        self.workflows = workflows
        self.nexus_service_handlers = nexus_service_handlers
        self.workflow_failure_exception_types = workflow_failure_exception_types
        self.data_converter = data_converter
        self.workflow_runner = workflow_runner
        self.interceptors = interceptors
        self.run_context = run_context

    def name(self) -> str:
        """What the plugin was called when it was made."""
        return self._name

    def configure_client(self, config: ClientConfig) -> ClientConfig:
        """Set the data converter and append client interceptors.

        Args:
            config: The configuration so far. It is changed.
        """
        self._replace(config, "data_converter")
        self._append_interceptors(config, temporalio.client.Interceptor)
        return config

    async def connect_service_client(
        self, config: ConnectConfig, next: Callable[[ConnectConfig], Awaitable[ServiceClient]]
    ) -> ServiceClient:
        """Connect as if there were no plugin.

        Args:
            config: Where and how to connect.
            next: Connects.
        """
        return await next(config)

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Append activities, services, workflows and the like, and set the runner.

        Args:
            config: The configuration so far. It is changed.
        """
        self._append(config, "activities")
        self._append(config, "nexus_service_handlers")
        self._append(config, "workflows")
        self._append(config, "workflow_failure_exception_types")
        self._replace(config, "workflow_runner")
        client = cast(temporalio.client.Client, config.get("client"))
        of_client = client.config(active_config=True)["interceptors"]
        self._append_interceptors(config, temporalio.worker.Interceptor, of_client)
        return config

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        """Append workflows and the like, and set data converter and runner.

        Args:
            config: The configuration so far. It is changed.
        """
        self._append(config, "workflows")
        self._append(config, "workflow_failure_exception_types")
        self._replace(config, "data_converter")
        self._replace(config, "workflow_runner")
        self._append_interceptors(config, temporalio.worker.Interceptor)
        return config

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        """Run the worker within the context that was given.

        Args:
            worker: The worker.
            next: Runs it.
        """
        async with self._context():
            await next(worker)

    @asynccontextmanager
    async def run_replayer(
        self,
        replayer: Replayer,
        histories: AsyncIterator[WorkflowHistory],
        next: Callable[
            [Replayer, AsyncIterator[WorkflowHistory]],
            AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]],
        ],
    ) -> AsyncIterator[AsyncIterator[WorkflowReplayResult]]:
        """Replay histories within the context that was given.

        Args:
            replayer: The replayer.
            histories: The histories.
            next: Replays them.
        """
        async with self._context(), next(replayer, histories) as results:
            yield results

    def _context(self) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self.run_context is None else self.run_context()

    def _replace(self, config: Any, option: str) -> None:
        given = getattr(self, option)
        if callable(given):
            given = given(config.get(option))
        if given is not None:
            config[option] = given

    def _append(self, config: Any, option: str) -> None:
        given = getattr(self, option)
        present = config.get(option)
        if given is not None and not callable(given):
            given = [*(present or ()), *given]
        elif given is not None:
            given = given(present)
        if given is not None:
            config[option] = given

    def _append_interceptors(
        self, config: Any, kind: type[Any], already: Sequence[object] = ()
    ) -> None:
        fitting = [
            one for one in self.interceptors or () if isinstance(one, kind) and one not in already
        ]
        config["interceptors"] = [
            *cast("Sequence[Any]", config.get("interceptors") or ()),
            *fitting,
        ]
