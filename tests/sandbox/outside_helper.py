"""A module that is passed through."""

import time

from temporalio import workflow

in_sandbox = workflow.unsafe.in_sandbox()


def read_time() -> float:
    """Return the time; nothing is restricted outside."""
    return time.time()


def read_file(path: str) -> str:
    """Read a file."""
    with open(path) as file:
        return file.read()


released = False
ended: list[int] = []
