"""One activity and one timer: what the stub service's own benches run in Rust as `Sum`."""

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from measuring.activities import double


@workflow.defn(name="Sum")
class ActivityAndTimer:
    @workflow.run
    async def run(self, number: int) -> int:
        doubled = await workflow.execute_activity(
            double, number, start_to_close_timeout=timedelta(minutes=1)
        )
        await asyncio.sleep(1)
        return doubled + 1
