"""Virtual environments with the official package, one for each version that we are compared with.

An environment is made at its first use, in `.venvs/` at the root of the project or in the folder that
the variable `CALLBOARD_OFFICIAL_VENVS` names, and stays there. Nothing but the standard library is
imported, so that any interpreter can use this module.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[2]
VERSIONS = ("1.31.0", "1.33.0", "1.35.0")
NEWEST = VERSIONS[-1]


def official_python(version: str = NEWEST) -> Path:
    """The interpreter of an environment that has the official package and nothing of ours.

    Args:
        version: The version of `temporalio`, in full.

    Returns:
        The path of its `python`. Start it with `official_environment()` as its environment.

    Raises:
        subprocess.CalledProcessError: pip could not install the package.
    """
    folder = folder_of_environments() / f"temporalio-{version}-python-{python_version()}"
    python = folder / "bin" / "python"
    complete = folder / "complete"
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not complete.exists():
            venv.EnvBuilder(clear=True, with_pip=True).create(folder)
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run(
                [*install, f"temporalio=={version}"], check=True, stdin=subprocess.DEVNULL
            )
            complete.touch()
    return python


def official_environment() -> dict[str, str]:
    """The variables for a process of the official package: ours, less what would show it our package."""
    ours = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in ours}


def full_version(version: str) -> str:
    """The supported version that a shorter form such as `1.31` names.

    Raises:
        ValueError: None of them begins so.
    """
    for known in VERSIONS:
        if known == version or known.startswith(f"{version}."):
            return known
    raise ValueError(f"version {version!r} is none of {', '.join(VERSIONS)}")


def folder_of_environments() -> Path:
    """Where the environments are, made if it is not there."""
    folder = Path(os.environ.get("CALLBOARD_OFFICIAL_VENVS") or PROJECT / ".venvs")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def python_version() -> str:
    """The version of the interpreter that runs this, and so of the environments it makes."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds a lock that is one for all processes of this machine."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
