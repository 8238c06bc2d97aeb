"""The type checkers accept what works, and refuse what would fail at run time.

Each file in ``snippets`` is checked whole by each checker. A line that must be refused ends with
``# error: why``; no other line may be.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SNIPPETS = sorted((Path(__file__).parent / "snippets").glob("*.py"))
CHECKERS = ("mypy", "pyright")

# Lines with errors, by the name of the file.
Errors = dict[str, dict[int, str]]


def run_module(*command: str) -> str:
    """Run a checker of this environment from the repository, and return what it prints."""
    finished = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=REPOSITORY,
        env={**os.environ, "MYPYPATH": str(REPOSITORY / "python")},
        capture_output=True,
        text=True,
        check=False,
    )
    # Both exit with 1 where they find errors, and with something else where they fail.
    assert finished.returncode in {0, 1}, finished.stdout + finished.stderr
    return finished.stdout


@cache
def errors_of_mypy() -> Errors:
    errors: Errors = {}
    files = [str(path) for path in SNIPPETS]
    for line in run_module(
        "mypy", "--config-file=", "--strict", "--output=json", *files
    ).splitlines():
        found = json.loads(line)
        if found["severity"] == "error":
            errors.setdefault(Path(found["file"]).name, {})[found["line"]] = found["message"]
    return errors


@cache
def errors_of_pyright() -> Errors:
    errors: Errors = {}
    files = [str(path) for path in SNIPPETS]
    report = json.loads(
        run_module("pyright", "--outputjson", f"--pythonpath={sys.executable}", *files)
    )
    for found in report["generalDiagnostics"]:
        if found["severity"] == "error":
            line = found["range"]["start"]["line"] + 1
            errors.setdefault(Path(found["file"]).name, {})[line] = found["message"]
    return errors


def expected_lines(path: Path) -> set[int]:
    lines = path.read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if re.search(r"  # error: \S", line)}


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: path.stem)
def test_checker_agrees(checker: str, path: Path) -> None:
    errors = (errors_of_mypy if checker == "mypy" else errors_of_pyright)().get(path.name, {})
    expected = expected_lines(path)
    assert expected, "a snippet without a refused line would also pass where nothing is typed"
    accepted_wrongly = sorted(expected - errors.keys())
    refused_wrongly = {line: errors[line] for line in sorted(errors.keys() - expected)}
    assert (accepted_wrongly, refused_wrongly) == ([], {})
