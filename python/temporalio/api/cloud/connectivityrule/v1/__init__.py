from .message_pb2 import (
    ConnectivityRule,
    ConnectivityRuleSpec,
    PrivateConnectivityRule,
    PublicConnectivityRule,
)

__all__ = [
    "ConnectivityRule",
    "ConnectivityRuleSpec",
    "PrivateConnectivityRule",
    "PublicConnectivityRule",
]
