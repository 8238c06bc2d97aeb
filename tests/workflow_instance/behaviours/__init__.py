"""Workflows whose every effect is compared with the official SDK: commands, log lines, warnings.

They run on any package with this API. :py:func:`behaviours` lists what is played; what the official
SDK does is kept in ``behaviours-*.json``.
"""

from dataclasses import replace

from . import (
    construction,
    failures,
    handlers,
    interceptors,
    looking,
    patches,
    showing,
    unfinished,
    updates,
)
from .playing import Behaviour

__all__ = ["Behaviour", "behaviours"]


def behaviours() -> list[Behaviour]:
    """Return all that is compared. Names are unique."""
    parts = (
        construction,
        interceptors,
        patches,
        handlers,
        unfinished,
        looking,
        updates,
        failures,
        showing,
    )
    played = [one for part in parts for one in part.behaviours()]
    # Later versions apply all jobs before tasks run. Histories say which way it was.
    later = [replace(one, name=f"{one.name}, in one batch", flags=(2,)) for one in played]
    new = [
        replace(one, name=f"{one.name}, newly in one batch", default_flags=(2,))
        for part in (construction, updates)
        for one in part.behaviours()
    ]
    return played + later + new
