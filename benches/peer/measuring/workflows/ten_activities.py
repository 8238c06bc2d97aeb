"""Ten async activities, one after the other."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from measuring.activities import add_one


@workflow.defn
class TenActivities:
    @workflow.run
    async def run(self, number: int) -> int:
        for _ in range(10):
            number = await workflow.execute_activity(
                add_one, number, start_to_close_timeout=timedelta(minutes=1)
            )
        return number
