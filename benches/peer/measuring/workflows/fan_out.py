"""Many activities at once."""

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from measuring.activities import double


@workflow.defn
class FanOut:
    @workflow.run
    async def run(self, count: int) -> int:
        results = await asyncio.gather(
            *(
                workflow.execute_activity(
                    double, number, start_to_close_timeout=timedelta(minutes=1)
                )
                for number in range(count)
            )
        )
        return sum(results)
