"""The client of a server's gRPC services."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar
from weakref import WeakKeyDictionary

from google.protobuf.message import Message

import temporalio.bridge.proto.health.v1
import temporalio.service
from temporalio.bridge._callboard import Connection, RpcFailure
from temporalio.runtime import Runtime

from ._config import ConnectConfig
from ._errors import RPCError, RPCStatusCode
from ._methods import (
    CloudMethods,
    HealthMethods,
    OperatorMethods,
    TestMethods,
    WorkflowMethods,
)

ServiceRequest = TypeVar("ServiceRequest", bound=Message)
ServiceResponse = TypeVar("ServiceResponse", bound=Message)

_logger = logging.getLogger("temporalio.service")


class WorkflowService(WorkflowMethods):
    """Namespaces, workflows, activities, schedules, task queues."""


class OperatorService(OperatorMethods):
    """Administration of a server: search attributes, Nexus endpoints, clusters."""


class CloudService(CloudMethods):
    """Administration of Temporal Cloud."""


class TestService(TestMethods):
    """The clock of the time-skipping test server."""

    __test__ = False


class HealthService(HealthMethods):
    """Whether a server's services are up."""


class ServiceClient(ABC):
    """A connection to a server, with its gRPC services as attributes.

    Attributes:
        config: What it was made with.
        workflow_service: Calls of the workflow service.
        operator_service: Calls of the operator service.
        cloud_service: Calls of the cloud service.
        test_service: Calls of the test service.
        health_service: Calls of the health service.
    """

    @staticmethod
    async def connect(config: ConnectConfig) -> ServiceClient:
        """Connect to a server.

        Args:
            config: Where to and how. With ``lazy``, nothing is done before the first call.

        Returns:
            The client, which any number of event loops may use at a time.

        Raises:
            ValueError: If the configuration cannot work.
            RuntimeError: If the server cannot be reached, or does not answer as a Temporal server.
        """
        client = _ConnectedServiceClient(config)
        if not config.lazy:
            await client._connected()
        return client

    def __init__(self, config: ConnectConfig) -> None:
        """Create the services; :py:meth:`connect` is the way to a client.

        Args:
            config: Kept as :py:attr:`config`.
        """
        self.cloud_service = CloudService(self)
        self.config = config
        self.health_service = HealthService(self)
        self.operator_service = OperatorService(self)
        self.test_service = TestService(self)
        self.workflow_service = WorkflowService(self)

    async def check_health(
        self,
        *,
        service: str = "temporal.api.workflowservice.v1.WorkflowService",
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> bool:
        """Ask whether a service is up.

        Args:
            service: Full name of the gRPC service.
            retry: Whether to try again on errors that may pass.
            metadata: Headers of this call.
            timeout: Limit of each try; 30 s if unset.

        Returns:
            False if the server answers but the service does not serve.

        Raises:
            RPCError: If there is no answer, or the server does not know the service.
        """
        answer = await self.health_service.check(
            temporalio.bridge.proto.health.v1.HealthCheckRequest(service=service),
            retry=retry,
            metadata=metadata,
            timeout=timeout,
        )
        serving: bool = (
            answer.status
            == temporalio.bridge.proto.health.v1.HealthCheckResponse.ServingStatus.SERVING
        )
        return serving

    @property
    @abstractmethod
    def worker_service_client(self) -> _ConnectedServiceClient:
        """The client that workers use, below all interception."""

    @abstractmethod
    def update_rpc_metadata(self, metadata: Mapping[str, str | bytes]) -> None:
        """Replace the headers of every call, for calls from now on.

        Args:
            metadata: The new headers. Keys of ``bytes`` values end in ``-bin``.

        Raises:
            ValueError: If a header cannot be sent.
        """

    @abstractmethod
    def update_api_key(self, api_key: str | None) -> None:
        """Replace the API key, for calls from now on.

        Args:
            api_key: The new key; None for none.

        Raises:
            ValueError: If the key cannot be sent.
        """

    @abstractmethod
    async def _rpc_call(
        self,
        rpc: str,
        req: Message,
        resp_type: type[ServiceResponse],
        *,
        service: str,
        retry: bool,
        metadata: Mapping[str, str | bytes],
        timeout: timedelta | None,
    ) -> ServiceResponse: ...


class _ConnectedServiceClient(ServiceClient):
    """A client with a connection of its own, made at the latest for the first call."""

    def __init__(self, config: ConnectConfig) -> None:
        super().__init__(config)
        config._check_supported()
        self._target = config._target_url()
        self._tls = config._tls_options()
        self._metadata = config.rpc_metadata
        self._api_key = config.api_key
        # Both from the moment on that it is connected.
        self._connection: Connection | None = None
        self._runtime: Runtime | None = None
        # Loops that connect at the same time each have a lock: one cannot wait for another's.
        self._connecting: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )

    @property
    def worker_service_client(self) -> _ConnectedServiceClient:
        return self

    def update_rpc_metadata(self, metadata: Mapping[str, str | bytes]) -> None:
        if self._connection is not None:
            self._connection.set_metadata(metadata)
        self._metadata = metadata

    def update_api_key(self, api_key: str | None) -> None:
        if self._connection is not None:
            self._connection.set_api_key(api_key)
        self._api_key = api_key

    async def _connected(self) -> Connection:
        if self._connection is not None:
            return self._connection
        lock = self._connecting.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            if self._connection is not None:
                return self._connection
            runtime = self.config.runtime or Runtime.default()
            connection = await self._connect(runtime)
            # Another loop may have been first; all shall share one connection.
            if self._connection is None:
                self._connection, self._runtime = connection, runtime
            return self._connection

    async def _connect(self, runtime: Runtime) -> Connection:
        config = self.config
        metadata, api_key = self._metadata, self._api_key
        timeout, proxy = config.connect_timeout, config.http_connect_proxy_config
        connection = await Connection.connect(
            runtime=runtime._bridge,
            target=self._target,
            client_name="temporal-python",
            client_version=temporalio.service.__version__,
            metadata=metadata,
            api_key=api_key,
            tls=self._tls,
            retry=config.retry_config._options() if config.retry_config else None,
            keep_alive=config.keep_alive_config._options() if config.keep_alive_config else None,
            http_connect_proxy=proxy._options() if proxy else None,
            gzip=config.grpc_compression._gzip,
            connect_timeout=None if timeout is None else timeout.total_seconds(),
        )
        # What was updated meanwhile reached no connection.
        if self._metadata is not metadata:
            connection.set_metadata(self._metadata)
        if self._api_key is not api_key:
            connection.set_api_key(self._api_key)
        return connection

    async def _rpc_call(
        self,
        rpc: str,
        req: Message,
        resp_type: type[ServiceResponse],
        *,
        service: str,
        retry: bool,
        metadata: Mapping[str, str | bytes],
        timeout: timedelta | None,
    ) -> ServiceResponse:
        if temporalio.service.LOG_PROTOS:
            _logger.debug("request to %s%s: %s", service, rpc, req)
        connection = self._connection or await self._connected()
        try:
            answer = await connection.call(
                service + rpc,
                req.SerializeToString(),
                namespace=_namespace_to_route_by(service, req),
                retry=retry,
                metadata=metadata,
                timeout=timeout.total_seconds() if timeout else None,
            )
        except RpcFailure as failure:
            raise rpc_error(failure) from None
        response = resp_type.FromString(answer)
        if temporalio.service.LOG_PROTOS:
            _logger.debug("response from %s%s: %s", service, rpc, response)
        return response


def rpc_error(failure: RpcFailure) -> RPCError:
    """The public error for a call that failed."""
    code, message, details = failure.args
    return RPCError(message, RPCStatusCode(code), details)


def _namespace_to_route_by(service: str, req: Message) -> str | None:
    """The namespace of a request, where the server may choose a cell by it."""
    if service != WorkflowService._path:
        return None
    namespace: str | None = getattr(req, "namespace", None)
    return namespace
