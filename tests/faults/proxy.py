"""A gRPC proxy that stands between a worker and its server, and does to calls what a test tells it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any

import grpc
import grpc.aio

CASE_HEADER = "fault-case"
"""Calls that carry this header belong to the case that it names, and only to that."""

ANY_METHOD = "*"

# Pings of a client that waits are no attack, and messages are the server's to refuse.
_SERVER_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.so_reuseport", 0),
]
_CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # A server that comes back is to be found soon.
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.initial_reconnect_backoff_ms", 100),
]
_START_LIMIT_SECONDS = 30.0

Condition = Callable[[bytes], bool]


@dataclass(frozen=True)
class Call:
    """One call as it arrived.

    Attributes:
        method: Its short name, such as ``PollWorkflowTaskQueue``.
        case: The case that it belongs to, if any.
        at: When it came, in seconds of the monotonic clock.
        seconds_left: How long the caller waits for an answer; None for ever.
        metadata: Its headers.
        request: The message.
    """

    method: str
    case: str | None
    at: float
    seconds_left: float | None
    metadata: dict[str, str | bytes]
    request: bytes


@dataclass
class Fault:
    """What happens to calls of one method.

    Attributes:
        method: The method's short name; ``ANY_METHOD`` for all.
        code: The status that is answered; None where the call is only delayed, or swallowed.
        message: The status's message.
        case: Only calls of this case, or all.
        times: How many calls it happens to; None until it is lifted.
        spared: How many calls it does not happen to first.
        after_server: The server has acted before this happens to its answer.
        delay: Seconds before anything happens.
        swallowed: The caller gets no answer at all.
        when: Only requests (or answers, if after_server) for which this is true.
        then: Is called when it has happened, on the proxy's thread.
        happened: How often it has happened.
    """

    method: str
    code: grpc.StatusCode | None = None
    message: str = "a fault of the test"
    case: str | None = None
    times: int | None = 1
    spared: int = 0
    after_server: bool = False
    delay: float = 0.0
    swallowed: bool = False
    when: Condition | None = None
    then: Callable[[], object] | None = None
    happened: int = field(default=0, init=False)

    def matches(self, call: Call, message: bytes) -> bool:
        """Whether it happens to this call, which ``message`` is the request or the answer of."""
        return (
            self.method in (ANY_METHOD, call.method)
            and self.case in (None, call.case)
            and (self.times is None or self.happened < self.times)
            and (self.when is None or self.when(message))
        )


class FaultyProxy(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Forwards unary calls with headers and deadlines, on a thread of its own.

    Args:
        target_host: The server.
        port: The port to listen on; 0 for a free one.
    """

    def __init__(self, target_host: str, port: int = 0) -> None:
        self.calls: list[Call] = []
        self.address = ""
        self._target_host = target_host
        self._port = port
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._listens = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="faulty proxy", daemon=True)

    def __enter__(self) -> FaultyProxy:
        self._thread.start()
        if not self._listens.wait(_START_LIMIT_SECONDS):
            raise RuntimeError("the proxy does not listen")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def add(self, fault: Fault) -> Fault:
        """Have calls that come from now on meet this fault."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def lift(self, fault: Fault) -> None:
        """Have no more calls meet this fault; those that wait because of it go on waiting."""
        with self._lock:
            self._faults.remove(fault)

    def of(self, method: str, case: str | None = None) -> list[Call]:
        """The calls of one method so far, of one case or of all."""
        return [
            call for call in list(self.calls) if call.method == method and case in (None, call.case)
        ]

    def of_case(self, case: str) -> list[Call]:
        """The calls of one case so far."""
        return [call for call in list(self.calls) if call.case == case]

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Handle any method."""
        forward = partial(self._forward, handler_call_details.method)
        return grpc.unary_unary_rpc_method_handler(forward)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with grpc.aio.insecure_channel(self._target_host, _CHANNEL_OPTIONS) as channel:
            self._channel = channel
            server = grpc.aio.server(options=_SERVER_OPTIONS)
            server.add_generic_rpc_handlers((self,))
            port = server.add_insecure_port(f"127.0.0.1:{self._port}")
            await server.start()
            self.address = f"127.0.0.1:{port}"
            self._listens.set()
            await self._stop.wait()
            await server.stop(grace=None)

    def _take(self, call: Call, message: bytes, *, after_server: bool) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.after_server != after_server or not fault.matches(call, message):
                    continue
                if fault.spared:
                    fault.spared -= 1
                    continue
                fault.happened += 1
                return fault
        return None

    async def _forward(
        self, path: str, request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> bytes:
        call = _arrived(path, request, context)
        self.calls.append(call)
        await self._suffer(self._take(call, request, after_server=False), context)
        try:
            answer = await self._channel.unary_unary(path)(
                request,
                timeout=context.time_remaining(),
                metadata=_forwarded(call.metadata),
                # While the server is away, that is the answer.
                wait_for_ready=False,
            )
        except grpc.aio.AioRpcError as error:
            await context.abort(
                error.code(), error.details() or "", tuple(error.trailing_metadata() or ())
            )
        await self._suffer(self._take(call, answer, after_server=True), context)
        return bytes(answer)

    async def _suffer(
        self, fault: Fault | None, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> None:
        if fault is None:
            return
        await asyncio.sleep(fault.delay)
        if fault.then is not None:
            fault.then()
        if fault.swallowed:
            # The caller gives up some day, and that ends this task.
            await asyncio.Event().wait()
        if fault.code is not None:
            await context.abort(fault.code, fault.message)


def _arrived(path: str, request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> Call:
    metadata: dict[str, str | bytes] = {
        str(key): value for key, value in context.invocation_metadata() or ()
    }
    case = metadata.get(CASE_HEADER)
    return Call(
        method=path.rpartition("/")[2],
        case=str(case) if case is not None else None,
        at=time.monotonic(),
        seconds_left=context.time_remaining(),
        metadata=metadata,
        request=request,
    )


def _forwarded(metadata: dict[str, str | bytes]) -> tuple[tuple[str, str | bytes], ...]:
    """The headers less those that each connection has of its own."""
    own = ("user-agent", "te", "content-type")
    return tuple(
        (key, value)
        for key, value in metadata.items()
        if key not in own and not key.startswith(("grpc-", ":"))
    )
