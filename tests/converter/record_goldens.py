"""Record the goldens with the official package.

Run it from the root of the repository in an environment with ``temporalio==1.35.0`` from PyPI, and
without this package::

    python -m tests.converter.record_goldens

With ``--print`` it prints what is observed, with the messages of errors, and records nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .golden_cases import observe

GOLDENS = Path(__file__).with_name("goldens.json")


def main() -> None:
    """Record, or print."""
    if "--print" in sys.argv:
        print(json.dumps(observe(messages=True), indent=1))
        return
    GOLDENS.write_text(json.dumps(observe(), indent=1) + "\n")


if __name__ == "__main__":
    main()
