"""How long tests wait for what has to happen before they count it as never happening."""

from __future__ import annotations

LIMIT_SECONDS = 60.0
"""For what takes several workflow tasks of a dev server.

A server that a busy machine keeps from its work for a second loses the workflow task that it was
about to hand out, whichever package asks for it. It takes ten seconds to hand it out again.
"""
