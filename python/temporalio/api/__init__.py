from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from . import activity as activity
    from . import batch as batch
    from . import callback as callback
    from . import cloud as cloud
    from . import command as command
    from . import common as common
    from . import compute as compute
    from . import deployment as deployment
    from . import enums as enums
    from . import errordetails as errordetails
    from . import failure as failure
    from . import filter as filter
    from . import history as history
    from . import namespace as namespace
    from . import nexus as nexus
    from . import nexusoperation as nexusoperation
    from . import nexusservices as nexusservices
    from . import operatorservice as operatorservice
    from . import protocol as protocol
    from . import query as query
    from . import replication as replication
    from . import rules as rules
    from . import schedule as schedule
    from . import sdk as sdk
    from . import taskqueue as taskqueue
    from . import testservice as testservice
    from . import update as update
    from . import version as version
    from . import worker as worker
    from . import workflow as workflow
    from . import workflowservice as workflowservice

__getattr__, __dir__ = _names_of(
    __name__,
    {
        "activity": (),
        "batch": (),
        "callback": (),
        "cloud": (),
        "command": (),
        "common": (),
        "compute": (),
        "deployment": (),
        "enums": (),
        "errordetails": (),
        "failure": (),
        "filter": (),
        "history": (),
        "namespace": (),
        "nexus": (),
        "nexusoperation": (),
        "nexusservices": (),
        "operatorservice": (),
        "protocol": (),
        "query": (),
        "replication": (),
        "rules": (),
        "schedule": (),
        "sdk": (),
        "taskqueue": (),
        "testservice": (),
        "update": (),
        "version": (),
        "worker": (),
        "workflow": (),
        "workflowservice": (),
    },
)
