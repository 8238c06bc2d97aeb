"""The settings of a connection."""

from __future__ import annotations

import os
import socket
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from temporalio.runtime import Runtime

TlsOptions = tuple["bytes | None", "str | None", "bytes | None", "bytes | None", "str | None"]
RetryOptions = tuple[float, float, float, float, "float | None", int]


@dataclass
class TLSConfig:
    """How the server is made sure of, and how the client makes itself known to it.

    Attributes:
        server_root_ca_cert: PEM of the root that the server's certificate must lead to. Unset, the
            roots of the system are trusted.
        domain: Name to ask for (SNI) and to expect in the server's certificate, and HTTP/2
            authority, in place of the host connected to.
        client_cert: PEM of the client's certificate chain, for mTLS; needs ``client_private_key``.
        client_private_key: PEM of the key of ``client_cert``.
        verification_server_name: Name to expect in the server's certificate while SNI and authority
            stay as they are. Needs ``server_root_ca_cert``.
    """

    server_root_ca_cert: bytes | None = None
    domain: str | None = None
    client_cert: bytes | None = None
    client_private_key: bytes | None = field(default=None, repr=False)
    verification_server_name: str | None = None

    def _options(self) -> TlsOptions:
        if (self.client_cert is None) != (self.client_private_key is None):
            raise ValueError("Must have both client cert and private key or neither")
        if self.verification_server_name is not None and self.server_root_ca_cert is None:
            raise ValueError("Must have server root CA cert when verification server name is set")
        return (
            self.server_root_ca_cert,
            self.domain,
            self.client_cert,
            self.client_private_key,
            self.verification_server_name,
        )


@dataclass
class RetryConfig:
    """How calls made with ``retry=True`` are tried again.

    Attributes:
        initial_interval_millis: Milliseconds before the second try.
        randomization_factor: Each interval is drawn from this share below to this share above.
        multiplier: Growth of the interval from try to try.
        max_interval_millis: Longest interval, in milliseconds.
        max_elapsed_time_millis: No wait begins that would end later than this many milliseconds
            after the first try; None for no limit.
        max_retries: Most tries, the first one included; 0 for no limit.
    """

    initial_interval_millis: int = 100
    randomization_factor: float = 0.2
    multiplier: float = 1.5
    max_interval_millis: int = 5000
    max_elapsed_time_millis: int | None = 10000
    max_retries: int = 10

    def _options(self) -> RetryOptions:
        limit = self.max_elapsed_time_millis
        return (
            self.initial_interval_millis / 1000,
            self.randomization_factor,
            self.multiplier,
            self.max_interval_millis / 1000,
            None if limit is None else limit / 1000,
            self.max_retries,
        )


@dataclass(frozen=True)
class KeepAliveConfig:
    """HTTP/2 pings by which a dead connection is noticed.

    Attributes:
        interval_millis: Milliseconds from ping to ping.
        timeout_millis: Milliseconds that the answer to a ping may take.
    """

    interval_millis: int = 30000
    timeout_millis: int = 15000
    default: ClassVar[KeepAliveConfig]

    def _options(self) -> tuple[float, float]:
        return self.interval_millis / 1000, self.timeout_millis / 1000


KeepAliveConfig.default = KeepAliveConfig()


@dataclass(frozen=True)
class HttpConnectProxyConfig:
    """An HTTP proxy that connections go through by its ``CONNECT`` method.

    Attributes:
        target_host: ``host:port`` of the proxy, or ``unix:`` and the path of its socket.
        basic_auth: User name and password.
    """

    target_host: str
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)

    def _options(self) -> tuple[str, tuple[str, str] | None]:
        return self.target_host, self.basic_auth


@dataclass(frozen=True)
class DnsLoadBalancingConfig:
    """Spreads calls over all addresses that a host name has. Not supported yet.

    Attributes:
        resolution_interval_millis: Milliseconds from one look-up to the next.
    """

    resolution_interval_millis: int = 30000
    default: ClassVar[DnsLoadBalancingConfig]


DnsLoadBalancingConfig.default = DnsLoadBalancingConfig()


