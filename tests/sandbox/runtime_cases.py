"""What workflow code may touch while it runs, one function a case.

The official package and this one play them both; see ``official.py``.
"""

from __future__ import annotations

import asyncio
import builtins
import collections.abc
import concurrent.futures
import dataclasses
import datetime as datetime_module
import enum
import glob
import http
import inspect
import io
import json
import logging
import math
import os
import os.path
import pathlib
import pickle
import platform
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types
import typing
import urllib.parse
import urllib.request
import uuid
import zoneinfo
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from time import time as now
from typing import Any
from uuid import UUID, uuid4

from temporalio import workflow

from . import outside_helper, plain_helper

stamp_at_import = now()
known_path = Path("a/b")
known_time = datetime(2020, 1, 2, tzinfo=timezone.utc)


class Colour(enum.Enum):
    """An enum of the sandbox."""

    RED = "red"


@dataclasses.dataclass
class Trip:
    """A dataclass of the sandbox."""

    start: datetime
    color: Colour = Colour.RED
    inner: Trip | None = None


class Later(datetime):
    """A class derived from a restricted one."""

    def year_after(self) -> int:
        """Return the next year."""
        return self.year + 1


CASES: dict[str, Callable[[], Any]] = {
    # Restricted at run time.
    "time": lambda: time.time(),
    "time imported by name": lambda: now(),
    "time only referred to": lambda: callable(time.time),
    "time.sleep": lambda: time.sleep(0),
    "time.strftime": lambda: time.strftime("%Y", time.gmtime(0)),
    "time.localtime": lambda: time.localtime(0),
    "perf_counter": lambda: time.perf_counter(),
    "datetime.now": lambda: datetime.now(),
    "datetime.utcnow": lambda: datetime.utcnow(),
    "datetime.today": lambda: datetime_module.datetime.today(),
    "date.today": lambda: date.today(),
    "random.random": lambda: random.random(),
    "random.choice": lambda: random.choice([1]),
    "random.Random": lambda: random.Random(3).randint(1, 1000),
    "secrets.token_hex": lambda: secrets.token_hex(),
    "secrets.compare": lambda: secrets.compare_digest("a", "a"),
    "uuid4": lambda: uuid4(),
    "uuid.uuid1": lambda: uuid.uuid1(),
    "uuid.uuid5": lambda: str(uuid.uuid5(uuid.NAMESPACE_DNS, "x")),
    "uuid of text": lambda: str(UUID("12345678123456781234567812345678")),
    "open": lambda: open("/tmp/none"),
    "builtins.open": lambda: builtins.open("/tmp/none"),
    "io.open": lambda: io.open(os.devnull).close(),  # noqa: UP020
    "input": lambda: input(),
    "breakpoint": lambda: breakpoint(),
    "print": lambda: print(end=""),
    "eval": lambda: eval("1 + 1"),
    "eval of open": lambda: eval("open('/tmp/none')"),
    "exec of an import": lambda: exec("import time; time.time()"),
    "os.name": lambda: os.name,
    "os.getcwd": lambda: os.getcwd(),
    "os.environ": lambda: os.environ["HOME"],
    "os.environ.get": lambda: os.environ.get("HOME"),
    "os.getenv": lambda: os.getenv("HOME"),
    "os.stat": lambda: bool(os.stat("/")),
    "os.path.join": lambda: os.path.join("a", "b"),
    "os.sep": lambda: os.sep,
    "os.urandom": lambda: os.urandom(1),
    "socket.socket": lambda: socket.socket(),
    "socket.AF_INET": lambda: int(socket.AF_INET),
    "subprocess.run": lambda: subprocess.run(["true"]),
    "threading.Thread": lambda: threading.Thread(),
    "threading.Lock": lambda: threading.Lock(),
    "threading.current_thread": lambda: threading.current_thread(),
    "threading.local": lambda: threading.local(),
    "executor": lambda: concurrent.futures.ThreadPoolExecutor(),
    "shutil.which": lambda: shutil.which("sh"),
    "tempfile": lambda: tempfile.mkdtemp(),
    "glob": lambda: glob.glob("*"),
    "platform": lambda: platform.system(),
    "urlopen": lambda: urllib.request.urlopen("http://localhost"),
    "urllib.parse": lambda: urllib.parse.quote("a b"),
    "http.HTTPStatus": lambda: http.HTTPStatus.OK.value,
    "Path made": lambda: str(Path("a") / "b"),
    "Path known": lambda: str(known_path / "c"),
    "Path.name": lambda: Path("a/b").name,
    "Path.exists": lambda: Path("a").exists(),
    "Path.read_text": lambda: Path("/etc/hostname").read_text(),
    "Path.cwd": lambda: Path.cwd(),
    "pathlib.PurePath": lambda: str(pathlib.PurePath("a") / "b"),
    "zoneinfo": lambda: zoneinfo.ZoneInfo("UTC").key,
    "zoneinfo.clear_cache": lambda: zoneinfo.ZoneInfo.clear_cache(),
    "asyncio.wait": lambda: asyncio.wait([]).close(),
    "asyncio.as_completed": lambda: list(asyncio.as_completed([])),
    "asyncio.gather": lambda: type(asyncio.gather()).__name__,
    # Allowed at import.
    "time at import": lambda: stamp_at_import > 0,
    "datetime made": lambda: datetime(2020, 1, 2).isoformat(),
    "datetime known": lambda: known_time.isoformat(),
    "datetime compared": lambda: known_time == datetime(2020, 1, 2, tzinfo=timezone.utc),
    "datetime difference": lambda: (datetime(2020, 1, 2) - datetime(2020, 1, 1)).days,
    "datetime and timedelta": lambda: (datetime(2020, 1, 2) + timedelta(days=1)).isoformat(),
    "timedelta and datetime": lambda: (timedelta(days=1) + datetime(2020, 1, 2)).isoformat(),
    "datetime in a dict": lambda: {datetime(2020, 1, 2): 1}[datetime(2020, 1, 2)],
    "datetime formatted": lambda: f"{datetime(2020, 1, 2):%Y}",
    "datetime.fromisoformat": lambda: datetime.fromisoformat("2020-01-02").isoformat(),
    "datetime.strptime": lambda: datetime.strptime("2020", "%Y").year,
    "datetime isinstance": lambda: isinstance(workflow.now(), datetime),
    "datetime isinstance of its base": lambda: isinstance(datetime(2020, 1, 1), date),
    "datetime isinstance in a tuple": lambda: isinstance(workflow.now(), (str, datetime)),
    "datetime issubclass": lambda: issubclass(datetime, date),
    "datetime type": lambda: (
        type(datetime(2020, 1, 1)).__name__ in ("datetime", "_RestrictedProxy")
    ),
    "workflow.now": lambda: type(workflow.now()).__name__,
    "workflow.random": lambda: workflow.random().randint(1, 10**6),
    "workflow.uuid4": lambda: str(workflow.uuid4()),
    "workflow.time": lambda: workflow.time() > 0,
    "math": lambda: math.floor(1.5),
    "json": lambda: json.dumps({"a": 1}),
    "re": lambda: re.sub("a", "b", "aa"),
    "logging": lambda: logging.getLogger("x").name,
    "abstract isinstance": lambda: isinstance([], collections.abc.Sequence),
    "type hints": lambda: sorted(typing.get_type_hints(Trip)),
    "type hint is the class": lambda: typing.get_type_hints(Trip)["color"] is Colour,
    "signature": lambda: str(inspect.signature(plain_helper.value)),
    "pickle of a value": lambda: pickle.loads(pickle.dumps([1, {"a": 2}])),
    "dataclass replaced": lambda: dataclasses.replace(Trip(known_time)).color.name,
    "dataclass made": lambda: dataclasses.make_dataclass("Made", ["a"])(1).a,
    "namedtuple made": lambda: collections.namedtuple("Made", ["a"])(1).a,
    "enum made": lambda: enum.Enum("Made", ["A"]).A.name,
    "module of a class": lambda: Trip.__module__.rpartition(".")[2],
    "sys.modules": lambda: sys.modules[__name__].__dict__ is globals(),
    "sys.modules of the helper": lambda: sys.modules[plain_helper.__name__] is plain_helper,
    "sys.modules outside": lambda: sys.modules["json"].dumps(1),
    "sys.modules contains": lambda: ["json" in sys.modules, "no_such_module" in sys.modules],
    "sys.modules get": lambda: sys.modules.get("no_such_module"),
    "sys.modules missing": lambda: sys.modules["no_such_module"],
    "sys.modules copied": lambda: "json" in sys.modules.copy() or True,
    "main module": lambda: isinstance(sys.modules["__main__"], types.ModuleType),
    "in_sandbox": lambda: workflow.unsafe.in_sandbox(),
    # Imports.
    "import known": lambda: __import__("json").__name__,
    "import missing": lambda: __import__("no_such_module"),
    "import missing child": lambda: __import__("json.no_such_module"),
    "import from": lambda: exec("from json import no_such_name"),
    "import relative": lambda: exec("from . import plain_helper as h; assert h.value(1) == 2"),
    "import restricted child": lambda: exec("import os.path as p; p.join('a', 'b')"),
    "helper is loaded": lambda: plain_helper.in_sandbox,
    "helper outside": lambda: outside_helper.in_sandbox,
    "helper outside reads the time": lambda: outside_helper.read_time() > 0,
    "helper outside opens a file": lambda: outside_helper.read_file(os.devnull),
    "helper outside may open a file": lambda: _unrestricted(
        lambda: outside_helper.read_file(os.devnull)
    ),
    "import late": lambda: exec("from . import lazy_helper"),
    "import late by full name": lambda: __import__("tests.sandbox.lazy_helper").__name__,
    "import late twice": lambda: [exec("from . import lazy_helper as h; h.value") for _ in "ab"],
    "import late, restricted": lambda: exec("from . import reading_helper"),
    "import late, passed through": lambda: _passed_through(
        "from . import lazy_helper as h; h.value"
    ),
    "import late, silent": lambda: _silent("from . import lazy_helper"),
    "import late, refused": lambda: _refused("from . import lazy_helper"),
    "import late, failed": lambda: exec("from . import failing_helper"),
    "import known, refused": lambda: _refused("from . import plain_helper"),
    "unrestricted time": lambda: _unrestricted(lambda: time.time() > 0),
    "unrestricted open": lambda: _unrestricted(lambda: open(os.devnull).close()),
    "unrestricted ends": lambda: [_unrestricted(lambda: 1), time.time()],
    "subclass of datetime": lambda: Later(2020, 1, 1).year_after(),
}


def _unrestricted(call: Callable[[], Any]) -> Any:
    with workflow.unsafe.sandbox_unrestricted():
        return call()


def _passed_through(code: str) -> Any:
    with workflow.unsafe.imports_passed_through():
        return exec(code)


def _silent(code: str) -> Any:
    silent = workflow.SandboxImportNotificationPolicy.SILENT
    with workflow.unsafe.sandbox_import_notification_policy(silent):
        return exec(code)


def _refused(code: str) -> Any:
    refuse = workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    with workflow.unsafe.sandbox_import_notification_policy(refuse):
        return exec(code)


@workflow.defn
class Access:
    """Plays one case."""

    @workflow.run
    async def run(self, name: str) -> Any:
        try:
            return CASES[name]()
        except BaseException as error:
            return [type(error).__name__, str(error)]
