from importlib.util import find_spec as _find_spec
from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .request_response_pb2 import (
        GetCurrentTimeResponse,
        LockTimeSkippingRequest,
        LockTimeSkippingResponse,
        SleepRequest,
        SleepResponse,
        SleepUntilRequest,
        UnlockTimeSkippingRequest,
        UnlockTimeSkippingResponse,
    )
    from .service_pb2_grpc import (
        TestServiceServicer,
        TestServiceStub,
        add_TestServiceServicer_to_server,
    )

__all__ = [
    "GetCurrentTimeResponse",
    "LockTimeSkippingRequest",
    "LockTimeSkippingResponse",
    "SleepRequest",
    "SleepResponse",
    "SleepUntilRequest",
    "UnlockTimeSkippingRequest",
    "UnlockTimeSkippingResponse",
]

_modules = {
    "request_response_pb2": "GetCurrentTimeResponse LockTimeSkippingRequest LockTimeSkippingResponse SleepRequest SleepResponse SleepUntilRequest UnlockTimeSkippingRequest UnlockTimeSkippingResponse".split(),
}

# The stubs need grpcio, which is optional.
if _find_spec("grpc"):
    __all__ += [
        "TestServiceServicer",
        "TestServiceStub",
        "add_TestServiceServicer_to_server",
    ]
    _modules |= {
        "service_pb2_grpc": "TestServiceServicer TestServiceStub add_TestServiceServicer_to_server".split(),
    }

__getattr__, __dir__ = _names_of(__name__, _modules)
