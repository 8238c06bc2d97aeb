"""The decorators of workflow classes, and the definition that they leave on a class."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import temporalio.common

from ..types import CallableAsyncType, CallableType, ClassType, MethodSyncNoParam, SelfType
from ._definition_scan import (
    _DYNAMIC_CONFIG_MARK,
    _INIT_MARK,
    _RUN_MARK,
    scan_class,
)
from ._handler_definitions import (
    _complete,
    _QueryDefinition,
    _SignalDefinition,
    _UpdateDefinition,
)

__all__ = ["DynamicWorkflowConfig", "defn", "dynamic_config", "init", "run"]

_DEFINITION_ATTRIBUTE = "__temporal_workflow_definition"
_UNSPECIFIED = temporalio.common.VersioningBehavior.UNSPECIFIED


@overload
def defn(cls: ClassType) -> ClassType: ...


@overload
def defn(
    *,
    name: str | None = None,
    sandboxed: bool = True,
    failure_exception_types: Sequence[type[BaseException]] = (),
    versioning_behavior: temporalio.common.VersioningBehavior = _UNSPECIFIED,
) -> Callable[[ClassType], ClassType]: ...


@overload
def defn(
    *,
    sandboxed: bool = True,
    dynamic: bool = False,
    failure_exception_types: Sequence[type[BaseException]] = (),
    versioning_behavior: temporalio.common.VersioningBehavior = _UNSPECIFIED,
) -> Callable[[ClassType], ClassType]: ...


def defn(
    cls: type | None = None,
    *,
    name: str | None = None,
    sandboxed: bool = True,
    dynamic: bool = False,
    failure_exception_types: Sequence[type[BaseException]] = (),
    versioning_behavior: temporalio.common.VersioningBehavior = _UNSPECIFIED,
) -> Any:
    """Make a class a workflow.

    Each class that a worker registers needs its own decorator: one on a base class does not count.

    Args:
        cls: The class.
        name: Name of the workflow's type. Defaults to the name of the class. Without effect where
            ``dynamic`` is set.
        sandboxed: Whether the sandbox, on a worker that has one, holds this workflow.
        dynamic: Run every workflow type that the worker does not know otherwise. The run method
            then takes exactly one ``Sequence[RawValue]``.
        failure_exception_types: Exceptions that, raised by the workflow's code, fail the workflow
            or the update in place of the workflow task. The worker's own list counts as well.
            ``[Exception]`` makes each exception fail the workflow. This is experimental.
        versioning_behavior: Whether runs stay on the deployment version on which they started.
            Unspecified by default.

    Returns:
        The class itself, marked.

    Raises:
        ValueError: The class is no proper workflow. The message has all reasons at once.
        TypeError: A dynamic workflow's run method takes something else.
    """

    def mark(workflow_class: type) -> type:
        _Definition._apply_to_class(
            workflow_class,
            workflow_name=None if dynamic else name or workflow_class.__name__,
            sandboxed=sandboxed,
            failure_exception_types=failure_exception_types,
            versioning_behavior=versioning_behavior,
        )
        return workflow_class

    return mark if cls is None else mark(cls)


def init(init_fn: CallableType) -> CallableType:
    """Let a workflow's ``__init__`` take the arguments of its run method.

    Without it ``__init__`` is called with nothing. With it the two methods must have identical
    parameters, names aside.

    Args:
        init_fn: The ``__init__`` method.

    Returns:
        The method itself, marked.

    Raises:
        ValueError: It is another method.
    """
    if init_fn.__name__ != "__init__":
        raise ValueError("@workflow.init may only be used on the __init__ method")
    setattr(init_fn, _INIT_MARK, True)
    return init_fn


def run(fn: CallableAsyncType) -> CallableAsyncType:
    """Make a method the one that runs the workflow.

    A workflow has exactly one, ``async``, defined in the class that carries :py:func:`defn`. Where
    a base class has one, the workflow's class overrides it under the same name. It takes positional
    parameters, best a single dataclass, to which fields can be added later.

    Args:
        fn: The method.

    Returns:
        The method itself, marked.

    Raises:
        ValueError: It is not ``async``, or its class is local to a function, where no module could
            name it.
    """
    # In two steps: the check would narrow the type of ``fn`` and lose what it was.
    is_async = inspect.iscoroutinefunction(fn)
    if not is_async:
        raise ValueError("Workflow run method must be an async function")
    if "<locals>" in fn.__qualname__:
        raise ValueError("Local classes unsupported, @workflow.run cannot be on a local class")
    setattr(fn, _RUN_MARK, True)
    return fn


@dataclass(frozen=True)
class DynamicWorkflowConfig:
    """How one run of a dynamic workflow behaves. See :py:func:`dynamic_config`."""

    failure_exception_types: Sequence[type[BaseException]] | None = None
    """Exceptions that fail the workflow or the update in place of the workflow task.

    None leaves what :py:func:`defn` says; anything else replaces it. The worker's own list counts
    as well. This is experimental."""

    versioning_behavior: temporalio.common.VersioningBehavior = _UNSPECIFIED
    """Whether the run stays on its deployment version. Always replaces what :py:func:`defn` says."""


def dynamic_config(
    fn: MethodSyncNoParam[SelfType, DynamicWorkflowConfig],
) -> MethodSyncNoParam[SelfType, DynamicWorkflowConfig]:
    """Make a method say how this run of a dynamic workflow behaves.

    A dynamic workflow stands for many workflow types. This method can look at :py:func:`info` and
    answer differently for each. It is called once, after ``__init__`` and before the run method.

    Args:
        fn: Plain method without parameters that returns a :py:class:`DynamicWorkflowConfig`.

    Returns:
        The method itself, marked.

    Raises:
        ValueError: It is ``async`` or takes more than self.
    """
    if inspect.iscoroutinefunction(fn):
        raise ValueError("Workflow dynamic_config method must be synchronous")
    if len(inspect.signature(fn).parameters) != 1:
        raise ValueError("Workflow dynamic_config method must only take self parameter")
    setattr(fn, _DYNAMIC_CONFIG_MARK, True)
    return fn


@dataclass(frozen=True)
class _Definition:
    """A workflow class as the decorators found it. A name of None marks a dynamic workflow."""

    name: str | None
    cls: type
    run_fn: Callable[..., Awaitable[Any]]
    signals: Mapping[str | None, _SignalDefinition]
    queries: Mapping[str | None, _QueryDefinition]
    updates: Mapping[str | None, _UpdateDefinition]
    sandboxed: bool
    failure_exception_types: Sequence[type[BaseException]]
    # Read from the run method unless one of them is given.
    arg_types: list[type] | None = None
    ret_type: type | None = None
    versioning_behavior: temporalio.common.VersioningBehavior | None = None
    dynamic_config_fn: Callable[..., DynamicWorkflowConfig] | None = None

    @staticmethod
    def from_class(workflow_class: type) -> _Definition | None:
        """Return the definition of exactly this class; one inherited from a base does not count."""
        definition: _Definition | None = getattr(workflow_class, _DEFINITION_ATTRIBUTE, None)
        return definition if definition is not None and definition.cls == workflow_class else None

    @staticmethod
    def must_from_class(workflow_class: type) -> _Definition:
        """Return the definition of exactly this class.

        Raises:
            ValueError: It has none.
        """
        definition = _Definition.from_class(workflow_class)
        if definition is None:
            name = getattr(workflow_class, "__name__", "<unknown>")
            raise ValueError(
                f"Workflow {name} missing attributes, was it decorated with @workflow.defn?"
            )
        return definition

    @staticmethod
    def from_run_fn(fn: Callable[..., Awaitable[Any]]) -> _Definition | None:
        """Return the definition to which a run method belongs, if any."""
        return getattr(fn, _DEFINITION_ATTRIBUTE, None)

    @staticmethod
    def must_from_run_fn(fn: Callable[..., Awaitable[Any]]) -> _Definition:
        """Return the definition to which a run method belongs.

        Raises:
            ValueError: It belongs to none.
        """
        definition = _Definition.from_run_fn(fn)
        if definition is None:
            name = getattr(fn, "__qualname__", "<unknown>")
            raise ValueError(
                f"Function {name} missing attributes, was it decorated with @workflow.run and "
                "was its class decorated with @workflow.defn?"
            )
        return definition

    @classmethod
    def get_name_and_result_type(
        cls, name_or_run_fn: str | Callable[..., Awaitable[Any]]
    ) -> tuple[str, type | None]:
        """Return the workflow type to start, and the type of its result if known.

        Raises:
            TypeError: It is neither a name nor a callable.
            ValueError: It is no run method of a workflow, or that of a dynamic one.
        """
        if callable(name_or_run_fn):
            definition = cls.must_from_run_fn(name_or_run_fn)
            if not definition.name:
                raise ValueError("Cannot invoke dynamic workflow explicitly")
            return definition.name, definition.ret_type
        if not isinstance(name_or_run_fn, str):
            raise TypeError("Workflow must be a string or callable")
        return name_or_run_fn, None

    @staticmethod
    def _apply_to_class(
        workflow_class: type,
        *,
        workflow_name: str | None,
        sandboxed: bool,
        failure_exception_types: Sequence[type[BaseException]],
        versioning_behavior: temporalio.common.VersioningBehavior,
    ) -> None:
        """Check ``workflow_class`` and leave its definition on it and on its run method.

        Raises:
            ValueError: The class has a definition already, or is no proper workflow.
            TypeError: A dynamic workflow's run method takes something else.
        """
        if _Definition.from_class(workflow_class):
            raise ValueError("Class already contains workflow definition")
        members = scan_class(workflow_class, workflow_name)
        definition = _Definition(
            name=workflow_name,
            cls=workflow_class,
            run_fn=members.run_fn,
            signals=members.signals,
            queries=members.queries,
            updates=members.updates,
            sandboxed=sandboxed,
            failure_exception_types=failure_exception_types,
            versioning_behavior=versioning_behavior,
            dynamic_config_fn=members.dynamic_config_fn,
        )
        setattr(workflow_class, _DEFINITION_ATTRIBUTE, definition)
        setattr(members.run_fn, _DEFINITION_ATTRIBUTE, definition)

    def __post_init__(self) -> None:
        if self.arg_types is not None or self.ret_type is not None:
            return
        arg_types, ret_type = temporalio.common._type_hints_from_func(self.run_fn)
        if self.name is None and arg_types != [Sequence[temporalio.common.RawValue]]:
            raise TypeError(
                "Dynamic workflow must accept a single Sequence[temporalio.common.RawValue]"
            )
        _complete(self, arg_types=arg_types, ret_type=ret_type)
