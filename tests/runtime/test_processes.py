"""What a process has one of: the default runtime, its threads, its forks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS

PROGRAMS = Path(__file__).with_name("programs.py")
NO_DEFAULT = "Cannot create default Runtime after Runtime.prevent_default has been called"
TOO_LATE = "Runtime.prevent_default called after default runtime has been created or set"

needs_proc = pytest.mark.skipif(
    not os.path.isdir("/proc/self/task"), reason="threads are counted in /proc"
)


def said_by(program: str, *arguments: str) -> list[str]:
    """Run a program and return its lines."""
    # Later versions of Python warn of a fork beside threads, rightly.
    command = [sys.executable, "-W", "ignore", str(PROGRAMS), program, *arguments]
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=2 * LIMIT_SECONDS
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.splitlines()


@needs_proc
def test_importing_starts_nothing() -> None:
    assert said_by("imported") == ["temporalio.runtime._runtime", "1 thread", "more threads"]


def test_a_default_that_is_prevented_must_be_set() -> None:
    assert said_by("prevented") == [
        f"default raises: {NO_DEFAULT}: there is none before Runtime.set_default",
        "set_default goes well",
        "default is it",
        "second set_default raises: Runtime default already set",
        "default is it",
        "replacing goes well",
        "default is another",
        f"prevent_default raises: {TOO_LATE}",
    ]


def test_a_default_that_was_made_cannot_be_prevented() -> None:
    assert said_by("made") == ["default is the same", f"prevent_default raises: {TOO_LATE}"]


def test_all_that_takes_a_runtime_goes_without_a_default(dev_server: DevServer) -> None:
    said = said_by("without_default", dev_server.target_host)
    # The environment's server may speak up in between.
    ours = ("service client", "environment", "replayed", "lazy client")
    assert [line for line in said if line.startswith(ours)] == [
        "service client True",
        "environment True",
        "replayed",
        f"lazy client raises: {NO_DEFAULT}: there is none before Runtime.set_default",
        "lazy client True",
    ]


@needs_proc
def test_the_threads_of_a_runtime_that_nobody_uses_end(dev_server: DevServer) -> None:
    assert said_by("dropped", dev_server.target_host) == ["threads end"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_makes_a_runtime_of_its_own(dev_server: DevServer) -> None:
    """Promise 37, and the way out."""
    assert said_by("forked", dev_server.target_host) == [
        "parent's runtime refused",
        "parent's client refused",
        "own runtime goes well",
        "parent goes on",
    ]
