"""What tests that last share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from benches.peer.bench import build_stub


@pytest.fixture(scope="session")
def stub_program() -> Path:
    """The stub service: the program that ``CALLBOARD_STUB_SERVICE`` names, or else what cargo builds."""
    given = os.environ.get("CALLBOARD_STUB_SERVICE")
    return Path(given) if given else build_stub()
