"""The end of a script that may run on the official package."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def leave() -> NoReturn:
    """End the process at once, as one that has succeeded and said all.

    Threads of an official package may be at work while the interpreter ends, and now and then that
    kills the process.
    """
    sys.stdout.flush()
    os._exit(0)
