"""A server in small: answers a run's commands in a random order that a seed fixes.

It runs on the official package as well, which is how the recorded transcripts came to be.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Protocol

SECOND = 1_000_000_000
Job = tuple[Any, ...]
Command = list[Any]

PARTS = [
    "gather",
    "wait_for",
    "wait_for_sleep",
    "shield",
    "queue",
    "lock",
    "event",
    "task_group",
    "timeout",
    "condition",
    "condition_chain",
    "cancel_types",
    "cancel_unstarted",
    "cancel_sleep",
    "cancel_before_start",
    "race",
    "as_completed",
    "callbacks",
    "random",
    "cleanup",
]
LOCAL_PARTS = [
    "local",
    "local_options",
    "local_gather",
    "local_wait_for",
    "local_wait_for_wait",
    "local_shield",
    "local_cancel_types",
    "local_cancel_twice",
    "local_cancel_unstarted",
    "local_race",
    "local_cleanup",
]
# The order in which jobs come within an activation.
_ORDER = {"init": 0, "patch": 1, "seed": 2, "signal": 3, "update": 3}
_TERMINAL = {"complete_workflow", "fail_workflow", "cancel_workflow", "continue_as_new"}


class Run(Protocol):
    """A run of either package."""

    def activate(
        self, jobs: list[Job], *, time_ns: int, replaying: bool, flags: list[int]
    ) -> tuple[list[Command], list[int]]:
        """Apply jobs; return commands and used flags."""


@dataclass
class Simulation:
    """Plays one run until it ends, its task fails, or nothing can happen any more."""

    seed: int
    parts: list[str]
    flags: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._time_ns = 1_700_000_000 * SECOND + self.seed
        self._timers: dict[int, int] = {}
        self._activities: dict[int, int] = {}
        self._local: set[int] = set()
        self._to_cancel: list[int] = []
        self._updates = 0
        self._cancelled = False

    def play(self, run: Run) -> list[Any]:
        """Return what happened: for each activation its jobs, commands and used flags."""
        transcript: list[Any] = []
        jobs: list[Job] = [("init",), *self._messages()]
        for _ in range(120):
            jobs.sort(key=lambda job: _ORDER.get(job[0], 4))
            commands, used = run.activate(
                jobs, time_ns=self._time_ns, replaying=False, flags=self.flags
            )
            transcript.append([[list(job) for job in jobs], commands, used])
            if any(command[0] in _TERMINAL or command[0] == "task_failed" for command in commands):
                break
            for command in commands:
                self._take(command)
            if self._random.random() < 0.2:
                asked: list[Job] = [("query", "log_so_far")]
                answers, used = run.activate(
                    asked, time_ns=self._time_ns, replaying=True, flags=self.flags
                )
                transcript.append([[list(asked[0])], answers, used])
            jobs = self._next()
            if not jobs:
                break
        return transcript

    def _take(self, command: Command) -> None:
        kind = command[0]
        if kind == "start_timer":
            self._timers[command[1]] = self._time_ns + int(command[2] * SECOND)
        elif kind == "cancel_timer":
            self._timers.pop(command[1], None)
        elif kind in ("schedule_activity", "schedule_local_activity"):
            self._activities[command[1]] = command[5]
            if kind == "schedule_local_activity":
                self._local.add(command[1])
        elif kind in ("request_cancel_activity", "request_cancel_local_activity"):
            # Waiting for the end of the activity leaves it to run on.
            if self._activities.get(command[1]) != 1:
                self._to_cancel.append(command[1])

    def _next(self) -> list[Job]:
        if self._to_cancel:
            cancelled: list[Job] = [("cancelled", number) for number in self._to_cancel]
            for number in self._to_cancel:
                self._activities.pop(number, None)
            self._to_cancel.clear()
            return cancelled
        self._time_ns += self._random.choice([0, 1, SECOND // 3])
        jobs = self._messages()
        if not self._cancelled and self._random.random() < 0.05:
            self._cancelled = True
            jobs.append(("cancel", "enough"))
        for _ in range(self._random.choice([0, 1, 1, 1, 2, 3])):
            self._happen(jobs)
        if not jobs:
            self._happen(jobs)
        return jobs

    def _happen(self, jobs: list[Job]) -> None:
        if self._activities and (not self._timers or self._random.random() < 0.5):
            number = self._random.choice(sorted(self._activities))
            del self._activities[number]
            kinds = ["completed", "completed", "failed"]
            if number in self._local:
                kinds = ["completed", "failed", "backoff"]
            jobs.append((self._random.choice(kinds), number))
        elif self._timers:
            number = min(self._timers, key=lambda one: (self._timers[one], one))
            self._time_ns = max(self._time_ns, self._timers.pop(number))
            jobs.append(("timer", number))

    def _messages(self) -> list[Job]:
        messages: list[Job] = []
        while self._random.random() < 0.25:
            number = self._random.randint(-1, 3)
            kind = self._random.choice(["slow", "quick", "work", "unknown", "update", "update now"])
            if kind == "update":
                self._updates += 1
                messages.append(("update", f"u{self._updates}", "change", number))
            elif kind == "update now":
                self._updates += 1
                number = self._random.choice([13, number])
                messages.append(("update", f"u{self._updates}", "change_now", number))
            else:
                messages.append(("signal", kind, abs(number)))
        return messages


@dataclass
class Script:
    """Jobs given in advance: one list for each activation."""

    name: str
    workflow: str
    args: list[Any]
    activations: list[list[Job]]
    flags: list[int] = field(default_factory=list)
    replaying: bool = False

    def play(self, run: Run) -> list[Any]:
        """Return commands and used flags of each activation, up to a failed task."""
        transcript: list[Any] = []
        for number, jobs in enumerate(self.activations):
            time_ns = (1_700_000_000 + number) * SECOND
            commands, used = run.activate(
                jobs, time_ns=time_ns, replaying=self.replaying, flags=self.flags
            )
            transcript.append([commands, used])
            if commands and commands[0][0] == "task_failed":
                break
        return transcript


def scripts() -> list[Script]:
    """Return what is recorded beside the simulations."""
    init: Job = ("init",)
    scripts = [
        Script(f"ending {how}", "Ending", [how], [[init]])
        for how in (
            "application error",
            "value error",
            "timeout",
            "continue",
            "done",
        )
    ]
    waiting: list[tuple[str, list[list[Job]]]] = [
        ("cancel", [[init], [("cancel", "why not")]]),
        ("cancel at once", [[init, ("cancel", "why not")]]),
        ("signal fails", [[init], [("signal", "fail", "badly")]]),
        ("signal fails at once", [[("signal", "fail", "badly"), init]]),
        ("signal continues", [[init], [("signal", "fail", "continue")]]),
        ("update continues", [[init], [("update", "u", "continue_in_update")]]),
        ("update is wrong", [[init], [("update", "u", "wrong_update")]]),
        ("unknown update", [[init], [("update", "u", "nobody", 1)]]),
        ("unknown activity", [[init], [("completed", 5)]]),
        ("unknown timer", [[init], [("timer", 5)]]),
        ("two fail", [[init], [("signal", "fail", "one"), ("signal", "fail", "two")]]),
    ]
    scripts += [Script(f"waiting {name}", "Ending", ["wait"], jobs) for name, jobs in waiting]
    scripts += [
        Script("activity fails", "Ending", ["activity"], [[init], [("failed", 1)]]),
        Script("activity cancelled", "Ending", ["activity"], [[init], [("cancelled", 1)]]),
        Script("local activity fails", "Ending", ["local activity"], [[init], [("failed", 1)]]),
        *_backoffs(init),
        Script("no timeout", "Ending", ["local activity without a timeout"], [[init]]),
        Script("unknown local activity", "Ending", ["unknown local activity"], [[init]]),
        Script("strict", "Strict", [], [[init]]),
        Script("dynamic", "AnyWorkflow", [1, "two"], [[init]]),
        Script("wrong arguments", "Ending", [{"not": "a string"}], [[init]]),
        Script("query that acts", "Everything", [["cleanup"]], [[init], [("query", "wrong")]]),
    ]
    early: list[Job] = [
        ("signal", "early", "one"),
        ("update", "a", "early_update", "two"),
        ("signal", "late_signal"),
        ("update", "b", "late_update", 3),
        ("update", "c", "late_update", -3),
        ("signal", "set_in_init"),
        ("signal", "early", "four"),
    ]
    quit_jobs: list[Job] = [("signal", "early", "quit")]
    for flags in ([], [2]):
        scripts.append(
            Script(f"first task {flags}", "FirstTask", [], [[*early, init], quit_jobs], flags)
        )
        condition = [[init], [("update", "r", "change", -1)], [("update", "s", "change_now", 1)]]
        scripts.append(
            Script(f"rejected {flags}", "Everything", [["condition"]], [*condition], flags)
        )
    return scripts


def _backoffs(init: Job) -> list[Script]:
    """Return what can happen around the backoff of a local activity.

    Compatibility, local activities: a backoff's number, timer and new schedule.
    """
    backoff: list[list[Job]] = [[init], [("backoff", 1)]]
    fails = [
        ("ends later", [*backoff, [("timer", 1)], [("completed", 2)]]),
        ("twice", [*backoff, [("timer", 1)], [("backoff", 2)], [("timer", 2)], [("failed", 3)]]),
        ("cancelled meanwhile", [*backoff, [("cancel", "enough")]]),
        ("cancelled at once", [[init], [("cancel", "enough"), ("backoff", 1)]]),
        ("cancelled with its end", [*backoff, [("cancel", "enough"), ("timer", 1)]]),
        ("cancelled after it", [*backoff, [("timer", 1)], [("cancel", "")], [("cancelled", 2)]]),
    ]
    meanwhile: list[list[Job]] = [
        [init],
        [("timer", 1), ("backoff", 1)],
        [("timer", 2)],
        [("failed", 2)],
    ]
    cases = [(f"backoff {name}", "local activity", jobs) for name, jobs in fails]
    cases.append(("cancelled as it backs off", "cancelled local activity", meanwhile))
    ways: list[tuple[str, list[int], bool]] = [
        ("", [], False),
        (" in one batch", [2], False),
        (" replayed", [1], True),
        (" replayed without the flag", [], True),
    ]
    return [
        Script(name + way, "Ending", [how], jobs, flags, replaying)
        for name, how, jobs in cases
        for way, flags, replaying in ways
    ]


def simulations() -> list[Simulation]:
    """Return the simulations that are recorded: each part alone, and mixtures."""
    alone = [Simulation(seed, [part]) for seed, part in enumerate(PARTS)]
    mixed = []
    for seed in range(100, 130):
        chosen = random.Random(seed).sample(PARTS, 4)
        mixed.append(Simulation(seed, chosen, flags=[2] if seed % 5 == 0 else []))
    local = [Simulation(200 + seed, [part]) for seed, part in enumerate(LOCAL_PARTS * 2)]
    for seed in range(230, 250):
        chosen = random.Random(seed).sample([*LOCAL_PARTS, *PARTS], 4)
        local.append(Simulation(seed, chosen, flags=[2] if seed % 5 == 0 else []))
    return alone + mixed + local
