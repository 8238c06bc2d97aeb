"""A dev server, until standard input ends.

python -m measuring.server EXECUTABLE
"""

from __future__ import annotations

import asyncio
import sys

from measuring.protocol import answer, requests
from temporalio.testing import WorkflowEnvironment


async def main(executable: str) -> None:
    started = WorkflowEnvironment.start_local(
        dev_server_existing_path=executable, dev_server_log_level="error"
    )
    async with await started as environment:
        answer(address=environment.client.service_client.config.target_host)
        async for request in requests():
            raise ValueError(f"a server is asked nothing, but was asked {request}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
