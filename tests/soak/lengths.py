"""How long tests of this folder last."""

from __future__ import annotations

import os

LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
