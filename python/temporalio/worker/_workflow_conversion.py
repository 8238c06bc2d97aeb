"""Values to serialized payloads and back, in the context of one run."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import temporalio.api
import temporalio.common
import temporalio.converter
import temporalio.workflow
from temporalio.bridge._callboard import RawPayload, Values
from temporalio.converter import (
    DefaultFailureConverter,
    FailureConverter,
    PayloadConverter,
    SerializationContext,
)
from temporalio.converter._values import message_of, values_of, values_of_new
from temporalio.exceptions import FailureError

logger = logging.getLogger(__name__)

_Converter = TypeVar("_Converter", PayloadConverter, FailureConverter)


class Conversion:
    """A payload converter and a failure converter, both told what they convert for."""

    payloads: PayloadConverter
    failures: FailureConverter

    def __init__(self, payloads: PayloadConverter, failures: FailureConverter) -> None:
        """Use converters that know their context."""
        self.payloads = payloads
        self.failures = failures

    @functools.cached_property
    def values(self) -> Values:
        """The way of values to payloads and back."""
        return values_of(self.payloads)

    def encode(self, value: Any) -> RawPayload:
        """Return the one payload of a value.

        Raises:
            ValueError: The converter makes none or several of it.
        """
        [payload] = self.encode_arguments([value])
        return payload

    def encode_arguments(self, values: Sequence[Any]) -> list[RawPayload]:
        """Return the payloads of a list of values."""
        if not values:
            return []
        payloads = self.values.to_payloads(values)
        if len(values) == 1 and len(payloads) != 1:
            raise ValueError(f"Expected 1 payload for a value, the converter made {len(payloads)}")
        return payloads

    def encode_values(self, values: Mapping[str, Any]) -> dict[str, RawPayload]:
        """Return one payload for each value of a mapping."""
        return {key: self.encode(value) for key, value in values.items()}

    def decode(self, payload: temporalio.api.common.v1.Payload, hint: type[Any] | None) -> Any:
        """Return the value of one payload."""
        return self.payloads.from_payloads([payload], [hint] if hint else None)[0]

    def decode_arguments(
        self, payloads: Sequence[RawPayload], hints: list[type] | None
    ) -> list[Any]:
        """Return the values of a list of payloads; hints count if there is one for each."""
        if not payloads:
            return []
        if hints is not None and len(hints) != len(payloads):
            hints = None
        return self.values.from_payloads(payloads, hints)

    def encode_failure(self, error: BaseException) -> bytes:
        """Return the failure that stands for an exception."""
        failure = temporalio.api.failure.v1.Failure()
        self.write_failure(error, failure)
        return failure.SerializeToString()

    def write_failure(
        self, error: BaseException, failure: temporalio.api.failure.v1.Failure
    ) -> None:
        """Fill ``failure`` with what stands for an exception."""
        self.failures.to_failure(error, self.payloads, failure)

    def describe_failure(self, error: BaseException, run_id: str) -> bytes:
        """Return the failure of a workflow task, which is made whatever the converters do."""
        try:
            return self.encode_failure(error)
        except Exception as second:
            logger.exception(
                "Failed converting activation exception on workflow with run ID %s", run_id
            )
            return temporalio.api.failure.v1.Failure(
                message=f"Failed converting activation exception: {second}",
                application_failure_info=temporalio.api.failure.v1.ApplicationFailureInfo(),
            ).SerializeToString()

    def decode_failure(self, failure: bytes) -> BaseException:
        """Return the exception that a failure stands for."""
        return self.failures.from_failure(
            temporalio.api.failure.v1.Failure.FromString(failure), self.payloads
        )


class RunConversion(Conversion):
    """The conversion of a run's own values, and where that of its activities comes from."""

    def __init__(
        self,
        make_payloads: Callable[[], PayloadConverter],
        make_failures: Callable[[], FailureConverter],
        info: temporalio.workflow.Info,
        fails_workflow: Callable[[BaseException], bool],
    ) -> None:
        """Use fresh converters of the run.

        Those that are known to do as the default converters are made when somebody asks for them.

        Args:
            make_payloads: Makes a payload converter without a context.
            make_failures: Makes a failure converter without a context.
            info: The run.
            fails_workflow: Whether an exception fails the workflow and not only its task.
        """
        self._make_payloads = make_payloads
        self._make_failures = make_failures
        self._info = info
        self._fails_workflow = fails_workflow
        known = values_of_new(make_payloads)
        if known is None:
            known = values_of(self.payloads)
        self.values = known
        # What is native is nobody's own, so it does the same in every context.
        self.takes_context = (
            not known.native
            and isinstance(self._bare_payloads, temporalio.converter.WithSerializationContext)
        ) or (
            make_failures is not DefaultFailureConverter
            and isinstance(self._bare_failures, temporalio.converter.WithSerializationContext)
        )

    @functools.cached_property
    def _bare_payloads(self) -> PayloadConverter:
        return self._make_payloads()

    @functools.cached_property
    def _bare_failures(self) -> FailureConverter:
        return self._make_failures()

    @functools.cached_property
    def payloads(self) -> PayloadConverter:  # type: ignore[override]
        """The run's payload converter."""
        return with_context(self._bare_payloads, self._context())

    @functools.cached_property
    def failures(self) -> FailureConverter:  # type: ignore[override]
        """The run's failure converter."""
        return with_context(self._bare_failures, self._context())

    def _context(self) -> SerializationContext:
        return temporalio.converter.WorkflowSerializationContext(
            namespace=self._info.namespace, workflow_id=self._info.workflow_id
        )

    def within(self, context: SerializationContext) -> Conversion:
        """Return the conversion for something else than the run itself."""
        if not self.takes_context:
            return self
        return Conversion(
            with_context(self._bare_payloads, context), with_context(self._bare_failures, context)
        )

    def decode_input(
        self,
        payloads: Sequence[RawPayload],
        hints: list[type] | None,
        conversion: Conversion | None = None,
    ) -> list[Any]:
        """Decode what came from outside.

        Raises:
            RuntimeError: It cannot be decoded, and the reason is none that fails the workflow.
        """
        try:
            return (conversion or self).decode_arguments(payloads, hints)
        except Exception as error:
            if (raised := self.input_error(error)) is error:
                raise
            raise raised from error

    def input_error(self, error: Exception) -> Exception:
        """Return what to raise where decoding has raised ``error``."""
        if isinstance(error, FailureError) or self._fails_workflow(error):
            return error
        raised = RuntimeError("Failed decoding arguments")
        raised.__cause__ = error
        return raised

    def decode_handler_input(
        self,
        call: str,
        payloads: Sequence[RawPayload],
        name: str | None,
        hints: list[type] | None,
        vararg: bool,
    ) -> list[Any]:
        """Decode the arguments of a handler; a dynamic one also gets the name that was called."""
        if name:
            return self.decode_input(payloads, hints)
        if vararg:
            return [call, *self.decode_input(payloads, hints[1:] if hints else None)]
        raw: list[type] = [temporalio.common.RawValue] * len(payloads)
        return [call, self.decode_input(payloads, raw)]


