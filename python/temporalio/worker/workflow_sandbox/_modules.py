"""``sys.modules`` as each thread is to see it.

Much of the standard library looks modules up there: dataclasses, typing, pickle. While a thread
executes code of a sandbox, it is to find that sandbox's modules, and all other threads the
process's own.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from temporalio.bridge._callboard import SandboxInstallation

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


def _ask_sandbox(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def ask(*args: Any, **kwargs: Any) -> Any:
        importer = current.importer
        if importer is not None:
            importer.check_builtin(name)
        return original(*args, **kwargs)

    return ask


installation = SandboxInstallation(ModulesView, _ask_sandbox)
"""What the process shows differently while any thread executes code of a sandbox."""


def outside_modules() -> MutableMapping[str, ModuleType]:
    """Return the process's own modules."""
    modules: Any = sys.modules
    return modules.outside if isinstance(modules, ModulesView) else modules
