"""The interpreters of a bench: one with the official package, one with this one, one that plots."""

from __future__ import annotations

import json
import subprocess
import venv
from pathlib import Path

from tests.histories.official import (
    NEWEST,
    folder_of_environments,
    locked,
    official_environment,
    python_version,
)

from .bench import PROJECT

PLOTTING = "matplotlib>=3.8"

MAKE_OFFICIAL = (
    "from tests.histories.official import official_python; print(official_python(), end='')"
)

DESCRIBE = """
import importlib.metadata, json, platform, sys
found = {}
for name in ("temporalio", "callboard", "protobuf"):
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps({"python": platform.python_version(), **found}))
"""


def official_beside(ours: Path) -> Path:
    """The interpreter with the official package, made if it is not there, for the same Python as ours."""
    made = subprocess.run(
        [ours, "-c", MAKE_OFFICIAL], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(made.stdout)


def describe(python: Path) -> dict[str, str]:
    """The versions of an interpreter and of what counts in it."""
    described = subprocess.run(
        [python, "-c", DESCRIBE],
        env=official_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    versions: dict[str, str] = json.loads(described.stdout)
    return versions


def check_sides(official: dict[str, str], ours: dict[str, str]) -> None:
    """Raises:
    ValueError: The two cannot be compared.
    """
    if official.get("temporalio") != NEWEST:
        raise ValueError(f"the official interpreter has no temporalio {NEWEST}, but {official}")
    if "callboard" not in ours:
        raise ValueError(f"our interpreter has no callboard, but {ours}")
    if official["python"] != ours["python"]:
        raise ValueError(
            f"the two sides need the same Python, not {official['python']} and {ours['python']}"
        )


def plotting_python() -> Path:
    """An interpreter that has matplotlib, made if it is not there."""
    folder = folder_of_environments() / f"plotting-python-{python_version()}"
    python = folder / "bin" / "python"
    complete = folder / "complete"
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not complete.exists():
            venv.EnvBuilder(clear=True, with_pip=True).create(folder)
            install: list[str | Path] = [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ]
            subprocess.run([*install, PLOTTING], check=True, stdin=subprocess.DEVNULL)
            complete.touch()
    return python
