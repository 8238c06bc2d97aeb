"""The client: a connection, a namespace, and the way values are converted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, overload

import temporalio.client
import temporalio.workflow
from temporalio._typing import Self
from temporalio.common import HeaderCodecBehavior, QueryRejectCondition
from temporalio.converter import DataConverter
from temporalio.service import (
    ConnectConfig,
    DnsLoadBalancingConfig,
    GrpcCompression,
    HttpConnectProxyConfig,
    KeepAliveConfig,
    OperatorService,
    PayloadLimitsConfig,
    RetryConfig,
    ServiceClient,
    TestService,
    TLSConfig,
    WorkflowService,
)
from temporalio.types import MultiParamSpec, ReturnType, SelfType

from ._async_activity import AsyncActivityHandle, AsyncActivityIDReference
from ._config import ClientConfig
from ._execution import WorkflowExecutionAsyncIterator, WorkflowExecutionCount
from ._handle import WorkflowHandle
from ._interceptor import Interceptor, OutboundInterceptor
from ._plugin import Plugin
from ._server_calls import ServerCalls
from ._short_way import short_way_of
from ._starts import WorkflowStarts

if TYPE_CHECKING:
    from temporalio.runtime import Runtime

    from ._inputs import RpcMetadata

_DEFAULT_LIMITS = PayloadLimitsConfig()

_Connect = Callable[[ConnectConfig], Awaitable[ServiceClient]]


class Client(WorkflowStarts):
    """Starts workflows and talks to them.

    :py:meth:`connect` makes one. The constructor makes a further one on a connection that
    exists, say for another namespace. There is nothing to close: the connection lives as long as
    a client or worker that uses it. A process that forks must connect after the fork.

    Args:
        service_client: The connection.
        namespace: Namespace of all calls.
        data_converter: How values become payloads.
        plugins: Plugins that may change this configuration, in order.
        interceptors: Who sees each call, the outermost first.
        default_workflow_query_reject_condition: States of a workflow in which the server shall
            refuse queries that name no condition of their own.
        header_codec_behavior: Whether headers that interceptors set go through the payload codec.
    """

    @classmethod
    async def connect(
        cls,
        target_host: str,
        *,
        namespace: str = "default",
        api_key: str | None = None,
        data_converter: DataConverter = DataConverter.default,
        plugins: Sequence[Plugin] = [],
        interceptors: Sequence[Interceptor] = [],
        default_workflow_query_reject_condition: QueryRejectCondition | None = None,
        tls: bool | TLSConfig | None = None,
        retry_config: RetryConfig | None = None,
        keep_alive_config: KeepAliveConfig | None = KeepAliveConfig.default,
        connect_timeout: timedelta | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        identity: str | None = None,
        lazy: bool = False,
        runtime: Runtime | None = None,
        http_connect_proxy_config: HttpConnectProxyConfig | None = None,
        dns_load_balancing_config: DnsLoadBalancingConfig | None = None,
        grpc_compression: GrpcCompression = GrpcCompression.GZIP,
        payload_limits: PayloadLimitsConfig = _DEFAULT_LIMITS,
        header_codec_behavior: HeaderCodecBehavior = HeaderCodecBehavior.NO_CODEC,
    ) -> Self:
        """Connect to a server.

        Args:
            target_host: ``host:port``.
            namespace: Namespace of all calls. Whether it exists shows at the first of them.
            api_key: Key to send as bearer token, unless ``rpc_metadata`` has an
                ``authorization``.
            data_converter: How values become payloads.
            plugins: Plugins that may change configuration and connection, in order.
            interceptors: Who sees each call, the outermost first.
            default_workflow_query_reject_condition: States of a workflow in which the server
                shall refuse queries that name no condition of their own.
            tls: Whether and how to encrypt. By default, if there is an ``api_key``.
            retry_config: When and how often a failed call is made again.
            keep_alive_config: How a dead connection is found out; None for not at all.
            connect_timeout: Longest time for one attempt to connect.
            rpc_metadata: Headers of all calls; those of one call win.
            identity: Who calls, for histories and pollers; by default ``<pid>@<hostname>``.
            lazy: Whether to connect at the first call only. Workers refuse such a client.
            runtime: Runtime to run in; the default one if None.
            http_connect_proxy_config: Proxy to connect by way of.
            dns_load_balancing_config: Whether to spread calls over all addresses of the host.
            grpc_compression: How messages are compressed.
            payload_limits: Sizes of payloads above which a warning is logged.
            header_codec_behavior: Whether headers that interceptors set go through the payload
                codec.

        Raises:
            RuntimeError: The server cannot be reached or does not answer.
            ValueError: An argument cannot be used.
        """
        connect = _through_plugins(plugins)
        service_client = await connect(
            ConnectConfig(
                target_host,
                api_key=api_key,
                tls=tls,
                retry_config=retry_config,
                keep_alive_config=keep_alive_config,
                connect_timeout=connect_timeout,
                rpc_metadata=rpc_metadata,
                identity=identity or "",
                lazy=lazy,
                runtime=runtime,
                http_connect_proxy_config=http_connect_proxy_config,
                dns_load_balancing_config=dns_load_balancing_config,
                grpc_compression=grpc_compression,
                payload_limits=payload_limits,
            )
        )
        return cls(
            service_client,
            namespace=namespace,
            data_converter=data_converter,
            plugins=plugins,
            interceptors=interceptors,
            default_workflow_query_reject_condition=default_workflow_query_reject_condition,
            header_codec_behavior=header_codec_behavior,
        )

    def __init__(
        self,
        service_client: ServiceClient,
        *,
        namespace: str = "default",
        data_converter: DataConverter = DataConverter.default,
        plugins: Sequence[Plugin] = [],
        interceptors: Sequence[Interceptor] = [],
        default_workflow_query_reject_condition: QueryRejectCondition | None = None,
        header_codec_behavior: HeaderCodecBehavior = HeaderCodecBehavior.NO_CODEC,
    ) -> None:
        """Make a client on a connection that exists."""
        given = ClientConfig(
            service_client=service_client,
            namespace=namespace,
            data_converter=data_converter,
            plugins=plugins,
            interceptors=interceptors,
            default_workflow_query_reject_condition=default_workflow_query_reject_condition,
            header_codec_behavior=header_codec_behavior,
        )
        # What plugins make of it is kept apart, so that a copy of the client is not changed twice.
        self._initial_config = given.copy()
        for plugin in plugins:
            given = plugin.configure_client(given)
        self._config = given
        calls: OutboundInterceptor = ServerCalls(self)
        for interceptor in reversed(given["interceptors"]):
            calls = interceptor.intercept_client(calls)
        self._impl: OutboundInterceptor = calls
        self._short_way = short_way_of(self, calls) if type(calls) is ServerCalls else None

    def config(self, *, active_config: bool = False) -> ClientConfig:
        """The configuration; ``Client(**client.config())`` makes an equal client.

        Args:
            active_config: Whether to return what the plugins have made of it.

        Returns:
            A new dictionary with a new list of interceptors.
        """
        config = (self._config if active_config else self._initial_config).copy()
        config["interceptors"] = list(config["interceptors"])
        return config

    @property
    def service_client(self) -> ServiceClient:
        """The connection."""
        return self._config["service_client"]

    @property
    def workflow_service(self) -> WorkflowService:
        """The raw calls about workflows."""
        return self.service_client.workflow_service

    @property
    def operator_service(self) -> OperatorService:
        """The raw calls of operators."""
        return self.service_client.operator_service

    @property
    def test_service(self) -> TestService:
        """The raw calls that only test servers know."""
        return self.service_client.test_service

    @property
    def namespace(self) -> str:
        """Namespace of all calls."""
        return self._config["namespace"]

    @property
    def identity(self) -> str:
        """Who calls, for histories and pollers."""
        return self.service_client.config.identity

    @property
    def data_converter(self) -> DataConverter:
        """How values become payloads."""
        return self._config["data_converter"]

    @property
    def rpc_metadata(self) -> RpcMetadata:
        """Headers of all calls. Assign a new mapping to change them from the next call on.

        Raises:
            TypeError: On assignment, of bytes under a key that does not end in ``-bin``, or of
                text under one that does.
        """
        connection = self.service_client.config
        return connection.rpc_metadata

    @rpc_metadata.setter
    def rpc_metadata(self, value: RpcMetadata) -> None:
        self.service_client.update_rpc_metadata(value)
        self.service_client.config.rpc_metadata = value

    @property
    def api_key(self) -> str | None:
        """Key sent as bearer token. Assign a new one to change it from the next call on."""
        connection = self.service_client.config
        return connection.api_key

    @api_key.setter
    def api_key(self, value: str | None) -> None:
        self.service_client.update_api_key(value)
        self.service_client.config.api_key = value

    def get_workflow_handle(
        self,
        workflow_id: str,
        *,
        run_id: str | None = None,
        first_execution_run_id: str | None = None,
        result_type: type | None = None,
    ) -> WorkflowHandle[Any, Any]:
        """A handle to a workflow that exists. Nothing is asked of the server.

        Args:
            workflow_id: Workflow id.
            run_id: Run that all calls are meant for; by default the latest.
            first_execution_run_id: First run of the chain that may be cancelled or terminated.
            result_type: Type to decode the result into, if known.
        """
        handle: WorkflowHandle[Any, Any] = WorkflowHandle(
            self,
            workflow_id,
            run_id=run_id,
            # Who names a run wants that run's result.
            result_run_id=run_id,
            first_execution_run_id=first_execution_run_id,
            result_type=result_type,
        )
        return handle

    def get_workflow_handle_for(
        self,
        workflow: Callable[Concatenate[SelfType, MultiParamSpec], Awaitable[ReturnType]],
        workflow_id: str,
        *,
        run_id: str | None = None,
        first_execution_run_id: str | None = None,
    ) -> WorkflowHandle[SelfType, ReturnType]:
        """Like :py:meth:`get_workflow_handle`, with the types of a workflow.

        Args:
            workflow: The method with ``@workflow.run``.
            workflow_id: Workflow id.
            run_id: Run that all calls are meant for; by default the latest.
            first_execution_run_id: First run of the chain that may be cancelled or terminated.

        Raises:
            ValueError: The method is not the run method of a workflow.
        """
        definition = temporalio.workflow._Definition.must_from_run_fn(workflow)
        return self.get_workflow_handle(
            workflow_id,
            run_id=run_id,
            first_execution_run_id=first_execution_run_id,
            result_type=definition.ret_type,
        )

    def list_workflows(
        self,
        query: str | None = None,
        *,
        limit: int | None = None,
        page_size: int = 1000,
        next_page_token: bytes | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowExecutionAsyncIterator:
        """Search workflows. Nothing is asked, and no error raised, before the first iteration.

        Args:
            query: Filter in the server's query language; all workflows without one.
            limit: Most workflows to return.
            page_size: Most workflows in one answer of the server.
            next_page_token: Where to go on, from an earlier iterator.
            rpc_metadata: Headers of each call.
            rpc_timeout: Deadline of each call.
        """
        return self._impl.list_workflows(
            temporalio.client.ListWorkflowsInput(
                query, page_size, next_page_token, rpc_metadata, rpc_timeout, limit
            )
        )

    async def count_workflows(
        self,
        query: str | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowExecutionCount:
        """Count workflows.

        Args:
            query: Filter in the server's query language; may end in a GROUP BY.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            temporalio.service.RPCError: The server does not understand the query, or cannot be
                asked.
        """
        return await self._impl.count_workflows(
            temporalio.client.CountWorkflowsInput(query, rpc_metadata, rpc_timeout)
        )

    @overload
    def get_async_activity_handle(
        self, *, activity_id: str, run_id: str | None = None
    ) -> AsyncActivityHandle: ...
    @overload
    def get_async_activity_handle(
        self, *, workflow_id: str, run_id: str | None, activity_id: str
    ) -> AsyncActivityHandle: ...
    @overload
    def get_async_activity_handle(self, *, task_token: bytes) -> AsyncActivityHandle: ...

    def get_async_activity_handle(
        self,
        *,
        workflow_id: str | None = None,
        run_id: str | None = None,
        activity_id: str | None = None,
        task_token: bytes | None = None,
    ) -> AsyncActivityHandle:
        """A handle to end an activity from outside. Nothing is asked of the server.

        The activity is named by its task token alone, or by its id with those of its workflow.

        Args:
            workflow_id: Workflow id.
            run_id: Run of the workflow; None for the latest.
            activity_id: Activity id.
            task_token: Task token, from the activity's info.

        Raises:
            ValueError: A task token comes with ids, or nothing names the activity.
        """
        if task_token is not None:
            if any(part is not None for part in (workflow_id, run_id, activity_id)):
                raise ValueError("Task token cannot be present with other IDs")
            return AsyncActivityHandle(self, task_token)
        if activity_id is None:
            raise ValueError("Activity ID, or task token, must be given to name an activity")
        return AsyncActivityHandle(self, AsyncActivityIDReference(workflow_id, run_id, activity_id))


def _through_plugins(plugins: Sequence[Plugin]) -> _Connect:
    connect: _Connect = ServiceClient.connect
    for plugin in reversed(plugins):
        connect = _before(plugin, connect)
    return connect


def _before(plugin: Plugin, connect: _Connect) -> _Connect:
    async def connect_with_plugin(config: ConnectConfig) -> ServiceClient:
        return await plugin.connect_service_client(config, connect)

    return connect_with_plugin
