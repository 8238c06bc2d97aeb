"""Runs with local activities leave the histories that the official SDK leaves, byte by byte."""

from __future__ import annotations

import json

import pytest

from temporalio.testing import WorkflowEnvironment

from ..caching import Cache
from .local_histories import RECORDED, record


async def test_histories_are_those_of_the_official_sdk(
    env: WorkflowEnvironment, cache: Cache
) -> None:
    if cache is Cache.ONE_RUN:
        pytest.skip("runs that wait for one another's places let tasks time out")
    assert await record(env.client) == json.loads(RECORDED.read_text())
