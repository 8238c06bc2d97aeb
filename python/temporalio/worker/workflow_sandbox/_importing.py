"""How a sandbox imports: which modules are its own, and which come from outside."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import sys
import types
import warnings
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.machinery import ModuleSpec
from typing import Any

from temporalio.workflow import SandboxImportNotificationPolicy, unsafe

from ._errors import (
    RestrictedWorkflowAccessError,
    UnintentionalPassthroughError,
    unintentional_passthrough,
)
from ._loading import KeptModules
from ._matcher import RestrictionContext
from ._modules import current, installation, outside_modules
from ._proxy import RestrictedModule, module_behind, unwrap_arguments
from ._restrictions import SandboxRestrictions

_Policy = SandboxImportNotificationPolicy


class Importer:
    """The modules of one environment, and its ``__import__``.

    Its own modules are in :py:attr:`own`; each has the environment's builtins in its globals, so
    that nothing has to be changed for code outside.
    """

    def __init__(
        self,
        restrictions: SandboxRestrictions,
        context: RestrictionContext,
        kept: KeptModules,
        workflow_module: str,
    ) -> None:
        """Create an importer that has imported nothing.

        Args:
            restrictions: What comes from outside, and what is restricted.
            context: What the environment is doing.
            kept: Where modules were found before, and their code.
            workflow_module: Full name of the module that defines the workflow.
        """
        self._restrictions = restrictions
        self._context = context
        self._kept = kept
        self._workflow_module = workflow_module
        self._builtins_matcher = restrictions.invalid_module_members.child_matcher("__builtins__")
        self.codes: list[types.CodeType] = []
        """Code of the modules that were loaded, where known."""
        self.builtins = types.ModuleType("builtins", builtins.__doc__)
        self.builtins.__dict__.update(self._restricted_builtins())
        # Much expects a main module to be there. It is not the process's.
        self.own: dict[str, types.ModuleType] = {"__main__": types.ModuleType("__main__")}
        """Modules that were loaded for this environment. A run may add to them."""
        self._foreign: dict[str, types.ModuleType] = {"sys": sys, "builtins": self.builtins}
        self._stand_ins: dict[str, types.ModuleType] = {}

    # ---- as a mapping ----

    def visible(self, name: str) -> types.ModuleType | None:
        """Return a module that was imported or may be shown without, if there is one."""
        module = self._loaded(name)
        if module is not None or self._restrictions.disable_lazy_sys_module_passthrough:
            return module
        module = outside_modules().get(name)
        if module is None or not self._restrictions.passes_through(name):
            return None
        self._foreign[name] = module
        return module

    def put(self, name: str, module: types.ModuleType) -> None:
        """Show a module under a name.

        Code outside of the sandbox that runs on its behalf may import, too, for the first time even.
        """
        if self._restrictions.passes_through(name):
            self._foreign[name] = outside_modules()[name] = module
            return
        self._foreign.pop(name, None)
        self._stand_ins.pop(name, None)
        self.own[name] = module

    def remove(self, name: str) -> None:
        """Forget a module.

        Raises:
            KeyError: There is none of that name.
        """
        places: list[MutableMapping[str, types.ModuleType]]
        places = [self._stand_ins, self._foreign, self.own]
        if self._restrictions.passes_through(name):
            places.append(outside_modules())
        found = [place.pop(name, None) for place in places]
        if not any(module is not None for module in found):
            raise KeyError(name)

    def all_loaded(self) -> dict[str, types.ModuleType]:
        """Return all modules that were imported."""
        return {**self._foreign, **self.own, **self._stand_ins}

    def _loaded(self, name: str) -> types.ModuleType | None:
        return self._stand_ins.get(name) or self.own.get(name) or self._foreign.get(name)

    # ---- import ----

    def import_module(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> types.ModuleType:
        """Import as the builtin ``__import__`` does, but into this environment."""
        full_name = _absolute(name, globals or {}, level) if level else name
        module = self._loaded(full_name)
        if module is None:
            module = self._load(full_name)
        if fromlist:
            self._import_listed(full_name, module_behind(module), fromlist)
        elif not level:
            full_name = name.partition(".")[0]
        elif name:
            # Of `from . import` there is nothing to cut off.
            full_name = full_name[: len(full_name) - len(name) + len(name.partition(".")[0])]
        else:
            return self._present(full_name)
        return self._present(full_name)

    def get(self, name: str) -> types.ModuleType:
        """Return a module by its full name, imported if it is not yet."""
        if self._loaded(name) is None:
            self._load(name)
        return self._present(name)

    def _present(self, name: str) -> types.ModuleType:
        """Return a loaded module, or what stands for it if anything of it is restricted."""
        module = self._stand_ins.get(name)
        if module is not None:
            return module
        module = self.own.get(name) or self._foreign[name]
        if name == "builtins":
            return module
        matcher = self._restrictions.invalid_module_members.child_matcher(*name.split("."))
        if matcher is None:
            return module
        stand_in = self._stand_ins[name] = RestrictedModule(module, self._context, matcher)
        return stand_in

    def _import_listed(self, package: str, module: types.ModuleType, names: Sequence[str]) -> None:
        """Import those names of ``from package import …`` that are modules."""
        if not hasattr(module, "__path__"):
            return
        for name in names:
            if name == "*":
                self._import_listed(package, module, getattr(module, "__all__", ()))
            elif not hasattr(module, name):
                child = f"{package}.{name}"
                try:
                    # As in the official package, nobody is told of what is only listed.
                    self._load(child, notify=False)
                except ModuleNotFoundError as error:
                    # A name that is no module is missed by the statement itself.
                    if error.name != child:
                        raise

    def _load(self, name: str, *, notify: bool = True) -> types.ModuleType:
        """Import a module that is not loaded."""
        if not unsafe.is_sandbox_unrestricted() and self._restrictions.invalid_modules.match_access(
            self._context, *name.split(".")
        ):
            raise RestrictedWorkflowAccessError(name)
        if unsafe.is_imports_passed_through() or self._restrictions.passes_through(name):
            return self._take_from_outside(name)
        if notify:
            self._notify(name)
        return self._load_own(name)

    def _take_from_outside(self, name: str) -> types.ModuleType:
        with outside_of_sandbox():
            module = importlib.import_module(name)
        parent, _, child = name.rpartition(".")
        if parent:
            if self._loaded(parent) is None:
                self._load(parent)
            package = self.own.get(parent)
            if package is not None:
                setattr(package, child, module)
        self._foreign[name] = module
        return module

    def _notify(self, name: str) -> None:
        """Warn of the import of a module of the sandbox, or refuse it, where that is wanted."""
        policy = (
            unsafe.current_import_notification_policy_override()
            or self._restrictions.import_notification_policy
        )
        if name != self._workflow_module:
            if _Policy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH in policy:
                raise UnintentionalPassthroughError(name)
            if _Policy.WARN_ON_UNINTENTIONAL_PASSTHROUGH in policy:
                warnings.warn(unintentional_passthrough(name), stacklevel=5)
        if self._context.in_activation and _Policy.WARN_ON_DYNAMIC_IMPORT in policy:
            warnings.warn(f"Module {name} was imported after initial workflow load.", stacklevel=5)

    def _load_own(self, name: str) -> types.ModuleType:
        parent, _, child = name.rpartition(".")
        path: Sequence[str] | None = None
        if parent:
            package = self._loaded(parent)
            if package is None:
                package = self._load(parent)
            # The package may have imported it.
            if name in self.own:
                return self.own[name]
            path = _path_of(package, parent, name)
        spec = self._kept.find(name, path)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = self._execute(name, spec)
        if parent:
            setattr(module_behind(self._loaded(parent) or module), child, module)
        return module

    def _execute(self, name: str, spec: ModuleSpec) -> types.ModuleType:
        module = importlib.util.module_from_spec(spec)
        module.__dict__["__builtins__"] = self.builtins.__dict__
        self.own[name] = module
        try:
            code = self._kept.execute(spec, module)
        except BaseException:
            self.own.pop(name, None)
            raise
        if code is not None:
            self.codes.append(code)
        # A module may put something else in its place.
        return self.own.get(name, module)

    # ---- builtins ----

    def _restricted_builtins(self) -> dict[str, Any]:
        """Return the builtins, with those restricted that the matcher names."""
        names = dict(builtins.__dict__)
        matcher = self._builtins_matcher
        if matcher is not None:
            for name in matcher.access | matcher.use | matcher.children.keys():
                if name in names and not name.startswith("_"):
                    names[name] = partial(self._call_builtin, name)
                    installation.add_builtin(name)
        names["isinstance"] = unwrap_arguments(isinstance)
        names["issubclass"] = unwrap_arguments(issubclass)
        names["__import__"] = self.import_module
        return names

    def check_builtin(self, name: str) -> None:
        """Raise if a builtin must not be called now.

        Raises:
            RestrictedWorkflowAccessError: It must not.
        """
        matcher = self._builtins_matcher
        if (
            matcher is not None
            and not unsafe.is_sandbox_unrestricted()
            and matcher.match_access(self._context, name, include_use=True)
        ):
            child = matcher.children.get(name)
            raise RestrictedWorkflowAccessError(
                f"__builtins__.{name}",
                override_message=None if child is None else child.leaf_message,
            )

    def _call_builtin(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        self.check_builtin(name)
        # Looked up now: somebody may have replaced it.
        return getattr(builtins, name)(*args, **kwargs)


@contextmanager
def outside_of_sandbox() -> Iterator[None]:
    """Have this thread see the process's modules for a while."""
    importer = current.importer
    current.importer = None
    try:
        yield
    finally:
        current.importer = importer


def _absolute(name: str, globals: Mapping[str, Any], level: int) -> str:
    """Return the full name of a relative import."""
    package = globals.get("__package__")
    if package is None:
        spec = globals.get("__spec__")
        if spec is not None:
            package = spec.parent
        else:
            package = globals.get("__name__", "")
            if "__path__" not in globals:
                package = package.rpartition(".")[0]
    if not package:
        raise ImportError("attempted relative import with no known parent package")
    parts = package.rsplit(".", level - 1)
    if len(parts) < level:
        raise ImportError("attempted relative import beyond top-level package")
    return f"{parts[0]}.{name}" if name else parts[0]


def _path_of(package: types.ModuleType, parent: str, name: str) -> Sequence[str]:
    try:
        path: Sequence[str] = module_behind(package).__path__
    except AttributeError:
        raise ModuleNotFoundError(
            f"No module named {name!r}; {parent!r} is not a package", name=name
        ) from None
    return path
