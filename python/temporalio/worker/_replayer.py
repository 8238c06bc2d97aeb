"""The replayer: does the code of workflows still fit their histories?"""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from temporalio._typing import TypedDict

from ..common import HeaderCodecBehavior
from ..converter import DataConverter
from ..runtime import Runtime
from ._interceptor import Interceptor
from ._lanes import lanes_for
from ._plugin import Plugin
from ._plugin_chain import configured_replayer, detached, replay_through_plugins
from ._replay import _ReplayReport, _ReplaySession
from ._workflow import _WorkflowWorker
from ._workflow_details import UnsandboxedWorkflowRunner, WorkflowRunner
from .workflow_sandbox import SandboxedWorkflowRunner

if TYPE_CHECKING:
    from ..client import WorkflowHistory

_RUNNER: Final = SandboxedWorkflowRunner()
_UNSANDBOXED_RUNNER: Final = UnsandboxedWorkflowRunner()


class ReplayerConfig(TypedDict, total=False):
    """The keyword arguments of :py:class:`Replayer` less its plugins, as a dictionary."""

    workflows: Sequence[type]
    workflow_task_executor: concurrent.futures.ThreadPoolExecutor | None
    workflow_runner: WorkflowRunner
    unsandboxed_workflow_runner: WorkflowRunner
    namespace: str
    data_converter: DataConverter
    interceptors: Sequence[Interceptor]
    build_id: str | None
    identity: str | None
    workflow_failure_exception_types: Sequence[type[BaseException]]
    debug_mode: bool
    runtime: Runtime | None
    disable_safe_workflow_eviction: bool
    header_codec_behavior: HeaderCodecBehavior


@dataclass(frozen=True)
class WorkflowReplayResult:
    """What came of one history.

    Attributes:
        history: The history as it was given.
        replay_failure: Why it does not replay: :py:class:`temporalio.workflow.NondeterminismError` if
            workflow code did something else than what history says, ``RuntimeError`` for all other
            failures of a workflow task. None if it replays, also for a workflow that itself fails.
    """

    history: WorkflowHistory
    replay_failure: Exception | None


@dataclass(frozen=True)
class WorkflowReplayResults:
    """What came of several histories.

    Attributes:
        replay_failures: The failures by run id. A history that names no run has its workflow id here.
    """

    replay_failures: Mapping[str, Exception]


class _Results(AsyncIterator[WorkflowReplayResult]):
    """Results for as long as the block lasts that they were made for."""

    def __init__(self, replayed: AsyncIterator[tuple[WorkflowHistory, Exception | None]]) -> None:
        """Give a result for each of ``replayed``."""
        self._replayed = replayed
        self.is_open = True

    async def __anext__(self) -> WorkflowReplayResult:
        """Replay the next history.

        Raises:
            RuntimeError: The block was left.
        """
        if not self.is_open:
            raise RuntimeError("the replay iterator was left: nothing is replayed after its block")
        return WorkflowReplayResult(*await anext(self._replayed))


