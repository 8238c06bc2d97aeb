"""Activities that are completed from outside of the worker that began them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import temporalio.client
import temporalio.common
from temporalio._typing import Self
from temporalio.converter import DataConverter, SerializationContext, WithSerializationContext

if TYPE_CHECKING:
    from ._client import Client


@dataclass(frozen=True)
class AsyncActivityIDReference:
    """Names an activity by ids.

    Attributes:
        workflow_id: Id of the workflow that scheduled it; None if no workflow did.
        run_id: Run of that workflow, or of the activity; None for the latest.
        activity_id: Id of the activity.
    """

    workflow_id: str | None
    run_id: str | None
    activity_id: str


class AsyncActivityHandle(WithSerializationContext):
    """Ends an activity, and beats its heart, from anywhere.

    :py:meth:`Client.get_async_activity_handle` makes these.

    Args:
        client: Client to call with.
        id_or_token: Ids or task token of the activity.
        data_converter_override: Converter to use in place of the client's.
    """

    def __init__(
        self,
        client: Client,
        id_or_token: AsyncActivityIDReference | bytes,
        data_converter_override: DataConverter | None = None,
    ) -> None:
        """Keep what names the activity."""
        self._client = client
        self._id_or_token = id_or_token
        self._data_converter_override = data_converter_override

    async def heartbeat(
        self,
        *details: Any,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None:
        """Tell the server that the activity is alive.

        Args:
            details: Progress, which the next attempt can read.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            AsyncActivityCancelledError: The activity should stop: it was cancelled, paused or
                reset.
            temporalio.service.RPCError: The server does not know the activity, or cannot be asked.
        """
        await self._client._impl.heartbeat_async_activity(
            temporalio.client.HeartbeatAsyncActivityInput(
                self._id_or_token, details, rpc_metadata, rpc_timeout, self._data_converter_override
            )
        )

    async def complete(
        self,
        result: Any | None = temporalio.common._arg_unset,
        *,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None:
        """End the activity with a result.

        Args:
            result: The result; left out, the activity has none.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            temporalio.service.RPCError: The server does not know the activity, or cannot be asked.
        """
        await self._client._impl.complete_async_activity(
            temporalio.client.CompleteAsyncActivityInput(
                self._id_or_token, result, rpc_metadata, rpc_timeout, self._data_converter_override
            )
        )

    async def fail(
        self,
        error: Exception,
        *,
        last_heartbeat_details: Sequence[Any] = [],
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None:
        """End the attempt with an error; the retry policy decides about a further one.

        Args:
            error: The error.
            last_heartbeat_details: Progress, which the next attempt can read.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            temporalio.service.RPCError: The server does not know the activity, or cannot be asked.
        """
        await self._client._impl.fail_async_activity(
            temporalio.client.FailAsyncActivityInput(
                self._id_or_token,
                error,
                last_heartbeat_details,
                rpc_metadata,
                rpc_timeout,
                self._data_converter_override,
            )
        )

    async def report_cancellation(
        self,
        *details: Any,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None:
        """End the activity as cancelled. The server accepts it only after a request to cancel.

        Args:
            details: What the canceller shall see.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            temporalio.service.RPCError: No cancellation was requested, the server does not know
                the activity, or cannot be asked.
        """
        await self._client._impl.report_cancellation_async_activity(
            temporalio.client.ReportCancellationAsyncActivityInput(
                self._id_or_token, details, rpc_metadata, rpc_timeout, self._data_converter_override
            )
        )

    def with_context(self, context: SerializationContext) -> Self:
        """The same activity, its values encoded with a context.

        Args:
            context: What the client's data converter is told about the activity.

        Raises:
            TypeError: A subclass changes the constructor and does not override this method.
        """
        converter = self._client.data_converter.with_context(context)
        if converter is self._client.data_converter:
            return self
        kind = type(self)
        if kind.__init__ is not AsyncActivityHandle.__init__:
            raise TypeError(f"{kind.__name__} has a constructor of its own: override with_context")
        return kind(self._client, self._id_or_token, converter)
