"""A dev server as a child process that does not outlive its parent."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.common import SearchAttributeKey

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.02
_STOP_SECONDS = 10.0

# The shell becomes the server. Before, it leaves a watcher behind that reads from the parent: a
# line means that the server has been stopped in order, the end of the stream without one that the
# parent is gone, however it died. Unlike PR_SET_PDEATHSIG this does not depend on the thread that
# started the server, needs no code between fork and exec, and is not confined to Linux.
_WATCHED = (
    'exec 3<&0; { read -r word <&3 || kill -KILL $$; } >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'
)


@dataclass(frozen=True)
class DevServerOptions:
    """How a dev server runs.

    Attributes:
        binary: Its program.
        namespace: Namespace to register beside ``default``.
        ip: Address to listen at.
        port: Port to listen at; a free one if None.
        ui: Whether to serve the web interface.
        ui_port: Port of the web interface; by default the server's port plus 1000.
        database_filename: Where to keep data; in memory if None.
        log_format: ``pretty``, ``text`` or ``json``.
        log_level: ``debug``, ``info``, ``warn``, ``error`` or ``never``.
        search_attributes: Search attributes to register.
        extra_args: Further arguments for the program.
        startup_timeout: Longest time until it answers.
    """

    binary: Path
    namespace: str = "default"
    ip: str = "127.0.0.1"
    port: int | None = None
    ui: bool = False
    ui_port: int | None = None
    database_filename: str | None = None
    log_format: str = "pretty"
    log_level: str = "warn"
    search_attributes: Sequence[SearchAttributeKey[Any]] = ()
    extra_args: Sequence[str] = ()
    startup_timeout: timedelta = field(default=timedelta(seconds=30))

    def command(self, port: int) -> list[str]:
        """The command line that makes the server listen at ``port``."""
        command = [str(self.binary), "server", "start-dev"]
        command += ["--ip", self.ip, "--port", str(port), "--namespace", self.namespace]
        command += ["--log-format", self.log_format, "--log-level", self.log_level]
        if self.database_filename is not None:
            command += ["--db-filename", self.database_filename]
        if not self.ui:
            command.append("--headless")
        elif self.ui_port is not None:
            command += ["--ui-port", str(self.ui_port)]
        for key in self.search_attributes:
            command += ["--search-attribute", f"{key.name}={key._metadata_type}"]
        return [*command, *self.extra_args]


class DevServer:
    """A running dev server. :py:meth:`start` makes one.

    Args:
        process: The child process, whose standard input is its lifeline.
        target: ``host:port`` at which it listens.
        keeps_data: Whether it needs time to end in order.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], target: str, *, keeps_data: bool = False
    ) -> None:
        """Take charge of the process."""
        self._process = process
        self._keeps_data = keeps_data
        self.target = target

    @classmethod
    async def start(cls, options: DevServerOptions) -> DevServer:
        """Start a server and wait until it accepts connections.

        Args:
            options: How to run it.

        Raises:
            RuntimeError: It ended or did not listen in time.
        """
        port = options.port if options.port is not None else _free_port(options.ip)
        keeps_data = options.database_filename is not None
        server = cls(_spawn(options.command(port)), f"{options.ip}:{port}", keeps_data=keeps_data)
        try:
            await server._until_listening(options.ip, port, options.startup_timeout)
        except BaseException:
            await server.stop()
            raise
        return server

    async def _until_listening(self, ip: str, port: int, timeout: timedelta) -> None:
        deadline = time.monotonic() + timeout.total_seconds()
        while not await asyncio.to_thread(_listens, ip, port):
            self.check_alive()
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"the dev server did not listen at {self.target} within {timeout}"
                )
            await asyncio.sleep(_POLL_SECONDS)

    def check_alive(self) -> None:
        """Find out whether the server still runs.

        Raises:
            RuntimeError: It has ended.
        """
        code = self._process.poll()
        if code is not None:
            raise RuntimeError(
                f"the dev server ended with exit code {code}; its output says why. "
                f"Command: {self._process.args!r}"
            )

    async def stop(self) -> None:
        """Stop the server: at once if its data die with it, else by force after ten seconds."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        if self._process.poll() is None:
            if self._keeps_data:
                self._process.terminate()
            else:
                self._process.kill()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                logger.warning("the dev server does not end by itself and is killed")
                self._process.kill()
                self._process.wait()
        self._release_watcher()

    def _release_watcher(self) -> None:
        lifeline = self._process.stdin
        if lifeline is None or lifeline.closed:
            return
        try:
            lifeline.write(b"stopped\n")
            lifeline.close()
        except BrokenPipeError:
            pass  # There is no watcher, or it ended before the server.


def _spawn(command: list[str]) -> subprocess.Popen[bytes]:
    if sys.platform == "win32":
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)
    # A session of its own keeps the terminal's Ctrl-C from the server: its parent stops it.
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCHED, "dev-server", *command],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _free_port(ip: str) -> int:
    with socket.socket(_family(ip)) as listener:
        listener.bind((ip, 0))
        port: int = listener.getsockname()[1]
        return port


def _listens(ip: str, port: int) -> bool:
    with socket.socket(_family(ip)) as connection:
        connection.settimeout(1.0)
        return connection.connect_ex((ip, port)) == 0


def _family(ip: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET
