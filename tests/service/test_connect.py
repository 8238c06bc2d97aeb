"""Connecting: the server is reached in connect, or connect fails."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.service import (
    ConnectConfig,
    DnsLoadBalancingConfig,
    GrpcCompression,
    HttpConnectProxyConfig,
    KeepAliveConfig,
    PayloadLimitsConfig,
    RPCError,
    RPCStatusCode,
    ServiceClient,
    TLSConfig,
)
from tests.conftest import DevServer, free_port


async def test_connects_and_calls(dev_server: DevServer) -> None:
    client = await ServiceClient.connect(ConnectConfig(dev_server.target_host))
    assert await client.check_health()
    namespace = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace="default")
    )
    assert namespace.namespace_info.name == "default"


async def test_unreachable_host_fails_in_connect() -> None:
    with pytest.raises(RuntimeError, match=r"^Failed client connect: .*Connection refused"):
        await ServiceClient.connect(ConnectConfig(f"127.0.0.1:{free_port()}"))


async def test_target_that_is_none() -> None:
    with pytest.raises(ValueError, match="^invalid target URL"):
        await ServiceClient.connect(ConnectConfig("not a host"))


async def test_host_that_never_answers_fails_in_time() -> None:
    # The backlog is full, so nothing answers the next attempt to connect.
    with socket.socket() as silent, socket.socket() as first, socket.socket() as second:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(silent.getsockname())
        config = ConnectConfig(
            f"127.0.0.1:{silent.getsockname()[1]}", connect_timeout=timedelta(milliseconds=200)
        )
        with pytest.raises(RuntimeError, match="Failed client connect"):
            await asyncio.wait_for(ServiceClient.connect(config), 10)


async def test_lazy_client_connects_at_first_call(dev_server: DevServer) -> None:
    client = await ServiceClient.connect(ConnectConfig(dev_server.target_host, lazy=True))
    assert await client.check_health()


async def test_lazy_client_fails_at_first_call() -> None:
    client = await ServiceClient.connect(ConnectConfig(f"127.0.0.1:{free_port()}", lazy=True))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="Failed client connect"):
            await client.check_health()


@pytest.mark.parametrize("lazy", [False, True])
async def test_loops_in_several_threads_share_a_client(dev_server: DevServer, lazy: bool) -> None:
    client = await ServiceClient.connect(ConnectConfig(dev_server.target_host, lazy=lazy))
    answers: list[str] = []

    async def ask_often() -> None:
        for _ in range(20):
            request = DescribeNamespaceRequest(namespace="default")
            answer = await client.workflow_service.describe_namespace(request)
            answers.append(answer.namespace_info.name)

    threads = [threading.Thread(target=asyncio.run, args=(ask_often(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    await ask_often()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert answers == ["default"] * 60


async def test_many_calls_at_once(dev_server: DevServer) -> None:
    client = await ServiceClient.connect(ConnectConfig(dev_server.target_host))
    call = client.workflow_service.get_system_info
    answers = await asyncio.gather(*(call(GetSystemInfoRequest()) for _ in range(200)))
    assert all(answer.server_version for answer in answers)


@pytest.mark.parametrize("compression", [GrpcCompression.NONE, GrpcCompression.GZIP])
@pytest.mark.parametrize("keep_alive", [None, KeepAliveConfig(1000, 1000)])
async def test_transport_options(
    dev_server: DevServer, compression: GrpcCompression, keep_alive: KeepAliveConfig | None
) -> None:
    config = ConnectConfig(
        dev_server.target_host, grpc_compression=compression, keep_alive_config=keep_alive
    )
    assert await (await ServiceClient.connect(config)).check_health()


async def test_unknown_namespace_says_so_with_details(dev_server: DevServer) -> None:
    client = await ServiceClient.connect(ConnectConfig(dev_server.target_host))
    with pytest.raises(RPCError) as caught:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace="nowhere"), retry=True
        )
    assert caught.value.status is RPCStatusCode.NOT_FOUND
    assert caught.value.message == str(caught.value) == "Namespace nowhere is not found."
    assert caught.value.grpc_status.code == RPCStatusCode.NOT_FOUND
    [detail] = caught.value.grpc_status.details
    assert detail.type_url.endswith("NamespaceNotFoundFailure")
    assert b"nowhere" in detail.value


async def test_client_certificate_needs_its_key() -> None:
    with pytest.raises(ValueError, match="both client cert and private key"):
        await ServiceClient.connect(ConnectConfig("localhost:1", tls=TLSConfig(client_cert=b"x")))


def test_no_secret_in_a_repr() -> None:
    config = ConnectConfig(
        "localhost:7233",
        api_key="SECRET",
        tls=TLSConfig(client_cert=b"public", client_private_key=b"SECRET"),
        rpc_metadata={"authorization": "SECRET"},
        http_connect_proxy_config=HttpConnectProxyConfig("proxy:80", ("user", "SECRET")),
    )
    assert "localhost:7233" in repr(config)
    assert "SECRET" not in repr(config)


@pytest.mark.parametrize(
    "unsupported",
    [
        {"dns_load_balancing_config": DnsLoadBalancingConfig()},
        {"payload_limits": PayloadLimitsConfig(payloads_warn_size=1)},
    ],
)
async def test_what_is_not_built_is_refused(unsupported: dict[str, Any]) -> None:
    [name] = unsupported
    with pytest.raises(NotImplementedError, match=name):
        await ServiceClient.connect(ConnectConfig("localhost:1", **unsupported))


def test_forked_child_fails_at_once(dev_server: DevServer) -> None:
    # In an interpreter of its own: forking the one of pytest would copy its threads' state.
    script = f"""
import asyncio, multiprocessing, sys
from temporalio.service import ConnectConfig, ServiceClient

client = asyncio.run(ServiceClient.connect(ConnectConfig({dev_server.target_host!r})))

def in_child():
    try:
        asyncio.run(client.check_health())
    except RuntimeError as error:
        sys.exit(7 if "forked" in str(error) else 8)

child = multiprocessing.get_context("fork").Process(target=in_child)
child.start()
child.join(20)
assert child.exitcode == 7, child.exitcode
assert asyncio.run(client.check_health())
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=60)


def test_interpreter_exits_with_calls_under_way(dev_server: DevServer) -> None:
    script = f"""
import asyncio, sys
from temporalio.service import ConnectConfig, ServiceClient
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest
from temporalio.api.taskqueue.v1 import TaskQueue

async def main():
    client = await ServiceClient.connect(ConnectConfig({dev_server.target_host!r}))
    poll = PollWorkflowTaskQueueRequest(namespace="default", task_queue=TaskQueue(name="none"))
    tasks = [asyncio.ensure_future(client.workflow_service.poll_workflow_task_queue(poll))
             for _ in range(20)]
    tasks += [asyncio.ensure_future(client.check_health()) for _ in range(50)]
    await asyncio.sleep(0.05)
    sys.stdout.write("leaving")
    sys.stdout.flush()
    raise SystemExit(3)

asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=20)
    assert (ended.returncode, ended.stdout) == (3, b"leaving"), ended.stderr
