"""A gRPC server that notes how it is called."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

Behaviour = Callable[[str, grpc.ServicerContext], None]


@dataclass(frozen=True)
class Call:
    """One call as it arrived."""

    method: str
    headers: dict[str, str | bytes]
    seconds_left: float


@dataclass
class ObservedServer(grpc.GenericRpcHandler):
    """Answers every call with an empty message, once ``behave`` has had its say."""

    target_host: str = ""
    calls: list[Call] = field(default_factory=list)
    behave: Behaviour = lambda method, context: None

    def last(self) -> Call:
        """The newest call."""
        return self.calls[-1]

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Handle any method."""
        method = handler_call_details.method.rpartition("/")[2]

        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            headers = dict(context.invocation_metadata())
            self.calls.append(Call(method, headers, context.time_remaining()))
            if method != "GetSystemInfo":
                self.behave(method, context)
            return b""

        return grpc.unary_unary_rpc_method_handler(answer)


def slow(method: str, context: grpc.ServicerContext) -> None:
    """Answer only when nobody waits any more."""
    while context.is_active():
        time.sleep(0.01)


@contextmanager
def observed_server(**options: Any) -> Iterator[ObservedServer]:
    """Run the server on a port of its own."""
    handler = ObservedServer(**options)
    with ThreadPoolExecutor(8) as threads:
        server = grpc.server(threads, handlers=[handler])
        handler.target_host = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield handler
        finally:
            server.stop(grace=None).wait()