def with_context(converter: _Converter, context: SerializationContext) -> _Converter:
    """Return the converter for a context, if it cares."""
    if isinstance(converter, temporalio.converter.WithSerializationContext):
        return converter.with_context(context)
    return converter


def headers_of(headers: Mapping[str, RawPayload]) -> dict[str, temporalio.api.common.v1.Payload]:
    """Return headers as the API shows them."""
    return {key: message_of(value) for key, value in headers.items()}


def serialized_headers(headers: Mapping[str, temporalio.api.common.v1.Payload]) -> dict[str, bytes]:
    """Return headers as the bridge takes them."""
    return {key: value.SerializeToString() for key, value in headers.items()}


def serialized_attributes(
    attributes: temporalio.common.SearchAttributes | temporalio.common.TypedSearchAttributes | None,
) -> dict[str, bytes] | None:
    """Return search attributes as the bridge takes them, None if there are none."""
    if not attributes:
        return None
    if isinstance(attributes, temporalio.common.TypedSearchAttributes):
        return {
            pair.key.name: temporalio.converter.encode_typed_search_attribute_value(
                pair.key, pair.value
            ).SerializeToString()
            for pair in attributes
        }
    return {
        name: temporalio.converter.encode_search_attribute_values(values).SerializeToString()
        for name, values in attributes.items()
    }
