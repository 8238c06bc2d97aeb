"""Whether runs may share loaded modules: a walk over all that these hold.

Two environments with the same modules are walked side by side. What is the same object in both
comes from outside; runs share it in any sandbox, and the walk ends there. All else belongs to the
environment and must be either immutable, or of a kind whose contents can be exchanged when another
run takes its turn: those are the nodes that the walk collects. Anything that is neither means that
runs cannot share these modules.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import gc
import operator
import pathlib
import re
import struct
import types
import uuid
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Final

from temporalio.bridge._callboard import SandboxState
from temporalio.converter._typed_values import _CLASS_ATTRIBUTE

from ._importing import Importer
from ._proxy import RestrictedModule, RestrictedProxy, module_behind, unwrap

_Node = tuple[str, Any]
_Children = Iterable[tuple[str, Any]]

MOST_OBJECTS: Final = 200_000
"""Larger module sets are not worth a walk."""

_HAZARDS: Final = {
    "__subclasses__": "code looks at the subclasses of a class, to which other runs may add",
    "__del__": "a finalizer could run while it is the turn of another run",
    "weakref": "a callback of a weak reference could run while it is the turn of another run",
    "gc": "code looks at all objects there are, those of other runs among them",
    "ctypes": "code may change memory directly",
}
"""Names that code must not contain for its modules to be shared, and why."""

_ABC_HAZARD: Final = "register"
"""With an abstract class: a run could register classes with it, where nobody looks."""


_DERIVED: Final = [_CLASS_ATTRIBUTE, "__temporal_native_plan"]
"""Attributes that this package hangs on classes when it first converts values to them."""


class NotShareableError(Exception):
    """Runs cannot share these modules. The message says why."""


def _nothing(value: Any) -> _Children:
    return ()


def _named(*names: str) -> Callable[[Any], _Children]:
    def children(value: Any) -> _Children:
        return [(name, getattr(value, name, None)) for name in names]

    return children


def _items(value: Any) -> _Children:
    return [(f"[{index}]", item) for index, item in enumerate(value)]


def _referents(value: Any) -> _Children:
    return _items(gc.get_referents(value))


def _unordered(value: Any) -> _Children:
    """Return the items of a set, which must be such that their order says which is which."""
    for item in value:
        if type(item) not in _ATOMS and not isinstance(item, (enum.Enum, type)):
            raise NotShareableError(f"a set holds an object of type {_name_of(type(item))}")
    return [(str(getattr(item, "__qualname__", item)), item) for item in value]


_ATOMS: Final[frozenset[type]] = frozenset(
    {
        *(bool, int, float, complex, str, bytes, range, slice),
        *(type(None), type(...), type(NotImplemented), types.CodeType),
        *(datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone),
        *(zoneinfo.ZoneInfo, decimal.Decimal, fractions.Fraction, uuid.UUID),
        *(re.Pattern, struct.Struct),
        *(pathlib.PurePosixPath, pathlib.PureWindowsPath, type(pathlib.Path())),
        *(types.GetSetDescriptorType, types.MemberDescriptorType, types.MethodDescriptorType),
        *(types.WrapperDescriptorType, types.ClassMethodDescriptorType),
        # What a dataclass was made with.
        type(vars(dataclasses.make_dataclass("_Example", ()))["__dataclass_params__"]),
    }
)
"""Types without contents that could change."""

_IMMUTABLE: Final[dict[Any, Callable[[Any], _Children]]] = {
    tuple: _items,
    frozenset: _unordered,
    property: _named("fget", "fset", "fdel"),
    types.MethodType: _named("__self__", "__func__"),
    types.MethodWrapperType: _named("__self__"),
    types.BuiltinMethodType: _named("__self__"),
    types.MappingProxyType: _referents,
    types.GenericAlias: _named("__origin__", "__args__"),
    types.UnionType: _named("__args__"),
    operator.itemgetter: _referents,
    operator.attrgetter: _nothing,
    operator.methodcaller: _referents,
    ContextVar: _referents,
    dataclasses.Field: _named("default", "default_factory", "type", "metadata"),
    # Its lock is only held while the value is made, which does not wait.
    functools.cached_property: _named("func"),
}
"""Types whose own contents do not change, and how to get at these."""

_TYPING: Final = ("__origin__", "__args__", "__bound__", "__constraints__", "__supertype__")

# Instances hold nothing beyond what their classes written in Python give them.
_SIMPLE_BASES: Final = (object, int, str, float, bytes, tuple)


class _Walk:
    """The walk over one environment, beside another with the same modules."""

    def __init__(self, importer: Importer, reference: Importer) -> None:
        self.nodes: list[_Node] = []
        self._importer = importer
        self._seen: dict[int, Any] = {}
        self._pending: list[tuple[str, Any, Any]] = []
        self._names: set[str] = set()
        self._has_abstract_class = False
        # They are made anew for each environment and nothing in them changes.
        for name, value in importer.builtins.__dict__.items():
            self._seen[id(value)] = value
            del name
        for mapping in (importer.builtins, importer.builtins.__dict__):
            self._seen[id(mapping)] = mapping
        self._reference = reference

    def run(self) -> None:
        for code in self._importer.codes:
            self._note_names(code)
        self._bindings("sys.modules", self._importer.own, self._reference.own)
        while self._pending:
            path, value, other = self._pending.pop()
            if value is other or type(value) in _ATOMS or id(value) in self._seen:
                if type(value) is types.CodeType:
                    self._note_names(value)
                continue
            # Kept alive with its number, so that no other object gets it meanwhile.
            self._seen[id(value)] = value
            if len(self._seen) > MOST_OBJECTS:
                raise NotShareableError(f"there are more than {MOST_OBJECTS} objects")
            try:
                self._visit(path, value, other)
            except NotShareableError as error:
                raise NotShareableError(f"{path}: {error}") from None
        self._check_names()

    def _check_names(self) -> None:
        for name in sorted(self._names & _HAZARDS.keys()):
            raise NotShareableError(f"name {name!r}: {_HAZARDS[name]}")
        if self._has_abstract_class and _ABC_HAZARD in self._names:
            raise NotShareableError("code may register classes with an abstract class")

    def _note_names(self, code: types.CodeType) -> None:
        self._names.update(code.co_names)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                self._note_names(constant)
            elif isinstance(constant, str) and constant in _HAZARDS:
                self._names.add(constant)

    # ---- kinds of objects ----

    def _visit(self, path: str, value: Any, other: Any) -> None:
        kind = type(value)
        if kind is not type(other):
            # Of a class that belongs to the environment, or something has come out differently.
            if _name_of(kind) != _name_of(type(other)):
                raise NotShareableError("the modules come out differently each time")
            self._pending.append((f"type({path})", kind, type(other)))
        visit = _VISITS.get(kind)
        if visit is not None:
            visit(self, path, value, other)
        elif kind in _IMMUTABLE:
            self._descend(path, _IMMUTABLE[kind](value), _IMMUTABLE[kind](other))
        elif isinstance(value, type):
            self._visit_class(path, value, other)
        elif kind.__module__ in ("typing", "typing_extensions"):
            self._descend(path, _typing_parts(value), _typing_parts(other))
        elif kind.__module__ == "_abc":
            self._has_abstract_class = True
        else:
            self._visit_instance(path, value, other)

    def _visit_module(self, path: str, value: ModuleType, other: ModuleType) -> None:
        self._bindings(path, value.__dict__, other.__dict__)

    def _visit_stand_in(self, path: str, value: Any, other: Any) -> None:
        self._pending.append((path, unwrap(value), unwrap(other)))

    def _visit_module_stand_in(self, path: str, value: Any, other: Any) -> None:
        self._pending.append((path, module_behind(value), module_behind(other)))

    def _visit_function(self, path: str, value: Any, other: Any) -> None:
        self.nodes.append(("function", value))
        parts, other_parts = SandboxState.function_parts(value), SandboxState.function_parts(other)
        attributes, globals_ = parts.pop("__dict__", None), parts.pop("__globals__")
        other_attributes = other_parts.pop("__dict__", None)
        other_globals = other_parts.pop("__globals__")
        self._descend(path, parts.items(), other_parts.items())
        if attributes is not None:
            self._bindings(f"{path}.__dict__", attributes, other_attributes)
        self._bindings(f"{path}.__globals__", globals_, other_globals)

    def _visit_class(self, path: str, value: type, other: type) -> None:
        self.nodes.append(("class", value))
        self._pair(path, _class_dict(value), _class_dict(other), ".")
        self._descend(path, _items(value.__bases__), _items(other.__bases__))

    def _visit_wrapper(self, path: str, value: Any, other: Any) -> None:
        """Visit a static method, a class method or a partial function."""
        names = ("__func__", "func", "args", "keywords")
        self._descend(path, _named(*names)(value), _named(*names)(other))
        self._bindings(f"{path}.__dict__", value.__dict__, other.__dict__)

    def _visit_cell(self, path: str, value: Any, other: Any) -> None:
        self.nodes.append(("cell", value))
        self._descend(path, _cell_contents(value), _cell_contents(other))

    def _visit_dict(self, path: str, value: dict[Any, Any], other: dict[Any, Any]) -> None:
        self.nodes.append(("dict", value))
        self._descend(path, _unordered(value.keys()), _unordered(other.keys()))
        self._descend(path, _values(value), _values(other))

    def _visit_default_dict(self, path: str, value: Any, other: Any) -> None:
        self._visit_dict(path, value, other)
        self._visit_slot(path, value, other, vars(defaultdict)["default_factory"])

    def _visit_slot(self, path: str, value: Any, other: Any, descriptor: Any) -> None:
        self.nodes.append(("slot", (value, descriptor)))
        self._descend(path, _slot_value(value, descriptor), _slot_value(other, descriptor))

    def _visit_list(self, path: str, value: list[Any], other: list[Any]) -> None:
        self.nodes.append(("list", value))
        self._descend(path, _items(value), _items(other))

    def _visit_set(self, path: str, value: set[Any], other: set[Any]) -> None:
        self.nodes.append(("set", value))
        self._descend(path, _unordered(value), _unordered(other))

    def _visit_instance(self, path: str, value: Any, other: Any) -> None:
        """Visit an object whose class is written in Python and whose state is its dict."""
        kind = type(value)
        if not _is_simple(kind):
            raise NotShareableError(f"nothing is known of objects of type {_name_of(kind)}")
        if isinstance(value, tuple):
            self._descend(path, _items(value), _items(other))
        for descriptor in _slots(kind):
            self._visit_slot(path, value, other, descriptor)
        if not kind.__dictoffset__:
            return
        attributes = SandboxState.instance_dict(value)
        other_attributes = SandboxState.instance_dict(other)
        if kind.__module__.startswith("temporalio.") and kind.__name__.endswith("Definition"):
            # Nobody changes what the decorators of this package leave behind.
            self._pair(path, attributes, other_attributes, ".")
            return
        self.nodes.append(("instance", value))
        self._bindings(f"{path}.__dict__", attributes, other_attributes, ".")

    # ---- pairs ----

    def _bindings(
        self, path: str, value: dict[str, Any], other: dict[str, Any], separator: str = "."
    ) -> None:
        """Visit a dict that gives names to objects."""
        if value is other or id(value) in self._seen:
            return
        self._seen[id(value)] = value
        self.nodes.append(("bindings", value))
        self._pair(path, value, other, separator)

    def _pair(
        self, path: str, value: Mapping[Any, Any], other: Mapping[Any, Any], separator: str
    ) -> None:
        self._descend(
            path,
            [(f"{separator}{key}", item) for key, item in value.items()],
            [(f"{separator}{key}", item) for key, item in other.items()],
        )

    def _descend(self, path: str, children: _Children, others: _Children) -> None:
        children, others = list(children), list(others)
        if [name for name, _ in children] != [name for name, _ in others]:
            raise NotShareableError("the modules come out differently each time")
        for (name, child), (_, other) in zip(children, others, strict=True):
            self._pending.append((f"{path}{name}", child, other))


_VISITS: Final[dict[type, Callable[[_Walk, str, Any, Any], None]]] = {
    ModuleType: _Walk._visit_module,
    RestrictedModule: _Walk._visit_module_stand_in,
    RestrictedProxy: _Walk._visit_stand_in,
    types.FunctionType: _Walk._visit_function,
    staticmethod: _Walk._visit_wrapper,
    classmethod: _Walk._visit_wrapper,
    functools.partial: _Walk._visit_wrapper,
    types.CellType: _Walk._visit_cell,
    dict: _Walk._visit_dict,
    list: _Walk._visit_list,
    set: _Walk._visit_set,
    defaultdict: _Walk._visit_default_dict,
}


def _values(value: dict[Any, Any]) -> _Children:
    return [(f"[{index}]", item) for index, item in enumerate(value.values())]


def _slot_value(value: Any, descriptor: Any) -> _Children:
    try:
        return [(f".{descriptor.__name__}", descriptor.__get__(value))]
    except AttributeError:
        # Nothing is there as yet.
        return ()


def _cell_contents(cell: Any) -> _Children:
    try:
        return [("", cell.cell_contents)]
    except ValueError:
        # It is empty as yet.
        return ()


def _typing_parts(value: Any) -> _Children:
    try:
        return [(f".{name}", getattr(value, name, None)) for name in _TYPING]
    except Exception as error:
        # Some are only worked out when they are looked at.
        raise NotShareableError(f"a part of a type cannot be read: {error!r}") from None


def _class_dict(value: type) -> Mapping[str, Any]:
    # A metaclass may have something else under this name.
    names: Mapping[str, Any] = type.__dict__["__dict__"].__get__(value)
    return names


def _is_simple(kind: type) -> bool:
    """Return whether instances have no place for state but their dict and their slots."""
    while kind not in _SIMPLE_BASES:
        base = kind.__base__
        if base is None or not kind.__flags__ & _HEAP_TYPE:
            return False
        # Negative offsets are of what lies before the object and takes none of its size.
        words = (kind.__dictoffset__ > 0) - (base.__dictoffset__ > 0)
        words += (kind.__weakrefoffset__ > 0) - (base.__weakrefoffset__ > 0)
        words += len(_own_slots(kind))
        if kind.__basicsize__ - base.__basicsize__ > words * _WORD:
            return False
        kind = base
    return True


def _own_slots(kind: type) -> list[Any]:
    """Return the descriptors of the slots that a class adds to its bases."""
    names = _class_dict(kind)
    if "__slots__" not in names:
        return []
    return [one for one in names.values() if type(one) is types.MemberDescriptorType]


def _slots(kind: type) -> list[Any]:
    return [slot for one in kind.__mro__ for slot in _own_slots(one)]


_HEAP_TYPE: Final = 1 << 9
_WORD: Final = struct.calcsize("P")


def _name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def shared_state(importer: Importer, reference: Importer) -> SandboxState:
    """Return what runs that share an environment's modules exchange between their turns.

    Args:
        importer: The environment's modules, as they were loaded.
        reference: The same modules, loaded once more.

    Raises:
        NotShareableError: They cannot share them.
    """
    walk = _Walk(importer, reference)
    walk.run()
    try:
        return SandboxState(walk.nodes, _DERIVED)
    except ValueError as error:
        raise NotShareableError(str(error)) from None
