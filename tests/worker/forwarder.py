"""A way to the server that can fall silent or break off."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Forwarder:
    """Listens on a port of its own and passes everything on to the server, until told otherwise."""

    def __init__(self, target_host: str) -> None:
        host, _, port = target_host.rpartition(":")
        self._target = (host, int(port))
        self._open = asyncio.Event()
        self._open.set()
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

    def break_off(self) -> None:
        """End all connections and take no new ones."""
        self._listener.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        from_server, to_server = await asyncio.open_connection(*self._target)
        self._writers += [to_client, to_server]
        for reader, writer in ((from_client, to_server), (from_server, to_client)):
            self._pumps.add(asyncio.create_task(self._pump(reader, writer)))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while passed_on := await reader.read(65536):
                await self._open.wait()
                writer.write(passed_on)
                await writer.drain()
        except ConnectionError:
            pass  # Broken off, which is what this is for.
        finally:
            writer.close()
