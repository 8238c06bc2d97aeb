"""Processes that are measured, or that serve those that are."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.histories.official import official_environment

FOLDER = Path(__file__).parent
ANSWER_SECONDS = 300.0
STOP_SECONDS = 60.0


class MeasurementFailed(Exception):
    """A process ended, was silent for too long, or said something else than it should."""


class NotAvailable(Exception):
    """The package does not have what is to be measured."""


def _environment() -> dict[str, str]:
    """The same for both packages: neither is shown to the other's interpreter, and each has bytecode.

    The official one is installed with it. A shell in which none is written would have the other one
    compiled anew in each process.
    """
    environment = official_environment()
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


class Child:
    """A process that answers with a JSON object a line to each line that it is told."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._command = [str(word) for word in command]
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                cwd=FOLDER,
                env=_environment(),
            )
        except OSError as error:
            raise MeasurementFailed(f"{self._command[0]} cannot be started: {error}") from error

    @classmethod
    def measuring(cls, python: Path, module: str, *words: object) -> Child:
        """A module of `measuring/`, on the package that the interpreter has."""
        return cls([python, "-m", f"measuring.{module}", *(str(word) for word in words)])

    def ask(self, *words: object) -> dict[str, Any]:
        """Tell the process a line and return its answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(" ".join(str(word) for word in words) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failed("ended before it was asked") from None
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next answer.

        Raises:
            MeasurementFailed: The process ended without one, or took too long.
            NotAvailable: It answered that there is nothing to measure.
        """
        assert self._process.stdout is not None
        watchdog = threading.Timer(ANSWER_SECONDS, self._process.kill)
        watchdog.start()
        try:
            line = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        if not line:
            raise self._failed(f"ended, or said nothing for {ANSWER_SECONDS:.0f} s")
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            raise self._failed(f"answered with {line!r}, which is no JSON") from None
        if "unavailable" in answer:
            raise NotAvailable(answer["unavailable"])
        return answer

    def _failed(self, how: str) -> MeasurementFailed:
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        errors = self._errors.read().decode(errors="replace").strip()
        return MeasurementFailed(f"{' '.join(self._command)} {how}\n{errors}".strip())

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the process stop in its own way; one that does not is killed, and that is an error."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            if error is not None:
                self._process.kill()
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise self._failed(f"did not stop within {STOP_SECONDS:.0f} s") from None
        finally:
            self._process.stdout.close()
        if error is None and status != 0:
            raise self._failed(f"ended with status {status}")
        self._errors.close()
