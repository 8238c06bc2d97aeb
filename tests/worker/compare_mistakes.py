"""Make each mistake of ``mistakes.py`` here and with the official package, and print what differs.

Usage: python -m tests.worker.compare_mistakes ADDRESS OFFICIAL_PYTHON, from the root of the repository,
with a development server and an interpreter that has the package ``temporalio`` of Temporal.

With the address alone, prints as JSON what comes of each mistake with the package that is installed.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

from temporalio.client import Client

from .mistakes import MISTAKES

Outcome = dict[str, list[str]]


async def outcomes(address: str) -> Outcome:
    """Return the classes of each error, the error's own first, and at the end its message."""
    client = await Client.connect(address)
    found: Outcome = {}
    for name, mistake in MISTAKES.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mistake.make(client)
        except Exception as error:
            classes = [kind.__name__ for kind in type(error).__mro__[:-3]]
            found[name] = [*classes, str(error).replace("\n", " ")]
        else:
            found[name] = ["accepted", ""]
    return found


def official_outcomes(address: str, python: str) -> Outcome:
    """Return the same for the official package."""
    command = [python, "-m", "tests.worker.compare_mistakes", address]
    environment = {**os.environ, "PYTHONPATH": ""}
    root = Path(__file__).parents[2]
    ran = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, check=True)
    official: Outcome = json.loads(ran.stdout)
    return official


def compare(address: str, python: str) -> None:
    """Print each mistake for which the official package has an error that is no class of ours."""
    ours, official = asyncio.run(outcomes(address)), official_outcomes(address, python)
    same = 0
    for name, mistake in MISTAKES.items():
        if official[name][0] in ours[name][:-1] and ours[name][0] != "accepted":
            same += 1
            continue
        print(f"{name}\n  ours:     {ours[name][0]}: {ours[name][-1]}")
        print(f"  official: {official[name][0]}: {official[name][-1]}")
        assert ours[name][0] != "accepted", mistake
    print(f"{same} of {len(MISTAKES)} have the same type of error")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        compare(*sys.argv[1:])
    else:
        print(json.dumps(asyncio.run(outcomes(sys.argv[1]))))
