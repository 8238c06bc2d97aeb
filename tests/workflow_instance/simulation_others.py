"""The server in small of ``simulation``, with other workflows in it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from .simulation import PARTS, Command, Job, Script, Simulation

OTHER_PARTS = [
    "child",
    "siblings",
    "child_and_activity",
    "child_wait_for",
    "child_types",
    "child_handles",
    "child_never_sent",
    "child_never_begun",
    "child_starting",
    "child_shield",
    "child_unheeded",
    "child_signals",
    "child_cleanup",
    "signal",
    "signal_cancelled",
    "cancel_other",
    "everybody",
    "upserts",
]
_ABANDON, _TRY, _WAIT_COMPLETED, _WAIT_REQUESTED = range(4)


@dataclass
class _Child:
    cancellation_type: int
    started: bool = False
    told: bool = False
    cancelled: bool = False


class FamilySimulation(Simulation):
    """Plays a run that has children and writes to others."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._children: dict[int, _Child] = {}
        self._signals: set[int] = set()
        self._unsent_signals: set[int] = set()
        self._cancels: set[int] = set()
        self._answers: list[Job] = []

    def _take(self, command: Command) -> None:
        kind = command[0]
        if kind == "start_child_workflow":
            self._children[command[1]] = _Child(command[5])
        elif kind == "cancel_child_workflow":
            self._cancel_child(command[1])
        elif kind == "signal_external_workflow":
            self._signals.add(command[1])
            self._unsent_signals.add(command[1])
        elif kind == "cancel_signal_workflow":
            if command[1] in self._unsent_signals and command[1] in self._signals:
                self._signals.remove(command[1])
                self._answers.append(("signal_taken_back", command[1]))
        elif kind == "request_cancel_external_workflow":
            self._cancels.add(command[1])
        else:
            super()._take(command)

    def _cancel_child(self, number: int) -> None:
        child = self._children.get(number)
        if child is None or child.cancelled:
            return
        child.cancelled = True
        at_once = child.cancellation_type in (_ABANDON, _TRY)
        if not child.told or (not child.started and at_once):
            del self._children[number]
            self._answers.append(("child_start_cancelled", number))
        elif at_once:
            del self._children[number]
            self._answers.append(("child_cancelled", number))

    def _next(self) -> list[Job]:
        self._unsent_signals.clear()
        for child in self._children.values():
            child.told = True
        if self._answers:
            answers, self._answers = self._answers, []
            return answers
        return super()._next()

    def _happen(self, jobs: list[Job]) -> None:
        choices = [number for number in (self._children, self._signals, self._cancels) if number]
        if not choices or self._random.random() < 0.4:
            before = len(jobs)
            super()._happen(jobs)
            if len(jobs) > before or not choices:
                return
        pending = self._random.choice(choices)
        number = self._random.choice(sorted(pending))
        if pending is self._children:
            self._child_happens(number, jobs)
        elif pending is self._signals:
            self._signals.remove(number)
            jobs.append((self._random.choice(["signal_sent", "signal_failed"]), number))
        else:
            self._cancels.remove(number)
            jobs.append((self._random.choice(["cancel_sent", "cancel_failed"]), number))

    def _child_happens(self, number: int, jobs: list[Job]) -> None:
        child = self._children[number]
        if not child.started:
            if self._random.random() < 0.2:
                del self._children[number]
                jobs.append(("child_start_failed", number, self._random.choice([1, 3])))
            else:
                child.started = True
                jobs.append(("child_started", number))
            return
        del self._children[number]
        kinds = ["child_completed", "child_failed"]
        if child.cancelled:
            kinds = ["child_cancelled"]
            if child.cancellation_type == _WAIT_COMPLETED:
                kinds = ["child_cancelled", "child_completed"]
        jobs.append((self._random.choice(kinds), number))


def other_simulations() -> list[Simulation]:
    """Return the simulations that are recorded: each part twice alone, and mixtures."""
    alone = [
        FamilySimulation(seed + 50 * turn, [part], flags=[2] if turn == 2 else [])
        for turn in range(3)
        for seed, part in enumerate(OTHER_PARTS)
    ]
    mixed: list[Simulation] = []
    for seed in range(200, 240):
        chosen = random.Random(seed).sample(OTHER_PARTS, 3)
        chosen += random.Random(seed).sample(PARTS, 1)
        mixed.append(FamilySimulation(seed, chosen, flags=[2] if seed % 4 == 0 else []))
    return [*alone, *mixed]


_INIT: Job = ("init",)
_CANCEL: Job = ("cancel", "why not")
_STARTED: Job = ("child_started", 1)
_TYPES = ["ABANDON", "TRY_CANCEL", "WAIT_CANCELLATION_COMPLETED", "WAIT_CANCELLATION_REQUESTED"]


def other_scripts() -> list[Script]:
    """Return what is recorded beside the simulations."""
    scripts = [*_cancelled_children(), *_answers(), *_endings()]
    return [*scripts, *_continuations()]


