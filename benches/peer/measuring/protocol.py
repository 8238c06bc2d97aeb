"""How a measuring process is talked to: words in on standard input, a JSON object a line out."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import NoReturn

# Answers alone go to standard output. What a package or a server of its own prints there goes to
# standard error from here on.
ANSWERS = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def answer(**figures: object) -> None:
    """Say one thing to whoever started this process."""
    print(json.dumps(figures), file=ANSWERS, flush=True)


async def requests() -> AsyncIterator[list[str]]:
    """What this process is asked, in words, until its standard input ends."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        yield line.split()


def leave() -> NoReturn:
    """End this process at once, all of whose answers are said.

    Threads of the official package may be at work while the interpreter ends, and now and then that
    kills the process.
    """
    os._exit(0)
