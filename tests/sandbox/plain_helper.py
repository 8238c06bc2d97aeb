"""A module of the sandbox."""

from temporalio import workflow

in_sandbox = workflow.unsafe.in_sandbox()


def value(number: int) -> int:
    """Return the next number."""
    return number + 1