def _cancelled_children() -> list[Script]:
    """Return cancellations of the workflow in every state of a child, each way of telling it."""
    moments: dict[str, list[list[Job]]] = {
        "at once": [[_INIT, _CANCEL], [("child_start_cancelled", 1)]],
        "while it starts": [[_INIT], [_CANCEL], [_STARTED], [("child_cancelled", 1)]],
        "with its start": [[_INIT], [_STARTED, _CANCEL], [("child_completed", 1)]],
        "before its start": [[_INIT], [_CANCEL, _STARTED], [("child_completed", 1)]],
        "with its failed start": [[_INIT], [("child_start_failed", 1, 1), _CANCEL]],
        "while it runs": [[_INIT], [_STARTED], [_CANCEL], [("child_cancelled", 1)]],
        "with its end": [[_INIT], [_STARTED], [("child_completed", 1), _CANCEL]],
        "before its end": [[_INIT], [_STARTED], [_CANCEL, ("child_completed", 1)]],
        "with start and end": [[_INIT], [_STARTED, ("child_completed", 1), _CANCEL]],
        "twice": [[_INIT], [_STARTED], [_CANCEL], [_CANCEL], [("child_completed", 1)]],
    }
    return [
        Script(
            f"cancelled {moment}, {kind}, {flags}, {replaying}",
            "Relation",
            ["of_type", kind],
            activations,
            flags,
            replaying,
        )
        for moment, activations in moments.items()
        for kind in _TYPES[1:3]
        for flags, replaying in (([], False), ([2], False), ([], True), ([1], True))
    ]


def _answers() -> list[Script]:
    """Return everything that can be said of a child, a signal and a cancel."""
    answers: dict[str, tuple[str, list[list[Job]]]] = {
        "start fails": ("plain", [[("child_start_failed", 1, 1)]]),
        "start fails for the namespace": ("plain", [[("child_start_failed", 1, 2)]]),
        "start fails for the version": ("plain", [[("child_start_failed", 1, 3)]]),
        "start is cancelled": ("plain", [[("child_start_cancelled", 1)]]),
        "fails": ("plain", [[_STARTED], [("child_failed", 1)]]),
        "fails at once": ("plain", [[_STARTED, ("child_failed", 1)]]),
        "is cancelled": ("plain", [[_STARTED], [("child_cancelled", 1)]]),
        "starts twice": ("plain", [[_STARTED, _STARTED]]),
        "ends twice": ("plain", [[_STARTED, ("child_completed", 1), ("child_completed", 1)]]),
        "ends without a start": ("plain", [[("child_completed", 1)]]),
        "nobody's": ("plain", [[("child_started", 7)]]),
        "default id": ("default_id", [[_STARTED]]),
        "own cancel": ("own_cancel", [[_STARTED], [("child_completed", 1)]]),
        "wrong result": ("wrong_result", [[_STARTED, ("child_completed", 1)]]),
        "wrong argument": ("wrong_argument", []),
        "signal is sent": ("signal", [[("signal_sent", 1)]]),
        "signal fails": ("signal", [[("signal_failed", 1)]]),
        "signal is cancelled": ("signal", [[_CANCEL], [("signal_sent", 1)]]),
        "signal is cancelled as it is sent": ("signal", [[_CANCEL, ("signal_sent", 1)]]),
        "signal is sent as it is cancelled": ("signal", [[("signal_sent", 1), _CANCEL]]),
        "nobody's signal": ("signal", [[("signal_sent", 4)]]),
        "cancel is sent": ("cancel", [[("cancel_sent", 1)]]),
        "cancel fails": ("cancel", [[("cancel_failed", 1)]]),
        "cancel is cancelled": ("cancel", [[_CANCEL], [("cancel_sent", 1)]]),
        "cancel is cancelled as it is sent": ("cancel", [[("cancel_sent", 1), _CANCEL]]),
        "nobody's cancel": ("cancel", [[("cancel_sent", 4)]]),
    }
    return [
        Script(f"{name} {flags}", "Relation", [how, "a reason"], [[_INIT], *then], flags)
        for name, (how, then) in answers.items()
        for flags in ([], [2])
    ]


def _endings() -> list[Script]:
    """Return what is left behind when the run ends or is asked something in between."""
    asked: Any = ("query", "log_so_far")
    return [
        Script(
            "query while a child starts",
            "Family",
            [["child"]],
            [[_INIT], [asked], [_STARTED], [asked], [("child_completed", 1)]],
        ),
        Script(
            "child from a first signal",
            "Family",
            [["child"]],
            [[("signal", "beget", 3), _INIT], [_STARTED], [("child_started", 2)]],
        ),
    ]


def _continuations() -> list[Script]:
    ways = ["nothing", "after upserts", "caught", "in a task"]
    scripts = [Script(f"continue {how}", "Continuing", [how], [[_INIT]]) for how in ways]
    with_child = [[_INIT], [_STARTED]]
    return [*scripts, Script("continue with a child", "Continuing", ["with a child"], with_child)]
