"""What the tests of the client share."""

from __future__ import annotations

import uuid

import pytest

from temporalio.client import Client
from tests.conftest import DevServer

from .by_hand import HandWorker


@pytest.fixture
async def client(dev_server: DevServer) -> Client:
    """A client of the session's server."""
    return await Client.connect(dev_server.target_host, namespace=dev_server.namespace)


@pytest.fixture
def worker(client: Client) -> HandWorker:
    """Answers workflow tasks as the test says, on a task queue of its own."""
    return HandWorker(client, f"queue-{uuid.uuid4()}")


@pytest.fixture
def workflow_id() -> str:
    """An id that no other test uses."""
    return f"workflow-{uuid.uuid4()}"
