"""The worker and its life."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import weakref
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from ._deployment import WorkerDeploymentConfig
from ._interceptor import Interceptor
from ._lifecycle import _Block, _Lifecycle
from ._options import (
    WorkerConfig,
    _check_options,
    _interceptors,
    _limits,
    _Options,
    _warn_of_few_threads,
)
from ._plugin import Plugin
from ._plugin_chain import (
    configured_worker,
    detached,
    run_through_plugins,
    with_plugins_of_client,
)
from ._shared_state import SharedStateManager
from ._sides import activity_side, connection_of, runtime_side, workflow_side
from ._tuning import PollerBehavior, PollerBehaviorSimpleMaximum, WorkerTuner
from ._workflow_details import UnsandboxedWorkflowRunner, WorkflowRunner
from ._workflow_patches import PatchActivationInput
from .workflow_sandbox import SandboxedWorkflowRunner

if TYPE_CHECKING:
    from ..client import Client
    from ._snapshot import WorkerSnapshot

_logger = logging.getLogger("temporalio.worker")

_RUNNER: Final = SandboxedWorkflowRunner()
_UNSANDBOXED_RUNNER: Final = UnsandboxedWorkflowRunner()
_FIVE_POLLS: Final = PollerBehaviorSimpleMaximum(maximum=5)


class Worker:
    """Takes tasks from one task queue and runs the workflows and activities given to it.

    Either await :py:meth:`run` and stop it with :py:meth:`shutdown`, or use the worker in ``async with``,
    which does both around the block.
    """

    def __init__(
        self,
        client: Client,
        *,
        task_queue: str,
        activities: Sequence[Callable[..., Any]] = [],
        nexus_service_handlers: Sequence[Any] = [],
        workflows: Sequence[type] = [],
        activity_executor: concurrent.futures.Executor | None = None,
        workflow_task_executor: concurrent.futures.ThreadPoolExecutor | None = None,
        nexus_task_executor: concurrent.futures.ThreadPoolExecutor | None = None,
        workflow_runner: WorkflowRunner = _RUNNER,
        unsandboxed_workflow_runner: WorkflowRunner = _UNSANDBOXED_RUNNER,
        plugins: Sequence[Plugin] = [],
        interceptors: Sequence[Interceptor] = [],
        build_id: str | None = None,
        identity: str | None = None,
        max_cached_workflows: int = 1000,
        max_concurrent_workflow_tasks: int | None = None,
        max_concurrent_activities: int | None = None,
        max_concurrent_local_activities: int | None = None,
        max_concurrent_nexus_tasks: int | None = None,
        tuner: WorkerTuner | None = None,
        max_concurrent_workflow_task_polls: int | None = None,
        nonsticky_to_sticky_poll_ratio: float = 0.2,
        max_concurrent_activity_task_polls: int | None = None,
        no_remote_activities: bool = False,
        sticky_queue_schedule_to_start_timeout: timedelta = timedelta(seconds=10),
        max_heartbeat_throttle_interval: timedelta = timedelta(seconds=60),
        default_heartbeat_throttle_interval: timedelta = timedelta(seconds=30),
        max_activities_per_second: float | None = None,
        max_task_queue_activities_per_second: float | None = None,
        max_eager_activity_reservations_per_workflow_task: int = 3,
        graceful_shutdown_timeout: timedelta = timedelta(),
        plugin_shutdown_timeout: timedelta | None = timedelta(seconds=60),
        workflow_failure_exception_types: Sequence[type[BaseException]] = [],
        shared_state_manager: SharedStateManager | None = None,
        debug_mode: bool = False,
        disable_eager_activity_execution: bool = False,
        on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
        use_worker_versioning: bool = False,
        disable_safe_workflow_eviction: bool = False,
        deployment_config: WorkerDeploymentConfig | None = None,
        patch_activation_callback: Callable[[PatchActivationInput], bool] | None = None,
        workflow_task_poller_behavior: PollerBehavior = _FIVE_POLLS,
        activity_task_poller_behavior: PollerBehavior = _FIVE_POLLS,
        nexus_task_poller_behavior: PollerBehavior = _FIVE_POLLS,
        disable_payload_error_limit: bool = False,
        max_workflow_task_external_storage_concurrency: int = 3,
    ) -> None:
        """Make a worker. It does nothing before it runs.

        Args:
            client: Client whose connection, runtime, namespace and data converter the worker uses. Must
                be connected.
            task_queue: Queue to take tasks from.
            activities: Callables decorated with :py:func:`temporalio.activity.defn`.
            nexus_service_handlers: Not supported yet.
            workflows: Classes decorated with :py:func:`temporalio.workflow.defn`.
            activity_executor: Where synchronous activities run. Needed if there are any; it should have
                as many threads or processes as activities may run at a time. Any executor that is no
                ``ThreadPoolExecutor`` counts as one with processes of its own, such as a
                ``ProcessPoolExecutor``: it needs a ``shared_state_manager``, its activities must be
                picklable, and a cancellation raises nothing in them. A process of a
                ``ProcessPoolExecutor`` that ends unexpectedly breaks the pool, and so ends the worker.
            workflow_task_executor: Says on how many threads workflows run: on as many as this
                ``ThreadPoolExecutor`` has workers, or by default on one for each processor. The
                threads are the worker's own, all started with it; the executor is never given
                anything to do, so its initializer and the prefix of its threads' names have no
                effect, and shutting it down changes nothing.
            nexus_task_executor: Where synchronous Nexus operations run; there are none yet.
            workflow_runner: What runs workflows.
            unsandboxed_workflow_runner: What runs workflows that opt out of a sandbox.
            plugins: Plugins that may change this configuration and wrap the run, in order. Those of
                the client that are worker plugins too come before these and need not be given.
            interceptors: Run around activities and workflows, the first one outermost. Interceptors
                of the client that are worker interceptors too come before these.
            build_id: Names the code of this worker. By default a hash of all loaded modules.
            identity: Names this worker to the server. By default the identity of the client.
            max_cached_workflows: Runs kept in memory; with 0, each task replays the whole history.
            max_concurrent_workflow_tasks: Workflow tasks at a time, 100 by default.
            max_concurrent_activities: Activities at a time, 100 by default.
            max_concurrent_local_activities: Local activities at a time, 100 by default.
            max_concurrent_nexus_tasks: Nexus tasks at a time; there are none yet.
            tuner: Decides these four numbers instead.
            max_concurrent_workflow_task_polls: Open polls for workflow tasks. Overrides
                ``workflow_task_poller_behavior``. At least 2 if workflows are cached.
            nonsticky_to_sticky_poll_ratio: Share of these polls that does not go to the sticky queue.
            max_concurrent_activity_task_polls: Open polls for activities. Overrides
                ``activity_task_poller_behavior``.
            no_remote_activities: Do not poll for activities, and run those given only as local ones.
            sticky_queue_schedule_to_start_timeout: How long the server keeps a task for this worker,
                which has the run in its cache, before any worker may have it.
            max_heartbeat_throttle_interval: Heartbeats reach the server at least this often.
            default_heartbeat_throttle_interval: And this often where an activity has no heartbeat
                timeout; where it has one, after 80 % of it.
            max_activities_per_second: Activities that this worker starts per second at most.
            max_task_queue_activities_per_second: Activities that the server hands out from this queue
                per second at most, to all workers.
            max_eager_activity_reservations_per_workflow_task: How many activities of one workflow
                task may start eagerly, that is, come back with the answer to the task that schedules
                them. Each holds a slot from when it is asked for. At least 1.
            graceful_shutdown_timeout: How long activities may go on after shutdown has begun, before
                they are cancelled.
            plugin_shutdown_timeout: How long the end of an ``async with`` block waits for what plugins
                still do once the worker has stopped. After that their code is cancelled and no longer
                waited for. None, and zero, set no limit.
            workflow_failure_exception_types: Exceptions that fail the workflow instead of its task.
            shared_state_manager: What the worker shares with activities in other processes. Needed for
                synchronous activities if ``activity_executor`` is no ``ThreadPoolExecutor``; see
                :py:meth:`SharedStateManager.create_from_multiprocessing`.
            debug_mode: Let workflow code block for as long as it likes, and have ``breakpoint()`` open a
                debugger in it. Also set by the environment variable ``TEMPORAL_DEBUG``.
            disable_eager_activity_execution: Start no activity eagerly; all go by their task queue. Eagerly
                start at most those of this worker's own queue for which it has a slot free, and none
                while ``max_task_queue_activities_per_second`` is set.
            on_fatal_error: Called with the error before the worker stops because of it.
            use_worker_versioning: Have the server send tasks by sets of build ids, of which ``build_id`` is in
                one. Deployments have taken the place of this; servers may refuse it.
            disable_safe_workflow_eviction: Do not end the coroutines of a run that leaves the cache, but
                leave them to Python's garbage collector. That closes them at any time and in any
                thread, where their ``finally`` blocks then run; there is no reason to want this.
            deployment_config: The worker deployment that this worker belongs to. Excludes ``build_id`` and
                ``use_worker_versioning``.
            patch_activation_callback: Asked when a run, not in replay, calls
                :py:func:`temporalio.workflow.patched` for an id for the first time. True takes the new way;
                False the old one, and leaves no marker. An exception, or an answer of another type, fails
                the workflow task.
            workflow_task_poller_behavior: How many polls for workflow tasks are open.
            activity_task_poller_behavior: How many polls for activities are open.
            nexus_task_poller_behavior: How many polls for Nexus tasks are open; there are none yet.
            disable_payload_error_limit: Send payloads of workflows that are larger than the
                namespace takes, instead of failing the workflow task for them.
            max_workflow_task_external_storage_concurrency: Limits external storage; there is none yet.

        Raises:
            ValueError: Nothing to run, a name given twice, contradicting or impossible options.
            TypeError: Something is not an activity, workflow or usable client, or an option is of
                another type; a number that must not be negative and is raises both.
            RuntimeError: The client is not connected, or another worker takes such tasks from the same
                queue, namespace and build by its connection.
            Exception: Whatever a plugin raises.
            NotImplementedError: An option asks for something that is not built yet.
        """
        given: _Options = {name: value for name, value in locals().items() if name != "self"}
        self._plugins = with_plugins_of_client(client, plugins)
        # Kept apart from what plugins change, so that a worker made from it is not changed twice.
        self._given = detached(given)
        options = configured_worker(given, self._plugins, _DEFAULTS)
        _check_options(options)
        limits = _limits(options)
        self._options = options
        self._plugin_shutdown_timeout: timedelta | None = options["plugin_shutdown_timeout"]
        client_config = self.client.config(active_config=True)
        connection, self._runtime = connection_of(self.client)
        metric_meter = self._runtime.metric_meter
        self._interceptors = _interceptors(options, client_config["interceptors"])
        _warn_of_few_threads(options)
        self._activity_worker = (
            activity_side(
                options,
                client_config,
                self._interceptors,
                metric_meter,
                bridge_worker=lambda: self._bridge_worker,
                fail_worker=lambda error: self._lifecycle.fail(error),
            )
            if options["activities"]
            else None
        )
        self._workflow_worker = (
            workflow_side(
                options, client_config, self._interceptors, metric_meter, self._activity_worker
            )
            if options["workflows"]
            else None
        )
        # Last: all that can be wrong with the arguments has been found by now.
        self._bridge_worker = runtime_side(
            options,
            limits,
            connection,
            activity_worker=self._activity_worker,
            workflow_worker=self._workflow_worker,
        )
        if self._workflow_worker is not None:
            self._workflow_worker.on_new_deadlock_limit(_setter_of_deadlock_limit(self))
        self._lifecycle = _Lifecycle(
            self._bridge_worker,
            namespace=self.client.namespace,
            activity_worker=self._activity_worker,
            workflow_worker=self._workflow_worker,
            on_fatal_error=options["on_fatal_error"],
            graceful_shutdown_timeout=options["graceful_shutdown_timeout"],
        )
        self._block: _Block | None = None

    def config(self, *, active_config: bool = False) -> WorkerConfig:
        """The arguments that this worker was made with, as a new dictionary.

        A worker made from it is like this one; plugins are applied to it as they were here.

        Args:
            active_config: Return what plugins have made of the arguments instead.
        """
        config = self._options if active_config else self._given
        copies = {name: list(config[name] or ()) for name in ("activities", "workflows")}
        return cast(WorkerConfig, {**config, **copies})

    @property
    def task_queue(self) -> str:
        """The queue that the worker takes tasks from."""
        return cast(str, self._options["task_queue"])

    @property
    def client(self) -> Client:
        """The client that the worker uses.

        Another one may be set at any time: the calls that the worker makes from then on go by its
        connection, and activities are given it; calls that are under way end where they began. The
        worker's namespace and identity stay as they are.

        Raises:
            TypeError: It has no connection of its own.
            RuntimeError: It is not connected, or connects only with its first call.
            ValueError: It is on another runtime, or another worker takes the same tasks by its
                connection.
        """
        return cast("Client", self._options["client"])

    @client.setter
    def client(self, value: Client) -> None:
        connection, runtime = connection_of(value)
        if runtime is not self._runtime:
            raise ValueError("New client is not on the same runtime as the existing client")
        self._bridge_worker.replace_connection(connection)
        self._options["client"] = value
        if self._activity_worker is not None:
            self._activity_worker.use_client(value)

    def snapshot(self) -> WorkerSnapshot:
        """Describe the worker as it is now: its slots, polls, cache and actors.

        It is plain data, made from counters, and waits for nobody: it can be asked for at any time, from
        any thread, also while the worker is stuck. The Temporal SDK has no such method.
        """
        return self._bridge_worker.snapshot()

    def log_snapshot(self, level: int = logging.INFO) -> None:
        """Write :py:meth:`snapshot` to the log, as one line of the logger ``temporalio.worker``.

        Args:
            level: Level of the line.
        """
        from ._snapshot import line_of

        _logger.log(level, "Worker on %s is %s", self.task_queue, line_of(self.snapshot()))

    @property
    def is_running(self) -> bool:
        """Whether the worker has started to work and not stopped yet."""
        return self._lifecycle.is_running

    @property
    def is_shutdown(self) -> bool:
        """Whether the worker has stopped. False while a shutdown is under way."""
        return self._lifecycle.is_stopped

    async def run(self) -> None:
        """Work until shutdown, and return once everything that was begun is over.

        All of this is wrapped in what plugins do in
        :py:meth:`~temporalio.worker.Plugin.run_worker`. Cancelling this call shuts the worker down
        too; cancelling it again leaves unfinished work behind.

        Raises:
            RuntimeError: The worker has run before, the namespace does not exist, or something
                happened that the worker cannot go on with; the cause says what.
            Exception: Whatever a plugin raises.
        """
        await run_through_plugins(self._plugins, self, Worker._run)

    async def _run(self) -> None:
        try:
            await self._lifecycle.run()
        finally:
            if self._workflow_worker is not None and not self.is_running:
                self._workflow_worker.close()

    async def shutdown(self) -> None:
        """Ask a running worker to stop, and wait until it has.

        A worker that does not run yet will stop as soon as it does. May be called any number of times.
        """
        await self._lifecycle.shutdown()

    async def __aenter__(self) -> Worker:
        """Run the worker beside the block.

        If the worker fails, the task of the block is cancelled and the worker's error raised at its end.

        Raises:
            RuntimeError: The worker is in a block already, or this is not in a task.
        """
        if self._block is not None:
            raise RuntimeError("Already started")
        body = asyncio.current_task()
        if body is None:
            raise RuntimeError("Can only use async with inside a task")
        self._block = _Block(body, self.run)
        return self

    async def __aexit__(self, exc_type: type[BaseException] | None, *args: Any) -> None:
        """Shut down, wait for the end, and raise the worker's error if it has failed.

        Plugins that go on after the worker has stopped are waited for as long as
        ``plugin_shutdown_timeout`` says.

        Raises:
            RuntimeError: The worker has failed, or was never started.
        """
        if self._block is None:
            raise RuntimeError("Never started")
        # Without plugins there is nothing beside the worker that could hang.
        limit = self._plugin_shutdown_timeout if self._plugins else None
        await self._block.leave(self.shutdown, exc_type, plugin_limit=limit or None)


_DEFAULTS: Final[_Options] = {**(Worker.__init__.__kwdefaults__ or {})}
"""What counts where a plugin leaves an option out."""


def _setter_of_deadlock_limit(worker: Worker) -> Callable[[float | None], None]:
    # What lanes hold must not lead back to the worker, or it would never be collected.
    reference = weakref.ref(worker)

    def set_limit(seconds: float | None) -> None:
        alive = reference()
        if alive is not None:
            alive._bridge_worker.set_deadlock_timeout(seconds)

    return set_limit
