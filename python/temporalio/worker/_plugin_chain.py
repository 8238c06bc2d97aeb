"""How the plugins of a worker or replayer come to act, one around the other."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ._plugin import Plugin

if TYPE_CHECKING:
    from ..client import Client, WorkflowHistory
    from ._options import WorkerConfig
    from ._replayer import Replayer, ReplayerConfig, WorkflowReplayResult
    from ._worker import Worker

_Run: TypeAlias = "Callable[[Worker], Awaitable[None]]"
_Results: TypeAlias = "AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]"
_Replay: TypeAlias = "Callable[[Replayer, AsyncIterator[WorkflowHistory]], _Results]"


def with_plugins_of_client(client: Client, plugins: Sequence[Plugin]) -> list[Plugin]:
    """Return those of the client that are worker plugins, and then the worker's own.

    Warns the caller's caller of what is on both sides.
    """
    of_client = [one for one in client.config()["plugins"] if isinstance(one, Plugin)]
    own_types = {type(one) for one in plugins}
    for plugin in of_client:
        if type(plugin) in own_types:
            warnings.warn(
                f"Plugins of the type {type(plugin)} were given to the client and to the worker: "
                "plugins of a client are applied to its workers anyway, so this may run twice",
                stacklevel=3,
            )
    return [*of_client, *plugins]


def detached(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of which the lists can be changed as well."""
    return {
        name: list(value) if isinstance(value, list) else value for name, value in config.items()
    }


def configured_worker(
    config: Mapping[str, Any], plugins: Sequence[Plugin], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what plugins make of a worker's arguments.

    Args:
        config: All arguments.
        plugins: The plugins.
        defaults: What counts where a plugin leaves something out.

    Raises:
        TypeError: A plugin does not return a configuration.
        KeyError: Plugins have left out something that has no default.
    """
    made = detached(config)
    for plugin in plugins:
        given = cast("WorkerConfig", made)
        made = _checked(plugin, "configure_worker", plugin.configure_worker(given))
    for required in ("client", "task_queue"):
        if required not in made:
            raise KeyError(f"{required}: plugins have left it out of the configuration of a worker")
    return {**defaults, **made}


def configured_replayer(
    config: Mapping[str, Any], plugins: Sequence[Plugin], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what plugins make of a replayer's arguments.

    Args:
        config: All arguments but the plugins.
        plugins: The plugins.
        defaults: What counts where a plugin leaves something out.

    Raises:
        TypeError: A plugin does not return a configuration.
    """
    made = detached(config)
    for plugin in plugins:
        given = cast("ReplayerConfig", made)
        made = _checked(plugin, "configure_replayer", plugin.configure_replayer(given))
    return {**defaults, **made}


def _checked(plugin: Plugin, method: str, answer: object) -> dict[str, Any]:
    if not isinstance(answer, Mapping):
        raise TypeError(
            f"{method} of plugin {plugin.name()} must return a configuration, got {answer!r}"
        )
    return {**answer}


async def run_through_plugins(plugins: Sequence[Plugin], worker: Worker, run: _Run) -> None:
    """Run a worker with all plugins around it, the first one outermost.

    Args:
        plugins: The plugins.
        worker: The worker.
        run: Runs it without them.
    """
    for plugin in reversed(plugins):
        run = _run_before(plugin, run)
    await run(worker)


def _run_before(plugin: Plugin, run: _Run) -> _Run:
    return lambda worker: plugin.run_worker(worker, run)


def replay_through_plugins(
    plugins: Sequence[Plugin],
    replayer: Replayer,
    histories: AsyncIterator[WorkflowHistory],
    replay: _Replay,
) -> _Results:
    """Replay histories with all plugins around it, the first one outermost.

    Args:
        plugins: The plugins.
        replayer: The replayer.
        histories: The histories.
        replay: Replays them without plugins.
    """
    for plugin in reversed(plugins):
        replay = _replay_before(plugin, replay)
    return replay(replayer, histories)


def _replay_before(plugin: Plugin, replay: _Replay) -> _Replay:
    return lambda replayer, histories: plugin.run_replayer(replayer, histories, replay)
