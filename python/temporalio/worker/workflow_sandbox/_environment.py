"""Environments: loaded modules, and who has its turn in them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

import temporalio.workflow
from temporalio.bridge._callboard import SandboxOverlay, SandboxState
from temporalio.workflow._definition import _Definition

from . import _modules
from ._importing import Importer
from ._loading import KeptModules
from ._matcher import RestrictionContext
from ._restrictions import SandboxRestrictions
from ._sharing import NotShareableError, shared_state

logger = logging.getLogger(__name__)

_PATIENCE: Final = 1.0
"""Seconds to wait for code that holds an environment on a thread that was given up."""

_MAIN: Final = "__main__"
_OWN_MAIN: Final = "__temporal_main__"


class Turn:
    """What one run has of its environment between its turns."""

    __slots__ = ("environment", "overlay")

    def __init__(self, environment: Environment) -> None:
        """Begin with pristine modules."""
        self.environment = environment
        self.overlay: SandboxOverlay | None = None

    def begin(self, *, in_activation: bool) -> None:
        """Have this thread run code of the run.

        Raises:
            RuntimeError: Code that does not yield holds the environment.
        """
        environment = self.environment
        environment.claim()
        environment.enter(is_runtime=True, in_activation=in_activation)
        if self.overlay is not None and environment.state is not None:
            environment.state.put_in(self.overlay)

    def end(self) -> None:
        """Leave the environment as it is for others, and keep what the run has made of it."""
        environment = self.environment
        try:
            if environment.state is not None:
                self.overlay = environment.state.take_out(self.overlay)
        finally:
            environment.leave()
            environment.release()


class Environment:
    """Modules of a workflow, loaded once. Runs on one thread may take turns in them."""

    def __init__(
        self, workflow_module: str, restrictions: SandboxRestrictions, kept: KeptModules
    ) -> None:
        """Load the modules.

        Args:
            workflow_module: Full name of the module that defines the workflow.
            restrictions: What comes from outside, and what is restricted.
            kept: Where modules were found before, and their code.
        """
        self._context = RestrictionContext()
        self._module_name = _OWN_MAIN if workflow_module == _MAIN else workflow_module
        self.importer = Importer(restrictions, self._context, kept, self._module_name)
        self.state: SandboxState | None = None
        """What runs exchange, None while they cannot take turns."""
        self.runs = 0
        """How many runs there are in it."""
        self._definitions: dict[str, _Definition] = {}
        self._failure_types: dict[tuple[type, ...], list[type[BaseException]]] = {}
        self._classes: dict[type, type] = {}
        self._holder: int | None = None
        self.enter(is_runtime=False, in_activation=False)
        try:
            self.importer.get(self._module_name)
        finally:
            self.leave()

    # ---- turns ----

    def claim(self) -> None:
        """Wait until no other thread is in this environment.

        There is one only if it runs code that does not yield and lost its lane for that.

        Raises:
            RuntimeError: It does not leave.
        """
        if self._holder is not None:
            deadline = time.monotonic() + _PATIENCE
            while self._holder is not None:
                if time.monotonic() > deadline:
                    raise RuntimeError(
                        "workflow code that does not yield holds the modules that this run uses"
                    )
                time.sleep(0.001)
        self._holder = threading.get_ident()

    def release(self) -> None:
        """Let other threads in."""
        self._holder = None

    def enter(self, *, is_runtime: bool, in_activation: bool) -> None:
        """Have this thread see the environment."""
        _modules.install()
        _modules.current.importer = self.importer
        temporalio.workflow.unsafe._set_in_sandbox(True)
        self._context.is_runtime = is_runtime
        self._context.in_activation = in_activation

    def leave(self) -> None:
        """Have this thread see the process again."""
        self._context.is_runtime = False
        self._context.in_activation = False
        temporalio.workflow.unsafe._set_in_sandbox(False)
        _modules.current.importer = None
        _modules.uninstall()

    # ---- what is looked up once ----

    def share(self, reference: Environment) -> str | None:
        """Let runs take turns. Returns why they cannot, if so.

        Args:
            reference: An environment of the same modules in which nothing has run.
        """
        try:
            self.state = shared_state(self.importer, reference.importer)
        except NotShareableError as error:
            return str(error)
        return None

    def definition(self, outside: _Definition) -> _Definition:
        """Return the definition of a workflow's class in this environment.

        Raises:
            ImportError: The module has no such class when it is loaded here.
        """
        name = outside.cls.__name__
        definition = self._definitions.get(name)
        if definition is None:
            definition = _Definition.must_from_class(self._find(self._module_name, name))
            self._definitions[name] = definition
        return definition

    def failure_types(self, types: Sequence[type[BaseException]]) -> Sequence[type[BaseException]]:
        """Return exception types, and with them what they are in this environment.

        Raises:
            TypeError: One of them is not found here.
        """
        if not types:
            return types
        key = tuple(types)
        found = self._failure_types.get(key)
        if found is None:
            found = self._failure_types[key] = [*types, *map(self._failure_type, types)]
        return found

    def counterpart(self, outside: type) -> type:
        """Return what a class is in this environment."""
        found = self._classes.get(outside)
        if found is None:
            found = self._find(outside.__module__, outside.__qualname__)
            self._classes[outside] = found
        return found

    def _failure_type(self, outside: type[BaseException]) -> type[BaseException]:
        try:
            found: type[BaseException] = self._find(outside.__module__, outside.__qualname__)
            if not issubclass(found, BaseException):
                raise TypeError(f"{found} is no exception")
            return found
        except Exception as error:
            raise TypeError(
                f"Failed to re-import workflow exception failure type {outside} in sandbox"
            ) from error

    def _find(self, module_name: str, path: str) -> Any:
        """Import an object. The caller has entered the environment."""
        if module_name == _MAIN:
            module_name = _OWN_MAIN
        found: Any = self.importer.get(module_name)
        for name in path.split("."):
            try:
                found = getattr(found, name)
            except AttributeError:
                raise ImportError(
                    f"cannot import name {name!r} from {module_name!r}", name=module_name
                ) from None
        return found


class Environments:
    """The environments of one runner."""

    def __init__(self, restrictions: SandboxRestrictions) -> None:
        """Start with none.

        Args:
            restrictions: What comes from outside, and what is restricted.
        """
        self._restrictions = restrictions
        self._kept = KeptModules()
        self._threads = threading.local()
        self._references: dict[str, Environment] = {}
        self._private: dict[str, str] = {}
        self._lock = threading.Lock()

    def prepare(self, workflow_module: str) -> Environment:
        """Load a module for the first time. Nothing ever runs in this environment."""
        with self._lock:
            reference = self._references.get(workflow_module)
        if reference is None:
            reference = self._load(workflow_module)
            with self._lock:
                reference = self._references.setdefault(workflow_module, reference)
        return reference

    def for_run(self, workflow_module: str) -> Environment:
        """Return the environment for a new run on this thread."""
        reference = self.prepare(workflow_module)
        if workflow_module in self._private:
            return self._load(workflow_module)
        of_thread: dict[str, Environment] = self._threads.__dict__
        environment = of_thread.get(workflow_module)
        if environment is not None:
            return environment
        environment = self._load(workflow_module)
        reason = environment.share(reference)
        if reason is None:
            of_thread[workflow_module] = environment
        else:
            self._private[workflow_module] = reason
            logger.debug(
                "Each run of workflows in module %s loads its modules anew, for they cannot be "
                "shared: %s",
                workflow_module,
                reason,
            )
        return environment

    def _load(self, workflow_module: str) -> Environment:
        return Environment(workflow_module, self._restrictions, self._kept)
