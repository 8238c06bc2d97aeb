"""Tries, their spacing and their deadlines, as the official package has them.

Both packages run the same script through a proxy each, at the same time.
"""

from __future__ import annotations

import os
import pickle

import grpc
import pytest

from ..conftest import DevServer
from ..histories.official import locked
from .both_packages import PACKAGES, REPORTS, Seen, seen_of_both
from .cases import CODES, RETRIED, check_deadlines
from .frames import Message, SentMessages

# The waits between tries, in seconds and without jitter.
CALL_WAITS = [0.1 * 1.7**n for n in range(9)]
POLL_WAITS = [0.2, 0.4, 0.8, 1.6, 3.2]
THROTTLED_WAITS = [1.0, 2.0, 4.0, 8.0]
JITTER = 0.2


@pytest.fixture(scope="module")
def seen(dev_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """What both packages did: found out once, by whichever process of pytest-xdist comes first."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    kept = shared / "seen.pickle"
    with locked(shared / "seen.lock"):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(seen_of_both(dev_server.target_host)))
        found: dict[str, Seen] = pickle.loads(kept.read_bytes())
    return found


def are_as_long_as(actual: list[float], nominal: list[float]) -> bool:
    """Whether no wait is shorter than its jitter allows. Longer ones may be a busy machine's."""
    return all(wait >= wanted * (1 - JITTER) for wait, wanted in zip(actual, nominal, strict=False))


def test_both_packages_end_each_call_alike(seen: dict[str, Seen]) -> None:
    ours, theirs = (
        # Whether the server or the client itself notes the deadline first is up to chance.
        {case: end for case, end in seen[package].ends.items() if case != "silence-retried"}
        for package in PACKAGES
    )
    assert ours == theirs


@pytest.mark.parametrize("package", PACKAGES)
def test_users_decide_how_often_a_call_is_tried(seen: dict[str, Seen], package: str) -> None:
    for code in CODES:
        number, name = code.value[0], code.name
        retried, once = (
            len(seen[package].of("DescribeNamespace", f"{kind}-{number}"))
            for kind in ("retried", "once")
        )
        assert retried == (3 if code in RETRIED else 1), name
        assert once == 1, name
        assert seen[package].ends[f"retried-{number}"] == name
    throttled = seen[package].waits(
        "DescribeNamespace", f"retried-{grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]}"
    )
    assert are_as_long_as(throttled, THROTTLED_WAITS)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_call_without_a_policy_of_the_users(seen: dict[str, Seen], package: str) -> None:
    waited = seen[package].waits("DescribeNamespace", "default-unavailable")
    # Jitter decides how many fit into ten seconds; ten tries are the most.
    assert 6 <= len(waited) <= 9
    assert are_as_long_as(waited, CALL_WAITS)
    assert seen[package].waits("DescribeNamespace", "default-too-large") == []


@pytest.mark.parametrize("package", PACKAGES)
def test_waiting_for_history(seen: dict[str, Seen], package: str) -> None:
    """A user's wait for history is retried like any of their calls."""
    method = "GetWorkflowExecutionHistory"
    unavailable = seen[package].waits(method, "history-unavailable")
    assert len(unavailable) == 5
    assert are_as_long_as(unavailable, CALL_WAITS)
    throttled = seen[package].waits(method, "history-throttled")
    assert len(throttled) == 2
    assert are_as_long_as(throttled, THROTTLED_WAITS)
    assert seen[package].waits(method, "history-denied") == []


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("package", PACKAGES)
def test_a_workers_reports(seen: dict[str, Seen], package: str, kind: str) -> None:
    """The user's policy is for the user's calls."""

    def waited(name: str) -> list[float]:
        return seen[package].waits(REPORTS[kind], f"{kind}-{name}")

    for name in ("unavailable", "configured"):
        # An activity that has ended heartbeats no more.
        assert (3 if kind == "heartbeat" else 6) <= len(waited(name)) <= 9, name
        assert are_as_long_as(waited(name), CALL_WAITS), name
    # The third try got through; what comes later is another call.
    assert are_as_long_as(waited("throttled")[:2], THROTTLED_WAITS)
    assert waited("denied") == []


@pytest.mark.parametrize("package", PACKAGES)
def test_polls_are_tried_again_ever_later(seen: dict[str, Seen], package: str) -> None:
    def waited(name: str) -> list[float]:
        return seen[package].waits("PollActivityTaskQueue", f"polls-{name}")

    for name in ("unavailable", "internal", "cancelled", "deadline"):
        assert len(waited(name)) >= 3, name
        assert are_as_long_as(waited(name), POLL_WAITS), (name, waited(name))
    assert len(waited("throttled")) >= 2
    assert are_as_long_as(waited("throttled"), THROTTLED_WAITS)


@pytest.mark.parametrize("package", PACKAGES)
def test_polls_that_are_refused_for_good_are_rare(seen: dict[str, Seen], package: str) -> None:
    assert len(seen[package].of("PollActivityTaskQueue", "polls-denied")) == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_what_the_transport_gives_up_is_tried_again(seen: dict[str, Seen], package: str) -> None:
    method = "DescribeNamespace"
    assert seen[package].ends["cut-retried"] == "done"
    assert len(seen[package].of(method, "cut-retried")) == 2
    assert len(seen[package].of(method, "cut-once")) == 1
    # A deadline that has passed is the caller's own will.
    assert seen[package].ends["silence-retried"] in {"CANCELLED", "DEADLINE_EXCEEDED"}
    assert len(seen[package].of(method, "silence-retried")) == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_the_server_is_told_of_a_shutdown_once(seen: dict[str, Seen], package: str) -> None:
    assert len(seen[package].of("ShutdownWorker", "shutdown-unavailable")) == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_deadlines(seen: dict[str, Seen], package: str) -> None:
    (asked,) = seen[package].of("DescribeNamespace", "deadline-of-call")
    assert asked.seconds_left is not None and 3 < asked.seconds_left <= 7
    (silence,) = seen[package].of("DescribeNamespace", "silence-retried")
    assert silence.seconds_left is not None and silence.seconds_left <= 5
    history = "GetWorkflowExecutionHistory"
    for poll in seen[package].of(history):
        assert poll.seconds_left is not None and 55 < poll.seconds_left <= 70
    # Polls whose number follows the server are told of below.
    checked = [
        call
        for call in seen[package].calls
        if call.method != history and call not in (asked, silence) and call.case != "scaling"
    ]
    assert {call.method for call in checked} >= {
        "GetSystemInfo",
        "DescribeNamespace",
        "PollWorkflowTaskQueue",
        "PollActivityTaskQueue",
        "ShutdownWorker",
        *REPORTS.values(),
    }
    check_deadlines(checked)


@pytest.mark.parametrize("package", PACKAGES)
def test_polls_of_a_burst_are_short_where_their_number_follows_the_server(
    seen: dict[str, Seen], package: str
) -> None:
    """So that there can be fewer soon. The server holds a poll for ten seconds at least."""
    polls = seen[package].of("PollActivityTaskQueue", "scaling")
    assert len(polls) > 40
    assert sum(poll.seconds_left is not None and poll.seconds_left <= 11 for poll in polls) > 20


@pytest.mark.parametrize("package", PACKAGES)
def test_requests_are_compressed_unless_that_is_unwanted(
    seen: dict[str, Seen], package: str
) -> None:
    gzip, plain = (
        [message.is_compressed for message in tap.messages] for tap in seen[package].taps
    )
    gzip_sizes, plain_sizes = (
        [message.size for message in tap.messages] for tap in seen[package].taps
    )
    # What the server can do, its namespace, and the long one.
    assert len(gzip) == len(plain) == 3
    assert gzip[-1] and gzip_sizes[-1] < 10_000
    assert not any(plain) and plain_sizes[-1] > 100_000


def test_a_message_over_several_frames_is_one_message() -> None:
    """The tap's own test: it is read in any pieces."""
    prefix = bytes([1]) + (20).to_bytes(4, "big")
    frames = b"".join(
        len(data).to_bytes(3, "big") + bytes([kind, 0]) + (3).to_bytes(4, "big") + data
        for kind, data in ((4, b""), (1, b"headers"), (0, prefix + bytes(10)), (0, bytes(10)))
    )
    sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frames
    for step in (1, 7, len(sent)):
        tap = SentMessages()
        for start in range(0, len(sent), step):
            tap.take(sent[start : start + step])
        assert tap.messages == [Message(True, 20)]
