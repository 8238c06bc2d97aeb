"""Whose payload is being converted, for converters and codecs that want to know."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass

from temporalio._typing import Self


class SerializationContext(ABC):  # noqa: B024 - a marker, and abstract as in the API
    """What a payload belongs to.

    A workflow's arguments, results, signals, queries, updates and failures come with a
    :py:class:`WorkflowSerializationContext`, on the client as well as in the workflow. It names the
    workflow that takes or gives the payload: for a child it is the child's, not the parent's.
    Whatever goes to or comes from an activity comes with an
    :py:class:`ActivitySerializationContext` on either side, and whatever goes to or comes from a
    Nexus operation with a :py:class:`NexusSerializationContext`.
    """


@dataclass(frozen=True)
class WorkflowSerializationContext(SerializationContext):
    """The payload belongs to a workflow.

    Attributes:
        namespace: Namespace of the workflow.
        workflow_id: Id of the workflow. In a schedule it is the configured id, to which the
            schedule later adds the time.
    """

    namespace: str
    workflow_id: str


@dataclass(frozen=True)
class ActivitySerializationContext(SerializationContext):
    """The payload belongs to an activity.

    Attributes:
        namespace: Namespace of the activity.
        activity_id: Id of the activity; may be None for one that a workflow starts.
        activity_type: Name of the activity. Deprecated: not known in every place.
        activity_task_queue: Task queue of the activity. Deprecated: not known in every place.
        workflow_id: Id of the workflow that starts the activity; None without one.
        workflow_type: Type of the workflow that starts the activity; None without one.
        is_local: Whether it is a local activity.
    """

    namespace: str
    activity_id: str | None
    activity_type: str | None
    activity_task_queue: str | None
    workflow_id: str | None
    workflow_type: str | None
    is_local: bool


@dataclass(frozen=True)
class NexusSerializationContext(SerializationContext):
    """The payload belongs to a Nexus operation (experimental).

    A caller has this context for inputs, results and failures; a handler for inputs, for results
    that it returns at once and for failures of the task. A handler that completes an operation
    later does not have it, and neither does a handle made from an operation's id alone. So what is
    encoded with this context must be readable without it.

    Attributes:
        endpoint: Endpoint that is called.
        service: Service that is called.
        operation: Operation that is called.
    """

    endpoint: str
    service: str
    operation: str


class WithSerializationContext(ABC):  # noqa: B024 - deriving says it, one method is all there is
    """A part of data conversion that behaves differently from context to context.

    Payload converters, encoding payload converters, payload codecs and failure converters may
    derive from this class. Before each use, :py:meth:`with_context` is asked for the instance to
    use.
    """

    def with_context(self, context: SerializationContext) -> Self:
        """Give the instance to use in a context.

        Args:
            context: What the payloads belong to.

        Returns:
            A copy made for the context, or this instance if nothing differs.
        """
        raise NotImplementedError(
            f"{type(self).__qualname__} derives from WithSerializationContext "
            "and must override with_context"
        )
