"""The README shows the examples as they are, and the examples run."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_readme_shows_the_example_files() -> None:
    readme = (ROOT / "README.md").read_text()
    shown = re.findall(r"\[(examples/\w+\.py)\]\(\1\)\):\n\n```python\n(.*?)```", readme, re.DOTALL)

    assert [name for name, _ in shown] == [
        "examples/activities.py",
        "examples/workflows.py",
        "examples/run_worker.py",
        "examples/run_workflow.py",
    ]
    for name, code in shown:
        assert code == (ROOT / name).read_text(), f"README.md shows another {name}"
