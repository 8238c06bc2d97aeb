from .health_pb2 import (
    HealthCheckRequest,
    HealthCheckResponse,
)

__all__ = [
    "HealthCheckRequest",
    "HealthCheckResponse",
]

# The stubs need grpcio, which is optional.
try:
    from .health_pb2_grpc import (
        HealthServicer,
        HealthStub,
        add_HealthServicer_to_server,
    )

    __all__ += [
        "HealthServicer",
        "HealthStub",
        "add_HealthServicer_to_server",
    ]
except ImportError:
    pass
