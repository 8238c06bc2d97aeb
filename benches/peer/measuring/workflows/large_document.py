"""A document of 1 MiB goes into an activity and comes back."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from measuring.activities import stamp
    from measuring.document import DOCUMENT


@workflow.defn
class LargeDocument:
    @workflow.run
    async def run(self, number: int) -> list[int]:
        stamped = await workflow.execute_activity(
            stamp, DOCUMENT, start_to_close_timeout=timedelta(minutes=1)
        )
        if number == 0 and stamped != {**DOCUMENT, "stamps": 1}:
            # Only one run compares all of it: comparing is not what is measured.
            raise AssertionError("the document came back changed")
        return [number, len(stamped["orders"]), stamped["stamps"]]
