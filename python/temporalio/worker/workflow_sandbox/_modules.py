"""``sys.modules`` as each thread is to see it.

Much of the standard library looks modules up there: dataclasses, typing, pickle. While a thread
executes code of a sandbox, it is to find that sandbox's modules, and all other threads the
process's own.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._importing import Importer


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


_view: ModulesView | None = None
_users = 0
_lock = threading.Lock()


def install() -> None:
    """Show the view in place of ``sys.modules`` until :py:func:`uninstall` was called as often."""
    global _users, _view
    with _lock:
        _users += 1
        if _users == 1:
            # Somebody may have put another dict there since the last time.
            if _view is None or _view.outside is not sys.modules:
                _view = ModulesView(sys.modules)
            sys.modules = _view  # type: ignore[assignment]


def uninstall() -> None:
    """Undo one :py:func:`install`."""
    global _users
    with _lock:
        _users -= 1
        if _users == 0 and _view is not None:
            sys.modules = _view.outside


def outside_modules() -> MutableMapping[str, ModuleType]:
    """Return the process's own modules."""
    modules: Any = sys.modules
    return modules.outside if isinstance(modules, ModulesView) else modules
