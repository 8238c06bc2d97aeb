"""What the functions of ``temporalio.workflow`` that change a run's labels do within it."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import temporalio.api
import temporalio.common
import temporalio.converter
from temporalio.common import (
    SearchAttributeIndexedValueType,
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributes,
    SearchAttributeUpdate,
    SearchAttributeValues,
)
from temporalio.workflow._runtime import _Runtime

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl

_KEYWORD_LIST = SearchAttributeIndexedValueType.KEYWORD_LIST


class RuntimeUpserts(_Runtime):
    """Upserts search attributes and memo, which the run's info then shows at once."""

    _run: _WorkflowInstanceImpl
    _memo: dict[str, Any] | None
    """The memo decoded, once somebody has asked for it."""

    def workflow_upsert_search_attributes(
        self, attributes: SearchAttributes | Sequence[SearchAttributeUpdate[Any]]
    ) -> None:
        """Set and remove search attributes."""
        # All is encoded first: what raises leaves nothing behind.
        if isinstance(attributes, Mapping):
            values = {
                name: temporalio.converter.encode_search_attribute_values(each)
                for name, each in attributes.items()
            }
        else:
            values = {
                update.key.name: temporalio.converter.encode_typed_search_attribute_value(
                    update.key, update.value
                )
                for update in attributes
            }
        self._run.commands.upsert_search_attributes(_serialized(values))
        if isinstance(attributes, Mapping):
            self._show_untyped(attributes)
        else:
            for update in attributes:
                self._show_typed(update)

    def _show_untyped(self, attributes: SearchAttributes) -> None:
        cast(MutableMapping[str, SearchAttributeValues], self._run.info.search_attributes).update(
            attributes
        )
        for name, values in attributes.items():
            if not values:
                self._replace_pair(name, None)
                continue
            # The types are not known. Where no type fits, the typed side stays as it was.
            key = SearchAttributeKey._guess_from_untyped_values(name, values)
            if key is None:
                continue
            shown: Any = values
            if key.indexed_value_type is not _KEYWORD_LIST:
                if len(values) != 1:
                    continue
                [shown] = values
            self._replace_pair(name, SearchAttributePair(key, shown))

    def _show_typed(self, update: SearchAttributeUpdate[Any]) -> None:
        key, value = update.key, update.value
        untyped = cast(MutableMapping[str, Any], self._run.info.search_attributes)
        if value is None:
            self._replace_pair(key.name, None)
            # The server does the same: the name stays, with no values.
            untyped[key.name] = []
            return
        self._replace_pair(key.name, SearchAttributePair(key, value))
        untyped[key.name] = list(value) if key.indexed_value_type is _KEYWORD_LIST else [value]

    def _replace_pair(self, name: str, pair: SearchAttributePair[Any] | None) -> None:
        """Change the typed search attributes in place: workflow code may hold on to them."""
        typed = self._run.info.typed_search_attributes
        pairs = cast(list[SearchAttributePair[Any]], typed.search_attributes)
        index = next((at for at, one in enumerate(pairs) if one.key.name == name), None)
        if pair is None:
            if index is not None:
                del pairs[index]
        elif index is None:
            pairs.append(pair)
        else:
            pairs[index] = pair

    def workflow_upsert_memo(self, updates: Mapping[str, Any]) -> None:
        """Set values of the memo, and remove those that are None."""
        if not updates:
            return
        converter = self._run.conversion.payloads
        payloads = {key: converter.to_payload(value) for key, value in updates.items()}
        self._run.commands.upsert_memo(_serialized(payloads))
        raw = cast(MutableMapping[str, temporalio.api.common.v1.Payload], self._run.info.raw_memo)
        for key, value in updates.items():
            if value is None:
                raw.pop(key, None)
            else:
                raw[key] = payloads[key]
            if self._memo is None:
                continue
            if value is None:
                self._memo.pop(key, None)
            else:
                self._memo[key] = converter.from_payload(payloads[key])


def _serialized(payloads: Mapping[str, temporalio.api.common.v1.Payload]) -> dict[str, bytes]:
    return {name: payload.SerializeToString() for name, payload in payloads.items()}
