"""``sys.modules`` as each thread is to see it.

Much of the standard library looks modules up there: dataclasses, typing, pickle. While a thread
executes code of a sandbox, it is to find that sandbox's modules, and all other threads the
process's own.
"""

from __future__ import annotations

import builtins
import functools
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._importing import Importer


_BUILTINS: dict[str, Any] = builtins.__dict__


class _Current(threading.local):
    """What the calling thread is in."""

    importer: Importer | None = None


current = _Current()


class ModulesView(MutableMapping[str, ModuleType]):
    """The modules of the sandbox that the calling thread is in; outside of any, the process's."""

    def __init__(self, outside: dict[str, ModuleType]) -> None:
        """Show ``outside`` to threads that are in no sandbox."""
        self.outside = outside

    def __getitem__(self, name: str) -> ModuleType:
        importer = current.importer
        if importer is None:
            return self.outside[name]
        module = importer.visible(name)
        if module is None:
            raise KeyError(name)
        return module

    def __setitem__(self, name: str, module: ModuleType) -> None:
        importer = current.importer
        if importer is None:
            self.outside[name] = module
        else:
            importer.put(name, module)

    def __delitem__(self, name: str) -> None:
        importer = current.importer
        if importer is None:
            del self.outside[name]
        else:
            importer.remove(name)

    def __contains__(self, name: object) -> bool:
        importer = current.importer
        if importer is None:
            return name in self.outside
        return isinstance(name, str) and importer.visible(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __repr__(self) -> str:
        return repr(self._now())

    def __or__(self, other: Mapping[str, ModuleType]) -> dict[str, ModuleType]:
        return {**self._now(), **other}

    def __ror__(self, other: Mapping[str, ModuleType]) -> dict[str, ModuleType]:
        return {**other, **self._now()}

    def __ior__(self, other: Mapping[str, ModuleType]) -> ModulesView:
        self.update(other)
        return self

    def copy(self) -> dict[str, ModuleType]:
        """Return all that the calling thread sees as a dict."""
        return dict(self._now())

    @classmethod
    def fromkeys(cls, *args: Any) -> Any:
        """Return a new dict, as ``dict.fromkeys`` does."""
        return dict.fromkeys(*args)

    def _now(self) -> dict[str, ModuleType]:
        importer = current.importer
        return self.outside if importer is None else importer.all_loaded()


class _Installation:
    """What the process shows differently while any thread executes code of a sandbox.

    That is ``sys.modules``, and those builtins that are restricted: code outside of the sandbox that
    a workflow calls must not use them either. Threads in no sandbox find what was there before.
    """

    def __init__(self) -> None:
        self._users = 0
        self._view: ModulesView | None = None
        # Each with the function that stands in for it.
        self._builtins: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}
        self._lock = threading.Lock()

    def add_builtin(self, name: str) -> None:
        """Have a builtin ask the sandbox that the calling thread is in."""
        with self._lock:
            if name not in self._builtins:
                original = getattr(builtins, name)
                asking = _ask_sandbox(name, original)
                self._builtins[name] = original, asking
                if self._users:
                    setattr(builtins, name, asking)

    def install(self) -> None:
        """Show all that until :py:meth:`uninstall` was called as often."""
        with self._lock:
            self._users += 1
            if self._users > 1:
                return
            # Somebody may have put another dict there since the last time.
            if self._view is None or self._view.outside is not sys.modules:
                self._view = ModulesView(sys.modules)
            sys.modules = self._view  # type: ignore[assignment]
            for name, (original, asking) in self._builtins.items():
                if _BUILTINS.get(name) is original:
                    _BUILTINS[name] = asking

    def uninstall(self) -> None:
        """Undo one :py:meth:`install`."""
        with self._lock:
            self._users -= 1
            if self._users or self._view is None:
                return
            sys.modules = self._view.outside
            for name, (original, asking) in self._builtins.items():
                # What somebody else has put there meanwhile stays.
                if _BUILTINS.get(name) is asking:
                    _BUILTINS[name] = original


installation = _Installation()


def _ask_sandbox(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def ask(*args: Any, **kwargs: Any) -> Any:
        importer = current.importer
        if importer is not None:
            importer.check_builtin(name)
        return original(*args, **kwargs)

    return ask


def outside_modules() -> MutableMapping[str, ModuleType]:
    """Return the process's own modules."""
    modules: Any = sys.modules
    return modules.outside if isinstance(modules, ModulesView) else modules
