"""How the end of an attempt is told to the server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TypeAlias

import temporalio.api

from ..activity import ActivityCancellationDetails, _CompleteAsyncError, logger
from ..converter import DataConverter
from ..exceptions import ApplicationError, ApplicationErrorCategory, CancelledError

# Log handlers of users tell failures of activities and workflow tasks apart by this.
_LOG_EXTRA = {"__temporal_error_identifier": "ActivityFailure"}

_UNHANDLED = "Unhandled activity cancel error produced by activity {}"
_SHUTDOWN = "Worker is shutting down and this activity did not complete in time"


@dataclass(frozen=True)
class _Completed:
    """The activity has a result."""

    # Serialized.
    payload: bytes


@dataclass(frozen=True)
class _Failed:
    """The attempt has failed."""

    failure: temporalio.api.failure.v1.Failure


@dataclass(frozen=True)
class _Cancelled:
    """The activity is cancelled, as was asked of it."""

    failure: temporalio.api.failure.v1.Failure


@dataclass(frozen=True)
class _CompletesLater:
    """Somebody else will complete it."""


_Outcome: TypeAlias = _Completed | _Failed | _Cancelled | _CompletesLater


async def _outcome_of_error(
    error: BaseException,
    *,
    cancellation: ActivityCancellationDetails | None,
    converter: DataConverter,
) -> _Outcome:
    """Decide what an error that left the activity means. Never raises an ``Exception``."""
    if isinstance(error, _CompleteAsyncError):
        logger.debug("Completing asynchronously")
        return _CompletesLater()
    try:
        if isinstance(error, asyncio.CancelledError | CancelledError) and cancellation:
            return await _outcome_of_cancellation(error, cancellation, converter)
        return await _failed(error, converter)
    except Exception as conversion_error:
        logger.exception(f"Exception handling failed, original error: {error!r}")
        failure = temporalio.api.failure.v1.Failure(
            message=f"Failed building exception result: {conversion_error}"
        )
        failure.application_failure_info.SetInParent()
        return _Failed(failure)


async def _outcome_of_cancellation(
    error: BaseException, cancellation: ActivityCancellationDetails, converter: DataConverter
) -> _Outcome:
    # A paused or reset activity goes on later and one that lost its worker goes on elsewhere, so for
    # these the attempt has failed; only a requested cancellation ends the activity.
    if cancellation.paused:
        return await _interrupted(_UNHANDLED.format("pause"), "ActivityPause", converter)
    if cancellation.reset:
        return await _interrupted(_UNHANDLED.format("reset"), "ActivityReset", converter)
    if cancellation.cancel_requested:
        logger.debug("Completing as cancelled")
        return _Cancelled(await _encode(CancelledError("Cancelled"), converter))
    if cancellation.worker_shutdown:
        return await _interrupted(_SHUTDOWN, "WorkerShutdown", converter)
    return await _failed(error, converter)


async def _interrupted(message: str, failure_type: str, converter: DataConverter) -> _Failed:
    logger.warning("Completing as failure: %s", message)
    return _Failed(await _encode(ApplicationError(message, type=failure_type), converter))


async def _failed(error: BaseException, converter: DataConverter) -> _Failed:
    expected = (
        isinstance(error, ApplicationError) and error.category is ApplicationErrorCategory.BENIGN
    )
    log = logger.debug if expected else logger.warning
    log("Completing activity as failed", exc_info=error, extra=_LOG_EXTRA)
    return _Failed(await _encode(error, converter))


async def _encode(
    error: BaseException, converter: DataConverter
) -> temporalio.api.failure.v1.Failure:
    failure = temporalio.api.failure.v1.Failure()
    await converter.encode_failure(error, failure)
    return failure