class Replayer:
    """Runs workflow code against histories, with no server and without executing anything."""

    def __init__(
        self,
        *,
        workflows: Sequence[type],
        workflow_task_executor: concurrent.futures.ThreadPoolExecutor | None = None,
        workflow_runner: WorkflowRunner = _RUNNER,
        unsandboxed_workflow_runner: WorkflowRunner = _UNSANDBOXED_RUNNER,
        namespace: str = "ReplayNamespace",
        data_converter: DataConverter = DataConverter.default,
        interceptors: Sequence[Interceptor] = [],
        plugins: Sequence[Plugin] = [],
        build_id: str | None = None,
        identity: str | None = None,
        workflow_failure_exception_types: Sequence[type[BaseException]] = [],
        debug_mode: bool = False,
        runtime: Runtime | None = None,
        disable_safe_workflow_eviction: bool = False,
        header_codec_behavior: HeaderCodecBehavior = HeaderCodecBehavior.NO_CODEC,
    ) -> None:
        """Make a replayer. What shapes workflow code should be as it is with the worker.

        Args:
            workflows: Classes decorated with :py:func:`temporalio.workflow.defn`. They are looked at
                when something is replayed.
            workflow_task_executor: Says on how many threads workflows run: on as many as this
                ``ThreadPoolExecutor`` has workers. They are threads of the replayer's own; the executor
                is never given anything to do. By default there are as many as histories are replayed
                at a time.
            workflow_runner: What runs workflows.
            unsandboxed_workflow_runner: What runs workflows that opt out of a sandbox.
            namespace: What workflows are told of their namespace.
            data_converter: Converts all that workflows take and give.
            interceptors: Run around workflows, the first one outermost.
            plugins: Plugins that may change this configuration and wrap each replay, in order.
            build_id: What workflows are told of the build that runs them. By default a hash of all
                loaded modules.
            identity: Name of the replayer; there is nobody to tell it to.
            workflow_failure_exception_types: Exceptions that fail the workflow instead of its task.
                Nondeterminism is reported all the same.
            debug_mode: Let workflow code block for as long as it likes. Also set by the environment
                variable ``TEMPORAL_DEBUG``.
            runtime: What replays run on, and what takes their metrics; by default
                :py:meth:`temporalio.runtime.Runtime.default`.
            disable_safe_workflow_eviction: Do not end the coroutines of a workflow when its replay is
                over, but leave them to Python's garbage collector. See
                :py:class:`~temporalio.worker.Worker`.
            header_codec_behavior: Whether headers go through the payload codec.

        Raises:
            ValueError: There are no workflows.
            TypeError: ``workflow_task_executor`` is not a pool of threads.
            Exception: Whatever a plugin raises.
        """
        given: dict[str, Any] = {
            name: value for name, value in locals().items() if name not in ("self", "plugins")
        }
        self._given = detached({**given, "workflows": list(workflows)})
        self.plugins = plugins
        self._options = configured_replayer(self._given, plugins, _DEFAULTS)
        if not self._options["workflows"]:
            raise ValueError("At least one workflow must be specified")
        self._lanes = lanes_for(self._options["workflow_task_executor"])

    def config(self, *, active_config: bool = False) -> ReplayerConfig:
        """The arguments that this replayer was made with, as a new dictionary.

        Args:
            active_config: Return what plugins have made of the arguments instead.
        """
        config = self._options if active_config else self._given
        return cast(ReplayerConfig, {**config, "workflows": list(config["workflows"])})

    async def replay_workflow(
        self, history: WorkflowHistory, *, raise_on_replay_failure: bool = True
    ) -> WorkflowReplayResult:
        """Replay one history.

        Args:
            history: The history, fetched or read with
                :py:meth:`temporalio.client.WorkflowHistory.from_json`. It may have ended or not; one
                that goes on after its last workflow task is played as if the next task came now.
            raise_on_replay_failure: Raise what would be
                :py:attr:`WorkflowReplayResult.replay_failure`.

        Raises:
            temporalio.workflow.NondeterminismError: Workflow code does something else than what
                history says.
            RuntimeError: A workflow task failed for another reason, or this is no history of a
                workflow.
            ValueError: The workflows given are no workflows, or two have one name.
        """
        async with self._replay_all(_only(history), width=1) as results:
            async for result in results:
                if result.replay_failure is not None and raise_on_replay_failure:
                    raise result.replay_failure
                return result
        raise RuntimeError("A plugin has given no result for the history")

    async def replay_workflows(
        self, histories: AsyncIterator[WorkflowHistory], *, raise_on_replay_failure: bool = True
    ) -> WorkflowReplayResults:
        """Replay all histories and collect the failures.

        Args:
            histories: The histories. They are asked for one at a time, or a few ahead if all are
                replayed anyway.
            raise_on_replay_failure: Raise the first failure instead, and ask for no more histories.

        Raises:
            temporalio.workflow.NondeterminismError: See :py:meth:`replay_workflow`.
            RuntimeError: Likewise.
            ValueError: Likewise.
        """
        width = 1 if raise_on_replay_failure else os.cpu_count() or 1
        failures: dict[str, Exception] = {}
        async with self._replay_all(histories, width) as results:
            async for result in results:
                if result.replay_failure is None:
                    continue
                if raise_on_replay_failure:
                    raise result.replay_failure
                failures[_key_of(result.history)] = result.replay_failure
        return WorkflowReplayResults(failures)

    def workflow_replay_iterator(
        self, histories: AsyncIterator[WorkflowHistory]
    ) -> AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]:
        """Replay histories one by one, for ``async with`` around an ``async for``.

        Args:
            histories: The histories. The next one is asked for with the next result.

        Returns:
            A context manager, whose value is an iterator over results. The block may be left before
            the iterator is at its end.
        """
        return self._replay_all(histories, width=1)

    def _replay_all(
        self, histories: AsyncIterator[WorkflowHistory], width: int
    ) -> AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]:
        """Replay histories, ``width`` of them at a time, with all plugins around it."""
        return replay_through_plugins(
            self.plugins, self, histories, lambda replayer, given: replayer._iterate(given, width)
        )

    @asynccontextmanager
    async def _iterate(
        self, histories: AsyncIterator[WorkflowHistory], width: int
    ) -> AsyncIterator[AsyncIterator[WorkflowReplayResult]]:
        async with self._session(width) as session:
            async with aclosing(session.replay_all(histories)) as replayed:
                results = _Results(replayed)
                try:
                    yield results
                finally:
                    results.is_open = False

    async def _replay(self, history: WorkflowHistory, **course: Any) -> _ReplayReport:
        """Replay one history, cut and ordered as :py:meth:`_ReplaySession.replay` can."""
        async with self._session(1) as session:
            return await session.replay(history, **course)

    @asynccontextmanager
    async def _session(self, width: int) -> AsyncIterator[_ReplaySession]:
        options = self._options
        runtime = options["runtime"] or Runtime.default()
        task_queue = f"replay-{options['build_id']}"
        session = _ReplaySession(
            _WorkflowWorker(
                namespace=options["namespace"],
                task_queue=task_queue,
                workflows=options["workflows"],
                data_converter=options["data_converter"],
                workflow_runner=options["workflow_runner"],
                unsandboxed_workflow_runner=options["unsandboxed_workflow_runner"],
                workflow_failure_exception_types=options["workflow_failure_exception_types"],
                interceptors=options["interceptors"],
                metric_meter=runtime.metric_meter,
                debug_mode=options["debug_mode"],
                code_headers=options["header_codec_behavior"] != HeaderCodecBehavior.NO_CODEC,
                disable_safe_eviction=options["disable_safe_workflow_eviction"],
            ),
            runtime=runtime,
            namespace=options["namespace"],
            task_queue=task_queue,
            build_id=options["build_id"],
            data_converter=options["data_converter"],
            width=width,
            lanes=self._lanes or width,
        )
        try:
            yield session
        finally:
            await session.close()


_DEFAULTS: Final[Mapping[str, Any]] = {
    name: value
    for name, value in (Replayer.__init__.__kwdefaults__ or {}).items()
    if name != "plugins"
}
"""What counts where a plugin leaves an option out."""


async def _only(history: WorkflowHistory) -> AsyncIterator[WorkflowHistory]:
    yield history


def _key_of(history: WorkflowHistory) -> str:
    try:
        return history.run_id
    except RuntimeError:
        return history.workflow_id
