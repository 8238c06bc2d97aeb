"""Define workflows, and do from inside one what a workflow can do.

A workflow is a class decorated with :py:func:`defn` whose :py:func:`run` method is a coroutine.
:py:func:`signal`, :py:func:`query` and :py:func:`update` make methods that talk to the outside.
The other functions act on the running workflow and raise outside of one.
"""

from ..types import (
    AnyType,
    CallableAsyncNoParam,
    CallableAsyncSingleParam,
    CallableAsyncType,
    CallableSyncNoParam,
    CallableSyncOrAsyncReturnNoneType,
    CallableSyncOrAsyncType,
    CallableSyncSingleParam,
    CallableType,
    ClassType,
    MethodAsyncNoParam,
    MethodAsyncSingleParam,
    MethodSyncNoParam,
    MethodSyncOrAsyncNoParam,
    MethodSyncOrAsyncSingleParam,
    MethodSyncSingleParam,
    MultiParamSpec,
    ParamType,
    ProtocolReturnType,
    ReturnType,
    SelfType,
)
from ._activity_options import ActivityCancellationType, ActivityConfig, ActivityHandle
from ._definition import (
    DynamicWorkflowConfig,
    _Definition,
    defn,
    dynamic_config,
    init,
    run,
)
from ._errors import (
    ContinueAsNewError,
    NondeterminismError,
    ReadOnlyContextError,
    _NotInWorkflowEventLoopError,
)
from ._handler_definitions import (
    HandlerUnfinishedPolicy,
    UnfinishedSignalHandlersWarning,
    UnfinishedUpdateHandlersWarning,
    UpdateMethodMultiParam,
    _assert_dynamic_handler_args,
    _bind_method,
    _QueryDefinition,
    _SignalDefinition,
    _UpdateDefinition,
)
from ._handlers import query, signal, update
from ._info import (
    Info,
    ParentInfo,
    RootInfo,
    UpdateInfo,
    _current_update_info,
    _set_current_update_info,
    current_update_info,
    info,
)
from ._runtime import _Runtime
from ._versioning import ContinueAsNewVersioningBehavior, VersioningIntent
