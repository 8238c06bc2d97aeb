"""Codecs, which compress or encrypt payloads, and the way to a failure's payloads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence

import temporalio.api


class PayloadCodec(ABC):
    """Encodes the bytes of payloads, for example to compress or to encrypt them.

    It never runs inside a workflow, so it may wait for other services.
    """

    @abstractmethod
    async def encode(
        self, payloads: Sequence[temporalio.api.common.v1.Payload]
    ) -> list[temporalio.api.common.v1.Payload]:
        """Encode payloads.

        Args:
            payloads: The payloads; they must not be changed in place.

        Returns:
            The encoded payloads: at least one, at most as many as were given.
        """

    @abstractmethod
    async def decode(
        self, payloads: Sequence[temporalio.api.common.v1.Payload]
    ) -> list[temporalio.api.common.v1.Payload]:
        """Decode payloads.

        Args:
            payloads: The payloads; they must not be changed in place.

        Returns:
            The decoded payloads: at least one, at most as many as were given.
        """

    async def encode_wrapper(self, payloads: temporalio.api.common.v1.Payloads) -> None:
        """Encode the payloads of a message, in place.

        Args:
            payloads: The message.
        """
        _replace(payloads, await self.encode(payloads.payloads))

    async def decode_wrapper(self, payloads: temporalio.api.common.v1.Payloads) -> None:
        """Decode the payloads of a message, in place.

        Args:
            payloads: The message.
        """
        _replace(payloads, await self.decode(payloads.payloads))

    async def encode_failure(self, failure: temporalio.api.failure.v1.Failure) -> None:
        """Encode the payloads of a failure and of its causes, in place.

        A helper for callers: overriding it does not change how failures are encoded.

        Args:
            failure: The failure.
        """
        await _visit_failure_payloads(failure, self.encode_wrapper)

    async def decode_failure(self, failure: temporalio.api.failure.v1.Failure) -> None:
        """Decode the payloads of a failure and of its causes, in place.

        A helper for callers: overriding it does not change how failures are decoded.

        Args:
            failure: The failure.
        """
        await _visit_failure_payloads(failure, self.decode_wrapper)


def _replace(
    message: temporalio.api.common.v1.Payloads, payloads: Sequence[temporalio.api.common.v1.Payload]
) -> None:
    # The new ones may be the old ones, which clearing the field would empty.
    replacement = temporalio.api.common.v1.Payloads(payloads=payloads)
    message.CopyFrom(replacement)


# Where each kind of failure keeps its payloads.
_PAYLOAD_FIELDS = {
    "application_failure_info": "details",
    "canceled_failure_info": "details",
    "timeout_failure_info": "last_heartbeat_details",
    "reset_workflow_failure_info": "last_heartbeat_details",
}


async def _visit_failure_payloads(
    failure: temporalio.api.failure.v1.Failure,
    visit: Callable[[temporalio.api.common.v1.Payloads], Awaitable[None]],
) -> None:
    """Call ``visit`` with all payloads of a failure and its causes, to be changed in place."""
    current: temporalio.api.failure.v1.Failure | None = failure
    while current is not None:
        if current.HasField("encoded_attributes"):
            single = temporalio.api.common.v1.Payloads(payloads=[current.encoded_attributes])
            await visit(single)
            current.encoded_attributes.CopyFrom(single.payloads[0])
        kind = current.WhichOneof("failure_info")
        field = _PAYLOAD_FIELDS.get(kind or "")
        if kind is not None and field is not None:
            info = getattr(current, kind)
            if info.HasField(field):
                await visit(getattr(info, field))
        current = current.cause if current.HasField("cause") else None
