"""An activity: ordinary code that may fail, and is tried again when it does."""

from temporalio import activity


@activity.defn
async def say_hello(name: str) -> str:
    return f"Hello, {name}!"
