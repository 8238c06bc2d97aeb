"""What tests of activities share."""

from __future__ import annotations

import uuid

import pytest

from temporalio.client import Client

from ..conftest import DevServer


@pytest.fixture
async def client(dev_server: DevServer) -> Client:
    return await Client.connect(dev_server.target_host)


@pytest.fixture
def task_queue() -> str:
    """A task queue of the test's own."""
    return f"queue-{uuid.uuid4()}"
