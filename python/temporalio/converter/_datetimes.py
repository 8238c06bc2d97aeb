"""Reading ISO 8601 times on every supported version of Python."""

import sys
from collections.abc import Callable
from datetime import datetime

parse_iso_datetime: Callable[[str], datetime]

if sys.version_info >= (3, 11):
    parse_iso_datetime = datetime.fromisoformat
else:
    # Before 3.11 the standard library does not read all forms, such as a final "Z".
    from dateutil.parser import isoparse  # type: ignore[import-untyped,unused-ignore]

    parse_iso_datetime = isoparse
