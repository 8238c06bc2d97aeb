"""Histories as JSON, in each spelling that the tools around Temporal have written.

Protobuf's own JSON writes an enum value as ``EVENT_TYPE_WORKFLOW_EXECUTION_STARTED``; the web
interface and older versions of the command line tool write ``WorkflowExecutionStarted``. The
descriptors say which fields are enums, so every field of every event is understood in both
spellings, nested failures included.
"""

from __future__ import annotations

import functools
import json
import os
from typing import TYPE_CHECKING, Any

import temporalio.api

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor


def parse_history(history: str | dict[str, Any]) -> temporalio.api.history.v1.History:
    """Read a history from JSON text or from what JSON text was parsed into.

    Args:
        history: The JSON; not changed.

    Raises:
        ValueError: It is not an object with a list of events, or an event cannot be read.
    """
    try:
        return _read(json.loads(history) if isinstance(history, str) else history)
    except RecursionError:
        raise _not_a_history("it is nested too deeply") from None


def _read(value: Any) -> temporalio.api.history.v1.History:
    from google.protobuf import json_format

    if not isinstance(value, dict):
        raise _not_a_history(f"it is {type(value).__name__}, not a JSON object")
    events = value.get("events")
    if not isinstance(events, (list, tuple)):
        raise _not_a_history("it has no list 'events'")
    for position, event in enumerate(events):
        if not isinstance(event, dict):
            raise _not_a_history(f"event {position} is {type(event).__name__}, not a JSON object")
    message = temporalio.api.history.v1.History()
    try:
        json_format.ParseDict(
            _respell(value, message.DESCRIPTOR), message, ignore_unknown_fields=True
        )
    except json_format.ParseError as error:
        raise _not_a_history(str(error)) from error
    return message


def _not_a_history(reason: str) -> ValueError:
    return ValueError(f"this is not the JSON of a history: {reason}")


def _respell(value: Any, descriptor: Descriptor) -> Any:
    if not isinstance(value, dict) or descriptor.full_name.startswith("google.protobuf."):
        return value
    fields = _fields_by_name(descriptor)
    respelled = {}
    for name, child in value.items():
        field = fields.get(name)
        respelled[name] = child if field is None else _respell_field(child, field)
    return respelled


def _respell_field(value: Any, field: FieldDescriptor) -> Any:
    # A map is a repeated message in the descriptors and an object in JSON.
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        entry = field.message_type.fields_by_name["value"]
        if not isinstance(value, dict):
            return value
        return {key: _respell_field(child, entry) for key, child in value.items()}
    if isinstance(value, list):
        return [_respell_field(child, field) for child in value]
    if field.enum_type is not None and isinstance(value, str):
        return _enum_spellings(field.enum_type).get(_fold(value), value)
    if field.message_type is not None:
        return _respell(value, field.message_type)
    return value


@functools.cache
def _fields_by_name(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    by_name = {field.name: field for field in descriptor.fields}
    by_name.update({field.json_name: field for field in descriptor.fields})
    return by_name


@functools.cache
def _enum_spellings(descriptor: EnumDescriptor) -> dict[str, str]:
    names = [value.name for value in descriptor.values]
    prefix = os.path.commonprefix(names)
    prefix = prefix[: prefix.rfind("_") + 1]
    spellings = {_fold(name.removeprefix(prefix)): name for name in names}
    spellings.update({_fold(name): name for name in names})
    return spellings


def _fold(name: str) -> str:
    return name.replace("_", "").lower()
