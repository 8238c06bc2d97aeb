"""What runs connections and workers below Python."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar


class Runtime:
    """The threads that run connections and workers.

    There is one per process, started when it is first needed. It does not survive a fork: in a
    child forked after that, every use fails at once.
    """

    _default: ClassVar[Runtime | None] = None
    _default_prevented: ClassVar[bool] = False

    def __init__(
        self,
        *,
        telemetry: Any,
        worker_heartbeat_interval: timedelta | None = timedelta(seconds=60),
        disable_environment_info: bool = False,
    ) -> None:
        """Refuse: runtimes with settings of their own are not supported yet.

        Raises:
            NotImplementedError: Always. Use :py:meth:`default`.
        """
        raise NotImplementedError(
            "a Runtime with its own telemetry is not supported yet: use Runtime.default()"
        )

    @classmethod
    def default(cls) -> Runtime:
        """Get the runtime that is used where none is named.

        Returns:
            The one that was set, or one made now.

        Raises:
            RuntimeError: If none was set and :py:meth:`prevent_default` was called.
        """
        if Runtime._default is None:
            if Runtime._default_prevented:
                raise RuntimeError(
                    "there is no default runtime: Runtime.prevent_default was called, "
                    "and Runtime.set_default was not"
                )
            Runtime._default = object.__new__(Runtime)
        return Runtime._default

    @classmethod
    def prevent_default(cls) -> None:
        """Make :py:meth:`default` fail unless a runtime is set.

        Raises:
            RuntimeError: If there is a default runtime already.
        """
        if Runtime._default is not None:
            raise RuntimeError("Runtime.prevent_default was called after the default was made")
        Runtime._default_prevented = True

    @staticmethod
    def set_default(runtime: Runtime, *, error_if_already_set: bool = True) -> None:
        """Set the runtime that is used where none is named.

        Args:
            runtime: The runtime for clients and workers made from now on.
            error_if_already_set: Whether to refuse to replace one.

        Raises:
            RuntimeError: If there is one already and it may not be replaced.
        """
        if Runtime._default is not None and error_if_already_set:
            raise RuntimeError("Runtime default already set")
        Runtime._default = runtime
