"""What a server sees of calls, and what comes of its answers."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Iterator
from datetime import timedelta

import grpc
import pytest

import temporalio.service
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    GetWorkflowExecutionHistoryRequest,
)
from temporalio.service import ConnectConfig, RetryConfig, RPCError, RPCStatusCode, ServiceClient
from tests.service.observed_server import ObservedServer, observed_server, slow

REQUEST = DescribeNamespaceRequest(namespace="space")


@pytest.fixture
def server() -> Iterator[ObservedServer]:
    """A server that does as it is told."""
    with observed_server() as running:
        yield running


async def test_server_learns_who_calls_and_for_which_namespace(server: ObservedServer) -> None:
    """Compatibility, formats: the client name is `temporal-python`."""
    client = await ServiceClient.connect(ConnectConfig(server.target_host))
    assert [call.method for call in server.calls] == ["GetSystemInfo"]
    assert "temporal-namespace" not in server.last().headers
    await client.workflow_service.describe_namespace(REQUEST)
    headers = server.last().headers
    assert headers["client-name"] == "temporal-python"
    assert headers["client-version"] == temporalio.service.__version__
    assert headers["temporal-namespace"] == "space"
    # Only the workflow service routes by namespace.
    await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace="space")
    )
    assert "temporal-namespace" not in server.last().headers


async def test_metadata_of_connection_and_call(server: ObservedServer) -> None:
    config = ConnectConfig(server.target_host, rpc_metadata={"a": "1", "b": "1", "c-bin": b"\0\1"})
    client = await ServiceClient.connect(config)

    async def seen(**metadata: str) -> dict[str, str | bytes]:
        await client.workflow_service.describe_namespace(REQUEST, metadata=metadata)
        return {key: value for key, value in server.last().headers.items() if key in "abc-bin"}

    assert await seen() == {"a": "1", "b": "1", "c-bin": b"\0\1"}
    assert await seen(a="2") == {"a": "2", "b": "1", "c-bin": b"\0\1"}
    client.update_rpc_metadata({"b": "3"})
    assert await seen() == {"b": "3"}


async def test_api_key_can_be_replaced(server: ObservedServer) -> None:
    client = await ServiceClient.connect(
        ConnectConfig(server.target_host, api_key="first", tls=False)
    )

    async def authorization(**metadata: str) -> str | bytes | None:
        await client.workflow_service.describe_namespace(REQUEST, metadata=metadata)
        return server.last().headers.get("authorization")

    assert await authorization() == "Bearer first"
    assert await authorization(authorization="mine") == "mine"
    client.update_api_key("second")
    assert await authorization() == "Bearer second"
    client.update_api_key(None)
    assert await authorization() is None


async def test_updates_before_a_lazy_connect_count(server: ObservedServer) -> None:
    client = await ServiceClient.connect(ConnectConfig(server.target_host, lazy=True))
    client.update_rpc_metadata({"a": "1"})
    client.update_api_key("key")
    assert server.calls == []
    await client.workflow_service.describe_namespace(REQUEST)
    headers = server.last().headers
    assert (headers["a"], headers["authorization"]) == ("1", "Bearer key")


@pytest.mark.parametrize(
    "metadata", [{"a": b"bytes"}, {"a-bin": "text"}, {"a b": "key"}, {"a": "two\nlines"}]
)
async def test_headers_that_cannot_be_sent(
    server: ObservedServer, metadata: dict[str, str | bytes]
) -> None:
    client = await ServiceClient.connect(ConnectConfig(server.target_host))
    with pytest.raises(ValueError, match="metadata"):
        client.update_rpc_metadata(metadata)
    with pytest.raises(ValueError, match="metadata"):
        await client.workflow_service.describe_namespace(REQUEST, metadata=metadata)
    with pytest.raises(RuntimeError, match="^Failed client connect: Invalid headers"):
        await ServiceClient.connect(ConnectConfig(server.target_host, rpc_metadata=metadata))
    assert [call.method for call in server.calls] == ["GetSystemInfo"]


async def test_deadlines(server: ObservedServer) -> None:
    service = (await ServiceClient.connect(ConnectConfig(server.target_host))).workflow_service
    poll = GetWorkflowExecutionHistoryRequest(namespace="space", wait_new_event=True)
    await service.describe_namespace(REQUEST)
    assert 25 < server.last().seconds_left <= 30
    await service.get_workflow_execution_history(poll)
    assert 65 < server.last().seconds_left <= 70
    await service.get_workflow_execution_history(poll, timeout=timedelta(seconds=12))
    assert 7 < server.last().seconds_left <= 12


async def test_timeout(server: ObservedServer) -> None:
    server.behave = slow
    client = await ServiceClient.connect(ConnectConfig(server.target_host))
    with pytest.raises(RPCError) as caught:
        await client.workflow_service.describe_namespace(
            REQUEST, retry=True, timeout=timedelta(milliseconds=50)
        )
    assert caught.value.status in {RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED}
    assert len(server.calls) == 2


async def test_cancellation_reaches_the_server(server: ObservedServer) -> None:
    left, loop = asyncio.Event(), asyncio.get_running_loop()

    def wait(method: str, context: grpc.ServicerContext) -> None:
        slow(method, context)
        loop.call_soon_threadsafe(left.set)

    server.behave = wait
    client = await ServiceClient.connect(ConnectConfig(server.target_host))
    call = asyncio.ensure_future(client.workflow_service.describe_namespace(REQUEST))
    while len(server.calls) < 2:
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(left.wait(), 5)


async def test_retries_are_the_users_choice(server: ObservedServer) -> None:
    def unavailable(method: str, context: grpc.ServicerContext) -> None:
        context.abort(grpc.StatusCode.UNAVAILABLE, "come back")

    server.behave = unavailable
    config = ConnectConfig(
        server.target_host, retry_config=RetryConfig(initial_interval_millis=1, max_retries=3)
    )
    client = await ServiceClient.connect(config)
    for retry, tries in [(False, 1), (True, 3)]:
        server.calls.clear()
        with pytest.raises(RPCError, match="^come back$") as caught:
            await client.workflow_service.describe_namespace(REQUEST, retry=retry)
        assert caught.value.status is RPCStatusCode.UNAVAILABLE
        assert len(server.calls) == tries


async def test_protos_are_logged_on_request(
    server: ObservedServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await ServiceClient.connect(ConnectConfig(server.target_host))
    caplog.set_level(logging.DEBUG, "temporalio.service")
    await client.workflow_service.describe_namespace(REQUEST)
    assert caplog.messages == []
    monkeypatch.setattr(temporalio.service, "LOG_PROTOS", True)
    await client.workflow_service.describe_namespace(REQUEST)
    assert ['"space"' in message for message in caplog.messages] == [True, False]


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(RPCError("gone", RPCStatusCode.NOT_FOUND, b"\x08\x05")))
    assert (error.message, error.status) == ("gone", RPCStatusCode.NOT_FOUND)
    assert error.grpc_status.code == 5
