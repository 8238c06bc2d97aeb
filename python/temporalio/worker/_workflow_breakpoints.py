"""``breakpoint()`` within workflow code, for workers in debug mode."""

from __future__ import annotations

import pdb
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import temporalio.workflow

_hook_before: Callable[..., Any] | None = None
_workers = 0

# A debugger steps through neither of these to get back to workflow code.
_PASSED_OVER: Final = (__name__, "temporalio.workflow._sandbox", "contextlib")


class _WorkflowDebugger(pdb.Pdb):
    """Leaves a sandbox while a person types, and lets the workflow go on at the end."""

    def interaction(self, frame: FrameType | None, traceback: Any) -> None:
        """Talk with the person at the terminal."""
        with temporalio.workflow.unsafe.sandbox_unrestricted():
            super().interaction(frame, traceback)

    def do_quit(self, arg: str) -> bool | None:
        """Let the workflow go on: an exception here would only make its task be tried again."""
        self.message("The workflow goes on; interrupt the process to end it.")
        return self.do_continue(arg)

    do_q = do_quit
    do_exit = do_quit
    do_EOF = do_quit  # noqa: N815  (the name is pdb's)


def use_workflow_breakpoints() -> None:
    """Have ``breakpoint()`` open a debugger in workflow code, for one more worker.

    Code outside of workflows still gets what was there before.
    """
    global _hook_before, _workers
    if _workers == 0:
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
        _WorkflowDebugger(skip=list(_PASSED_OVER)).set_trace(sys._getframe(1))
    return None
