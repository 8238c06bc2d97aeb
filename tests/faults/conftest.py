"""What tests of faults share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from temporalio.client import Client

from ..conftest import DevServer
from .proxy import FaultyProxy


@pytest.fixture(scope="module")
def proxy(dev_server: DevServer) -> Iterator[FaultyProxy]:
    """A proxy before the session's server, which the tests of a module share by cases."""
    with FaultyProxy(dev_server.target_host) as running:
        yield running


@pytest.fixture
async def direct(dev_server: DevServer) -> Client:
    """A client whose calls meet no fault."""
    return await Client.connect(dev_server.target_host)
