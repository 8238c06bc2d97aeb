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
