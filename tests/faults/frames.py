"""What can be read of HTTP/2 without its header tables: the frames, and of data the gRPC prefix."""

from __future__ import annotations

from dataclasses import dataclass, field

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_FRAME_HEADER = 9
_DATA = 0
_MESSAGE_HEADER = 5
_PADDED = 0x8


@dataclass(frozen=True)
class Message:
    """One message as it was sent.

    Attributes:
        is_compressed: What its prefix says.
        size: Bytes on the wire, without the prefix.
    """

    is_compressed: bool
    size: int


@dataclass
class SentMessages:
    """Takes what the client of one connection sends, and notes the messages in it.

    Attributes:
        messages: In the order of their calls, as there is one message to a call.
    """

    messages: list[Message] = field(default_factory=list)
    _unread: bytearray = field(default_factory=bytearray)
    _has_begun: bool = False
    _streams: set[int] = field(default_factory=set)

    def take(self, sent: bytes) -> None:
        """Read on.

        Raises:
            ValueError: This is no HTTP/2.
        """
        self._unread += sent
        if not self._has_begun:
            if len(self._unread) < len(_PREFACE):
                return
            if not self._unread.startswith(_PREFACE):
                raise ValueError(
                    f"expected the preface of HTTP/2, got {bytes(self._unread[:24])!r}"
                )
            del self._unread[: len(_PREFACE)]
            self._has_begun = True
        while len(self._unread) >= _FRAME_HEADER:
            length = int.from_bytes(self._unread[:3], "big")
            if len(self._unread) < _FRAME_HEADER + length:
                return
            frame = bytes(self._unread[: _FRAME_HEADER + length])
            del self._unread[: len(frame)]
            self._take_frame(frame)

    def _take_frame(self, frame: bytes) -> None:
        kind, flags = frame[3], frame[4]
        stream = int.from_bytes(frame[5:9], "big")
        data = frame[_FRAME_HEADER:]
        if kind != _DATA or stream in self._streams or not data:
            return
        if flags & _PADDED or len(data) < _MESSAGE_HEADER:
            raise ValueError("expected a whole prefix at the beginning of the first data frame")
        # A long message goes on in later frames; its first one says how long it is.
        self._streams.add(stream)
        self.messages.append(Message(bool(data[0]), int.from_bytes(data[1:5], "big")))
