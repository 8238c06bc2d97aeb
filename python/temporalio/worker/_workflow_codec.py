"""A user's payload codec, which is asynchronous and runs on the worker's asyncio loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import temporalio.api
import temporalio.converter
from temporalio.bridge._callboard import Activation, Commands, RawPayload, off_the_clock
from temporalio.converter import PayloadCodec, SerializationContext
from temporalio.converter._values import message_of

_Owner = tuple[str, int] | None
_Groups = list[tuple[_Owner, list[RawPayload]]]
_ContextOf = Callable[[_Owner], SerializationContext]
_Code = Callable[
    [PayloadCodec, Sequence["temporalio.api.common.v1.Payload"]],
    Awaitable[list["temporalio.api.common.v1.Payload"]],
]


class LaneCodec:
    """Lets a lane wait for a codec; the time is not the workflow's."""

    def __init__(
        self,
        codec: PayloadCodec,
        event_loop: asyncio.AbstractEventLoop,
        *,
        with_headers: bool,
    ) -> None:
        """Run ``codec`` on ``event_loop``, which is never that of a workflow.

        Args:
            codec: What codes payloads.
            event_loop: The worker's loop.
            with_headers: Whether headers are coded too.
        """
        self._codec = codec
        self._event_loop = event_loop
        self._with_headers = with_headers

    def decode(self, activation: Activation, context_of: _ContextOf) -> None:
        """Decode what came for a run."""
        groups = activation.payload_groups(self._with_headers)
        if groups:
            coded = self._wait(groups, context_of, lambda codec, payloads: codec.decode(payloads))
            activation.replace_payloads(coded, self._with_headers)

    def encode(self, commands: Commands, context_of: _ContextOf) -> None:
        """Encode what a run has issued."""
        groups = commands.payload_groups(self._with_headers)
        if groups:
            coded = self._wait(groups, context_of, lambda codec, payloads: codec.encode(payloads))
            commands.replace_payloads(coded, self._with_headers)

    def encode_failure(self, failure: bytes, context: SerializationContext) -> bytes:
        """Encode the payloads of a workflow task's failure."""
        message = temporalio.api.failure.v1.Failure.FromString(failure)
        codec = _in_context(self._codec, context)
        coding = asyncio.run_coroutine_threadsafe(codec.encode_failure(message), self._event_loop)
        off_the_clock(coding.result)
        return message.SerializeToString()

    def _wait(self, groups: _Groups, context_of: _ContextOf, code: _Code) -> list[list[bytes]]:
        # Contexts are read here: the run belongs to its lane.
        calls = [
            (
                _in_context(self._codec, context_of(owner)),
                [message_of(one) for one in group],
            )
            for owner, group in groups
        ]

        async def code_all() -> list[list[bytes]]:
            coded = []
            for codec, payloads in calls:
                coded.append([one.SerializeToString() for one in await code(codec, payloads)])
            return coded

        return off_the_clock(asyncio.run_coroutine_threadsafe(code_all(), self._event_loop).result)


def _in_context(codec: PayloadCodec, context: SerializationContext) -> PayloadCodec:
    if isinstance(codec, temporalio.converter.WithSerializationContext):
        in_context: PayloadCodec = codec.with_context(context)
        return in_context
    return codec
