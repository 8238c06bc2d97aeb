"""Whatever is encoded is decoded to an equal value."""

# The spellings of typing are part of what is tested.
# ruff: noqa: UP006, UP007, UP045

from __future__ import annotations

import json
import math
import typing
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from hypothesis import given
from hypothesis import strategies as st

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from .golden_types import Color, Deep, Point, Size, Tree

converter = DataConverter.default.payload_converter
failures = DataConverter.default.failure_converter

text = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers() | st.floats(allow_nan=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    max_leaves=20,
)
points = st.builds(Point, st.integers(), st.integers())
times = st.datetimes(timezones=st.just(timezone.utc))
trees = st.recursive(
    st.builds(Tree, st.integers()), lambda inner: st.builds(Tree, st.integers(), st.lists(inner))
)
typed_values = st.one_of(
    st.tuples(st.just(bytes), st.binary()),
    st.tuples(st.just(datetime), times),
    st.tuples(st.just(uuid.UUID), st.uuids()),
    st.tuples(st.just(Color), st.sampled_from(Color)),
    st.tuples(st.just(Size), st.sampled_from(Size)),
    st.tuples(st.just(typing.Dict[int, Point]), st.dictionaries(st.integers(), points)),
    st.tuples(
        st.just(typing.Dict[Color, bool]), st.dictionaries(st.just(Color.RED), st.booleans())
    ),
    st.tuples(st.just(typing.Set[int]), st.sets(st.integers())),
    st.tuples(st.just(typing.Tuple[int, str]), st.tuples(st.integers(), text)),
    st.tuples(st.just(typing.Tuple[int, ...]), st.lists(st.integers()).map(tuple)),
    st.tuples(st.just(typing.Optional[Point]), st.none() | points),
    st.tuples(st.just(Tree), trees),
    st.tuples(
        st.just(Deep),
        st.builds(
            Deep,
            name=text,
            points=st.lists(points),
            by_name=st.dictionaries(text, points),
            maybe=st.none() | points,
            color=st.sampled_from(Color),
            when=st.none() | times,
            identity=st.none() | st.uuids(),
        ),
    ),
)


@given(json_values)
def test_untyped(value: Any) -> None:
    payload = converter.to_payload(value)
    assert converter.from_payload(payload) == value
    if payload.metadata["encoding"] == b"json/plain":
        assert payload.data == json.dumps(json.loads(payload.data), separators=(",", ":")).encode()


@given(typed_values)
def test_typed(case: tuple[Any, Any]) -> None:
    hint, value = case
    decoded = converter.from_payload(converter.to_payload(value), hint)
    assert decoded == value
    assert type(decoded) is type(value)


@given(st.lists(typed_values))
def test_lists_of_arguments(cases: list[tuple[Any, Any]]) -> None:
    values = [value for _, value in cases]
    payloads = converter.to_payloads(values)
    assert converter.from_payloads(payloads, [hint for hint, _ in cases]) == values


delays = st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=3650))


@given(
    message=text.filter(bool),
    details=st.lists(json_values),
    error_type=st.none() | text.filter(bool),
    non_retryable=st.booleans(),
    delay=st.none() | delays,
    category=st.sampled_from(ApplicationErrorCategory),
)
def test_application_errors(
    message: str,
    details: list[Any],
    error_type: Optional[str],
    non_retryable: bool,
    delay: Optional[timedelta],
    category: ApplicationErrorCategory,
) -> None:
    error = ApplicationError(
        message,
        *details,
        type=error_type,
        non_retryable=non_retryable,
        next_retry_delay=delay,
        category=category,
    )
    failure = Failure()
    failures.to_failure(error, converter, failure)
    decoded = failures.from_failure(failure, converter)
    assert isinstance(decoded, ApplicationError)
    assert str(decoded) == str(error)
    assert (decoded.message, list(decoded.details)) == (message, details)
    assert (decoded.type, decoded.non_retryable) == (error_type, non_retryable)
    assert (decoded.next_retry_delay, decoded.category) == (delay, category)

    again = Failure()
    failures.to_failure(decoded, converter, again)
    assert again == failure


@given(st.floats())
def test_floats_that_json_has_not(value: float) -> None:
    decoded = converter.from_payload(converter.to_payload(value), float)
    assert decoded == value or (math.isnan(decoded) and math.isnan(value))
