from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from . import account as account
    from . import auditlog as auditlog
    from . import billing as billing
    from . import cloudservice as cloudservice
    from . import connectivityrule as connectivityrule
    from . import identity as identity
    from . import namespace as namespace
    from . import nexus as nexus
    from . import operation as operation
    from . import region as region
    from . import resource as resource
    from . import sink as sink
    from . import usage as usage

__getattr__, __dir__ = _names_of(
    __name__,
    {
        "account": (),
        "auditlog": (),
        "billing": (),
        "cloudservice": (),
        "connectivityrule": (),
        "identity": (),
        "namespace": (),
        "nexus": (),
        "operation": (),
        "region": (),
        "resource": (),
        "sink": (),
        "usage": (),
    },
)
