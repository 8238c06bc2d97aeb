"""Expressions whose values must be the same here and in the official package.

``record_goldens.py`` evaluates them with the official package and keeps the values in
``goldens.json``; the tests evaluate them here and compare.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import enum
import pickle
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import google.protobuf.duration_pb2
import google.protobuf.json_format
import google.protobuf.message
import google.protobuf.wrappers_pb2

import temporalio.api.common.v1
import temporalio.api.enums.v1
import temporalio.api.failure.v1
import temporalio.common
import temporalio.converter
import temporalio.exceptions

from . import golden_types
from .golden_tables import EXPRESSIONS

Payload = temporalio.api.common.v1.Payload
Failure = temporalio.api.failure.v1.Failure
SearchAttributesMessage = temporalio.api.common.v1.SearchAttributes
converter = temporalio.converter.DataConverter.default.payload_converter
encoded_attributes = temporalio.converter.DefaultFailureConverterWithEncodedAttributes


def encode(*values: Any) -> Any:
    """The payloads of values."""
    return converter.to_payloads(values)


def decode(hint: Any, data: str, encoding: str = "json/plain", message_type: str = "") -> Any:
    """The value of a payload."""
    metadata = {"encoding": encoding.encode()}
    if message_type:
        metadata["messageType"] = message_type.encode()
    return converter.from_payload(Payload(metadata=metadata, data=data.encode()), hint)


def typed(hint: Any, value: Any, *custom: Any) -> Any:
    """The value that a hint makes of what JSON gives."""
    return temporalio.converter.value_to_type(hint, value, custom)


def roundtrip(hint: Any, value: Any) -> Any:
    """The value after both ways."""
    return converter.from_payload(converter.to_payload(value), hint)


def failure_of(error: Any, converter_class: Any = None) -> Any:
    """The failure of an error, or of what a function raises."""
    if not isinstance(error, BaseException):
        error = golden_types.caught(error)
    data_converter = temporalio.converter.DataConverter.default
    if converter_class is not None:
        data_converter = dataclasses.replace(
            data_converter, failure_converter_class=converter_class
        )
    failure = Failure()
    asyncio.run(data_converter.encode_failure(error, failure))
    return failure


def error_of(failure: Any) -> Any:
    """The error of a failure, given as a message or as its JSON form."""
    if isinstance(failure, Mapping):
        failure = google.protobuf.json_format.ParseDict(failure, Failure())
    return asyncio.run(temporalio.converter.DataConverter.default.decode_failure(failure))


def search_attributes(attributes: Any) -> Any:
    """The message of search attributes."""
    message = SearchAttributesMessage()
    temporalio.converter.encode_search_attributes(attributes, message)
    return message


def indexed(**fields: Any) -> Any:
    """A message of search attributes; each field is its type and its JSON."""
    message = SearchAttributesMessage()
    for name, (metadata_type, text) in fields.items():
        metadata = {"encoding": b"json/plain"}
        if metadata_type is not None:
            metadata["type"] = metadata_type.encode()
        message.indexed_fields[name].CopyFrom(Payload(metadata=metadata, data=text.encode()))
    return message


def proto_of(policy: temporalio.common.RetryPolicy) -> Any:
    """The message of a retry policy."""
    message = temporalio.api.common.v1.RetryPolicy()
    policy.apply_to_proto(message)
    return message


def pickled(value: Any) -> Any:
    """The value after pickling and unpickling."""
    return pickle.loads(pickle.dumps(value))


def describe(value: Any) -> Any:
    """Describe a value so that equal descriptions mean equal types and values."""
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, google.protobuf.message.Message):
        form = google.protobuf.json_format.MessageToDict(value)
        return {value.DESCRIPTOR.full_name: _without_places(form)}
    if isinstance(value, BaseException):
        return _describe_error(value)
    kind = type(value).__name__
    if isinstance(value, enum.Enum):
        return {kind: value.name}
    if isinstance(value, datetime):
        return {kind: value.isoformat()}
    if isinstance(value, bytes):
        return {kind: base64.b64encode(value).decode()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field.name for field in dataclasses.fields(value)]
        return {kind: {name: describe(getattr(value, name)) for name in fields}}
    if isinstance(value, Mapping):
        return {kind: [[describe(key), describe(item)] for key, item in value.items()]}
    if isinstance(value, (set, frozenset)):
        return {kind: sorted((describe(item) for item in value), key=repr)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {kind: [describe(item) for item in value]}
    if kind in ("list", "tuple", "deque"):
        return {kind: [describe(item) for item in value]}
    return {kind: repr(value)}


_UNTOLD = {"args", "failure", "cause", "with_traceback", "add_note", "original_failure"}


def _describe_error(error: BaseException) -> Any:
    shown = {
        name: describe(getattr(error, name))
        for name in dir(error)
        if not name.startswith("_") and name not in _UNTOLD
    }
    shown["str"] = str(error)
    if getattr(error, "failure", None) is not None:
        shown["has failure"] = True
    if error.__cause__ is not None:
        shown["cause"] = describe(error.__cause__)
    return {type(error).__name__: shown}


def _without_places(form: Any) -> Any:
    """Take out of stack traces what differs between machines and Python versions."""
    if isinstance(form, list):
        return [_without_places(item) for item in form]
    if not isinstance(form, dict):
        return form
    form = {name: _without_places(item) for name, item in form.items()}
    if "stackTrace" in form:
        form["stackTrace"] = _trace_without_places(form["stackTrace"])
    if form.get("encodedAttributes", {}).get("metadata", {}).get("encoding") == _JSON_PLAIN:
        data = base64.b64decode(form["encodedAttributes"]["data"]).decode()
        # The text of the JSON counts, so only the trace inside it is changed.
        form["encodedAttributes"]["data"] = _trace_without_places(data)
    return form


_JSON_PLAIN = base64.b64encode(b"json/plain").decode()


def _trace_without_places(trace: str) -> str:
    trace = re.sub(r'(File \\?")[^"\n]*/', r"\1", trace)
    return re.sub(r"line \d+", "line N", re.sub(r"(\n|\\n) *[~^]+ *(?=\n|\\n)", "", trace))


def _namespace() -> dict[str, Any]:
    names: dict[str, Any] = {
        "timedelta": timedelta,
        "timezone": timezone,
        "BoolValue": google.protobuf.wrappers_pb2.BoolValue,
        "Duration": google.protobuf.duration_pb2.Duration,
        "api": temporalio.api,
    }
    modules = (temporalio.common, temporalio.exceptions, temporalio.converter, golden_types)
    for module in modules:
        shown = {name: each for name, each in vars(module).items() if not name.startswith("_")}
        names.update(shown)
    names.update({name: each for name, each in globals().items() if not name.startswith("_")})
    return names


def observe(*, messages: bool = False) -> dict[str, Any]:
    """Evaluate all expressions.

    Args:
        messages: Whether to tell the message of errors, too. They are not part of the goldens: many
            are Python's own and differ from version to version.

    Returns:
        The description of each value, by expression. An error is its type.
    """
    namespace = _namespace()
    observed: dict[str, Any] = {}
    for expression in EXPRESSIONS:
        try:
            observed[expression] = describe(eval(expression, namespace))
        except Exception as error:
            told = f"{type(error).__name__}: {error}" if messages else type(error).__name__
            observed[expression] = {"raises": told}
    return observed
