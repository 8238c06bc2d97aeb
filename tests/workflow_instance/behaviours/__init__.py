"""Workflows whose every effect is compared with the official SDK: commands, log lines, warnings.

They run on any package with this API. :py:func:`behaviours` lists what is played; what the official
SDK does is kept in ``behaviours-*.json``.
"""

from . import failures, handlers, interceptors, looking, patches, showing, unfinished, updates
from .playing import Behaviour

__all__ = ["Behaviour", "behaviours"]


def behaviours() -> list[Behaviour]:
    """Return all that is compared. Names are unique."""
    parts = (interceptors, patches, handlers, unfinished, looking, updates, failures, showing)
    return [one for part in parts for one in part.behaviours()]
