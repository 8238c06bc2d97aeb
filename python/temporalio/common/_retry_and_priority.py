"""Retry policies and task priorities."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import temporalio.api

_DEFAULT_MAXIMUM_INTERVAL_FACTOR = 100


@dataclass
class RetryPolicy:
    """When and how often failed workflows or activities run again.

    Attributes:
        initial_interval: Time before the first retry; one second by default.
        backoff_coefficient: Factor from each interval to the next; at least 1, 2 by default.
        maximum_interval: Longest time between retries; 100 times the first interval by default.
        maximum_attempts: Number of attempts, the first included; 0, the default, sets no limit and
            1 means no retry.
        non_retryable_error_types: Types of :py:class:`temporalio.exceptions.ApplicationError` after
            which no retry follows.
    """

    initial_interval: timedelta = timedelta(seconds=1)
    backoff_coefficient: float = 2.0
    maximum_interval: timedelta | None = None
    maximum_attempts: int = 0
    non_retryable_error_types: Sequence[str] | None = None

    @staticmethod
    def from_proto(proto: "temporalio.api.common.v1.RetryPolicy") -> "RetryPolicy":
        """Read a policy from the server's message.

        Args:
            proto: The message.

        Returns:
            The policy; what the message leaves unset is unset here.
        """
        policy = RetryPolicy(
            initial_interval=proto.initial_interval.ToTimedelta(),
            backoff_coefficient=proto.backoff_coefficient,
            maximum_attempts=proto.maximum_attempts,
            non_retryable_error_types=list(proto.non_retryable_error_types) or None,
        )
        if proto.HasField("maximum_interval"):
            policy.maximum_interval = proto.maximum_interval.ToTimedelta()
        return policy

    def apply_to_proto(self, proto: "temporalio.api.common.v1.RetryPolicy") -> None:
        """Write this policy into a server message, in place.

        Args:
            proto: The message to fill.

        Raises:
            ValueError: A field is out of its range.
        """
        self._validate()
        longest = self.maximum_interval
        if not longest:
            longest = self.initial_interval * _DEFAULT_MAXIMUM_INTERVAL_FACTOR
        proto.initial_interval.FromTimedelta(self.initial_interval)
        proto.maximum_interval.FromTimedelta(longest)
        proto.backoff_coefficient = self.backoff_coefficient
        proto.maximum_attempts = self.maximum_attempts
        proto.non_retryable_error_types.extend(self.non_retryable_error_types or ())

    def _validate(self) -> None:
        # A policy without retries is valid whatever its intervals are: servers hold it so too.
        if self.maximum_attempts == 1:
            return
        problem = next(self._problems(), None)
        if problem is not None:
            raise ValueError(problem)

    def _problems(self) -> Iterator[str]:
        first, longest = self.initial_interval, self.maximum_interval
        nothing = timedelta()
        if first < nothing:
            yield "Initial interval cannot be negative"
        if self.backoff_coefficient < 1:
            yield "Backoff coefficient cannot be less than 1"
        if longest and longest < nothing:
            yield "Maximum interval cannot be negative"
        if longest and longest < first:
            yield "Maximum interval cannot be less than initial interval"
        if self.maximum_attempts < 0:
            yield "Maximum attempts cannot be negative"


@dataclass(frozen=True)
class Priority:
    """The place of a task among others that wait in the same task queue.

    Tasks go by ``priority_key`` first; among equals, by fairness. Activities and child workflows
    take each unset field from the workflow that starts them.

    Attributes:
        priority_key: 1 is served first. The server sets the highest number, 5 by default, and gives
            tasks without a key the middle, 3 by default.
        fairness_key: Name, at most 64 bytes, of the group (a tenant, say) that the task counts for.
            Groups are served in proportion to their weights.
        fairness_weight: Weight of the group, 1.0 by default; servers hold it between 0.001 and
            1000, and their own settings for the group go first.
        default: The priority with nothing set.
    """

    priority_key: int | None = None
    fairness_key: str | None = None
    fairness_weight: float | None = None

    default: ClassVar["Priority"]

    def __post_init__(self) -> None:
        """Check the key.

        Raises:
            TypeError: ``priority_key`` is not an integer.
            ValueError: ``priority_key`` is below 1.
        """
        key = self.priority_key
        if key is None:
            return
        if not isinstance(key, int):
            raise TypeError("priority_key must be an integer")
        if key < 1:
            raise ValueError("priority_key must be a positive integer")

    @staticmethod
    def _from_proto(proto: "temporalio.api.common.v1.Priority") -> "Priority":
        # The wire has no "unset" here: zero and the empty string stand for it.
        return Priority(
            proto.priority_key or None, proto.fairness_key or None, proto.fairness_weight or None
        )

    def _to_proto(self) -> "temporalio.api.common.v1.Priority":
        return temporalio.api.common.v1.Priority(
            priority_key=self.priority_key or 0,
            fairness_key=self.fairness_key or "",
            fairness_weight=self.fairness_weight or 0.0,
        )


Priority.default = Priority()
