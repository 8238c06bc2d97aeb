"""What a plugin of a client can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from temporalio.service import ConnectConfig, ServiceClient

if TYPE_CHECKING:
    from ._config import ClientConfig


class Plugin(ABC):
    """Changes how clients are made: their configuration, their connection, or both."""

    def name(self) -> str:
        """What to call the plugin in messages; by default its class with its module."""
        return f"{type(self).__module__}.{type(self).__qualname__}"

    @abstractmethod
    def configure_client(self, config: ClientConfig) -> ClientConfig:
        """Return the configuration of a client that is being made.

        Called for each construction of a client, plugin after plugin in the order of the list.

        Args:
            config: The configuration so far.
        """

    @abstractmethod
    async def connect_service_client(
        self, config: ConnectConfig, next: Callable[[ConnectConfig], Awaitable[ServiceClient]]
    ) -> ServiceClient:
        """Connect, or have ``next`` connect, to the server.

        Args:
            config: Where and how to connect.
            next: Connects by way of the plugins that stand later in the list.
        """
