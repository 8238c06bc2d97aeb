"""A name for the code that a worker runs."""

from __future__ import annotations

import sys
from types import ModuleType

_memoized: str | None = None


def load_default_build_id(*, memoize: bool = True) -> str:
    """A build id that changes with the file of any loaded module, and not with where it is installed.

    It covers the modules loaded at the time of the call, so a worker whose imports depend on its
    environment should be given an explicit build id.

    Args:
        memoize: Keep the first answer for the life of the process.

    Returns:
        A hash in hexadecimal.
    """
    global _memoized
    if memoize and _memoized is not None:
        return _memoized
    # Few workers come here, and the library behind it takes its time to load.
    import hashlib

    digest = hashlib.sha256(usedforsecurity=False)
    for name, module in sorted(sys.modules.copy().items()):
        content = _content(module)
        if content is not None:
            digest.update(name.encode())
            digest.update(content)
    build_id = digest.hexdigest()[:32]
    if memoize:
        _memoized = build_id
    return build_id


def _content(module: ModuleType) -> bytes | None:
    # Asking a module for an attribute can run its code; its dictionary is only data.
    file = module.__dict__.get("__file__") if isinstance(module, ModuleType) else None
    if not isinstance(file, str):
        return None
    from pathlib import Path

    path = Path(file)
    try:
        if path.suffix in (".py", ".pyc"):
            return path.read_bytes()
        # An extension is large; the rest of the code tells versions apart well enough with its size.
        return str(path.stat().st_size).encode()
    except OSError:
        # In a zip archive, or gone since it was loaded.
        return None
