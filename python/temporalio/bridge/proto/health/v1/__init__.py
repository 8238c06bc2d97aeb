from importlib.util import find_spec as _find_spec
from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .health_pb2 import (
        HealthCheckRequest,
        HealthCheckResponse,
    )
    from .health_pb2_grpc import (
        HealthServicer,
        HealthStub,
        add_HealthServicer_to_server,
    )

__all__ = [
    "HealthCheckRequest",
    "HealthCheckResponse",
]

_modules = {
    "health_pb2": "HealthCheckRequest HealthCheckResponse".split(),
}

# The stubs need grpcio, which is optional.
if _find_spec("grpc"):
    __all__ += [
        "HealthServicer",
        "HealthStub",
        "add_HealthServicer_to_server",
    ]
    _modules |= {
        "health_pb2_grpc": "HealthServicer HealthStub add_HealthServicer_to_server".split(),
    }

__getattr__, __dir__ = _names_of(__name__, _modules)
