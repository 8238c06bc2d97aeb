"""The debugger that ``breakpoint()`` opens in workflow code."""

from __future__ import annotations

import pdb
from types import FrameType
from typing import Any

import temporalio.workflow


class WorkflowDebugger(pdb.Pdb):
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
