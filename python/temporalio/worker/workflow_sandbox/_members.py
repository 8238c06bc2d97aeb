"""What is not deterministic in the standard library.

Three ways to be restricted: each use of a module, each use of it while a workflow runs, and the
use of single members. Where loading a module needs what a running workflow must not use, only the
latter is restricted.
"""

from __future__ import annotations

import inspect
import random
import sys
from typing import Final

from ._matcher import SandboxMatcher

_ALL: Final = (
    "curses dbm filecmp fileinput ftplib getopt getpass gettext glob http.client http.server "
    "imaplib locale poplib readline sched shelve shutil smtplib socketserver subprocess tempfile "
    "urllib.request webbrowser xmlrpc"
).split()

_ALL_WHILE_RUNNING: Final = (
    "concurrent.futures mmap multiprocessing platform select selectors signal socket threading"
).split()

_MEMBERS: Final = {
    "bz2": "open",
    "datetime.date": "today",
    "datetime.datetime": "now today utcnow",
    "gzip": "open",
    "lzma": "open",
    "marshal": "dump load",
    # What only handles paths is fine, and making a Path is.
    "pathlib.Path": (
        "chmod cwd exists expanduser glob group hardlink_to home is_block_device is_char_device "
        "is_dir is_fifo is_file is_mount is_socket is_symlink iterdir lchmod link_to lstat mkdir "
        "open owner read_bytes read_link read_text rename replace resolve rglob rmdir samefile "
        "stat symlink_to touch unlink write_bytes write_text"
    ),
    # To compare in constant time stays possible.
    "secrets": "choice randbelow randbits SystemRandom token_bytes token_hex token_urlsafe",
    "tarfile": "open",
    "tarfile.TarFile": "extract extractall",
    "zipfile.ZipFile": "extract extractall",
    "zoneinfo.ZoneInfo": "clear_cache from_file reset_tzpath",
}

_MEMBERS_WHILE_RUNNING: Final = {
    "time": (
        "get_clock_info localtime monotonic monotonic_ns perf_counter perf_counter_ns process_time "
        "process_time_ns pthread_getcpuclockid sleep thread_time thread_time_ns time time_ns tzset"
    ),
    # Before 3.14 there is no uuid7, which does no harm here.
    "uuid": "uuid1 uuid4 uuid7",
}

_BREAKPOINT_MESSAGE: Final = (
    "breakpoint() inside workflow code requires debug_mode=True on the Worker (or the "
    "TEMPORAL_DEBUG environment variable). Without it, the call cannot reach the debugger."
)


def _nested(path: str, matcher: SandboxMatcher) -> SandboxMatcher:
    return SandboxMatcher.nested_child(path.split("."), matcher)


def _warned(function: str) -> SandboxMatcher:
    """Return the matcher of a function of asyncio whose order of results is not deterministic."""
    return _nested(
        f"asyncio.{function}.__call__",
        SandboxMatcher(
            match_self=True,
            leaf_warning=UserWarning,
            leaf_message=(
                f"asyncio.{function}() is non-deterministic, use workflow.{function}() instead"
            ),
        ),
    )


def _builtins() -> SandboxMatcher:
    stop = SandboxMatcher(match_self=True, only_runtime=True, leaf_message=_BREAKPOINT_MESSAGE)
    # Much of what is loaded reads files meanwhile.
    return SandboxMatcher(children={"breakpoint": stop}, use={"input", "open"}, only_runtime=True)


def _operating_system() -> SandboxMatcher:
    """Return the matcher of ``os``: nearly all of it, but what Python itself needs for tracebacks."""
    from_3_14 = sys.version_info >= (3, 14)
    return SandboxMatcher(
        access={"name"},
        use={"*"},
        children={"path": SandboxMatcher.none if from_3_14 else SandboxMatcher.all},
        exclude={"stat", "path"} if from_3_14 else {"stat"},
        only_runtime=True,
    )


def _random() -> set[str]:
    """Return the functions of ``random`` that draw from the process's own generator."""
    return {
        name
        for name, member in inspect.getmembers(random, callable)
        if name[0] != "_" and not inspect.isclass(member)
    }


def default_members() -> SandboxMatcher:
    """Return the matcher of all that is restricted unless somebody says otherwise."""
    trees = [
        *(_nested(path, SandboxMatcher.all_uses) for path in _ALL),
        *(_nested(path, SandboxMatcher.all_uses_runtime) for path in _ALL_WHILE_RUNNING),
        *(
            _nested(path, SandboxMatcher(use=set(names.split())))
            for path, names in _MEMBERS.items()
        ),
        *(
            _nested(path, SandboxMatcher(use=set(names.split()), only_runtime=True))
            for path, names in _MEMBERS_WHILE_RUNNING.items()
        ),
        _nested("random", SandboxMatcher(use=_random())),
        _nested("os", _operating_system()),
        _nested("__builtins__", _builtins()),
        _warned("as_completed"),
        _warned("wait"),
    ]
    together = SandboxMatcher.none
    for tree in trees:
        together = together | tree
    return together
