"""What a run is told about itself."""

from __future__ import annotations

import dataclasses

import pytest

from temporalio import workflow
from temporalio.workflow import Info

from .driving import Driven, initialize


@workflow.defn
class Informed:
    @workflow.run
    async def run(self) -> None:
        self.info = workflow.info()


def test_info_has_all_fields_and_none_can_be_set() -> None:
    run = Driven(Informed)
    run.activate(initialize(Informed))
    info = run.instance.get_info()
    assert vars(info).keys() == {field.name for field in dataclasses.fields(Info)}
    assert info == Info(**vars(info))
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.attempt = 2  # type: ignore[misc]
