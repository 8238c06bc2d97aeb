"""Making workflow classes from text, so that tables of cases can hold them."""

from __future__ import annotations

import textwrap
from typing import Any

_PRELUDE = """
from __future__ import annotations
import typing
from collections.abc import Sequence
from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
"""


def execute(source: str) -> dict[str, Any]:
    """Run ``source`` as the top level of this module would run, and return what it defined.

    Workflow classes must be global, which those in a test function are not.
    """
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile(_PRELUDE + textwrap.dedent(source), "<case>", "exec"), namespace)  # noqa: S102
    return namespace
