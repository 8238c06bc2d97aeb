"""The activities of one worker, checked when the worker is made."""

from __future__ import annotations

import concurrent.futures
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from ..activity import _Definition


class _ActivityRegistry:
    def __init__(
        self,
        activities: Sequence[Callable[..., Any]],
        executor: concurrent.futures.Executor | None,
        *,
        has_shared_state: bool,
    ) -> None:
        """Check the activities and sort them by name.

        Raises:
            TypeError: Something is not an activity, is a class, is a second dynamic activity, or cannot
                get into the processes of a pool.
            ValueError: A name is taken, or a synchronous activity has nowhere to run.
        """
        self._by_name: dict[str, _Definition] = {}
        self._dynamic: _Definition | None = None
        for candidate in activities:
            definition = _Definition.must_from_callable(candidate)
            if definition.name in self._by_name:
                raise ValueError(f"More than one activity named {definition.name}")
            _check_callable(definition, candidate)
            if not definition.is_async:
                _check_can_run(definition, executor, has_shared_state)
            self._add(definition)

    def _add(self, definition: _Definition) -> None:
        if definition.name is not None:
            self._by_name[definition.name] = definition
        elif self._dynamic is None:
            self._dynamic = definition
        else:
            raise TypeError("More than one dynamic activity")

    def find(self, activity_type: str) -> _Definition | None:
        return self._by_name.get(activity_type, self._dynamic)

    def check(self, activity_type: str) -> None:
        """Raise ``ValueError`` if there is no such activity."""
        if self.find(activity_type) is None:
            raise ValueError(
                f"Activity function {activity_type} is not registered on this worker, "
                f"available activities: {self.names()}"
            )

    def names(self) -> str:
        return ", ".join(sorted(self._by_name))


def _check_callable(definition: _Definition, candidate: Callable[..., Any]) -> None:
    if inspect.isclass(candidate):
        raise TypeError(
            f"Activity named {definition.name} is a class instead of an instance: "
            f"{candidate.__qualname__}"
        )
    # The usual slip: the method was taken from the class, so nothing fills its first parameter.
    if (
        inspect.isfunction(candidate)
        and next(iter(inspect.signature(candidate).parameters), None) == "self"
    ):
        warnings.warn(
            f"Activity named {definition.name} has a first parameter named self but is not bound "
            f"to an instance: {candidate.__qualname__}",
            stacklevel=6,
        )


def _check_can_run(
    definition: _Definition, executor: concurrent.futures.Executor | None, has_shared_state: bool
) -> None:
    if executor is None:
        raise ValueError(
            f"Activity {definition.name} is not async so an activity_executor must be present"
        )
    if isinstance(executor, concurrent.futures.ThreadPoolExecutor):
        return
    if not has_shared_state:
        raise ValueError(
            f"Activity {definition.name} is not async and executor is not thread-pool executor "
            f"but a {type(executor).__name__}, so a shared_state_manager must be present"
        )
    if isinstance(executor, concurrent.futures.ProcessPoolExecutor):
        # Few workers have one.
        import pickle

        try:
            pickle.dumps(definition.fn)
        except Exception as error:
            raise TypeError(
                f"Activity {definition.name} must be picklable when using a process executor, so a "
                f"function of a module or a method of a picklable object: {error}"
            ) from error
