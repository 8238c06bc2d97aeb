"""Conversion gives what the official package gives: bytes, values, failures and kinds of errors."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from .golden_cases import observe
from .golden_tables import EXPRESSIONS
from .record_goldens import GOLDENS

goldens: dict[str, Any] = json.loads(GOLDENS.read_text())


@pytest.fixture(scope="module")
def observed() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.loads(json.dumps(observe()))


def test_every_expression_has_a_golden() -> None:
    assert list(goldens) == EXPRESSIONS


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_same_as_official(expression: str, observed: dict[str, Any]) -> None:
    assert observed[expression] == goldens[expression]
