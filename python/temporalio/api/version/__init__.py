from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from . import v1 as v1

__getattr__, __dir__ = _names_of(
    __name__,
    {
        "v1": (),
    },
)
