"""What every call has in common: connection errors, deadlines, headers, identity, interceptors."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc
import grpc.aio
import pytest

import temporalio.api.workflowservice.v1
from temporalio.client import (
    Client,
    ClientConfig,
    DescribeWorkflowInput,
    Interceptor,
    OutboundInterceptor,
    Plugin,
    SignalWorkflowInput,
    StartWorkflowInput,
    WorkflowExecutionDescription,
    WorkflowHandle,
)
from temporalio.common import HeaderCodecBehavior
from temporalio.converter import PayloadConverter
from temporalio.service import ConnectConfig, RPCError, RPCStatusCode, ServiceClient
from tests.conftest import DevServer, free_port

from .by_hand import HandWorker

v1 = temporalio.api.workflowservice.v1


@dataclass
class RecordingServer:
    """Knows one workflow, and remembers the headers and identities of calls."""

    target_host: str = ""
    calls: list[tuple[str, dict[str, str | bytes]]] = field(default_factory=list)
    delay: float = 0.0

    async def handle(self, method: str, request: bytes, context: Any) -> bytes:
        self.calls.append((method, dict(context.invocation_metadata())))
        if method == "DescribeWorkflowExecution":
            await asyncio.sleep(self.delay)
            return v1.DescribeWorkflowExecutionResponse().SerializeToString()
        if method == "GetSystemInfo":
            return v1.GetSystemInfoResponse(
                capabilities=v1.GetSystemInfoResponse.Capabilities()
            ).SerializeToString()
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, method)
        raise AssertionError

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = call.method.rsplit("/", 1)[1]

        async def handle(request: bytes, context: Any) -> bytes:
            return await self.handle(method, request, context)

        return grpc.unary_unary_rpc_method_handler(handle)


@pytest.fixture
async def recording_server() -> AsyncIterator[RecordingServer]:
    recorder = RecordingServer()

    class Handler(grpc.GenericRpcHandler):
        def service(self, handler_call_details: Any) -> Any:
            return recorder.service(handler_call_details)

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Handler(),))
    recorder.target_host = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    yield recorder
    await server.stop(None)


async def test_headers_of_the_client_and_of_one_call(recording_server: RecordingServer) -> None:
    client = await Client.connect(
        recording_server.target_host,
        rpc_metadata={"everywhere": "client", "overridden": "client"},
    )
    handle = client.get_workflow_handle("any")
    await handle.describe(
        rpc_metadata={"overridden": "call", "only": "once", "raw-bin": b"\x00\xff"}
    )
    await handle.describe()
    client.rpc_metadata = {"everywhere": "changed"}
    await handle.describe()
    first, second, third = [
        headers for method, headers in recording_server.calls if method.startswith("Describe")
    ]
    assert (first["everywhere"], first["overridden"], first["only"]) == ("client", "call", "once")
    assert first["raw-bin"] == b"\x00\xff"
    assert (second["everywhere"], second["overridden"]) == ("client", "client")
    assert "only" not in second
    assert third["everywhere"] == "changed"
    assert "overridden" not in third
    assert first["client-name"] == "temporal-python"


async def test_connect_asks_for_the_system_info_once(recording_server: RecordingServer) -> None:
    client = await Client.connect(recording_server.target_host)
    await client.get_workflow_handle("any").describe()
    methods = [method for method, _ in recording_server.calls]
    assert methods == ["GetSystemInfo", "DescribeWorkflowExecution"]


async def test_lazy_client_connects_at_its_first_call(recording_server: RecordingServer) -> None:
    client = await Client.connect(recording_server.target_host, lazy=True)
    assert recording_server.calls == []
    await client.get_workflow_handle("any").describe()
    assert recording_server.calls[-1][0] == "DescribeWorkflowExecution"


async def test_deadline_of_one_call(recording_server: RecordingServer) -> None:
    recording_server.delay = 30
    client = await Client.connect(recording_server.target_host)
    with pytest.raises(RPCError) as caught:
        await client.get_workflow_handle("any").describe(rpc_timeout=timedelta(milliseconds=200))
    # Who notices first decides: this end says CANCELLED, the server DEADLINE_EXCEEDED.
    assert caught.value.status in (RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED)


async def test_server_that_is_down_fails_the_connect() -> None:
    target = f"127.0.0.1:{free_port()}"
    with pytest.raises(RuntimeError, match=target):
        await Client.connect(target)


async def test_unknown_namespace(dev_server: DevServer) -> None:
    client = await Client.connect(dev_server.target_host, namespace="nowhere")
    with pytest.raises(RPCError, match="nowhere") as caught:
        await client.start_workflow("Greet", id="x", task_queue="x")
    assert caught.value.status == RPCStatusCode.NOT_FOUND


async def test_unknown_workflow(client: Client) -> None:
    with pytest.raises(RPCError) as caught:
        await client.get_workflow_handle("nobody").describe()
    assert caught.value.status == RPCStatusCode.NOT_FOUND
    assert [detail.TypeName() for detail in caught.value.grpc_status.details] == [
        "temporal.api.errordetails.v1.NotFoundFailure"
    ]


async def test_identity_can_be_chosen(
    dev_server: DevServer, worker: HandWorker, workflow_id: str
) -> None:
    client = await Client.connect(dev_server.target_host, identity="somebody")
    handle = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    [first, *_] = (await handle.fetch_history()).events
    assert first.workflow_execution_started_event_attributes.identity == "somebody"


class Recording(Interceptor):
    """Writes down its name for each start, and adds a header."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name = name
        self.log = log

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return RecordingCalls(next, self)


