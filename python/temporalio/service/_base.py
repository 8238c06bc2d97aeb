"""What the generated service classes stand on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Protocol, TypeVar

from google.protobuf.message import Message

Response = TypeVar("Response", bound=Message)


class Caller(Protocol):
    """Whoever can carry a call to the server."""

    async def _rpc_call(
        self,
        rpc: str,
        req: Message,
        resp_type: type[Response],
        *,
        service: str,
        retry: bool,
        metadata: Mapping[str, str | bytes],
        timeout: timedelta | None,
    ) -> Response: ...


class ServiceBase:
    """One gRPC service of a server."""

    _path: ClassVar[str]

    def __init__(self, client: Caller) -> None:
        """Create the service on top of a client.

        Args:
            client: The client whose connection carries the calls.
        """
        self._client = client

    async def _call(
        self,
        rpc: str,
        req: Message,
        resp_type: type[Response],
        retry: bool,
        metadata: Mapping[str, str | bytes],
        timeout: timedelta | None,
    ) -> Response:
        return await self._client._rpc_call(
            rpc,
            req,
            resp_type,
            service=self._path,
            retry=retry,
            metadata=metadata,
            timeout=timeout,
        )
