"""Answers that come in pages, read as one stream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from temporalio._typing import Self

Item = TypeVar("Item")


class PagedIterator(ABC, Generic[Item]):
    """Asks for a page only when the one before is used up."""

    def __init__(self, *, page_size: int | None, next_page_token: bytes | None) -> None:
        """Start before the first page."""
        self._page_size = page_size
        self._token = next_page_token
        self._page: Sequence[Item] | None = None
        self._position = 0

    @abstractmethod
    async def _fetch(self, page_size: int | None, token: bytes) -> tuple[Sequence[Item], bytes]:
        """Ask the server for the page behind ``token``; return it with the token that follows."""

    @property
    def current_page_index(self) -> int:
        """Position in the current page of what the next iteration returns."""
        return self._position

    @property
    def current_page(self) -> Sequence[Item] | None:
        """The page at hand; None before the first one was fetched."""
        return self._page

    @property
    def next_page_token(self) -> bytes | None:
        """What asks the server for the next page; None at the end."""
        return self._token

    async def fetch_next_page(self, *, page_size: int | None = None) -> None:
        """Replace the current page by the next one.

        Args:
            page_size: Most items to ask for; by default what the iterator was made with.

        Raises:
            temporalio.service.RPCError: The server refused or could not be reached.
        """
        page, token = await self._fetch(page_size or self._page_size, self._token or b"")
        self._page, self._token, self._position = page, token or None, 0

    def __aiter__(self) -> Self:
        """The iterator itself."""
        return self

    async def __anext__(self) -> Item:
        """The next item, from a further page if need be."""
        while self._page is None or self._position >= len(self._page):
            if self._page is not None and self._token is None:
                raise StopAsyncIteration
            await self.fetch_next_page()
        item = self._page[self._position]
        self._position += 1
        return item
