"""What can be seen of a sandbox from inside: cases, and how to play them on either package."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from temporalio.worker.workflow_sandbox import SandboxRestrictions

from . import runtime_cases

RESTRICTIONS = SandboxRestrictions.default.with_passthrough_modules(
    "tests.sandbox.outside_helper", "tests.sandbox.modules_outside"
)


def observe(make_run: Callable[..., Any]) -> dict[str, Any]:
    """Play all cases; return by name what came out and what was warned of."""
    return {name: _play(make_run, name) for name in runtime_cases.CASES}


def _play(make_run: Callable[..., Any], name: str) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = make_run(runtime_cases.Access, name).result()
    return [result, *(f"{one.category.__name__}: {one.message}" for one in caught)]