class GrpcCompression(ABC):
    """How messages are compressed on the wire: one of the constants of this class.

    Attributes:
        NONE: Requests go as they are, and no compressed answers are asked for.
        GZIP: Requests are compressed, and answers may be.
    """

    NONE: ClassVar[GrpcCompression]
    GZIP: ClassVar[GrpcCompression]

    @property
    @abstractmethod
    def _gzip(self) -> bool: ...


@dataclass(frozen=True)
class _Uncompressed(GrpcCompression):
    """No compression."""

    @property
    def _gzip(self) -> bool:
        return False


@dataclass(frozen=True)
class _Gzip(GrpcCompression):
    """Requests and answers in gzip."""

    @property
    def _gzip(self) -> bool:
        return True


GrpcCompression.NONE = _Uncompressed()
GrpcCompression.GZIP = _Gzip()


@dataclass(frozen=True)
class PayloadLimitsConfig:
    """Sizes from which on a warning is logged about what is sent. Only the defaults are taken yet.

    Attributes:
        payloads_warn_size: Bytes of a field that holds payloads; 0 for no warning.
        memo_warn_size: Bytes of a memo; 0 for no warning.
    """

    payloads_warn_size: int = 512 * 1024
    memo_warn_size: int = 2 * 1024


@dataclass
class ConnectConfig:
    """Everything that shapes a connection.

    Attributes:
        target_host: ``host:port`` of the server.
        api_key: Sent as bearer token with every call; turns TLS on unless ``tls`` says otherwise.
        tls: Whether to use TLS, with the settings of a :py:class:`TLSConfig` if one is given.
        retry_config: How calls made with ``retry=True`` are tried again.
        keep_alive_config: Pings of the connection; None for no pings.
        rpc_metadata: Headers of every call. Keys of ``bytes`` values end in ``-bin``.
        identity: Name of this client for the server; by default process id and host name.
        lazy: Connect at the first call.
        runtime: What runs the connection; by default :py:meth:`temporalio.runtime.Runtime.default`.
        http_connect_proxy_config: Proxy to connect through.
        dns_load_balancing_config: Not supported yet.
        grpc_compression: Compression of messages.
        payload_limits: Only the defaults are taken yet.
        connect_timeout: Longest duration of one attempt to reach the host; None leaves it to the
            system.
    """

    target_host: str
    api_key: str | None = field(default=None, repr=False)
    tls: bool | TLSConfig | None = None
    retry_config: RetryConfig | None = None
    keep_alive_config: KeepAliveConfig | None = KeepAliveConfig.default
    rpc_metadata: Mapping[str, str | bytes] = field(default_factory=dict, repr=False)
    identity: str = ""
    lazy: bool = False
    runtime: Runtime | None = None
    http_connect_proxy_config: HttpConnectProxyConfig | None = None
    dns_load_balancing_config: DnsLoadBalancingConfig | None = None
    grpc_compression: GrpcCompression = GrpcCompression.GZIP
    payload_limits: PayloadLimitsConfig = field(default_factory=PayloadLimitsConfig)
    connect_timeout: timedelta | None = None

    def __post_init__(self) -> None:
        """Fill in the identity."""
        self.identity = self.identity or f"{os.getpid()}@{socket.gethostname()}"

    def _check_supported(self) -> None:
        """Refuse what is not built, rather than ignore it."""
        asked = {
            "dns_load_balancing_config": self.dns_load_balancing_config is not None,
            "payload_limits": self.payload_limits != PayloadLimitsConfig(),
        }
        for name, is_asked in asked.items():
            if is_asked:
                raise NotImplementedError(f"{name} is not supported yet")

    def _tls_options(self) -> TlsOptions | None:
        if isinstance(self.tls, TLSConfig):
            return self.tls._options()
        if "://" in self.target_host:
            return TLSConfig()._options() if self.target_host.startswith("https:") else None
        wanted = self.api_key is not None if self.tls is None else self.tls
        return TLSConfig()._options() if wanted else None

    def _target_url(self) -> str:
        if "://" in self.target_host:
            warnings.warn(
                f"target_host {self.target_host!r} has a scheme, which later versions will refuse: "
                "give host:port, and say with tls whether to use TLS",
                stacklevel=2,
            )
            return self.target_host
        scheme = "http" if self._tls_options() is None else "https"
        return f"{scheme}://{self.target_host}"
