"""Finding modules and compiling them, once; and making a module from what is kept."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from typing import Any, Final

from ._modules import outside_modules

# Loaders that execute a module as code in its globals and do nothing else.
_PLAIN_LOADERS: Final = (
    importlib.machinery.SourceFileLoader,
    importlib.machinery.SourcelessFileLoader,
)


class KeptModules:
    """Where modules were found, and their compiled code.

    Both are kept, so that loading a module again does not look at the file system.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self._specs: dict[tuple[str, tuple[str, ...] | None], ModuleSpec] = {}
        self._code: dict[str, types.CodeType] = {}

    def find(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """Return what is known of a module, None if there is none.

        Args:
            name: Full name.
            path: Where the package that holds it looks for modules, None for a top-level module.
        """
        key = (name, None if path is None else tuple(path))
        spec = self._specs.get(key)
        if spec is None:
            spec = _find_spec(name, path)
            if spec is not None:
                self._specs[key] = spec
        return spec

    def execute(self, spec: ModuleSpec, module: types.ModuleType) -> types.CodeType | None:
        """Fill a module. Returns its code if that is known.

        Args:
            spec: What is known of it.
            module: The module, empty as yet.
        """
        loader: Any = spec.loader
        if loader is None:
            return None
        if not isinstance(loader, _PLAIN_LOADERS) or not _executes_plainly(loader):
            loader.exec_module(module)
            return None
        origin = f"{spec.name}\n{spec.origin}"
        code = self._code.get(origin)
        if code is None:
            code = loader.get_code(spec.name)
            if code is None:
                raise ImportError(f"cannot load module {spec.name!r}: it has no code")
            self._code[origin] = code
        exec(code, module.__dict__)
        return code


def _executes_plainly(loader: Any) -> bool:
    plain = importlib.machinery.SourceFileLoader.exec_module
    return getattr(type(loader), "exec_module", None) is plain


def _find_spec(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    if name == "__temporal_main__":
        return _spec_of_main(name)
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = None if find is None else find(name, path)
        if spec is not None:
            return spec
    return None


def _spec_of_main(name: str) -> ModuleSpec:
    """Return the script that Python was started with, as a module under another name."""
    file = getattr(outside_modules().get("__main__"), "__file__", None)
    spec = None if file is None else importlib.util.spec_from_file_location(name, file)
    if spec is None:
        raise ImportError(f"No spec for __main__ file at {file}")
    if spec.loader is None:
        raise ImportError(f"Spec for __main__ file at {file} has no loader")
    return spec
