"""One activity that runs on a thread."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from measuring.activities import double_in_thread


@workflow.defn
class ThreadedActivity:
    @workflow.run
    async def run(self, number: int) -> int:
        return await workflow.execute_activity(
            double_in_thread, number, start_to_close_timeout=timedelta(minutes=1)
        )
