"""Packages whose modules are imported when one of their names is first used.

The protobuf modules take longer to import than all the rest, and most programs use few of them or
none. Their packages say which module has which name, and import it when the name is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def names_of(
    package: str, modules: Mapping[str, Iterable[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and ``__dir__`` of a package.

    Args:
        package: Full name of the package.
        modules: Names that the package offers, by the module below it that has them. The modules
            are attributes of the package as well.

    Returns:
        The two functions, to be assigned in the package's ``__init__``.
    """
    module_of = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> Any:
        if name in modules:
            return import_module(f"{package}.{name}")
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{module_of[name]}"), name)
        # From now on the name is found without a detour.
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules, *module_of})

    return load, names
