"""``breakpoint()`` within workflow code, for workers in debug mode."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any, Final

import temporalio.workflow

_hook_before: Callable[..., Any] | None = None
_workers = 0

# Imported when the first worker needs it: pdb takes long to import.
_DEBUGGER: Final = "temporalio.worker._workflow_debugger"

# A debugger steps through none of these to get back to workflow code.
_PASSED_OVER: Final = (__name__, _DEBUGGER, "temporalio.workflow._sandbox", "contextlib")


def use_workflow_breakpoints() -> None:
    """Have ``breakpoint()`` open a debugger in workflow code, for one more worker.

    Code outside of workflows still gets what was there before.
    """
    global _hook_before, _workers
    if _workers == 0:
        importlib.import_module(_DEBUGGER)
        _hook_before = sys.breakpointhook
        sys.breakpointhook = _break
    _workers += 1


def release_workflow_breakpoints() -> None:
    """Take :py:func:`use_workflow_breakpoints` back for one worker; the last one restores the hook."""
    global _workers
    _workers -= 1
    # Another hook that came later stays.
    if _workers == 0 and sys.breakpointhook is _break:
        sys.breakpointhook = _hook_before or sys.__breakpointhook__


def _break(*args: Any, **kwargs: Any) -> Any:
    if not temporalio.workflow.in_workflow():
        return (_hook_before or sys.__breakpointhook__)(*args, **kwargs)
    with temporalio.workflow.unsafe.sandbox_unrestricted():
        from ._workflow_debugger import WorkflowDebugger

        WorkflowDebugger(skip=list(_PASSED_OVER)).set_trace(sys._getframe(1))
    return None
