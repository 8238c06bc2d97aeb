"""CPU of the imports that a worker's program begins with.

    python -m measuring.imports

The interpreter is fresh, and nothing that the package would import is imported before it.
"""

import time

before = time.process_time()
import temporalio.client  # noqa: E402
import temporalio.worker  # noqa: E402, F401

cpu = time.process_time() - before

from measuring.protocol import answer  # noqa: E402

answer(cpu=cpu)
