"""What ``@activity.defn`` accepts, refuses, and leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from temporalio import activity
from temporalio.activity import _Definition
from temporalio.common import RawValue


@activity.defn
async def greet(name: str, times: int) -> str:
    return name * times


@activity.defn(name="renamed", no_thread_cancel_exception=True)
def renamed_activity(untyped) -> None:  # type: ignore[no-untyped-def]
    return None


@activity.defn(dynamic=True)
async def anything(args: Sequence[RawValue]) -> None:
    return None


class Holder:
    @activity.defn
    async def method(self, number: int) -> int:
        return number


@activity.defn
class CallableActivity:
    async def __call__(self, number: int) -> int:
        return number


@pytest.mark.parametrize(
    ("candidate", "name", "is_async", "arg_types", "ret_type"),
    [
        (greet, "greet", True, [str, int], str),
        (renamed_activity, "renamed", False, [None], type(None)),
        (anything, None, True, [Sequence[RawValue]], type(None)),
        (Holder().method, "method", True, [int], int),
        (CallableActivity(), "CallableActivity", True, [int], int),
    ],
)
def test_a_definition_says_what_the_callable_is(
    candidate: Callable[..., Any],
    name: str | None,
    is_async: bool,
    arg_types: list[Any],
    ret_type: type | None,
) -> None:
    definition = _Definition.must_from_callable(candidate)
    assert definition.fn == candidate
    assert (definition.name, definition.is_async) == (name, is_async)
    assert definition.arg_types == arg_types
    assert definition.ret_type == ret_type
    assert definition.no_thread_cancel_exception == (name == "renamed")


def test_the_definition_stands_where_other_packages_look_for_it() -> None:
    assert getattr(greet, "__temporal_activity_definition") is not None  # noqa: B009
    assert _Definition.from_callable(len) is None
    assert _Definition.get_name_and_result_type("by name") == ("by name", None)
    assert _Definition.get_name_and_result_type(greet) == ("greet", str)


def keyword_only(*, number: int) -> None: ...


def not_raw_values(args: list[str]) -> None: ...


@pytest.mark.parametrize(
    ("define", "error", "message"),
    [
        (lambda: activity.defn(keyword_only), TypeError, "keyword-only.*'number'"),
        (lambda: activity.defn(greet), ValueError, "already contains activity definition: greet"),
        (lambda: activity.defn(dynamic=True)(not_raw_values), TypeError, "Sequence.*RawValue"),
        (lambda: activity.defn(name="three")(3), TypeError, "not callable: 3"),
        (lambda: _Definition.must_from_callable(len), TypeError, "len missing attributes"),
        (lambda: _Definition.get_name_and_result_type(anything), ValueError, "no name"),
        (lambda: _Definition.get_name_and_result_type(3), TypeError, "string or callable"),  # type: ignore[arg-type]
    ],
)
def test_a_mistake_is_named(
    define: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        define()


@pytest.mark.parametrize(
    "ask",
    [
        activity.info,
        activity.heartbeat,
        activity.client,
        activity.is_cancelled,
        activity.is_worker_shutdown,
        activity.cancellation_details,
        activity.payload_converter,
        activity.metric_meter,
        lambda: activity.wait_for_cancelled_sync(0),
        lambda: activity.shield_thread_cancel_exception().__enter__(),
    ],
)
def test_outside_of_an_activity_there_is_nothing_to_ask(ask: Callable[[], object]) -> None:
    assert not activity.in_activity()
    with pytest.raises(RuntimeError, match="Not in activity context"):
        ask()
