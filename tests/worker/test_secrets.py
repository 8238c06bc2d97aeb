"""Promise 43: no secret and no payload in a log line, a repr, an error or a metric."""

from __future__ import annotations

import asyncio
import base64
import logging
from datetime import timedelta

import pytest

from temporalio import activity, workflow
from temporalio.client import Client, TLSConfig, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.worker import Worker

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS
from ..runtime.telling import scrape, scraped_runtime

API_KEY, HEADER, PAYLOAD = "key-of-the-test", "header-of-the-test", "payload-of-the-test"
PRIVATE_KEY = base64.b64encode(b"private key of the test" * 4).decode()
SECRETS = (API_KEY, HEADER, PAYLOAD, PRIVATE_KEY[:40])


@activity.defn
async def fail_once(word: str) -> str:
    activity.heartbeat(word)
    if activity.info().attempt == 1:
        raise RuntimeError("as asked")
    activity.logger.warning("done")
    return word


@activity.defn
async def take_number(number: int) -> int:
    return number


@workflow.defn
class PassOn:
    def __init__(self) -> None:
        self._word = ""

    @workflow.run
    async def run(self, word: str) -> str:
        workflow.logger.warning("begun")
        await workflow.wait_condition(lambda: self._word != "")
        limit = timedelta(seconds=LIMIT_SECONDS)
        await workflow.execute_local_activity(fail_once, word, start_to_close_timeout=limit)
        await workflow.execute_activity(fail_once, word, start_to_close_timeout=limit)
        # It cannot be read as what the activity takes.
        return await workflow.execute_activity(
            "take_number",
            word,
            start_to_close_timeout=limit,
            result_type=str,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )

    @workflow.signal
    def tell(self, word: str) -> None:
        self._word = word

    @workflow.signal
    def count(self, number: int) -> None:
        raise AssertionError("cannot be read either")

    @workflow.query
    def word(self) -> str:
        return self._word

    @workflow.update
    def refuse(self, word: str) -> None:
        raise AssertionError("refused by its validator")

    @refuse.validator
    def _refuse(self, word: str) -> None:
        raise ValueError("refused")


def everything_of(error: BaseException | None) -> str:
    """Texts of an error and of all behind it."""
    texts = []
    while error is not None:
        texts += [str(error), repr(error)]
        error = getattr(error, "cause", None) or error.__cause__
    return "\n".join(texts)


async def test_nothing_is_told_of_secrets_and_payloads(
    dev_server: DevServer,
    task_queue: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    made, address = scraped_runtime()
    client = await Client.connect(
        dev_server.target_host,
        api_key=API_KEY,
        tls=False,
        rpc_metadata={"authorization-2": HEADER},
        runtime=made,
    )
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[PassOn],
        activities=[fail_once, take_number],
        max_cached_workflows=1,
    )
    async with worker:
        handle = await client.start_workflow(
            PassOn.run, PAYLOAD, id=task_queue, task_queue=task_queue, memo={"word": PAYLOAD}
        )
        await handle.signal(PassOn.count, PAYLOAD)  # type: ignore[arg-type]
        with pytest.raises(Exception) as of_update:
            await handle.execute_update(PassOn.refuse, PAYLOAD)
        await handle.signal(PassOn.tell, PAYLOAD)
        with pytest.raises(Exception) as of_query:
            await handle.query("nowhere", PAYLOAD)
        assert await handle.query(PassOn.word) == PAYLOAD
        with pytest.raises(WorkflowFailureError) as of_workflow:
            await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
        worker.log_snapshot()
        objects = (client, worker, handle, client.service_client, client.service_client.config)
        reprs = [repr(one) for one in objects]
        reprs.append(repr(worker.snapshot()))
    told = capfd.readouterr()
    texts = {
        "errors": "\n".join(
            everything_of(caught.value) for caught in (of_update, of_query, of_workflow)
        ),
        "logs": "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records),
        "traces": caplog.text,
        "streams": told.out + told.err,
        "reprs": "\n".join(reprs),
        "metrics": scrape(address).text,
    }
    assert "temporal_activity_execution_failed" in texts["metrics"]
    assert "refused" in texts["errors"] and "begun" in texts["logs"]
    for where, text in texts.items():
        for secret in SECRETS:
            assert secret not in text, f"{secret} is in {where}: {text}"


@pytest.mark.parametrize("reachable", [True, False])
async def test_a_connection_that_fails_tells_no_secret(
    dev_server: DevServer,
    reachable: bool,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    key = f"-----BEGIN PRIVATE KEY-----\n{PRIVATE_KEY}\n-----END PRIVATE KEY-----\n".encode()
    tls = TLSConfig(client_cert=b"none", client_private_key=key) if reachable else False
    target = dev_server.target_host if reachable else "127.0.0.1:1"
    with pytest.raises((RuntimeError, ValueError)) as caught:
        await asyncio.wait_for(
            Client.connect(
                target, api_key=API_KEY, tls=tls, rpc_metadata={"authorization-2": HEADER}
            ),
            LIMIT_SECONDS,
        )
    told = capfd.readouterr()
    for text in (everything_of(caught.value), caplog.text, told.out + told.err):
        assert not [secret for secret in SECRETS if secret in text], text
