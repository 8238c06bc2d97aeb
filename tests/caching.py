"""Workflow tests in four worlds: what a run does must not depend on how often it is replayed.

A module whose tests all run so says ``pytestmark = pytest.mark.usefixtures("cache")``; what a test
says of ``max_cached_workflows`` itself is left as it is.
"""

from __future__ import annotations

import functools
from enum import Enum
from typing import Any

import pytest

from temporalio.worker import Worker


class Cache(Enum):
    """How long a worker of the test keeps its runs."""

    WARM = "cache"
    ONE_RUN = "cache-of-one"
    """Two runs at once push each other out."""
    NONE = "no-cache"
    """No sticky queue: each task brings the history from its first event."""
    FORGETFUL = "evicted-after-every-task"
    """The sticky queue is used, yet each of its tasks misses the cache."""


_CACHED_RUNS = {Cache.WARM: 1000, Cache.ONE_RUN: 1, Cache.NONE: 0, Cache.FORGETFUL: 1000}


@pytest.fixture(params=Cache, ids=lambda cache: cache.value)
def cache(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Have the workers that the test makes keep their runs like this."""
    cache: Cache = request.param
    make = Worker.__init__

    @functools.wraps(make)
    def make_with_cache(self: Worker, *args: Any, **options: Any) -> None:
        options.setdefault("max_cached_workflows", _CACHED_RUNS[cache])
        make(self, *args, **options)

    monkeypatch.setattr(Worker, "__init__", make_with_cache)
    if cache is Cache.FORGETFUL:
        forget_after_each_task(monkeypatch)
    return cache


def forget_after_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no worker keep a run, whatever the size of its cache."""
    try:
        from temporalio.bridge._callboard import Worker as BridgeWorker
    except ImportError:
        pytest.skip("the official package has no such switch")
    forgetful = functools.partial(BridgeWorker, evict_after_each_task=True)
    monkeypatch.setattr("temporalio.worker._worker.BridgeWorker", forgetful)
