"""What tests of runtimes share."""

from __future__ import annotations

import uuid

import pytest


@pytest.fixture
def task_queue() -> str:
    """A task queue of the test's own."""
    return f"queue-{uuid.uuid4()}"
