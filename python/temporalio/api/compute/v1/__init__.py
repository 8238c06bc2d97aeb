from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .config_pb2 import (
        ComputeConfig,
        ComputeConfigScalingGroup,
        ComputeConfigScalingGroupSummary,
        ComputeConfigScalingGroupUpdate,
        ComputeConfigSummary,
    )
    from .provider_pb2 import (
        ComputeProvider,
    )
    from .scaler_pb2 import (
        ComputeScaler,
    )

__all__ = [
    "ComputeConfig",
    "ComputeConfigScalingGroup",
    "ComputeConfigScalingGroupSummary",
    "ComputeConfigScalingGroupUpdate",
    "ComputeConfigSummary",
    "ComputeProvider",
    "ComputeScaler",
]

_modules = {
    "config_pb2": "ComputeConfig ComputeConfigScalingGroup ComputeConfigScalingGroupSummary ComputeConfigScalingGroupUpdate ComputeConfigSummary".split(),
    "provider_pb2": "ComputeProvider".split(),
    "scaler_pb2": "ComputeScaler".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
