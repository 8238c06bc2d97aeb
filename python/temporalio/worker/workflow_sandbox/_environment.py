"""Environments: loaded modules, and who has its turn in them."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from temporalio.bridge._callboard import SandboxOverlay, SandboxState, off_the_clock
from temporalio.workflow._definition import _Definition
from temporalio.workflow._sandbox import _in_sandbox

from . import _modules
from ._importing import Importer
from ._loading import KeptModules
from ._matcher import RestrictionContext
from ._restrictions import SandboxRestrictions

logger = logging.getLogger(__name__)

_PATIENCE: Final = 1.0
"""Seconds to wait for code that holds an environment on a thread that was given up."""

_MAIN: Final = "__main__"
_OWN_MAIN: Final = "__temporal_main__"


class Turn:
    """What one run has of its environment between its turns."""

    __slots__ = ("_overlay", "environment")

    def __init__(self, environment: Environment) -> None:
        """Begin with pristine modules."""
        self.environment = environment
        self._overlay: SandboxOverlay | None = None

    @property
    def changes(self) -> int:
        """How many parts of the modules the run has changed."""
        return 0 if self._overlay is None else len(self._overlay)

    def begin(self, *, in_activation: bool) -> None:
        """Have this thread run code of the run.

        Raises:
            RuntimeError: The environment cannot be used now, or never again.
        """
        environment = self.environment
        environment.enter(is_runtime=True, in_activation=in_activation)
        if self._overlay is not None:
            try:
                environment.state_of_runs().put_in(self._overlay)
            except BaseException:
                environment.give_up()
                raise

    def end(self) -> None:
        """Leave the environment as it is for others, and keep what the run has made of it."""
        environment = self.environment
        if environment.state is not None:
            try:
                self._overlay = environment.state.take_out(self._overlay)
            except BaseException:
                environment.give_up()
                raise
        environment.leave()


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
        self._definitions: dict[str, _Definition] = {}
        self._failure_types: dict[tuple[type, ...], list[type[BaseException]]] = {}
        self._classes: dict[type, type] = {}
        self._is_held = False
        self._spoiled = False
        self.enter(is_runtime=False, in_activation=False)
        try:
            self.importer.get(self._module_name)
        finally:
            self.leave()

    # ---- turns ----

    def _wait_until_free(self) -> None:
        """Wait until no other thread is in this environment.

        There is one only if it runs code that does not yield and lost its lane for that.

        Raises:
            RuntimeError: It does not leave, or the modules are not what they were.
        """
        if self._spoiled:
            raise RuntimeError("the modules of this run could not be restored after another one")
        deadline = time.monotonic() + _PATIENCE
        while self._is_held:
            if time.monotonic() > deadline:
                raise RuntimeError(
                    "workflow code that does not yield holds the modules that this run uses"
                )
            time.sleep(0.001)

    @property
    def usable(self) -> bool:
        """Whether runs can begin here."""
        return not (self._is_held or self._spoiled)

    def state_of_runs(self) -> SandboxState:
        """Return what runs exchange. Only for one that has changed something."""
        assert self.state is not None, "a run in an environment of its own keeps no changes"
        return self.state

    def give_up(self) -> None:
        """Leave for good, as the contents could not be exchanged: nobody knows what they are."""
        self._spoiled = True
        self.leave()

    def enter(self, *, is_runtime: bool, in_activation: bool) -> None:
        """Have this thread, and no other one, see the environment.

        Raises:
            RuntimeError: Another thread does not leave it, or the modules are not what they were.
        """
        if self._is_held or self._spoiled:
            self._wait_until_free()
        self._is_held = True
        _modules.installation.install()
        _modules.current.importer = self.importer
        _in_sandbox.value = True
        context = self._context
        context.is_runtime = is_runtime
        context.in_activation = in_activation

    def leave(self) -> None:
        """Have this thread see the process again, and let others in."""
        context = self._context
        context.is_runtime = False
        context.in_activation = False
        _in_sandbox.value = False
        _modules.current.importer = None
        _modules.installation.uninstall()
        self._is_held = False

    # ---- what is looked up once ----

    def share(self, reference: Environment) -> str | None:
        """Let runs take turns. Returns why they cannot, if so.

        Args:
            reference: An environment of the same modules in which nothing has run.
        """
        # Brings much of the standard library along, which only workers need that run workflows.
        from ._sharing import NotShareableError, shared_state

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


class _OfThread:
    """The environments in which one thread runs workflows. They outlive it."""

    def __init__(self, idle: defaultdict[str, list[Environment]]) -> None:
        self.by_module: dict[str, Environment] = {}
        self._idle = idle

    def __del__(self) -> None:
        for module, environment in self.by_module.items():
            if environment.usable:
                self._idle[module].append(environment)


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
        self._idle: defaultdict[str, list[Environment]] = defaultdict(list)
        self._references: dict[str, Environment] = {}
        self._private: dict[str, str] = {}

    def prepare(self, workflow_module: str) -> Environment:
        """Return the environment of a module in which nothing ever runs."""
        reference = self._references.get(workflow_module)
        if reference is None:
            # Two threads may load it at a time; then one of both stays.
            loaded = self._load(workflow_module)
            reference = self._references.setdefault(workflow_module, loaded)
        return reference

    def for_run(self, workflow_module: str) -> Environment:
        """Return the environment for a new run on this thread.

        What imports take does not count against the workflow's deadlock limit.
        """
        reference = self.prepare(workflow_module)
        if workflow_module in self._private:
            return off_the_clock(lambda: self._load(workflow_module))
        of_thread = self._of_this_thread()
        environment = of_thread.get(workflow_module)
        if environment is None or not environment.usable:
            environment = self._idle_one(workflow_module) or off_the_clock(
                lambda: self._make(workflow_module, reference)
            )
            if environment.state is not None:
                of_thread[workflow_module] = environment
        return environment

    def why_private(self, workflow_module: str) -> str | None:
        """Return why each run loads a module anew, None if runs share it as far as is known."""
        return self._private.get(workflow_module)

    def _of_this_thread(self) -> dict[str, Environment]:
        try:
            of_thread: _OfThread = self._threads.environments
        except AttributeError:
            of_thread = self._threads.environments = _OfThread(self._idle)
        return of_thread.by_module

    def _idle_one(self, workflow_module: str) -> Environment | None:
        """Return an environment whose thread has ended."""
        try:
            return self._idle[workflow_module].pop()
        except IndexError:
            return None

    def _make(self, workflow_module: str, reference: Environment) -> Environment:
        environment = self._load(workflow_module)
        reason = environment.share(reference)
        if reason is not None:
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