class RecordingCalls(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, interceptor: Recording) -> None:
        super().__init__(next)
        self.interceptor = interceptor

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        self.interceptor.log.append(self.interceptor.name)
        [payload] = PayloadConverter.default.to_payloads([self.interceptor.name])
        input.headers = {**input.headers, self.interceptor.name: payload}
        return await super().start_workflow(input)

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        self.interceptor.log.append(f"{self.interceptor.name}: {input.signal}")
        await super().signal_workflow(input)

    async def describe_workflow(self, input: DescribeWorkflowInput) -> WorkflowExecutionDescription:
        raise PermissionError(self.interceptor.name)


async def test_first_interceptor_is_outermost(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    log: list[str] = []
    recorders = [Recording("outer", log), Recording("inner", log)]
    recorded = Client(**{**client.config(), "interceptors": recorders})
    handle = await recorded.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    await handle.signal("hello")
    assert log == ["outer", "inner", "outer: hello", "inner: hello"]
    with pytest.raises(PermissionError, match="outer"):
        await handle.describe()
    [first, *_] = (await handle.fetch_history()).events
    headers = first.workflow_execution_started_event_attributes.header.fields
    assert {key: payload.data for key, payload in headers.items()} == {
        "outer": b'"outer"',
        "inner": b'"inner"',
    }


async def test_configuration_makes_an_equal_client(client: Client) -> None:
    interceptors = [Interceptor()]
    original = Client(
        client.service_client,
        namespace="other",
        interceptors=interceptors,
        header_codec_behavior=HeaderCodecBehavior.CODEC,
    )
    config = original.config()
    assert config["interceptors"] == interceptors
    assert config["interceptors"] is not interceptors
    config["interceptors"] = []
    assert original.config()["interceptors"] == interceptors
    copy = Client(**original.config())
    assert copy.config() == original.config()
    assert copy.service_client is client.service_client
    assert copy.workflow_service is client.workflow_service
    assert copy.namespace == "other"


class Renaming(Plugin):
    """Puts a suffix to the namespace, and records who connects."""

    def __init__(self, suffix: str, log: list[str]) -> None:
        self.suffix = suffix
        self.log = log

    def configure_client(self, config: ClientConfig) -> ClientConfig:
        config["namespace"] += self.suffix
        return config

    async def connect_service_client(self, config: ConnectConfig, next: Any) -> ServiceClient:
        self.log.append(self.suffix)
        service_client: ServiceClient = await next(config)
        self.log.append(self.suffix)
        return service_client


async def test_plugins_configure_in_order_and_nest_around_the_connection(
    recording_server: RecordingServer,
) -> None:
    log: list[str] = []
    client = await Client.connect(
        recording_server.target_host,
        namespace="n",
        plugins=[Renaming("1", log), Renaming("2", log)],
    )
    assert log == ["1", "2", "2", "1"]
    assert client.namespace == "n12"
    assert client.config()["namespace"] == "n"
    assert client.config(active_config=True)["namespace"] == "n12"
    assert Client(**client.config()).namespace == "n12"


async def test_client_serves_several_event_loops(client: Client, worker: HandWorker) -> None:
    failures: list[BaseException] = []

    def start_in_a_loop_of_its_own() -> None:
        async def start() -> None:
            await client.start_workflow(
                "Greet", id=f"loop-{uuid.uuid4()}", task_queue=worker.task_queue
            )

        try:
            asyncio.run(start())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start_in_a_loop_of_its_own) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert failures == []
    queues = {(await worker.take()).workflow_execution.workflow_id[:5] for _ in range(len(threads))}
    assert queues == {"loop-"}


async def test_list_and_count(client: Client, worker: HandWorker) -> None:
    name = f"Listed{uuid.uuid4().hex}"
    for number in range(5):
        await client.start_workflow(
            name, id=f"{name}-{number}", task_queue=worker.task_queue, memo={"number": number}
        )
    query = f"WorkflowType = '{name}'"
    # What was started becomes visible to searches a moment later.
    while (await client.count_workflows(query)).count < 5:
        await asyncio.sleep(0.05)
    everything = [execution async for execution in client.list_workflows(query, page_size=2)]
    assert {execution.id for execution in everything} == {f"{name}-{i}" for i in range(5)}
    memos = [await execution.memo_value("number", type_hint=int) for execution in everything]
    assert sorted(memos) == [0, 1, 2, 3, 4]
    assert len([e async for e in client.list_workflows(query, limit=3, page_size=2)]) == 3
    assert len([e async for e in client.list_workflows(query, limit=0)]) == 0
    histories = [h async for h in client.list_workflows(query, limit=2).map_histories()]
    assert [history.events[0].event_id for history in histories] == [1, 1]
    grouped = await client.count_workflows(f"{query} GROUP BY ExecutionStatus")
    assert [(group.count, group.group_values) for group in grouped.groups] == [(5, ["Running"])]
