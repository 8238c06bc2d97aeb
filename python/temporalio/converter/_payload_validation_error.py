"""The error for payloads that converted but hold a wrong value."""

from __future__ import annotations

from typing import Any

from temporalio.exceptions import ApplicationError


def create_payload_validation_error(details: Any) -> ApplicationError:
    """Make the error that a payload converter raises for a value that fails validation.

    Args:
        details: What was wrong, as a value that can be converted; None for no details.

    Returns:
        An error of type ``PayloadValidationError`` after which no retry follows.
    """
    return ApplicationError(
        "Payload validation failed",
        *(() if details is None else (details,)),
        type="PayloadValidationError",
        non_retryable=True,
    )
