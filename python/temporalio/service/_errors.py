"""Errors of calls to the server.

::

    TemporalError
    └── RPCError          the server or the way to it refused a call
"""

from __future__ import annotations

from enum import IntEnum

import temporalio.api
from temporalio.exceptions import TemporalError


class RPCStatusCode(IntEnum):
    """The status codes of gRPC."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class RPCError(TemporalError):
    """A call that failed for good, after the retries it was allowed."""

    def __init__(self, message: str, status: RPCStatusCode, raw_grpc_status: bytes) -> None:
        """Create the error.

        Args:
            message: What the server, or the transport, said.
            status: The kind of failure.
            raw_grpc_status: Serialized status with details; empty when the server sent none.
        """
        super().__init__(message)
        self._what_failed = message, status, raw_grpc_status
        self._decoded: temporalio.api.common.v1.GrpcStatus | None = None

    def __reduce__(self) -> tuple[type[RPCError], tuple[str, RPCStatusCode, bytes]]:
        """Let the error cross to another process whole."""
        return type(self), self._what_failed

    @property
    def message(self) -> str:
        """What the server, or the transport, said."""
        return self._what_failed[0]

    @property
    def status(self) -> RPCStatusCode:
        """The kind of failure."""
        return self._what_failed[1]

    @property
    def raw_grpc_status(self) -> bytes:
        """Serialized status with details; empty when the server sent none."""
        return self._what_failed[2]

    @property
    def grpc_status(self) -> temporalio.api.common.v1.GrpcStatus:
        """The status with its details, decoded at first use."""
        if self._decoded is None:
            self._decoded = temporalio.api.common.v1.GrpcStatus.FromString(self.raw_grpc_status)
        return self._decoded
