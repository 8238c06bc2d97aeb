"""Randomness that is the same in every replay."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from random import Random

from ._runtime import _Runtime
from ._timing import time_ns

__all__ = ["new_random", "random", "random_seed", "register_random_seed_callback", "uuid4", "uuid7"]


def random() -> Random:
    """Return the workflow's random number generator, which replay repeats.

    Its numbers can be predicted: do not make secrets of them.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_random()


def random_seed() -> int:
    """Return the seed of :py:func:`random`. A reset of the workflow changes it.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_random_seed()


def register_random_seed_callback(callback: Callable[[int], None]) -> None:
    """Have ``callback`` called with each new seed, to keep another generator in step.

    Args:
        callback: Plain function that takes the new seed.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    _Runtime.current().workflow_register_random_seed_callback(callback)


def new_random(name: str | None = None) -> Random:
    """Return a generator of its own that follows each change of the workflow's seed.

    Args:
        name: Makes the sequence differ from those of other names and of :py:func:`random`. Without
            a name it starts as :py:func:`random` did.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """

    def own_seed(seed: int) -> int | str:
        return seed if name is None else f"{seed}:{name}"

    generator = Random(own_seed(random_seed()))
    register_random_seed_callback(lambda seed: generator.seed(own_seed(seed)))
    return generator


def uuid4() -> uuid.UUID:
    """Return a version 4 UUID drawn from :py:func:`random`, so not fit for secrets.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return uuid.UUID(int=random().getrandbits(128), version=4)


def uuid7() -> uuid.UUID:
    """Return a version 7 UUID: the workflow's time in ms, then bits from :py:func:`random`.

    Those of later workflow tasks sort after those of earlier ones; within one task the time is the
    same and the order is random. Not fit for secrets.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    milliseconds = (time_ns() // 1_000_000) & 0xFFFF_FFFF_FFFF
    generator = random()
    # The order of the two draws is part of what replay repeats. The class uuid.UUID of older
    # Pythons refuses version=7, hence version and variant by hand (RFC 9562, section 5.7).
    after_version = generator.getrandbits(12)
    after_variant = generator.getrandbits(62)
    upper = (milliseconds << 16) | (7 << 12) | after_version
    return uuid.UUID(int=(upper << 64) | (2 << 62) | after_variant)
