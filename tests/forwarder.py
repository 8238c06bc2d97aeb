"""A way to the server that can fall silent, break off, and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

Tap = Callable[[bytes], None]


class Forwarder:
    """Listens on a port of its own and passes everything on to the server, until told otherwise.

    Args:
        target_host: The server.
        tap: Makes what is called with all that the client of one connection sends.
    """

    def __init__(self, target_host: str, tap: Callable[[], Tap] | None = None) -> None:
        host, _, port = target_host.rpartition(":")
        self._target = (host, int(port))
        self._tap = tap
        self._open = _set_event()
        self._writers: list[asyncio.StreamWriter] = []
        self._pumps: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Forwarder:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.break_off()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    @property
    def address(self) -> str:
        host, port = self._listener.sockets[0].getsockname()
        return f"{host}:{port}"

    def fall_silent(self) -> None:
        """Keep every connection open and pass nothing on any more."""
        self._open.clear()

    def speak_again(self) -> None:
        """Pass on what has come meanwhile, and all that comes from now on."""
        self._open.set()

    def strand(self) -> None:
        """Pass nothing more on of the connections that there are; new ones are as ever."""
        self._open.clear()
        self._open = _set_event()

    def cut(self) -> None:
        """End the connections that there are, as they are; new ones may follow at once."""
        ending, self._writers = self._writers, []
        for writer in ending:
            writer.transport.abort()

    def break_off(self) -> None:
        """End all connections and take no new ones."""
        self._listener.close()
        self.cut()

    async def _accept(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        try:
            from_server, to_server = await asyncio.open_connection(*self._target)
        except ConnectionError:
            # There is no server now; the client sees a connection that ends.
            to_client.transport.abort()
            return
        self._writers += [to_client, to_server]
        tap = self._tap() if self._tap is not None else None
        for reader, writer, hears in (
            (from_client, to_server, tap),
            (from_server, to_client, None),
        ):
            self._pumps.add(asyncio.create_task(self._pump(reader, writer, self._open, hears)))

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        is_open: asyncio.Event,
        tap: Tap | None,
    ) -> None:
        try:
            while passed_on := await reader.read(65536):
                if tap is not None:
                    tap(passed_on)
                await is_open.wait()
                writer.write(passed_on)
                await writer.drain()
        except ConnectionError:
            pass  # Broken off, which is what this is for.
        finally:
            writer.close()


def _set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event
